//! Linear combinations with interleaved signed windows (Straus): all terms share their doublings. Variable time.

use ff::PrimeField;
use group::prime::PrimeCurve;

use super::Fr;

/// Width of the windows: digits are odd and below 2⁴ in absolute value.
const WINDOW_BITS: usize = 5;
/// Odd multiples P, 3P, … 15P of each point.
const TABLE_SIZE: usize = 1 << (WINDOW_BITS - 2);
/// Scalars have 255 bits; recoding can carry into one more.
const DIGITS: usize = 257;

/// Σ scalarᵢ·pointᵢ. `normalise` brings all tables to affine form with one inversion.
pub(crate) fn combination<C>(
    points: &[C::Affine],
    scalars: &[Fr],
    normalise: fn(&[C]) -> Vec<C::Affine>,
) -> C
where
    C: PrimeCurve<Scalar = Fr>,
{
    let mut multiples = Vec::with_capacity(points.len() * TABLE_SIZE);
    for point in points {
        let mut odd = C::identity() + point;
        let double = odd.double();
        for _ in 0..TABLE_SIZE {
            multiples.push(odd);
            odd += double;
        }
    }
    let multiples = normalise(&multiples);
    let (tables, _) = multiples.as_chunks::<TABLE_SIZE>();
    let digits: Vec<[i8; DIGITS]> = scalars.iter().map(signed_windows).collect();

    let mut sum = C::identity();
    let mut started = false;
    for position in (0..DIGITS).rev() {
        if started {
            sum = sum.double();
        }
        for (table, digits) in tables.iter().zip(&digits) {
            let digit = digits.get(position).copied().unwrap_or(0);
            if let Some(multiple) = table
                .get(usize::from(digit.unsigned_abs() >> 1))
                .filter(|_| digit != 0)
            {
                started = true;
                if digit > 0 {
                    sum += multiple;
                } else {
                    sum -= multiple;
                }
            }
        }
    }
    sum
}

/// Recodes a scalar as Σ digitᵢ·2ⁱ with odd digits at least [`WINDOW_BITS`] positions apart.
fn signed_windows(scalar: &Fr) -> [i8; DIGITS] {
    let repr = scalar.to_repr();
    let bytes: &[u8] = repr.as_ref();
    let bit = |position: usize| {
        bytes
            .get(position / 8)
            .map_or(0, |byte| i8::from(byte >> (position % 8) & 1 == 1))
    };
    let mut digits = [0; DIGITS];
    let mut carry = 0;
    let mut position = 0;
    while position < DIGITS {
        if bit(position) == carry {
            position += 1;
            continue;
        }
        let window = (0..WINDOW_BITS).fold(carry, |window, offset| {
            window + (bit(position + offset) << offset)
        });
        carry = window >> (WINDOW_BITS - 1) & 1;
        if let Some(digit) = digits.get_mut(position) {
            *digit = window - (carry << WINDOW_BITS);
        }
        position += WINDOW_BITS;
    }
    digits
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use ff::Field;
    use group::{Curve, Group};

    use super::super::{G1Projective, g1_to_affine};
    use super::*;

    #[test]
    fn a_combination_equals_the_sum_of_single_multiplications() {
        let mut rng = rand::thread_rng();
        let edge = [
            Fr::ZERO,
            Fr::ONE,
            -Fr::ONE,
            Fr::from(u64::MAX),
            Fr::from(16),
            Fr::from(15),
            Fr::from(31),
        ];
        for length in 0..12 {
            let points: Vec<_> = (0..length)
                .map(|_| G1Projective::random(&mut rng).to_affine())
                .collect();
            let scalars: Vec<_> = (0..length)
                .map(|i| edge.get(i).copied().unwrap_or_else(|| Fr::random(&mut rng)))
                .collect();
            let expected: G1Projective = points
                .iter()
                .zip(&scalars)
                .map(|(point, scalar)| point * scalar)
                .sum();
            assert_eq!(combination(&points, &scalars, g1_to_affine), expected);
        }
    }
}
