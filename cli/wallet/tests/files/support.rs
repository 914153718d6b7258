//! A key, books of it, places to put them, and databases as published clients make them.

use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use ecash_requests::IdentitySecret;
use ecash_scheme::{
    CoinIndexBases, CoinIndexSignatures, DateSignatures, RandomNonces, SecretKey, UserKeyPair,
    VerificationKey, VerifyingKey, WithdrawalRequest, WithdrawalSecrets, deal,
};
use ecash_service::clock::{self, ManualClock};
use ecash_ticketbook::{
    AggregatedCoinIndexSignatures, AggregatedDateSignatures, EcashDate, EpochId,
    EpochVerificationKey, ImportableTicketBook, IssuedTicketBook, Record as _, SpendingData,
    TicketType, UnixTime,
};
use ecash_wallet::{BookFile, Bookshelf, IndexRange, PrintIndex, Ticket, WalletError};
use rand::rngs::OsRng;
use sqlx::Connection as _;
use tempfile::TempDir;

pub(crate) use crate::schema::{Schema, connect, make_published, run};

pub const EPOCH: EpochId = EpochId(3);
pub const NOW: UnixTime = UnixTime(1_765_100_000);
pub const TYPE: TicketType = TicketType::WireguardEntry;
const THRESHOLD: u64 = 2;

/// An issuer: one epoch's key and what it signs for everybody.
pub struct Mint {
    pub master: VerificationKey,
    shares: Vec<(u64, SecretKey)>,
    pub coins: AggregatedCoinIndexSignatures,
    pub dates: AggregatedDateSignatures,
}

impl Mint {
    fn new() -> Self {
        let (master, shares) = deal(THRESHOLD, &[1, 2], &mut OsRng).unwrap();
        let bases = CoinIndexBases::new(&master);
        let coins: Vec<_> = shares
            .iter()
            .map(|(i, key)| (*i, key.verification_key(), key.sign_coin_indices(&bases)))
            .collect();
        let coins: Vec<_> = coins.iter().map(|(i, key, set)| (*i, key, set)).collect();
        let signatures =
            CoinIndexSignatures::aggregate(&coins, THRESHOLD, &master, &bases, &mut OsRng).unwrap();
        let mut mint = Self {
            dates: dates_of(&master, &shares, expiration()),
            coins: AggregatedCoinIndexSignatures {
                epoch_id: EPOCH,
                signatures,
            },
            master,
            shares,
        };
        mint.shares.shrink_to_fit();
        mint
    }

    pub fn key(&self) -> EpochVerificationKey {
        EpochVerificationKey {
            epoch_id: EPOCH,
            key: self.master.clone(),
        }
    }

    pub fn dates(&self, expiration: EcashDate) -> AggregatedDateSignatures {
        dates_of(&self.master, &self.shares, expiration)
    }

    pub fn book(&self, expiration: EcashDate) -> IssuedTicketBook {
        let user = UserKeyPair::from_seed(b"a seed of sixteen bytes or more");
        let (request, info) = WithdrawalRequest::new(
            &user,
            expiration.unix(),
            TYPE.code(),
            WithdrawalSecrets::random(&mut OsRng),
            &mut RandomNonces(&mut OsRng),
        )
        .unwrap();
        let verified = request
            .verify(user.public_key(), expiration.unix(), TYPE.code())
            .unwrap();
        let shares: Vec<_> = self
            .shares
            .iter()
            .map(|(index, key)| {
                let answer = key.blind_sign(&verified);
                info.unblind(user.secret_key(), &answer, &key.verification_key(), *index)
                    .unwrap()
            })
            .collect();
        let signatures = info
            .aggregate(user.secret_key(), &shares, THRESHOLD, &self.master)
            .unwrap();
        IssuedTicketBook::new(signatures, 0, EPOCH, user.secret_key().clone()).unwrap()
    }
}

fn dates_of(
    master: &VerificationKey,
    shares: &[(u64, SecretKey)],
    expiration: EcashDate,
) -> AggregatedDateSignatures {
    let sets: Vec<_> = shares
        .iter()
        .map(|(i, key)| {
            let set = key.sign_dates(expiration.unix()).unwrap();
            (*i, key.verification_key(), set)
        })
        .collect();
    let sets: Vec<_> = sets.iter().map(|(i, key, set)| (*i, key, set)).collect();
    let signatures = DateSignatures::aggregate(&sets, THRESHOLD, master, &mut OsRng).unwrap();
    AggregatedDateSignatures::new(EPOCH, signatures).unwrap()
}

pub fn mint() -> &'static Mint {
    static MINT: OnceLock<Mint> = OnceLock::new();
    MINT.get_or_init(Mint::new)
}

/// A mint with another key for the same epoch.
pub fn other_mint() -> &'static Mint {
    static MINT: OnceLock<Mint> = OnceLock::new();
    MINT.get_or_init(Mint::new)
}

pub fn expiration() -> EcashDate {
    EcashDate::of(NOW).unwrap().default_expiration().unwrap()
}

pub fn book() -> IssuedTicketBook {
    mint().book(expiration())
}

/// The bytes of a bare book.
pub fn standalone(book: &IssuedTicketBook) -> Vec<u8> {
    book.to_record().data().to_vec()
}

