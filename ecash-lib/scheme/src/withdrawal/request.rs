//! The withdrawal request (spec 3.1) and its verification by a signer (3.2).

use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use crate::codec::{Decode, Encode, Reader, Writer};
use crate::constants::{REQUEST_INFO_BYTES, WITHDRAWAL_REQUEST_BYTES};
use crate::curve::{G1Projective, SecretSum, SecretTable, Shape, Sum, g1_sums};
use crate::dates::{check_ticket_type, first_spend_date};
use crate::error::{Error, Result};
use crate::hash::hash_to_g1;
use crate::keys::{UserKeyPair, UserPublicKey};
use crate::point::{G1, Unproven};
use crate::scalar::{Scalar, SecretScalar};
use crate::secret_products::{g1_secret_sums, secret_bases};
use crate::withdrawal::proof::{Instance, PUBLIC_BASES, WithdrawalProof, Witness};
use crate::withdrawal::{NonceSource, WithdrawalSecrets};

/// Name of h in errors.
const H: &str = "h of a withdrawal request";

/// What a user sends to every signer: `bin(h, C, [M1, M2], proof)`, 397 bytes.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct WithdrawalRequest {
    #[serde(rename = "joined_commitment_hash")]
    h: G1,
    #[serde(rename = "joined_commitment")]
    commitment: G1,
    #[serde(rename = "private_attributes_commitments")]
    commitments: [G1; 2],
    #[serde(rename = "zk_proof")]
    proof: WithdrawalProof,
}

/// What the user keeps of a request: base, openings, wallet secret, expiration date, type. Wiped when dropped; has no
/// `Debug`.
#[derive(Clone)]
pub struct RequestInfo {
    pub(crate) h: G1,
    pub(crate) o: SecretScalar,
    pub(crate) o1: SecretScalar,
    pub(crate) o2: SecretScalar,
    pub(crate) v: SecretScalar,
    pub(crate) expiration: u32,
    pub(crate) ticket_type: u8,
}

/// A request whose base and proof verified for this user, expiration date and type: the only thing signers sign. Made by
/// [`WithdrawalRequest::verify`] and [`verify_requests`] only.
#[derive(Clone, Copy, Debug)]
pub struct VerifiedRequest<'a> {
    request: &'a WithdrawalRequest,
    expiration: u32,
    ticket_type: u8,
}

impl WithdrawalRequest {
    /// Makes a request for `user`, expiration date (unix seconds of a midnight) and ticket type (spec 3.1).
    ///
    /// # Errors
    /// [`Error::UnusableSecrets`] if h comes out at infinity (try other secrets); [`Error::NotMidnight`],
    /// [`Error::ExpirationTooEarly`], [`Error::UnknownTicketType`].
    pub fn new<N: NonceSource + ?Sized>(
        user: &UserKeyPair,
        expiration: u32,
        ticket_type: u8,
        secrets: WithdrawalSecrets,
        nonces: &mut N,
    ) -> Result<(Self, RequestInfo)> {
        first_spend_date(expiration)?;
        check_ticket_type(ticket_type)?;
        let WithdrawalSecrets { v, o, o1, o2 } = secrets;
        let u = &user.secret_key().0;
        let bases = secret_bases();
        let [commitment] = g1_secret_sums([SecretSum::new()
            .term(&bases.g, &o)
            .term(&bases.gamma1, u)
            .term(&bases.gamma2, &v)]);
        let h = hashed_bases([(commitment, expiration, ticket_type)].into_iter())
            .pop()
            .and_then(|h| h.not_infinity("h").ok())
            .ok_or(Error::UnusableSecrets)?;
        let h_table = SecretTable::of(h.0, Shape::FEW);
        let commitments = g1_secret_sums([
            SecretSum::new().term(&bases.g, &o1).term(&h_table, u),
            SecretSum::new().term(&bases.g, &o2).term(&h_table, &v),
        ]);
        let instance = Instance {
            commitment,
            h,
            commitments,
            user: user.public_key().pk,
        };
        let witness = Witness {
            o: &o,
            o1: &o1,
            o2: &o2,
            u,
            v: &v,
        };
        let proof = WithdrawalProof::prove(instance, &h_table, &witness, nonces);
        Ok((
            Self {
                h,
                commitment,
                commitments,
                proof,
            },
            RequestInfo {
                h,
                o,
                o1,
                o2,
                v,
                expiration,
                ticket_type,
            },
        ))
    }

