#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::cast_possible_truncation
)]

use ff::Field as _;
use group::{Curve, Group};
use rand::SeedableRng;
use rand_chacha::ChaCha12Rng;

use super::affine::{Adder, Affine};
use super::field::{Field, Fp, Fp2};
use super::jacobian::Jacobian;
use super::source::{BETA, PSI_X, PSI_Y, Source};
use super::{Fr, G1Projective, G2Projective, recode};
use crate::curve::weight::Z;

fn rng() -> ChaCha12Rng {
    ChaCha12Rng::seed_from_u64(9)
}

/// a^((p − 1)/divisor).
fn power<F: Field>(base: &F, divisor: u64) -> F {
    let mut exponent: Vec<u64> = super::field::P.to_vec();
    exponent[0] -= 1;
    let mut remainder = 0;
    for limb in exponent.iter_mut().rev() {
        let dividend = remainder << 64 | u128::from(*limb);
        *limb = (dividend / u128::from(divisor)) as u64;
        remainder = dividend % u128::from(divisor);
    }
    assert_eq!(remainder, 0);
    (0..384).rev().fold(F::ONE, |power, bit| {
        let square = power.square();
        if exponent[bit / 64] >> (bit % 64) & 1 == 1 {
            square.mul(base)
        } else {
            square
        }
    })
}

#[test]
fn the_constants_of_the_endomorphisms_are_the_roots_they_are_said_to_be() {
    assert!(BETA != Fp::ONE);
    assert!(BETA.square().mul(&BETA) == Fp::ONE);
    let xi = Fp2::new(Fp::ONE, Fp::ONE);
    assert!(power(&xi, 3).mul(&Fp2::new(Fp::ZERO, PSI_X)) == Fp2::ONE);
    assert!(power(&xi, 2).mul(&PSI_Y) == Fp2::ONE);
}

fn the_endomorphism_multiplies<C: Source>(base: Fr) {
    let mut rng = rng();
    let infinity = C::identity();
    for point in [
        C::generator(),
        C::random(&mut rng),
        C::random(&mut rng),
        infinity,
    ] {
        let image = C::endomorphism(&C::to_raw(&point.to_affine()));
        assert!(image == C::to_raw(&(point * base).to_affine()));
    }
}

#[test]
fn the_endomorphisms_multiply_by_powers_of_the_parameter() {
    the_endomorphism_multiplies::<G1Projective>(Fr::from(Z).square());
    the_endomorphism_multiplies::<G2Projective>(Fr::from(Z));
}

fn scalar(value: i128) -> Fr {
    let magnitude = value.unsigned_abs();
    let scalar = Fr::from((magnitude >> 64) as u64) * (Fr::from(u64::MAX) + Fr::ONE)
        + Fr::from(magnitude as u64);
    if value < 0 { -scalar } else { scalar }
}

fn digits_are_short<C: Source>(base: Fr, scalars: &[Fr]) {
    for wanted in scalars {
        let digits = C::digits(wanted);
        let sum = digits
            .iter()
            .rev()
            .fold(Fr::ZERO, |sum, digit| sum * base + scalar(*digit));
        assert_eq!(sum, *wanted);
        assert!(
            digits
                .iter()
                .all(|digit| digit.unsigned_abs() <= C::DIGIT_BOUND)
        );
        assert!(digits.iter().skip(C::DIGITS).all(|digit| *digit == 0));
    }
}

#[test]
fn digits_are_short_and_make_up_the_scalar() {
    let mut rng = rng();
    let (z, half) = (Fr::from(Z), Fr::from(2).invert().unwrap());
    let mut scalars = vec![
        Fr::ZERO,
        Fr::ONE,
        half,
        half - Fr::ONE,
        half + Fr::ONE,
        z,
        z.square(),
        z.square() * z,
    ];
    for power in [Fr::ONE, z, z.square(), z.square() * z] {
        for digit in [Z / 2 - 1, Z / 2, Z / 2 + 1, Z - 1] {
            scalars.push(power * Fr::from(digit));
            scalars.push((power + z + Fr::ONE) * Fr::from(digit));
        }
    }
    scalars.extend(core::iter::repeat_with(|| Fr::random(&mut rng)).take(200));
    let negative: Vec<Fr> = scalars.iter().map(|scalar| -scalar).collect();
    scalars.extend(negative);
    digits_are_short::<G1Projective>(z.square(), &scalars);
    digits_are_short::<G2Projective>(z, &scalars);
}

#[test]
fn small_integers_of_either_sign_have_one_digit() {
    for value in [0, 1, 5, i128::from(Z / 2), -1, -5, -i128::from(Z / 2)] {
        assert_eq!(recode::digits(&scalar(value)), [value, 0, 0, 0]);
    }
}

