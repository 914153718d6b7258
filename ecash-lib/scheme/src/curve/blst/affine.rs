//! Affine points and their addition in batches that share one inversion: 5 multiplications and 1 squaring an addition,
//! against 11 + 5 for the complete addition of a point to a projective one.
//!
//! Additions are complete: infinity, equal and opposite points are handled, so the points may be chosen by an adversary.
//! Variable time.

use core::ops::Range;

use super::field::Field;

/// Additions that share an inversion: more need more cache than the inversion costs.
const BLOCK: usize = 512;

/// A point (x, y) of y² = x³ + b; infinity is (0, 0), which is not on the curves.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) struct Affine<F> {
    pub(crate) x: F,
    pub(crate) y: F,
}

impl<F: Field> Affine<F> {
    pub(crate) const INFINITY: Self = Self {
        x: F::ZERO,
        y: F::ZERO,
    };

    pub(crate) fn is_infinity(&self) -> bool {
        self.x.is_zero() && self.y.is_zero()
    }

    pub(crate) fn neg(&self) -> Self {
        Self {
            x: self.x,
            y: self.y.neg(),
        }
    }

    /// −P or P.
    #[inline(always)]
    pub(crate) fn signed(&self, negative: bool) -> Self {
        if negative { self.neg() } else { *self }
    }
}

/// What an addition comes to.
#[derive(Clone, Copy)]
enum Case {
    /// Different x.
    Chord,
    /// Equal points.
    Tangent,
    /// The first point: the other is infinity.
    First,
    /// The second point: the other is infinity.
    Second,
    /// Opposite points.
    Infinity,
}

/// One addition under way: its case, the denominator of its slope and the product of all denominators prepared before it.
struct Step<F> {
    case: Case,
    denominator: F,
    before: F,
}

/// A pair of neighbours in a list of points, and where their sum goes: not after the first of them.
#[derive(Clone, Copy)]
struct Pair {
    first: usize,
    to: usize,
}

/// Room for batches of additions, reused from call to call.
pub(crate) struct Adder<F> {
    steps: Vec<Step<F>>,
    pairs: Vec<Pair>,
}

impl<F: Field> Adder<F> {
    pub(crate) const fn new() -> Self {
        Self {
            steps: Vec::new(),
            pairs: Vec::new(),
        }
    }

    /// sums[i] += addends[i].
    pub(crate) fn add_each(&mut self, sums: &mut [Affine<F>], addends: &[Affine<F>]) {
        for (sums, addends) in sums.chunks_mut(BLOCK).zip(addends.chunks(BLOCK)) {
            self.steps.clear();
            let mut product = F::ONE;
            self.steps.reserve(sums.len());
            for (sum, addend) in sums.iter().zip(addends) {
                self.steps.push(Step::new(sum, addend, &mut product));
            }
            let mut inverse = product.invert();
            let pairs = sums.iter_mut().zip(addends).rev();
            for ((sum, addend), step) in pairs.zip(self.steps.iter().rev()) {
                *sum = step.finish(sum, addend, &mut inverse);
            }
        }
    }

    /// points[i] = 2·points[i].
    pub(crate) fn double_each(&mut self, points: &mut [Affine<F>]) {
        for points in points.chunks_mut(BLOCK) {
            self.steps.clear();
            let mut product = F::ONE;
            self.steps.reserve(points.len());
            for point in points.iter() {
                self.steps.push(Step::doubling(point, &mut product));
            }
            let mut inverse = product.invert();
            for (point, step) in points.iter_mut().zip(&self.steps).rev() {
                *point = step.finish(point, point, &mut inverse);
            }
        }
    }

    /// The sum of each of the lists that lie side by side in `points` and have these lengths; `points` is used up.
    pub(crate) fn sum_each(
        &mut self,
        points: &mut [Affine<F>],
        lengths: &[usize],
    ) -> Vec<Affine<F>> {
        self.shrink_each(points, lengths, 1)
            .into_iter()
            .map(|list| points.get(list)?.first().copied())
            .map(|sum| sum.unwrap_or(Affine::INFINITY))
            .collect()
    }

