//! What a wallet is opened with.

use std::ops::RangeInclusive;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use ecash_service::clock::{SharedClock, SystemClock};
use url::Url;

use crate::limits::{CALL_TIMEOUT, FOREGROUND_WAIT, STATUS_PAUSES, TRY_PAUSES, TX_POLL};
use crate::witness::Witness;

/// Suffix of the wallet's database beside the credential database that a client configuration names.
pub const DATABASE_SUFFIX: &str = ".wallet.sqlite";

/// The network as the caller knows it. Everything else is read from the chain.
#[derive(Clone, Debug)]
pub struct NetworkConfig {
    /// Chain id, where the caller knows it; otherwise a new wallet asks the node, an existing one remembers.
    pub chain_id: Option<String>,
    /// CometBFT RPC endpoints.
    pub rpc: Vec<Url>,
    /// Address of the ecash contract.
    pub ecash_contract: String,
    /// Address of the DKG contract.
    pub dkg_contract: String,
    /// Denomination of fees and deposits.
    pub denom: String,
}

/// How a wallet works.
#[derive(Clone, Debug)]
pub struct WalletConfig {
    /// Its database.
    pub database: PathBuf,
    /// Path of the published clients' credential database. Where it exists, books go there and are spent from there.
    pub credentials: Option<PathBuf>,
    /// The network.
    pub network: NetworkConfig,
    /// Where it reads the time.
    pub clock: SharedClock,
    /// How often it asks for the fate of a transaction.
    pub tx_poll: Duration,
    /// How long a call waits for a network that says "later".
    pub wait: Duration,
    /// One call to a signer or gateway, from connecting to the last byte.
    pub call_timeout: Duration,
    /// Pauses before the second and third call to a silent signer.
    pub try_pauses: [Duration; 2],
    /// Range of the pause between the status questions for two deposits.
    pub status_pauses: RangeInclusive<Duration>,
    /// Sees every durable write and every send; for tests, production has none.
    pub witness: Option<Arc<dyn Witness>>,
}

impl WalletConfig {
    /// The values of [`crate::limits`] and the clock of the machine.
    #[must_use]
    pub fn new(database: PathBuf, network: NetworkConfig) -> Self {
        Self {
            database,
            credentials: None,
            network,
            clock: SystemClock::shared(),
            tx_poll: TX_POLL,
            wait: FOREGROUND_WAIT,
            call_timeout: CALL_TIMEOUT,
            try_pauses: TRY_PAUSES,
            status_pauses: STATUS_PAUSES,
            witness: None,
        }
    }
}

/// Path of the wallet's database beside the credential database at `credentials` (`client.md` 7.2).
#[must_use]
pub fn database_beside(credentials: &Path) -> PathBuf {
    let mut path = credentials.as_os_str().to_owned();
    path.push(DATABASE_SUFFIX);
    PathBuf::from(path)
}
