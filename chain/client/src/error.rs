//! What can go wrong between us and the chain, for the one who reads it.

use std::time::Duration;

use crate::{journal::JournalError, transaction::TxHash};

/// Everything that can go wrong in this crate.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The client was given no endpoint, or too many.
    #[error("{given} chain endpoints given; between 1 and {most} are needed")]
    EndpointCount {
        /// How many were given.
        given: usize,
        /// How many are allowed.
        most: usize,
    },
    /// An endpoint is no URL that can be called.
    #[error("chain endpoint {url} cannot be used: {reason}; give an http or https URL")]
    BadEndpoint {
        /// The endpoint as given.
        url: String,
        /// What is wrong with it.
        reason: String,
    },
    /// No connection, or it broke.
    #[error(
        "chain endpoint {endpoint} cannot be reached: {reason}; check that the node runs and the URL is right"
    )]
    Unreachable {
        /// The endpoint.
        endpoint: String,
        /// The cause as the HTTP client names it.
        reason: String,
    },
    /// The node did not answer in time.
    #[error(
        "chain endpoint {endpoint} did not answer {method} within {after:?}; try again or use another node"
    )]
    TimedOut {
        /// The endpoint.
        endpoint: String,
        /// The RPC method.
        method: &'static str,
        /// How long was waited.
        after: Duration,
    },
    /// The node answered with something that is no answer to the question.
    #[error(
        "chain endpoint {endpoint} answered {method} with something unreadable ({reason}); is it a CometBFT 0.37 node?"
    )]
    Garbage {
        /// The endpoint.
        endpoint: String,
        /// The RPC method or query path.
        method: String,
        /// What did not fit.
        reason: String,
    },
    /// The node's answer is larger than is read.
    #[error("chain endpoint {endpoint} answered {method} with more than {limit} bytes")]
    AnswerTooLarge {
        /// The endpoint.
        endpoint: String,
        /// The RPC method.
        method: &'static str,
        /// The limit in bytes.
        limit: usize,
    },
    /// The node answered with a JSON-RPC error.
    #[error("chain node refused {method}: {message} (code {code})")]
    Rpc {
        /// The RPC method.
        method: &'static str,
        /// JSON-RPC error code.
        code: i32,
        /// Message and data of the error.
        message: String,
    },
    /// A query was understood and refused; for a contract query the text is the contract's.
    #[error("query {path} was refused: {log} ({codespace} {code})")]
    Query {
        /// Query path, for contract queries with the contract's address.
        path: String,
        /// Name space of the code.
        codespace: String,
        /// ABCI code.
        code: u32,
        /// The node's or contract's text.
        log: String,
    },
    /// What was asked for does not exist.
    #[error("{what} does not exist on this chain")]
    NotFound {
        /// What was asked for.
        what: String,
    },
    /// A list had more pages than are read, or its cursor does not move.
    #[error("list {query} of {contract} does not end after {pages} pages")]
    EndlessList {
        /// The contract.
        contract: String,
        /// The query.
        query: &'static str,
        /// Pages read.
        pages: usize,
    },
    /// The mnemonic is none.
    #[error("this is no valid mnemonic: {0}; 12 to 24 words of the English BIP-39 list are needed")]
    Mnemonic(String),
    /// Deriving a key or an address failed.
    #[error("no account can be derived from the mnemonic: {0}")]
    Account(String),
    /// A text is no address.
    #[error("{text:?} is no valid bech32 address: {reason}")]
    BadAddress {
        /// The text.
        text: String,
        /// What is wrong.
        reason: String,
    },
    /// A text is no transaction hash.
    #[error("{0:?} is no transaction hash; 64 hexadecimal digits are needed")]
    BadHash(String),
    /// A message cannot be put into a transaction.
    #[error("message cannot be encoded: {0}")]
    Encode(String),
    /// The transaction is larger than a node takes.
    #[error(
        "the transaction has {size} {unit}; at most {limit} are sent; split it or shorten its fields"
    )]
    TxTooLarge {
        /// Its size.
        size: usize,
        /// What the size counts.
        unit: &'static str,
        /// The limit.
        limit: usize,
    },
    /// The account has no record on chain, so it has no number to sign with.
    #[error("account {address} is not on chain yet; send it coins first")]
    UnknownAccount {
        /// The account.
        address: String,
    },
    /// Simulation says that the transaction would fail. Nothing was sent.
    #[error("the transaction would fail and was not sent: {log} ({codespace} {code})")]
    Simulation {
        /// Name space of the code.
        codespace: String,
        /// ABCI code.
        code: u32,
        /// The contract's or module's text.
        log: String,
    },
    /// The node refused the signed transaction before it could enter a block; no fee was paid.
    #[error(
        "transaction {hash} was refused by the node: {log} ({codespace} {code}); nothing was paid"
    )]
    Rejected {
        /// The transaction.
        hash: TxHash,
        /// Name space of the code.
        codespace: String,
        /// ABCI code.
        code: u32,
        /// The node's text.
        log: String,
    },
    /// The transaction is in a block and failed there.
    #[error(
        "transaction {hash} failed in block {height}: {log} ({codespace} {code}); its fee is paid"
    )]
    Failed {
        /// The transaction.
        hash: TxHash,
        /// Its block.
        height: u64,
        /// Name space of the code.
        codespace: String,
        /// ABCI code.
        code: u32,
        /// The contract's or module's text.
        log: String,
    },
    /// The transaction is in no block and can enter none any more.
    #[error(
        "transaction {hash} was never included (valid up to block {timeout_height}); nothing was paid, send again"
    )]
    Abandoned {
        /// The transaction.
        hash: TxHash,
        /// Last block that it could have entered.
        timeout_height: u64,
    },
    /// The node serves another chain than a stored transaction was signed for.
    #[error(
        "the node serves chain {found}, the account's open transaction belongs to {expected}; check the endpoint"
    )]
    WrongChain {
        /// Chain of the stored transaction.
        expected: String,
        /// Chain of the node.
        found: String,
    },
    /// The journal failed. Where it failed before the first sending, nothing was sent.
    #[error("the transaction journal failed: {0}")]
    Journal(#[source] JournalError),
    /// The sender's task has ended.
    #[error("the account's sender has stopped; start it again")]
    SenderStopped,
    /// Too many transactions wait.
    #[error("{0} transactions of this account wait already; try again later")]
    QueueFull(usize),
    /// An included transaction does not carry the result that was expected of it.
    #[error("transaction {hash} is included, but its result is not as expected: {reason}")]
    UnexpectedResult {
        /// The transaction.
        hash: TxHash,
        /// What did not fit.
        reason: String,
    },
}

impl Error {
    /// Whether asking again, or another node, may help: nothing was decided.
    #[must_use]
    pub fn is_transient(&self) -> bool {
        matches!(
            self,
            Self::Unreachable { .. }
                | Self::TimedOut { .. }
                | Self::Garbage { .. }
                | Self::AnswerTooLarge { .. }
                | Self::QueueFull(_)
        )
    }
}
