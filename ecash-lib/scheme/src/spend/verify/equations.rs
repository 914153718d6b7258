//! The pairing equations of payments, merged with random weights; on failure the bad payments are found by bisection.
//!
//! Every equation is e(h, Q̂) = e(S, Ĝ) (spec 5.6):
//!
//! | | h, S | Q̂ |
//! |---|---|---|
//! | ticketbook | σ' | K̂ + t·Ŷ4 |
//! | date | σ'_e | K̂_e + d·Ŷ2 + τE·Ŷ3 |
//! | ticket k | ω_k | K̂_k + τI·(Ŷ2 + Ŷ3) |
//!
//! All of them are checked as `Π e(ρᵢ·hᵢ, Q̂ᵢ) · e(−Σ ρᵢ·Sᵢ, Ĝ) = 1` with weights ρᵢ = aᵢ + bᵢ·z² (2¹²⁸ different
//! residues) that are drawn when everything else is fixed; the first is 1. Let the i-th equation be false, i > 1, and all
//! other weights be given: the product is a bijective function of ρᵢ mod r, so at most one of the 2¹²⁸ values makes it 1.
//! If only the first is false the product is not 1 at all. That needs every point to be in its subgroup of prime order,
//! which was checked before. Cost for N payments with M tickets: M + 2N + 1 Miller loops, 1 final exponentiation, M + 2N − 1
//! multiplications of 128 bits, one weighted sum.

//!
//! When the product is not 1, each payment's own product of Miller loops is taken once (n + 3 of them), and halves of the
//! set are tested until every bad payment is found: at most 2 multiplications and final exponentiations for each level
//! and bad payment, so that a batch of bad payments only costs about as much as verifying them one by one.

use core::ops::Range;

use rand_core::{CryptoRng, RngCore};

use crate::curve::{
    G1Affine, G2Affine, MillerProduct, Weight, g1_scale_each, g1_weighted_sum, g2_sums,
};
use crate::error::Error;
use crate::point::G2;
use crate::spend::verify::chunk::Decoded;
use crate::spend::verify::prepared::G2Sum;

/// Equations of a payment beside those of its tickets.
const SHARED: usize = 2;

/// One equation e(h, Q̂) = e(S, Ĝ).
struct Equation {
    h: G1Affine,
    q: G2Affine,
    s: G1Affine,
}

/// Equations with their weights.
struct Weighted {
    equations: Vec<Equation>,
    weights: Vec<Weight>,
    /// ρᵢ·hᵢ.
    scaled: Vec<G1Affine>,
}

/// For each payment, why its equations do not hold, if they do not.
pub(super) fn refusals<R: RngCore + CryptoRng + ?Sized>(
    payments: &[Decoded],
    rng: &mut R,
) -> Vec<Option<Error>> {
    let weighted = Weighted::new(equations(payments), rng);
    let mut refusals = vec![None; payments.len()];
    if weighted.product(0..weighted.equations.len()).is_one() {
        return refusals;
    }
    let mut end = 0;
    let ranges: Vec<Range<usize>> = payments
        .iter()
        .map(|payment| {
            let begin = end;
            end += SHARED + payment.parts().tickets.len();
            begin..end
        })
        .collect();
    let products: Vec<_> = ranges
        .iter()
        .map(|range| weighted.product(range.clone()))
        .collect();
    let mut bad = vec![false; payments.len()];
    mark_bad(&products, &mut bad);
    for (((refusal, bad), range), payment) in refusals.iter_mut().zip(bad).zip(ranges).zip(payments)
    {
        if bad {
            let equations = weighted.equations.get(range).unwrap_or_default(); // total: a range of the list
            *refusal = Some(first_false(equations, payment.spend_date()));
        }
    }
    refusals
}