#[test]
fn signed_windows_make_up_the_digit_with_odd_values_far_enough_apart() {
    let values = [
        0,
        1,
        2,
        3,
        15,
        16,
        17,
        0x5555,
        0xffff,
        i128::from(u64::MAX),
        i128::MAX,
        1 << 126,
    ];
    for value in values.into_iter().flat_map(|value| [value, -value]) {
        for width in 2..=5 {
            let mut sum = 0_i128;
            let mut next = 0;
            recode::signed_windows(value, width, |position, window| {
                assert!(position >= next);
                next = position + width as usize;
                assert!(window % 2 != 0 && window.unsigned_abs() < 1 << (width - 1));
                sum = sum.wrapping_add(i128::from(window).wrapping_shl(position as u32));
            });
            assert_eq!(sum, value);
        }
    }
}

/// Points whose sums are special: infinity, equal, opposite, of order 3.
fn special_points() -> Vec<Affine<Fp>> {
    let random = G1Projective::random(&mut rng());
    let order_three = Affine {
        x: Fp::ZERO,
        y: Fp::ONE.double(),
    };
    let points = [
        G1Projective::identity(),
        random,
        -random,
        random.double(),
        G1Projective::generator(),
    ];
    points
        .iter()
        .map(|point| G1Projective::to_raw(&point.to_affine()))
        .chain([order_three, order_three.neg()])
        .collect()
}

/// The sum by the library, whose addition is complete on the whole curve.
fn library_sum(points: &[Affine<Fp>]) -> Affine<Fp> {
    let sum: G1Projective = points
        .iter()
        .map(|point| G1Projective::from(G1Projective::from_raw(point)))
        .sum();
    G1Projective::to_raw(&sum.to_affine())
}

#[test]
fn additions_are_complete_also_for_points_outside_the_subgroup() {
    let points = special_points();
    let pairs: Vec<_> = points
        .iter()
        .flat_map(|first| points.iter().map(|second| [*first, *second]))
        .collect();
    let wanted: Vec<_> = pairs.iter().map(|pair| library_sum(pair)).collect();
    let mut sums: Vec<_> = pairs.iter().map(|[first, _]| *first).collect();
    let addends: Vec<_> = pairs.iter().map(|[_, second]| *second).collect();
    Adder::new().add_each(&mut sums, &addends);
    assert!(sums == wanted);

    let chains: Vec<_> = pairs
        .iter()
        .map(|[first, second]| Jacobian::from(*first).add(second))
        .collect();
    assert!(Jacobian::normalise(&chains) == wanted);
    // The same with a first point whose z is not 1.
    let chains: Vec<_> = pairs
        .iter()
        .map(|[first, second]| {
            Jacobian::from(*first)
                .double()
                .add(&first.neg())
                .add(second)
        })
        .collect();
    assert!(Jacobian::normalise(&chains) == wanted);

    let doubles: Vec<_> = points
        .iter()
        .map(|point| library_sum(&[*point, *point]))
        .collect();
    let mut doubled = points.clone();
    Adder::new().double_each(&mut doubled);
    assert!(doubled == doubles);
    let chains: Vec<_> = points
        .iter()
        .map(|point| Jacobian::from(*point).double())
        .collect();
    assert!(Jacobian::normalise(&chains) == doubles);
    for (point, wanted) in points.iter().zip(&doubles) {
        let (mut first, mut second) = (Jacobian::from(*point), Jacobian::from(points[1]));
        Jacobian::double_two(&mut first, &mut second);
        assert!(Jacobian::normalise(&[first, second]) == [*wanted, doubles[1]]);
    }
}

#[test]
fn lists_of_any_length_are_summed() {
    let points = special_points();
    let lengths = [0, 1, 2, 3, 0, 7, 64, 1200, 5];
    let mut all: Vec<_> = points
        .iter()
        .cycle()
        .take(lengths.iter().sum())
        .copied()
        .collect();
    let mut rest = all.as_slice();
    let wanted: Vec<_> = lengths
        .iter()
        .map(|length| {
            let (list, tail) = rest.split_at(*length);
            rest = tail;
            library_sum(list)
        })
        .collect();
    assert!(Adder::new().sum_each(&mut all, &lengths) == wanted);
}

#[test]
fn field_elements_near_the_prime_add_and_subtract_right() {
    let minus_one = Fp::ONE.neg();
    let elements = [
        Fp::ZERO,
        Fp::ONE,
        minus_one,
        minus_one.double(),
        Fp::ONE.double().invert(),
    ];
    for a in &elements {
        assert!(a.add(&a.neg()).is_zero() && a.sub(a).is_zero());
        for b in &elements {
            assert!(a.add(b).sub(b) == *a);
            assert!(a.add(b).square() == a.square().add(&a.mul(b).double()).add(&b.square()));
            let c = Fp2::new(*a, *b);
            assert!(c.mul(&c.conjugate()) == Fp2::new(a.square().add(&b.square()), Fp::ZERO));
            assert!(c.is_zero() || c.mul(&c.invert()) == Fp2::ONE);
        }
    }
}
