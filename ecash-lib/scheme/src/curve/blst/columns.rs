//! Points without tables times public scalars.
//!
//! The digits of each scalar are cut into signed windows, whose values are odd, and the odd multiples of each point are
//! made. What belongs to one bit position of one sum, a column, is added up first, for all positions of all sums at once;
//! then the columns of a sum are put together from the top, by a doubling and an addition each.

use super::affine::{Adder, Affine};
use super::jacobian::Jacobian;
use super::recode::{signed_windows, window_width};
use super::source::{MOST_DIGITS, Source};

/// A point and the digits of its scalar.
pub(super) struct Term<C: Source> {
    /// Index of the sum to which it belongs.
    sum: usize,
    point: Affine<C::Field>,
    digits: [i128; MOST_DIGITS],
    width: u32,
}

impl<C: Source> Term<C> {
    pub(super) fn new(sum: usize, point: &C::Affine, digits: [i128; MOST_DIGITS]) -> Self {
        let bits = digits
            .iter()
            .map(|digit| u128::BITS - digit.unsigned_abs().leading_zeros())
            .sum();
        Self {
            sum,
            point: C::to_raw(point),
            digits,
            width: window_width(bits),
        }
    }

    /// Odd multiples that are needed.
    const fn multiples(&self) -> usize {
        1 << (self.width - 2)
    }
}

/// For each bit position and each sum, what belongs there: a sum is Σ 2^position · column.
pub(super) struct Columns<C: Source> {
    /// Number of sums.
    sums: usize,
    /// The points of all columns.
    points: Vec<Affine<C::Field>>,
    /// Number of points of each column: position by position from the lowest, in each the sums in their order.
    lengths: Vec<usize>,
}

/// One signed multiple and the column to which it belongs.
struct Entry {
    column: usize,
    /// Position of the digit of its scalar: how often the endomorphism is applied.
    digit: usize,
    multiple: usize,
    negative: bool,
}

impl<C: Source> Columns<C> {
    pub(super) fn new(terms: &[Term<C>], sums: usize, adder: &mut Adder<C::Field>) -> Self {
        let mut entries = Vec::new();
        let mut first = 0;
        for term in terms {
            for (digit, value) in term.digits.iter().enumerate() {
                signed_windows(*value, term.width, |position, window| {
                    entries.push(Entry {
                        column: position * sums + term.sum,
                        digit,
                        multiple: first + usize::from(window.unsigned_abs()) / 2,
                        negative: window < 0,
                    });
                });
            }
            first += term.multiples();
        }
        let last = entries.iter().map(|entry| entry.column).max();
        let columns = last.map_or(0, |last| (last / sums + 1) * sums);
        let mut lengths = vec![0; columns];
        for entry in &entries {
            if let Some(length) = lengths.get_mut(entry.column) {
                *length += 1;
            }
        }
        let mut next = Vec::with_capacity(columns);
        let mut begin = 0;
        for length in &lengths {
            next.push(begin);
            begin += length;
        }
        let multiples = Self::with_endomorphism(odd_multiples(terms, adder), &entries);
        let mut points = vec![Affine::INFINITY; entries.len()];
        for entry in &entries {
            let multiple = multiples
                .get(entry.digit)
                .and_then(|multiples| multiples.get(entry.multiple));
            if let Some(place) = next.get_mut(entry.column)
                && let Some(to) = points.get_mut(*place)
                && let Some(multiple) = multiple
            {
                *to = multiple.signed(entry.negative);
                *place += 1;
            }
        }
        Self {
            sums,
            points,
            lengths,
        }
    }

    /// The multiples, and their images under every power of the endomorphism that is needed.
    fn with_endomorphism(
        multiples: Vec<Affine<C::Field>>,
        entries: &[Entry],
    ) -> Vec<Vec<Affine<C::Field>>> {
        let most = entries.iter().map(|entry| entry.digit).max().unwrap_or(0);
        let mut all = vec![multiples];
        for _ in 0..most {
            if let Some(last) = all.last() {
                all.push(last.iter().map(C::endomorphism).collect());
            }
        }
        all
    }

    /// The sums, one after the other. Columns are added up beforehand while that is faster.
    pub(super) fn one_by_one(mut self, adder: &mut Adder<C::Field>) -> Vec<Jacobian<C::Field>> {
        let columns = adder.shrink_each(&mut self.points, &self.lengths, C::FEWEST_PAIRS);
        let mut chains = vec![Jacobian::INFINITY; self.sums];
        for columns in columns.chunks(self.sums).rev() {
            let (pairs, last) = chains.as_chunks_mut::<2>();
            for [chain, other] in pairs {
                Jacobian::double_two(chain, other);
            }
            for chain in last {
                *chain = chain.double();
            }
            for (chain, column) in chains.iter_mut().zip(columns) {
                let points = self.points.get(column.clone()).unwrap_or_default(); // total: a range of the points
                for point in points {
                    *chain = chain.add(point);
                }
            }
        }
        chains
    }

    /// The sums, all in lockstep: a doubling costs as much as in Jacobian coordinates, an addition half.
    pub(super) fn in_lockstep(mut self, adder: &mut Adder<C::Field>) -> Vec<Affine<C::Field>> {
        let columns = adder.sum_each(&mut self.points, &self.lengths);
        let mut chains = vec![Affine::INFINITY; self.sums];
        for columns in columns.chunks(self.sums).rev() {
            adder.double_each(&mut chains);
            adder.add_each(&mut chains, columns);
        }
        chains
    }
}

/// P, 3P, 5P, … for every term, as many as it needs, side by side.
fn odd_multiples<C: Source>(
    terms: &[Term<C>],
    adder: &mut Adder<C::Field>,
) -> Vec<Affine<C::Field>> {
    let total = terms.iter().map(Term::multiples).sum();
    let mut multiples = vec![Affine::INFINITY; total];
    let mut rest = multiples.as_mut_slice();
    let mut growing = Vec::with_capacity(terms.len());
    let mut evens = Vec::with_capacity(terms.len());
    for term in terms {
        let (list, tail) = rest.split_at_mut(term.multiples());
        rest = tail;
        if let Some(first) = list.first_mut() {
            *first = term.point;
        }
        evens.push(term.point);
        growing.push(list);
    }
    // From k odd multiples P … (2k − 1)·P to twice as many: by adding 2k·P to each.
    let mut known = 1;
    loop {
        let mut index = 0;
        evens.retain(|_| {
            index += 1;
            growing
                .get(index - 1)
                .is_some_and(|list| list.len() > known)
        });
        growing.retain(|list| list.len() > known);
        if growing.is_empty() {
            return multiples;
        }
        adder.double_each(&mut evens);
        let mut sums = Vec::with_capacity(growing.len() * known);
        let mut addends = Vec::with_capacity(growing.len() * known);
        for (list, even) in growing.iter().zip(&evens) {
            sums.extend(list.iter().take(known));
            addends.extend(core::iter::repeat_n(*even, known));
        }
        adder.add_each(&mut sums, &addends);
        for (list, sums) in growing.iter_mut().zip(sums.chunks(known)) {
            for (to, sum) in list.iter_mut().skip(known).zip(sums) {
                *to = *sum;
            }
        }
        known *= 2;
    }
}
