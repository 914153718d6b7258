//! Tickets: an index is burned when a byte may have left, and only the identical bytes go out again.

use std::collections::BTreeSet;

use ecash_requests::IdentityKey;
use ecash_requests::gateway::{AccountToken, Consumed, Verdict};
use ecash_scheme::VerifyingKey;
use ecash_ticketbook::{SpendingData, TicketType};
use ecash_wallet::{Fate, PrintIndex, Spending, Ticket, Wallet, WalletError};
use rand::rngs::OsRng;

use crate::support::gateway::{Info, Reply};
use crate::support::{TYPE, World, identity, key_of};

pub(crate) fn assert_verifies(world: &World, ticket: &Ticket) {
    let data = SpendingData::from_bytes(&ticket.bytes).unwrap();
    let verified = VerifyingKey::new(&world.keys.master).verify(
        data.payment,
        &data.pay_info.to_bytes(),
        data.spend_date.unix(),
        &mut OsRng,
    );
    assert!(verified.is_ok());
    assert_eq!(data.pay_info.provider(), ticket.provider.as_bytes());
}

fn token() -> AccountToken {
    AccountToken::generate(&mut OsRng)
}

async fn spend(world: &World, wallet: &Wallet) -> Result<ecash_wallet::Spent, WalletError> {
    wallet
        .spend_at(
            &key_of(&world.gateway.identity),
            &token(),
            Spending::of(TYPE),
        )
        .await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_ticket_is_accepted_and_the_next_one_has_the_next_index() {
    let world = World::start().await;
    let wallet = world.wallet_with_book().await;
    let one = spend(&world, &wallet).await.unwrap();
    let two = spend(&world, &wallet).await.unwrap();
    assert_eq!(
        (one.fate, one.ticket.index, one.sendings),
        (Fate::Accepted, 0, 1)
    );
    assert_eq!((two.fate, two.ticket.index), (Fate::Accepted, 1));
    assert_verifies(&world, &one.ticket);
    assert_eq!(one.ticket.bytes.len(), 1278);
    assert_eq!(
        world.gateway.received(),
        [one.ticket.bytes, two.ticket.bytes]
    );
    assert_eq!(wallet.stock().await.unwrap().books[0].tickets_left, 48);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_ticket_whose_reply_was_lost_is_sent_again_as_the_same_bytes() {
    let world = World::start().await;
    let wallet = world.wallet_with_book().await;
    world.gateway.will_reply(&[
        Reply::Lost,
        Reply::Verdict(Verdict::Busy, Consumed::No),
        Reply::Verdict(Verdict::AlreadyAccepted, Consumed::Yes),
    ]);
    let spent = spend(&world, &wallet).await.unwrap();
    assert_eq!((spent.fate, spent.sendings), (Fate::Accepted, 3));
    let received = world.gateway.received();
    assert_eq!(received.len(), 3);
    assert!(received.iter().all(|bytes| *bytes == spent.ticket.bytes));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_verdict_gives_an_index_back() {
    let world = World::start().await;
    let wallet = world.wallet_with_book().await;
    let mut used = BTreeSet::new();
    for verdict in Verdict::ALL {
        for consumed in [Consumed::Yes, Consumed::No, Consumed::Unknown] {
            let at = wallet
                .check_gateway(&key_of(&world.gateway.identity))
                .await
                .unwrap();
            let ticket = wallet
                .next_ticket(
                    &at,
                    Spending {
                        ticket_type: TYPE,
                        insist: true,
                    },
                )
                .await
                .unwrap();
            assert!(
                used.insert(ticket.index),
                "{verdict} {consumed:?}: index {} twice",
                ticket.index
            );
            wallet
                .report(ticket.book, ticket.index, Some((verdict, consumed)))
                .await
                .unwrap();
        }
    }
    assert_eq!(used.len(), 39);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn fifty_tickets_of_two_tasks_at_once_have_fifty_different_indices() {
    let world = World::start().await;
    let wallet = world.wallet_with_book().await;
    let at = wallet
        .check_gateway(&key_of(&world.gateway.identity))
        .await
        .unwrap();
    let task = |wallet: Wallet, at: ecash_wallet::CheckedGateway| {
        tokio::spawn(async move {
            let mut indices = Vec::new();
            for _ in 0..25 {
                indices.push(
                    wallet
                        .next_ticket(&at, Spending::of(TYPE))
                        .await
                        .unwrap()
                        .index,
                );
            }
            indices
        })
    };
    let (a, b) = (
        task(wallet.clone(), at.clone()),
        task(wallet.clone(), at.clone()),
    );
    let mut all = a.await.unwrap();
    all.extend(b.await.unwrap());
    all.sort_unstable();
    assert_eq!(all, (0..50).collect::<Vec<u64>>());
    assert!(matches!(
        wallet.next_ticket(&at, Spending::of(TYPE)).await,
        Err(WalletError::NoBook(_))
    ));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_gateway_that_is_not_what_the_chain_says_gets_no_ticket_and_nothing_is_burned() {
    let world = World::start().await;
    let wallet = world.wallet_with_book().await;
    for info in [
        Info::OtherKey,
        Info::OldNonce,
        Info::OtherChain,
        Info::OtherAccount,
        Info::ClockOff(33),
        Info::ClockOff(-33),
        Info::NoRole,
        Info::OtherEpoch,
    ] {
        world.gateway.says(info);
        let error = spend(&world, &wallet).await.unwrap_err();
        assert!(
            error.to_string().contains("nothing was burned"),
            "{info:?}: {error}"
        );
    }
    world.gateway.says(Info::Honest);
    let unknown = key_of(&identity(77));
    let error = wallet
        .spend_at(&unknown, &token(), Spending::of(TYPE))
        .await
        .unwrap_err();
    assert!(matches!(error, WalletError::UnknownGateway(_)), "{error}");
    let other_type = Spending::of(TicketType::MixnetEntry);
    let error = wallet
        .spend_at(&key_of(&world.gateway.identity), &token(), other_type)
        .await
        .unwrap_err();
    assert!(matches!(error, WalletError::WrongRole { .. }), "{error}");
    assert!(world.gateway.received().is_empty());
    assert_eq!(wallet.stock().await.unwrap().books[0].tickets_left, 50);
    assert_eq!(spend(&world, &wallet).await.unwrap().ticket.index, 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn after_two_tickets_without_acceptance_a_gateway_gets_none_for_a_day_unless_insisted_upon() {
    let world = World::start().await;
    let wallet = world.wallet_with_book().await;
    let refusal = Reply::Verdict(Verdict::InvalidTicket, Consumed::No);
    world.gateway.will_reply(&[refusal, refusal]);
    assert_eq!(spend(&world, &wallet).await.unwrap().fate, Fate::Refused);
    assert_eq!(spend(&world, &wallet).await.unwrap().fate, Fate::Refused);
    let error = spend(&world, &wallet).await.unwrap_err();
    assert!(matches!(error, WalletError::TwoStrikes { .. }), "{error}");
    assert!(
        error
            .to_string()
            .contains(&key_of(&world.gateway.identity).to_string())
    );
    let insisting = Spending {
        ticket_type: TYPE,
        insist: true,
    };
    let spent = wallet
        .spend_at(&key_of(&world.gateway.identity), &token(), insisting)
        .await
        .unwrap();
    assert_eq!((spent.fate, spent.ticket.index), (Fate::Accepted, 2));
    assert_eq!(
        spend(&world, &wallet).await.unwrap().fate,
        Fate::Accepted,
        "acceptance ends the row of strikes"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_printed_ticket_is_printed_again_for_the_same_provider_only() {
    let world = World::start().await;
    let wallet = world.wallet_with_book().await;
    let provider = key_of(&world.gateway.identity);
    let first = wallet
        .print_ticket(provider, TYPE, PrintIndex::LowestFree)
        .await
        .unwrap();
    assert_eq!(first.index, 0);
    let again = wallet
        .print_ticket(provider, TYPE, PrintIndex::Exactly(0))
        .await
        .unwrap();
    assert_eq!(again.bytes, first.bytes);
    let other = wallet
        .print_ticket(key_of(&identity(77)), TYPE, PrintIndex::Exactly(0))
        .await
        .unwrap_err();
    assert!(
        matches!(other, WalletError::TicketNotFree { .. }),
        "{other}"
    );
    let outside = wallet
        .print_ticket(provider, TYPE, PrintIndex::Exactly(50))
        .await
        .unwrap_err();
    assert!(
        matches!(outside, WalletError::TicketNotFree { .. }),
        "{outside}"
    );
    let (preview, burned) = wallet
        .preview_ticket(provider, TYPE, PrintIndex::Exactly(1))
        .await
        .unwrap();
    assert!(!burned);
    assert_eq!(
        wallet.stock().await.unwrap().books[0].tickets_left,
        49,
        "a preview burns nothing"
    );
    let burned = wallet
        .print_ticket(provider, TYPE, PrintIndex::Exactly(1))
        .await
        .unwrap();
    assert_ne!(burned.bytes, preview.bytes);
    assert_verifies(&world, &burned);
}

#[test]
fn small_order_and_malformed_provider_keys_are_refused_before_anything_is_made() {
    let small_order = bs58::encode([0_u8; 32]).into_string();
    let identity_point = bs58::encode({
        let mut one = [0_u8; 32];
        one[0] = 1;
        one
    })
    .into_string();
    let not_canonical = bs58::encode([0xff_u8; 32]).into_string();
    for text in [
        small_order.as_str(),
        &identity_point,
        &not_canonical,
        "",
        "O0Il",
        &bs58::encode([7_u8; 31]).into_string(),
    ] {
        assert!(IdentityKey::from_base58(text).is_err(), "{text}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_clock_behind_the_journal_suspends_spending_until_it_has_passed_the_last_entry() {
    let world = World::start().await;
    let real = ecash_service::clock::Clock::now(&ecash_service::clock::SystemClock::new());
    let clock = ecash_service::clock::ManualClock::at(real);
    let mut config = world.config(&world.rpc);
    config.clock = clock.shared();
    let wallet = Wallet::open(config, &crate::support::seed()).await.unwrap();
    wallet
        .obtain(&crate::support::holder(), crate::support::order(1), &())
        .await
        .unwrap();
    let provider = key_of(&world.gateway.identity);
    wallet
        .print_ticket(provider, TYPE, PrintIndex::LowestFree)
        .await
        .unwrap();
    clock.set(real.minus_secs(1));
    let error = wallet
        .print_ticket(provider, TYPE, PrintIndex::LowestFree)
        .await
        .unwrap_err();
    assert!(
        matches!(error, WalletError::ClockBehindJournal { .. }),
        "{error}"
    );
    clock.set(real.plus_secs(1));
    assert_eq!(
        wallet
            .print_ticket(provider, TYPE, PrintIndex::LowestFree)
            .await
            .unwrap()
            .index,
        1
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_same_bytes_can_be_had_for_ten_minutes_and_then_the_ticket_is_abandoned() {
    let world = World::start().await;
    let real = ecash_service::clock::Clock::now(&ecash_service::clock::SystemClock::new());
    let clock = ecash_service::clock::ManualClock::at(real);
    let mut config = world.config(&world.rpc);
    config.clock = clock.shared();
    let wallet = Wallet::open(config, &crate::support::seed()).await.unwrap();
    wallet
        .obtain(&crate::support::holder(), crate::support::order(1), &())
        .await
        .unwrap();
    let at = wallet
        .check_gateway(&key_of(&world.gateway.identity))
        .await
        .unwrap();
    let ticket = wallet.next_ticket(&at, Spending::of(TYPE)).await.unwrap();
    clock.set(real.plus_secs(600));
    assert_eq!(
        wallet
            .same_ticket(ticket.book, ticket.index)
            .await
            .unwrap()
            .bytes,
        ticket.bytes
    );
    clock.set(real.plus_secs(601));
    let error = wallet
        .same_ticket(ticket.book, ticket.index)
        .await
        .unwrap_err();
    assert!(
        matches!(error, WalletError::TooLateToResend { .. }),
        "{error}"
    );
    assert_eq!(
        wallet
            .report(ticket.book, ticket.index, None)
            .await
            .unwrap(),
        Fate::Abandoned
    );
}
