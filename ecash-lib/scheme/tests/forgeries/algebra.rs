//! The forger's own mathematics, from the specification and a curve library alone: nothing of the crate under test but its
//! hash to a scalar, whose answers are known from elsewhere.

use bls12_381::hash_to_curve::{ExpandMsgXmd, HashToCurve};
pub use bls12_381::{G1Affine, G1Projective, G2Affine, G2Projective, Scalar};
use rand::RngCore;
use sha2::{Digest, Sha256};

pub const EXPIRATION: u32 = 1_765_065_600;
pub const DAY: u32 = 86_400;

/// A signature (h, S).
pub type Pair = (G1Affine, G1Affine);

/// Γ1 … Γ4, Δ, τE and τI (spec 1.7, 1.8).
pub struct Parameters {
    pub gamma: [G1Affine; 4],
    pub delta: G1Affine,
    pub date_tag: Scalar,
    pub coin_tag: Scalar,
}

pub static PARAMETERS: std::sync::LazyLock<Parameters> = std::sync::LazyLock::new(|| Parameters {
    gamma: [b"gamma1", b"gamma2", b"gamma3", b"gamma4"].map(|name| h1(name)),
    delta: h1(b"delta"),
    date_tag: Scalar::from_bytes(b"ZKNYMEXPIRATIONDATE4llCBMEypAxr3").unwrap(),
    coin_tag: Scalar::from_bytes(b"ZKNYMSINDICESh^7gTYbhnap*12n5GG6").unwrap(),
});

pub fn h1(message: &[u8]) -> G1Affine {
    let tag = b"NYMECASH-V01-CS02-with-BLS12381G1_XMD:SHA-256_SSWU_RO_";
    type Suite = ExpandMsgXmd<sha2_09::Sha256>;
    <G1Projective as HashToCurve<Suite>>::hash_to_curve(message, tag).into()
}

/// Hc: the digest, little-endian, times 2²⁵⁶ (spec 1.6).
pub fn challenge(transcript: &[u8]) -> Scalar {
    let mut wide = [0; 64];
    wide[32..].copy_from_slice(&Sha256::digest(transcript));
    Scalar::from_bytes_wide(&wide)
}

/// R_k of the position k (spec 5.1).
pub fn pay_info_hash(pay_info: &[u8; 72], position: u64) -> Scalar {
    let message = [pay_info.as_slice(), &position.to_le_bytes()].concat();
    scalar(ecash_scheme::hash_to_scalar(&message))
}

pub fn scalar(ours: ecash_scheme::Scalar) -> Scalar {
    Scalar::from_bytes(&ours.to_bytes()).unwrap()
}

pub fn point(encoding: &[u8]) -> G1Affine {
    G1Affine::from_compressed(encoding.try_into().unwrap()).unwrap()
}

/// P + Q.
pub fn shifted(p: G1Affine, by: G1Affine) -> G1Affine {
    (G1Projective::from(p) + by).into()
}

pub fn random(rng: &mut impl RngCore) -> Scalar {
    let mut wide = [0; 64];
    rng.fill_bytes(&mut wide);
    Scalar::from_bytes_wide(&wide)
}

pub fn number(value: impl Into<u64>) -> Scalar {
    Scalar::from(value.into())
}

pub fn g() -> G1Affine {
    G1Affine::generator()
}

pub fn g2() -> G2Affine {
    G2Affine::generator()
}

/// Σ sᵢ·Pᵢ.
pub fn sum1(terms: &[(Scalar, G1Affine)]) -> G1Affine {
    let sum: G1Projective = terms.iter().map(|(s, p)| p * s).sum();
    sum.into()
}

/// Σ sᵢ·P̂ᵢ.
pub fn sum2(terms: &[(Scalar, G2Affine)]) -> G2Affine {
    let sum: G2Projective = terms.iter().map(|(s, p)| p * s).sum();
    sum.into()
}

/// The public side of a key, as it stands on the chain.
#[derive(Clone)]
pub struct Key {
    pub alpha: G2Affine,
    pub y1: Vec<G1Affine>,
    pub y2: Vec<G2Affine>,
}

