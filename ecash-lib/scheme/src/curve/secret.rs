//! Sums of points times secrets, in constant time: what a holder and a signer compute with.
//!
//! A scalar is split into [`SecretCurve::PARTS`] signed parts (one for each power of the curve's endomorphism), each part
//! into signed windows (Booth: every digit depends on its own w + 1 bits, no carry runs along). A [`SecretTable`] holds the
//! multiples 1 … 2^(w−1) of 2^(w·c·i)·P, and window t is looked up in row ⌊t / c⌋:
//! with c = 1 column a product is additions only (a fixed base, its table kept); with more columns the table is small and
//! made for the occasion, and the columns are put together by Horner's rule at the price of w doublings each.
//!
//! What is constant: which rows are read (every entry of every row a scalar has digits in), how many additions and doublings
//! are done, and each addition itself: it is complete (equal, opposite, infinite operands) by masks, without a branch.
//! Only the shape of a sum shows: how many terms, which tables, how many bits a short exponent may have. Selected points and
//! everything made of them are wiped.

use core::ops::{Deref, DerefMut};
use std::collections::BTreeMap;

use group::prime::PrimeCurve;
use group::prime::PrimeCurveAffine;
use zeroize::{DefaultIsZeroes, Zeroize, Zeroizing};

use super::Fr;
use crate::scalar::SecretScalar;

/// Most parts a scalar is split into.
pub(crate) const MAX_PARTS: usize = 4;
/// A scalar in parts: two's complement, little-endian limbs.
pub(crate) type Parts = [[u64; 4]; MAX_PARTS];

/// What the constant-time routines need of a group. All of it runs in constant time.
pub(crate) trait SecretCurve: PrimeCurve<Scalar = Fr> {
    /// A point as tables and sums hold it; the default is infinity.
    type Entry: DefaultIsZeroes;
    /// Number of parts of a scalar.
    const PARTS: usize;
    /// Bits of a part, sign included.
    const PART_BITS: usize;

    /// k = Σ partⱼ·ηʲ, η the factor by which [`SecretCurve::endomorphism`] multiplies.
    fn split(scalar: &Fr) -> Zeroizing<Parts>;
    /// ηʲ·P.
    fn endomorphism(power: usize, point: &Self::Entry) -> Self::Entry;
    /// The entry `magnitude` − 1 of `row`, infinity for 0; negated if `negative` is 1. Reads all entries.
    fn select(row: &[Self::Entry], magnitude: u64, negative: u64) -> Self::Entry;
    /// P₀ + P₁, P₂ + P₃, …: neighbours added, whatever the points are.
    fn add_neighbours(points: &[Self::Entry]) -> Wiped<Self::Entry>;
    /// Points as entries.
    fn entries(points: &[Self]) -> Wiped<Self::Entry>;
    /// P + E.
    fn add_entry(point: &Self, entry: &Self::Entry) -> Self;
    /// Entries as affine points.
    fn affine(entries: &[Self::Entry]) -> Vec<Self::Affine>;
}

/// Shape of a [`SecretTable`].
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Shape {
    /// w, bits of a window.
    pub(crate) window: usize,
    /// c, windows that share a row.
    pub(crate) columns: usize,
}

/// Multiples of one point, for multiplying it by secrets.
#[derive(Clone)]
pub(crate) struct SecretTable<C: SecretCurve> {
    shape: Shape,
    /// Row after row, 2^(w−1) entries each.
    entries: Vec<C::Entry>,
}

impl<C: SecretCurve> SecretTable<C> {
    /// Tables of all `points`, made together. Cost a table: about [`SecretCurve::PART_BITS`] doublings and
    /// ⌈bits / (w·c)⌉ · 2^(w−1) additions.
    pub(crate) fn new(points: &[C::Affine], shape: Shape) -> Vec<Self> {
        let rows = C::PART_BITS.div_ceil(shape.window).div_ceil(shape.columns);
        let mut bases = Vec::with_capacity(points.len() * rows);
        for point in points {
            let mut base = point.to_curve();
            for row in 0..rows {
                bases.push(base);
                if row + 1 < rows {
                    // total: with more than one row there are fewer columns than windows.
                    (0..shape.window * shape.columns).for_each(|_| base = base.double());
                }
            }
        }
        let multiples = multiples::<C>(&C::entries(&bases), shape.row_length());
        multiples
            .chunks(rows * shape.row_length())
            .map(|entries| Self {
                shape,
                entries: entries.to_vec(),
            })
            .collect()
    }