/// The bytes of a book with everything.
pub fn full(book: &IssuedTicketBook) -> Vec<u8> {
    packed(book, mint())
}

pub fn packed(book: &IssuedTicketBook, mint: &Mint) -> Vec<u8> {
    ImportableTicketBook::pack(
        book,
        Some(&mint.dates),
        Some(&mint.coins),
        Some(&mint.key()),
    )
    .to_record()
    .data()
    .to_vec()
}

pub fn provider() -> ecash_requests::IdentityKey {
    IdentitySecret::from_bytes(&[7; 32]).public()
}

/// A device: a folder with a place for books, and a clock.
pub struct Device {
    home: TempDir,
    pub clock: ManualClock,
}

impl Device {
    pub fn new() -> Self {
        Self {
            home: tempfile::tempdir().unwrap(),
            clock: ManualClock::at(clock::UnixTime::from_secs(NOW.get())),
        }
    }

    /// A device whose published client has used its database already.
    pub async fn with_published(schema: Schema) -> Self {
        let device = Self::new();
        make_published(&device.credentials(), schema).await;
        device
    }

    pub fn credentials(&self) -> PathBuf {
        self.home.path().join("credentials_database.db")
    }

    pub async fn try_shelf(&self) -> Result<Bookshelf, WalletError> {
        Bookshelf::open_or_create(&self.credentials(), self.clock.shared()).await
    }

    pub async fn shelf(&self) -> Bookshelf {
        self.try_shelf().await.unwrap()
    }

    /// A place with one whole book.
    pub async fn shelf_with_book(&self) -> (Bookshelf, i64) {
        let shelf = self.shelf().await;
        let taken = import(&shelf, &full(&book())).await.unwrap();
        (shelf, taken.id)
    }

    /// Names of the files that are there.
    pub fn files(&self) -> Vec<String> {
        let mut names: Vec<String> = std::fs::read_dir(self.home.path())
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort();
        names
    }
}

pub async fn import(
    shelf: &Bookshelf,
    bytes: &[u8],
) -> Result<ecash_wallet::ImportedBook, WalletError> {
    shelf
        .import(&BookFile::full(bytes, None)?, IndexRange::WHOLE, None)
        .await
}

pub async fn print(shelf: &Bookshelf) -> Result<Ticket, WalletError> {
    shelf
        .print_ticket(provider(), TYPE, PrintIndex::LowestFree)
        .await
}

pub fn assert_verifies(ticket: &Ticket) {
    let data = SpendingData::from_bytes(&ticket.bytes).unwrap();
    let verified = VerifyingKey::new(&mint().master).verify(
        data.payment,
        &data.pay_info.to_bytes(),
        data.spend_date.unix(),
        &mut OsRng,
    );
    assert!(verified.is_ok());
}

/// Counter and end of the only book.
pub async fn counter(path: &Path) -> (i64, i64) {
    let mut db = connect(path).await;
    let found = sqlx::query_as("SELECT used_tickets, total_tickets FROM ecash_ticketbook")
        .fetch_one(&mut db)
        .await
        .unwrap();
    db.close().await.unwrap();
    found
}

pub async fn count(path: &Path, sql: &'static str) -> i64 {
    let mut db = connect(path).await;
    let found = sqlx::query_scalar(sql).fetch_one(&mut db).await.unwrap();
    db.close().await.unwrap();
    found
}

/// Puts a book into a database as a published client does, with its public data.
pub async fn published_stores(path: &Path, book: &IssuedTicketBook) {
    let mut db = connect(path).await;
    let (key, coins, dates) = (
        mint().key().to_record(),
        mint().coins.to_record(),
        mint().dates.to_record(),
    );
    sqlx::query("INSERT OR IGNORE INTO master_verification_key VALUES (?, ?, 2)")
        .bind(EPOCH.get() as i64)
        .bind(key.data())
        .execute(&mut db)
        .await
        .unwrap();
    sqlx::query("INSERT OR IGNORE INTO coin_indices_signatures VALUES (?, ?, 2)")
        .bind(EPOCH.get() as i64)
        .bind(coins.data())
        .execute(&mut db)
        .await
        .unwrap();
    sqlx::query("INSERT OR IGNORE INTO expiration_date_signatures VALUES (?, ?, 2, ?)")
        .bind(expiration().to_string())
        .bind(EPOCH.get() as i64)
        .bind(dates.data())
        .execute(&mut db)
        .await
        .unwrap();
    sqlx::query(
        "INSERT INTO ecash_ticketbook (serialization_revision, ticketbook_type, ticketbook_data, expiration_date,
             epoch_id, total_tickets, used_tickets) VALUES (1, ?, ?, ?, ?, 50, ?)",
    )
    .bind(book.ticket_type().text())
    .bind(standalone(book))
    .bind(book.expiration().to_string())
    .bind(EPOCH.get() as i64)
    .bind(book.spent_tickets() as i64)
    .execute(&mut db)
    .await
    .unwrap();
    db.close().await.unwrap();
}

/// Where a file is cut that is read in more than one way: everywhere near both ends, and at every 13th byte of the long
/// lists between, whose entries all look alike.
pub fn cuts(length: usize) -> impl Iterator<Item = usize> {
    (0..length).filter(move |end| *end < 400 || length - end < 200 || end % 13 == 0)
}
