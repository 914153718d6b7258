//! What a chain starts from and how it makes blocks.

use std::fmt;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::str::FromStr;
use std::sync::Arc;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::api::parse_address;
use crate::clock::{BlockTime, Clock, SystemClock};
use crate::codes::Codes;
use crate::error::ChainError;

/// The human-readable part of every address.
pub const ADDRESS_PREFIX: &str = "n";
/// The denomination fees and deposits are paid in.
pub const FEE_DENOM: &str = "unym";
/// The staking denomination; balances of it exist, nothing else is done with it.
pub const STAKE_DENOM: &str = "unyx";
/// Longest chain id, as CometBFT has it.
pub const MAX_CHAIN_ID_BYTES: usize = 50;
/// Most accounts a genesis may fund.
pub const MAX_GENESIS_ACCOUNTS: usize = 10_000;

/// The name of a chain: 1 to 50 bytes out of `a-z A-Z 0-9 - _ .`. Every signature is bound to it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct ChainId(String);

impl ChainId {
    /// The name as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for ChainId {
    type Err = ChainError;

    fn from_str(text: &str) -> Result<Self, ChainError> {
        let allowed = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.');
        if text.is_empty() || text.len() > MAX_CHAIN_ID_BYTES || !text.bytes().all(allowed) {
            return Err(ChainError::Genesis(format!(
                "chain id {text:?} is not 1 to {MAX_CHAIN_ID_BYTES} characters out of a-z A-Z 0-9 - _ ."
            )));
        }
        Ok(Self(text.to_owned()))
    }
}

impl TryFrom<String> for ChainId {
    type Error = ChainError;

    fn try_from(text: String) -> Result<Self, ChainError> {
        text.parse()
    }
}

impl From<ChainId> for String {
    fn from(id: ChainId) -> Self {
        id.0
    }
}

impl fmt::Display for ChainId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// What the chain starts from. It is written down at the first start; a later start with another genesis is refused.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Genesis {
    /// The chain's name.
    pub chain_id: ChainId,
    /// The only account that may instantiate contracts.
    pub admin: String,
    /// Funded accounts, in order of their account numbers.
    pub balances: Vec<GenesisBalance>,
}

/// One funded account.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GenesisBalance {
    /// Bech32 with prefix `n`.
    pub address: String,
    /// At least one coin; each denomination once, each amount above 0.
    pub coins: Vec<GenesisCoin>,
}

/// An amount of one denomination.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GenesisCoin {
    /// [`FEE_DENOM`] or [`STAKE_DENOM`] or another name of 3 to 128 characters.
    pub denom: String,
    /// Base units. JSON text: a decimal string, as `u128` does not fit a JSON number everywhere.
    #[serde(with = "decimal")]
    pub amount: u128,
}

mod decimal {
    use serde::{Deserialize, Deserializer, Serializer, de::Error};

    pub(super) fn serialize<S: Serializer>(
        amount: &u128,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        serializer.collect_str(amount)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<u128, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map_err(|_| {
            D::Error::custom(format!(
                "amount {text:?} is not a decimal number below 2^128"
            ))
        })
    }
}

impl Genesis {
    /// A chain where `admin` may instantiate contracts and nobody has money yet.
    ///
    /// # Errors
    /// [`ChainError::Genesis`] for a chain id that is none.
    pub fn new(chain_id: &str, admin: impl Into<String>) -> Result<Self, ChainError> {
        Ok(Self {
            chain_id: chain_id.parse()?,
            admin: admin.into(),
            balances: Vec::new(),
        })
    }

    /// Adds `amount` base units of [`FEE_DENOM`] for `address`.
    #[must_use]
    pub fn with_balance(mut self, address: impl Into<String>, amount: u128) -> Self {
        self.balances.push(GenesisBalance {
            address: address.into(),
            coins: vec![GenesisCoin {
                denom: FEE_DENOM.to_owned(),
                amount,
            }],
        });
        self
    }

