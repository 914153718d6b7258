//! Signers' keys (spec 2.1, 2.4): secret x, y1 … yq; public X̂ = x·Ĝ, Yj = yj·G, Ŷj = yj·Ĝ.

use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use crate::codec::{Decode, Encode, Reader, Writer};
use crate::constants::{
    ATTRIBUTES, G1_BYTES, G2_BYTES, MAX_KEY_ELEMENTS, SCALAR_BYTES, secret_key_bytes,
    verification_key_bytes,
};
use crate::curve::{SecretSum, secret_sums};
use crate::error::{Error, Result};
use crate::point::{G1, G2};
use crate::scalar::SecretScalar;
use crate::secret_products::secret_bases;
use crate::text;

/// A signer's secret key, or its share of one. Wiped when dropped; has no `Debug`.
pub struct SecretKey {
    pub(crate) x: SecretScalar,
    /// y1 … y4, the only ones that the scheme uses.
    pub(crate) y: [SecretScalar; ATTRIBUTES],
    /// y5 … yq: part of the encoding only.
    more: Vec<SecretScalar>,
}

impl SecretKey {
    /// The key with these elements, x and y1 … yq; from a key-generation ceremony.
    ///
    /// # Errors
    /// [`Error::KeyTooShort`] below four y, [`Error::OutOfRange`] above [`MAX_KEY_ELEMENTS`].
    pub fn from_scalars(x: SecretScalar, y: Vec<SecretScalar>) -> Result<Self> {
        check_elements(y.len())?;
        // Cloned, not moved: what is left in `y` is wiped when it is dropped.
        match y.as_slice() {
            [y1, y2, y3, y4, more @ ..] => {
                let y = [y1.clone(), y2.clone(), y3.clone(), y4.clone()];
                Ok(Self {
                    x,
                    y,
                    more: more.to_vec(),
                })
            }
            _ => Err(Error::KeyTooShort { q: y.len() }),
        }
    }

    /// The number q of elements y.
    #[must_use]
    pub const fn elements(&self) -> usize {
        ATTRIBUTES + self.more.len()
    }

    fn all_y(&self) -> impl Iterator<Item = &SecretScalar> {
        self.y.iter().chain(&self.more)
    }

    /// The public side of this key, X̂ = x·Ĝ, Yj = yj·G, Ŷj = yj·Ĝ, in constant time.
    #[must_use]
    pub fn verification_key(&self) -> VerificationKey {
        let bases = secret_bases();
        let on_g1: Vec<_> = self
            .all_y()
            .map(|y| SecretSum::new().term(&bases.g, y))
            .collect();
        let on_g2: Vec<_> = self
            .all_y()
            .chain([&self.x])
            .map(|scalar| SecretSum::new().term(&bases.g2, scalar))
            .collect();
        let mut on_g2 = secret_sums(&on_g2);
        VerificationKey {
            alpha: on_g2.pop().map_or_else(G2::generator, G2), // total: there is a point for every sum
            beta_g1: secret_sums(&on_g1).into_iter().map(G1).collect(),
            beta_g2: on_g2.into_iter().map(G2).collect(),
        }
    }

    /// enc(x) ‖ LE64(q) ‖ enc(y1) … enc(yq) (spec 2.4).
    #[must_use]
    pub fn to_bytes(&self) -> Zeroizing<Vec<u8>> {
        let mut bytes = Zeroizing::new(Vec::with_capacity(secret_key_bytes(self.elements())));
        bytes.extend_from_slice(&*self.x.to_bytes());
        bytes.extend_from_slice(&count(self.elements()));
        for y in self.all_y() {
            bytes.extend_from_slice(&*y.to_bytes());
        }
        bytes
    }

    /// Reads the fixed layout.
    ///
    /// # Errors
    /// [`Error::Truncated`], [`Error::WrongLength`], [`Error::OutOfRange`], [`Error::KeyTooShort`], [`Error::BadScalar`].
    pub fn from_bytes(bytes: &[u8]) -> Result<Self> {
        let mut input = Reader::new(bytes);
        let x = SecretScalar::from_bytes(input.raw("secret key", SCALAR_BYTES)?)?;
        let q = read_count(&mut input, "secret key", SCALAR_BYTES)?;
        let mut y = Vec::with_capacity(q);
        for _ in 0..q {
            y.push(SecretScalar::from_bytes(
                input.raw("secret key", SCALAR_BYTES)?,
            )?);
        }
        Self::from_scalars(x, y)
    }
}

/// A verification key: of one signer, or aggregated (the master key of an epoch).
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(try_from = "VerificationKeyJson")]
pub struct VerificationKey {
    pub(crate) alpha: G2,
    pub(crate) beta_g1: Vec<G1>,
    pub(crate) beta_g2: Vec<G2>,
}

/// What JSON says; the two lists need not fit each other.
#[derive(Deserialize)]
struct VerificationKeyJson {
    alpha: G2,
    beta_g1: Vec<G1>,
    beta_g2: Vec<G2>,
}

impl TryFrom<VerificationKeyJson> for VerificationKey {
    type Error = Error;

    fn try_from(json: VerificationKeyJson) -> Result<Self> {
        Self::from_points(json.alpha, json.beta_g1, json.beta_g2)
    }
}

