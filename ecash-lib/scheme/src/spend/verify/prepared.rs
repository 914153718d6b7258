//! What depends on the key only, and what depends on nothing.

use std::sync::LazyLock;

use crate::constants::MAX_TICKET_TYPE;
use crate::curve::{G1Projective, G2Affine, G2Projective, Source, Sum, Table, Width, g2_sums};
use crate::keys::VerificationKey;
use crate::params::parameters;
use crate::point::{G1, G2};
use crate::spend::transcript::Transcript;

pub(super) type G1Sum<'a> = Sum<'a, G1Projective>;
pub(super) type G2Sum<'a> = Sum<'a, G2Projective>;

/// Number of ticket types.
const TYPES: usize = MAX_TICKET_TYPE as usize + 1;

/// How much memory and time a key may take to prepare: larger tables make every verification cheaper.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Preparation {
    /// For keys that verify a handful of payments.
    Small,
    /// For services.
    #[default]
    Default,
    /// For services that do little else.
    Large,
}

/// A key with its tables and constants.
pub(super) struct Prepared {
    pub(super) key: VerificationKey,
    pub(super) transcript: Transcript,
    pub(super) generators: &'static Generators,
    /// Tables of Ŷ1, Ŷ2, Ŷ3.
    pub(super) y: [Table<G2Projective>; 3],
    /// t·Ŷ4 for every ticket type t.
    type_terms: [G2Affine; TYPES],
    /// τE·Ŷ3.
    pub(super) date_term: G2Affine,
    /// τI·(Ŷ2 + Ŷ3).
    pub(super) coin_term: G2Affine,
}

/// Tables of points that are the same for every key.
pub(super) struct Generators {
    /// G.
    pub(super) g: Table<G1Projective>,
    /// Γ2.
    pub(super) gamma2: Table<G1Projective>,
    /// Δ.
    pub(super) delta: Table<G1Projective>,
    /// Ĝ.
    pub(super) g2: Table<G2Projective>,
}

static SMALL: LazyLock<Generators> = LazyLock::new(|| Generators::new(Width::Small));
static DEFAULT: LazyLock<Generators> = LazyLock::new(|| Generators::new(Width::Default));
static LARGE: LazyLock<Generators> = LazyLock::new(|| Generators::new(Width::Large));

impl Preparation {
    const fn width(self) -> Width {
        match self {
            Self::Small => Width::Small,
            Self::Default => Width::Default,
            Self::Large => Width::Large,
        }
    }

    /// Made on first use, kept for the life of the process.
    fn generators(self) -> &'static Generators {
        match self {
            Self::Small => &SMALL,
            Self::Default => &DEFAULT,
            Self::Large => &LARGE,
        }
    }
}

impl Generators {
    fn new(width: Width) -> Self {
        let [_, gamma2, _, _] = parameters().gamma;
        let points = [G1::generator(), gamma2, parameters().delta];
        let [g, gamma2, delta] = tables(points.map(|point| point.0), width);
        let [g2] = tables([G2::generator().0], width);
        Self {
            g,
            gamma2,
            delta,
            g2,
        }
    }
}

impl Prepared {
    pub(super) fn new(key: &VerificationKey, preparation: Preparation) -> Self {
        let generators = preparation.generators();
        let [y1, y2, y3, y4] = key.y_g2();
        let [y1, y2, y3] = tables([y1, y2, y3].map(|point| point.0), preparation.width());
        let tag = parameters().coin_index_tag;
        let fixed = |terms| G2Sum {
            fixed: terms,
            ..G2Sum::of_plain(Vec::new())
        };
        let of_type = (0..TYPES).map(|ticket_type| G2Sum::of_plain(vec![y4.0; ticket_type]));
        let sums: Vec<_> = [
            fixed(vec![(&y3, parameters().date_tag)]),
            fixed(vec![(&y2, tag), (&y3, tag)]),
        ]
        .into_iter()
        .chain(of_type)
        .collect();
        let [date_term, coin_term, type_terms @ ..] = exactly::<_, { TYPES + 2 }>(g2_sums(&sums));
        Self {
            key: key.clone(),
            transcript: Transcript::new(key),
            generators,
            y: [y1, y2, y3],
            type_terms,
            date_term,
            coin_term,
        }
    }

    /// Memory of the tables of the key and of the generators.
    pub(super) fn size_bytes(&self) -> usize {
        let Generators {
            g,
            gamma2,
            delta,
            g2,
        } = self.generators;
        let [y1, y2, y3] = &self.y;
        let g1: usize = [g, gamma2, delta].map(Table::size_bytes).iter().sum();
        let g2: usize = [g2, y1, y2, y3].map(Table::size_bytes).iter().sum();
        g1 + g2
    }

    /// t·Ŷ4. The ticket type was checked when the payment was read.
    pub(super) fn type_term(&self, ticket_type: u8) -> Option<G2Affine> {
        self.type_terms.get(usize::from(ticket_type)).copied()
    }
}

/// One table for each point.
fn tables<C: Source, const N: usize>(points: [C::Affine; N], width: Width) -> [Table<C>; N] {
    exactly(Table::new(&points, width))
}

/// What came out for as many points as went in.
fn exactly<T, const N: usize>(list: Vec<T>) -> [T; N] {
    match list.try_into() {
        Ok(array) => array,
        Err(_) => unreachable!("one result for each point"), // total: the curve layer gives as many as it was asked for
    }
}
