//! A transaction's fate, whatever the node does: one execution, the same bytes, and a final answer.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    missing_docs
)]

mod support;

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use nyx_client::{
    Account, Address, Error, Fate, JournalError, MemoryJournal, Msg, OpenTx, QueryClient, Sender,
    SenderConfig, SignedTx, TxJournal,
};
use support::{FakeNode, OnBroadcast};
use url::Url;

const WORDS: &str =
    "abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon about";

fn account() -> Account {
    Account::from_mnemonic(WORDS, "n").unwrap()
}

fn contract() -> Address {
    Address::new("n", &[9; 32]).unwrap()
}

fn deposit() -> Msg {
    Msg::execute(&contract(), &serde_json::json!({"deposit": {}}), vec![]).unwrap()
}

fn config() -> SenderConfig {
    SenderConfig {
        timeout_blocks: 20,
        poll_interval: Duration::from_millis(5),
        ..SenderConfig::new("unym")
    }
}

fn client(urls: &[Url]) -> QueryClient {
    QueryClient::with_timeout(urls, Duration::from_secs(5)).unwrap()
}

fn sender(url: &Url, journal: &MemoryJournal) -> Sender {
    Sender::start(
        client(std::slice::from_ref(url)),
        account(),
        journal.clone(),
        config(),
    )
}

#[tokio::test]
async fn a_taken_transaction_is_included_with_its_results() {
    let (node, url) = FakeNode::start().await;
    let journal = MemoryJournal::default();
    let included = sender(&url, &journal)
        .send(vec![deposit(), deposit()], "memo")
        .await
        .unwrap();
    assert_eq!(included.deposit_ids().unwrap(), [0, 1]);
    assert_eq!(included.proposal_id().unwrap(), 12);
    assert!(matches!(
        included.node_index(),
        Err(Error::UnexpectedResult { .. })
    ));
    assert_eq!(included.height, node.script().blocks[&included.hash].0);
    assert_eq!(included.time.seconds() % 60, included.height % 60);
    assert_eq!(node.script().executed_messages, 2);
    assert!(matches!(journal.all()[0].1, Some(Fate::Included(_))));
}

#[tokio::test]
async fn a_lost_answer_to_the_broadcast_loses_nothing() {
    let (node, url) = FakeNode::start().await;
    node.script().on_broadcast = OnBroadcast::TakeAndHangUp;
    let included = sender(&url, &MemoryJournal::default())
        .send(vec![deposit()], "")
        .await
        .unwrap();
    let script = node.script();
    assert_eq!(script.executed_messages, 1);
    assert!(script.broadcasts.iter().all(|hash| *hash == included.hash));
}

#[tokio::test]
async fn a_transaction_that_lands_late_is_awaited_and_resent_as_the_same_bytes() {
    let (node, url) = FakeNode::start().await;
    node.script().include_from = 25;
    let included = sender(&url, &MemoryJournal::default())
        .send(vec![deposit()], "")
        .await
        .unwrap();
    let script = node.script();
    assert!(included.height >= 25);
    assert_eq!(script.executed_messages, 1);
    assert!(
        script.broadcasts.len() > 1,
        "sent {} times",
        script.broadcasts.len()
    );
    assert!(script.broadcasts.iter().all(|hash| *hash == included.hash));
}

#[tokio::test]
async fn a_transaction_that_never_lands_is_abandoned_after_its_timeout_height_only() {
    let (node, url) = FakeNode::start().await;
    node.script().on_broadcast = OnBroadcast::Forget;
    let journal = MemoryJournal::default();
    let error = sender(&url, &journal)
        .send(vec![deposit()], "")
        .await
        .unwrap_err();
    let Error::Abandoned { timeout_height, .. } = error else {
        panic!("{error}")
    };
    assert!(node.script().height > timeout_height);
    assert_eq!(journal.all()[0].1, Some(Fate::Abandoned));
}

#[tokio::test]
async fn a_slow_index_does_not_make_an_included_transaction_abandoned() {
    let (node, url) = FakeNode::start().await;
    node.script().index_lag = 2;
    let journal = MemoryJournal::default();
    sender(&url, &journal)
        .send(vec![deposit()], "")
        .await
        .unwrap();
    assert_eq!(node.script().executed_messages, 1);
}

#[tokio::test]
async fn a_refusal_of_the_first_sending_is_final_and_free() {
    let (node, url) = FakeNode::start().await;
    node.script().on_broadcast = OnBroadcast::Refuse;
    let journal = MemoryJournal::default();
    let sender = sender(&url, &journal);
    let error = sender.send(vec![deposit()], "").await.unwrap_err();
    assert!(matches!(error, Error::Rejected { code: 13, .. }), "{error}");
    assert_eq!(node.script().broadcasts.len(), 1);
    node.script().on_broadcast = OnBroadcast::Take;
    sender.send(vec![deposit()], "").await.unwrap();
}

#[tokio::test]
async fn a_failed_execution_is_told_as_such() {
    let (node, url) = FakeNode::start().await;
    node.script().execution_code = 5;
    let error = sender(&url, &MemoryJournal::default())
        .send(vec![deposit()], "")
        .await
        .unwrap_err();
    assert!(matches!(error, Error::Failed { code: 5, .. }), "{error}");
}

#[tokio::test]
async fn a_node_that_catches_up_decides_nothing() {
    let (node, url) = FakeNode::start().await;
    node.script().catching_up = true;
    let journal = MemoryJournal::default();
    let sender = sender(&url, &journal);
    let waiting = sender.send(vec![deposit()], "");
    assert!(
        tokio::time::timeout(Duration::from_millis(200), waiting)
            .await
            .is_err()
    );
    assert_eq!(journal.all()[0].1, None);
    node.script().catching_up = false;
    // The next transaction waits for the first one, which is pursued although nobody awaits it any more.
    sender.send(vec![deposit()], "").await.unwrap();
    assert!(
        journal
            .all()
            .iter()
            .all(|(_, fate)| matches!(fate, Some(Fate::Included(_))))
    );
}

