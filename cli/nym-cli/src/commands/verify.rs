//! `ecash verify`: a ticketbook file, a ticket, or evidence against a signer; a line for each check.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::path::Path;

use ecash_scheme::VerificationKey;
use ecash_ticketbook::{EcashDate, EpochId};
use ecash_wallet::{
    BadShareEvidence, BookFile, Bookshelf, Check, NetworkReader, SignerKeys, TicketFile,
    WalletError, examine_evidence, limits,
};
use serde_json::json;

use super::books::credentials_of;
use super::{Context, now};
use crate::args::{Verify, WalletPlace};
use crate::failure::{Exit, Failure};
use crate::input;
use crate::output::{CommandResult, table};

pub(crate) async fn run(context: &Context, args: &Verify) -> Result<CommandResult, Failure> {
    let checks = match (&args.ticketbook, &args.ticket, &args.evidence) {
        (Some(path), _, _) => ticket_book(context, args, path).await?,
        (None, Some(text), _) => ticket(context, args, text).await?,
        (None, None, Some(path)) => evidence(context, path).await?,
        (None, None, None) => {
            return Err(Failure::new(
                Exit::Usage,
                "give --ticketbook, --ticket or --evidence",
            ));
        }
    };
    conclude(&checks)
}

async fn ticket_book(context: &Context, args: &Verify, path: &Path) -> Result<Vec<Check>, Failure> {
    let bytes = input::file_or_text(path)?;
    let file = match BookFile::any(&bytes) {
        Ok(file) => file,
        Err(error) => return Ok(vec![failed("form", error.to_string())]),
    };
    let keys = Keys::find(context, args, file.book().epoch_id()).await?;
    let today = EcashDate::of(now())
        .map_err(|error| Failure::new(Exit::Failed, format!("the clock: {error}")))?;
    Ok(file.examine(keys.stored, keys.on_chain, today))
}

async fn ticket(context: &Context, args: &Verify, text: &str) -> Result<Vec<Check>, Failure> {
    let bytes = if Path::new(text).exists() {
        input::file_or_text(Path::new(text))?
    } else {
        input::base58("--ticket", text).map_err(|failure| {
            Failure::new(
                Exit::Failed,
                format!("{}, and no file has this name", failure.message),
            )
        })?
    };
    let ticket = match TicketFile::parse(&bytes) {
        Ok(ticket) => ticket,
        Err(check) => return Ok(vec![check]),
    };
    let keys = Keys::find(context, args, ticket.epoch()).await?;
    Ok(ticket.examine(keys.trusted()))
}

async fn evidence(context: &Context, path: &Path) -> Result<Vec<Check>, Failure> {
    let bytes = input::file(path)?;
    let rows: Vec<BadShareEvidence> = match serde_json::from_slice(&bytes) {
        Ok(rows) => rows,
        Err(error) => return Ok(vec![failed("form", format!("no evidence file: {error}"))]),
    };
    if rows.len() > limits::MAX_EVIDENCE as usize {
        return Ok(vec![failed(
            "form",
            format!(
                "{} rows of evidence, more than {}",
                rows.len(),
                limits::MAX_EVIDENCE
            ),
        )]);
    }
    let network = context.environment.network()?;
    let reader = NetworkReader::new(&network)?;
    let chain_id = reader.chain_id().await?;
    let here = (
        chain_id.as_str(),
        network.ecash_contract.as_str(),
        network.dkg_contract.as_str(),
    );
    let mut epochs: BTreeMap<EpochId, Vec<SignerKeys>> = BTreeMap::new();
    let mut checks = vec![Check {
        check: "form",
        ok: true,
        detail: format!("{} row(s) of evidence", rows.len()),
    }];
    for row in &rows {
        let signers = match epochs.entry(row.epoch_id) {
            Entry::Occupied(known) => known.into_mut(),
            Entry::Vacant(vacant) => vacant.insert(match reader.signers(row.epoch_id).await {
                Ok(signers) => signers,
                Err(error @ WalletError::Chain(_)) => return Err(error.into()),
                // An epoch of which the chain has no keys proves nothing.
                Err(_) => Vec::new(),
            }),
        };
        let signer = signers
            .iter()
            .find(|it| it.node_index == row.node_index)
            .map(|signer| (&signer.share, &signer.identity));
        checks.extend(examine_evidence(row, here, signer));
    }
    Ok(checks)
}