    /// The table of one point.
    pub(crate) fn of(point: C::Affine, shape: Shape) -> Self {
        let [table] = Self::array([point], shape);
        table
    }

    /// The tables of a few points.
    pub(crate) fn array<const N: usize>(points: [C::Affine; N], shape: Shape) -> [Self; N] {
        let mut tables = Self::new(&points, shape).into_iter();
        // total: there is a table for every point.
        core::array::from_fn(|_| {
            tables.next().unwrap_or(Self {
                shape,
                entries: Vec::new(),
            })
        })
    }

    /// Bytes that the entries take.
    pub(crate) fn bytes(&self) -> usize {
        size_of_val(self.entries.as_slice())
    }
}

impl Shape {
    /// A table for a point that is multiplied once or twice: one row, doublings in every product.
    pub(crate) const ONCE: Self = Self {
        window: 5,
        columns: usize::MAX,
    };

    /// A table for a point that is multiplied a few times: few rows, few doublings in every product.
    pub(crate) const FEW: Self = Self {
        window: 5,
        columns: 7,
    };

    /// A table for a fixed base.
    pub(crate) const fn fixed(window: usize) -> Self {
        Self { window, columns: 1 }
    }

    const fn row_length(self) -> usize {
        1 << (self.window - 1)
    }
}

/// P, 2P, … length·P of every base, side by side. `length` is a power of two.
fn multiples<C: SecretCurve>(bases: &[C::Entry], length: usize) -> Vec<C::Entry> {
    let mut all: Vec<Vec<C::Entry>> = bases
        .iter()
        .map(|base| {
            let mut row = Vec::with_capacity(length);
            row.push(*base);
            row
        })
        .collect();
    let mut known = 1;
    while known < length {
        let neighbours: Vec<_> = all
            .iter()
            .flat_map(|row| {
                let last = row.last().copied().unwrap_or_default();
                row.iter().flat_map(move |point| [*point, last])
            })
            .collect();
        let sums = C::add_neighbours(&neighbours);
        for (row, sums) in all.iter_mut().zip(sums.chunks(known)) {
            row.extend_from_slice(sums);
        }
        known *= 2;
    }
    all.concat()
}

/// How large a secret scalar may be: public, and the same for all values it could have.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Size {
    /// Anything below r.
    Full,
    /// Below 2 to this power, at most 2⁶³.
    Bits(usize),
}

/// A scalar in parts, and how many bits of how many parts are in use.
struct Exponent {
    parts: Zeroizing<Parts>,
    used: usize,
    bits: usize,
}

/// Σ sᵢ·Pᵢ + Σ Qⱼ with secret sᵢ.
pub(crate) struct SecretSum<'a, C: SecretCurve> {
    terms: Vec<(&'a SecretTable<C>, Exponent)>,
    plain: Vec<C::Affine>,
}

impl<'a, C: SecretCurve> SecretSum<'a, C> {
    /// The empty sum.
    pub(crate) const fn new() -> Self {
        Self {
            terms: Vec::new(),
            plain: Vec::new(),
        }
    }

    /// … + s·P.
    #[must_use]
    pub(crate) fn term(self, table: &'a SecretTable<C>, scalar: &SecretScalar) -> Self {
        self.sized_term(table, scalar, Size::Full)
    }

    /// … + s·P for a secret s of this size: what is larger gives a wrong sum. Fewer bits are fewer additions.
    #[must_use]
    pub(crate) fn sized_term(
        mut self,
        table: &'a SecretTable<C>,
        scalar: &SecretScalar,
        size: Size,
    ) -> Self {
        let exponent = match size {
            Size::Full => Exponent {
                parts: C::split(&scalar.expose().0),
                used: C::PARTS,
                bits: C::PART_BITS,
            },
            Size::Bits(bits) => {
                let mut parts = Zeroizing::new(Parts::default());
                let [[lowest, ..], ..] = &mut *parts;
                let bytes = scalar.to_bytes();
                *lowest = bytes
                    .first_chunk()
                    .map_or(0, |bytes| u64::from_le_bytes(*bytes));
                Exponent {
                    parts,
                    used: 1,
                    bits: bits + 1,
                }
            }
        };
        self.terms.push((table, exponent));
        self
    }

    /// … + Q.
    #[must_use]
    pub(crate) fn plus(mut self, point: C::Affine) -> Self {
        self.plain.push(point);
        self
    }

