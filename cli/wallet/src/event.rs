//! What a caller can watch while the wallet works. The library prints nothing.

use ecash_ticketbook::{DepositId, EpochId, NodeIndex};

use crate::domain::issuance::State;

/// One thing that happened.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Event {
    /// An issuance of an earlier run is taken up again.
    Resuming {
        /// The deposit, once it has an id.
        deposit_id: Option<DepositId>,
    },
    /// The signers of an epoch are known.
    Signers {
        /// The epoch.
        epoch: EpochId,
        /// How many can be used.
        usable: usize,
        /// How many are needed.
        threshold: u64,
    },
    /// A key share on chain cannot be used.
    ShareDropped {
        /// Its owner's address.
        owner: String,
        /// Why.
        reason: String,
    },
    /// The own clock is off and is corrected.
    ClockCorrected {
        /// Network − own, in seconds.
        offset_secs: i64,
    },
    /// The network is not ready, and is asked again.
    Waiting {
        /// What it lacks.
        reason: String,
    },
    /// Keys and public signatures are there and verified.
    GlobalData {
        /// Their epoch.
        epoch: EpochId,
    },
    /// A signer served global data that does not verify.
    BadGlobalData {
        /// Its index.
        node_index: NodeIndex,
        /// Its URL.
        url: String,
        /// What was wrong.
        reason: String,
    },
    /// The deposit transaction is journaled and goes out.
    Paying {
        /// Its hash in hex.
        tx_hash: String,
        /// How many books it pays for.
        books: u32,
        /// Size of the signed transaction in bytes.
        bytes: usize,
    },
    /// A deposit is in a block.
    Deposited {
        /// Its id.
        deposit_id: DepositId,
    },
    /// The request of a deposit is stored and goes to the signers.
    Requesting {
        /// The deposit.
        deposit_id: DepositId,
        /// Epoch asked under.
        epoch: EpochId,
        /// How many are asked.
        signers: usize,
    },
    /// The request goes to one signer.
    Asking {
        /// The deposit.
        deposit_id: DepositId,
        /// Whom.
        node_index: NodeIndex,
        /// Size of the body in bytes, envelope included.
        bytes: usize,
    },
    /// A good share was stored.
    Share {
        /// The deposit.
        deposit_id: DepositId,
        /// Whose.
        node_index: NodeIndex,
        /// Good shares so far.
        have: usize,
        /// Needed.
        threshold: u64,
    },
    /// A signer gave no good share.
    SignerFailed {
        /// The deposit.
        deposit_id: DepositId,
        /// What it did.
        signer: SignerOutcome,
    },
    /// All signers are asked what they recorded for a deposit.
    AskingStatus {
        /// The deposit.
        deposit_id: DepositId,
        /// How many are asked.
        signers: usize,
    },
    /// The refund of a deposit was demanded; what follows shows on chain.
    RefundDemanded {
        /// The deposit.
        deposit_id: DepositId,
        /// Signers that wrote the demand down.
        recorded: usize,
        /// How many were asked.
        asked: usize,
    },
    /// The chain's or the signers' word moved an issuance to another state.
    Moved {
        /// The deposit.
        deposit_id: Option<DepositId>,
        /// Where it stands now.
        state: State,
    },
    /// A book is complete and stored.
    Book {
        /// Its row.
        book: i64,
        /// Its deposit.
        deposit_id: DepositId,
    },
}

/// Receives events; called from the wallet's tasks, so it should return at once.
pub trait Observer: Send + Sync {
    /// Something happened.
    fn on(&self, event: &Event);
}

impl Observer for () {
    fn on(&self, _: &Event) {}
}

impl<F: Fn(&Event) + Send + Sync> Observer for F {
    fn on(&self, event: &Event) {
        self(event);
    }
}

/// A signer and what came of asking it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignerOutcome {
    /// Its index.
    pub node_index: NodeIndex,
    /// Its announced URL.
    pub url: String,
    /// What came of it.
    pub outcome: Outcome,
}

/// What came of asking one signer for a share (`client.md` 3.5).
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// A good share with a valid attestation.
    Good,
    /// A good share; its attestation is missing or wrong, as published signers send none.
    GoodUnattested,
    /// A valid attestation over a share that does not verify: evidence is stored.
    BadShare,
    /// Something that proves nothing: wrong base, wrong epoch or node, a seal that does not open, an unreadable answer.
    BadAnswer(String),
    /// "Later".
    Later(String),
    /// A refusal; not final.
    Refused(String),
    /// No answer.
    Silent(String),
    /// The threshold was reached before it answered.
    NotNeeded,
}

impl Outcome {
    /// A word for outputs.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Good => "good",
            Self::GoodUnattested => "good, unattested",
            Self::BadShare => "bad share",
            Self::BadAnswer(_) => "bad answer",
            Self::Later(_) => "later",
            Self::Refused(_) => "refused",
            Self::Silent(_) => "no answer",
            Self::NotNeeded => "not needed",
        }
    }

    /// What the signer, or the error, said.
    #[must_use]
    pub fn detail(&self) -> Option<&str> {
        match self {
            Self::BadAnswer(text)
            | Self::Later(text)
            | Self::Refused(text)
            | Self::Silent(text) => Some(text),
            Self::Good | Self::GoodUnattested | Self::BadShare | Self::NotNeeded => None,
        }
    }

    /// Whether it gave a share.
    #[must_use]
    pub const fn is_good(&self) -> bool {
        matches!(self, Self::Good | Self::GoodUnattested)
    }

    /// Whether the signer did something that no honest one does.
    #[must_use]
    pub const fn is_cheating(&self) -> bool {
        matches!(self, Self::BadShare | Self::BadAnswer(_))
    }
}