/// What is known of the master key of an epoch.
struct Keys {
    epoch: EpochId,
    stored: Option<VerificationKey>,
    on_chain: Option<VerificationKey>,
}

impl Keys {
    /// From the store, where one is named, and from the chain, where NYXD is set.
    async fn find(context: &Context, args: &Verify, epoch: EpochId) -> Result<Self, Failure> {
        let place = WalletPlace {
            client_config: args.client_config.clone(),
            credentials_store: args.credentials_store.clone(),
        };
        let stored = if place.client_config.is_some() || place.credentials_store.is_some() {
            Bookshelf::peek_key(&credentials_of(&place)?, epoch).await?
        } else {
            None
        };
        let on_chain = if context.environment.get("NYXD").is_some() {
            let reader = NetworkReader::new(&context.environment.network()?)?;
            match reader.master_key(epoch).await {
                Ok(key) => Some(key),
                Err(error)
                    if stored.is_some() && !matches!(error, WalletError::RevokedEpoch { .. }) =>
                {
                    context
                        .progress
                        .note(&format!("the chain cannot be asked: {error}"));
                    None
                }
                Err(error) => return Err(error.into()),
            }
        } else {
            None
        };
        Ok(Self {
            epoch,
            stored,
            on_chain,
        })
    }

    /// The chain's, else the stored one; they must not differ.
    fn trusted(&self) -> Result<(&VerificationKey, &'static str), String> {
        match (&self.on_chain, &self.stored) {
            (Some(chain), Some(stored)) if chain != stored => Err(format!(
                "the key of epoch {} in the store is not the one on chain",
                self.epoch
            )),
            (Some(key), _) => Ok((key, "the one on chain")),
            (None, Some(key)) => Ok((key, "the one in the store")),
            (None, None) => Err(format!(
                "the key of epoch {} is not known: name a store that has it, or the chain with -c or --nyxd-url",
                self.epoch
            )),
        }
    }
}

fn failed(check: &'static str, detail: String) -> Check {
    Check {
        check,
        ok: false,
        detail,
    }
}

/// The report; a check that failed is exit code 6.
fn conclude(checks: &[Check]) -> Result<CommandResult, Failure> {
    let mut table = table(["check", "", "found"]);
    for check in checks {
        table.add_row([
            check.check,
            if check.ok { "ok" } else { "FAILED" },
            &check.detail,
        ]);
    }
    let wrong = checks.iter().filter(|check| !check.ok).count();
    let json = json!({
        "ok": wrong == 0,
        "checks": checks
            .iter()
            .map(|check| json!({"check": check.check, "ok": check.ok, "detail": check.detail}))
            .collect::<Vec<_>>(),
    });
    if wrong == 0 {
        return Ok(CommandResult {
            text: table.to_string(),
            json,
        });
    }
    let named: Vec<String> = checks
        .iter()
        .filter(|check| !check.ok)
        .map(|check| format!("  {}: {}", check.check, check.detail))
        .collect();
    Err(Failure::new(
        Exit::CheckFailed,
        format!(
            "{wrong} of {} checks failed\n{}",
            checks.len(),
            named.join("\n")
        ),
    )
    .details(json)
    .found(table.to_string()))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::indexing_slicing)]
    use super::*;

    #[test]
    fn one_failed_check_is_exit_6_with_the_whole_report() {
        let good = Check {
            check: "form",
            ok: true,
            detail: "a ticket".to_owned(),
        };
        assert_eq!(
            conclude(std::slice::from_ref(&good)).unwrap().json["ok"],
            true
        );
        let failure = conclude(&[good, failed("payment", "no proof".to_owned())]).unwrap_err();
        assert_eq!(failure.exit, Exit::CheckFailed);
        assert_eq!(failure.exit.code(), 6);
        assert_eq!(failure.details["ok"], false);
        assert_eq!(failure.details["checks"][1]["detail"], "no proof");
        assert!(failure.message.contains("1 of 2") && failure.message.contains("no proof"));
        assert!(failure.found.unwrap().contains("FAILED"));
    }
}