    /// An empty list with room for all points of this sum that may share one: a list that grows leaves copies behind.
    fn list(&self) -> List<C> {
        let rows = |table: &SecretTable<C>| table.entries.len() / table.shape.row_length();
        let selected: usize = self.terms.iter().map(|(table, _)| rows(table)).sum();
        Wiped::with_capacity(selected + C::PARTS + self.plain.len())
    }
}

/// Values of which nothing is left behind. Grows only up to the capacity it was made with, so that no copy stays elsewhere.
pub(crate) struct Wiped<T: DefaultIsZeroes>(Vec<T>);

impl<T: DefaultIsZeroes> Wiped<T> {
    pub(crate) fn with_capacity(capacity: usize) -> Self {
        Self(Vec::with_capacity(capacity))
    }
}

impl<T: DefaultIsZeroes> Deref for Wiped<T> {
    type Target = Vec<T>;

    fn deref(&self) -> &Vec<T> {
        &self.0
    }
}

impl<T: DefaultIsZeroes> DerefMut for Wiped<T> {
    fn deref_mut(&mut self) -> &mut Vec<T> {
        &mut self.0
    }
}

impl<T: DefaultIsZeroes> Drop for Wiped<T> {
    fn drop(&mut self) {
        // As a slice: a vector would also wipe its spare capacity, byte by byte.
        self.0.as_mut_slice().zeroize();
    }
}

/// Points that are to be added up.
type List<C> = Wiped<<C as SecretCurve>::Entry>;

