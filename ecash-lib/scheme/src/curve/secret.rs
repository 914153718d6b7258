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

use core::hint::black_box;
use core::ops::{Deref, DerefMut};
use core::sync::atomic::{Ordering, compiler_fence};

use group::prime::PrimeCurve;
use group::prime::PrimeCurveAffine;
use zeroize::{DefaultIsZeroes, Zeroizing};

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
    /// Additions from which [`SecretCurve::add_neighbours`] is faster than [`SecretCurve::add_entry`].
    const TOGETHER_FROM: usize;

    /// k = Σ partⱼ·ηʲ, η the factor by which [`SecretCurve::endomorphism`] multiplies.
    fn split(scalar: &Fr) -> Zeroizing<Parts>;
    /// ηʲ·P.
    fn endomorphism(power: usize, point: &Self::Entry) -> Self::Entry;
    /// The entry `magnitude` − 1 of `row`, infinity for 0; negated if `negative` is 1. Reads all entries.
    fn select(row: &[Self::Entry], magnitude: u64, negative: u64) -> Self::Entry;
    /// P₀ + P₁, P₂ + P₃, …: neighbours added, whatever the points are.
    fn add_neighbours(points: &[Self::Entry]) -> Wiped<Self::Entry>;
    /// An affine point as an entry.
    fn entry(point: &Self::Affine) -> Self::Entry;
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
        let bases = if rows == 1 {
            let mut entries = Wiped::with_capacity(points.len());
            entries.extend(points.iter().map(C::entry));
            entries
        } else {
            C::entries(&bases)
        };
        let multiples = multiples::<C>(&bases, shape.row_length());
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

    /// Number of points that are selected and added.
    fn size(&self) -> usize {
        let selected = |(table, exponent): &(&SecretTable<C>, Exponent)| {
            exponent.used * exponent.windows(table.shape)
        };
        self.terms.iter().map(selected).sum::<usize>() + self.plain.len()
    }
}

impl Exponent {
    const fn windows(&self, shape: Shape) -> usize {
        self.bits.div_ceil(shape.window)
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
        // Volatile writes go through a call for each point. A plain fill is as good, if what it wrote is looked at.
        self.0.fill(T::default());
        compiler_fence(Ordering::SeqCst);
        black_box(self.0.as_slice());
    }
}

/// Points that are computed with together; more need more cache than they save.
const BLOCK: usize = 4096;

