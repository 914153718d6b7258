//! `ecash generate-ticket`: a ticket as bytes. Printing is leaving the device, so the index is burned first.

use comfy_table::Table;
use comfy_table::presets::UTF8_BORDERS_ONLY;
use ecash_requests::IdentityKey;
use ecash_service::files;
use ecash_wallet::{PrintIndex, Ticket, Wallet, WalletError};
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
    let client = ClientConfig::read(args.client_config.as_deref().ok_or_else(|| {
        Failure::new(
            Exit::Failed,
            "--credential-storage is not in this version yet",
        )
    })?)?;
    let wallet = context.wallet(&client).await?;
    let outcome = generate(context, args, &wallet, provider).await;
    wallet.close().await;
    outcome
}

async fn generate(
    context: &Context,
    args: &GenerateTicket,
    wallet: &Wallet,
    provider: IdentityKey,
) -> Result<CommandResult, Failure> {
    if args.check_provider {
        let gateway = wallet.gateway(&provider).await?;
        if !gateway.roles.contains(&args.ticketbook_type) {
            return Err(WalletError::WrongRole {
                gateway: gateway.announce_address,
                ticket_type: args.ticketbook_type,
            }
            .into());
        }
    }
    if args.full {
        return full(args, wallet, provider).await;
    }
    let index = args
        .ticket_index
        .map_or(PrintIndex::LowestFree, PrintIndex::Exactly);
    let (ticket, burned) = if args.no_burn {
        let (ticket, burned) = wallet
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
            wallet
                .print_ticket(provider, args.ticketbook_type, index)
                .await?,
            true,
        )
    };
    if let Some(path) = &args.ticket_file {
        files::write_private(path, &ticket.bytes)?;
    }
    show(args, wallet, &ticket, burned).await
}

async fn show(
    args: &GenerateTicket,
    wallet: &Wallet,
    ticket: &Ticket,
    burned: bool,
) -> Result<CommandResult, Failure> {
    let data = ticket.spending_data()?;
    let payment = bs58::encode(data.payment.to_bytes()).into_string();
    let record = wallet
        .book_record(ticket.book, args.ticketbook_type)
        .await?;
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
    wallet: &Wallet,
    provider: IdentityKey,
) -> Result<CommandResult, Failure> {
    let (book, indices) = wallet.book_indices(args.ticketbook_type).await?;
    let mut table = Table::new();
    table.load_style(UTF8_BORDERS_ONLY);
    table.set_header(["index", "start of the payment", "state"]);
    let mut rows = Vec::new();
    for (index, burned) in indices {
        let (ticket, _) = wallet
            .preview_ticket(provider, args.ticketbook_type, PrintIndex::Exactly(index))
            .await?;
        let payment = ticket.spending_data()?.payment.to_bytes();
        let start = bs58::encode(payment.get(..SHOWN_BYTES).unwrap_or(&payment)).into_string();
        let state = if burned { "SPENT" } else { "NOT SPENT" };
        table.add_row([index.to_string(), start.clone(), state.to_owned()]);
        rows.push(json!({"index": index, "start": start, "spent": burned}));
    }
    let record = wallet.book_record(book, args.ticketbook_type).await?;
    let packed = bs58::encode(record.as_slice()).into_string();
    Ok(CommandResult {
        text: format!("TICKETBOOK DATA:\n{packed}\n\n{table}"),
        json: json!({"ticketbook": packed, "tickets": rows}),
    })
}
