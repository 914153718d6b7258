//! A book spends its tickets: what it makes verifies under the epoch's key, and what it must not make it refuses.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    missing_docs
)]

mod support;

use ecash_scheme::spend::SpendContext;
use ecash_scheme::{
    CoinIndexSignature, CoinIndexSignatures, DateSignature, DateSignatures, Identified, Signature,
    UserSecretKey, VerificationKey, VerifyingKey, WalletSignatures, identify,
};
use ecash_ticketbook::*;
use rand::SeedableRng;
use rand::rngs::StdRng;
use serde_json::Value;
use support::{bytes, vectors};

/// A book of the vector file with everything that spending it takes.
struct World {
    book: IssuedTicketBook,
    user: UserSecretKey,
    master: VerificationKey,
    dates: DateSignatures,
    coins: CoinIndexSignatures,
}

impl World {
    fn new() -> Self {
        let vectors = vectors();
        let keys = &vectors["keysets"]["ttp_3of5"];
        let withdrawal = &vectors["withdrawals"][0];
        let user = UserSecretKey::from_bytes(&bytes(&withdrawal["user_sk"])).unwrap();
        let wallet =
            WalletSignatures::from_bytes(&bytes(&withdrawal["wallet_signatures"])).unwrap();
        let signature = |value: &Value| Signature::from_bytes(&bytes(value)).unwrap();
        let listed = |value: &Value| value.as_array().unwrap().clone().into_iter();
        let expiration =
            u32::try_from(keys["expiration"]["expiration_date"].as_u64().unwrap()).unwrap();
        let dates = listed(&keys["expiration"]["aggregated"])
            .zip(0..)
            .map(|(value, day)| DateSignature {
                signature: signature(&value),
                expiration,
                spend_date: expiration - (6 - day) * 86_400,
            });
        let coins = listed(&keys["coin_indices"]["aggregated"])
            .zip(0..)
            .map(|(value, index)| CoinIndexSignature {
                signature: signature(&value),
                index,
            });
        Self {
            book: IssuedTicketBook::new(wallet, 0, EpochId(7), user.clone()).unwrap(),
            user,
            master: VerificationKey::from_bytes(&bytes(&keys["aggregated_verification_key"]))
                .unwrap(),
            dates: DateSignatures::from_vec(dates.collect()).unwrap(),
            coins: CoinIndexSignatures::from_vec(coins.collect()).unwrap(),
        }
    }

    fn spend(
        &self,
        index: u64,
        pay_info: PayInfo,
        date: &str,
    ) -> Result<SpendingData, TicketbookError> {
        let context = SpendContext {
            master: &self.master,
            dates: &self.dates,
            coins: &self.coins,
        };
        let mut rng = StdRng::seed_from_u64(index);
        self.book.spend_ticket(
            index,
            &context,
            EpochId(9),
            pay_info,
            date.parse().unwrap(),
            &mut rng,
        )
    }

    fn verify(
        &self,
        data: &SpendingData,
    ) -> ecash_scheme::Result<ecash_scheme::Verified<ecash_scheme::Payment>> {
        let key = VerifyingKey::new(&self.master);
        let mut rng = StdRng::seed_from_u64(1);
        key.verify(
            data.payment.clone(),
            &data.pay_info.to_bytes(),
            data.spend_date.unix(),
            &mut rng,
        )
    }
}

fn pay_info(nonce: u8) -> PayInfo {
    PayInfo::new([nonce; 32], 1_764_900_000, [7; 32])
}

#[test]
fn a_ticket_of_a_book_is_1278_bytes_and_verifies_on_every_date_of_the_book() {
    let world = World::new();
    for (index, date) in [(0, "2025-12-01"), (49, "2025-12-07")] {
        let data = world.spend(index, pay_info(1), date).unwrap();
        assert_eq!(data.to_bytes().len(), 1278);
        let ticket = Ticket::parse(&data.to_bytes()).unwrap();
        assert_eq!(ticket.ticket_type(), world.book.ticket_type());
        assert_eq!(ticket.epoch_id(), EpochId(9));
        world.verify(&ticket.decode().unwrap()).unwrap();
    }
}

#[test]
fn two_tickets_of_one_index_have_one_serial_and_name_their_spender() {
    let world = World::new();
    let first = world.spend(5, pay_info(1), "2025-12-02").unwrap();
    let second = world.spend(5, pay_info(2), "2025-12-03").unwrap();
    let other = world.spend(6, pay_info(1), "2025-12-02").unwrap();
    assert_eq!(first.serial_numbers(), second.serial_numbers());
    assert_ne!(first.serial_numbers(), other.serial_numbers());
    let (first, second) = (
        world.verify(&first).unwrap(),
        world.verify(&second).unwrap(),
    );
    let named = identify(&first, &second).unwrap();
    assert!(matches!(named, Identified::Spender(key) if key == world.user.public_key()));
}

#[test]
fn a_ticket_under_another_date_or_pay_info_does_not_verify() {
    let world = World::new();
    let data = world.spend(0, pay_info(1), "2025-12-02").unwrap();
    let tomorrow = SpendingData {
        spend_date: data.spend_date.plus_days(1).unwrap(),
        ..data.clone()
    };
    let elsewhere = SpendingData {
        pay_info: pay_info(2),
        ..data
    };
    assert!(world.verify(&tomorrow).is_err());
    assert!(world.verify(&elsewhere).is_err());
}

#[test]
fn an_index_or_date_outside_the_book_is_refused() {
    let world = World::new();
    assert!(matches!(
        world.spend(50, pay_info(1), "2025-12-02"),
        Err(TicketbookError::Spent { .. })
    ));
    assert!(matches!(
        world.spend(u64::MAX, pay_info(1), "2025-12-02"),
        Err(TicketbookError::Spent { .. })
    ));
    for date in ["2025-11-30", "2025-12-08"] {
        assert!(
            matches!(
                world.spend(0, pay_info(1), date),
                Err(TicketbookError::OutsideValidity { .. })
            ),
            "{date}"
        );
    }
}
