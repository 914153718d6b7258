//! What depends on the key only.

use crate::constants::MAX_TICKET_TYPE;
use crate::curve::G2Projective;
use crate::keys::VerificationKey;
use crate::pairing::g2_combination;
use crate::params::parameters;
use crate::public::coin_index_term;
use crate::scalar::Scalar;
use crate::spend::transcript::Transcript;

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

/// A key with its constants.
pub(super) struct Prepared {
    pub(super) key: VerificationKey,
    pub(super) transcript: Transcript,
    /// t·Ŷ4 for every ticket type t.
    type_terms: [G2Projective; TYPES],
    /// τE·Ŷ3.
    pub(super) date_term: G2Projective,
    /// τI·(Ŷ2 + Ŷ3).
    pub(super) coin_term: G2Projective,
}

/// Number of ticket types.
const TYPES: usize = MAX_TICKET_TYPE as usize + 1;

impl Prepared {
    pub(super) fn new(key: &VerificationKey, _preparation: Preparation) -> Self {
        let [_, _, y3, y4] = key.y_g2();
        let mut multiple = <G2Projective as group::Group>::identity();
        let type_terms = core::array::from_fn(|_| {
            let term = multiple;
            multiple += y4.0;
            term
        });
        Self {
            key: key.clone(),
            transcript: Transcript::new(key),
            type_terms,
            date_term: g2_combination(&[parameters().date_tag], &[y3]),
            coin_term: coin_index_term(key),
        }
    }

    /// t·Ŷ4.
    pub(super) fn type_term(&self, ticket_type: u8) -> G2Projective {
        let [_, _, _, y4] = self.key.y_g2();
        self.type_terms
            .get(usize::from(ticket_type))
            .copied()
            .unwrap_or_else(|| g2_combination(&[Scalar::from(ticket_type)], &[y4]))
    }
}
