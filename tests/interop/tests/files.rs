//! Ticketbooks, public data and credential databases: made by the published crates and used by ours, and the other way
//! round, in one file.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    missing_docs
)]

use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use ecash_requests::{IdentityKey, IdentitySecret};
use ecash_scheme::spend::VerifyingKey;
use ecash_scheme::{
    CoinIndexBases, CoinIndexSignatures, DateSignatures, RandomNonces, SecretKey, UserKeyPair,
    VerificationKey, WithdrawalRequest, WithdrawalSecrets, deal,
};
use ecash_service::clock::SystemClock;
use ecash_ticketbook::{
    AggregatedCoinIndexSignatures, AggregatedDateSignatures, EcashDate, EpochId,
    EpochVerificationKey, ImportableTicketBook, IssuedTicketBook, Record, SpendingData, TicketType,
    UnixTime,
};
use ecash_wallet::{
    BookFile, Bookshelf, Export, IndexRange, Parts, PrintIndex, Ticket, read_coin_signatures,
    read_date_signatures, read_master_key,
};
use nym_credential_storage::persistent_storage::PersistentStorage;
use nym_credential_storage::storage::Storage as _;
use nym_credentials as published;
use nym_credentials::ecash::bandwidth::serialiser::VersionedSerialise as _;
use nym_credentials_interface::{CredentialSpendingData, NymPayInfo};
use rand::rngs::OsRng;
use tempfile::TempDir;

const EPOCH: EpochId = EpochId(7);
const TYPE: TicketType = TicketType::MixnetExit;

/// A key and what it signs for everybody, for books that expire in six days: the published storage knows no clock but the
/// machine's.
struct Mint {
    share: SecretKey,
    master: VerificationKey,
    coins: AggregatedCoinIndexSignatures,
    dates: AggregatedDateSignatures,
}

fn mint() -> &'static Mint {
    static MINT: OnceLock<Mint> = OnceLock::new();
    MINT.get_or_init(|| {
        let (master, shares) = deal(1, &[1], &mut OsRng).unwrap();
        let share = shares.into_iter().next().unwrap().1;
        let key = share.verification_key();
        let bases = CoinIndexBases::new(&master);
        let coins = share.sign_coin_indices(&bases);
        let coins =
            CoinIndexSignatures::aggregate(&[(1, &key, &coins)], 1, &master, &bases, &mut OsRng)
                .unwrap();
        let dates = share.sign_dates(expiration().unix()).unwrap();
        let dates =
            DateSignatures::aggregate(&[(1, &key, &dates)], 1, &master, &mut OsRng).unwrap();
        Mint {
            coins: AggregatedCoinIndexSignatures {
                epoch_id: EPOCH,
                signatures: coins,
            },
            dates: AggregatedDateSignatures::new(EPOCH, dates).unwrap(),
            share,
            master,
        }
    })
}

fn key() -> EpochVerificationKey {
    EpochVerificationKey {
        epoch_id: EPOCH,
        key: mint().master.clone(),
    }
}

fn expiration() -> EcashDate {
    let now = std::time::SystemTime::now()
        .duration_since(std::time::UNIX_EPOCH)
        .unwrap();
    EcashDate::of(UnixTime(now.as_secs()))
        .unwrap()
        .default_expiration()
        .unwrap()
}

fn book() -> IssuedTicketBook {
    let user = UserKeyPair::from_seed(b"the seed of a holder of both");
    let expiration = mint().dates.expiration().unix();
    let (request, info) = WithdrawalRequest::new(
        &user,
        expiration,
        TYPE.code(),
        WithdrawalSecrets::random(&mut OsRng),
        &mut RandomNonces(&mut OsRng),
    )
    .unwrap();
    let verified = request
        .verify(user.public_key(), expiration, TYPE.code())
        .unwrap();
    let answer = mint().share.blind_sign(&verified);
    let share = info
        .unblind(
            user.secret_key(),
            &answer,
            &mint().share.verification_key(),
            1,
        )
        .unwrap();
    let signatures = info
        .aggregate(user.secret_key(), &[share], 1, &mint().master)
        .unwrap();
    IssuedTicketBook::new(signatures, 0, EPOCH, user.secret_key().clone()).unwrap()
}

fn bytes<T: Record>(value: &T) -> Vec<u8> {
    value.to_record().data().to_vec()
}

fn full(book: &IssuedTicketBook) -> Vec<u8> {
    bytes(&ImportableTicketBook::pack(
        book,
        Some(&mint().dates),
        Some(&mint().coins),
        Some(&key()),
    ))
}

fn their_book(book: &IssuedTicketBook) -> published::IssuedTicketBook {
    published::IssuedTicketBook::try_unpack(&bytes(book), 1).unwrap()
}

fn their_key() -> published::EpochVerificationKey {
    published::EpochVerificationKey::try_unpack(&bytes(&key()), 2).unwrap()
}

fn their_coins() -> published::AggregatedCoinIndicesSignatures {
    published::AggregatedCoinIndicesSignatures::try_unpack(&bytes(&mint().coins), 2).unwrap()
}