    /// Shortens the lists that lie side by side in `points` and have these lengths by adding up neighbours, as long as there
    /// are at least `fewest` pairs to share an inversion, `fewest` > 0. Returns where the lists now are; they keep their sums.
    pub(crate) fn shrink_each(
        &mut self,
        points: &mut [Affine<F>],
        lengths: &[usize],
        fewest: usize,
    ) -> Vec<Range<usize>> {
        let mut pairs = core::mem::take(&mut self.pairs);
        let mut end = 0;
        let mut lists: Vec<Range<usize>> = lengths
            .iter()
            .map(|length| {
                let begin = end;
                end += length;
                begin..end
            })
            .collect();
        loop {
            pairs.clear();
            for list in &lists {
                pairs.extend((0..list.len() / 2).map(|pair| Pair {
                    first: list.start + 2 * pair,
                    to: list.start + pair,
                }));
            }
            if pairs.len() < fewest {
                break;
            }
            self.add_pairs(points, &pairs);
            for list in &mut lists {
                let half = list.len() / 2;
                if list.len() % 2 == 1 {
                    if let Some(odd) = points.get(list.end - 1).copied()
                        && let Some(to) = points.get_mut(list.start + half)
                    {
                        *to = odd;
                    }
                    list.end = list.start + half + 1;
                } else {
                    list.end = list.start + half;
                }
            }
        }
        self.pairs = pairs;
        lists
    }

    /// The denominators are multiplied from the last pair to the first, so that the sums come in the order of the pairs and
    /// none is written before its place was read.
    fn add_pairs(&mut self, points: &mut [Affine<F>], pairs: &[Pair]) {
        for pairs in pairs.chunks(BLOCK) {
            self.steps.clear();
            let mut product = F::ONE;
            self.steps.reserve(pairs.len());
            for pair in pairs.iter().rev() {
                if let Some([first, second]) = neighbours(points, pair.first) {
                    self.steps.push(Step::new(first, second, &mut product));
                }
            }
            let mut inverse = product.invert();
            for (pair, step) in pairs.iter().zip(self.steps.iter().rev()) {
                if let Some([first, second]) = neighbours(points, pair.first) {
                    let sum = step.finish(first, second, &mut inverse);
                    if let Some(to) = points.get_mut(pair.to) {
                        *to = sum;
                    }
                }
            }
        }
    }
}

fn neighbours<F>(points: &[Affine<F>], first: usize) -> Option<&[Affine<F>; 2]> {
    points.get(first..)?.first_chunk()
}

impl<F: Field> Step<F> {
    /// Sorts an addition into its case and multiplies its denominator to the product of those before it.
    #[inline(always)]
    fn new(first: &Affine<F>, second: &Affine<F>, product: &mut F) -> Self {
        let before = *product;
        let mut denominator = second.x.sub(&first.x);
        let case = if first.is_infinity() {
            Case::Second
        } else if second.is_infinity() {
            Case::First
        } else if denominator.is_zero() {
            denominator = first.y.add(&second.y);
            if denominator.is_zero() {
                Case::Infinity
            } else {
                *product = product.mul(&denominator);
                Case::Tangent
            }
        } else {
            *product = product.mul(&denominator);
            Case::Chord
        };
        Self {
            case,
            denominator,
            before,
        }
    }

    /// The same for the sum of a point with itself.
    #[inline(always)]
    fn doubling(point: &Affine<F>, product: &mut F) -> Self {
        let before = *product;
        let denominator = point.y.double();
        let case = if denominator.is_zero() {
            Case::Infinity
        } else {
            *product = product.mul(&denominator);
            Case::Tangent
        };
        Self {
            case,
            denominator,
            before,
        }
    }

    /// The sum of the two points. `inverse` is that of the product up to this denominator, and becomes that of the product
    /// before it.
    #[inline(always)]
    fn finish(&self, first: &Affine<F>, second: &Affine<F>, inverse: &mut F) -> Affine<F> {
        let numerator = match self.case {
            Case::Chord => second.y.sub(&first.y),
            Case::Tangent => {
                let square = first.x.square();
                square.double().add(&square)
            }
            Case::First => return *first,
            Case::Second => return *second,
            Case::Infinity => return Affine::INFINITY,
        };
        let slope = inverse.mul(&self.before).mul(&numerator);
        *inverse = inverse.mul(&self.denominator);
        let x = slope.square().sub(&first.x).sub(&second.x);
        let y = slope.mul(&first.x.sub(&x)).sub(&first.y);
        Affine { x, y }
    }
}
