//! The proof of a withdrawal request (spec 3.1, step 5): knowledge of (o, o1, o2, u, v) with
//! `C = o·G + u·Γ1 + v·Γ2`, `M1 = o1·G + u·h`, `M2 = o2·G + v·h`, `U = u·G`.

use std::sync::LazyLock;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::codec::{Decode, Encode, Reader, Writer};
use crate::constants::WITHDRAWAL_INSTANCE_BYTES;
use crate::curve::{G1Projective, SecretSum, SecretTable, Sum, Table, Width, g1_sums};
use crate::error::Result;
use crate::hash;
use crate::params::parameters;
use crate::point::G1;
use crate::scalar::{Scalar, SecretScalar};
use crate::secret_products::{g1_secret_sums, secret_bases};
use crate::withdrawal::{NonceName, NonceSource};

/// Challenge and responses. JSON key `zk_proof`.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub(crate) struct WithdrawalProof {
    pub(crate) challenge: Scalar,
    /// zo.
    #[serde(rename = "response_opening")]
    pub(crate) opening: Scalar,
    /// z1, z2.
    #[serde(rename = "response_openings")]
    pub(crate) openings: [Scalar; 2],
    /// zu, zv.
    #[serde(rename = "response_attributes")]
    pub(crate) attributes: [Scalar; 2],
}

/// What the proof is about.
#[derive(Clone, Copy)]
pub(crate) struct Instance {
    pub(crate) commitment: G1,
    pub(crate) h: G1,
    pub(crate) commitments: [G1; 2],
    pub(crate) user: G1,
}

/// What the prover knows.
pub(crate) struct Witness<'a> {
    pub(crate) o: &'a SecretScalar,
    pub(crate) o1: &'a SecretScalar,
    pub(crate) o2: &'a SecretScalar,
    pub(crate) u: &'a SecretScalar,
    pub(crate) v: &'a SecretScalar,
}

impl Instance {
    /// I = bin(C, h, [M1, M2], U): C before h, other than in the request.
    pub(crate) fn to_bytes(self) -> [u8; WITHDRAWAL_INSTANCE_BYTES] {
        let mut out = Writer::with_capacity(WITHDRAWAL_INSTANCE_BYTES);
        self.commitment.encode(&mut out);
        self.h.encode(&mut out);
        out.list(&self.commitments);
        self.user.encode(&mut out);
        out.finish()
            .try_into()
            .unwrap_or([0; WITHDRAWAL_INSTANCE_BYTES]) // total: five points and a length are 246 bytes
    }

    /// `c = Hc(enc(G) ‖ enc(Γ1) … enc(Γ4) ‖ I ‖ enc(TC) ‖ enc(T1) ‖ enc(T2) ‖ enc(TU))`.
    fn challenge(self, proof_commitments: &[G1; 4]) -> Scalar {
        let mut transcript = BASES_HASHED.clone();
        transcript.update(self.to_bytes());
        for point in proof_commitments {
            transcript.update(point.to_bytes());
        }
        hash::challenge(transcript)
    }
}

impl WithdrawalProof {
    /// Proves; every multiplication is constant-time. `h` is the table of the instance's h.
    pub(crate) fn prove<N: NonceSource + ?Sized>(
        instance: Instance,
        h: &SecretTable<G1Projective>,
        witness: &Witness<'_>,
        nonces: &mut N,
    ) -> Self {
        let bytes = instance.to_bytes();
        let mut nonce = |name| nonces.nonce(&bytes, name);
        let (no, n1, n2) = (
            nonce(NonceName::O),
            nonce(NonceName::O1),
            nonce(NonceName::O2),
        );
        let (nu, nv) = (nonce(NonceName::U), nonce(NonceName::V));

        let bases = secret_bases();
        let challenge = instance.challenge(&g1_secret_sums([
            SecretSum::new()
                .term(&bases.g, &no)
                .term(&bases.gamma1, &nu)
                .term(&bases.gamma2, &nv),
            SecretSum::new().term(&bases.g, &n1).term(h, &nu),
            SecretSum::new().term(&bases.g, &n2).term(h, &nv),
            SecretSum::new().term(&bases.g, &nu),
        ]));
        Self {
            challenge,
            opening: no.respond(challenge, witness.o),
            openings: [
                n1.respond(challenge, witness.o1),
                n2.respond(challenge, witness.o2),
            ],
            attributes: [
                nu.respond(challenge, witness.u),
                nv.respond(challenge, witness.v),
            ],
        }
    }

