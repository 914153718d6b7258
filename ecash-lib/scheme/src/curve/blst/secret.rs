//! The constant-time routines over `blst`: scalars split along the endomorphism, tables of affine points, additions that
//! share an inversion. Nothing here branches on, or indexes by, a value that depends on a secret.

use core::hint::black_box;

use zeroize::{DefaultIsZeroes, Zeroizing};

use super::affine::Affine;
use super::field::{Field, Fp, Fp2};
use super::source::Source;
use super::{Fr, G1Projective, G2Projective};
use crate::curve::secret::{Parts, SecretCurve, Wiped};
use crate::curve::weight::Z;

/// Additions that share an inversion: more of them need more cache than the inversion costs.
const BLOCK: usize = 512;

/// All bits set, or none: what a secret decides is computed with these.
#[derive(Clone, Copy)]
pub(crate) struct Mask(u64);

impl Mask {
    /// Set for 1, not set for 0. The compiler is not to know that there are only two values.
    #[inline(always)]
    fn from_bit(bit: u64) -> Self {
        Self(black_box(bit).wrapping_neg())
    }

    #[inline(always)]
    fn is_zero(value: u64) -> Self {
        Self::from_bit(1 ^ ((value | value.wrapping_neg()) >> 63))
    }

    #[inline(always)]
    const fn and(self, other: Self) -> Self {
        Self(self.0 & other.0)
    }

    #[inline(always)]
    const fn or(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    #[inline(always)]
    const fn not(self) -> Self {
        Self(!self.0)
    }

    /// `a` where set, else `b`.
    #[inline(always)]
    const fn choose(self, a: u64, b: u64) -> u64 {
        b ^ ((a ^ b) & self.0)
    }
}

/// Coordinates that can be chosen by a mask.
pub(crate) trait Masked: Field + DefaultIsZeroes {
    /// Whether this is 0.
    fn zero_mask(&self) -> Mask;
    /// Sets the bits of `other` where set.
    fn take(&mut self, mask: Mask, other: &Self);
}

impl Default for Fp {
    fn default() -> Self {
        Self::ZERO
    }
}

impl DefaultIsZeroes for Fp {}

impl Masked for Fp {
    #[inline(always)]
    fn zero_mask(&self) -> Mask {
        Mask::is_zero(self.0.l.iter().fold(0, |bits, limb| bits | limb))
    }

    #[inline(always)]
    fn take(&mut self, mask: Mask, other: &Self) {
        for (to, limb) in self.0.l.iter_mut().zip(&other.0.l) {
            *to |= limb & mask.0;
        }
    }
}

impl Default for Fp2 {
    fn default() -> Self {
        Self::ZERO
    }
}

impl DefaultIsZeroes for Fp2 {}

impl Masked for Fp2 {
    #[inline(always)]
    fn zero_mask(&self) -> Mask {
        let (a, b) = self.parts();
        a.zero_mask().and(b.zero_mask())
    }

    #[inline(always)]
    fn take(&mut self, mask: Mask, other: &Self) {
        for (to, from) in self.0.fp.iter_mut().zip(&other.0.fp) {
            for (to, limb) in to.l.iter_mut().zip(&from.l) {
                *to |= limb & mask.0;
            }
        }
    }
}

impl<F: Masked> Default for Affine<F> {
    fn default() -> Self {
        Self::INFINITY
    }
}

impl<F: Masked> DefaultIsZeroes for Affine<F> {}

impl<F: Masked> Affine<F> {
    /// y = 0 at infinity, (0, 0), and nowhere else: neither curve has a point of order 2.
    #[inline(always)]
    fn infinity_mask(&self) -> Mask {
        self.y.zero_mask()
    }

