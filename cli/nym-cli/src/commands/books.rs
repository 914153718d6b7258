//! `ecash list`, `ecash new-client`, and how books and issuances are shown.

use std::path::PathBuf;

use ecash_service::clock::SystemClock;
use ecash_ticketbook::UnixTime;
use ecash_wallet::{Book, Bookshelf, Issuance, SignerOutcome, database_beside};
use serde_json::{Value, json};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use crate::args::{List, NewClient, WalletPlace};
use crate::client_config::ClientConfig;
use crate::failure::{Exit, Failure};
use crate::output::{CommandResult, table};

pub(crate) async fn list(args: &List) -> Result<CommandResult, Failure> {
    let books = Bookshelf::list(&credentials_of(&args.place)?, SystemClock::shared()).await?;
    let books: Vec<&Book> = books
        .iter()
        .filter(|book| args.all || book.is_usable())
        .collect();
    Ok(CommandResult {
        text: table_of(&books),
        json: json!({"books": books.iter().map(|book| book_json(book)).collect::<Vec<_>>()}),
    })
}

/// Database of the wallet at a place.
pub(crate) fn database_of(place: &WalletPlace) -> Result<PathBuf, Failure> {
    Ok(database_beside(&credentials_of(place)?))
}

/// Credential database that names a place, whether it exists or not.
pub(crate) fn credentials_of(place: &WalletPlace) -> Result<PathBuf, Failure> {
    match (&place.client_config, &place.credentials_store) {
        (Some(path), _) => Ok(ClientConfig::read(path)?.credentials_database),
        (None, Some(path)) => Ok(path.clone()),
        (None, None) => Err(Failure::new(
            Exit::Usage,
            "give --client-config or --credentials-store",
        )),
    }
}

pub(crate) fn new_client(args: &NewClient) -> Result<CommandResult, Failure> {
    let id = match &args.id {
        Some(id) => id.clone(),
        None => args
            .directory
            .file_name()
            .and_then(|name| name.to_str())
            .map(str::to_owned)
            .ok_or_else(|| {
                Failure::new(
                    Exit::Usage,
                    "the folder has no name to take as id; give --id",
                )
            })?,
    };
    let config = ClientConfig::create(&args.directory, &id)?;
    Ok(CommandResult {
        text: format!(
            "client '{id}': {}\nIts key is the seed of all its ticketbooks: keep a copy of the folder.",
            config.display()
        ),
        json: json!({"id": id, "client_config": config.display().to_string()}),
    })
}

/// Books as rows.
pub(crate) fn table_of(books: &[&Book]) -> String {
    if books.is_empty() {
        return "no ticketbooks".to_owned();
    }
    let mut table = table([
        "id", "type", "expires", "epoch", "tickets", "MB left", "indices", "state", "home",
    ]);
    for book in books {
        table.add_row([
            book.id.to_string(),
            book.ticket_type.to_string(),
            book.expiration.to_string(),
            book.epoch.to_string(),
            format!("{} of {}", book.tickets_left, book.tickets_total),
            (book.bytes_left() / 1_000_000).to_string(),
            format!("{}…{}", book.first_index, book.last_index),
            book.reason.as_ref().map_or(book.state.clone(), |reason| {
                format!("{}: {reason}", book.state)
            }),
            book.home.clone(),
        ]);
    }
    table.to_string()
}

/// Issuances as rows.
pub(crate) fn table_of_issuances(issuances: &[Issuance]) -> String {
    let mut table = table([
        "deposit", "type", "state", "shares", "deadline", "next try", "reason",
    ]);
    for issuance in issuances {
        table.add_row([
            issuance
                .deposit_id
                .map_or("–".to_owned(), |id| id.to_string()),
            issuance.ticket_type.to_string(),
            issuance.state.text().to_owned(),
            issuance
                .threshold
                .map_or(issuance.shares.to_string(), |needed| {
                    format!("{} of {needed}", issuance.shares)
                }),
            issuance.deadline.map_or("–".to_owned(), rfc3339),
            issuance.next_try_at.map_or("–".to_owned(), rfc3339),
            issuance.reason.clone().unwrap_or_default(),
        ]);
    }
    table.to_string()
}

pub(crate) fn book_json(book: &Book) -> Value {
    json!({
        "id": book.id,
        "type": book.ticket_type,
        "expiration_date": book.expiration,
        "epoch_id": book.epoch,
        "tickets_left": book.tickets_left,
        "tickets_total": book.tickets_total,
        "bytes_left": book.bytes_left(),
        "first_index": book.first_index,
        "last_index": book.last_index,
        "state": book.state,
        "reason": book.reason,
        "home": book.home,
    })
}

pub(crate) fn issuance_json(issuance: &Issuance) -> Value {
    json!({
        "deposit_id": issuance.deposit_id,
        "type": issuance.ticket_type,
        "state": issuance.state.text(),
        "reason": issuance.reason,
        "shares": issuance.shares,
        "threshold": issuance.threshold,
        "deadline": issuance.deadline.map(rfc3339),
        "next_try_at": issuance.next_try_at.map(rfc3339),
    })
}

pub(crate) fn signer_json(signer: &SignerOutcome) -> Value {
    json!({
        "node_index": signer.node_index,
        "url": signer.url,
        "outcome": signer.outcome.name(),
        "detail": signer.outcome.detail(),
    })
}

/// A time as RFC 3339.
pub(crate) fn rfc3339(at: UnixTime) -> String {
    i64::try_from(at.get())
        .ok()
        .and_then(|seconds| OffsetDateTime::from_unix_timestamp(seconds).ok())
        .and_then(|at| at.format(&Rfc3339).ok())
        .unwrap_or_else(|| at.to_string())
}