impl Key {
    /// enc(X̂) ‖ LE64(q) ‖ enc(Y1) … ‖ enc(Ŷ1) … (spec 2.4).
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = self.alpha.to_compressed().to_vec();
        bytes.extend((self.y1.len() as u64).to_le_bytes());
        bytes.extend(self.y1.iter().flat_map(G1Affine::to_compressed));
        bytes.extend(self.y2.iter().flat_map(G2Affine::to_compressed));
        bytes
    }

    /// A key of the crate under test, in the forger's hands.
    pub fn of(ours: &ecash_scheme::VerificationKey) -> Self {
        Self {
            alpha: G2Affine::from_compressed(&ours.alpha().to_bytes()).unwrap(),
            y1: ours
                .beta_g1()
                .iter()
                .map(|y| point(&y.to_bytes()))
                .collect(),
            y2: ours
                .beta_g2()
                .iter()
                .map(|y| G2Affine::from_compressed(&y.to_bytes()).unwrap())
                .collect(),
        }
    }

    /// The key as the crate under test reads it.
    pub fn read(&self) -> ecash_scheme::VerificationKey {
        ecash_scheme::VerificationKey::from_bytes(&self.to_bytes()).unwrap()
    }
}

/// The Quorum as one signer. The forger asks it for what anybody may have: books that were paid for, date signatures,
/// the fifty coin-index signatures.
pub struct Issuer {
    x: Scalar,
    y: [Scalar; 4],
    pub key: Key,
}

impl Issuer {
    pub fn new(rng: &mut impl RngCore) -> Self {
        let x = random(rng);
        let y = [(); 4].map(|()| random(rng));
        let key = Key {
            alpha: sum2(&[(x, g2())]),
            y1: y.iter().map(|y| sum1(&[(*y, g())])).collect(),
            y2: y.iter().map(|y| sum2(&[(*y, g2())])).collect(),
        };
        Self { x, y, key }
    }

    /// (h, (x + Σ yj·mj)·h).
    fn sign(&self, h: G1Affine, attributes: [Scalar; 4]) -> Pair {
        let exponent = self
            .y
            .iter()
            .zip(attributes)
            .fold(self.x, |sum, (y, m)| sum + y * m);
        (h, sum1(&[(exponent, h)]))
    }

    /// What a signer answers to a request that it took for good (spec 3.3): no more is known of it than h and B.
    pub fn blind_sign(
        &self,
        h: G1Affine,
        commitments: &[G1Affine],
        expiration: u32,
        ticket_type: u8,
    ) -> G1Affine {
        let public = self.x + number(expiration) * self.y[2] + number(ticket_type) * self.y[3];
        let mut terms = vec![(public, h)];
        terms.extend(
            self.y
                .iter()
                .copied()
                .zip(commitments.iter().copied())
                .take(2),
        );
        sum1(&terms)
    }

    /// A book: a signature on (u, v, E, t).
    pub fn book(&self, u: Scalar, v: Scalar, expiration: u32, ticket_type: u8) -> Pair {
        let h = h1(&[u.to_bytes(), v.to_bytes()].concat());
        self.sign(h, [u, v, number(expiration), number(ticket_type)])
    }

    pub fn date(&self, expiration: u32, spend_date: u32) -> Pair {
        let (e, d) = (number(expiration), number(spend_date));
        let h = h1(&[e.to_bytes(), d.to_bytes()].concat());
        self.sign(h, [e, d, PARAMETERS.date_tag, Scalar::zero()])
    }

    /// The coin-index signature of ℓ < 50: no other was ever made.
    pub fn coin(&self, index: u64) -> Pair {
        assert!(index < 50, "nobody signs an index outside the book");
        let h = h1(&[self.key.to_bytes().as_slice(), &index.to_le_bytes()].concat());
        let tag = PARAMETERS.coin_tag;
        self.sign(h, [number(index), tag, tag, Scalar::zero()])
    }
}

/// Points of the curve of G1 outside the prime-order subgroup, and points of order 3 in particular.
pub mod outside {
    use super::{G1Affine, G1Projective, G2Affine};

    /// A point of order 3: x = 0, y = ±2.
    pub fn order_three() -> G1Affine {
        let mut encoding = [0; 48];
        encoding[0] = 0x80;
        let point = G1Affine::from_compressed_unchecked(&encoding).unwrap();
        assert!(!bool::from(point.is_torsion_free()));
        let three: G1Affine = (G1Projective::from(point) + point + point).into();
        assert!(bool::from(three.is_identity()));
        point
    }

    /// A point of G2's curve, outside the subgroup.
    pub fn g2() -> G2Affine {
        (1..=u8::MAX)
            .find_map(|x| {
                let mut encoding = [0; 96];
                (encoding[0], encoding[95]) = (0x80, x);
                let point =
                    Option::<G2Affine>::from(G2Affine::from_compressed_unchecked(&encoding))?;
                (!bool::from(point.is_torsion_free())).then_some(point)
            })
            .unwrap()
    }
}
