//! The open wallet: what all its work shares.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use ecash_requests::http::HttpClient;
use ecash_requests::{NetworkIds, ShortText};
use ecash_scheme::UserKeyPair;
use ecash_ticketbook::{EcashDate, UnixTime};
use nyx_client::{Dkg, Ecash, QueryClient, parse_address};

use crate::config::WalletConfig;
use crate::derive::{Context, Root, Seed};
use crate::domain::clock;
use crate::domain::issuance::State;
use crate::error::WalletError;
use crate::limits::JOURNAL_DAYS;
use crate::provider::{self, Registry};
use crate::reference::Reference;
use crate::report::{Book, Issuance, Stock};
use crate::shelf::Bookshelf;
use crate::store::{Binding, Store};
use crate::witness::Watch;

/// A wallet: one database, one seed, one network. Clones share it; every method may be called from several tasks.
#[derive(Clone)]
pub struct Wallet {
    pub(crate) inner: Arc<Inner>,
}

pub(crate) struct Inner {
    pub(crate) store: Arc<Store>,
    /// The published clients' database, where it exists.
    pub(crate) reference: Option<Arc<Reference>>,
    pub(crate) watch: Watch,
    pub(crate) config: WalletConfig,
    pub(crate) chain: QueryClient,
    pub(crate) ecash: Ecash,
    pub(crate) dkg: Dkg,
    pub(crate) http: HttpClient,
    pub(crate) network: NetworkIds,
    pub(crate) context: Context,
    pub(crate) root: Root,
    pub(crate) user: UserKeyPair,
    /// What is added to the own clock, in seconds.
    pub(crate) correction: AtomicI64,
    /// Obtaining and recovering happen one at a time.
    pub(crate) work: tokio::sync::Mutex<()>,
    pub(crate) registry: tokio::sync::Mutex<Option<Registry>>,
}

impl Wallet {
    /// Opens the wallet, creates its database where there is none, and keeps other processes out until it is dropped.
    /// The node is asked only where neither configuration nor database knows the chain id.
    ///
    /// # Errors
    /// [`WalletError::InUse`], [`WalletError::Foreign`], [`WalletError::File`], [`WalletError::Chain`].
    pub async fn open(config: WalletConfig, seed: &Seed) -> Result<Self, WalletError> {
        ecash_requests::install_crypto_provider();
        let store = Store::open(&config.database, Watch::by(config.witness.clone())).await?;
        let user = UserKeyPair::from_seed(seed.expose());
        Self::assemble(config, store, seed.root(), user).await
    }

    /// Binds an open store to its network and secrets, and makes a wallet of it.
    pub(crate) async fn assemble(
        config: WalletConfig,
        store: Store,
        root: Root,
        user: UserKeyPair,
    ) -> Result<Self, WalletError> {
        let chain = QueryClient::new(&config.network.rpc)?;
        let ecash_contract = parse_address(&config.network.ecash_contract)?;
        let dkg_contract = parse_address(&config.network.dkg_contract)?;
        let watch = Watch::by(config.witness.clone());
        let reference = match &config.credentials {
            Some(path) => Reference::open(path, watch.clone()).await?,
            None => None,
        };
        let chain_id = match (&config.network.chain_id, store.chain_id().await?) {
            (Some(given), _) => given.clone(),
            (None, Some(stored)) => stored,
            (None, None) => chain.status().await?.chain_id,
        };
        store
            .bind(&Binding {
                chain_id: chain_id.clone(),
                ecash_contract: ecash_contract.to_string(),
                dkg_contract: dkg_contract.to_string(),
                seed_fingerprint: root.fingerprint(),
            })
            .await?;
        let network = NetworkIds {
            chain_id: short(&chain_id)?,
            ecash_contract: short(ecash_contract.as_ref())?,
            dkg_contract: short(dkg_contract.as_ref())?,
        };
        let correction = clock::correction(store.clock_offset().await?);
        let wallet = Self {
            inner: Arc::new(Inner {
                ecash: chain.ecash(&ecash_contract),
                dkg: chain.dkg(&dkg_contract),
                context: Context {
                    chain_id,
                    ecash_contract: ecash_contract.to_string(),
                },
                user,
                correction: AtomicI64::new(correction),
                work: tokio::sync::Mutex::new(()),
                registry: tokio::sync::Mutex::new(None),
                http: provider::http_client(config.call_timeout)?,
                store: Arc::new(store),
                reference: reference.map(Arc::new),
                watch,
                config,
                chain,
                network,
                root,
            }),
        };
        wallet.tidy().await?;
        Ok(wallet)
    }

    /// What an existing wallet at `database` holds, read beside whoever uses it.
    ///
    /// # Errors
    /// [`WalletError::NoWallet`], [`WalletError::File`], [`WalletError::Database`].
    pub async fn peek(database: &Path, now: UnixTime) -> Result<Stock, WalletError> {
        let store = Store::open_to_read(database).await?;
        let stock = peeked(&store, now).await;
        store.close().await;
        stock
    }