/// All sums, in affine form. Everything that can share an inversion does.
pub(crate) fn secret_sums<C: SecretCurve>(sums: &[SecretSum<'_, C>]) -> Vec<C::Affine> {
    // Key: the sum, the power of two that the points still lack, the power of the endomorphism.
    let mut parts: BTreeMap<(usize, usize, usize), List<C>> = BTreeMap::new();
    for (position, sum) in sums.iter().enumerate() {
        for (table, exponent) in &sum.terms {
            look_up(table, exponent, |shift, part, point| {
                let list = parts.entry((position, shift, part));
                list.or_insert_with(|| sum.list()).push(point);
            });
        }
    }
    let keys: Vec<_> = parts.keys().copied().collect();
    let reduced = add_up::<C>(parts.into_values().collect());

    let mut columns: BTreeMap<(usize, usize), List<C>> = BTreeMap::new();
    for (position, sum) in sums.iter().enumerate() {
        let plain: Vec<C> = sum.plain.iter().map(|point| point.to_curve()).collect();
        let mut list = sum.list();
        list.extend_from_slice(&C::entries(&plain));
        columns.insert((position, 0), list);
    }
    for ((position, shift, part), point) in keys.into_iter().zip(reduced.iter()) {
        let list = columns.entry((position, shift));
        list.or_insert_with(|| Wiped::with_capacity(C::PARTS))
            .push(C::endomorphism(part, point));
    }
    let keys: Vec<_> = columns.keys().copied().collect();
    let reduced = add_up::<C>(columns.into_values().collect());
    C::affine(&horner::<C>(&keys, &reduced))
}

/// Hands out one selected point for each window of each part in use: `take(shift, part, point)`.
fn look_up<C: SecretCurve>(
    table: &SecretTable<C>,
    exponent: &Exponent,
    mut take: impl FnMut(usize, usize, C::Entry),
) {
    let Shape { window, columns } = table.shape;
    let windows = exponent.bits.div_ceil(window);
    for (part, limbs) in exponent.parts.iter().take(exponent.used).enumerate() {
        let rows = table.entries.chunks(table.shape.row_length());
        for (row, first) in rows.zip((0..windows).step_by(columns)) {
            for column in 0..columns.min(windows - first) {
                let (magnitude, negative) = digit(limbs, (first + column) * window, window);
                take(column * window, part, C::select(row, magnitude, negative));
            }
        }
    }
}

/// The signed digit of the `window` bits from `position` on, as magnitude and sign:
/// d = ⌈r / 2⌉ − 2^w·top(r), r the w + 1 bits from `position` − 1 on.
fn digit(limbs: &[u64; 4], position: usize, window: usize) -> (u64, u64) {
    let raw = match position.checked_sub(1) {
        None => bits(limbs, 0, window) << 1,
        Some(below) => bits(limbs, below, window + 1),
    };
    let top = raw >> window;
    let value = ((raw + 1) >> 1).wrapping_sub(top << window);
    let sign = top.wrapping_neg();
    ((value ^ sign).wrapping_sub(sign), top)
}

/// `count` bits of a number in two's complement, from bit `position` on.
fn bits(limbs: &[u64; 4], position: usize, count: usize) -> u64 {
    let [.., top] = limbs;
    let sign = (top >> 63).wrapping_neg();
    let limb = |index: usize| limbs.get(index).copied().unwrap_or(sign);
    let (index, offset) = (position / 64, position % 64);
    // The second shift is in two steps, because one by 64 is none.
    let pair = (limb(index) >> offset) | ((limb(index + 1) << 1) << (63 - offset));
    pair & ((1 << count) - 1)
}

/// The sum of each list; of an empty one, infinity.
fn add_up<C: SecretCurve>(mut lists: Vec<List<C>>) -> List<C> {
    while lists.iter().any(|list| list.len() > 1) {
        let pairs = lists.iter().map(|list| list.len() / 2).sum::<usize>();
        let mut neighbours: List<C> = Wiped::with_capacity(2 * pairs);
        for list in &lists {
            neighbours.extend(list.iter().take(list.len() / 2 * 2));
        }
        let sums = C::add_neighbours(&neighbours);
        let mut sums = sums.iter();
        for list in &mut lists {
            let mut shorter: List<C> = Wiped::with_capacity(list.len().div_ceil(2));
            shorter.extend(sums.by_ref().take(list.len() / 2));
            shorter.extend(list.chunks_exact(2).remainder());
            *list = shorter;
        }
    }
    let mut results: List<C> = Wiped::with_capacity(lists.len());
    results.extend(
        lists
            .iter()
            .map(|list| list.first().copied().unwrap_or_default()),
    );
    results
}

/// Σ 2^shift·(column) for each sum; `keys` are (sum, shift), in ascending order.
fn horner<C: SecretCurve>(keys: &[(usize, usize)], columns: &[C::Entry]) -> List<C> {
    if keys.iter().all(|(_, shift)| *shift == 0) {
        let mut sums = Wiped::with_capacity(columns.len());
        sums.extend_from_slice(columns);
        return sums;
    }
    let mut sums: Vec<C> = Vec::with_capacity(keys.len());
    let mut above = 0;
    for ((_, shift), column) in keys.iter().zip(columns).rev() {
        match sums.last_mut().filter(|_| above > 0) {
            Some(sum) => {
                (*shift..above).for_each(|_| *sum = sum.double());
                *sum = C::add_entry(sum, column);
            }
            None => sums.push(C::add_entry(&C::identity(), column)),
        }
        above = *shift;
    }
    sums.reverse();
    C::entries(&sums)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::indexing_slicing)]

    use ff::Field;

    use super::*;
    use crate::curve::{G1Projective, G2Projective};
    use crate::scalar::Scalar;

    fn edge_scalars() -> Vec<Fr> {
        // z = −0xd201000000010000 is the factor of the endomorphism of G2, z² that of G1 up to the sign.
        let z = Fr::from(0xd201_0000_0001_0000);
        let half = Fr::from(2).invert().unwrap();
        let mut scalars = vec![Fr::ZERO, half, -half, z * z * z];
        for base in [
            Fr::ONE,
            Fr::from(2),
            Fr::from(128),
            Fr::from(u64::MAX),
            z,
            z * z,
            z * half,
            z * z * half,
        ] {
            for near in [base - Fr::ONE, base, base + Fr::ONE] {
                scalars.extend([near, -near]);
            }
        }
        scalars
    }

    fn secret(scalar: Fr) -> SecretScalar {
        Scalar(scalar).into()
    }

    fn shapes() -> [Shape; 6] {
        let comb = |window, columns| Shape { window, columns };
        [
            Shape::fixed(4),
            Shape::fixed(6),
            Shape::fixed(7),
            comb(5, 26),
            comb(4, 8),
            Shape::ONCE,
        ]
    }

    fn products_agree<C: SecretCurve>() {
        let mut rng = rand::thread_rng();
        let points =
            [C::generator(), C::random(&mut rng), C::identity()].map(|point| point.to_affine());
        let mut scalars = edge_scalars();
        scalars.extend((0..8).map(|_| Fr::random(&mut rng)));
        for shape in shapes() {
            for (point, table) in points.iter().zip(SecretTable::<C>::new(&points, shape)) {
                let sums: Vec<_> = scalars
                    .iter()
                    .map(|scalar| SecretSum::new().term(&table, &secret(*scalar)))
                    .collect();
                for (product, scalar) in secret_sums(&sums).into_iter().zip(&scalars) {
                    assert_eq!(
                        product,
                        (*point * scalar).to_affine(),
                        "{shape:?} {scalar:?}"
                    );
                }
            }
        }
    }

    #[test]
    fn products_by_secrets_equal_plain_ones_for_every_shape_of_table() {
        products_agree::<G1Projective>();
        products_agree::<G2Projective>();
    }

    fn sums_agree<C: SecretCurve>() {
        let mut rng = rand::thread_rng();
        let p = C::random(&mut rng);
        // Equal, opposite and infinite points under several shapes in one sum.
        let points = [p, p, -p, C::identity(), p.double()].map(|point| point.to_affine());
        let tables: Vec<_> = points
            .iter()
            .zip(shapes())
            .map(|(point, shape)| SecretTable::<C>::of(*point, shape))
            .collect();
        let mut inputs = vec![
            vec![],
            vec![Fr::ONE; 5],
            vec![Fr::ONE, Fr::ONE, Fr::from(2)],
        ];
        inputs.extend((0..4).map(|length| (0..length).map(|_| Fr::random(&mut rng)).collect()));
        inputs.push((0..5).map(|_| Fr::random(&mut rng)).collect());
        let mut sums = Vec::new();
        let mut expected = Vec::new();
        for (scalars, plain) in inputs
            .iter()
            .flat_map(|scalars| [(scalars, 0), (scalars, 2)])
        {
            let mut sum = SecretSum::new();
            let mut value = C::identity();
            for ((table, point), scalar) in tables.iter().zip(&points).zip(scalars) {
                sum = sum.term(table, &secret(*scalar));
                value += *point * scalar;
            }
            for point in points.iter().take(plain) {
                sum = sum.plus(*point);
                value += point;
            }
            sums.push(sum);
            expected.push(value.to_affine());
        }
        assert_eq!(secret_sums(&sums), expected);
        assert!(secret_sums::<C>(&[]).is_empty());
    }

    #[test]
    fn sums_are_complete_for_equal_opposite_and_infinite_points() {
        sums_agree::<G1Projective>();
        sums_agree::<G2Projective>();
    }

    fn short_exponents_agree<C: SecretCurve>() {
        let g = C::generator().to_affine();
        for shape in shapes() {
            let table = SecretTable::<C>::of(g, shape);
            for (value, bits) in [
                (0, 6),
                (1, 6),
                (49, 6),
                (63, 6),
                (1_765_065_600, 32),
                (u32::MAX, 32),
            ] {
                let scalar = Fr::from(u64::from(value));
                let sum = SecretSum::new().sized_term(&table, &secret(scalar), Size::Bits(bits));
                let expected = g * scalar;
                assert_eq!(
                    secret_sums(&[sum]),
                    [expected.to_affine()],
                    "{shape:?} {value}"
                );
            }
        }
    }

    #[test]
    fn short_exponents_up_to_their_bound_multiply_right() {
        short_exponents_agree::<G1Projective>();
        short_exponents_agree::<G2Projective>();
    }

    fn parts_make_the_scalar<C: SecretCurve>() {
        let mut rng = rand::thread_rng();
        let g = C::generator().to_affine();
        let entry = C::entries(&[C::generator()])[0];
        let factors: Vec<Fr> = (0..C::PARTS)
            .map(|power| {
                let image = C::affine(&[C::endomorphism(power, &entry)])[0];
                let z = Fr::from(0xd201_0000_0001_0000);
                let candidates = [Fr::ONE, z, z * z, z * z * z];
                candidates
                    .into_iter()
                    .find(|factor| (g * *factor).to_affine() == image)
                    .unwrap()
            })
            .collect();
        let mut scalars = edge_scalars();
        scalars.extend((0..200).map(|_| Fr::random(&mut rng)));
        for scalar in scalars {
            let parts = C::split(&scalar);
            let mut sum = Fr::ZERO;
            for (limbs, factor) in parts.iter().zip(&factors) {
                let negative = limbs[3] >> 63 == 1;
                let magnitude = limbs.iter().rev().fold(Fr::ZERO, |value, limb| {
                    let limb = if negative { !limb } else { *limb };
                    (value * Fr::from(1 << 32)) * Fr::from(1 << 32) + Fr::from(limb)
                });
                sum += *factor
                    * if negative {
                        -magnitude - Fr::ONE
                    } else {
                        magnitude
                    };
                assert!(
                    bits(limbs, C::PART_BITS - 1, 60) == if negative { (1 << 60) - 1 } else { 0 }
                );
            }
            assert_eq!(sum, scalar);
        }
    }

    #[test]
    fn the_parts_of_a_scalar_are_short_and_make_it() {
        parts_make_the_scalar::<G1Projective>();
        parts_make_the_scalar::<G2Projective>();
    }
}
