//! Batches and the stream: every payment gets the verdict that it gets alone.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, missing_docs)]

mod common;

use std::num::NonZeroUsize;
use std::sync::LazyLock;
use std::time::Duration;

use common::{DAY, EXPIRATION, Issuance, Network, rng};
use ecash_scheme::{
    Claim, Error, Full, KeyHandle, Parallel, Payment, PaymentBatch, PaymentStream, Preparation,
    Result, STREAM_BATCH, STREAM_WAIT, ScopedThreads, Sequential, UncheckedPayment, Verified,
    VerifyingKey, constants::MAX_BATCH_TICKETS,
};

/// Payments of one user that the tests pick from.
const PAYMENTS: usize = 12;

struct World {
    key: VerifyingKey,
    payments: Vec<Vec<u8>>,
    /// One payment of three tickets.
    of_three: Vec<u8>,
}

static WORLDS: LazyLock<[World; 2]> = LazyLock::new(|| [1, 2].map(World::new));

fn world() -> &'static World {
    &WORLDS[0]
}

fn pay_info(payment: usize) -> [u8; 72] {
    [u8::try_from(payment).unwrap(); 72]
}

impl World {
    fn new(seed: u64) -> Self {
        let network = Network::new(seed);
        let issuance = Issuance::new(&network, seed);
        let mut wallet = issuance.wallet(&network);
        let mut rng = rng(seed);
        let mut spend = |pay_info: [u8; 72], count| {
            let (user, context) = (issuance.user.secret_key(), network.context());
            wallet
                .spend(user, &context, &pay_info, EXPIRATION, count, &mut rng)
                .unwrap()
                .to_bytes()
        };
        Self {
            payments: (0..PAYMENTS).map(|i| spend(pay_info(i), 1)).collect(),
            of_three: spend(pay_info(0), 3),
            key: VerifyingKey::new(&network.master),
        }
    }

    fn good(&self, payment: usize) -> Claim {
        self.claim(&self.payments[payment], pay_info(payment))
    }

    fn claim(&self, bytes: &[u8], pay_info: [u8; 72]) -> Claim {
        Claim {
            key: self.key.clone(),
            payment: UncheckedPayment::parse(bytes).unwrap(),
            pay_info,
            spend_date: EXPIRATION,
        }
    }

    /// A payment with some of its bytes replaced.
    fn patched(&self, payment: usize, at: usize, by: &[u8]) -> Claim {
        let mut bytes = self.payments[payment].clone();
        bytes[at..at + by.len()].copy_from_slice(by);
        self.claim(&bytes, pay_info(payment))
    }

    /// Every way to be bad, with its reason.
    fn bad(&self) -> Vec<(Claim, Error)> {
        let other = &self.payments[1];
        let outside_subgroup = {
            let mut x_is_zero = [0; 48]; // order 3
            x_is_zero[0] = 0x80;
            x_is_zero
        };
        let from = |at: usize, length| self.patched(0, at, &other[at..at + length]);
        let date = EXPIRATION - DAY;
        vec![
            (
                Claim {
                    pay_info: pay_info(1),
                    ..self.good(0)
                },
                Error::PaymentProof,
            ),
            (from(WALLET_S, 48), Error::PaymentWalletSignature),
            (
                from(DATE_S, 48),
                Error::PaymentDateSignature { date: EXPIRATION },
            ),
            (
                from(COIN_S, 48),
                Error::PaymentCoinSignature { position: 0 },
            ),
            (
                Claim {
                    spend_date: date,
                    ..self.good(0)
                },
                Error::PaymentDateSignature { date },
            ),
            (
                Claim {
                    spend_date: date + 1,
                    ..self.good(0)
                },
                Error::NotMidnight(date + 1),
            ),
            (
                self.patched(0, COIN_S, &outside_subgroup),
                Error::BadPoint {
                    what: "ticket: coin-index signature",
                },
            ),
            (
                self.patched(0, CHALLENGE, &[0xff; 32]),
                Error::BadScalar {
                    what: "payment: challenge",
                },
            ),
        ]
    }
}

/// Where things are in the bytes of a payment of one ticket.
const WALLET_S: usize = 2 * 97 + 49 + 1;
const DATE_S: usize = WALLET_S + 98;
const COIN_S: usize = 2 * 97 + 2 * 98 + (1 + 97) + 1 + 49 + 1;
const CHALLENGE: usize = 1190 - 402 + 1;

type Verdict = Result<Verified<Payment>>;

fn verify<P: Parallel>(claims: &[Claim], parallel: &P) -> Vec<Verdict> {
    let (mut batch, handles) = PaymentBatch::new(WORLDS.iter().map(|world| world.key.clone()));
    for claim in claims {
        let of_first = claim.key.key() == world().key.key();
        let handle = handles[usize::from(!of_first)];
        batch
            .push(
                handle,
                claim.payment.clone(),
                &claim.pay_info,
                claim.spend_date,
            )
            .unwrap();
    }
    let outcome = batch.verify(parallel, &mut rng(5));
    let bad: Vec<usize> = outcome.culprits().map(|(position, _)| position).collect();
    assert_eq!(outcome.all_verified(), bad.is_empty());
    let results = outcome.into_results();
    assert!((0..results.len()).all(|i| results[i].is_err() == bad.contains(&i)));
    results
}

