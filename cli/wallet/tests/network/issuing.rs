//! From a deposit to a book.

use ecash_wallet::{Event, Outcome, State, WalletError};

use crate::support::signer::Mode;
use crate::support::{PRICE, Recorder, THRESHOLD, World, dkg, holder, order};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_deposit_becomes_a_book_of_fifty_tickets() {
    let world = World::start().await;
    let wallet = world.open().await.unwrap();
    let events = Recorder::default();
    let report = wallet.obtain(&holder(), order(1), &events).await.unwrap();
    assert_eq!(report.books.len(), 1);
    assert_eq!(report.books[0].tickets_left, 50);
    assert!(report.pending.is_empty());
    let good = report
        .signers
        .iter()
        .filter(|signer| signer.outcome == Outcome::Good)
        .count();
    assert_eq!(good as u64, THRESHOLD, "stops at the threshold");
    assert!(world.spent_on_chain() >= PRICE);
    assert_eq!(world.deposits().await, 1);
    assert!(
        events
            .events()
            .iter()
            .any(|event| matches!(event, Event::Book { .. }))
    );
    let stock = wallet.stock().await.unwrap();
    assert_eq!(stock.birthday, Some(0));
    assert_eq!(stock.evidence, 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn several_books_are_paid_for_in_one_transaction_under_a_key_each() {
    let world = World::start().await;
    let wallet = world.open().await.unwrap();
    let report = wallet.obtain(&holder(), order(3), &()).await.unwrap();
    assert_eq!(report.books.len(), 3, "{report:?}");
    assert_eq!(world.deposits().await, 3);
    assert_eq!(world.distinct_requests(), 3);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn published_signers_that_attest_and_seal_nothing_serve_as_well() {
    let world = World::start().await;
    for signer in &world.signers {
        signer.set(Mode::Published);
    }
    let wallet = world.open().await.unwrap();
    let report = wallet.obtain(&holder(), order(1), &()).await.unwrap();
    assert_eq!(report.books.len(), 1);
    assert!(
        report
            .signers
            .iter()
            .any(|signer| signer.outcome == Outcome::GoodUnattested)
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn with_too_few_signers_the_issuance_stays_pending_and_the_same_request_finishes_it_later() {
    let world = World::start().await;
    world.signers[0].set(Mode::Refuses);
    world.signers[1].set(Mode::Garbage);
    let wallet = world.open().await.unwrap();
    let report = wallet.obtain(&holder(), order(1), &()).await.unwrap();
    assert!(report.books.is_empty());
    assert_eq!(report.pending.len(), 1);
    let pending = &report.pending[0];
    assert_eq!(
        (pending.state, pending.shares, pending.threshold),
        (State::Requested, 3, Some(4))
    );
    assert!(pending.deadline.is_some());
    assert!(
        pending
            .reason
            .as_ref()
            .unwrap()
            .contains("signer 1 refused"),
        "{:?}",
        pending.reason
    );
    assert!(matches!(
        report
            .signers
            .iter()
            .find(|s| s.node_index.get() == 2)
            .unwrap()
            .outcome,
        Outcome::BadAnswer(_)
    ));

    let again = wallet.obtain(&holder(), order(1), &()).await.unwrap();
    assert_eq!(
        again.pending.len(),
        1,
        "no second deposit while one is pending"
    );
    assert_eq!(world.deposits().await, 1);

    for signer in &world.signers {
        signer.set(Mode::Honest);
    }
    let before = world.signers[2].requests().len();
    let report = wallet.recover(&()).await.unwrap();
    assert_eq!(
        (report.books.len(), report.pending.len()),
        (1, 0),
        "{report:?}"
    );
    assert_eq!(
        world.signers[2].requests().len(),
        before,
        "nobody is asked for a share that is stored"
    );
    assert_eq!(
        world.distinct_requests(),
        1,
        "the request is the same for ever"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn signers_that_say_later_are_asked_again_within_the_waiting_time() {
    let world = World::start().await;
    for signer in &world.signers {
        signer.set(Mode::Busy(2));
    }
    let wallet = world.open().await.unwrap();
    let report = wallet.obtain(&holder(), order(1), &()).await.unwrap();
    assert_eq!(
        (report.books.len(), report.pending.len()),
        (1, 0),
        "{report:?}"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_is_paid_while_too_few_signers_can_issue() {
    let world = World::start().await;
    for signer in &world.signers[..2] {
        *signer.inner.healthy.lock().unwrap() = false;
    }
    let wallet = world.open().await.unwrap();
    let error = wallet.obtain(&holder(), order(1), &()).await.unwrap_err();
    assert!(
        matches!(
            error,
            WalletError::TooFewSigners {
                healthy: 3,
                threshold: 4,
                ..
            }
        ),
        "{error}"
    );
    assert!(error.to_string().contains("signer 1"), "{error}");
    assert_eq!(world.deposits().await, 0);
    assert_eq!(world.spent_on_chain(), 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_is_paid_where_the_shares_on_chain_contradict_each_other() {
    let mut world = World::start().await;
    let other = crate::support::Keys::deal();
    let mut answers = dkg::answers(&world);
    answers["get_verification_keys"]["shares"][0]["share"] =
        other.shares[0].1.verification_key().to_base58().into();
    world.publish_shares(&answers).await;
    let wallet = world.open().await.unwrap();
    let error = wallet.obtain(&holder(), order(1), &()).await.unwrap_err();
    assert!(
        matches!(error, WalletError::ContradictingKeyShares { .. }),
        "{error}"
    );
    assert_eq!(world.deposits().await, 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_unusable_share_on_chain_drops_that_signer_alone_by_name() {
    let mut world = World::start().await;
    let mut answers = dkg::answers(&world);
    answers["get_verification_keys"]["shares"][4]["verified"] = false.into();
    world.publish_shares(&answers).await;
    let wallet = world.open().await.unwrap();
    let events = Recorder::default();
    let report = wallet.obtain(&holder(), order(1), &events).await.unwrap();
    assert_eq!(report.books.len(), 1);
    assert!(
        events
            .events()
            .iter()
            .any(|e| matches!(e, Event::ShareDropped { owner, .. } if owner == "n1signer5"))
    );

    answers["get_verification_keys"]["shares"][3]["share"] = "garbage".into();
    world.publish_shares(&answers).await;
    let error = wallet.obtain(&holder(), order(1), &()).await.unwrap_err();
    assert!(
        matches!(
            error,
            WalletError::TooFewKeyShares {
                usable: 3,
                threshold: 4,
                ..
            }
        ),
        "{error}"
    );
    assert!(error.to_string().contains("n1signer4"), "{error}");
    assert_eq!(
        world.deposits().await,
        1,
        "the second book was not paid for"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_account_that_cannot_pay_is_told_what_it_needs() {
    let world = World::start().await;
    let wallet = world.open().await.unwrap();
    let poor = nyx_client::Account::from_mnemonic(
        "letter advice cage absurd amount doctor acoustic avoid letter advice cage above",
        "n",
    )
    .unwrap();
    let error = wallet.obtain(&poor, order(1), &()).await.unwrap_err();
    assert!(
        matches!(
            error,
            WalletError::NotEnoughMoney {
                balance: 0,
                needed: PRICE,
                ..
            }
        ),
        "{error}"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_clock_that_is_off_is_corrected_and_the_book_is_of_the_networks_day() {
    let world = World::start().await;
    let real = ecash_service::clock::Clock::now(&ecash_service::clock::SystemClock::new());
    let mut config = world.config(&world.rpc);
    config.clock = ecash_service::clock::ManualClock::at(real.minus_secs(3 * 86_400)).shared();
    let wallet = ecash_wallet::Wallet::open(config, &crate::support::seed())
        .await
        .unwrap();
    let events = Recorder::default();
    let report = wallet.obtain(&holder(), order(1), &events).await.unwrap();
    assert!(
        events
            .events()
            .iter()
            .any(|e| matches!(e, Event::ClockCorrected { offset_secs } if *offset_secs > 250_000))
    );
    let today =
        ecash_ticketbook::EcashDate::of(ecash_ticketbook::UnixTime(real.as_secs())).unwrap();
    assert!(
        report.books[0].expiration.days_since(today) >= 5,
        "{report:?}"
    );
}