    /// Checks every address and amount.
    ///
    /// # Errors
    /// [`ChainError::Genesis`] names the first entry that is wrong.
    pub fn validate(&self) -> Result<(), ChainError> {
        let wrong = |what: String| Err(ChainError::Genesis(what));
        if let Err(reason) = parse_address(&self.admin) {
            return wrong(format!("admin {:?}: {reason}", self.admin));
        }
        if self.balances.len() > MAX_GENESIS_ACCOUNTS {
            return wrong(format!(
                "{} accounts, at most {MAX_GENESIS_ACCOUNTS}",
                self.balances.len()
            ));
        }
        let mut seen = std::collections::BTreeSet::new();
        let mut supply = std::collections::BTreeMap::<&str, u128>::new();
        for balance in &self.balances {
            let address = &balance.address;
            if let Err(reason) = parse_address(address) {
                return wrong(format!("account {address:?}: {reason}"));
            }
            if !seen.insert(address) {
                return wrong(format!("account {address} is named twice"));
            }
            if balance.coins.is_empty() {
                return wrong(format!("account {address} has no coins"));
            }
            let mut denoms = std::collections::BTreeSet::new();
            for coin in &balance.coins {
                if !crate::bank::is_denom(&coin.denom)
                    || coin.amount == 0
                    || !denoms.insert(&coin.denom)
                {
                    return wrong(format!(
                        "account {address}: coin {}{} is not valid here",
                        coin.amount, coin.denom
                    ));
                }
                let total = supply.entry(&coin.denom).or_default();
                match total.checked_add(coin.amount) {
                    Some(sum) => *total = sum,
                    None => return wrong(format!("the supply of {} exceeds 2^128", coin.denom)),
                }
            }
        }
        Ok(())
    }
}

/// When blocks are made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BlockProduction {
    /// Only by [`EmbeddedChain::produce_block`](crate::EmbeddedChain::produce_block).
    Manual,
    /// At once when a transaction has come in, and an empty one when none was made for this long. Blocks are made while
    /// [`EmbeddedChain::serve`](crate::EmbeddedChain::serve) runs.
    Automatic {
        /// Longest time between two blocks.
        empty_interval: Duration,
    },
}

/// Time between empty blocks unless configured otherwise.
pub const DEFAULT_EMPTY_INTERVAL: Duration = Duration::from_secs(1);

/// Everything [`EmbeddedChain::open`](crate::EmbeddedChain::open) needs besides the folder.
#[derive(Clone)]
pub struct ChainConfig {
    /// What the chain starts from.
    pub genesis: Genesis,
    /// When blocks are made.
    pub production: BlockProduction,
    /// Where block time comes from.
    pub clock: Arc<dyn Clock>,
    /// The contract code that exists from genesis on.
    pub codes: Codes,
}

impl ChainConfig {
    /// The network's contracts, the system's clock, a block every second and for every transaction.
    pub fn new(genesis: Genesis) -> Self {
        Self {
            genesis,
            production: BlockProduction::Automatic {
                empty_interval: DEFAULT_EMPTY_INTERVAL,
            },
            clock: Arc::new(SystemClock),
            codes: Codes::network(),
        }
    }

    /// Blocks only on demand, their time from `clock`.
    #[must_use]
    pub fn manual(mut self, clock: impl Clock) -> Self {
        self.production = BlockProduction::Manual;
        self.clock = Arc::new(clock);
        self
    }

    /// Block time from a clock that always shows `time` (blocks still increase it a little).
    #[must_use]
    pub fn at(self, time: BlockTime) -> Self {
        self.manual(move || time)
    }

    /// Other contract code, for tests of the chain itself.
    #[must_use]
    pub fn with_codes(mut self, codes: Codes) -> Self {
        self.codes = codes;
        self
    }

    /// Another longest time between two blocks.
    #[must_use]
    pub fn with_empty_interval(mut self, empty_interval: Duration) -> Self {
        self.production = BlockProduction::Automatic { empty_interval };
        self
    }
}

impl fmt::Debug for ChainConfig {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ChainConfig")
            .field("chain_id", &self.genesis.chain_id)
            .field("production", &self.production)
            .finish_non_exhaustive()
    }
}

/// Configuration of a chain in a process of its own, as [`run`](crate::run) takes it.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RunConfig {
    /// Folder of the chain's files; made with mode 0700 if it does not exist.
    pub home: PathBuf,
    /// Where the RPC listens; port 0 lets the system choose.
    pub listen: SocketAddr,
    /// Longest time between two blocks, in milliseconds.
    #[serde(default = "default_empty_interval_ms")]
    pub empty_interval_ms: u64,
    /// What the chain starts from.
    pub genesis: Genesis,
}

fn default_empty_interval_ms() -> u64 {
    u64::try_from(DEFAULT_EMPTY_INTERVAL.as_millis()).unwrap_or(u64::MAX)
}
