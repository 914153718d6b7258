//! What a user interface makes of an error: a code that stays the same over versions, and what to do.

use crate::error::WalletError;

/// What to do about a [`WalletError`]. The error's own text says it in words, with the values.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Advice {
    /// Chain, signers or gateway cannot be reached or are not ready: the same call again later.
    TryLater,
    /// Something is paid and stored: [`crate::Wallet::recover`] finishes it.
    Resume,
    /// Put money on the account that pays.
    FundAccount,
    /// Free space on the disk, then the same call again.
    FreeDiskSpace,
    /// Another program has the wallet or its database: end it, or let it finish.
    CloseOtherProgram,
    /// Correct this device's clock.
    CorrectClock,
    /// Obtain a ticketbook, or wait for one that is on its way.
    ObtainBook,
    /// Use another gateway.
    ChangeGateway,
    /// Correct what was given to the call or to the configuration.
    CorrectInput,
    /// The wallet's database is damaged: keep the file, make a new wallet, ask for help.
    AskForHelp,
    /// The network has decided; nothing on this device changes it.
    Nothing,
}

impl WalletError {
    /// A short name that stays the same over versions, for user interfaces and logs. One per variant.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        self.entry().0
    }

    /// What to do about it.
    #[must_use]
    pub fn advice(&self) -> Advice {
        match self {
            Self::Chain(error) if error.is_transient() => Advice::TryLater,
            other => other.entry().1,
        }
    }

    const fn entry(&self) -> (&'static str, Advice) {
        match self {
            Self::SeedTooShort { .. } => ("seed-too-short", Advice::CorrectInput),
            Self::Attempts { .. } => ("no-usable-secrets", Advice::AskForHelp),
            Self::InUse { .. } => ("wallet-in-use", Advice::CloseOtherProgram),
            Self::Foreign { .. } => ("foreign-wallet", Advice::CorrectInput),
            Self::OutputExists { .. } => ("output-exists", Advice::CorrectInput),
            Self::NoWallet { .. } => ("no-wallet", Advice::ObtainBook),
            Self::Reference(error) => error.entry(),
            Self::BookFile(_) => ("book-file", Advice::CorrectInput),
            Self::File(_) => ("file", Advice::AskForHelp),
            Self::Lock { .. } => ("lock", Advice::CorrectInput),
            Self::DiskFull(_) => ("disk-full", Advice::FreeDiskSpace),
            Self::DatabaseLocked(_) => ("database-locked", Advice::CloseOtherProgram),
            Self::Database(_) => ("database", Advice::AskForHelp),
            Self::Damaged { .. } => ("damaged", Advice::AskForHelp),
            Self::NotAllowed { .. } => ("not-allowed", Advice::AskForHelp),
            Self::Scheme(_) => ("scheme", Advice::AskForHelp),
            Self::Ticketbook(_) => ("ticketbook", Advice::CorrectInput),
            Self::Chain(_) => ("chain", Advice::CorrectInput),
            Self::Http(_) => ("http", Advice::CorrectInput),
            Self::BookCount { .. } => ("book-count", Advice::CorrectInput),
            Self::NoIssuingEpoch => ("no-issuing-epoch", Advice::TryLater),
            Self::TooFewKeyShares { .. } => ("too-few-key-shares", Advice::TryLater),
            Self::ContradictingKeyShares { .. } => ("contradicting-key-shares", Advice::Nothing),
            Self::RevokedEpoch { .. } => ("revoked-epoch", Advice::TryLater),
            Self::TooFewSigners { .. } => ("too-few-signers", Advice::TryLater),
            Self::Blacklisted => ("blacklisted", Advice::Nothing),
            Self::NotEnoughMoney { .. } => ("not-enough-money", Advice::FundAccount),
            Self::NoGlobalData { .. } => ("no-global-data", Advice::TryLater),
            Self::DepositFailed { .. } => ("deposit-failed", Advice::TryLater),
            Self::DepositAbandoned { .. } => ("deposit-abandoned", Advice::TryLater),
            Self::DepositRefused(_) => ("deposit-refused", Advice::CorrectInput),
            Self::StillPending(_) => ("still-pending", Advice::Resume),
            Self::NoBook(_) => ("no-book", Advice::ObtainBook),
            Self::TicketNotFree { .. } => ("ticket-not-free", Advice::CorrectInput),
            Self::BadProviderKey(_) => ("bad-provider-key", Advice::CorrectInput),
            Self::UnknownGateway(_) => ("unknown-gateway", Advice::ChangeGateway),
            Self::BadGatewayInfo { .. } => ("bad-gateway-info", Advice::ChangeGateway),
            Self::GatewayUnreachable { .. } => ("gateway-unreachable", Advice::ChangeGateway),
            Self::WrongRole { .. } => ("wrong-role", Advice::ChangeGateway),
            Self::GatewayClock { .. } => ("gateway-clock", Advice::CorrectClock),
            Self::UnknownEpochThere { .. } => ("unknown-epoch-there", Advice::ChangeGateway),
            Self::TwoStrikes { .. } => ("two-strikes", Advice::ChangeGateway),
            Self::ClockBehindJournal { .. } => ("clock-behind-journal", Advice::CorrectClock),
            Self::UnknownTicket { .. } => ("unknown-ticket", Advice::CorrectInput),
            Self::TooLateToResend { .. } => ("too-late-to-resend", Advice::ObtainBook),
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, missing_docs)]
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_code_is_one_word_and_belongs_to_one_variant() {
        let source = include_str!("advice.rs");
        let table = source.split("const fn entry").nth(1).unwrap();
        let table = table.split("mod tests").next().unwrap();
        let codes: Vec<&str> = table.split('"').skip(1).step_by(2).collect();
        let different: BTreeSet<&&str> = codes.iter().collect();
        assert!(codes.len() > 40);
        assert_eq!(different.len(), codes.len());
        for code in codes {
            assert!(
                code.bytes()
                    .all(|byte| byte.is_ascii_lowercase() || byte == b'-')
            );
        }
    }

    #[test]
    fn a_chain_that_cannot_be_reached_is_tried_later() {
        let error = WalletError::Chain(nyx_client::Error::NotFound {
            what: "a node".to_owned(),
        });
        assert_eq!(
            error.advice() == Advice::TryLater,
            error.class() == crate::ErrorClass::Unavailable
        );
        assert_eq!(WalletError::Blacklisted.advice(), Advice::Nothing);
        assert_eq!(
            WalletError::StillPending(String::new()).advice(),
            Advice::Resume
        );
    }
}
