//! `ecash generate-ticket`: a ticket as bytes. Printing is leaving the device, so the index is burned first.

use std::path::Path;

use comfy_table::Table;
use comfy_table::presets::UTF8_BORDERS_ONLY;
use ecash_requests::IdentityKey;
use ecash_service::clock::SystemClock;
use ecash_service::files;
use ecash_wallet::{Bookshelf, FileError, NetworkReader, PrintIndex, Ticket, WalletError};
use serde_json::json;

use super::{Context, provider_key};
use crate::args::GenerateTicket;
use crate::client_config::ClientConfig;
use crate::failure::{Exit, Failure};
use crate::output::CommandResult;

/// Bytes of a payment shown for each index by `--full`.
const SHOWN_BYTES: usize = 100;

pub(crate) async fn run(
    context: &Context,
    args: &GenerateTicket,
) -> Result<CommandResult, Failure> {
    let provider = provider_key(&args.provider)?;
    if args.check_provider {
        check_provider(context, args, &provider).await?;
    }
    let client = match &args.client_config {
        Some(path) => Some(ClientConfig::read(path)?),
        None => None,
    };
    let credentials = client
        .as_ref()
        .map(|client| &client.credentials_database)
        .or(args.credential_storage.as_ref())
        .ok_or_else(|| Failure::new(Exit::Usage, "give --client-config or --credential-storage"))?;
    let shelf = open(context, args, client.as_ref(), credentials).await?;
    let outcome = generate(context, args, &shelf, provider).await;
    shelf.close().await;
    outcome
}

/// The books. Where public signatures are missing and the network is known, the client's wallet fetches them first.
async fn open(
    context: &Context,
    args: &GenerateTicket,
    client: Option<&ClientConfig>,
    credentials: &Path,
) -> Result<Bookshelf, Failure> {
    let shelf = Bookshelf::open(credentials, SystemClock::shared()).await?;
    let Some(client) = client.filter(|_| context.environment.get("NYXD").is_some()) else {
        return Ok(shelf);
    };
    if !matches!(
        shelf.check_public_data(args.ticketbook_type).await,
        Err(WalletError::BookFile(FileError::Missing { .. }))
    ) {
        return Ok(shelf);
    }
    shelf.close().await;
    drop(shelf);
    let wallet = context.wallet(client).await?;
    wallet.fetch_public_data(args.ticketbook_type).await?;
    Ok(wallet.shelf())
}

async fn check_provider(
    context: &Context,
    args: &GenerateTicket,
    provider: &IdentityKey,
) -> Result<(), Failure> {
    let reader = NetworkReader::new(&context.environment.network()?)?;
    let gateway = reader.gateway(provider).await?;
    if gateway.roles.contains(&args.ticketbook_type) {
        return Ok(());
    }
    Err(WalletError::WrongRole {
        gateway: gateway.announce_address,
        ticket_type: args.ticketbook_type,
    }
    .into())
}

async fn generate(
    context: &Context,
    args: &GenerateTicket,
    shelf: &Bookshelf,
    provider: IdentityKey,
) -> Result<CommandResult, Failure> {
    if args.full {
        return full(args, shelf, provider).await;
    }
    let index = args
        .ticket_index
        .map_or(PrintIndex::LowestFree, PrintIndex::Exactly);
    let (ticket, burned) = if args.no_burn {
        let (ticket, burned) = shelf
            .preview_ticket(provider, args.ticketbook_type, index)
            .await?;
        context.progress.note(&format!(
            "nothing was burned: this payment of index {} and any other of it are a double spend once both are spent{}",
            ticket.index,
            if burned { "; the index is burned already" } else { "" }
        ));
        (ticket, burned)
    } else {
        (
            shelf
                .print_ticket(provider, args.ticketbook_type, index)
                .await?,
            true,
        )
    };
    if let Some(path) = &args.ticket_file {
        files::write_private(path, &ticket.bytes)?;
    }
    show(shelf, &ticket, burned).await
}

async fn show(shelf: &Bookshelf, ticket: &Ticket, burned: bool) -> Result<CommandResult, Failure> {
    let data = ticket.spending_data()?;
    let payment = bs58::encode(data.payment.to_bytes()).into_string();
    let record = shelf.book_record(ticket.book).await?;
    let book = bs58::encode(record.as_slice()).into_string();
    let serial = data
        .serial_numbers()
        .first()
        .map(|serial| serial.to_base58());
    Ok(CommandResult {
        text: format!(
            "TICKETBOOK DATA:\n{book}\n\nPAYMENT FOR TICKET {}:\n{payment}",
            ticket.index
        ),
        json: json!({
            "ticketbook": book,
            "index": ticket.index,
            "payment": payment,
            "spending_data": bs58::encode(&ticket.bytes).into_string(),
            "serial": serial,
            "provider": ticket.provider.to_string(),
            "spend_date": ticket.spend_date,
            "epoch_id": data.epoch_id,
            "burned": burned,
        }),
    })
}

/// All indices: the start of a payment each, never a complete one.
async fn full(
    args: &GenerateTicket,
    shelf: &Bookshelf,
    provider: IdentityKey,
) -> Result<CommandResult, Failure> {
    let (book, indices) = shelf.book_indices(args.ticketbook_type).await?;
    let mut table = Table::new();
    table.load_style(UTF8_BORDERS_ONLY);
    table.set_header(["index", "start of the payment", "state"]);
    let mut rows = Vec::new();
    for (index, burned) in indices {
        let (ticket, _) = shelf
            .preview_ticket(provider, args.ticketbook_type, PrintIndex::Exactly(index))
            .await?;
        let payment = ticket.spending_data()?.payment.to_bytes();
        let start = bs58::encode(payment.get(..SHOWN_BYTES).unwrap_or(&payment)).into_string();
        let state = if burned { "SPENT" } else { "NOT SPENT" };
        table.add_row([index.to_string(), start.clone(), state.to_owned()]);
        rows.push(json!({"index": index, "start": start, "spent": burned}));
    }
    let record = shelf.book_record(book).await?;
    let packed = bs58::encode(record.as_slice()).into_string();
    Ok(CommandResult {
        text: format!("TICKETBOOK DATA:\n{packed}\n\n{table}"),
        json: json!({"ticketbook": packed, "tickets": rows}),
    })
}
