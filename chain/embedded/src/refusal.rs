//! Why a transaction is refused or has failed, in the codes of the Cosmos SDK.

/// The code space of [`Refusal`]s that the chain itself makes.
pub const SDK: &str = "sdk";
/// The code space of contract failures.
pub const WASM: &str = "wasm";

/// The codes of code space `sdk` that this chain uses.
pub mod code {
    /// The bytes are no transaction.
    pub const TX_DECODE: u32 = 2;
    /// The signature does not verify, or the sender may not do this.
    pub const UNAUTHORIZED: u32 = 4;
    /// The sender has less than it spends.
    pub const INSUFFICIENT_FUNDS: u32 = 5;
    /// A message or query this chain does not know.
    pub const UNKNOWN_REQUEST: u32 = 6;
    /// Not an address of this chain.
    pub const INVALID_ADDRESS: u32 = 7;
    /// Not a compressed secp256k1 key, or not the account's.
    pub const INVALID_PUBKEY: u32 = 8;
    /// The account does not exist.
    pub const UNKNOWN_ADDRESS: u32 = 9;
    /// Coins that are not sorted, not unique or not positive.
    pub const INVALID_COINS: u32 = 10;
    /// The gas limit is used up.
    pub const OUT_OF_GAS: u32 = 11;
    /// The memo is too long.
    pub const MEMO_TOO_LARGE: u32 = 12;
    /// The fee is below the minimum for the gas limit.
    pub const INSUFFICIENT_FEE: u32 = 13;
    /// More than one signer.
    pub const TOO_MANY_SIGNATURES: u32 = 14;
    /// No signature.
    pub const NO_SIGNATURES: u32 = 15;
    /// The request is not well formed.
    pub const INVALID_REQUEST: u32 = 18;
    /// The same transaction already waits.
    pub const TX_IN_MEMPOOL: u32 = 19;
    /// As many transactions wait as may wait.
    pub const MEMPOOL_FULL: u32 = 20;
    /// More bytes than a transaction may have.
    pub const TX_TOO_LARGE: u32 = 21;
    /// Nothing is stored under the key that was asked for.
    pub const KEY_NOT_FOUND: u32 = 22;
    /// The height asked for is not there.
    pub const INVALID_HEIGHT: u32 = 26;
    /// The next block is above the timeout height.
    pub const TIMEOUT_HEIGHT: u32 = 30;
    /// An extension option; none is known.
    pub const UNKNOWN_EXTENSION: u32 = 31;
    /// The sequence is not the account's.
    pub const WRONG_SEQUENCE: u32 = 32;
    /// A bug: something panicked that is no contract.
    pub const PANIC: u32 = 111_222;
    /// The gas limit is above what a transaction may ask for.
    pub const INVALID_GAS_LIMIT: u32 = 41;
}

/// Codes of code space `wasm`.
pub mod wasm_code {
    /// `instantiate` failed.
    pub const INSTANTIATE: u32 = 4;
    /// `execute` failed.
    pub const EXECUTE: u32 = 5;
    /// A query failed.
    pub const QUERY: u32 = 9;
    /// `migrate` failed.
    pub const MIGRATE: u32 = 11;
    /// No contract has this address.
    pub const NO_SUCH_CONTRACT: u32 = 22;
}

/// A transaction (or query) that is refused or failed: a code other than 0 and the reason as text.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{codespace} {code}: {log}")]
pub struct Refusal {
    /// Code space, `sdk` or `wasm`.
    pub codespace: &'static str,
    /// Never 0.
    pub code: u32,
    /// What was wrong, ending in the SDK's name of the code.
    pub log: String,
}

impl Refusal {
    /// A refusal in code space `sdk`.
    pub(crate) fn sdk(code: u32, log: impl Into<String>) -> Self {
        Self {
            codespace: SDK,
            code,
            log: log.into(),
        }
    }

    /// A refusal in code space `wasm`.
    pub(crate) fn wasm(code: u32, log: impl Into<String>) -> Self {
        Self {
            codespace: WASM,
            code,
            log: log.into(),
        }
    }
}