    /// Sets the bits of `other` where set.
    #[inline(always)]
    fn take(&mut self, mask: Mask, other: &Self) {
        self.x.take(mask, &other.x);
        self.y.take(mask, &other.y);
    }
}

/// Values to invert together, and the product of those before each.
#[derive(Clone, Copy, Default)]
struct Step<F> {
    value: F,
    before: F,
}

impl<F: Masked> DefaultIsZeroes for Step<F> {}

/// Multiplies values, none of them 0, so that the product can be inverted once for all.
fn product<F: Masked>(values: impl Iterator<Item = F>, count: usize) -> (Wiped<Step<F>>, F) {
    let mut steps = Wiped::with_capacity(count);
    let mut product = F::ONE;
    for value in values {
        steps.push(Step {
            value,
            before: product,
        });
        product = product.mul(&value);
    }
    (steps, product)
}

/// Which of the cases an addition is.
#[derive(Clone, Copy)]
struct Case {
    /// Equal points: the slope is that of the tangent.
    tangent: Mask,
    /// The sum is to be computed.
    finite: Mask,
    /// The second point is infinity, the first is not: it is the sum.
    first: Mask,
    /// The first point is infinity: the second is the sum.
    second: Mask,
}

/// The case, and what the addition divides by: x₂ − x₁, or 2·y₁ for equal points; 1 where it need not divide.
#[inline(always)]
fn prepare<F: Masked>(first: &Affine<F>, second: &Affine<F>) -> (Case, F) {
    let difference = second.x.sub(&first.x);
    // 2·y₁ for equal points, 0 for opposite ones.
    let sum = first.y.add(&second.y);
    let same_x = difference.zero_mask();
    let opposite = same_x.and(sum.zero_mask());
    let (no_first, no_second) = (first.infinity_mask(), second.infinity_mask());
    let finite = opposite.or(no_first).or(no_second).not();
    let mut denominator = F::ZERO;
    denominator.take(finite.not(), &F::ONE);
    denominator.take(finite.and(same_x.not()), &difference);
    denominator.take(finite.and(same_x), &sum);
    let case = Case {
        tangent: same_x,
        finite,
        first: no_second.and(no_first.not()),
        second: no_first,
    };
    (case, denominator)
}

/// The sum, given the inverse of its denominator.
#[inline(always)]
fn add<F: Masked>(first: &Affine<F>, second: &Affine<F>, case: Case, inverse: &F) -> Affine<F> {
    let square = first.x.square();
    let mut numerator = F::ZERO;
    numerator.take(case.tangent.not(), &second.y.sub(&first.y));
    numerator.take(case.tangent, &square.double().add(&square));
    let slope = numerator.mul(inverse);
    let x = slope.square().sub(&first.x).sub(&second.x);
    let y = slope.mul(&first.x.sub(&x)).sub(&first.y);
    let mut sum = Affine::INFINITY;
    sum.take(case.finite, &Affine { x, y });
    sum.take(case.first, first);
    sum.take(case.second, second);
    sum
}

/// A group whose points have Jacobian coordinates (x/z², y/z³).
pub(crate) trait Jacobian: Source<Field: Masked> {
    /// Additions from which an inversion is saved by sharing it.
    const TOGETHER_FROM: usize;

    /// x, y, z.
    fn coordinates(&self) -> [Self::Field; 3];
    /// The digits in base |z| put together to parts.
    fn parts(digits: &[i64; 4]) -> Zeroizing<Parts>;
}

impl Jacobian for G1Projective {
    const TOGETHER_FROM: usize = 24;

    fn coordinates(&self) -> [Fp; 3] {
        let raw = self.as_ref();
        [Fp(raw.x), Fp(raw.y), Fp(raw.z)]
    }

    fn parts(digits: &[i64; 4]) -> Zeroizing<Parts> {
        let [d0, d1, d2, d3] = digits.map(i128::from);
        let z = i128::from(Z);
        Zeroizing::new([limbs(d0 + d1 * z), limbs(d2 + d3 * z), [0; 4], [0; 4]])
    }
}

impl Jacobian for G2Projective {
    const TOGETHER_FROM: usize = 10;

    fn coordinates(&self) -> [Fp2; 3] {
        let raw = self.as_ref();
        [Fp2(raw.x), Fp2(raw.y), Fp2(raw.z)]
    }

    fn parts(digits: &[i64; 4]) -> Zeroizing<Parts> {
        Zeroizing::new(digits.map(|digit| limbs(digit.into())))
    }
}

impl<C: Jacobian> SecretCurve for C {
    type Entry = Affine<C::Field>;

    const PARTS: usize = C::DIGITS;
    const PART_BITS: usize = 256 / C::DIGITS;
    const TOGETHER_FROM: usize = C::TOGETHER_FROM;

    fn split(scalar: &Fr) -> Zeroizing<Parts> {
        C::parts(&digits(scalar))
    }

    fn endomorphism(power: usize, point: &Self::Entry) -> Self::Entry {
        (0..power).fold(*point, |point, _| <C as Source>::endomorphism(&point))
    }

