//! A stock kept by a policy: nobody is asked while there is enough, and what is pending is finished, not paid for again.

use ecash_wallet::{State, StockPolicy};

use crate::support::signer::Mode;
use crate::support::{TYPE, World, holder};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_empty_stock_is_filled_and_a_full_one_asks_nobody() {
    let world = World::start().await;
    let policy = StockPolicy::of([TYPE]);
    let wallet = world.open().await.unwrap();
    let reports = wallet.top_up(&holder(), &policy, &()).await.unwrap();
    assert_eq!(
        (reports.len(), reports[0].books.len()),
        (1, 1),
        "{reports:?}"
    );
    wallet.close().await;
    drop(wallet);

    let wallet = world.open_via("http://127.0.0.1:9").await;
    let reports = wallet.top_up(&holder(), &policy, &()).await.unwrap();
    assert!(reports.is_empty(), "{reports:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn while_signers_refuse_a_paid_book_is_tried_again_and_never_paid_for_twice() {
    let world = World::start().await;
    let policy = StockPolicy::of([TYPE]);
    for signer in &world.signers[..2] {
        signer.set(Mode::Refuses);
    }
    let wallet = world.open().await.unwrap();
    for _ in 0..3 {
        let reports = wallet.top_up(&holder(), &policy, &()).await.unwrap();
        assert_eq!(reports.len(), 1, "{reports:?}");
        assert_eq!(reports[0].pending[0].state, State::Requested);
    }
    for signer in &world.signers {
        signer.set(Mode::Honest);
    }
    let reports = wallet.top_up(&holder(), &policy, &()).await.unwrap();
    assert_eq!(
        (reports.len(), reports[0].books.len()),
        (1, 1),
        "{reports:?}"
    );
    assert_eq!(world.deposits().await, 1);
}
