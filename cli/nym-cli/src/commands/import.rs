//! `ecash import-…`: what comes from files.

use super::Context;
use crate::args::{ImportMasterVerificationKey, ImportSignatures, ImportTicketBook};
use crate::failure::{Exit, Failure};
use crate::output::CommandResult;

pub(crate) async fn ticket_book(
    _: &Context,
    args: &ImportTicketBook,
) -> Result<CommandResult, Failure> {
    Err(unavailable(&format!("{args:?}")))
}

pub(crate) async fn coin_index_signatures(
    _: &Context,
    args: &ImportSignatures,
) -> Result<CommandResult, Failure> {
    Err(unavailable(&format!("{args:?}")))
}

pub(crate) async fn expiration_date_signatures(
    _: &Context,
    args: &ImportSignatures,
) -> Result<CommandResult, Failure> {
    Err(unavailable(&format!("{args:?}")))
}

pub(crate) async fn master_verification_key(
    _: &Context,
    args: &ImportMasterVerificationKey,
) -> Result<CommandResult, Failure> {
    Err(unavailable(&format!("{args:?}")))
}

fn unavailable(what: &str) -> Failure {
    Failure::new(Exit::Failed, format!("not in this version yet: {what}"))
}