    /// Verifies the request for a user, expiration date (unix seconds of a midnight) and ticket type (spec 3.2, R1).
    ///
    /// # Errors
    /// [`Error::Infinity`], [`Error::CommitmentHash`], [`Error::WithdrawalProof`]; [`Error::NotMidnight`],
    /// [`Error::ExpirationTooEarly`], [`Error::UnknownTicketType`].
    pub fn verify(
        &self,
        user: &UserPublicKey,
        expiration: u32,
        ticket_type: u8,
    ) -> Result<VerifiedRequest<'_>> {
        let application = Application {
            request: self,
            user: *user,
            expiration,
            ticket_type,
        };
        let verified = verify_requests(&[application]).pop();
        verified.unwrap_or(Err(Error::WithdrawalProof)) // total: there is a verdict for every request
    }

    /// h: the base of all signatures on this request. Known to be a point of G1 once the request has verified.
    #[must_use]
    pub const fn base(&self) -> &G1 {
        &self.h
    }

    /// C: the commitment to all hidden attributes.
    #[must_use]
    pub const fn commitment(&self) -> &G1 {
        &self.commitment
    }

    /// M1 and M2: the commitments to the hidden attributes, one each.
    #[must_use]
    pub const fn commitments(&self) -> &[G1; 2] {
        &self.commitments
    }

    /// The canonical bytes: what a deposit's signature covers.
    #[must_use]
    pub fn to_bytes(&self) -> [u8; WITHDRAWAL_REQUEST_BYTES] {
        self.to_bin()
            .try_into()
            .unwrap_or([0; WITHDRAWAL_REQUEST_BYTES]) // total: the form has one length
    }

    /// Reads the canonical bytes.
    ///
    /// # Errors
    /// [`Error::WrongLength`], [`Error::Truncated`], [`Error::TrailingBytes`], [`Error::BadPoint`], [`Error::BadScalar`],
    /// [`Error::NonCanonicalInteger`].
    pub fn from_bytes(bytes: &[u8]) -> Result<Self> {
        Self::from_bin(bytes)
    }
}

/// A request with the user, expiration date (unix seconds of a midnight) and ticket type that it has to be for.
#[derive(Clone, Copy, Debug)]
pub struct Application<'a> {
    /// What was sent.
    pub request: &'a WithdrawalRequest,
    /// Whose request it has to be.
    pub user: UserPublicKey,
    /// E.
    pub expiration: u32,
    /// t.
    pub ticket_type: u8,
}

/// Verifies requests as [`WithdrawalRequest::verify`] does: one verdict for each, in their order, so the bad ones are
/// named. A proof consists of challenge and responses, so each has to be recomputed by itself; what is shared is the work
/// around it. For signers under load; memory grows with the number of requests, about 40 KiB each.
#[must_use]
pub fn verify_requests<'a>(applications: &[Application<'a>]) -> Vec<Result<VerifiedRequest<'a>>> {
    let mut verdicts: Vec<Result<()>> = applications.iter().map(Application::check).collect();
    let commitments = applications.iter().map(|application| {
        (
            application.request.commitment,
            application.expiration,
            application.ticket_type,
        )
    });
    let bases = hashed_bases(commitments);
    for ((verdict, application), h) in verdicts.iter_mut().zip(applications).zip(bases) {
        if verdict.is_ok() && application.request.h != h {
            *verdict = Err(Error::CommitmentHash);
        }
    }
    let (good, proofs): (Vec<_>, Vec<_>) = verdicts
        .iter_mut()
        .zip(applications)
        .filter(|(verdict, _)| verdict.is_ok())
        .map(|(verdict, application)| {
            (
                verdict,
                (&application.request.proof, application.instance()),
            )
        })
        .unzip();
    for (verdict, holds) in good.into_iter().zip(WithdrawalProof::hold(&proofs)) {
        if !holds {
            *verdict = Err(Error::WithdrawalProof);
        }
    }
    verdicts
        .into_iter()
        .zip(applications)
        .map(|(verdict, application)| {
            verdict.map(|()| VerifiedRequest {
                request: application.request,
                expiration: application.expiration,
                ticket_type: application.ticket_type,
            })
        })
        .collect()
}