fn alone(claim: &Claim) -> Verdict {
    claim.key.verify_unchecked(
        claim.payment.clone(),
        &claim.pay_info,
        claim.spend_date,
        &mut rng(6),
    )
}

fn errors(results: &[Verdict]) -> Vec<Option<Error>> {
    results
        .iter()
        .map(|result| result.as_ref().err().cloned())
        .collect()
}

fn threads(count: usize) -> ScopedThreads {
    ScopedThreads(NonZeroUsize::new(count).unwrap())
}

#[test]
fn an_empty_batch_has_an_empty_outcome() {
    let (batch, _) = PaymentBatch::of_one_key(world().key.clone());
    assert!(batch.is_empty());
    let outcome = batch.verify(&Sequential, &mut rng(1));
    assert!(outcome.all_verified());
    assert_eq!(outcome.culprits().count(), 0);
    assert!(outcome.results().is_empty());
}

#[test]
fn each_way_to_be_bad_has_its_reason_alone() {
    for (claim, reason) in world().bad() {
        assert_eq!(alone(&claim), Err(reason));
    }
}

#[test]
fn one_bad_payment_is_named_at_every_position_whatever_is_wrong_with_it() {
    let world = world();
    for (bad, reason) in world.bad() {
        for position in 0..5 {
            let mut claims: Vec<Claim> = (0..5).map(|i| world.good(i)).collect();
            claims[position] = bad.clone();
            let mut expected = vec![None; 5];
            expected[position] = Some(reason.clone());
            assert_eq!(errors(&verify(&claims, &Sequential)), expected);
        }
    }
}

#[test]
fn a_batch_of_bad_payments_only_names_each_with_its_reason() {
    let (claims, reasons): (Vec<Claim>, Vec<Error>) = world().bad().into_iter().unzip();
    let expected: Vec<Option<Error>> = reasons.into_iter().map(Some).collect();
    assert_eq!(errors(&verify(&claims, &Sequential)), expected);
}

#[test]
fn a_batch_that_all_verifies_gives_what_single_verification_gives() {
    let world = world();
    let mut claims: Vec<Claim> = (0..PAYMENTS).map(|i| world.good(i)).collect();
    claims.push(world.claim(&world.of_three, pay_info(0)));
    let singly: Vec<Verdict> = claims.iter().map(alone).collect();
    assert!(singly.iter().all(Result::is_ok));
    assert_eq!(verify(&claims, &Sequential), singly);
}

#[test]
fn payments_of_two_keys_share_a_batch_and_none_verifies_under_the_key_of_the_other() {
    let [one, two] = &*WORLDS;
    let mut claims: Vec<Claim> = (0..4).flat_map(|i| [one.good(i), two.good(i)]).collect();
    assert_eq!(errors(&verify(&claims, &Sequential)), vec![None; 8]);
    claims[3].key = one.key.clone();
    let mut expected = vec![None; 8];
    expected[3] = Some(Error::PaymentProof);
    assert_eq!(errors(&verify(&claims, &Sequential)), expected);
}

#[test]
fn a_repeated_payment_has_the_same_verdict_each_time() {
    let world = world();
    let (bad, reason) = world.bad().swap_remove(3);
    let claims = [&world.good(0), &bad, &world.good(0), &bad, &bad].map(Clone::clone);
    let expected = [false, true, false, true, true].map(|bad| bad.then(|| reason.clone()));
    assert_eq!(errors(&verify(&claims, &Sequential)), expected);
}

#[test]
fn a_batch_of_several_pieces_names_bad_payments_in_each_of_them() {
    let world = world();
    let bad = world.bad();
    let size = 300;
    let claims: Vec<Claim> = (0..size)
        .map(|i| match i {
            0 | 255 | 256 | 299 => bad[i % bad.len()].0.clone(),
            _ => world.good(i % PAYMENTS),
        })
        .collect();
    let expected: Vec<Option<Error>> = (0..size)
        .map(|i| {
            [0, 255, 256, 299]
                .contains(&i)
                .then(|| bad[i % bad.len()].1.clone())
        })
        .collect();
    assert_eq!(errors(&verify(&claims, &threads(2))), expected);
}

#[test]
fn threads_do_not_change_a_verdict() {
    let world = world();
    let bad = world.bad();
    let claims: Vec<Claim> = (0..70)
        .map(|i| match i % 7 {
            3 => bad[i / 7 % bad.len()].0.clone(),
            _ => world.good(i % PAYMENTS),
        })
        .collect();
    let one = verify(&claims, &Sequential);
    for count in [1, 2, 3, 100] {
        assert_eq!(verify(&claims, &threads(count)), one);
    }
}

