//! Tampered payments: what verifies proves what an honest payment proves, whatever was changed.
//!
//! Anybody can re-scale the signatures of a payment (spec 5.4), so accepted bytes need not be the honest ones; but the
//! values that the proof covers, the type, the pay info and the date are untouched in whatever is accepted.
#![no_main]

use std::sync::LazyLock;

use arbitrary::Arbitrary;
use bls12_381::{G1Affine, Scalar};
use ecash_scheme::{
    CoinIndexBases, Payment, PaymentBatch, RandomNonces, Sequential, SpendContext,
    UncheckedPayment, UserKeyPair, Verified, VerifyingKey, Wallet, WithdrawalRequest,
    WithdrawalSecrets, deal,
};
use libfuzzer_sys::fuzz_target;
use rand_chacha::ChaCha20Rng;
use rand_chacha::rand_core::SeedableRng;

const EXPIRATION: u32 = 1_765_065_600;
const DAY: u32 = 86_400;
const PAY_INFO: [u8; 72] = [7; 72];
/// Both signatures of a payment follow K̂ and K̂_e in the `bin` form: h and S, 49 bytes each.
const SIGNATURES_AT: usize = 2 * 97;
const SIGNATURE_BYTES: usize = 2 * 49;

struct World {
    key: VerifyingKey,
    /// Honest payments of one, two and three tickets.
    payments: Vec<Vec<u8>>,
}

static WORLD: LazyLock<World> = LazyLock::new(|| {
    let mut rng = ChaCha20Rng::seed_from_u64(1);
    let (master, keys) = deal(1, &[1], &mut rng).unwrap();
    let (index, secret) = keys.into_iter().next().unwrap();
    let user = UserKeyPair::random(&mut rng);
    let secrets = WithdrawalSecrets::random(&mut rng);
    let (request, info) =
        WithdrawalRequest::new(&user, EXPIRATION, 1, secrets, &mut RandomNonces(&mut rng)).unwrap();
    let answer = secret.blind_sign(&request.verify(user.public_key(), EXPIRATION, 1).unwrap());
    let share = info
        .unblind(user.secret_key(), &answer, &master, index)
        .unwrap();
    let signatures = info
        .aggregate(user.secret_key(), &[share], 1, &master)
        .unwrap();
    let mut wallet = Wallet::new(signatures, 0).unwrap();
    let dates = secret.sign_dates(EXPIRATION).unwrap();
    let coins = secret.sign_coin_indices(&CoinIndexBases::new(&master));
    let context = SpendContext {
        master: &master,
        dates: &dates,
        coins: &coins,
    };
    let payments = (1..=3).map(|count| {
        wallet
            .spend(
                user.secret_key(),
                &context,
                &PAY_INFO,
                EXPIRATION,
                count,
                &mut rng,
            )
            .unwrap()
            .to_bytes()
    });
    World {
        payments: payments.collect(),
        key: VerifyingKey::new(&master),
    }
});

/// One tampering. Positions are taken modulo what there is.
#[derive(Arbitrary, Debug)]
enum Change {
    Flip {
        position: u16,
        bit: u8,
    },
    /// Copies a stretch of this payment, or of another, over a place of this one.
    Copy {
        of: u8,
        from: u16,
        to: u16,
        length: u8,
    },
    /// Exchanges two points or scalars of 33, 49 or 97 bytes.
    Exchange {
        one: u16,
        other: u16,
        size: u8,
    },
    /// Multiplies a signature (0: ticketbook, 1: date) by a number: the payment stays valid.
    Rescale {
        which: bool,
        by: u64,
    },
    PayInfo {
        position: u8,
        to: u8,
    },
    Date {
        days: i8,
        seconds: u8,
    },
}

#[derive(Arbitrary, Debug)]
struct Input {
    payment: u8,
    /// Whether it comes among honest payments, too.
    in_batch: bool,
    changes: Vec<Change>,
}

