//! How obtaining and recovering end: the books, what is pending, and the exit code that says so.

use ecash_wallet::{Issuance, Report, Stock, WalletError};
use serde_json::{Value, json};

use super::books::{book_json, issuance_json, rfc3339, signer_json};
use crate::failure::{Exit, Failure};
use crate::output::CommandResult;

/// Anything pending is no success. `found` is what is shown of the books; `resume` is the command that goes on.
pub(crate) fn conclude(
    report: &Report,
    found: String,
    resume: &str,
) -> Result<CommandResult, Failure> {
    let json = report_json(report);
    if report.pending.is_empty() {
        return Ok(CommandResult { text: found, json });
    }
    let mut lines = vec![headline(report)];
    lines.extend(report.pending.iter().map(line_of));
    for signer in &report.signers {
        if !signer.outcome.is_good() {
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
    }
    lines.push("What was paid is stored and safe.".to_owned());
    let failure = Failure::new(Exit::Pending, lines.join("\n"))
        .next(resume)
        .details(json);
    Err(if found.is_empty() {
        failure
    } else {
        failure.found(found)
    })
}

/// An error beside which something is pending ends as "pending": that comes first of what applies, unless the arguments
/// were wrong.
pub(crate) fn beside_pending(error: WalletError, stock: &Stock, resume: &str) -> Failure {
    let failure = Failure::from(error);
    if stock.pending.is_empty() || matches!(failure.exit, Exit::Usage | Exit::Pending) {
        return failure;
    }
    let mut lines = vec![
        failure.message,
        "Also, of earlier calls this is paid for, stored, and not finished:".to_owned(),
    ];
    lines.extend(stock.pending.iter().map(line_of));
    Failure::new(Exit::Pending, lines.join("\n"))
        .next(resume)
        .details(json!({"pending": stock.pending.iter().map(issuance_json).collect::<Vec<_>>()}))
}

fn headline(report: &Report) -> String {
    match (report.books.as_slice(), report.pending.as_slice()) {
        ([], [one]) => match one.threshold {
            Some(needed) => format!("ticketbook not complete: {} of {needed} shares", one.shares),
            None => "ticketbook not complete".to_owned(),
        },
        (books, pending) => format!(
            "{} ticketbook(s) complete, {} pending",
            books.len(),
            pending.len()
        ),
    }
}

/// One issuance in a line: what, where it stands, until when, and why.
pub(crate) fn line_of(issuance: &Issuance) -> String {
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
    let next_try = issuance
        .next_try_at
        .map_or(String::new(), |at| format!(", next try {}", rfc3339(at)));
    let reason = issuance
        .reason
        .as_ref()
        .map_or(String::new(), |reason| format!(": {reason}"));
    format!(
        "  {deposit} ({}) {}{shares}{deadline}{next_try}{reason}",
        issuance.ticket_type,
        issuance.state.text()
    )
}

pub(crate) fn report_json(report: &Report) -> Value {
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
    use ecash_wallet::{Outcome, SignerOutcome, State};

    use super::*;

    fn pending() -> Issuance {
        Issuance {
            deposit_id: Some(DepositId(17)),
            ticket_type: TicketType::MixnetEntry,
            state: State::Requested,
            reason: Some("signer 2 refused".to_owned()),
            shares: 3,
            threshold: Some(4),
            deadline: Some(UnixTime(1_765_065_600)),
            next_try_at: None,
            tx_hash: None,
        }
    }

    #[test]
    fn anything_pending_is_exit_3_with_deadline_reason_culprit_and_the_command_that_resumes() {
        let report = Report {
            pending: vec![pending()],
            signers: vec![SignerOutcome {
                node_index: NodeIndex(2),
                url: "http://127.0.0.1:1/".to_owned(),
                outcome: Outcome::Refused("epoch 0 is not in service".to_owned()),
            }],
            ..Report::default()
        };
        let failure = conclude(&report, String::new(), "nym-cli resume").unwrap_err();
        assert_eq!(failure.exit, Exit::Pending);
        for part in [
            "not complete: 3 of 4 shares",
            "deposit 17",
            "2025-12-07T00:00:00Z",
            "signer 2 (http://127.0.0.1:1/) refused: epoch 0",
        ] {
            assert!(
                failure.message.contains(part),
                "{part}: {}",
                failure.message
            );
        }
        assert_eq!(failure.next.as_deref(), Some("nym-cli resume"));
        assert_eq!(failure.details["pending"][0]["deposit_id"], 17);
        assert_eq!(
            failure.details["pending"][0]["deadline"],
            "2025-12-07T00:00:00Z"
        );
    }

    #[test]
    fn nothing_pending_is_success_in_the_documented_json() {
        let result = conclude(&Report::default(), "0 books".to_owned(), "").unwrap();
        assert_eq!(result.text, "0 books");
        assert_eq!(
            result.json,
            json!({"books": [], "pending": [], "signers": [], "tx_hash": null})
        );
    }

    #[test]
    fn of_several_codes_that_apply_pending_comes_before_refused_and_unavailable() {
        let mut stock = Stock {
            books: vec![],
            pending: vec![],
            closed: vec![],
            birthday: None,
            seed_fingerprint: None,
            evidence: 0,
        };
        let alone = beside_pending(WalletError::Blacklisted, &stock, "r");
        assert_eq!(alone.exit, Exit::Refused);
        stock.pending.push(pending());
        for error in [WalletError::Blacklisted, WalletError::NoIssuingEpoch] {
            let said = error.to_string();
            let failure = beside_pending(error, &stock, "r");
            assert_eq!(failure.exit, Exit::Pending);
            assert!(failure.message.contains(&said), "the cause is not lost");
            assert!(failure.message.contains("deposit 17"));
        }
    }
}
