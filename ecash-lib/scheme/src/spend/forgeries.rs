//! Payments that only a dishonest prover can make (spec 8.4, 66 to 73): each is refused by the check that exists for it.
#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

use rand::thread_rng;

use super::prove::{Spend, prove};
use super::*;
use crate::constants::SECONDS_PER_DAY;
use crate::point::G1;
use crate::scalar::{Scalar, SecretScalar};
use crate::{
    CoinIndexBases, CoinIndexSignatures, DateSignatures, Error, RandomNonces, SecretKey, Signature,
    UserKeyPair, VerificationKey, WithdrawalRequest, WithdrawalSecrets, deal,
};

const EXPIRATION: u32 = 1_765_065_600;
const PAY_INFO: [u8; 72] = [7; 72];

struct World {
    secret: SecretKey,
    master: VerificationKey,
    user: UserKeyPair,
    wallet: WalletSignatures,
    dates: DateSignatures,
    coins: CoinIndexSignatures,
}

impl World {
    fn new() -> Self {
        let rng = &mut thread_rng();
        let (master, keys) = deal(1, &[1], rng).unwrap();
        let (index, secret) = keys.into_iter().next().unwrap();
        let user = UserKeyPair::random(rng);
        let secrets = WithdrawalSecrets::random(rng);
        let (request, info) =
            WithdrawalRequest::new(&user, EXPIRATION, 1, secrets, &mut RandomNonces(rng)).unwrap();
        let answer = secret.blind_sign(&request.verify(user.public_key(), EXPIRATION, 1).unwrap());
        let share = info
            .unblind(user.secret_key(), &answer, &master, index)
            .unwrap();
        let wallet = info
            .aggregate(user.secret_key(), &[share], 1, &master)
            .unwrap();
        let coins = secret.sign_coin_indices(&CoinIndexBases::new(&master));
        Self {
            dates: secret.sign_dates(EXPIRATION).unwrap(),
            coins,
            secret,
            master,
            user,
            wallet,
        }
    }

    fn honest<'a>(&'a self, coins: &'a [(u64, Signature)]) -> Spend<'a> {
        Spend {
            u: &self.user.secret_key().0,
            v: &self.wallet.v,
            expiration: EXPIRATION,
            ticket_type: 1,
            wallet: Signature {
                h: self.wallet.h,
                s: self.wallet.s,
            },
            date: self.dates.for_date(EXPIRATION).unwrap().signature,
            coins,
        }
    }

    fn coin(&self, index: usize) -> Signature {
        self.coins.entries()[index].signature
    }

    fn outcome(&self, spend: &Spend<'_>, spend_date: u32) -> crate::Result<()> {
        let parts = prove(spend, &self.master.prepared(), &PAY_INFO, &mut |_| {
            SecretScalar::random(&mut thread_rng())
        })?;
        let payment = Payment::from_bytes(&Payment::from_parts(parts).to_bytes())?;
        let key = VerifyingKey::new(&self.master);
        key.verify(payment, &PAY_INFO, spend_date, &mut thread_rng())
            .map(|_| ())
    }
}

#[test]
fn a_ticket_beyond_the_book_has_no_coin_signature() {
    let world = World::new();
    let first = [(0, world.coin(0))];
    assert_eq!(world.outcome(&world.honest(&first), EXPIRATION), Ok(()));
    let beyond = [(50, world.coin(0))];
    let refused = world.outcome(&world.honest(&beyond), EXPIRATION);
    assert_eq!(refused, Err(Error::PaymentCoinSignature { position: 0 }));
}

#[test]
fn a_coin_signature_serves_its_own_index_only() {
    let world = World::new();
    let coins = [(3, world.coin(3)), (4, world.coin(5))];
    let refused = world.outcome(&world.honest(&coins), EXPIRATION);
    assert_eq!(refused, Err(Error::PaymentCoinSignature { position: 1 }));
}

#[test]
fn one_index_twice_in_a_payment_gives_one_serial_number_twice() {
    let world = World::new();
    let coins = [(3, world.coin(3)), (4, world.coin(4)), (3, world.coin(3))];
    let refused = world.outcome(&world.honest(&coins), EXPIRATION);
    assert_eq!(
        refused,
        Err(Error::DuplicateSerialNumber {
            first: 0,
            second: 2
        })
    );
}

#[test]
fn an_expired_book_is_not_spent_with_a_date_signature_of_a_later_one() {
    let world = World::new();
    let later = EXPIRATION + 30 * SECONDS_PER_DAY;
    let dates = world.secret.sign_dates(later).unwrap();
    let date = dates.for_date(later).unwrap().signature;
    let coins = [(0, world.coin(0))];
    let with_its_own_date = Spend {
        date,
        ..world.honest(&coins)
    };
    let refused = world.outcome(&with_its_own_date, later);
    assert_eq!(refused, Err(Error::PaymentDateSignature { date: later }));
    let with_the_later_date = Spend {
        date,
        expiration: later,
        ..world.honest(&coins)
    };
    assert_eq!(
        world.outcome(&with_the_later_date, later),
        Err(Error::PaymentWalletSignature)
    );
}

#[test]
fn a_book_is_spent_by_its_owner_with_its_own_secret_only() {
    let world = World::new();
    let coins = [(0, world.coin(0))];
    let stranger = UserKeyPair::from_seed(b"stranger");
    let with_another_user = Spend {
        u: &stranger.secret_key().0,
        ..world.honest(&coins)
    };
    assert_eq!(
        world.outcome(&with_another_user, EXPIRATION),
        Err(Error::PaymentWalletSignature)
    );
    let other_serials = SecretScalar::from(Scalar::from(5u64));
    let with_another_v = Spend {
        v: &other_serials,
        ..world.honest(&coins)
    };
    assert_eq!(
        world.outcome(&with_another_v, EXPIRATION),
        Err(Error::PaymentWalletSignature)
    );
}

#[test]
fn errors_that_cancel_in_an_unweighted_product_do_not_in_a_weighted_one() {
    let world = World::new();
    let coins = [(0, world.coin(0)), (1, world.coin(1))];
    let spend = world.honest(&coins);
    let mut parts = prove(&spend, &world.master.prepared(), &PAY_INFO, &mut |_| {
        SecretScalar::random(&mut thread_rng())
    })
    .unwrap();
    let g = G1::generator().projective();
    parts.tickets[0].omega.s = (parts.tickets[0].omega.s.projective() + g).into();
    parts.tickets[1].omega.s = (parts.tickets[1].omega.s.projective() - g).into();
    let key = VerifyingKey::new(&world.master);
    let refused = key.verify(
        Payment::from_parts(parts),
        &PAY_INFO,
        EXPIRATION,
        &mut thread_rng(),
    );
    assert_eq!(refused, Err(Error::PaymentCoinSignature { position: 0 }));
}

#[test]
fn a_ticket_whose_serial_number_would_be_infinite_is_skipped() {
    let world = World::new();
    let minus_eight = SecretScalar::from(-Scalar::from(8u64));
    let coins = [(7, world.coin(7))];
    let spend = Spend {
        v: &minus_eight,
        ..world.honest(&coins)
    };
    assert_eq!(
        world.outcome(&spend, EXPIRATION),
        Err(Error::NoSerialNumber(7))
    );
}