    /// Whether each proof holds for its instance: its commitments are recomputed from challenge and responses, and the
    /// challenge is compared (spec 3.2, step 3). All of it is public. Cost of each: 6 products of fresh points and 9 of
    /// fixed ones; together they share inversions.
    pub(crate) fn hold(proofs: &[(&Self, Instance)]) -> Vec<bool> {
        let sums: Vec<_> = proofs
            .iter()
            .flat_map(|(proof, instance)| proof.sums(instance))
            .collect();
        let points: Vec<_> = g1_sums(&sums).into_iter().map(G1).collect();
        let (commitments, _) = points.as_chunks();
        proofs
            .iter()
            .zip(commitments)
            .map(|((proof, instance), commitments)| {
                instance.challenge(commitments) == proof.challenge
            })
            .collect()
    }

    /// TC = c·C + zo·G + zu·Γ1 + zv·Γ2, T1 = c·M1 + z1·G + zu·h, T2 = c·M2 + z2·G + zv·h, TU = c·U + zu·G.
    fn sums(&self, instance: &Instance) -> [Sum<'static, G1Projective>; 4] {
        let c = self.challenge;
        let PublicBases {
            g, gamma1, gamma2, ..
        } = &*PUBLIC_BASES;
        let [zu, zv] = self.attributes;
        let [z1, z2] = self.openings;
        let [m1, m2] = instance.commitments;
        let sum = |fixed, variable: Vec<(G1, Scalar)>| Sum {
            fixed,
            variable: variable
                .into_iter()
                .map(|(point, scalar)| (point.0, scalar))
                .collect(),
            plain: Vec::new(),
        };
        [
            sum(
                vec![(g, self.opening), (gamma1, zu), (gamma2, zv)],
                vec![(instance.commitment, c)],
            ),
            sum(vec![(g, z1)], vec![(m1, c), (instance.h, zu)]),
            sum(vec![(g, z2)], vec![(m2, c), (instance.h, zv)]),
            sum(vec![(g, zu)], vec![(instance.user, c)]),
        ]
    }
}

/// The transcript of every request begins with `enc(G) ‖ enc(Γ1) … enc(Γ4)`.
static BASES_HASHED: LazyLock<Sha256> = LazyLock::new(|| {
    let mut transcript = Sha256::new();
    transcript.update(G1::generator().to_bytes());
    for gamma in &parameters().gamma {
        transcript.update(gamma.to_bytes());
    }
    transcript
});

/// Tables of the bases of requests, made on first use.
pub(super) struct PublicBases {
    g: Table<G1Projective>,
    gamma1: Table<G1Projective>,
    gamma2: Table<G1Projective>,
    pub(super) gamma3: Table<G1Projective>,
    pub(super) gamma4: Table<G1Projective>,
}

pub(super) static PUBLIC_BASES: LazyLock<PublicBases> = LazyLock::new(|| {
    let [gamma1, gamma2, gamma3, gamma4] = parameters().gamma;
    let points = [G1::generator(), gamma1, gamma2, gamma3, gamma4].map(|point| point.0);
    match <[_; 5]>::try_from(Table::new(&points, Width::Default)) {
        Ok([g, gamma1, gamma2, gamma3, gamma4]) => PublicBases {
            g,
            gamma1,
            gamma2,
            gamma3,
            gamma4,
        },
        Err(_) => unreachable!("one table for each point"), // total: the curve layer makes as many as it was asked for
    }
});

impl Encode for WithdrawalProof {
    fn encode(&self, out: &mut Writer) {
        self.challenge.encode(out);
        self.opening.encode(out);
        out.list(&self.openings);
        out.list(&self.attributes);
    }
}

impl Decode for WithdrawalProof {
    fn decode(input: &mut Reader<'_>) -> Result<Self> {
        Ok(Self {
            challenge: Scalar::decode(input)?,
            opening: Scalar::decode(input)?,
            openings: input.list_of("opening responses")?,
            attributes: input.list_of("attribute responses")?,
        })
    }
}
