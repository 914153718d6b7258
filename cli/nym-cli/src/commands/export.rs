//! `ecash export-ticket-book`: hands the tail of a book over to another device. What this device may still use is durable
//! before the file exists.

use ecash_service::clock::SystemClock;
use ecash_service::files;
use ecash_wallet::{Bookshelf, Export, Exported, Parts};
use serde_json::json;
use zeroize::Zeroizing;

use super::Context;
use super::books::credentials_of;
use crate::args::ExportTicketBook;
use crate::failure::{Exit, Failure};
use crate::output::CommandResult;

pub(crate) async fn ticket_book(
    _: &Context,
    args: &ExportTicketBook,
) -> Result<CommandResult, Failure> {
    if std::fs::symlink_metadata(&args.output_file).is_ok() {
        return Err(Failure::new(
            Exit::Failed,
            format!(
                "{} exists already and is not overwritten; nothing was handed over",
                args.output_file.display()
            ),
        ));
    }
    let export = Export {
        book: args.ticketbook,
        start: args.start,
        again: args.again,
        parts: Parts {
            dates: args.include.include_expiration_date_signatures,
            coins: args.include.include_coin_index_signatures,
            key: args.include.include_master_verification_key,
        },
    };
    let credentials = credentials_of(&args.place)?;
    let shelf = Bookshelf::open(&credentials, SystemClock::shared()).await?;
    let outcome = shelf.export(&export).await;
    shelf.close().await;
    let exported = outcome?;
    write(args, &exported)?;
    let kept = match exported.kept {
        Some((first, last)) => format!("this device keeps {first} to {last}"),
        None => "this device keeps none".to_owned(),
    };
    let path = args.output_file.display();
    Ok(CommandResult {
        text: format!(
            "tickets {} to 49 of ticketbook {} are in {path}; {kept}.\n\
             Whoever has the file can spend them: move it over a private way, import it once, and delete it.",
            exported.start, args.ticketbook
        ),
        json: json!({
            "ticketbook": args.ticketbook,
            "start": exported.start,
            "final": 49,
            "kept": exported.kept.map(|(first, last)| json!({"first_index": first, "last_index": last})),
            "output_file": path.to_string(),
        }),
    })
}

/// Writes the file, mode 0600, whole or not at all. If that fails the tail is handed over all the same.
fn write(args: &ExportTicketBook, exported: &Exported) -> Result<(), Failure> {
    let content = if args.bs58_output {
        Zeroizing::new(bs58::encode(&*exported.bytes).into_vec())
    } else {
        exported.bytes.clone()
    };
    files::write_private(&args.output_file, &content).map_err(|error| {
        Failure::new(
            Exit::Failed,
            format!(
                "{error}; the tickets from {} on are handed over already, the file can be written again",
                exported.start
            ),
        )
        .next(format!(
            "nym-cli ecash export-ticket-book --ticketbook {} --again …, with the options given now",
            args.ticketbook
        ))
    })
}
