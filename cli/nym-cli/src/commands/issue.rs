//! `ecash issue-ticket-book` and `ecash recover-ticket-book` for a client, whose wallet keeps the books.

use ecash_wallet::{Order, Report, Wallet, WalletError};

use super::books::table_of;
use super::conclude::{beside_pending, conclude, line_of};
use super::{Context, issue_file};
use crate::args::{IssueTicketBook, RecoverTicketBook};
use crate::client_config::ClientConfig;
use crate::failure::Failure;
use crate::output::CommandResult;

pub(crate) async fn issue(
    context: &Context,
    args: &IssueTicketBook,
) -> Result<CommandResult, Failure> {
    let Some(config) = &args.client_config else {
        return issue_file::issue(context, args).await;
    };
    let client = ClientConfig::read(config)?;
    client.seed()?;
    let account = context.account()?;
    context.say(&format!("loaded config file for client '{}'", client.id));
    context.say(&client.store().display().to_string());
    let resume = context.resume(&client);
    let wallet = context.wallet(&client).await?;
    let order = Order {
        ticket_type: args.ticketbook_type,
        count: args.count,
        new_deposit: args.new_deposit,
    };
    let outcome = wallet.obtain(&account, order, &context.progress).await;
    let report = ended(&wallet, outcome, &resume).await?;
    let found = if report.books.is_empty() {
        String::new()
    } else {
        format!(
            "obtained {} ticketbook(s)\n{}",
            report.books.len(),
            table_of(&report.books.iter().collect::<Vec<_>>())
        )
    };
    conclude(&report, found, &resume)
}

pub(crate) async fn recover(
    context: &Context,
    args: &RecoverTicketBook,
) -> Result<CommandResult, Failure> {
    let Some(config) = &args.client_config else {
        return issue_file::recover(context, args).await;
    };
    let client = ClientConfig::read(config)?;
    client.seed()?;
    context.say(&client.store().display().to_string());
    let resume = context.resume(&client);
    let wallet = context.wallet(&client).await?;
    let outcome = wallet.recover(&context.progress).await;
    let closed = wallet.stock().await.map(|stock| stock.closed);
    let report = ended(&wallet, outcome, &resume).await?;
    let mut found = vec![format!("recovered {} ticketbooks", report.books.len())];
    found.extend(closed?.iter().map(line_of));
    conclude(&report, found.join("\n"), &resume)
}

/// Closes the wallet. A failure beside which something is pending says so.
async fn ended(
    wallet: &Wallet,
    outcome: Result<Report, WalletError>,
    resume: &str,
) -> Result<Report, Failure> {
    let outcome = match outcome {
        Ok(report) => Ok(report),
        Err(error) => Err(match wallet.stock().await {
            Ok(stock) => beside_pending(error, &stock, resume),
            Err(_) => error.into(),
        }),
    };
    wallet.close().await;
    outcome
}