impl Application<'_> {
    /// What needs no arithmetic.
    fn check(&self) -> Result<()> {
        first_spend_date(self.expiration)?;
        check_ticket_type(self.ticket_type)?;
        let request = self.request;
        let [m1, m2] = request.commitments;
        self.user.pk.not_infinity("user public key")?;
        request.h.not_infinity(H)?;
        request
            .commitment
            .not_infinity("C of a withdrawal request")?;
        m1.not_infinity("M1 of a withdrawal request")?;
        m2.not_infinity("M2 of a withdrawal request")?;
        Ok(())
    }

    const fn instance(&self) -> Instance {
        Instance {
            commitment: self.request.commitment,
            h: self.request.h,
            commitments: self.request.commitments,
            user: self.user.pk,
        }
    }
}

/// `h = H1(enc(C + E·Γ3 + t·Γ4))` for each (C, E, t); everything in it is public.
fn hashed_bases(commitments: impl Iterator<Item = (G1, u32, u8)>) -> Vec<G1> {
    let bases = &*PUBLIC_BASES;
    let sums: Vec<Sum<'_, G1Projective>> = commitments
        .map(|(commitment, expiration, ticket_type)| Sum {
            fixed: vec![
                (&bases.gamma3, expiration.into()),
                (&bases.gamma4, ticket_type.into()),
            ],
            variable: Vec::new(),
            plain: vec![commitment.0],
        })
        .collect();
    g1_sums(&sums)
        .into_iter()
        .map(|joined| hash_to_g1(&G1(joined).to_bytes()))
        .collect()
}

impl VerifiedRequest<'_> {
    pub(crate) const fn h(&self) -> &G1 {
        &self.request.h
    }

    /// M1, M2.
    pub(crate) const fn commitments(&self) -> [G1; 2] {
        self.request.commitments
    }

    /// E, unix seconds.
    #[must_use]
    pub const fn expiration(&self) -> u32 {
        self.expiration
    }

    /// t.
    #[must_use]
    pub const fn ticket_type(&self) -> u8 {
        self.ticket_type
    }
}

impl RequestInfo {
    /// h: the base that every signer's answer must carry.
    #[must_use]
    pub const fn base(&self) -> &G1 {
        &self.h
    }

    /// E, unix seconds.
    #[must_use]
    pub const fn expiration(&self) -> u32 {
        self.expiration
    }

    /// t.
    #[must_use]
    pub const fn ticket_type(&self) -> u8 {
        self.ticket_type
    }

    /// `bin(h, o, [o1, o2], v, E as scalar, t as scalar)`, 248 bytes.
    #[must_use]
    pub fn to_bytes(&self) -> Zeroizing<Vec<u8>> {
        let mut out = Writer::with_capacity(REQUEST_INFO_BYTES);
        self.encode(&mut out);
        Zeroizing::new(out.finish())
    }

    /// Reads the 248 bytes.
    ///
    /// # Errors
    /// Those of the codec; [`Error::OutOfRange`] for E or t that does not fit its integer; those about dates and types.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self> {
        Self::from_bin(bytes)
    }
}

impl Encode for WithdrawalRequest {
    fn encode(&self, out: &mut Writer) {
        self.h.encode(out);
        self.commitment.encode(out);
        out.list(&self.commitments);
        self.proof.encode(out);
    }
}

impl Decode for WithdrawalRequest {
    fn decode(input: &mut Reader<'_>) -> Result<Self> {
        // h is compared with a hash before anything is computed with it, so it needs no subgroup check here.
        let h = input.byte_array(H)?;
        Ok(Self {
            h: Unproven::<G1>::from_compressed(H, &h)?.proven(),
            commitment: G1::decode(input)?,
            commitments: input.list_of("commitments of a withdrawal request")?,
            proof: WithdrawalProof::decode(input)?,
        })
    }
}

impl Encode for RequestInfo {
    fn encode(&self, out: &mut Writer) {
        self.h.encode(out);
        self.o.encode(out);
        out.length(2);
        self.o1.encode(out);
        self.o2.encode(out);
        self.v.encode(out);
        Scalar::from(self.expiration).encode(out);
        Scalar::from(self.ticket_type).encode(out);
    }
}

impl Decode for RequestInfo {
    fn decode(input: &mut Reader<'_>) -> Result<Self> {
        let h = G1::decode(input)?;
        let o = SecretScalar::decode(input)?;
        let [o1, o2] = input.list_of("openings of a request info")?;
        let v = SecretScalar::decode(input)?;
        let expiration = Scalar::decode(input)?.to_u32("expiration date")?;
        let ticket_type = Scalar::decode(input)?.to_u8("ticket type")?;
        first_spend_date(expiration)?;
        check_ticket_type(ticket_type)?;
        Ok(Self {
            h,
            o,
            o1,
            o2,
            v,
            expiration,
            ticket_type,
        })
    }
}
