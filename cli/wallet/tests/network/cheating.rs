//! Signers that lie are named; the book completes without them.

use ecash_wallet::{Event, Judgement, Outcome};

use crate::support::signer::{Mode, Serves};
use crate::support::{Recorder, World, holder, key_of, order};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_wrong_share_under_a_valid_attestation_is_named_and_kept_as_evidence_that_verifies() {
    let world = World::start().await;
    world.signers[0].set(Mode::Refuses);
    world.signers[1].set(Mode::WrongShare);
    let wallet = world.open().await.unwrap();
    let report = wallet.obtain(&holder(), order(1), &()).await.unwrap();
    let cheat = report
        .signers
        .iter()
        .find(|signer| signer.node_index.get() == 2)
        .unwrap();
    assert_eq!(cheat.outcome, Outcome::BadShare);
    assert_eq!(
        (report.pending.len(), report.pending[0].shares),
        (1, 3),
        "its share is not counted"
    );
    world.signers[0].set(Mode::Honest);
    let report = wallet.recover(&()).await.unwrap();
    assert_eq!(
        (report.books.len(), report.pending.len()),
        (1, 0),
        "{report:?}"
    );

    let evidence = wallet.evidence().await.unwrap();
    assert_eq!(evidence.len(), 1, "one row, however often it cheats");
    let evidence = &evidence[0];
    let share = world.keys.shares[1].1.verification_key();
    assert_eq!(evidence.node_index.get(), 2);
    assert_eq!(
        evidence.judge(&share, &key_of(&world.signers[1].identity)),
        Judgement::Proven
    );

    let innocent = key_of(&world.signers[0].identity);
    assert!(
        matches!(evidence.judge(&share, &innocent), Judgement::NotProven(_)),
        "not under another's identity"
    );
    let mut forged = evidence.clone();
    forged.deposit_id = (forged.deposit_id.get() + 1).into();
    let key = key_of(&world.signers[1].identity);
    assert!(
        matches!(forged.judge(&share, &key), Judgement::NotProven(_)),
        "not about another deposit"
    );
    let again = ecash_wallet::BadShareEvidence::from_json(&evidence.to_json().unwrap()).unwrap();
    assert_eq!(
        again.judge(&share, &key),
        Judgement::Proven,
        "transferable as JSON"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn answers_that_prove_nothing_are_named_and_leave_no_evidence() {
    for mode in [Mode::WrongShareUnattested, Mode::WrongSeal, Mode::Garbage] {
        let world = World::start().await;
        world.signers[0].set(mode.clone());
        world.signers[1].set(Mode::Refuses);
        let wallet = world.open().await.unwrap();
        let report = wallet.obtain(&holder(), order(1), &()).await.unwrap();
        assert_eq!(report.pending.len(), 1, "{mode:?}");
        let outcome = &report
            .signers
            .iter()
            .find(|signer| signer.node_index.get() == 1)
            .unwrap()
            .outcome;
        assert!(
            matches!(outcome, Outcome::BadAnswer(_)),
            "{mode:?}: {outcome:?}"
        );
        assert!(wallet.evidence().await.unwrap().is_empty(), "{mode:?}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_good_share_with_a_wrong_attestation_is_used_and_noted() {
    let world = World::start().await;
    world.signers[0].set(Mode::WrongAttestation);
    world.signers[1].set(Mode::Refuses);
    let wallet = world.open().await.unwrap();
    let report = wallet.obtain(&holder(), order(1), &()).await.unwrap();
    assert_eq!(report.books.len(), 1, "{report:?}");
    let outcome = &report
        .signers
        .iter()
        .find(|signer| signer.node_index.get() == 1)
        .unwrap()
        .outcome;
    assert_eq!(*outcome, Outcome::GoodUnattested);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn global_data_that_does_not_verify_is_dropped_its_signer_named_and_the_next_one_asked() {
    for serves in [
        Serves::OtherKey,
        Serves::OneChanged,
        Serves::OtherDate,
        Serves::OtherEpoch,
    ] {
        let world = World::start().await;
        // One signer is honest: whoever is asked first, only its data may be stored.
        for signer in &world.signers[..4] {
            signer.serves(serves.clone());
        }
        let wallet = world.open().await.unwrap();
        let events = Recorder::default();
        let report = wallet.obtain(&holder(), order(1), &events).await.unwrap();
        assert_eq!(report.books.len(), 1, "{serves:?}");
        for event in events.events() {
            if let Event::BadGlobalData { node_index, .. } = event {
                assert_ne!(node_index.get(), 5, "{serves:?}");
            }
        }
        let ticket = wallet
            .print_ticket(
                key_of(&world.gateway.identity),
                crate::support::TYPE,
                ecash_wallet::PrintIndex::LowestFree,
            )
            .await
            .unwrap();
        crate::spending::assert_verifies(&world, &ticket);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_is_paid_where_nobody_serves_global_data_that_verifies() {
    let world = World::start().await;
    for signer in &world.signers {
        signer.serves(Serves::OneChanged);
    }
    let wallet = world.open().await.unwrap();
    let error = wallet.obtain(&holder(), order(1), &()).await.unwrap_err();
    assert!(
        matches!(error, ecash_wallet::WalletError::NoGlobalData { .. }),
        "{error}"
    );
    assert!(
        error.to_string().matches("signer ").count() >= 5,
        "all are named: {error}"
    );
    assert_eq!(world.deposits().await, 0);
}
