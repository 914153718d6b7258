//! The fields Fp and Fp2 over `blst`: multiplication in its assembly, addition inline because the foreign call costs more
//! than the addition. Elements are in Montgomery form, below p. Every operation takes the same time for all values; what is
//! built from them need not.
//!
//! The only module with `unsafe`: each block calls one arithmetic routine of `blst` on valid, initialised field elements.

use core::mem::MaybeUninit;

use core::hint::black_box;

use ::blst::{
    blst_fp, blst_fp_inverse, blst_fp_mul, blst_fp_sqr, blst_fp2, blst_fp2_inverse, blst_fp2_mul,
    blst_fp2_sqr,
};

/// The prime p, least significant limb first.
pub(super) const P: [u64; 6] = [
    0xb9fe_ffff_ffff_aaab,
    0x1eab_fffe_b153_ffff,
    0x6730_d2a0_f6b0_f624,
    0x6477_4b84_f385_12bf,
    0x4b1b_a7b6_434b_acd7,
    0x1a01_11ea_397f_e69a,
];

/// 1 = 2³⁸⁴ mod p.
const ONE: [u64; 6] = [
    0x7609_0000_0002_fffd,
    0xebf4_000b_c40c_0002,
    0x5f48_9857_53c7_58ba,
    0x77ce_5853_7052_5745,
    0x5c07_1a97_a256_ec6d,
    0x15f6_5ec3_fa80_e493,
];

/// Arithmetic that the curves need of their coordinates.
pub(crate) trait Field: Copy + Eq + Send + Sync + 'static {
    /// 0.
    const ZERO: Self;
    /// 1.
    const ONE: Self;

    /// a + b.
    fn add(&self, other: &Self) -> Self;
    /// a − b.
    fn sub(&self, other: &Self) -> Self;
    /// −a.
    fn neg(&self) -> Self;
    /// a·b.
    fn mul(&self, other: &Self) -> Self;
    /// a².
    fn square(&self) -> Self;
    /// 1/a; 0 for 0.
    fn invert(&self) -> Self;

    /// 2·a.
    #[inline(always)]
    fn double(&self) -> Self {
        self.add(self)
    }

    /// Whether a = 0.
    fn is_zero(&self) -> bool;
}

/// An element of Fp.
#[derive(Clone, Copy, PartialEq, Eq)]
#[repr(transparent)]
pub(crate) struct Fp(pub(super) blst_fp);

/// An element a + b·i of Fp2, i² = −1.
#[derive(Clone, Copy, PartialEq, Eq)]
#[repr(transparent)]
pub(crate) struct Fp2(pub(super) blst_fp2);

impl Fp {
    /// The element with these limbs in Montgomery form; they are below p.
    pub(super) const fn from_montgomery(limbs: [u64; 6]) -> Self {
        Self(blst_fp { l: limbs })
    }
}

impl Fp2 {
    /// a + b·i.
    pub(super) const fn new(a: Fp, b: Fp) -> Self {
        Self(blst_fp2 { fp: [a.0, b.0] })
    }

    /// (a, b).
    pub(super) const fn parts(&self) -> (Fp, Fp) {
        let [a, b] = self.0.fp;
        (Fp(a), Fp(b))
    }

    /// a − b·i: the p-power map.
    pub(super) fn conjugate(&self) -> Self {
        let (a, b) = self.parts();
        Self::new(a, b.neg())
    }
}

/// All bits set for a borrow, none otherwise. The compiler is not to know that there are only two values: it would branch.
#[inline(always)]
fn mask(borrow: bool) -> u64 {
    black_box(u64::from(borrow)).wrapping_neg()
}

/// a − p if that is not negative, else a; a < 2·p.
#[inline(always)]
fn reduce(a: [u64; 6]) -> [u64; 6] {
    let [a0, a1, a2, a3, a4, a5] = a;
    let [p0, p1, p2, p3, p4, p5] = P;
    let (d0, borrow) = a0.borrowing_sub(p0, false);
    let (d1, borrow) = a1.borrowing_sub(p1, borrow);
    let (d2, borrow) = a2.borrowing_sub(p2, borrow);
    let (d3, borrow) = a3.borrowing_sub(p3, borrow);
    let (d4, borrow) = a4.borrowing_sub(p4, borrow);
    let (d5, borrow) = a5.borrowing_sub(p5, borrow);
    let keep = mask(borrow);
    [
        d0 ^ ((d0 ^ a0) & keep),
        d1 ^ ((d1 ^ a1) & keep),
        d2 ^ ((d2 ^ a2) & keep),
        d3 ^ ((d3 ^ a3) & keep),
        d4 ^ ((d4 ^ a4) & keep),
        d5 ^ ((d5 ^ a5) & keep),
    ]
}

#[inline(always)]
fn add_limbs(a: [u64; 6], b: [u64; 6]) -> [u64; 6] {
    let [a0, a1, a2, a3, a4, a5] = a;
    let [b0, b1, b2, b3, b4, b5] = b;
    let (s0, carry) = a0.carrying_add(b0, false);
    let (s1, carry) = a1.carrying_add(b1, carry);
    let (s2, carry) = a2.carrying_add(b2, carry);
    let (s3, carry) = a3.carrying_add(b3, carry);
    let (s4, carry) = a4.carrying_add(b4, carry);
    // The sum is below 2·p < 2³⁸²: nothing is carried out.
    let (s5, _) = a5.carrying_add(b5, carry);
    reduce([s0, s1, s2, s3, s4, s5])
}