impl VerificationKey {
    /// The key with these elements: X̂, Y1 … Yq, Ŷ1 … Ŷq. Does not check that they belong together
    /// ([`VerificationKey::check_consistency`]).
    ///
    /// # Errors
    /// [`Error::KeyTooShort`] below four y, [`Error::OutOfRange`] above [`MAX_KEY_ELEMENTS`], [`Error::WrongLength`] if the
    /// two lists differ in length.
    pub fn from_points(alpha: G2, beta_g1: Vec<G1>, beta_g2: Vec<G2>) -> Result<Self> {
        check_elements(beta_g1.len())?;
        if beta_g1.len() != beta_g2.len() {
            return Err(Error::WrongLength {
                what: "verification key",
                expected: beta_g1.len(),
                got: beta_g2.len(),
            });
        }
        Ok(Self {
            alpha,
            beta_g1,
            beta_g2,
        })
    }

    /// The number q of elements y.
    #[must_use]
    pub fn elements(&self) -> usize {
        self.beta_g1.len()
    }

    /// X̂.
    #[must_use]
    pub const fn alpha(&self) -> &G2 {
        &self.alpha
    }

    /// Y1 … Yq.
    #[must_use]
    pub fn beta_g1(&self) -> &[G1] {
        &self.beta_g1
    }

    /// Ŷ1 … Ŷq.
    #[must_use]
    pub fn beta_g2(&self) -> &[G2] {
        &self.beta_g2
    }

    /// Y1 … Y4.
    pub(crate) fn y_g1(&self) -> [G1; ATTRIBUTES] {
        self.beta_g1
            .first_chunk()
            .copied()
            .unwrap_or([G1::generator(); ATTRIBUTES]) // total: q ≥ 4 by construction
    }

    /// Ŷ1 … Ŷ4.
    pub(crate) fn y_g2(&self) -> [G2; ATTRIBUTES] {
        self.beta_g2
            .first_chunk()
            .copied()
            .unwrap_or([G2::generator(); ATTRIBUTES]) // total: q ≥ 4 by construction
    }

    /// enc(X̂) ‖ LE64(q) ‖ enc(Y1) … enc(Yq) ‖ enc(Ŷ1) … enc(Ŷq) (spec 2.4).
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(verification_key_bytes(self.elements()));
        bytes.extend_from_slice(&self.alpha.to_bytes());
        bytes.extend_from_slice(&count(self.elements()));
        for y in &self.beta_g1 {
            bytes.extend_from_slice(&y.to_bytes());
        }
        for y in &self.beta_g2 {
            bytes.extend_from_slice(&y.to_bytes());
        }
        bytes
    }

    /// Reads the fixed layout.
    ///
    /// # Errors
    /// [`Error::Truncated`], [`Error::WrongLength`], [`Error::OutOfRange`], [`Error::KeyTooShort`], [`Error::BadPoint`].
    pub fn from_bytes(bytes: &[u8]) -> Result<Self> {
        let mut input = Reader::new(bytes);
        let alpha = G2::from_bytes(input.raw("verification key", G2_BYTES)?)?;
        let q = read_count(&mut input, "verification key", G1_BYTES + G2_BYTES)?;
        let beta_g1 = (0..q)
            .map(|_| G1::from_bytes(input.raw("verification key", G1_BYTES)?))
            .collect::<Result<_>>()?;
        let beta_g2 = (0..q)
            .map(|_| G2::from_bytes(input.raw("verification key", G2_BYTES)?))
            .collect::<Result<_>>()?;
        input.finish("verification key")?;
        Ok(Self {
            alpha,
            beta_g1,
            beta_g2,
        })
    }

    /// Base58 of the fixed layout: the form on chain.
    #[must_use]
    pub fn to_base58(&self) -> String {
        text::to_base58(&self.to_bytes())
    }

    /// Reads base58 of the fixed layout.
    ///
    /// # Errors
    /// [`Error::BadText`] and those of [`VerificationKey::from_bytes`].
    pub fn from_base58(text: &str) -> Result<Self> {
        Self::from_bytes(&text::from_base58(
            "verification key",
            text,
            verification_key_bytes(MAX_KEY_ELEMENTS),
        )?)
    }
}

impl Encode for VerificationKey {
    fn encode(&self, out: &mut Writer) {
        self.alpha.encode(out);
        out.list(&self.beta_g1);
        out.list(&self.beta_g2);
    }
}

impl Decode for VerificationKey {
    fn decode(input: &mut Reader<'_>) -> Result<Self> {
        Self::from_points(
            G2::decode(input)?,
            input.list("verification key", MAX_KEY_ELEMENTS)?,
            input.list("verification key", MAX_KEY_ELEMENTS)?,
        )
    }
}

fn check_elements(q: usize) -> Result<()> {
    if q < ATTRIBUTES {
        return Err(Error::KeyTooShort { q });
    }
    if q > MAX_KEY_ELEMENTS {
        return Err(Error::OutOfRange {
            what: "elements of a key",
            min: ATTRIBUTES as u64,
            max: MAX_KEY_ELEMENTS as u64,
            got: q as u64,
        });
    }
    Ok(())
}

/// The count of a key: eight bytes on every platform (spec 8.1, F10).
fn count(q: usize) -> [u8; 8] {
    (q as u64).to_le_bytes()
}

/// Reads the count and compares it with what is left before anything is allocated.
fn read_count(input: &mut Reader<'_>, what: &'static str, element: usize) -> Result<usize> {
    let got = u64::from_le_bytes(input.array(what)?);
    let q = usize::try_from(got).unwrap_or(usize::MAX);
    check_elements(q)?;
    let expected = q * element; // q ≤ MAX_KEY_ELEMENTS
    if input.remaining() != expected {
        return Err(Error::WrongLength {
            what,
            expected,
            got: input.remaining(),
        });
    }
    Ok(q)
}
