//! A verifier from which one rule can be taken away: what a forgery succeeds against.
//!
//! With every rule in place it is the strict verifier of spec 5.7 once more, slow and from another curve library. Each
//! forger is first shown to get past the verifier that lacks the rule it attacks, so that what our verifier refuses is an
//! attack and not noise.

use bls12_381::{G2Prepared, Gt, multi_miller_loop};
use rand::RngCore;

use super::algebra::{
    G1Affine, G2Affine, Key, PARAMETERS, Pair, Scalar, challenge, g, g2, number, pay_info_hash,
    random, sum1, sum2,
};
use super::draft::Draft;
use super::prover::transcript_start;

/// A rule of spec 8.1 or 8.2 that can be missing.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Rule {
    /// F1: z_rk are there, so that K̂_k and A_k hold one index.
    IndexStatement,
    /// F2: exactly three hidden attributes.
    ThreeAttributes,
    /// F3: z_μ and z_m are there, so that serial number and tag belong to the wallet.
    SerialStatement,
    /// 8.4, 67: z_a are there.
    OpeningStatement,
    /// F4, R14: no signature contains infinity.
    NoInfinity,
    /// F5, R3: equations are merged with random weights.
    Weights,
    /// F6: n is the length of every list.
    CountIsLength,
    /// 1.2: points are in the prime-order subgroup.
    Subgroup,
    /// 5.7, 6: serial numbers differ.
    DistinctSerials,
    /// 5.4: the challenge is compared.
    Challenge,
}

/// One equation e(h, Q̂) = e(S, Ĝ).
pub struct Equation {
    pub h: G1Affine,
    pub q: G2Affine,
    pub s: G1Affine,
}

pub struct Verifier<'a> {
    pub key: &'a Key,
    pub without: Option<Rule>,
}

/// A payment with what it is verified for.
#[derive(Clone)]
pub struct Claim {
    pub draft: Draft,
    pub pay_info: [u8; 72],
    pub spend_date: u32,
}

