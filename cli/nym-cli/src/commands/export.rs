//! `ecash export-ticket-book`: hands the tail of a book over to another device.

use super::Context;
use crate::args::ExportTicketBook;
use crate::failure::{Exit, Failure};
use crate::output::CommandResult;

pub(crate) async fn ticket_book(
    _: &Context,
    args: &ExportTicketBook,
) -> Result<CommandResult, Failure> {
    Err(Failure::new(
        Exit::Failed,
        format!("not in this version yet: {args:?}"),
    ))
}