fn their_dates() -> published::AggregatedExpirationDateSignatures {
    published::AggregatedExpirationDateSignatures::try_unpack(&bytes(&mint().dates), 2).unwrap()
}

fn provider() -> IdentityKey {
    IdentitySecret::from_bytes(&[5; 32]).public()
}

fn place() -> (TempDir, PathBuf) {
    let home = tempfile::tempdir().unwrap();
    let path = home.path().join("credentials_database.db");
    (home, path)
}

async fn shelf(path: &Path) -> Bookshelf {
    Bookshelf::open_or_create(path, SystemClock::shared())
        .await
        .unwrap()
}

/// Our next ticket, which their verifier accepts.
async fn our_ticket(shelf: &Bookshelf) -> Ticket {
    let ticket = shelf
        .print_ticket(provider(), TYPE, PrintIndex::LowestFree)
        .await
        .unwrap();
    let theirs = CredentialSpendingData::try_from_bytes(&ticket.bytes).unwrap();
    theirs.verify(&their_key().key).unwrap();
    ticket
}

/// Index of their next ticket, made as their controller does, which our verifier accepts.
async fn their_ticket(storage: &PersistentStorage) -> u64 {
    let mut taken = storage
        .get_next_unspent_usable_ticketbook(TYPE.text().to_owned(), 1)
        .await
        .unwrap()
        .expect("a book with a ticket left");
    let index = taken.ticketbook.spent_tickets();
    let epoch = taken.ticketbook.epoch_id();
    let (key, coins, dates) = (
        storage
            .get_master_verification_key(epoch)
            .await
            .unwrap()
            .unwrap(),
        storage
            .get_coin_index_signatures(epoch)
            .await
            .unwrap()
            .unwrap(),
        storage
            .get_expiration_date_signatures(taken.ticketbook.expiration_date(), epoch)
            .await
            .unwrap()
            .unwrap(),
    );
    let pay_info = NymPayInfo::generate(*provider().as_bytes(), time::OffsetDateTime::now_utc());
    let data = taken
        .ticketbook
        .prepare_for_spending(&key, pay_info.into(), &coins, &dates, 1)
        .unwrap();
    let ours = SpendingData::from_bytes(&data.to_bytes()).unwrap();
    VerifyingKey::new(&mint().master)
        .verify(
            ours.payment,
            &ours.pay_info.to_bytes(),
            ours.spend_date.unix(),
            &mut OsRng,
        )
        .unwrap();
    index
}

/// A database with one book, written by the published storage.
async fn their_database(path: &Path) -> PersistentStorage {
    let storage = PersistentStorage::init(path).await.unwrap();
    storage
        .insert_master_verification_key(&their_key())
        .await
        .unwrap();
    storage
        .insert_coin_index_signatures(&their_coins())
        .await
        .unwrap();
    storage
        .insert_expiration_date_signatures(&their_dates())
        .await
        .unwrap();
    storage
        .insert_issued_ticketbook(&their_book(&book()))
        .await
        .unwrap();
    storage
}

#[test]
fn files_of_both_are_the_same_bytes() {
    let book = book().with_spent_tickets(13).unwrap();
    let packed = full(&book);
    let theirs = published::ImportableTicketBook::try_unpack(&packed, 1)
        .unwrap()
        .try_unpack_full()
        .unwrap();
    assert_eq!(theirs.ticketbook.spent_tickets(), 13);
    let again = theirs
        .ticketbook
        .begin_export()
        .with_maybe_expiration_date_signatures(&theirs.expiration_date_signatures)
        .with_maybe_coin_index_signatures(&theirs.coin_index_signatures)
        .with_maybe_master_verification_key(&theirs.master_verification_key)
        .finalize_export();
    assert_eq!(again.data, packed);
    assert_eq!(again.revision, ImportableTicketBook::REVISION);
    let ours = BookFile::full(&again.data, Some(again.revision)).unwrap();
    assert_eq!(ours.book().spent_tickets(), 13);
    let standalone = their_book(&book).pack();
    assert!(BookFile::standalone(&standalone.data, Some(standalone.revision)).is_ok());

    let (key_of_theirs, coins, dates) = (
        their_key().pack(),
        their_coins().pack(),
        their_dates().pack(),
    );
    let read = read_master_key(&key_of_theirs.data, Some(key_of_theirs.revision)).unwrap();
    assert_eq!((&read, bytes(&read)), (&key(), key_of_theirs.data.clone()));
    let read = read_coin_signatures(&coins.data, Some(coins.revision)).unwrap();
    assert_eq!((&read, bytes(&read)), (&mint().coins, coins.data.clone()));
    let read = read_date_signatures(&dates.data, Some(dates.revision)).unwrap();
    assert_eq!((&read, bytes(&read)), (&mint().dates, dates.data.clone()));
}