    fn select(row: &[Self::Entry], magnitude: u64, negative: u64) -> Self::Entry {
        let mut selected = Self::Entry::INFINITY;
        for (multiple, entry) in (1..).zip(row) {
            selected.take(Mask::is_zero(magnitude ^ multiple), entry);
        }
        let negative = Mask::from_bit(negative);
        let mut y = C::Field::ZERO;
        y.take(negative, &selected.y.neg());
        y.take(negative.not(), &selected.y);
        Affine { x: selected.x, y }
    }

    /// Cost an addition: 5 multiplications and 2 squarings.
    fn add_neighbours(points: &[Self::Entry]) -> Wiped<Self::Entry> {
        let mut sums = Wiped::with_capacity(points.len() / 2);
        let (pairs, _) = points.as_chunks::<2>();
        let mut cases = Vec::with_capacity(pairs.len().min(BLOCK));
        for pairs in pairs.chunks(BLOCK) {
            cases.clear();
            let values = pairs.iter().map(|[first, second]| {
                let (case, denominator) = prepare(first, second);
                cases.push(case);
                denominator
            });
            let (steps, product) = product(values, pairs.len());
            let mut inverse = product.invert();
            let start = sums.len();
            sums.extend(core::iter::repeat_n(Affine::INFINITY, pairs.len()));
            let sums = sums.iter_mut().skip(start).zip(pairs).rev();
            let prepared = cases.iter().zip(steps.iter()).rev();
            for ((sum, [first, second]), (case, step)) in sums.zip(prepared) {
                *sum = add(first, second, *case, &inverse.mul(&step.before));
                inverse = inverse.mul(&step.value);
            }
        }
        sums
    }

    fn entry(point: &Self::Affine) -> Self::Entry {
        C::to_raw(point)
    }

    fn entries(points: &[Self]) -> Wiped<Self::Entry> {
        let coordinates = |point: &Self| {
            let [x, y, z] = point.coordinates();
            (Affine { x, y }, z, z.zero_mask())
        };
        let values = points.iter().map(|point| {
            let (_, mut z, infinite) = coordinates(point);
            z.take(infinite, &C::Field::ONE);
            z
        });
        let (steps, product) = product(values, points.len());
        let mut inverse = product.invert();
        let mut entries = Wiped::with_capacity(points.len());
        entries.extend(core::iter::repeat_n(Affine::INFINITY, points.len()));
        let reversed = entries.iter_mut().zip(points).rev();
        for ((entry, point), step) in reversed.zip(steps.iter().rev()) {
            let (Affine { x, y }, _, infinite) = coordinates(point);
            let z = inverse.mul(&step.before);
            inverse = inverse.mul(&step.value);
            let square = z.square();
            let finite = Affine {
                x: x.mul(&square),
                y: y.mul(&square.mul(&z)),
            };
            entry.take(infinite.not(), &finite);
        }
        entries
    }

    fn add_entry(point: &Self, entry: &Self::Entry) -> Self {
        *point + C::from_raw(entry)
    }

