//! Exit codes and failures (`cli.md` 5.1, 5.2).

use std::process::ExitCode;

use ecash_wallet::{ErrorClass, WalletError};
use serde_json::{Value, json};

/// What the exit code says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Exit {
    /// Done.
    Done,
    /// Failed here: file, database, configuration, malformed input.
    Failed,
    /// Arguments.
    Usage,
    /// Something was paid or sent, is stored, and is not finished.
    Pending,
    /// The network said no for good.
    Refused,
    /// Nothing reachable or ready; nothing was begun.
    Unavailable,
    /// The command ran and found what it checks to be wrong.
    CheckFailed,
    /// SIGINT or SIGTERM with nothing pending.
    Interrupted,
}

impl Exit {
    /// The process's exit code.
    pub(crate) const fn code(self) -> u8 {
        match self {
            Self::Done => 0,
            Self::Failed => 1,
            Self::Usage => 2,
            Self::Pending => 3,
            Self::Refused => 4,
            Self::Unavailable => 5,
            Self::CheckFailed => 6,
            Self::Interrupted => 130,
        }
    }

    /// Its name in JSON.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Done => "done",
            Self::Failed => "failed",
            Self::Usage => "usage",
            Self::Pending => "pending",
            Self::Refused => "refused",
            Self::Unavailable => "unavailable",
            Self::CheckFailed => "check_failed",
            Self::Interrupted => "interrupted",
        }
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit.code())
    }
}

/// Why a command did not do what it should, and what to do next. Holds no secret.
#[derive(Clone, Debug)]
pub(crate) struct Failure {
    pub(crate) exit: Exit,
    pub(crate) message: String,
    /// A command line where one helps.
    pub(crate) next: Option<String>,
    pub(crate) details: Value,
    /// What the command found all the same: shown on stdout in table form. In JSON it is in the details.
    pub(crate) found: Option<String>,
}

impl Failure {
    pub(crate) fn new(exit: Exit, message: impl Into<String>) -> Self {
        Self {
            exit,
            message: message.into(),
            next: None,
            details: json!({}),
            found: None,
        }
    }

    pub(crate) fn next(mut self, command: impl Into<String>) -> Self {
        self.next = Some(command.into());
        self
    }

    pub(crate) fn details(mut self, details: Value) -> Self {
        self.details = details;
        self
    }

    pub(crate) fn found(mut self, text: impl Into<String>) -> Self {
        self.found = Some(text.into());
        self
    }

    /// The one JSON document after a failure.
    pub(crate) fn to_json(&self) -> Value {
        json!({"error": {
            "exit": self.exit.code(),
            "code": self.exit.name(),
            "message": self.message,
            "next": self.next,
            "details": self.details,
        }})
    }
}

impl From<WalletError> for Failure {
    fn from(error: WalletError) -> Self {
        let exit = match error.class() {
            ErrorClass::Failed => Exit::Failed,
            ErrorClass::Pending => Exit::Pending,
            ErrorClass::Refused => Exit::Refused,
            ErrorClass::Unavailable => Exit::Unavailable,
        };
        Self::new(exit, error.to_string())
    }
}

impl From<ecash_service::Error> for Failure {
    fn from(error: ecash_service::Error) -> Self {
        Self::new(Exit::Failed, error.to_string())
    }
}

impl From<nyx_client::Error> for Failure {
    fn from(error: nyx_client::Error) -> Self {
        let exit = match &error {
            error if error.is_transient() => Exit::Unavailable,
            nyx_client::Error::Simulation { .. }
            | nyx_client::Error::Failed { .. }
            | nyx_client::Error::Rejected { .. }
            | nyx_client::Error::UnknownAccount { .. } => Exit::Refused,
            nyx_client::Error::Abandoned { .. } | nyx_client::Error::SenderStopped => {
                Exit::Unavailable
            }
            _ => Exit::Failed,
        };
        Self::new(exit, error.to_string())
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::indexing_slicing)]
    use super::*;

    #[test]
    fn a_failure_is_one_document_with_exit_code_name_and_next_command() {
        let failure =
            Failure::new(Exit::Pending, "3 of 4 shares").next("nym-cli ecash recover-ticket-book");
        let json = failure.to_json();
        assert_eq!(json["error"]["exit"], 3);
        assert_eq!(json["error"]["code"], "pending");
        assert_eq!(json["error"]["next"], "nym-cli ecash recover-ticket-book");
        assert!(Failure::new(Exit::Failed, "x").to_json()["error"]["next"].is_null());
    }

    #[test]
    fn what_the_network_refuses_and_what_it_cannot_do_now_end_differently() {
        assert_eq!(Failure::from(WalletError::Blacklisted).exit, Exit::Refused);
        assert_eq!(
            Failure::from(WalletError::NoIssuingEpoch).exit,
            Exit::Unavailable
        );
        assert_eq!(
            Failure::from(WalletError::StillPending(String::new())).exit,
            Exit::Pending
        );
        let in_use = WalletError::InUse {
            path: "w".into(),
            pid: "7".to_owned(),
        };
        assert_eq!(Failure::from(in_use).exit, Exit::Failed);
    }
}