#[tokio::test]
async fn a_database_of_theirs_is_spent_from_by_both_at_once_and_no_index_is_had_twice() {
    let (_home, path) = place();
    let storage = their_database(&path).await;
    let shelf = shelf(&path).await;
    let mut taken = Vec::new();
    for _ in 0..3 {
        taken.push(our_ticket(&shelf).await.index);
        taken.push(their_ticket(&storage).await);
    }
    assert_eq!(taken, [0, 1, 2, 3, 4, 5]);
    let info = storage.get_ticketbooks_info().await.unwrap();
    assert_eq!((info[0].used_tickets, info[0].total_tickets), (6, 50));
    let books = shelf.books().await.unwrap();
    assert_eq!(
        (books[0].tickets_left, books[0].home.as_str()),
        (44, "reference")
    );
}

#[tokio::test]
async fn a_book_that_we_take_in_is_spent_by_theirs_within_its_range() {
    let (_home, path) = place();
    PersistentStorage::init(&path).await.unwrap().close().await;
    let ours = shelf(&path).await;
    let book = book();
    let file = BookFile::full(&full(&book), None).unwrap();
    let range = IndexRange::new(Some(47), 48).unwrap();
    assert!(ours.import(&file, range, None).await.unwrap().in_reference);
    ours.close().await;
    drop(ours);
    let storage = PersistentStorage::init(&path).await.unwrap();
    assert!(
        storage
            .contains_issued_ticketbook(&their_book(&book))
            .await
            .unwrap()
    );
    assert_eq!(their_ticket(&storage).await, 47);
    assert_eq!(their_ticket(&storage).await, 48);
    let over = storage
        .get_next_unspent_usable_ticketbook(TYPE.text().to_owned(), 1)
        .await
        .unwrap();
    assert!(over.is_none());
}

#[tokio::test]
async fn a_tail_that_we_hand_over_is_out_of_reach_of_theirs() {
    let (_home, path) = place();
    let storage = their_database(&path).await;
    let ours = shelf(&path).await;
    let export = Export {
        book: ours.books().await.unwrap()[0].id,
        start: Some(1),
        again: false,
        parts: Parts::ALL,
    };
    let exported = ours.export(&export).await.unwrap();
    assert_eq!(their_ticket(&storage).await, 0);
    let over = storage
        .get_next_unspent_usable_ticketbook(TYPE.text().to_owned(), 1)
        .await
        .unwrap();
    assert!(over.is_none());

    let (_elsewhere, other) = place();
    let theirs = published::ImportableTicketBook::try_unpack(&exported.bytes, 1)
        .unwrap()
        .try_unpack_full()
        .unwrap();
    let storage = PersistentStorage::init(&other).await.unwrap();
    let key = theirs.master_verification_key.unwrap();
    storage.insert_master_verification_key(&key).await.unwrap();
    let coins = theirs.coin_index_signatures.unwrap();
    storage.insert_coin_index_signatures(&coins).await.unwrap();
    let dates = theirs.expiration_date_signatures.unwrap();
    storage
        .insert_expiration_date_signatures(&dates)
        .await
        .unwrap();
    storage
        .insert_issued_ticketbook(&theirs.ticketbook)
        .await
        .unwrap();
    assert_eq!(their_ticket(&storage).await, 1);
}

/// Takes the last step of their schema back: the form that the programs of May 2026 left.
async fn as_in_may(path: &Path) {
    use sqlx::Connection as _;
    let mut db = sqlx::SqliteConnection::connect(&format!("sqlite://{}", path.display()))
        .await
        .unwrap();
    sqlx::raw_sql(
        "DELETE FROM _sqlx_migrations WHERE version = 20251104120000;
         CREATE TABLE may (id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, serialization_revision INTEGER NOT NULL,
             ticketbook_type TEXT NOT NULL, ticketbook_data BLOB NOT NULL UNIQUE, expiration_date DATE NOT NULL,
             epoch_id INTEGER NOT NULL, total_tickets INTEGER NOT NULL, used_tickets INTEGER NOT NULL,
             FOREIGN KEY (epoch_id) REFERENCES coin_indices_signatures (epoch_id),
             FOREIGN KEY (expiration_date, epoch_id)
                 REFERENCES expiration_date_signatures (expiration_date, epoch_id));
         INSERT INTO may SELECT * FROM ecash_ticketbook;
         DROP TABLE ecash_ticketbook;
         ALTER TABLE may RENAME TO ecash_ticketbook;",
    )
    .execute(&mut db)
    .await
    .unwrap();
    db.close().await.unwrap();
}

#[tokio::test]
async fn a_database_of_may_2026_is_used_by_ours_and_upgraded_by_theirs_afterwards() {
    let (_home, path) = place();
    their_database(&path).await.close().await;
    as_in_may(&path).await;
    let ours = shelf(&path).await;
    assert_eq!(our_ticket(&ours).await.index, 0);
    let file = BookFile::full(&full(&book()), None).unwrap();
    ours.import(&file, IndexRange::WHOLE, None).await.unwrap();
    ours.close().await;
    drop(ours);
    let storage = PersistentStorage::init(&path).await.unwrap();
    assert_eq!(storage.get_ticketbooks_info().await.unwrap().len(), 2);
    assert_eq!(their_ticket(&storage).await, 1);
    assert_eq!(our_ticket(&shelf(&path).await).await.index, 2);
}
