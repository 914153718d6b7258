//! What the schema and the writer refuse, whatever the code above asks for.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, missing_docs)]

use ecash_requests::gateway::Verdict;
use ecash_ticketbook::{DepositId, EcashDate, EpochId, NodeIndex, TicketType, UnixTime};
use tempfile::TempDir;
use zeroize::Zeroizing;

use super::{BookOrigin, Home, MadeRequest, NewBook, NewDeposit, NewDepositTx, NewTicket, Store};
use crate::domain::issuance::{Reason, State};
use crate::domain::spending::TicketState;
use crate::error::WalletError;
use crate::witness::Watch;

const NOW: UnixTime = UnixTime(1_765_100_000);
const HASH: [u8; 32] = [9; 32];

async fn store() -> (TempDir, Store) {
    let home = tempfile::tempdir().unwrap();
    let store = Store::open(&home.path().join("w.sqlite"), Watch::default())
        .await
        .unwrap();
    (home, store)
}

fn expiration() -> EcashDate {
    EcashDate::of(NOW).unwrap().default_expiration().unwrap()
}

/// Journals a transaction with two deposits under keys 0 and 1.
async fn paying(store: &Store) {
    let tx = NewDepositTx {
        hash: HASH,
        raw: b"raw",
        account: "n1holder",
        sequence: 4,
        timeout_height: 30,
        last_deposit_id: None,
    };
    let deposit = |index: u8| NewDeposit {
        key_index: index.into(),
        secret: Zeroizing::new([index; 32]),
        public: [index + 100; 32],
        ticket_type: TicketType::MixnetEntry,
    };
    store
        .record_deposit(&tx, &[deposit(0), deposit(1)], NOW)
        .await
        .unwrap();
}

async fn deposited(store: &Store) -> i64 {
    paying(store).await;
    let rows = store.issuances_of_tx(&HASH).await.unwrap();
    let ids = [(rows[0].id, DepositId(7)), (rows[1].id, DepositId(8))];
    store
        .settle_included(&HASH, Some(12), &ids, NOW, NOW)
        .await
        .unwrap();
    rows[0].id
}

fn request<'a>(hash: u8) -> MadeRequest<'a> {
    MadeRequest {
        attempt: 0,
        expiration: expiration(),
        epoch: EpochId(3),
        info: b"info",
        request: b"request",
        hash: [hash; 32],
        signature: [5; 64],
    }
}

async fn issued(store: &Store) -> (i64, i64) {
    let id = deposited(store).await;
    store.store_request(id, &request(1), NOW).await.unwrap();
    store
        .store_share(DepositId(7), EpochId(3), NodeIndex(1), &[1; 96], None)
        .await
        .unwrap();
    let book = NewBook {
        origin: BookOrigin::Issued(DepositId(7)),
        home: Home::Own(b"book"),
        digest: [3; 32],
        ticket_type: TicketType::MixnetEntry,
        expiration: expiration(),
        epoch: EpochId(3),
        first_index: 0,
        end_index: 50,
    };
    (
        id,
        store.finish(id, DepositId(7), &book, NOW).await.unwrap(),
    )
}

fn ticket<'a>(book: i64, index: u64, nonce: u8) -> NewTicket<'a> {
    NewTicket {
        book,
        index,
        state: TicketState::Sent,
        pay_info: [nonce; 72],
        provider: [6; 32],
        bytes: b"ticket",
        spend_date: EcashDate::of(NOW).unwrap(),
    }
}

#[tokio::test]
async fn a_transaction_and_its_deposits_are_journaled_together_and_its_keys_are_used() {
    let (_home, store) = store().await;
    paying(&store).await;
    assert_eq!(store.open_deposits().await.unwrap().len(), 1);
    let known = store.key_use().await.unwrap();
    assert_eq!(
        (known.next, known.highest_confirmed, known.free_again.len()),
        (2, None, 0)
    );
    store
        .settle_unpaid(&HASH, Reason::TransactionAbandoned, None, None, NOW)
        .await
        .unwrap();
    let known = store.key_use().await.unwrap();
    assert_eq!(
        (known.next, known.free_again.len()),
        (2, 2),
        "keys of what was given up may be taken again"
    );
    assert!(store.open_deposits().await.unwrap().is_empty());
    assert_eq!(store.abandoned_since(NOW).await.unwrap().len(), 1);
}

