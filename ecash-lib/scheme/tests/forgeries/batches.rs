//! Forgeries that hide behind other payments of a batch.

use ecash_scheme::{Error, PaymentBatch, PaymentStream, Sequential, UncheckedPayment};
use rand::{CryptoRng, RngCore};
use rand_chacha::ChaCha20Rng;

use super::algebra::{G1Affine, G1Projective, Scalar, g, number, outside, random, shifted, sum1};
use super::verifier::{Claim, Equation, Rule, product_is_one};
use super::world::{PAY_INFO, WORLD, World, rng};

fn honest(count: u64) -> Vec<Claim> {
    (0..count).map(|index| WORLD.honest(index)).collect()
}

/// A wrong date signature: only the pairing equations can tell.
fn spoiled(mut claim: Claim) -> Claim {
    claim.draft.date.1 = shifted(claim.draft.date.1, g());
    claim
}

fn bad_date() -> Result<(), Error> {
    Err(Error::PaymentDateSignature {
        date: super::algebra::EXPIRATION,
    })
}

#[test]
fn an_empty_batch_accepts_nothing_and_an_empty_stream_is_never_due() {
    assert_eq!(WORLD.batch(&[]), []);
    let mut stream = PaymentStream::<()>::new(1);
    assert!(stream.close(std::time::Duration::MAX).is_none());
}

#[test]
fn one_bad_payment_is_named_at_every_position() {
    let honest = honest(9);
    for bad in 0..honest.len() {
        let mut claims = honest.clone();
        claims[bad] = spoiled(claims[bad].clone());
        let verdicts = WORLD.batch(&claims);
        for (position, verdict) in verdicts.iter().enumerate() {
            let expected = if position == bad { bad_date() } else { Ok(()) };
            assert_eq!(
                verdict, &expected,
                "payment {position} of a batch with {bad} bad"
            );
        }
        assert_eq!(WORLD.stream(&claims), verdicts);
    }
}

#[test]
fn every_pattern_of_good_and_bad_is_told_apart() {
    let honest = honest(4);
    for pattern in 0u32..16 {
        let is_bad = |position: usize| pattern >> position & 1 == 1;
        let claims: Vec<_> = honest
            .iter()
            .enumerate()
            .map(|(k, claim)| {
                if is_bad(k) {
                    spoiled(claim.clone())
                } else {
                    claim.clone()
                }
            })
            .collect();
        let expected: Vec<_> = (0..4)
            .map(|k| if is_bad(k) { bad_date() } else { Ok(()) })
            .collect();
        assert_eq!(WORLD.batch(&claims), expected, "{pattern:04b}");
    }
}

#[test]
fn all_bad_payments_are_all_named() {
    let claims: Vec<_> = honest(7).into_iter().map(spoiled).collect();
    assert_eq!(WORLD.batch(&claims), vec![bad_date(); 7]);
    assert_eq!(WORLD.stream(&claims), vec![bad_date(); 7]);
}

#[test]
fn errors_do_not_cancel_between_two_payments() {
    let mut claims = honest(2);
    let p = g();
    claims[0].draft.book.1 = shifted(claims[0].draft.book.1, p);
    claims[1].draft.book.1 = shifted(claims[1].draft.book.1, -p);
    let expected = [Error::PaymentWalletSignature, Error::PaymentWalletSignature];
    WORLD.attack(Rule::Weights, &claims, &expected);
}

/// With P, 2·P, … , −Σ in the last: no two cancel, all together do.
#[test]
fn errors_do_not_cancel_among_many_payments() {
    let mut claims = honest(5);
    let mut rest = Scalar::zero();
    for (k, claim) in (1u64..).zip(&mut claims) {
        let factor = if k < 5 { number(k) } else { -rest };
        rest += factor;
        claim.draft.coins[0].1 = shifted(claim.draft.coins[0].1, sum1(&[(factor, g())]));
    }
    WORLD.attack(
        Rule::Weights,
        &claims,
        &vec![Error::PaymentCoinSignature { position: 0 }; 5],
    );
}

/// Whoever presents a bad payment twice gains nothing by it; a good one stays good: repetitions are told by their serial
/// numbers, which is for the one who grants.
#[test]
fn repeated_payments_have_the_verdict_of_one() {
    let (good, bad) = (WORLD.honest(0), spoiled(WORLD.honest(1)));
    let claims = [
        good.clone(),
        bad.clone(),
        bad.clone(),
        good.clone(),
        bad,
        good,
    ];
    let expected = [Ok(()), bad_date(), bad_date(), Ok(()), bad_date(), Ok(())];
    assert_eq!(WORLD.batch(&claims), expected);
    assert_eq!(WORLD.stream(&claims), expected);
}