fn rescale(bytes: &mut [u8], which: bool, by: u64) -> Option<()> {
    let start = SIGNATURES_AT + usize::from(which) * SIGNATURE_BYTES;
    for point in bytes
        .get_mut(start..start + SIGNATURE_BYTES)?
        .chunks_mut(49)
    {
        let (_, encoding) = point.split_first_mut()?;
        let encoding: &mut [u8; 48] = encoding.try_into().ok()?;
        let old = Option::<G1Affine>::from(G1Affine::from_compressed(encoding))?;
        *encoding = G1Affine::from(old * Scalar::from(by)).to_compressed();
    }
    Some(())
}

/// Everything but the signatures: what an accepted payment shares with the honest one.
fn proven(payment: &Payment) -> serde_json::Value {
    let mut json = serde_json::to_value(payment).unwrap();
    for name in ["sig", "sig_exp", "omega"] {
        json.as_object_mut().unwrap().remove(name);
    }
    json
}

/// The verdict on a payment between two honest ones, which stay honest.
fn in_batch(
    bytes: &[u8],
    pay_info: &[u8; 72],
    date: u32,
) -> ecash_scheme::Result<Verified<Payment>> {
    let world = &*WORLD;
    let (mut batch, key) = PaymentBatch::of_one_key(world.key.clone());
    let honest = &world.payments[0];
    for (bytes, pay_info, date) in [
        (honest.as_slice(), &PAY_INFO, EXPIRATION),
        (bytes, pay_info, date),
        (honest, &PAY_INFO, EXPIRATION),
    ] {
        batch
            .push(key, UncheckedPayment::parse(bytes).unwrap(), pay_info, date)
            .unwrap();
    }
    let results = batch
        .verify(&Sequential, &mut ChaCha20Rng::seed_from_u64(3))
        .into_results();
    let [before, this, after] = results.try_into().unwrap();
    assert!(before.is_ok() && after.is_ok());
    this
}

fuzz_target!(|input: Input| {
    let world = &*WORLD;
    let original = &world.payments[usize::from(input.payment) % world.payments.len()];
    let mut bytes = original.clone();
    let (mut pay_info, mut date) = (PAY_INFO, EXPIRATION);
    for change in input.changes.iter().take(8) {
        let end = bytes.len();
        match *change {
            Change::Flip { position, bit } => bytes[usize::from(position) % end] ^= 1 << (bit % 8),
            Change::Copy {
                of,
                from,
                to,
                length,
            } => {
                let source = &world.payments[usize::from(of) % world.payments.len()];
                let from = usize::from(from) % source.len();
                let stretch = source[from..].iter().take(length.into());
                let to = usize::from(to) % end;
                bytes[to..]
                    .iter_mut()
                    .zip(stretch)
                    .for_each(|(to, from)| *to = *from);
            }
            Change::Exchange { one, other, size } => {
                let size = [33, 49, 97][usize::from(size) % 3];
                let (one, other) = (usize::from(one) % end, usize::from(other) % end);
                for offset in 0..size {
                    if one.max(other) + offset < end {
                        bytes.swap(one + offset, other + offset);
                    }
                }
            }
            Change::Rescale { which, by } => {
                rescale(&mut bytes, which, by);
            }
            Change::PayInfo { position, to } => pay_info[usize::from(position) % 72] = to,
            Change::Date { days, seconds } => {
                date = date
                    .wrapping_add_signed(i32::from(days) * DAY.cast_signed())
                    .wrapping_add(seconds.into());
            }
        }
    }
    let Ok(payment) = Payment::from_bytes(&bytes) else {
        assert_ne!(&bytes, original);
        return;
    };
    let mut rng = ChaCha20Rng::seed_from_u64(2);
    let outcome = world.key.verify(payment, &pay_info, date, &mut rng);
    if input.in_batch {
        assert_eq!(in_batch(&bytes, &pay_info, date), outcome);
    }
    match outcome {
        Ok(verified) => {
            let honest = Payment::from_bytes(original).unwrap();
            assert_eq!(proven(verified.payment()), proven(&honest));
            assert_eq!((pay_info, date), (PAY_INFO, EXPIRATION));
        }
        Err(refused) => {
            let untouched = &bytes == original && pay_info == PAY_INFO && date == EXPIRATION;
            assert!(!untouched, "an honest payment was refused: {refused}");
        }
    }
});
