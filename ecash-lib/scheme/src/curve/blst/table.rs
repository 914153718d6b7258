//! Tables of fixed points.
//!
//! A scalar is written in the base of the endomorphism; all its digits are looked up in one table of the multiples
//! j·2^(w·i)·P, 0 < j ≤ 2^(w−1), and the sums of the digits are put together with the endomorphism. So a table covers 64 bits
//! in G2 and 128 in G1, not 255.

use super::affine::{Adder, Affine};
use super::jacobian::Jacobian;
use super::source::Source;
use crate::curve::Width;

/// Multiples of one point of the subgroup.
pub(crate) struct Table<C: Source> {
    layout: Layout,
    /// Window by window, ascending multiples.
    multiples: Vec<Affine<C::Field>>,
}

/// How the digits of a scalar are cut into windows.
#[derive(Clone, Copy)]
struct Layout {
    /// Bits of a window.
    width: u32,
    /// Windows below the last one.
    lower: u32,
    /// Multiples in the last window.
    last: usize,
}

impl Layout {
    /// Windows of `width` bits for digits up to `bound`; the last one is what is left, if that is at most twice as large as
    /// the others.
    const fn new(width: u32, bound: u128) -> Self {
        let mut lower = 0;
        while bound >> (width * lower) >= 1 << width {
            lower += 1;
        }
        Self {
            width,
            lower,
            // total: below 2^width. One more for the carry from below.
            last: (bound >> (width * lower)) as usize + 1,
        }
    }

    const fn windows(&self) -> usize {
        self.lower as usize + 1 // total: a few windows
    }

    /// Multiples in a window below the last one.
    const fn half(&self) -> usize {
        1 << (self.width - 1)
    }
}

impl<C: Source> Table<C> {
    /// One table for each of `points`.
    pub(crate) fn new(points: &[C::Affine], width: Width) -> Vec<Self> {
        let layout = Layout::new(
            match width {
                Width::Small => 6,
                Width::Default => 11,
                Width::Large => 13,
            },
            C::DIGIT_BOUND,
        );
        // Where each window of each point begins: 2^(w·i)·P.
        let mut bases = Vec::new();
        for point in points {
            let mut base = Jacobian::from(C::to_raw(point));
            for _ in 0..layout.lower {
                bases.push(base);
                for _ in 0..layout.width {
                    base = base.double();
                }
            }
            bases.push(base);
        }
        let bases = Jacobian::normalise(&bases);
        let windows = layout.windows();
        let sizes: Vec<usize> = (0..bases.len())
            .map(|window| {
                if window % windows + 1 == windows {
                    layout.last
                } else {
                    layout.half()
                }
            })
            .collect();
        let mut lists: Vec<Vec<Affine<C::Field>>> = bases.iter().map(|base| vec![*base]).collect();
        let mut adder = Adder::new();
        // From P … k·P to P … 2k·P: all additions of a round share their inversions.
        while lists
            .iter()
            .zip(&sizes)
            .any(|(list, size)| list.len() < *size)
        {
            let mut sums = Vec::new();
            let mut addends = Vec::new();
            for (list, size) in lists.iter().zip(&sizes) {
                if let Some(largest) = list.last() {
                    for multiple in list.iter().take(size - list.len()) {
                        sums.push(*multiple);
                        addends.push(*largest);
                    }
                }
            }
            adder.add_each(&mut sums, &addends);
            let mut sums = sums.into_iter();
            for (list, size) in lists.iter_mut().zip(&sizes) {
                let more = list.len().min(size - list.len());
                list.extend(sums.by_ref().take(more));
            }
        }
        lists
            .chunks(windows)
            .map(|lists| Self {
                layout,
                multiples: lists.concat(),
            })
            .collect()
    }

    /// Appends to `points` the multiples that add up to `digit`·P.
    pub(super) fn look_up(&self, digit: i128, points: &mut Vec<Affine<C::Field>>) {
        let Layout { width, lower, .. } = self.layout;
        let half = self.layout.half();
        let negative = digit < 0;
        let mut rest = digit.unsigned_abs();
        let mut begin = 0;
        for _ in 0..lower {
            // total: masked to at most 13 bits.
            let window = (rest & ((1 << width) - 1)) as usize;
            rest >>= width;
            let carry = window > half;
            rest += u128::from(carry);
            let multiple = if carry { 2 * half - window } else { window };
            self.push(begin, multiple, negative != carry, points);
            begin += half;
        }
        // total: below the number of multiples of the last window.
        self.push(begin, rest as usize, negative, points);
    }

    fn push(
        &self,
        begin: usize,
        multiple: usize,
        negative: bool,
        points: &mut Vec<Affine<C::Field>>,
    ) {
        if let Some(index) = multiple.checked_sub(1)
            && let Some(point) = self.multiples.get(begin + index)
        {
            points.push(point.signed(negative));
        }
    }

    /// Memory of the multiples.
    pub(crate) fn size_bytes(&self) -> usize {
        core::mem::size_of_val(self.multiples.as_slice())
    }
}
