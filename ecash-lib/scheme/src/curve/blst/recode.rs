//! How scalars are written for the endomorphisms: in base |z| with digits of 63 bits and either sign, then in signed windows.
//!
//! Small integers and their negatives mod r have few digits, so they cost little: −5 is one digit.

use super::Fr;
use crate::curve::weight::Z;

/// Digits of a scalar in base |z|: r < |z|⁴.
pub(super) const DIGITS: usize = 4;

/// Digits are at most |z|/2 in absolute value, the last one at most 1 more.
pub(super) const DIGIT_BOUND: u128 = Z as u128 / 2 + 1;

/// (r − 1)/2, least significant limb first.
const HALF: [u64; 4] = [
    0x7fff_ffff_8000_0000,
    0xa9de_d201_7fff_2dff,
    0x199c_ec04_04d0_ec02,
    0x39f6_d3a9_94ce_bea4,
];

/// s = Σ dᵢ·|z|ⁱ mod r with small digits of either sign.
pub(super) fn digits(scalar: &Fr) -> [i128; DIGITS] {
    let positive = limbs(scalar);
    let large = positive.iter().rev().gt(HALF.iter().rev());
    let mut rest = if large { limbs(&-scalar) } else { positive };
    let mut next = || {
        let remainder = i128::from(divide(&mut rest));
        if remainder > i128::from(Z / 2) {
            increment(&mut rest);
            remainder - i128::from(Z)
        } else {
            remainder
        }
    };
    let lower = [next(), next(), next()];
    let [last, ..] = rest;
    let [d0, d1, d2] = lower;
    let digits = [d0, d1, d2, i128::from(last)];
    if large {
        digits.map(|digit| -digit)
    } else {
        digits
    }
}

fn limbs(scalar: &Fr) -> [u64; 4] {
    let bytes = scalar.to_bytes_le();
    let (chunks, _) = bytes.as_chunks::<8>();
    let mut limbs = [0; 4];
    for (limb, bytes) in limbs.iter_mut().zip(chunks) {
        *limb = u64::from_le_bytes(*bytes);
    }
    limbs
}

/// Divides by |z| and returns the remainder.
fn divide(number: &mut [u64; 4]) -> u64 {
    let mut remainder = 0;
    for limb in number.iter_mut().rev() {
        if remainder == 0 && *limb < Z {
            remainder = *limb;
            *limb = 0;
            continue;
        }
        let dividend = u128::from(remainder) << 64 | u128::from(*limb);
        let quotient = u64::try_from(dividend / u128::from(Z)).unwrap_or(0); // total: the remainder is below |z|
        remainder = limb.wrapping_sub(quotient.wrapping_mul(Z));
        *limb = quotient;
    }
    remainder
}

fn increment(number: &mut [u64; 4]) {
    for limb in number {
        let (sum, carry) = limb.overflowing_add(1);
        *limb = sum;
        if !carry {
            return;
        }
    }
}

/// Width of the windows in which a scalar of one point is cheapest: wider windows need more multiples of the point and
/// fewer additions. `bits` is the sum of the lengths of its digits.
pub(super) const fn window_width(bits: u32) -> u32 {
    match bits {
        0..=12 => 2,
        13..=39 => 3,
        40..=110 => 4,
        _ => 5,
    }
}

/// Calls `emit` with position and value of the digits of `value` = Σ digit·2^position: odd, below 2^(width − 1) in absolute
/// value, at least `width` positions apart.
pub(super) fn signed_windows(value: i128, width: u32, mut emit: impl FnMut(usize, i8)) {
    let negative = value < 0;
    let mut rest = value.unsigned_abs();
    let mut position = 0;
    let modulus = 1_i8 << width;
    while rest != 0 {
        let zeros = rest.trailing_zeros();
        rest >>= zeros;
        position += zeros as usize;
        let window = i8::try_from(rest & ((1 << width) - 1)).unwrap_or(0); // total: `width` is below 7
        let digit = if window > modulus / 2 {
            window - modulus
        } else {
            window
        };
        emit(position, if negative { -digit } else { digit });
        rest >>= width;
        position += width as usize;
        if digit < 0 {
            rest += 1;
        }
    }
}
