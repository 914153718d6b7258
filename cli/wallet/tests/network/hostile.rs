//! Signers that stall, redirect, never end or answer for another epoch; a chain that stops; clocks that are days off. The
//! errors are typed, nothing is lost, nothing is half-done.

use std::time::Duration;

use ecash_service::clock::{Clock as _, ManualClock, SystemClock};
use ecash_wallet::{Advice, Event, Outcome, Spending, State, Wallet, WalletError};
use nyx_embedded::testing::{Fault, FaultyProxy};
use rand::rngs::OsRng;

use crate::support::signer::{Mode, Says};
use crate::support::{Recorder, TYPE, World, holder, order, seed};

const DAY: u64 = 86_400;

const HOSTILE: [Mode; 5] = [
    Mode::Stalls,
    Mode::Redirects,
    Mode::Endless,
    Mode::OtherEpoch,
    Mode::Silent,
];

/// A wallet that waits a second for an answer.
async fn impatient(world: &World) -> Wallet {
    let mut config = world.config(&world.rpc);
    config.call_timeout = Duration::from_secs(1);
    Wallet::open(config, &seed()).await.unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_signer_that_stalls_redirects_never_ends_or_mixes_up_epochs_stops_no_book() {
    let world = World::start().await;
    let wallet = impatient(&world).await;
    for mode in HOSTILE {
        world.signers[0].set(mode.clone());
        let report = wallet.obtain(&holder(), order(1), &()).await.unwrap();
        assert_eq!(
            (report.books.len(), report.pending.len()),
            (1, 0),
            "{mode:?}: {report:?}"
        );
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_such_signers_are_named_and_the_same_request_becomes_the_book_once_one_of_them_behaves()
{
    let world = World::start().await;
    let wallet = impatient(&world).await;
    for mode in HOSTILE {
        for signer in &world.signers[..2] {
            signer.set(mode.clone());
        }
        let requests = world.distinct_requests();
        let report = wallet.obtain(&holder(), order(1), &()).await.unwrap();
        assert_eq!(
            (report.books.len(), report.pending.len()),
            (0, 1),
            "{mode:?}: {report:?}"
        );
        assert_eq!(
            (report.pending[0].state, report.pending[0].shares),
            (State::Requested, 3)
        );
        assert!(
            report.pending[0]
                .reason
                .as_ref()
                .unwrap()
                .contains("signer 1 ")
        );
        for signer in &report.signers {
            if signer.node_index.get() <= 2 {
                let named = match mode {
                    Mode::Stalls | Mode::Silent => matches!(signer.outcome, Outcome::Silent(_)),
                    Mode::Redirects => !signer.outcome.is_good(),
                    _ => matches!(signer.outcome, Outcome::BadAnswer(_)),
                };
                assert!(named, "{mode:?}: {signer:?}");
            }
        }
        assert!(
            wallet.evidence().await.unwrap().is_empty(),
            "{mode:?} proves nothing"
        );
        world.signers[1].set(Mode::Honest);
        let report = wallet.recover(&()).await.unwrap();
        assert_eq!(
            (report.books.len(), report.pending.len()),
            (1, 0),
            "{mode:?}: {report:?}"
        );
        assert_eq!(
            world.distinct_requests(),
            requests + 1,
            "{mode:?}: one request"
        );
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_chain_that_makes_no_more_blocks_leaves_the_deposit_open_and_is_never_paid_a_second_time()
{
    let world = World::start_with(Duration::from_secs(3600)).await;
    let proxy = FaultyProxy::start(world.rpc.clone()).await.unwrap();
    proxy.set("broadcast_tx_sync", Some(Fault::Hold));
    let mut config = world.config(&proxy.url());
    config.wait = Duration::from_millis(500);
    let wallet = Wallet::open(config, &seed()).await.unwrap();
    for _ in 0..2 {
        let report = wallet.obtain(&holder(), order(1), &()).await.unwrap();
        assert_eq!(
            (report.books.len(), report.pending.len()),
            (0, 1),
            "{report:?}"
        );
        assert_eq!(report.pending[0].state, State::Paying);
        assert!(
            report.pending[0]
                .reason
                .as_ref()
                .unwrap()
                .contains("is open"),
            "{report:?}"
        );
    }
    wallet.close().await;
    drop(wallet);

    proxy.deliver_held().await.ok();
    proxy.set("broadcast_tx_sync", None);
    let wallet = world.open_via(&proxy.url()).await;
    let report = wallet.recover(&()).await.unwrap();
    assert_eq!(
        (report.books.len(), report.pending.len()),
        (1, 0),
        "{report:?}"
    );
    assert_eq!(world.deposits().await, 1, "paid once");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_clock_two_days_off_either_way_is_told_and_the_book_is_obtained_and_spent_all_the_same() {
    let world = World::start().await;
    let real = SystemClock::new().now();
    for (number, wrong) in [(1, real.plus_secs(2 * DAY)), (2, real.minus_secs(2 * DAY))] {
        let mut config = world.config_of(number);
        config.clock = ManualClock::at(wrong).shared();
        let wallet = Wallet::open(config, &crate::support::seed_of(number))
            .await
            .unwrap();
        let events = Recorder::default();
        let report = wallet.obtain(&holder(), order(1), &events).await.unwrap();
        assert_eq!(
            (report.books.len(), report.pending.len()),
            (1, 0),
            "{report:?}"
        );
        assert!(
            events
                .events()
                .iter()
                .any(|event| matches!(event, Event::ClockCorrected { .. })),
            "it is told"
        );
        let token = ecash_requests::gateway::AccountToken::generate(&mut OsRng);
        let gateway = world.gateway.identity.public();
        let spent = wallet
            .spend_at(&gateway, &token, Spending::of(TYPE))
            .await
            .unwrap();
        assert_eq!(spent.fate, ecash_wallet::Fate::Accepted);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_clock_two_days_off_that_no_signer_corrected_burns_no_ticket() {
    let world = World::start().await;
    let wallet = world.wallet_with_book().await;
    wallet.close().await;
    drop(wallet);
    let mut config = world.config(&world.rpc);
    config.clock = ManualClock::at(SystemClock::new().now().plus_secs(2 * DAY)).shared();
    let wallet = Wallet::open(config, &seed()).await.unwrap();
    let token = ecash_requests::gateway::AccountToken::generate(&mut OsRng);
    let gateway = world.gateway.identity.public();
    let error = wallet
        .spend_at(&gateway, &token, Spending::of(TYPE))
        .await
        .unwrap_err();
    assert!(matches!(error, WalletError::GatewayClock { .. }), "{error}");
    assert_eq!(error.advice(), Advice::CorrectClock);
    assert_eq!(wallet.stock().await.unwrap().books[0].tickets_left, 50);

    let offset = wallet.check_clock(&()).await.unwrap().unwrap();
    assert!(offset.unsigned_abs().abs_diff(2 * DAY) < 60, "{offset}");
    let spent = wallet
        .spend_at(&gateway, &token, Spending::of(TYPE))
        .await
        .unwrap();
    assert_eq!(spent.fate, ecash_wallet::Fate::Accepted);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_signer_that_hides_its_record_delays_no_new_request() {
    let world = World::start().await;
    for (position, signer) in world.signers.iter().enumerate() {
        signer.set(if position == 0 {
            Mode::Silent
        } else {
            Mode::Refuses
        });
    }
    let real = SystemClock::new().now();
    let clock = ManualClock::at(real);
    let mut config = world.config(&world.rpc);
    config.clock = clock.shared();
    let wallet = Wallet::open(config, &seed()).await.unwrap();
    wallet.obtain(&holder(), order(1), &()).await.unwrap();
    world.signers[0].says(Says::Nothing);
    clock.set(real.plus_secs(8 * DAY));
    for signer in &world.signers {
        signer.set(Mode::Honest);
        signer.clock_off((8 * DAY) as i64);
    }
    let report = wallet.recover(&()).await.unwrap();
    assert_eq!(
        (report.books.len(), report.pending.len()),
        (1, 0),
        "{report:?}"
    );
}