/// Marks every product that is not 1, given that their product is not 1.
fn mark_bad(products: &[MillerProduct], bad: &mut [bool]) {
    if let [only] = bad {
        *only = true;
        return;
    }
    let middle = products.len() / 2;
    let (left, right) = products.split_at(middle);
    let (bad_left, bad_right) = bad.split_at_mut(middle);
    let left_is_good = MillerProduct::all(left).is_one();
    if !left_is_good {
        mark_bad(left, bad_left);
    }
    if left_is_good || !MillerProduct::all(right).is_one() {
        mark_bad(right, bad_right);
    }
}

impl Weighted {
    fn new<R: RngCore + CryptoRng + ?Sized>(equations: Vec<Equation>, rng: &mut R) -> Self {
        let weights: Vec<Weight> = core::iter::once(Weight::ONE)
            .chain(core::iter::repeat_with(|| Weight::random(rng)))
            .take(equations.len())
            .collect();
        let bases: Vec<_> = equations.iter().map(|equation| equation.h).collect();
        let mut scaled = bases.get(..1).unwrap_or_default().to_vec();
        if let (Some((_, bases)), Some((_, weights))) = (bases.split_first(), weights.split_first())
        {
            scaled.extend(g1_scale_each(bases, weights));
        }
        Self {
            equations,
            weights,
            scaled,
        }
    }

    /// Π e(ρᵢ·hᵢ, Q̂ᵢ) · e(−Σ ρᵢ·Sᵢ, Ĝ) over a range of the equations.
    fn product(&self, range: Range<usize>) -> MillerProduct {
        let (Some(equations), Some(weights), Some(scaled)) = (
            self.equations.get(range.clone()),
            self.weights.get(range.clone()),
            self.scaled.get(range),
        ) else {
            return MillerProduct::of(&[]); // total: three lists of one length, and the range is theirs
        };
        let answers: Vec<_> = equations.iter().map(|equation| equation.s).collect();
        let pairs: Vec<_> = scaled
            .iter()
            .zip(equations)
            .map(|(h, equation)| (*h, equation.q))
            .chain([(-g1_weighted_sum(&answers, weights), G2::generator().0)])
            .collect();
        MillerProduct::of(&pairs)
    }
}

/// The equations of all payments: of each ticketbook, date, and those of its tickets.
fn equations(payments: &[Decoded]) -> Vec<Equation> {
    let mut sums = Vec::new();
    let mut signatures = Vec::new();
    for payment in payments {
        let (key, parts) = (payment.key(), payment.parts());
        let [_, y2, _] = &key.y;
        sums.push(G2Sum::of_plain(
            [parts.kappa.0]
                .into_iter()
                .chain(key.type_term(parts.ticket_type))
                .collect(),
        ));
        sums.push(G2Sum {
            fixed: vec![(y2, payment.spend_date().into())],
            ..G2Sum::of_plain(vec![parts.kappa_e.0, key.date_term])
        });
        signatures.extend([&parts.wallet, &parts.date]);
        for ticket in &parts.tickets {
            sums.push(G2Sum::of_plain(vec![ticket.kappa.0, key.coin_term]));
            signatures.push(&ticket.omega);
        }
    }
    g2_sums(&sums)
        .into_iter()
        .zip(signatures)
        .map(|(q, signature)| Equation {
            h: signature.h.0,
            q,
            s: signature.s.0,
        })
        .collect()
}

/// Names the first equation of a payment that does not hold by itself; at least one does not.
fn first_false(equations: &[Equation], spend_date: u32) -> Error {
    let g2 = G2::generator().0;
    let candidates = equations.len().saturating_sub(1); // if none before holds not, it is the last
    let first = equations
        .iter()
        .take(candidates)
        .position(|equation| {
            !MillerProduct::of(&[(equation.h, equation.q), (-equation.s, g2)]).is_one()
        })
        .unwrap_or(candidates);
    match first {
        0 => Error::PaymentWalletSignature,
        1 => Error::PaymentDateSignature { date: spend_date },
        coin => Error::PaymentCoinSignature {
            position: coin - SHARED,
        },
    }
}