#[tokio::test]
async fn a_fate_given_up_is_corrected_by_an_inclusion() {
    let (_home, store) = store().await;
    paying(&store).await;
    store
        .settle_unpaid(&HASH, Reason::TransactionAbandoned, None, None, NOW)
        .await
        .unwrap();
    let rows = store.issuances_of_tx(&HASH).await.unwrap();
    store
        .settle_included(&HASH, Some(12), &[(rows[0].id, DepositId(7))], NOW, NOW)
        .await
        .unwrap();
    let states: Vec<State> = store
        .issuances_of_tx(&HASH)
        .await
        .unwrap()
        .iter()
        .map(|row| row.state)
        .collect();
    assert_eq!(states, [State::Deposited, State::Unpaid]);
    assert_eq!(store.key_use().await.unwrap().highest_confirmed, Some(0));
}

#[tokio::test]
async fn a_deposit_has_one_request_for_ever() {
    let (_home, store) = store().await;
    let id = deposited(&store).await;
    store.store_request(id, &request(1), NOW).await.unwrap();
    let second = store.store_request(id, &request(2), NOW).await;
    assert!(matches!(second, Err(WalletError::NotAllowed { .. })));
    let forced = sqlx::query("UPDATE issuance SET request_hash = ?, request = ? WHERE id = ?")
        .bind([2_u8; 32].as_slice())
        .bind(b"other".as_slice())
        .bind(id)
        .execute(&store.pool)
        .await;
    assert!(
        forced.unwrap_err().to_string().contains("fixed"),
        "not even by hand"
    );
    assert_eq!(
        store.issuance(id).await.unwrap().request_hash,
        Some([1; 32])
    );
}

#[tokio::test]
async fn the_book_closes_its_issuance_and_wipes_the_shares_and_later_the_openings() {
    let (_home, store) = store().await;
    let (id, _) = issued(&store).await;
    let row = store.issuance(id).await.unwrap();
    assert_eq!(row.state, State::Issued);
    assert!(store.share_epochs(DepositId(7)).await.unwrap().is_empty());
    store.wipe_expired(expiration()).await.unwrap();
    assert!(
        store.issuance(id).await.unwrap().deposit_secret.is_some(),
        "E has not passed on its day"
    );
    store
        .wipe_expired(expiration().plus_days(1).unwrap())
        .await
        .unwrap();
    let row = store.issuance(id).await.unwrap();
    assert!(row.deposit_secret.is_none() && row.request_info.is_none() && row.request.is_some());
}

#[tokio::test]
async fn an_index_is_claimed_once_and_its_bytes_never_change() {
    let (_home, store) = store().await;
    let (_, book) = issued(&store).await;
    assert!(store.claim_ticket(&ticket(book, 0, 1), NOW).await.unwrap());
    assert!(!store.claim_ticket(&ticket(book, 0, 2), NOW).await.unwrap());
    assert!(
        store.claim_ticket(&ticket(book, 1, 1), NOW).await.is_err(),
        "one pay info, one ticket"
    );
    let forced = sqlx::query("UPDATE ticket SET bytes = ?")
        .bind(b"other".as_slice())
        .execute(&store.pool)
        .await;
    assert!(forced.is_err());
    assert!(!store.claim_ticket(&ticket(book, 50, 3), NOW).await.unwrap());
    assert_eq!(store.burned(book).await.unwrap(), [0]);
}

#[tokio::test]
async fn a_final_state_of_a_ticket_is_never_overwritten() {
    let (_home, store) = store().await;
    let (_, book) = issued(&store).await;
    store.claim_ticket(&ticket(book, 0, 1), NOW).await.unwrap();
    store
        .settle_ticket(
            book,
            0,
            TicketState::Refused,
            Some(Verdict::InvalidTicket),
            NOW,
        )
        .await
        .unwrap();
    store
        .settle_ticket(book, 0, TicketState::Accepted, Some(Verdict::Accepted), NOW)
        .await
        .unwrap();
    assert_eq!(
        store.ticket(book, 0).await.unwrap().unwrap().state,
        TicketState::Refused
    );
}

