//! A payment as its author likes it: the lists as they travel, of any length, with any points.

use super::algebra::{G1Affine, G2Affine, Pair, Scalar};

#[derive(Clone)]
pub struct Draft {
    pub kappa: G2Affine,
    pub kappa_e: G2Affine,
    pub book: Pair,
    pub date: Pair,
    pub kappas: Vec<G2Affine>,
    pub coins: Vec<Pair>,
    pub serials: Vec<G1Affine>,
    pub tags: Vec<G1Affine>,
    pub commitments: Vec<G1Affine>,
    pub count: u64,
    pub commitment: G1Affine,
    pub ticket_type: u8,
    pub challenge: Scalar,
    pub z_r: Scalar,
    pub z_re: Scalar,
    pub z_rk: Vec<Scalar>,
    pub z_index: Vec<Scalar>,
    pub z_opening: Vec<Scalar>,
    pub z_oc: Scalar,
    pub z_mu: Vec<Scalar>,
    pub z_product: Vec<Scalar>,
    pub z_attributes: Vec<Scalar>,
}

/// Appends `bin` forms (spec appendix A).
#[derive(Default)]
pub struct Bin {
    pub bytes: Vec<u8>,
    /// Integers written.
    pub integers: usize,
    /// The one that is to be written longer than it need be.
    widened: Option<usize>,
}

impl Bin {
    fn byte_string(&mut self, bytes: &[u8]) {
        self.uint(bytes.len() as u64);
        self.bytes.extend(bytes);
    }

    pub fn g1(&mut self, point: &G1Affine) {
        self.byte_string(&point.to_compressed());
    }

    pub fn g2(&mut self, point: &G2Affine) {
        self.byte_string(&point.to_compressed());
    }

    pub fn scalar(&mut self, scalar: &Scalar) {
        self.byte_string(&scalar.to_bytes());
    }

    pub fn uint(&mut self, value: u64) {
        self.integers += 1;
        let short = value <= 250 && self.widened != Some(self.integers);
        if short {
            self.bytes.push(value.try_into().unwrap());
        } else if let Ok(value) = u16::try_from(value) {
            self.bytes.push(0xfb);
            self.bytes.extend(value.to_be_bytes());
        } else {
            self.bytes.push(0xfd);
            self.bytes.extend(value.to_be_bytes());
        }
    }

    pub fn list<T>(&mut self, items: &[T], one: impl Fn(&mut Self, &T)) {
        self.uint(items.len() as u64);
        items.iter().for_each(|item| one(self, item));
    }

    fn pair(&mut self, pair: &Pair) {
        self.g1(&pair.0);
        self.g1(&pair.1);
    }
}

impl Draft {
    /// The `bin` form (spec 5.5).
    pub fn to_bytes(&self) -> Vec<u8> {
        self.encode(None).bytes
    }

    /// The `bin` form with one of its integers, counted from 1, in three bytes where one would do.
    pub fn encode(&self, widened: Option<usize>) -> Bin {
        let mut out = Bin {
            widened,
            ..Bin::default()
        };
        out.g2(&self.kappa);
        out.g2(&self.kappa_e);
        out.pair(&self.book);
        out.pair(&self.date);
        out.list(&self.kappas, Bin::g2);
        out.list(&self.coins, Bin::pair);
        out.list(&self.serials, Bin::g1);
        out.list(&self.tags, Bin::g1);
        out.list(&self.commitments, Bin::g1);
        out.uint(self.count);
        out.g1(&self.commitment);
        out.bytes.push(self.ticket_type);
        out.scalar(&self.challenge);
        out.scalar(&self.z_r);
        out.scalar(&self.z_re);
        out.list(&self.z_rk, Bin::scalar);
        out.list(&self.z_index, Bin::scalar);
        out.list(&self.z_opening, Bin::scalar);
        out.scalar(&self.z_oc);
        out.list(&self.z_mu, Bin::scalar);
        out.list(&self.z_product, Bin::scalar);
        out.list(&self.z_attributes, Bin::scalar);
        out
    }

    /// J = bin(K̂, D, [A_k], [S_k], [T_k], [K̂_k], K̂_e) (spec 5.4).
    pub fn instance(&self) -> Vec<u8> {
        let mut out = Bin::default();
        out.g2(&self.kappa);
        out.g1(&self.commitment);
        out.list(&self.commitments, Bin::g1);
        out.list(&self.serials, Bin::g1);
        out.list(&self.tags, Bin::g1);
        out.list(&self.kappas, Bin::g2);
        out.g2(&self.kappa_e);
        out.bytes
    }
}
