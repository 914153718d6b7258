//! `ecash import-…`: ticketbooks, keys and signatures from files or base58 text. All of a file is verified before anything
//! of it is stored.

use std::path::Path;

use ecash_scheme::VerificationKey;
use ecash_service::clock::SystemClock;
use ecash_ticketbook::EpochId;
use ecash_wallet::{
    BookFile, Bookshelf, ImportedBook, IndexRange, KeyTrust, NetworkReader, WalletError,
    from_base58, read_coin_signatures, read_date_signatures, read_master_key,
};
use serde_json::{Value, json};
use zeroize::Zeroizing;

use super::Context;
use super::books::book_json;
use crate::args::{ImportMasterVerificationKey, ImportSignatures, ImportTicketBook};
use crate::client_config::ClientConfig;
use crate::failure::{Exit, Failure};
use crate::input;
use crate::output::CommandResult;

pub(crate) async fn ticket_book(
    context: &Context,
    args: &ImportTicketBook,
) -> Result<CommandResult, Failure> {
    let bytes = data(
        args.credential_data.as_deref(),
        args.credential_path.as_deref(),
    )?;
    let file = if args.full {
        BookFile::full(&bytes, args.revision)
    } else {
        BookFile::standalone(&bytes, args.revision)
    }
    .map_err(WalletError::from)?;
    let range = IndexRange::new(args.start, args.last).map_err(WalletError::from)?;
    let on_chain = key_on_chain(context, file.book().epoch_id()).await?;
    let shelf = open(&args.credentials_store).await?;
    let outcome = take(&shelf, &file, range, on_chain).await;
    shelf.close().await;
    let (taken, book) = outcome?;
    if taken.key == KeyTrust::FileOnly {
        warn_about_key(context, taken.epoch);
    }
    let home = if taken.in_reference {
        "the credential database"
    } else {
        "the wallet beside it"
    };
    Ok(CommandResult {
        text: format!(
            "ticketbook {} ({}, expires {}) is in {home}.\n\
             This device may use its tickets {} to {}. No other device may: a ticket spent by two is a double spend.",
            taken.id, taken.ticket_type, taken.expiration, taken.first_index, taken.last_index
        ),
        json: json!({"books": [book], "key_compared_with": compared(taken.key)}),
    })
}

pub(crate) async fn coin_index_signatures(
    context: &Context,
    args: &ImportSignatures,
) -> Result<CommandResult, Failure> {
    let bytes = data(
        args.signatures_data.as_deref(),
        args.signatures_path.as_deref(),
    )?;
    let coins = read_coin_signatures(&bytes, args.revision).map_err(WalletError::from)?;
    let on_chain = key_on_chain(context, coins.epoch_id).await?;
    let shelf = open(&ClientConfig::read(&args.client_config)?.credentials_database).await?;
    let outcome = shelf.import_coin_signatures(&coins, on_chain).await;
    shelf.close().await;
    outcome?;
    Ok(CommandResult {
        text: format!(
            "the coin-index signatures of epoch {} verify under its key and are stored",
            coins.epoch_id
        ),
        json: json!({"imported": "coin-index-signatures", "epoch_id": coins.epoch_id}),
    })
}

pub(crate) async fn expiration_date_signatures(
    context: &Context,
    args: &ImportSignatures,
) -> Result<CommandResult, Failure> {
    let bytes = data(
        args.signatures_data.as_deref(),
        args.signatures_path.as_deref(),
    )?;
    let dates = read_date_signatures(&bytes, args.revision).map_err(WalletError::from)?;
    let (epoch, expiration) = (dates.epoch_id(), dates.expiration());
    let on_chain = key_on_chain(context, epoch).await?;
    let shelf = open(&ClientConfig::read(&args.client_config)?.credentials_database).await?;
    let outcome = shelf.import_date_signatures(&dates, on_chain).await;
    shelf.close().await;
    outcome?;
    Ok(CommandResult {
        text: format!(
            "the signatures of expiration date {expiration}, epoch {epoch}, verify under its key and are stored"
        ),
        json: json!({
            "imported": "expiration-date-signatures",
            "epoch_id": epoch,
            "expiration_date": expiration,
        }),
    })
}

pub(crate) async fn master_verification_key(
    context: &Context,
    args: &ImportMasterVerificationKey,
) -> Result<CommandResult, Failure> {
    let bytes = data(args.key_data.as_deref(), args.key_path.as_deref())?;
    let key = read_master_key(&bytes, args.revision).map_err(WalletError::from)?;
    let epoch = key.epoch_id;
    let on_chain = key_on_chain(context, epoch).await?;
    let shelf = open(&ClientConfig::read(&args.client_config)?.credentials_database).await?;
    let outcome = shelf.import_master_key(&key, on_chain).await;
    shelf.close().await;
    let trust = outcome?;
    if trust == KeyTrust::FileOnly {
        warn_about_key(context, epoch);
    }
    Ok(CommandResult {
        text: format!("the master verification key of epoch {epoch} is stored"),
        json: json!({
            "imported": "master-verification-key",
            "epoch_id": epoch,
            "key_compared_with": compared(trust),
        }),
    })
}

async fn take(
    shelf: &Bookshelf,
    file: &BookFile,
    range: IndexRange,
    on_chain: Option<VerificationKey>,
) -> Result<(ImportedBook, Value), WalletError> {
    let taken = shelf.import(file, range, on_chain).await?;
    let books = shelf.books().await?;
    let book = books.iter().find(|book| book.id == taken.id).map(book_json);
    Ok((taken, book.unwrap_or(Value::Null)))
}

/// The place, with our own database made where there is neither.
async fn open(credentials: &Path) -> Result<Bookshelf, Failure> {
    Ok(Bookshelf::open_or_create(credentials, SystemClock::shared()).await?)
}

/// Bytes from base58 text, or from a file of bytes or such text.
fn data(text: Option<&str>, path: Option<&Path>) -> Result<Zeroizing<Vec<u8>>, Failure> {
    match (text, path) {
        (Some(text), _) => Ok(from_base58(text).map_err(WalletError::from)?),
        (None, Some(path)) => input::file_or_text(path),
        (None, None) => Err(Failure::new(Exit::Usage, "give the data, or a path to it")),
    }
}

/// The chain's key of an epoch, where the chain is known.
pub(crate) async fn key_on_chain(
    context: &Context,
    epoch: EpochId,
) -> Result<Option<VerificationKey>, Failure> {
    if context.environment.get("NYXD").is_none() {
        return Ok(None);
    }
    let reader = NetworkReader::new(&context.environment.network()?)?;
    Ok(Some(reader.master_key(epoch).await?))
}

fn warn_about_key(context: &Context, epoch: EpochId) {
    context.progress.note(&format!(
        "the master verification key of epoch {epoch} is the file's own word: give NYXD or --nyxd-url to compare it with the chain"
    ));
}

const fn compared(trust: KeyTrust) -> Option<&'static str> {
    match trust {
        KeyTrust::Chain => Some("chain"),
        KeyTrust::Stored => Some("stored"),
        KeyTrust::FileOnly => None,
    }
}
