//! A network that has no epoch under which books are issued: waited for, not longer than the caller says.

use std::time::Duration;

use ecash_wallet::{Event, Wallet, WalletError};
use serde_json::json;

use crate::support::{World, dkg, holder, order, seed};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_epoch_that_comes_into_service_while_a_call_waits_is_used() {
    let mut world = World::start().await;
    let ready = dkg::answers(&world);
    let mut before = ready.clone();
    before["get_current_epoch_state"]["state"] = json!("waiting_initialisation");
    world.publish_shares(&before).await;

    let mut config = world.config(&world.rpc);
    config.wait = Duration::ZERO;
    let wallet = Wallet::open(config, &seed()).await.unwrap();
    let at_once = wallet.obtain(&holder(), order(1), &()).await;
    assert!(
        matches!(at_once, Err(WalletError::NoIssuingEpoch)),
        "{at_once:?}"
    );
    drop(wallet);

    let wallet = world.open().await.unwrap();
    let (waits, mut waiting) = tokio::sync::mpsc::unbounded_channel();
    let call = tokio::spawn(async move {
        let observer = move |event: &Event| {
            if matches!(event, Event::Waiting { .. }) {
                let _ = waits.send(());
            }
        };
        wallet.obtain(&holder(), order(1), &observer).await
    });
    waiting.recv().await.expect("it waits");
    world.publish_shares(&ready).await;
    let report = call.await.unwrap().unwrap();
    assert_eq!((report.books.len(), report.pending.len()), (1, 0));
    assert_eq!(world.deposits().await, 1);
}