/// The other half of an error in a repetition: S + P here, S − P there.
#[test]
fn a_repeated_payment_does_not_cancel_its_own_error() {
    let one = WORLD.honest(0);
    let mut claims = [one.clone(), one];
    claims[0].draft.date.1 = shifted(claims[0].draft.date.1, g());
    claims[1].draft.date.1 = shifted(claims[1].draft.date.1, -g());
    let expected = bad_date().unwrap_err();
    WORLD.attack(Rule::Weights, &claims, &[expected.clone(), expected]);
}

/// A generator that counts what is drawn from it.
struct Counting(ChaCha20Rng, usize);

impl RngCore for Counting {
    fn next_u32(&mut self) -> u32 {
        self.1 += 4;
        self.0.next_u32()
    }
    fn next_u64(&mut self) -> u64 {
        self.1 += 8;
        self.0.next_u64()
    }
    fn fill_bytes(&mut self, bytes: &mut [u8]) {
        self.1 += bytes.len();
        self.0.fill_bytes(bytes);
    }
    fn try_fill_bytes(&mut self, bytes: &mut [u8]) -> Result<(), rand::Error> {
        self.fill_bytes(bytes);
        Ok(())
    }
}

impl CryptoRng for Counting {}

/// A weight of zero, or one that is known beforehand, takes an equation out of the product. So each equation but one has
/// sixteen fresh bytes in every verification, and no draw lets a false one pass.
#[test]
fn no_equation_drops_out_by_a_weight_of_zero_or_a_stale_one() {
    let mut claim = WORLD.forge(&WORLD.claims(&[0, 1, 2]), 1);
    let honest = UncheckedPayment::parse(&claim.draft.to_bytes()).unwrap();
    claim.draft.coins[0].1 = g();
    let equation = Equation {
        h: claim.draft.coins[0].0,
        q: claim.draft.kappas[0],
        s: claim.draft.coins[0].1,
    };
    assert!(
        product_is_one(&[equation], &[Scalar::zero()]),
        "what a weight of zero does"
    );
    let forged = UncheckedPayment::parse(&claim.draft.to_bytes()).unwrap();
    let key = &WORLD.verifying_key;
    let drawn = |payment: &UncheckedPayment, seed| {
        let rng = &mut Counting(rng(seed), 0);
        let verdict = key.verify_unchecked(payment.clone(), &PAY_INFO, claim.spend_date, rng);
        (verdict.map(|_| ()), rng.1)
    };
    for seed in 0..20 {
        let (verdict, bytes) = drawn(&honest, seed);
        assert_eq!(verdict, Ok(()));
        assert!(bytes >= 16 * 4, "{bytes} bytes for five equations");
        let refused = Err(Error::PaymentCoinSignature { position: 0 });
        assert_eq!(drawn(&forged, seed).0, refused);
    }
}

#[test]
fn payments_of_two_keys_verify_together_each_under_its_own() {
    let other = World::new(2);
    let worlds = [&*WORLD, &other];
    let claims: Vec<_> = (0..6u64)
        .map(|k| (usize::from(k % 2 == 1), worlds[(k % 2) as usize].honest(k)))
        .collect();
    let verdicts = |claims: &[(usize, Claim)]| -> Vec<Result<(), Error>> {
        let keys = worlds.map(|world| world.verifying_key.clone());
        let (mut batch, handles) = PaymentBatch::new(keys);
        for (key, claim) in claims {
            let payment = UncheckedPayment::parse(&claim.draft.to_bytes()).unwrap();
            batch
                .push(handles[*key], payment, &claim.pay_info, claim.spend_date)
                .unwrap();
        }
        let results = batch.verify(&Sequential, &mut rng(1)).into_results();
        results
            .into_iter()
            .map(|result| result.map(|_| ()))
            .collect()
    };
    assert_eq!(verdicts(&claims), vec![Ok(()); 6]);

    let mut exchanged = claims.clone();
    exchanged[2].0 = 1;
    exchanged[3].0 = 0;
    let mut expected = vec![Ok(()); 6];
    (expected[2], expected[3]) = (Err(Error::PaymentProof), Err(Error::PaymentProof));
    assert_eq!(verdicts(&exchanged), expected);

    let mut cancelling = claims;
    cancelling[0].1.draft.book.1 = shifted(cancelling[0].1.draft.book.1, g());
    cancelling[1].1.draft.book.1 = shifted(cancelling[1].1.draft.book.1, -g());
    let mut expected = vec![Ok(()); 6];
    let wrong = Err(Error::PaymentWalletSignature);
    (expected[0], expected[1]) = (wrong.clone(), wrong);
    assert_eq!(verdicts(&cancelling), expected);
}

