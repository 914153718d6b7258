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

/// One addition under way: its case, the denominator of its slope and the product of the denominators prepared before it.
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
    /// Products of denominators, that of the next step first: steps take turns, so that two multiplications are under way.
    products: [F; 2],
}

impl<F: Field> Adder<F> {
    pub(crate) const fn new() -> Self {
        Self {
            steps: Vec::new(),
            pairs: Vec::new(),
            products: [F::ONE; 2],
        }
    }

    /// sums[i] += addends[i].
    pub(crate) fn add_each(&mut self, sums: &mut [Affine<F>], addends: &[Affine<F>]) {
        for (sums, addends) in sums.chunks_mut(BLOCK).zip(addends.chunks(BLOCK)) {
            self.begin(sums.len());
            for (sum, addend) in sums.iter().zip(addends) {
                self.prepare(sum, addend);
            }
            let mut inverses = self.inverses();
            let (steps, last_step) = self.steps.as_chunks::<2>();
            let (sums, last_sum) = sums.as_chunks_mut::<2>();
            let (addends, last_addend) = addends.as_chunks::<2>();
            if let ([step], [sum], [addend]) = (last_step, last_sum, last_addend) {
                *sum = step.finish(sum, addend, &mut inverses[0]);
            }
            let pairs = sums.iter_mut().zip(addends).zip(steps).rev();
            for ((sums, addends), steps) in pairs {
                *sums = finish_two(steps, sums.each_ref(), addends.each_ref(), &mut inverses);
            }
        }
    }

    /// points[i] = 2·points[i].
    pub(crate) fn double_each(&mut self, points: &mut [Affine<F>]) {
        for points in points.chunks_mut(BLOCK) {
            self.begin(points.len());
            for point in points.iter() {
                let [product, other] = &mut self.products;
                self.steps.push(Step::doubling(point, product));
                core::mem::swap(product, other);
            }
            let mut inverses = self.inverses();
            let (steps, last_step) = self.steps.as_chunks::<2>();
            let (points, last_point) = points.as_chunks_mut::<2>();
            if let ([step], [point]) = (last_step, last_point) {
                *point = step.finish(point, point, &mut inverses[0]);
            }
            for (points, steps) in points.iter_mut().zip(steps).rev() {
                let both = points.each_ref();
                *points = finish_two(steps, both, both, &mut inverses);
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
            self.begin(pairs.len());
            for pair in pairs.iter().rev() {
                if let Some([first, second]) = neighbours(points, *pair) {
                    self.prepare(first, second);
                }
            }
            let mut inverses = self.inverses();
            let (steps, last) = self.steps.as_chunks::<2>();
            let (first, pairs) = pairs.split_at(last.len());
            if let ([step], [pair]) = (last, first)
                && let Some([first, second]) = neighbours(points, *pair)
            {
                let sum = step.finish(first, second, &mut inverses[0]);
                write(points, pair.to, sum);
            }
            let (pairs, _) = pairs.as_chunks::<2>();
            for ([pair, next], steps) in pairs.iter().zip(steps.iter().rev()) {
                if let Some([first, second]) = neighbours(points, *pair)
                    && let Some([next_first, next_second]) = neighbours(points, *next)
                {
                    let firsts = [next_first, first];
                    let seconds = [next_second, second];
                    let [next_sum, sum] = finish_two(steps, firsts, seconds, &mut inverses);
                    write(points, pair.to, sum);
                    write(points, next.to, next_sum);
                }
            }
        }
    }

    /// Makes room for a block of additions.
    fn begin(&mut self, count: usize) {
        self.steps.clear();
        self.steps.reserve(count);
        self.products = [F::ONE; 2];
    }

    /// Prepares the next addition.
    #[inline(always)]
    fn prepare(&mut self, first: &Affine<F>, second: &Affine<F>) {
        let [product, other] = &mut self.products;
        self.steps.push(Step::new(first, second, product));
        core::mem::swap(product, other);
    }

    /// The inverses of the products of the steps with even and with odd index.
    fn inverses(&self) -> [F; 2] {
        let [next, other] = self.products;
        let inverse = next.mul(&other).invert();
        let inverses = [inverse.mul(&other), inverse.mul(&next)];
        let [of_next, of_other] = inverses;
        // The product of the even steps is next again after an even number of them.
        if self.steps.len().is_multiple_of(2) {
            [of_next, of_other]
        } else {
            [of_other, of_next]
        }
    }
}

/// The two points of a pair; there always are two, because pairs are made from lists within the points.
#[inline(always)]
fn neighbours<F>(points: &[Affine<F>], pair: Pair) -> Option<&[Affine<F>; 2]> {
    points.get(pair.first..)?.first_chunk()
}

#[inline(always)]
fn write<F>(points: &mut [Affine<F>], to: usize, sum: Affine<F>) {
    if let Some(to) = points.get_mut(to) {
        *to = sum;
    }
}

/// The sums of two pairs of points, the first by a step with even index. Each multiplication of the one runs while that of
/// the other is under way: alone, each would wait for the one before.
#[inline(always)]
fn finish_two<F: Field>(
    steps: &[Step<F>; 2],
    firsts: [&Affine<F>; 2],
    seconds: [&Affine<F>; 2],
    inverses: &mut [F; 2],
) -> [Affine<F>; 2] {
    let ([step_a, step_b], [a, b], [other_a, other_b]) = (steps, firsts, seconds);
    let [inverse_a, inverse_b] = inverses;
    let (Some(numerator_a), Some(numerator_b)) =
        (step_a.numerator(a, other_a), step_b.numerator(b, other_b))
    else {
        return [
            step_a.finish(a, other_a, inverse_a),
            step_b.finish(b, other_b, inverse_b),
        ];
    };
    let slope_a = inverse_a.mul(&step_a.before);
    let slope_b = inverse_b.mul(&step_b.before);
    *inverse_a = inverse_a.mul(&step_a.denominator);
    *inverse_b = inverse_b.mul(&step_b.denominator);
    let slope_a = slope_a.mul(&numerator_a);
    let slope_b = slope_b.mul(&numerator_b);
    let x_a = slope_a.square().sub(&a.x).sub(&other_a.x);
    let x_b = slope_b.square().sub(&b.x).sub(&other_b.x);
    let y_a = slope_a.mul(&a.x.sub(&x_a)).sub(&a.y);
    let y_b = slope_b.mul(&b.x.sub(&x_b)).sub(&b.y);
    [Affine { x: x_a, y: y_a }, Affine { x: x_b, y: y_b }]
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
        let Some(numerator) = self.numerator(first, second) else {
            return match self.case {
                Case::First => *first,
                Case::Second => *second,
                Case::Chord | Case::Tangent | Case::Infinity => Affine::INFINITY,
            };
        };
        let slope = inverse.mul(&self.before).mul(&numerator);
        *inverse = inverse.mul(&self.denominator);
        let x = slope.square().sub(&first.x).sub(&second.x);
        let y = slope.mul(&first.x.sub(&x)).sub(&first.y);
        Affine { x, y }
    }

    /// The numerator of the slope, where there is a slope.
    #[inline(always)]
    fn numerator(&self, first: &Affine<F>, second: &Affine<F>) -> Option<F> {
        match self.case {
            Case::Chord => Some(second.y.sub(&first.y)),
            Case::Tangent => {
                let square = first.x.square();
                Some(square.double().add(&square))
            }
            Case::First | Case::Second | Case::Infinity => None,
        }
    }
}
