//! Affine points and their addition in batches that share one inversion: 5 multiplications and 1 squaring an addition,
//! against 11 + 5 for the complete addition of a point to a projective one.
//!
//! Additions are complete: infinity, equal and opposite points are handled, so the points may be chosen by an adversary.
//! Variable time.

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

/// One addition under way: its case, the denominator of its slope and the product of all denominators before it.
struct Step<F> {
    case: Case,
    denominator: F,
    before: F,
}

/// Room for batches of additions, reused from call to call.
pub(crate) struct Adder<F> {
    steps: Vec<Step<F>>,
}

impl<F: Field> Adder<F> {
    pub(crate) fn new() -> Self {
        Self { steps: Vec::new() }
    }

    /// sums[i] += addends[i].
    pub(crate) fn add_each(&mut self, sums: &mut [Affine<F>], addends: &[Affine<F>]) {
        for (sums, addends) in sums.chunks_mut(BLOCK).zip(addends.chunks(BLOCK)) {
            let product = self.prepare(sums.iter().zip(addends));
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
            let product = self.prepare(points.iter().map(|point| (point, point)));
            let mut inverse = product.invert();
            for (point, step) in points.iter_mut().rev().zip(self.steps.iter().rev()) {
                *point = step.finish(point, point, &mut inverse);
            }
        }
    }

    /// The sum of each list of `lists`, which all are lengths of consecutive runs of `points`: neighbours are added until
    /// one point is left of each. `points` is used up.
    pub(crate) fn sum_each(
        &mut self,
        points: &mut Vec<Affine<F>>,
        lengths: &[usize],
    ) -> Vec<Affine<F>> {
        let mut lengths = lengths.to_vec();
        let mut next: Vec<Affine<F>> = Vec::with_capacity(points.len().div_ceil(2) + lengths.len());
        let mut firsts: Vec<Affine<F>> = Vec::new();
        let mut seconds: Vec<Affine<F>> = Vec::new();
        while lengths.iter().any(|length| *length > 1) {
            firsts.clear();
            seconds.clear();
            let mut rest = points.as_slice();
            for length in &lengths {
                let (list, tail) = rest.split_at(*length);
                rest = tail;
                let (pairs, _) = list.as_chunks::<2>();
                for [first, second] in pairs {
                    firsts.push(*first);
                    seconds.push(*second);
                }
            }
            self.add_each(&mut firsts, &seconds);
            next.clear();
            let mut rest = points.as_slice();
            let mut sums = firsts.iter();
            for length in &mut lengths {
                let (list, tail) = rest.split_at(*length);
                rest = tail;
                let (pairs, odd) = list.as_chunks::<2>();
                next.extend(sums.by_ref().take(pairs.len()));
                next.extend(odd);
                *length = length.div_ceil(2);
            }
            core::mem::swap(points, &mut next);
        }
        let mut rest = points.iter();
        lengths
            .iter()
            .map(|length| match length {
                0 => Affine::INFINITY,
                _ => rest.next().copied().unwrap_or(Affine::INFINITY),
            })
            .collect()
    }

    /// Sorts the additions into cases and multiplies their denominators.
    fn prepare<'a>(&mut self, pairs: impl Iterator<Item = (&'a Affine<F>, &'a Affine<F>)>) -> F {
        self.steps.clear();
        let mut product = F::ONE;
        for (first, second) in pairs {
            let mut denominator = second.x.sub(&first.x);
            let mut case = Case::Chord;
            if first.is_infinity() {
                case = Case::Second;
            } else if second.is_infinity() {
                case = Case::First;
            } else if denominator.is_zero() {
                denominator = first.y.add(&second.y);
                case = if denominator.is_zero() {
                    Case::Infinity
                } else {
                    Case::Tangent
                };
            }
            self.steps.push(Step {
                case,
                denominator,
                before: product,
            });
            if matches!(case, Case::Chord | Case::Tangent) {
                product = product.mul(&denominator);
            }
        }
        product
    }
}

impl<F: Field> Step<F> {
    /// The sum of the two points. `inverse` is that of the product up to this denominator, and becomes that of the
    /// product before it.
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