    /// Evidence that an existing wallet at `database` holds, read beside whoever uses it; oldest first.
    ///
    /// # Errors
    /// As [`Self::peek`].
    pub async fn peek_evidence(
        database: &Path,
    ) -> Result<Vec<crate::BadShareEvidence>, WalletError> {
        let store = Store::open_to_read(database).await?;
        let evidence = evidence(&store).await;
        store.close().await;
        evidence
    }

    /// What the database holds; nobody is asked.
    ///
    /// # Errors
    /// [`WalletError::Database`], [`WalletError::Damaged`].
    pub async fn stock(&self) -> Result<Stock, WalletError> {
        let books = self.shelf().books().await?;
        stock(&self.inner.store, books).await
    }

    /// Evidence against signers, oldest first.
    ///
    /// # Errors
    /// [`WalletError::Database`], [`WalletError::Damaged`].
    pub async fn evidence(&self) -> Result<Vec<crate::BadShareEvidence>, WalletError> {
        evidence(&self.inner.store).await
    }

    /// The own clock, corrected by the network's.
    #[must_use]
    pub fn now(&self) -> UnixTime {
        clock::corrected(
            self.own_time(),
            self.inner.correction.load(Ordering::Relaxed),
        )
    }

    /// The books of the wallet, as a program without seed and network would have them: to take files in and hand books
    /// over.
    #[must_use]
    pub fn shelf(&self) -> Bookshelf {
        Bookshelf::new(
            self.inner.store.clone(),
            self.inner.reference.clone(),
            self.inner.config.clock.clone(),
            self.inner.correction.load(Ordering::Relaxed),
        )
    }

    /// Closes the database. Without it the next start reads the write-ahead log, which is as safe.
    pub async fn close(&self) {
        self.shelf().close().await;
    }

    pub(crate) fn own_time(&self) -> UnixTime {
        UnixTime(self.inner.config.clock.now().as_secs())
    }

    pub(crate) fn today(&self) -> Result<EcashDate, WalletError> {
        Ok(EcashDate::of(self.now())?)
    }

    /// Stores a measured offset of the clock; true if it changes the time that the wallet goes by.
    pub(crate) async fn set_offset(&self, offset_secs: i64) -> Result<bool, WalletError> {
        let correction = clock::correction(offset_secs);
        let before = self.inner.correction.swap(correction, Ordering::Relaxed);
        if before == correction && correction == 0 {
            return Ok(false);
        }
        self.inner.store.set_clock_offset(offset_secs).await?;
        Ok(before != correction)
    }

    /// Gives up tickets whose time for an answer is over, wipes secrets of expired books, deletes their journals.
    async fn tidy(&self) -> Result<(), WalletError> {
        let today = self.today()?;
        self.inner.store.abandon_old_tickets(self.now()).await?;
        self.inner.store.wipe_expired(today).await?;
        if let Ok(before) = today.minus_days(JOURNAL_DAYS) {
            self.inner.store.prune_journals(before).await?;
        }
        Ok(())
    }
}

async fn evidence(store: &Store) -> Result<Vec<crate::BadShareEvidence>, WalletError> {
    let rows = store.evidence().await?;
    rows.iter()
        .map(|row| crate::BadShareEvidence::from_json(&row.data))
        .collect()
}

async fn peeked(store: &Store, now: UnixTime) -> Result<Stock, WalletError> {
    let today = EcashDate::of(now)?;
    let rows = store.books().await?;
    let books = rows.iter().map(|row| Book::of(row, today)).collect();
    stock(store, books).await
}

async fn stock(store: &Store, books: Vec<Book>) -> Result<Stock, WalletError> {
    let mut pending = Vec::new();
    for row in store.issuances(&State::PENDING).await? {
        pending.push(describe(store, &row, None).await?);
    }
    let closed = store
        .issuances(&State::CLOSED)
        .await?
        .iter()
        .map(|row| Issuance::of(row, 0, None))
        .collect();
    Ok(Stock {
        books,
        pending,
        closed,
        birthday: store.birthday().await?,
        seed_fingerprint: store.seed_fingerprint().await?,
        evidence: store.evidence().await?.len(),
    })
}

/// An issuance with the number of its shares.
pub(crate) async fn describe(
    store: &Store,
    row: &crate::store::IssuanceRow,
    threshold: Option<u64>,
) -> Result<Issuance, WalletError> {
    let mut shares = 0;
    if let Some(deposit) = row.deposit_id {
        for epoch in store.share_epochs(deposit).await? {
            shares = shares.max(store.shares(deposit, epoch).await?.len());
        }
    }
    Ok(Issuance::of(row, shares, threshold))
}

fn short(text: &str) -> Result<ShortText, WalletError> {
    ShortText::new(text).map_err(|error| WalletError::Http(error.to_string()))
}