/// All sums, in affine form. Everything that can share an inversion does.
pub(crate) fn secret_sums<C: SecretCurve>(sums: &[SecretSum<'_, C>]) -> Vec<C::Affine> {
    let mut results = Vec::with_capacity(sums.len());
    let mut rest = sums;
    while !rest.is_empty() {
        let mut points = 0;
        let fitting = rest.iter().take_while(|sum| {
            points += sum.size();
            points <= BLOCK
        });
        let count = fitting.count().max(1);
        let (block, tail) = rest.split_at(count);
        let mut selected = Runs::select(block);
        selected.add_up();
        let mut columns = selected.join_parts(block);
        columns.add_up();
        results.extend(C::affine(&columns.horner()));
        rest = tail;
    }
    results
}

/// What the sum of a run still lacks.
#[derive(Clone, Copy)]
struct Key {
    /// Position of the sum it belongs to.
    sum: usize,
    /// The power of two.
    shift: usize,
    /// The power of the endomorphism.
    part: usize,
}

/// Points to add up, run after run.
struct Runs<C: SecretCurve> {
    keys: Vec<Key>,
    lengths: Vec<usize>,
    points: Wiped<C::Entry>,
}

impl<C: SecretCurve> Runs<C> {
    fn with_capacity(points: usize) -> Self {
        Self {
            keys: Vec::new(),
            lengths: Vec::new(),
            points: Wiped::with_capacity(points),
        }
    }

    /// One selected point for each window of each part in use, those with the same key side by side.
    fn select(sums: &[SecretSum<'_, C>]) -> Self {
        let mut runs = Self::with_capacity(sums.iter().map(SecretSum::size).sum());
        for (position, sum) in sums.iter().enumerate() {
            let start = runs.points.len();
            let mut places = runs.open(position, sum);
            let (_, points) = runs.points.split_at_mut(start);
            for (table, exponent) in &sum.terms {
                look_up(table, exponent, |slot, point| {
                    if let Some(place) = places.get_mut(slot) {
                        if let Some(to) = points.get_mut(*place) {
                            *to = point;
                        }
                        *place += 1;
                    }
                });
            }
        }
        runs
    }

    /// Makes room for the points of a sum: for each slot (shift and part), where it begins among them.
    fn open(&mut self, position: usize, sum: &SecretSum<'_, C>) -> Vec<usize> {
        let mut counts = Vec::new();
        for (table, exponent) in &sum.terms {
            for (column, part) in places(table.shape, exponent) {
                let slot = slot::<C>(column * table.shape.window, part);
                if counts.len() <= slot {
                    counts.resize(slot + 1, 0);
                }
                if let Some(count) = counts.get_mut(slot) {
                    *count += 1;
                }
            }
        }
        let mut total = 0;
        for (slot, count) in counts.iter_mut().enumerate() {
            let length = core::mem::replace(count, total);
            total += length;
            if length > 0 {
                self.keys.push(Key {
                    sum: position,
                    shift: slot / C::PARTS,
                    part: slot % C::PARTS,
                });
                self.lengths.push(length);
            }
        }
        let infinity = C::Entry::default();
        self.points.extend(core::iter::repeat_n(infinity, total));
        counts
    }

    /// Adds neighbours in every run until so few are left that the inversion costs more than it saves.
    fn add_up(&mut self) {
        let pairs = |lengths: &[usize]| lengths.iter().map(|length| length / 2).sum::<usize>();
        while pairs(&self.lengths) >= C::TOGETHER_FROM {
            if self.lengths.iter().all(|length| length.is_multiple_of(2)) {
                self.points = C::add_neighbours(&self.points);
                self.lengths.iter_mut().for_each(|length| *length /= 2);
                continue;
            }
            let mut neighbours = Wiped::with_capacity(self.points.len());
            let mut rest = self.points.as_slice();
            for length in &self.lengths {
                let (run, tail) = rest.split_at(*length);
                neighbours.extend_from_slice(run.as_chunks::<2>().0.as_flattened());
                rest = tail;
            }
            let sums = C::add_neighbours(&neighbours);
            let mut sums = sums.iter();
            let mut shorter = Wiped::with_capacity(self.points.len());
            let mut rest = self.points.as_slice();
            for length in &mut self.lengths {
                let (run, tail) = rest.split_at(*length);
                shorter.extend(sums.by_ref().take(*length / 2));
                shorter.extend_from_slice(run.as_chunks::<2>().1);
                *length = length.div_ceil(2);
                rest = tail;
            }
            self.points = shorter;
        }
    }

    /// Each run's key and points.
    fn iter(&self) -> impl DoubleEndedIterator<Item = (Key, &[C::Entry])> {
        let mut end = 0;
        let ends: Vec<_> = self
            .lengths
            .iter()
            .map(|length| {
                end += length;
                (end - length, end)
            })
            .collect();
        self.keys.iter().zip(ends).map(|(key, (start, end))| {
            // total: the lengths add up to the number of points.
            (*key, self.points.get(start..end).unwrap_or(&[]))
        })
    }

    /// Brings the parts of each column together, and the plain points into the lowest column of their sum.
    fn join_parts(&self, sums: &[SecretSum<'_, C>]) -> Self {
        let plain: usize = sums.iter().map(|sum| sum.plain.len()).sum();
        let mut joined = Self::with_capacity(self.points.len() + plain);
        let mut parts = self.iter().peekable();
        for (position, sum) in sums.iter().enumerate() {
            let mut key = Key {
                sum: position,
                shift: 0,
                part: 0,
            };
            let mut start = joined.points.len();
            joined.points.extend(sum.plain.iter().map(C::entry));
            while let Some((part, points)) = parts.next_if(|(key, _)| key.sum == position) {
                if part.shift != key.shift {
                    joined.close(key, start);
                    start = joined.points.len();
                    key.shift = part.shift;
                }
                let images = points.iter().map(|point| C::endomorphism(part.part, point));
                joined.points.extend(images);
            }
            joined.close(key, start);
        }
        joined
    }

    /// Ends the run that begins at `start`.
    fn close(&mut self, key: Key, start: usize) {
        self.keys.push(key);
        self.lengths.push(self.points.len() - start);
    }

    /// Σ 2^shift·(column) for each sum.
    fn horner(self) -> Wiped<C::Entry> {
        let single = self.lengths.iter().all(|length| *length == 1);
        if single && self.keys.iter().all(|key| key.shift == 0) {
            return self.points;
        }
        let mut sums: Vec<C> = Vec::with_capacity(self.keys.len());
        let mut above = 0;
        for (key, column) in self.iter().rev() {
            if above == 0 {
                sums.push(C::identity());
            }
            if let Some(sum) = sums.last_mut() {
                (key.shift..above).for_each(|_| *sum = sum.double());
                for point in column {
                    *sum = C::add_entry(sum, point);
                }
            }
            above = key.shift;
        }
        sums.reverse();
        C::entries(&sums)
    }
}

/// Where the points of a shift and a part are counted.
const fn slot<C: SecretCurve>(shift: usize, part: usize) -> usize {
    shift * C::PARTS + part
}

/// Column and part of every window in use.
fn places(shape: Shape, exponent: &Exponent) -> impl Iterator<Item = (usize, usize)> {
    let windows = exponent.windows(shape);
    (0..exponent.used)
        .flat_map(move |part| (0..windows).map(move |window| (window % shape.columns, part)))
}

/// Hands out one selected point for each window of each part in use, with its slot.
fn look_up<C: SecretCurve>(
    table: &SecretTable<C>,
    exponent: &Exponent,
    mut take: impl FnMut(usize, C::Entry),
) {
    let Shape { window, columns } = table.shape;
    let windows = exponent.windows(table.shape);
    for (part, limbs) in exponent.parts.iter().take(exponent.used).enumerate() {
        let rows = table.entries.chunks(table.shape.row_length());
        for (row, first) in rows.zip((0..windows).step_by(columns)) {
            for column in 0..columns.min(windows - first) {
                let (magnitude, negative) = digit(limbs, (first + column) * window, window);
                let point = C::select(row, magnitude, negative);
                take(slot::<C>(column * window, part), point);
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
