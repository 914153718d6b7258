//! Points in Jacobian coordinates, for chains of doublings that are too few to share inversions. Variable time.

use super::affine::Affine;
use super::field::Field;

/// The point (x/z², y/z³); infinity for z = 0.
#[derive(Clone, Copy)]
pub(crate) struct Jacobian<F> {
    x: F,
    y: F,
    z: F,
}

impl<F: Field> From<Affine<F>> for Jacobian<F> {
    fn from(point: Affine<F>) -> Self {
        Self {
            x: point.x,
            y: point.y,
            z: if point.is_infinity() { F::ZERO } else { F::ONE },
        }
    }
}

impl<F: Field> Jacobian<F> {
    pub(super) const INFINITY: Self = Self {
        x: F::ZERO,
        y: F::ZERO,
        z: F::ZERO,
    };

    pub(super) const fn coordinates(&self) -> (F, F, F) {
        (self.x, self.y, self.z)
    }

    /// 2·P, for all points. Cost: 2 multiplications, 5 squarings, in an order in which few wait for the one before.
    pub(super) fn double(&self) -> Self {
        let b = self.y.square();
        let a = self.x.square();
        let xb = self.x.add(&b).square();
        let e = a.double().add(&a);
        let f = e.square();
        let c = b.square();
        let d = xb.sub(&a).sub(&c).double();
        let x = f.sub(&d.double());
        let y = e.mul(&d.sub(&x)).sub(&c.double().double().double());
        let z = self.y.mul(&self.z).double();
        Self { x, y, z }
    }

    /// Doubles two points: each multiplication of the one runs while that of the other is under way.
    pub(super) fn double_two(p: &mut Self, q: &mut Self) {
        let (pb, qb) = (p.y.square(), q.y.square());
        let (pa, qa) = (p.x.square(), q.x.square());
        let (pxb, qxb) = (p.x.add(&pb).square(), q.x.add(&qb).square());
        let (pe, qe) = (pa.double().add(&pa), qa.double().add(&qa));
        let (pf, qf) = (pe.square(), qe.square());
        let (pc, qc) = (pb.square(), qb.square());
        let pd = pxb.sub(&pa).sub(&pc).double();
        let qd = qxb.sub(&qa).sub(&qc).double();
        let (px, qx) = (pf.sub(&pd.double()), qf.sub(&qd.double()));
        let (pz, qz) = (p.y.mul(&p.z).double(), q.y.mul(&q.z).double());
        p.y = pe.mul(&pd.sub(&px)).sub(&pc.double().double().double());
        q.y = qe.mul(&qd.sub(&qx)).sub(&qc.double().double().double());
        (p.x, q.x) = (px, qx);
        (p.z, q.z) = (pz, qz);
    }

    /// P + Q, for all points. Cost: 7 multiplications, 4 squarings.
    pub(super) fn add(&self, other: &Affine<F>) -> Self {
        if other.is_infinity() {
            return *self;
        }
        if self.z.is_zero() {
            return (*other).into();
        }
        let zz = self.z.square();
        let h = other.x.mul(&zz).sub(&self.x);
        let r = other.y.mul(&self.z).mul(&zz).sub(&self.y);
        if h.is_zero() {
            return if r.is_zero() {
                self.double()
            } else {
                Self::INFINITY
            };
        }
        let hh = h.square();
        let hhh = h.mul(&hh);
        let v = self.x.mul(&hh);
        let x = r.square().sub(&hhh).sub(&v).sub(&v);
        let y = r.mul(&v.sub(&x)).sub(&self.y.mul(&hhh));
        let z = self.z.mul(&h);
        Self { x, y, z }
    }

    /// All points in affine form, with one inversion.
    pub(super) fn normalise(points: &[Self]) -> Vec<Affine<F>> {
        let mut product = F::ONE;
        let before: Vec<F> = points
            .iter()
            .map(|point| {
                let before = product;
                if !point.z.is_zero() {
                    product = product.mul(&point.z);
                }
                before
            })
            .collect();
        let mut inverse = product.invert();
        let mut affine: Vec<_> = points
            .iter()
            .zip(&before)
            .rev()
            .map(|(point, before)| {
                if point.z.is_zero() {
                    return Affine::INFINITY;
                }
                let z = inverse.mul(before);
                inverse = inverse.mul(&point.z);
                let zz = z.square();
                Affine {
                    x: point.x.mul(&zz),
                    y: point.y.mul(&zz).mul(&z),
                }
            })
            .collect();
        affine.reverse();
        affine
    }
}
