//! `ecash issue-ticket-book` and `ecash recover-ticket-book`.

use std::path::Path;

use ecash_wallet::{Book, Order, Report};
use serde_json::{Value, json};

use super::Context;
use super::books::{book_json, issuance_json, rfc3339, signer_json, table_of};
use crate::args::{IssueTicketBook, RecoverTicketBook};
use crate::client_config::ClientConfig;
use crate::failure::{Exit, Failure};
use crate::output::CommandResult;

pub(crate) async fn issue(
    context: &Context,
    args: &IssueTicketBook,
) -> Result<CommandResult, Failure> {
    let client = client_of(args.client_config.as_deref())?;
    let account = context.account()?;
    let wallet = context.wallet(&client).await?;
    context
        .progress
        .note(&format!("loaded config file for client '{}'", client.id));
    context
        .progress
        .note(&format!("wallet: {}", client.wallet_database().display()));
    let order = Order {
        ticket_type: args.ticketbook_type,
        count: args.count,
        new_deposit: args.new_deposit,
    };
    let outcome = wallet.obtain(&account, order, &context.progress).await;
    wallet.close().await;
    conclude(&outcome?, &client, |books| {
        format!(
            "obtained {} ticketbook(s)\n{}",
            books.len(),
            table_of(&books.iter().collect::<Vec<_>>())
        )
    })
}

pub(crate) async fn recover(
    context: &Context,
    args: &RecoverTicketBook,
) -> Result<CommandResult, Failure> {
    let client = client_of(args.client_config.as_deref())?;
    let wallet = context.wallet(&client).await?;
    context
        .progress
        .note(&format!("wallet: {}", client.wallet_database().display()));
    let outcome = wallet.recover(&context.progress).await;
    wallet.close().await;
    conclude(&outcome?, &client, |books| {
        format!("recovered {} ticketbooks", books.len())
    })
}

fn client_of(path: Option<&Path>) -> Result<ClientConfig, Failure> {
    match path {
        Some(path) => ClientConfig::read(path),
        None => Err(Failure::new(
            Exit::Failed,
            "files are not in this version yet",
        )),
    }
}

/// Anything pending is no success.
fn conclude(
    report: &Report,
    client: &ClientConfig,
    text: impl Fn(&[Book]) -> String,
) -> Result<CommandResult, Failure> {
    let json = report_json(report);
    if report.pending.is_empty() {
        return Ok(CommandResult {
            text: text(&report.books),
            json,
        });
    }
    let mut lines = vec![format!(
        "{} ticketbook(s) complete, {} pending",
        report.books.len(),
        report.pending.len()
    )];
    for issuance in &report.pending {
        let deposit = issuance
            .deposit_id
            .map_or("deposit without an id yet".to_owned(), |id| {
                format!("deposit {id}")
            });
        let shares = issuance.threshold.map_or(String::new(), |needed| {
            format!(", {} of {needed} shares", issuance.shares)
        });
        let deadline = issuance
            .deadline
            .map_or(String::new(), |at| format!(", until {}", rfc3339(at)));
        let reason = issuance
            .reason
            .as_ref()
            .map_or(String::new(), |reason| format!(": {reason}"));
        lines.push(format!(
            "  {deposit} ({}) {}{shares}{deadline}{reason}",
            issuance.ticket_type,
            issuance.state.text()
        ));
    }
    for signer in report
        .signers
        .iter()
        .filter(|signer| !signer.outcome.is_good())
    {
        let detail = signer
            .outcome
            .detail()
            .map_or(String::new(), |detail| format!(": {detail}"));
        lines.push(format!(
            "  signer {} ({}) {}{detail}",
            signer.node_index,
            signer.url,
            signer.outcome.name()
        ));
    }
    lines.push("What was paid is stored and safe.".to_owned());
    Err(Failure::new(Exit::Pending, lines.join("\n"))
        .next(format!(
            "nym-cli ecash recover-ticket-book --client-config {}",
            client.path.display()
        ))
        .details(json))
}

fn report_json(report: &Report) -> Value {
    json!({
        "books": report.books.iter().map(book_json).collect::<Vec<_>>(),
        "pending": report.pending.iter().map(issuance_json).collect::<Vec<_>>(),
        "signers": report.signers.iter().map(signer_json).collect::<Vec<_>>(),
        "tx_hash": report.tx_hash,
    })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::indexing_slicing)]
    use ecash_ticketbook::{DepositId, NodeIndex, TicketType, UnixTime};
    use ecash_wallet::{Issuance, Outcome, SignerOutcome, State};

    use super::*;

    fn client() -> ClientConfig {
        let home = tempfile::tempdir().unwrap();
        let path = ClientConfig::create(&home.path().join("alice"), "alice").unwrap();
        ClientConfig::read(&path).unwrap()
    }

    #[test]
    fn anything_pending_is_exit_3_with_deadline_reason_culprit_and_the_command_that_resumes() {
        let report = Report {
            pending: vec![Issuance {
                deposit_id: Some(DepositId(17)),
                ticket_type: TicketType::MixnetEntry,
                state: State::Requested,
                reason: Some("signer 2 refused".to_owned()),
                shares: 3,
                threshold: Some(4),
                deadline: Some(UnixTime(1_765_065_600)),
                next_try_at: None,
                tx_hash: None,
            }],
            signers: vec![SignerOutcome {
                node_index: NodeIndex(2),
                url: "http://127.0.0.1:1/".to_owned(),
                outcome: Outcome::Refused("epoch 0 is not in service".to_owned()),
            }],
            ..Report::default()
        };
        let failure = conclude(&report, &client(), |_| String::new()).unwrap_err();
        assert_eq!(failure.exit, Exit::Pending);
        for part in [
            "deposit 17",
            "3 of 4 shares",
            "2025-12-07T00:00:00Z",
            "signer 2 (http://127.0.0.1:1/) refused: epoch 0",
        ] {
            assert!(
                failure.message.contains(part),
                "{part}: {}",
                failure.message
            );
        }
        assert!(
            failure
                .next
                .as_ref()
                .unwrap()
                .starts_with("nym-cli ecash recover-ticket-book --client-config")
        );
        assert_eq!(failure.details["pending"][0]["deposit_id"], 17);
        assert_eq!(
            failure.details["pending"][0]["deadline"],
            "2025-12-07T00:00:00Z"
        );
    }

    #[test]
    fn nothing_pending_is_success_in_the_documented_json() {
        let result = conclude(&Report::default(), &client(), |books| {
            format!("{} books", books.len())
        })
        .unwrap();
        assert_eq!(result.text, "0 books");
        assert_eq!(
            result.json,
            json!({"books": [], "pending": [], "signers": [], "tx_hash": null})
        );
    }
}
