//! A change of epoch while a book is half collected: shares of two epochs never combine, the request stays the same.

use std::sync::Arc;

use ecash_service::clock::{Clock as _, ManualClock, SystemClock, UnixTime};
use ecash_wallet::{State, Wallet};

use crate::support::signer::Mode;
use crate::support::{EPOCH, EPOCH_AFTER, Keys, World, dkg, holder, order, seed};

/// A world whose wallet holds three of the four shares needed under the present epoch, and the present time.
async fn half_collected() -> (World, Wallet, ManualClock, UnixTime) {
    let world = World::start().await;
    for signer in &world.signers[..2] {
        signer.set(Mode::Refuses);
    }
    let now = SystemClock::new().now();
    let clock = ManualClock::at(now);
    let mut config = world.config(&world.rpc);
    config.clock = clock.shared();
    let wallet = Wallet::open(config, &seed()).await.unwrap();
    let report = wallet.obtain(&holder(), order(1), &()).await.unwrap();
    assert_eq!(
        (report.pending[0].state, report.pending[0].shares),
        (State::Requested, 3)
    );
    for signer in &world.signers {
        signer.set(Mode::Honest);
    }
    (world, wallet, clock, now)
}

async fn conclude(world: &mut World, concluded: UnixTime) -> Arc<Keys> {
    let later = Arc::new(Keys::deal());
    for signer in &world.signers {
        signer.learn(later.clone());
    }
    let answers = dkg::answers_after(world, &later, concluded.as_secs());
    world.publish_shares(&answers).await;
    later
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn within_fifteen_minutes_of_the_change_an_old_deposit_is_finished_under_the_predecessor() {
    let (mut world, wallet, _, now) = half_collected().await;
    conclude(&mut world, now.plus_secs(1)).await;
    let report = wallet.recover(&()).await.unwrap();
    assert_eq!(
        (report.books.len(), report.pending.len()),
        (1, 0),
        "{report:?}"
    );
    assert_eq!(report.books[0].epoch, EPOCH);
    assert_eq!(world.distinct_requests(), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn afterwards_the_same_request_is_signed_under_the_new_epoch_and_no_old_share_is_mixed_in() {
    let (mut world, wallet, clock, now) = half_collected().await;
    conclude(&mut world, now.plus_secs(1)).await;
    for signer in &world.signers {
        *signer.inner.refuses_old_epoch.lock().unwrap() = true;
    }
    clock.set(now.plus_secs(1000));
    let report = wallet.recover(&()).await.unwrap();
    assert_eq!(
        (report.books.len(), report.pending.len()),
        (1, 0),
        "{report:?}"
    );
    assert_eq!(report.books[0].epoch, EPOCH_AFTER);
    assert_eq!(
        world.distinct_requests(),
        1,
        "the bytes of the request stay the same"
    );
    assert_eq!(world.deposits().await, 1);
}