impl Verifier<'_> {
    /// Whether all payments verify, their equations merged to one product.
    pub fn accepts(&self, claims: &[Claim], rng: &mut impl RngCore) -> bool {
        let sound = |claim: &Claim| {
            self.shape_is_right(&claim.draft)
                && (!self.has(Rule::Challenge) || self.proof_holds(&claim.draft, &claim.pay_info))
        };
        let equations: Vec<Equation> = claims
            .iter()
            .flat_map(|claim| self.equations(&claim.draft, claim.spend_date))
            .collect();
        claims.iter().all(sound) && self.all_hold(&equations, rng)
    }

    fn has(&self, rule: Rule) -> bool {
        self.without != Some(rule)
    }

    fn shape_is_right(&self, draft: &Draft) -> bool {
        let count = draft.serials.len();
        let lists = [
            draft.kappas.len(),
            draft.coins.len(),
            draft.tags.len(),
            draft.commitments.len(),
        ];
        let full =
            |list: &Vec<Scalar>, rule| list.len() == count || (list.is_empty() && !self.has(rule));
        let signatures = [&draft.book, &draft.date].into_iter().chain(&draft.coins);
        let distinct = (0..count).all(|k| !draft.serials[..k].contains(&draft.serials[k]));
        lists.iter().all(|length| *length == count)
            && draft.z_index.len() == count
            && full(&draft.z_rk, Rule::IndexStatement)
            && full(&draft.z_opening, Rule::OpeningStatement)
            && full(&draft.z_mu, Rule::SerialStatement)
            && full(&draft.z_product, Rule::SerialStatement)
            && (draft.z_attributes.len() == 3
                || (draft.z_attributes.len() > 3 && !self.has(Rule::ThreeAttributes)))
            && (!self.has(Rule::CountIsLength)
                || ((1..=50).contains(&count) && draft.count == count as u64))
            && draft.ticket_type <= 3
            && (!self.has(Rule::NoInfinity)
                || signatures
                    .clone()
                    .all(|(h, s)| !infinite(h) && !infinite(s)))
            && (!self.has(Rule::Subgroup)
                || signatures
                    .flat_map(|(h, s)| [h, s])
                    .chain(&draft.serials)
                    .chain(&draft.tags)
                    .chain(&draft.commitments)
                    .all(|point| bool::from(point.is_torsion_free())))
            && (!self.has(Rule::DistinctSerials) || distinct)
    }

    /// Recomputes what can be recomputed from the responses that are there (spec 5.6).
    fn proof_holds(&self, draft: &Draft, pay_info: &[u8; 72]) -> bool {
        let key = self.key;
        let [_, gamma2, _, _] = PARAMETERS.gamma;
        let c = draft.challenge;
        let not_c = Scalar::one() - c;
        let z = &draft.z_attributes;
        let mut on_kappa = vec![(c, draft.kappa), (not_c, key.alpha), (draft.z_r, g2())];
        on_kappa.extend(z.iter().copied().zip(key.y2.iter().copied()));

        let mut transcript = transcript_start(key);
        transcript.extend(draft.instance());
        transcript.extend(sum2(&on_kappa).to_compressed());
        transcript.extend(
            sum2(&[
                (c, draft.kappa_e),
                (not_c, key.alpha),
                (z[2], key.y2[0]),
                (draft.z_re, g2()),
            ])
            .to_compressed(),
        );
        transcript.extend(
            sum1(&[(c, draft.commitment), (draft.z_oc, g()), (z[1], gamma2)]).to_compressed(),
        );
        for (k, z_a) in draft.z_opening.iter().enumerate() {
            let terms = [
                (c, draft.commitments[k]),
                (*z_a, g()),
                (draft.z_index[k], gamma2),
            ];
            transcript.extend(sum1(&terms).to_compressed());
        }
        for (k, z_mu) in draft.z_mu.iter().enumerate() {
            let terms = [(c, draft.serials[k]), (*z_mu, PARAMETERS.delta)];
            transcript.extend(sum1(&terms).to_compressed());
        }
        for (k, z_rk) in draft.z_rk.iter().enumerate() {
            let terms = [
                (c, draft.kappas[k]),
                (not_c, key.alpha),
                (draft.z_index[k], key.y2[0]),
                (*z_rk, g2()),
            ];
            transcript.extend(sum2(&terms).to_compressed());
        }
        for (k, (z_mu, z_m)) in draft.z_mu.iter().zip(&draft.z_product).enumerate() {
            let terms = [
                (*z_mu, draft.commitments[k]),
                (*z_mu, draft.commitment),
                (*z_mu + c, gamma2),
                (*z_m, g()),
            ];
            transcript.extend(sum1(&terms).to_compressed());
        }
        for (k, z_mu) in draft.z_mu.iter().enumerate() {
            let exponent = z[0] + pay_info_hash(pay_info, k as u64) * z_mu;
            transcript.extend(sum1(&[(c, draft.tags[k]), (exponent, g())]).to_compressed());
        }
        transcript.extend(pay_info);
        transcript.extend(draft.count.to_le_bytes());
        challenge(&transcript) == c
    }

    /// Ticketbook, date, then each ticket (spec 5.6).
    fn equations(&self, draft: &Draft, spend_date: u32) -> Vec<Equation> {
        let (y, one) = (&self.key.y2, Scalar::one());
        let (tag, coin_tag) = (PARAMETERS.date_tag, PARAMETERS.coin_tag);
        let equation = |(h, s): Pair, q| Equation { h, q, s };
        let shown_type = number(draft.ticket_type);
        let book = sum2(&[(one, draft.kappa), (shown_type, y[3])]);
        let date = sum2(&[
            (one, draft.kappa_e),
            (number(spend_date), y[1]),
            (tag, y[2]),
        ]);
        let coins = draft.coins.iter().zip(&draft.kappas).map(|(coin, kappa)| {
            equation(
                *coin,
                sum2(&[(one, *kappa), (coin_tag, y[1]), (coin_tag, y[2])]),
            )
        });
        [equation(draft.book, book), equation(draft.date, date)]
            .into_iter()
            .chain(coins)
            .collect()
    }

    fn all_hold(&self, equations: &[Equation], rng: &mut impl RngCore) -> bool {
        let weights: Vec<Scalar> = equations
            .iter()
            .map(|_| {
                if self.has(Rule::Weights) {
                    random(rng)
                } else {
                    Scalar::one()
                }
            })
            .collect();
        product_is_one(equations, &weights)
    }
}

/// Whether Π e(ρᵢ·hᵢ, Q̂ᵢ) · e(−Σ ρᵢ·Sᵢ, Ĝ) = 1.
pub fn product_is_one(equations: &[Equation], weights: &[Scalar]) -> bool {
    let answers: Vec<_> = weights
        .iter()
        .zip(equations)
        .map(|(w, one)| (-w, one.s))
        .collect();
    let mut pairs: Vec<(G1Affine, G2Prepared)> = weights
        .iter()
        .zip(equations)
        .map(|(w, one)| (sum1(&[(*w, one.h)]), G2Prepared::from(one.q)))
        .collect();
    pairs.push((sum1(&answers), G2Prepared::from(g2())));
    let terms: Vec<_> = pairs.iter().map(|(p, q)| (p, q)).collect();
    multi_miller_loop(&terms).final_exponentiation() == Gt::identity()
}

fn infinite(point: &G1Affine) -> bool {
    point.is_identity().into()
}
