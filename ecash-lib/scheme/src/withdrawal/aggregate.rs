//! Unblinding and checking one share (spec 3.4), and aggregating shares to wallet signatures (3.5).

use zeroize::Zeroizing;

use crate::codec::Reader;
use crate::constants::{G1_BYTES, PARTIAL_WALLET_BYTES, SCALAR_BYTES, SIGNATURE_BYTES};
use crate::dates::{check_ticket_type, first_spend_date};
use crate::error::{Error, Result};
use crate::keys::{Lagrange, UserSecretKey, VerificationKey, check_indices};
use crate::point::G1;
use crate::scalar::{Scalar, SecretScalar};
use crate::secret_products::g1_secret_combination;
use crate::signature::BlindedSignature;
use crate::spend::WalletSignatures;
use crate::withdrawal::RequestInfo;

/// One signer's share of a wallet, verified under its key. 200 bytes. Wiped when dropped; has no `Debug`.
#[derive(Clone)]
pub struct PartialWallet {
    h: G1,
    s: G1,
    v: SecretScalar,
    expiration: u32,
    ticket_type: u8,
    index: u64,
}

impl RequestInfo {
    /// Reads the 96 bytes of an answer to this request. h is compared by its encoding: what equals a known point needs
    /// neither decompression nor a subgroup check.
    ///
    /// # Errors
    /// [`Error::WrongLength`], [`Error::WrongBase`], [`Error::BadPoint`].
    pub fn read_answer(&self, bytes: &[u8]) -> Result<BlindedSignature> {
        const WHAT: &str = "blinded signature";
        let length = |_| Error::WrongLength {
            what: WHAT,
            expected: SIGNATURE_BYTES,
            got: bytes.len(),
        };
        let array = <&[u8; SIGNATURE_BYTES]>::try_from(bytes).map_err(length)?;
        let (h, blinded) = array.split_at(G1_BYTES);
        if h != self.h.to_bytes() {
            return Err(Error::WrongBase { what: WHAT });
        }
        Ok(BlindedSignature {
            h: self.h,
            blinded: G1::from_bytes(blinded)?,
        })
    }

    /// The wallet from the answers of at least `threshold` signers (index, that signer's key, its answer), verified once:
    /// `B = Σ λi·Bi`, `S = B − o1·Y1 − o2·Y2` with the master key's Y1, Y2, and then as [`RequestInfo::aggregate`]. Only if
    /// that fails is each answer looked at, to name the signers. Cost: one combination of short coefficients and 2 Miller
    /// loops, whatever the number of answers.
    ///
    /// # Errors
    /// [`Error::TooFewShares`], [`Error::DuplicateIndex`], [`Error::ZeroIndex`]; [`Error::BadShares`] with the signers
    /// whose answers do not verify under their keys; [`Error::WrongMasterKey`] where all do and the wallet does not.
    pub fn collect(
        &self,
        user: &UserSecretKey,
        answers: &[(u64, &VerificationKey, BlindedSignature)],
        threshold: u64,
        master: &VerificationKey,
    ) -> Result<WalletSignatures> {
        const WHAT: &str = "wallet shares";
        let indices: Vec<u64> = answers.iter().map(|(index, ..)| *index).collect();
        check_indices(&indices, threshold)?;
        let usable = |answer: &BlindedSignature| answer.check(&self.h).is_ok();
        if answers.iter().all(|(.., answer)| usable(answer)) {
            let blinded: Vec<G1> = answers.iter().map(|(.., answer)| answer.blinded).collect();
            let blinded = combine(&indices, blinded);
            let wallet = self.signatures(self.remove_blinding(&blinded, master));
            if wallet.verify(user, master).is_ok() {
                return Ok(wallet);
            }
        }
        let signers: Vec<u64> = answers
            .iter()
            .filter(|(index, key, answer)| self.unblind(user, answer, key, *index).is_err())
            .map(|(index, ..)| *index)
            .collect();
        if signers.is_empty() {
            Err(Error::WrongMasterKey { what: WHAT })
        } else {
            Err(Error::BadShares {
                what: WHAT,
                signers,
            })
        }
    }

    /// Unblinds the answer of signer `index`, `S = B − o1·Y1 − o2·Y2`, and verifies it under that signer's key:
    /// `e(h, X̂ + u·Ŷ1 + v·Ŷ2 + E·Ŷ3 + t·Ŷ4) = e(S, Ĝ)` (spec 3.4). Cost: 2 Miller loops.
    ///
    /// # Errors
    /// [`Error::WrongBase`], [`Error::Infinity`], [`Error::ZeroIndex`], [`Error::WalletShare`].
    pub fn unblind(
        &self,
        user: &UserSecretKey,
        blinded: &BlindedSignature,
        key: &VerificationKey,
        index: u64,
    ) -> Result<PartialWallet> {
        if index == 0 {
            return Err(Error::ZeroIndex);
        }
        blinded.check(&self.h)?;
        let share = self.signatures(self.remove_blinding(&blinded.blinded, key));
        match share.verify(user, key) {
            Err(Error::WalletSignature) => Err(Error::WalletShare { index }),
            other => other,
        }?;
        let WalletSignatures {
            h,
            s,
            v,
            expiration,
            ticket_type,
        } = share;
        Ok(PartialWallet {
            h,
            s,
            v,
            expiration,
            ticket_type,
            index,
        })
    }