#[tokio::test]
async fn a_node_of_another_chain_decides_nothing() {
    let (node, url) = FakeNode::start().await;
    let journal = MemoryJournal::default();
    {
        let sender = sender(&url, &journal);
        node.script().on_broadcast = OnBroadcast::TakeAndHangUp;
        node.script().include_from = u64::MAX;
        let waiting = sender.send(vec![deposit()], "");
        assert!(
            tokio::time::timeout(Duration::from_millis(50), waiting)
                .await
                .is_err()
        );
    }
    node.script().chain_id = "another".into();
    node.script().height = 1_000;
    let sender = sender(&url, &journal);
    assert!(
        tokio::time::timeout(Duration::from_millis(100), sender.recovered())
            .await
            .is_err()
    );
    assert_eq!(journal.all()[0].1, None);
}

#[tokio::test]
async fn a_restart_settles_open_transactions_before_it_signs_new_ones() {
    let (node, url) = FakeNode::start().await;
    let journal = MemoryJournal::default();
    {
        let mut script = node.script();
        script.on_broadcast = OnBroadcast::TakeAndHangUp;
        script.include_from = u64::MAX;
        script.height_per_status = 0;
    }
    let (first, task) = Sender::start_joinable(
        client(std::slice::from_ref(&url)),
        account(),
        journal.clone(),
        config(),
    );
    let waiting = first.submit(vec![deposit()], "", b"deposit keys".to_vec());
    assert!(
        tokio::time::timeout(Duration::from_millis(100), waiting)
            .await
            .is_err()
    );
    drop(first);
    task.await.unwrap();
    let open = journal.open(account().address()).await.unwrap();
    assert_eq!(open[0].note, b"deposit keys");

    {
        let mut script = node.script();
        script.include_from = 0;
        script.height_per_status = 1;
        script.on_broadcast = OnBroadcast::Take;
    }
    let second = sender(&url, &journal);
    second.send(vec![deposit()], "").await.unwrap();
    second.recovered().await.unwrap();
    let all = journal.all();
    assert!(matches!(all[0].1, Some(Fate::Included(_))));
    assert_eq!(all[1].0.tx.sequence(), all[0].0.tx.sequence() + 1);
    assert_eq!(node.script().executed_messages, 2);
}

#[tokio::test]
async fn two_callers_get_two_sequence_numbers() {
    let (node, url) = FakeNode::start().await;
    let sender = sender(&url, &MemoryJournal::default());
    let (one, two) = tokio::join!(
        sender.send(vec![deposit()], ""),
        sender.send(vec![deposit()], "")
    );
    assert_ne!(one.unwrap().hash, two.unwrap().hash);
    assert_eq!(node.script().executed_messages, 2);
}

/// Fails as told: the first `records` recordings, then the first `settles` settlements.
#[derive(Clone, Default)]
struct Failing {
    inner: MemoryJournal,
    records: Arc<AtomicUsize>,
    settles: Arc<AtomicUsize>,
}

fn fails(left: &AtomicUsize) -> bool {
    left.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |n| n.checked_sub(1))
        .is_ok()
}

impl TxJournal for Failing {
    async fn record(&self, tx: &SignedTx, note: &[u8]) -> Result<(), JournalError> {
        if fails(&self.records) {
            return Err("disk full".into());
        }
        self.inner.record(tx, note).await
    }
    async fn settle(&self, tx: &SignedTx, fate: &Fate) -> Result<(), JournalError> {
        if fails(&self.settles) {
            return Err("disk full".into());
        }
        self.inner.settle(tx, fate).await
    }
    async fn open(&self, account: &Address) -> Result<Vec<OpenTx>, JournalError> {
        self.inner.open(account).await
    }
}

#[tokio::test]
async fn what_cannot_be_journaled_is_never_sent() {
    let (node, url) = FakeNode::start().await;
    let journal = Failing::default();
    journal.records.store(1, Ordering::SeqCst);
    let sender = Sender::start(client(&[url]), account(), journal, config());
    let error = sender.send(vec![deposit()], "").await.unwrap_err();
    assert!(matches!(error, Error::Journal(_)), "{error}");
    assert!(node.script().broadcasts.is_empty());
    sender.send(vec![deposit()], "").await.unwrap();
}

#[tokio::test]
async fn a_fate_that_cannot_be_stored_at_once_is_stored_later() {
    let (_node, url) = FakeNode::start().await;
    let journal = Failing::default();
    journal.settles.store(2, Ordering::SeqCst);
    let sender = Sender::start(client(&[url]), account(), journal.clone(), config());
    sender.send(vec![deposit()], "").await.unwrap();
    assert!(matches!(journal.inner.all()[0].1, Some(Fate::Included(_))));
}

#[tokio::test]
async fn oversized_transactions_are_refused_before_anything_is_journaled() {
    let (node, url) = FakeNode::start().await;
    let journal = MemoryJournal::default();
    let sender = sender(&url, &journal);
    let huge = Msg::execute(&contract(), &"x".repeat(1 << 20), vec![]).unwrap();
    for (messages, memo) in [
        (vec![huge], String::new()),
        (vec![deposit(); 51], String::new()),
        (vec![deposit()], "m".repeat(257)),
    ] {
        let error = sender.send(messages, &memo).await.unwrap_err();
        assert!(matches!(error, Error::TxTooLarge { .. }), "{error}");
    }
    assert!(journal.all().is_empty());
    assert!(node.script().broadcasts.is_empty());
}