#[inline(always)]
fn sub_limbs(a: [u64; 6], b: [u64; 6]) -> [u64; 6] {
    let [a0, a1, a2, a3, a4, a5] = a;
    let [b0, b1, b2, b3, b4, b5] = b;
    let [p0, p1, p2, p3, p4, p5] = P;
    let (d0, borrow) = a0.borrowing_sub(b0, false);
    let (d1, borrow) = a1.borrowing_sub(b1, borrow);
    let (d2, borrow) = a2.borrowing_sub(b2, borrow);
    let (d3, borrow) = a3.borrowing_sub(b3, borrow);
    let (d4, borrow) = a4.borrowing_sub(b4, borrow);
    let (d5, borrow) = a5.borrowing_sub(b5, borrow);
    let negative = mask(borrow);
    let (s0, carry) = d0.carrying_add(p0 & negative, false);
    let (s1, carry) = d1.carrying_add(p1 & negative, carry);
    let (s2, carry) = d2.carrying_add(p2 & negative, carry);
    let (s3, carry) = d3.carrying_add(p3 & negative, carry);
    let (s4, carry) = d4.carrying_add(p4 & negative, carry);
    let (s5, _) = d5.carrying_add(p5 & negative, carry);
    [s0, s1, s2, s3, s4, s5]
}

impl Field for Fp {
    const ZERO: Self = Self::from_montgomery([0; 6]);
    const ONE: Self = Self::from_montgomery(ONE);

    #[inline(always)]
    fn add(&self, other: &Self) -> Self {
        Self::from_montgomery(add_limbs(self.0.l, other.0.l))
    }

    #[inline(always)]
    fn sub(&self, other: &Self) -> Self {
        Self::from_montgomery(sub_limbs(self.0.l, other.0.l))
    }

    #[inline(always)]
    fn neg(&self) -> Self {
        Self::ZERO.sub(self)
    }

    #[inline(always)]
    fn mul(&self, other: &Self) -> Self {
        let mut product = MaybeUninit::uninit();
        // SAFETY: the routine reads two valid field elements and writes all of a third one.
        unsafe {
            blst_fp_mul(product.as_mut_ptr(), &raw const self.0, &raw const other.0);
            Self(product.assume_init())
        }
    }

    #[inline(always)]
    fn square(&self) -> Self {
        let mut square = MaybeUninit::uninit();
        // SAFETY: the routine reads a valid field element and writes all of another one.
        unsafe {
            blst_fp_sqr(square.as_mut_ptr(), &raw const self.0);
            Self(square.assume_init())
        }
    }

    #[inline(always)]
    fn is_zero(&self) -> bool {
        self.0.l.iter().fold(0, |bits, limb| bits | limb) == 0
    }

    fn invert(&self) -> Self {
        let mut inverse = MaybeUninit::uninit();
        // SAFETY: the routine reads a valid field element and writes all of another one.
        unsafe {
            blst_fp_inverse(inverse.as_mut_ptr(), &raw const self.0);
            Self(inverse.assume_init())
        }
    }
}

impl Field for Fp2 {
    const ZERO: Self = Self::new(Fp::ZERO, Fp::ZERO);
    const ONE: Self = Self::new(Fp::ONE, Fp::ZERO);

    #[inline(always)]
    fn add(&self, other: &Self) -> Self {
        let ((a, b), (c, d)) = (self.parts(), other.parts());
        Self::new(a.add(&c), b.add(&d))
    }

    #[inline(always)]
    fn sub(&self, other: &Self) -> Self {
        let ((a, b), (c, d)) = (self.parts(), other.parts());
        Self::new(a.sub(&c), b.sub(&d))
    }

    #[inline(always)]
    fn neg(&self) -> Self {
        Self::ZERO.sub(self)
    }

    #[inline(always)]
    fn mul(&self, other: &Self) -> Self {
        let mut product = MaybeUninit::uninit();
        // SAFETY: the routine reads two valid field elements and writes all of a third one.
        unsafe {
            blst_fp2_mul(product.as_mut_ptr(), &raw const self.0, &raw const other.0);
            Self(product.assume_init())
        }
    }

    #[inline(always)]
    fn square(&self) -> Self {
        let mut square = MaybeUninit::uninit();
        // SAFETY: the routine reads a valid field element and writes all of another one.
        unsafe {
            blst_fp2_sqr(square.as_mut_ptr(), &raw const self.0);
            Self(square.assume_init())
        }
    }

    #[inline(always)]
    fn is_zero(&self) -> bool {
        let (a, b) = self.parts();
        a.is_zero() && b.is_zero()
    }

    fn invert(&self) -> Self {
        let mut inverse = MaybeUninit::uninit();
        // SAFETY: the routine reads a valid field element and writes all of another one.
        unsafe {
            blst_fp2_inverse(inverse.as_mut_ptr(), &raw const self.0);
            Self(inverse.assume_init())
        }
    }
}