#[test]
fn every_preparation_gives_the_same_verdicts() {
    let world = world();
    for preparation in [Preparation::Small, Preparation::Default, Preparation::Large] {
        let key = VerifyingKey::prepare(world.key.key(), preparation);
        for (claim, reason) in world.bad() {
            let key = key.clone();
            assert_eq!(alone(&Claim { key, ..claim }), Err(reason));
        }
        let key = key.clone();
        assert!(
            alone(&Claim {
                key,
                ..world.good(0)
            })
            .is_ok()
        );
    }
}

#[test]
fn a_batch_takes_its_own_handles_and_no_more_than_its_limit() {
    let world = world();
    let (mut batch, _) = PaymentBatch::of_one_key(world.key.clone());
    let (_, handles) = PaymentBatch::new([world.key.clone(), world.key.clone()]);
    let push = |batch: &mut PaymentBatch, handle: KeyHandle, bytes: &[u8]| {
        let payment = UncheckedPayment::parse(bytes).unwrap();
        batch.push(handle, payment, &pay_info(0), EXPIRATION)
    };
    assert_eq!(
        push(&mut batch, handles[1], &world.payments[0]),
        Err(Error::UnknownKey { handle: 1, keys: 1 })
    );
    for position in 0..MAX_BATCH_TICKETS / 3 {
        assert_eq!(push(&mut batch, handles[0], &world.of_three), Ok(position));
    }
    assert_eq!(
        push(&mut batch, handles[0], &world.of_three),
        Err(Error::BatchFull {
            tickets: MAX_BATCH_TICKETS / 3 * 3 + 3,
            limit: MAX_BATCH_TICKETS
        })
    );
}

const MS: Duration = Duration::from_millis(1);

#[test]
fn a_single_payment_waits_for_others_no_longer_than_its_time() {
    let mut stream = PaymentStream::new(10);
    let arrival = 50 * MS;
    assert_eq!(stream.due_at(), None);
    assert!(stream.close(arrival).is_none());
    stream.push(world().good(0), 'a', arrival).unwrap();
    stream.push(world().good(1), 'b', arrival + MS).unwrap();
    assert_eq!(stream.due_at(), Some(arrival + STREAM_WAIT));
    assert!(stream.close(arrival + STREAM_WAIT - MS).is_none());
    let batch = stream.close(arrival + STREAM_WAIT).unwrap();
    assert_eq!((batch.len(), stream.waiting()), (2, 0));
    assert_eq!(stream.due_at(), None);
}

#[test]
fn a_batch_is_due_at_once_when_it_has_its_size_and_the_rest_waits_its_own_time() {
    let mut stream = PaymentStream::new(1_000);
    for arrived in 0..STREAM_BATCH - 1 {
        stream.push(world().good(0), arrived, MS).unwrap();
        assert!(stream.close(MS).is_none());
    }
    for arrived in 0..3 {
        stream.push(world().good(0), arrived, 2 * MS).unwrap();
    }
    assert_eq!(stream.close(2 * MS).unwrap().len(), STREAM_BATCH);
    assert_eq!(stream.waiting(), 2);
    assert!(stream.close(2 * MS).is_none());
    assert_eq!(stream.due_at(), Some(2 * MS + STREAM_WAIT));
}

#[test]
fn a_full_stream_says_so_and_takes_again_when_a_batch_has_left() {
    let mut stream = PaymentStream::new(2);
    stream.push(world().good(0), 0, MS).unwrap();
    stream.push(world().good(0), 1, MS).unwrap();
    assert_eq!(
        stream.push(world().good(0), 2, MS),
        Err(Full { capacity: 2 })
    );
    assert_eq!(stream.close(MS + STREAM_WAIT).unwrap().len(), 2);
    assert_eq!(stream.push(world().good(0), 2, 2 * MS), Ok(()));
}

#[test]
fn every_caller_of_a_stream_gets_its_own_verdict() {
    let [one, two] = &*WORLDS;
    let (bad, reason) = one.bad().swap_remove(2);
    let mut stream = PaymentStream::new(10);
    for (caller, claim) in [
        ("a", one.good(0)),
        ("b", bad),
        ("c", two.good(0)),
        ("d", one.good(1)),
    ] {
        stream.push(claim, caller, MS).unwrap();
    }
    let batch = stream.close(MS + STREAM_WAIT).unwrap();
    let verdicts: Vec<_> = batch
        .verify(&Sequential, &mut rng(3))
        .into_iter()
        .map(|(caller, verdict)| (caller, verdict.err()))
        .collect();
    let expected = [("a", None), ("b", Some(reason)), ("c", None), ("d", None)];
    assert_eq!(verdicts, expected);
}

#[test]
fn payments_of_callers_that_have_gone_leave_the_stream() {
    let mut stream = PaymentStream::new(3);
    for caller in 0..3 {
        stream.push(world().good(0), caller, MS * caller).unwrap();
    }
    stream.forget(|caller| *caller != 1);
    assert_eq!(stream.waiting(), 1);
    assert_eq!(stream.due_at(), Some(MS + STREAM_WAIT));
    let batch = stream.close(MS + STREAM_WAIT).unwrap();
    let verdicts = batch.verify(&Sequential, &mut rng(4));
    assert!(matches!(&verdicts[..], [(1, Ok(_))]));
}