/// Whether one random combination of `points` is in the subgroup: what does not replace the check of each.
fn combination_is_in_subgroup(points: &[G1Affine], rng: &mut impl RngCore) -> bool {
    let terms: Vec<_> = points.iter().map(|point| (random(rng), *point)).collect();
    sum1(&terms).is_torsion_free().into()
}

/// T of order 3 in two signatures of two payments, with opposite signs: a plain sum of all points does not show it, one
/// random combination does not in one case of three, and the pairings cannot see it at all.
#[test]
fn points_of_small_order_do_not_hide_in_a_merged_subgroup_check() {
    let t = outside::order_three();
    let mut forged = honest(2);
    forged[0].draft.book.1 = shifted(forged[0].draft.book.1, t);
    forged[1].draft.book.1 = shifted(forged[1].draft.book.1, -t);
    let points: Vec<G1Affine> = forged.iter().map(|claim| claim.draft.book.1).collect();
    let plain: G1Affine = points
        .iter()
        .map(G1Projective::from)
        .sum::<G1Projective>()
        .into();
    assert!(
        bool::from(plain.is_torsion_free()),
        "a plain sum lets them pass"
    );
    let passed = (0..60)
        .filter(|seed| combination_is_in_subgroup(&points, &mut rng(*seed)))
        .count();
    assert!(
        (5..40).contains(&passed),
        "{passed} of 60 single combinations let them pass"
    );
    let expected = Error::BadPoint {
        what: "payment: ticketbook signature",
    };
    WORLD.attack(Rule::Subgroup, &forged, &[expected.clone(), expected]);
}

/// The same once more, with many weights: no seed lets a single one pass.
#[test]
fn no_draw_of_weights_lets_a_point_of_small_order_pass() {
    let t = outside::order_three();
    let mut claims = honest(4);
    for claim in claims.iter_mut().take(3) {
        claim.draft.coins[0].0 = shifted(claim.draft.coins[0].0, t);
    }
    for seed in 0..40 {
        let (mut batch, handle) = PaymentBatch::of_one_key(WORLD.verifying_key.clone());
        for claim in &claims {
            let payment = UncheckedPayment::parse(&claim.draft.to_bytes()).unwrap();
            batch
                .push(handle, payment, &claim.pay_info, claim.spend_date)
                .unwrap();
        }
        let outcome = batch.verify(&Sequential, &mut rng(seed));
        let culprits: Vec<_> = outcome.culprits().map(|(position, _)| position).collect();
        assert_eq!(culprits, [0, 1, 2], "seed {seed}");
    }
}

/// A point outside the subgroup in each place of a payment, in the middle of a batch.
#[test]
fn every_point_of_a_payment_is_checked_to_be_in_its_subgroup() {
    let t = outside::order_three();
    type Place = fn(&mut Claim) -> &mut G1Affine;
    let places: [Place; 10] = [
        |claim| &mut claim.draft.book.0,
        |claim| &mut claim.draft.book.1,
        |claim| &mut claim.draft.date.0,
        |claim| &mut claim.draft.date.1,
        |claim| &mut claim.draft.coins[0].0,
        |claim| &mut claim.draft.coins[0].1,
        |claim| &mut claim.draft.serials[0],
        |claim| &mut claim.draft.tags[0],
        |claim| &mut claim.draft.commitments[0],
        |claim| &mut claim.draft.commitment,
    ];
    let is_bad_point = |verdict: &Result<(), Error>| matches!(verdict, Err(Error::BadPoint { .. }));
    for (place, of) in places.iter().enumerate() {
        let mut claims = honest(3);
        let point = of(&mut claims[1]);
        *point = shifted(*point, t);
        let verdicts = WORLD.batch(&claims);
        assert!(is_bad_point(&verdicts[1]), "place {place}: {verdicts:?}");
        assert!(verdicts[0].is_ok() && verdicts[2].is_ok());
        assert!(is_bad_point(&WORLD.single(&claims[1])), "place {place}");
    }
    for place in 0..3 {
        let mut claims = honest(3);
        let draft = &mut claims[1].draft;
        *[&mut draft.kappa, &mut draft.kappa_e, &mut draft.kappas[0]][place] = outside::g2();
        let verdicts = WORLD.batch(&claims);
        assert!(
            is_bad_point(&verdicts[1]),
            "place {place} of G2: {verdicts:?}"
        );
        assert!(verdicts[0].is_ok() && verdicts[2].is_ok());
        assert!(is_bad_point(&WORLD.single(&claims[1])));
    }
}