    fn affine(entries: &[Self::Entry]) -> Vec<Self::Affine> {
        entries.iter().map(C::from_raw).collect()
    }
}

/// (r − 1)/2, least significant limb first.
const HALF: [u64; 4] = [
    0x7fff_ffff_8000_0000,
    0xa9de_d201_7fff_2dff,
    0x199c_ec04_04d0_ec02,
    0x39f6_d3a9_94ce_bea4,
];

/// s = Σ dᵢ·|z|ⁱ mod r with |dᵢ| ≤ |z|/2 + 1 < 2⁶³: s or s − r, whichever is nearer to 0, divided three times with the
/// remainder that is nearest to 0.
fn digits(scalar: &Fr) -> Zeroizing<[i64; 4]> {
    let positive = Zeroizing::new(scalar_limbs(scalar));
    let mut rest = Zeroizing::new(scalar_limbs(&-scalar));
    let mut borrow = false;
    for (half, limb) in HALF.iter().zip(positive.iter()) {
        (_, borrow) = half.borrowing_sub(*limb, borrow);
    }
    let large = Mask::from_bit(borrow.into());
    for (rest, positive) in rest.iter_mut().zip(positive.iter()) {
        *rest = large.choose(*rest, *positive);
    }
    let mut digits = Zeroizing::new([0; 4]);
    let [lower @ .., last] = &mut *digits;
    for digit in lower {
        let remainder = divide(&mut rest);
        let (_, above) = (Z / 2).borrowing_sub(remainder, false);
        *digit = remainder
            .wrapping_sub(Z & Mask::from_bit(above.into()).0)
            .cast_signed();
        let mut carry = black_box(above);
        for limb in rest.iter_mut() {
            (*limb, carry) = limb.carrying_add(0, carry);
        }
    }
    let [quotient, ..] = *rest;
    *last = quotient.cast_signed();
    let sign = large.0.cast_signed();
    for digit in digits.iter_mut() {
        *digit = (*digit ^ sign).wrapping_sub(sign);
    }
    digits
}

/// ⌊(2¹²⁸ − 1) / |z|⌋ − 2⁶⁴: what divisions by |z| multiply with, since the processor's own take longer for some numbers.
const RECIPROCAL: u64 = halves(u128::MAX / Z as u128 - (1 << 64))[0]; // total: below 2⁶⁴, as |z| > 2⁶³

/// Divides by |z| and returns the remainder (Möller and Granlund, "Improved division by invariant integers", algorithm 4).
fn divide(number: &mut [u64; 4]) -> u64 {
    let mut remainder = 0_u64;
    for limb in number.iter_mut().rev() {
        let estimate = u128::from(RECIPROCAL) * u128::from(remainder)
            + (u128::from(remainder) << 64 | u128::from(*limb));
        let [lower, upper] = halves(estimate);
        let mut quotient = upper.wrapping_add(1);
        let mut rest = limb.wrapping_sub(quotient.wrapping_mul(Z));
        let (_, too_large) = lower.borrowing_sub(rest, false);
        let too_large = Mask::from_bit(too_large.into());
        quotient = quotient.wrapping_add(too_large.0);
        rest = rest.wrapping_add(Z & too_large.0);
        let (_, small) = rest.borrowing_sub(Z, false);
        let too_small = Mask::from_bit(u64::from(!small));
        quotient = quotient.wrapping_sub(too_small.0);
        rest = rest.wrapping_sub(Z & too_small.0);
        *limb = quotient;
        remainder = rest;
    }
    remainder
}

fn scalar_limbs(scalar: &Fr) -> [u64; 4] {
    let bytes = Zeroizing::new(scalar.to_bytes_le());
    let mut limbs = [0; 4];
    for (limb, bytes) in limbs.iter_mut().zip(bytes.as_chunks::<8>().0) {
        *limb = u64::from_le_bytes(*bytes);
    }
    limbs
}

/// The lower and the upper 64 bits.
#[expect(
    clippy::cast_possible_truncation,
    reason = "what is cut off is the other half"
)]
const fn halves(value: u128) -> [u64; 2] {
    [value as u64, (value >> 64) as u64]
}

/// Two's complement.
const fn limbs(value: i128) -> [u64; 4] {
    let [lower, upper] = halves(value.cast_unsigned());
    let [sign, _] = halves((value >> 127).cast_unsigned());
    [lower, upper, sign, sign]
}
#[cfg(test)]
mod tests {
    use super::*;

    fn additions_agree<C: SecretCurve>() {
        let p = C::random(&mut rand::thread_rng());
        let points = [p, -p, p.double(), C::identity(), C::generator()];
        let pairs: Vec<[C; 2]> = points
            .iter()
            .flat_map(|first| points.map(|second| [*first, second]))
            .collect();
        let expected: Vec<_> = pairs
            .iter()
            .map(|[first, second]| (*first + second).to_affine())
            .collect();
        let sums = C::add_neighbours(&C::entries(pairs.as_flattened()));
        assert_eq!(C::affine(&sums), expected);
    }

    #[test]
    fn additions_that_share_an_inversion_are_complete() {
        additions_agree::<G1Projective>();
        additions_agree::<G2Projective>();
    }

    #[test]
    fn division_is_that_of_the_integers() {
        let edges = [0, 1, 2, Z - 1, Z, Z + 1, 1 << 63, u64::MAX - 1, u64::MAX];
        for high in edges {
            for low in edges {
                let dividend = u128::from(high) << 64 | u128::from(low);
                let mut number = [low, high, 0, 0];
                assert_eq!(u128::from(divide(&mut number)), dividend % u128::from(Z));
                let [low, high, ..] = number.map(u128::from);
                assert_eq!(high << 64 | low, dividend / u128::from(Z));
            }
        }
    }
}