    /// Aggregates at least `threshold` shares and verifies the result under the master key (spec 3.5). Which shares were
    /// combined does not show in the result. v, E and t are taken from this record, not from the shares.
    ///
    /// # Errors
    /// [`Error::TooFewShares`], [`Error::DuplicateIndex`], [`Error::ZeroIndex`], [`Error::Infinity`],
    /// [`Error::WrongBase`], [`Error::WalletSignature`].
    pub fn aggregate(
        &self,
        user: &UserSecretKey,
        shares: &[PartialWallet],
        threshold: u64,
        master: &VerificationKey,
    ) -> Result<WalletSignatures> {
        let indices: Vec<u64> = shares.iter().map(|share| share.index).collect();
        check_indices(&indices, threshold)?;
        for share in shares {
            share.s.not_infinity("wallet share")?;
            if share.h != self.h {
                return Err(Error::WrongBase {
                    what: "wallet share",
                });
            }
        }
        let answers: Vec<G1> = shares.iter().map(|share| share.s).collect();
        let wallet = self.signatures(combine(&indices, answers));
        wallet.verify(user, master)?;
        Ok(wallet)
    }

    /// `S = B − o1·Y1 − o2·Y2`; the openings stay secret.
    fn remove_blinding(&self, blinded: &G1, key: &VerificationKey) -> G1 {
        let [y1, y2, _, _] = key.y_g1();
        g1_secret_combination(Some(*blinded), [(y1, &-&self.o1), (y2, &-&self.o2)])
    }

    fn signatures(&self, s: G1) -> WalletSignatures {
        WalletSignatures {
            h: self.h,
            s,
            v: self.v.clone(),
            expiration: self.expiration,
            ticket_type: self.ticket_type,
        }
    }
}

/// Σ λi·Pi.
fn combine(indices: &[u64], points: Vec<G1>) -> G1 {
    let combined = Lagrange::at_zero(indices).combine_g1(&[points]);
    combined.first().copied().unwrap_or(G1::generator()) // total: one list in, one point out
}

impl PartialWallet {
    /// The signer's index.
    #[must_use]
    pub const fn index(&self) -> u64 {
        self.index
    }

    /// `enc(h) ‖ enc(S) ‖ enc(v) ‖ enc(E as scalar) ‖ enc(t as scalar) ‖ LE64(index)`, 200 bytes.
    #[must_use]
    pub fn to_bytes(&self) -> Zeroizing<Vec<u8>> {
        let mut bytes = Zeroizing::new(Vec::with_capacity(PARTIAL_WALLET_BYTES));
        bytes.extend_from_slice(&self.h.to_bytes());
        bytes.extend_from_slice(&self.s.to_bytes());
        bytes.extend_from_slice(&*self.v.to_bytes());
        bytes.extend_from_slice(&Scalar::from(self.expiration).to_bytes());
        bytes.extend_from_slice(&Scalar::from(self.ticket_type).to_bytes());
        bytes.extend_from_slice(&self.index.to_le_bytes());
        bytes
    }

    /// Reads the 200 bytes.
    ///
    /// # Errors
    /// [`Error::Truncated`], [`Error::TrailingBytes`], [`Error::BadPoint`], [`Error::BadScalar`], [`Error::OutOfRange`] if
    /// E or t does not fit its integer, [`Error::ZeroIndex`], and those about dates and types.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self> {
        const WHAT: &str = "wallet share";
        let mut input = Reader::new(bytes);
        let h = G1::from_bytes(input.raw(WHAT, G1_BYTES)?)?;
        let s = G1::from_bytes(input.raw(WHAT, G1_BYTES)?)?;
        let v = SecretScalar::from_bytes(input.raw(WHAT, SCALAR_BYTES)?)?;
        let expiration =
            Scalar::from_bytes(input.raw(WHAT, SCALAR_BYTES)?)?.to_u32("expiration date")?;
        let ticket_type =
            Scalar::from_bytes(input.raw(WHAT, SCALAR_BYTES)?)?.to_u8("ticket type")?;
        let index = u64::from_le_bytes(input.array(WHAT)?);
        input.finish(WHAT)?;
        first_spend_date(expiration)?;
        check_ticket_type(ticket_type)?;
        if index == 0 {
            return Err(Error::ZeroIndex);
        }
        Ok(Self {
            h,
            s,
            v,
            expiration,
            ticket_type,
            index,
        })
    }
}
