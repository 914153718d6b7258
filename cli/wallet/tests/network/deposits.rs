//! A transaction whose answer is lost, that lands late or never lands: one deposit in every case.

use std::time::Duration;

use ecash_wallet::{State, WalletError};
use nyx_embedded::testing::{Fault, FaultyProxy};

use crate::support::{World, holder, order};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_lost_answer_to_the_broadcast_makes_no_second_deposit() {
    let world = World::start().await;
    let proxy = FaultyProxy::start(world.rpc.clone()).await.unwrap();
    proxy.once("broadcast_tx_sync", Fault::LoseAnswer);
    let wallet = world.open_via(&proxy.url()).await;
    let report = wallet.obtain(&holder(), order(1), &()).await.unwrap();
    assert_eq!(
        (report.books.len(), report.pending.len()),
        (1, 0),
        "{report:?}"
    );
    assert_eq!(world.deposits().await, 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_request_lost_on_the_way_is_sent_again_as_the_same_bytes() {
    let world = World::start().await;
    let proxy = FaultyProxy::start(world.rpc.clone()).await.unwrap();
    proxy.once("broadcast_tx_sync", Fault::LoseRequest);
    let wallet = world.open_via(&proxy.url()).await;
    let report = wallet.obtain(&holder(), order(1), &()).await.unwrap();
    assert_eq!(
        (report.books.len(), report.pending.len()),
        (1, 0),
        "{report:?}"
    );
    assert!(proxy.seen("broadcast_tx_sync") >= 2);
    assert_eq!(world.deposits().await, 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_transaction_that_lands_after_the_wallet_gave_up_waiting_is_found_by_the_next_run() {
    let world = World::start().await;
    let proxy = FaultyProxy::start(world.rpc.clone()).await.unwrap();
    proxy.set("broadcast_tx_sync", Some(Fault::Hold));
    let mut config = world.config(&proxy.url());
    config.wait = Duration::from_millis(300);
    let wallet = ecash_wallet::Wallet::open(config, &crate::support::seed())
        .await
        .unwrap();
    let report = wallet.obtain(&holder(), order(1), &()).await.unwrap();
    assert_eq!(report.pending.len(), 1, "{report:?}");
    assert_eq!(report.pending[0].state, State::Paying);
    assert!(report.pending[0].tx_hash.is_some());
    wallet.close().await;
    drop(wallet);

    proxy.deliver_held().await.ok();
    proxy.set("broadcast_tx_sync", None);
    let wallet = world.open_via(&proxy.url()).await;
    let report = wallet.obtain(&holder(), order(1), &()).await.unwrap();
    assert_eq!(
        (report.books.len(), report.pending.len()),
        (1, 0),
        "{report:?}"
    );
    assert_eq!(
        world.deposits().await,
        1,
        "what the first run paid for counts"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_transaction_that_never_lands_is_given_up_after_its_timeout_height_and_nothing_was_paid()
{
    let world = World::start().await;
    let proxy = FaultyProxy::start(world.rpc.clone()).await.unwrap();
    proxy.set("broadcast_tx_sync", Some(Fault::Hold));
    let wallet = world.open_via(&proxy.url()).await;
    let error = wallet.obtain(&holder(), order(1), &()).await.unwrap_err();
    assert!(
        matches!(error, WalletError::DepositAbandoned { .. }),
        "{error}"
    );
    assert_eq!(world.spent_on_chain(), 0);
    let stock = wallet.stock().await.unwrap();
    assert_eq!((stock.pending.len(), stock.closed.len()), (0, 1));
    assert_eq!(stock.closed[0].state, State::Unpaid);

    proxy.set("broadcast_tx_sync", None);
    let report = wallet.obtain(&holder(), order(1), &()).await.unwrap();
    assert_eq!(report.books.len(), 1, "{report:?}");
    assert_eq!(world.deposits().await, 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_index_that_does_not_know_the_transaction_is_overruled_by_the_deposit_pages() {
    let world = World::start().await;
    let proxy = FaultyProxy::start(world.rpc.clone()).await.unwrap();
    let not_found = br#"{"jsonrpc":"2.0","id":"1","error":{"code":-32603,"message":"Internal error","data":"tx not found"}}"#;
    proxy.set("tx", Some(Fault::Answer(not_found.to_vec())));
    let wallet = world.open_via(&proxy.url()).await;
    let report = wallet.obtain(&holder(), order(2), &()).await.unwrap();
    assert_eq!(
        (report.books.len(), report.pending.len()),
        (2, 0),
        "{report:?}"
    );
    assert_eq!(world.deposits().await, 2);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_chain_that_answers_garbage_or_nothing_ends_in_a_typed_error_and_nothing_is_begun() {
    let world = World::start().await;
    let proxy = FaultyProxy::start(world.rpc.clone()).await.unwrap();
    let wallet = world.open_via(&proxy.url()).await;
    for fault in [
        Fault::Answer(b"garbage".to_vec()),
        Fault::LoseAnswer,
        Fault::Status(500),
    ] {
        proxy.set("*", Some(fault.clone()));
        let error = wallet.obtain(&holder(), order(1), &()).await.unwrap_err();
        assert!(matches!(error, WalletError::Chain(_)), "{fault:?}: {error}");
        assert_eq!(
            error.class(),
            ecash_wallet::ErrorClass::Unavailable,
            "{error}"
        );
    }
    proxy.set("*", None);
    assert!(wallet.stock().await.unwrap().pending.is_empty());
    let report = wallet.obtain(&holder(), order(1), &()).await.unwrap();
    assert_eq!(report.books.len(), 1);
}