#[tokio::test]
async fn a_restart_gives_up_tickets_older_than_ten_minutes_and_no_younger_ones() {
    let (_home, store) = store().await;
    let (_, book) = issued(&store).await;
    store.claim_ticket(&ticket(book, 0, 1), NOW).await.unwrap();
    store
        .claim_ticket(&ticket(book, 1, 2), NOW.saturating_add(1))
        .await
        .unwrap();
    store
        .abandon_old_tickets(NOW.saturating_add(601))
        .await
        .unwrap();
    assert_eq!(
        store.ticket(book, 0).await.unwrap().unwrap().state,
        TicketState::Abandoned
    );
    assert_eq!(
        store.ticket(book, 1).await.unwrap().unwrap().state,
        TicketState::Sent
    );
}

#[tokio::test]
async fn a_damaged_row_is_named_by_its_column() {
    let (_home, store) = store().await;
    let id = deposited(&store).await;
    sqlx::query("UPDATE issuance SET type = 9 WHERE id = ?")
        .bind(id)
        .execute(&store.pool)
        .await
        .unwrap();
    let error = store.issuance(id).await.err().unwrap();
    assert!(
        matches!(error, WalletError::Damaged { what: "type", .. }),
        "{error}"
    );
}

#[tokio::test]
async fn the_database_syncs_fully_and_overwrites_what_it_deletes() {
    let (_home, store) = store().await;
    let synchronous: i64 = sqlx::query_scalar("PRAGMA synchronous")
        .fetch_one(&store.pool)
        .await
        .unwrap();
    let secure_delete: i64 = sqlx::query_scalar("PRAGMA secure_delete")
        .fetch_one(&store.pool)
        .await
        .unwrap();
    assert_eq!((synchronous, secure_delete), (2, 1));
}

/// The limit is each connection's own.
async fn limit_pages(store: &Store, pages: i64) {
    let mut connections = Vec::new();
    for _ in 0..ecash_service::sqlite::MAX_CONNECTIONS {
        let mut connection = store.pool.acquire().await.unwrap();
        sqlx::raw_sql(sqlx::AssertSqlSafe(format!(
            "PRAGMA max_page_count = {pages}"
        )))
        .execute(&mut *connection)
        .await
        .unwrap();
        connections.push(connection);
    }
}

#[tokio::test]
async fn a_full_disk_is_told_as_such_and_what_was_stored_before_stays() {
    let (_home, store) = store().await;
    let id = deposited(&store).await;
    let pages: i64 = sqlx::query_scalar("PRAGMA page_count")
        .fetch_one(&store.pool)
        .await
        .unwrap();
    limit_pages(&store, pages).await;
    let large = vec![7; 1 << 20];
    let made = MadeRequest {
        request: &large,
        ..request(1)
    };
    let error = store.store_request(id, &made, NOW).await.unwrap_err();
    assert!(matches!(error, WalletError::DiskFull(_)), "{error}");
    assert_eq!(store.issuance(id).await.unwrap().state, State::Deposited);
    limit_pages(&store, 1_000_000).await;
    store.store_request(id, &made, NOW).await.unwrap();
}

#[tokio::test]
async fn a_request_is_replaced_only_from_asking_and_never_once_its_money_is_demanded_back() {
    let (_home, store) = store().await;
    let id = deposited(&store).await;
    store.store_request(id, &request(1), NOW).await.unwrap();
    assert!(store.store_request(id, &request(2), NOW).await.is_err());
    let enter = |from, to| store.enter(id, from, to, None, NOW);
    enter(State::Requested, State::Asking).await.unwrap();
    store.store_request(id, &request(2), NOW).await.unwrap();
    enter(State::Requested, State::Asking).await.unwrap();
    enter(State::Asking, State::Refunding).await.unwrap();
    for to in [State::Asking, State::Requested, State::Deposited] {
        assert!(enter(State::Refunding, to).await.is_err(), "{to:?}");
    }
    assert!(store.store_request(id, &request(3), NOW).await.is_err());
    enter(State::Refunding, State::Refunded).await.unwrap();
}

#[tokio::test]
async fn entering_asking_drops_the_shares_of_the_request() {
    let (_home, store) = store().await;
    let id = deposited(&store).await;
    store.store_request(id, &request(1), NOW).await.unwrap();
    store
        .store_share(DepositId(7), EpochId(3), NodeIndex(1), &[1; 96], None)
        .await
        .unwrap();
    store
        .enter(id, State::Requested, State::Asking, None, NOW)
        .await
        .unwrap();
    assert!(store.share_epochs(DepositId(7)).await.unwrap().is_empty());
}
