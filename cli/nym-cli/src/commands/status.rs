//! `ecash status`.

use ecash_service::clock::SystemClock;
use ecash_wallet::{Bookshelf, NetworkHealth, NetworkReader, Wallet, database_beside};
use nyx_client::QueryClient;
use serde_json::{Value, json};

use super::books::{
    book_json, credentials_of, issuance_json, rfc3339, table_of, table_of_issuances,
};
use super::{Context, now};
use crate::args::Status;
use crate::client_config::ClientConfig;
use crate::failure::{Exit, Failure};
use crate::output::CommandResult;

pub(crate) async fn run(context: &Context, args: &Status) -> Result<CommandResult, Failure> {
    let credentials = credentials_of(&args.place)?;
    let (health, account) = if args.offline {
        (None, None)
    } else {
        (network(context).await?, balance(context).await?)
    };
    let books = Bookshelf::list(&credentials, SystemClock::shared()).await?;
    let stock = Wallet::peek(&database_beside(&credentials), now()).await?;
    let json = json!({
        "pending": stock.pending.iter().map(issuance_json).collect::<Vec<_>>(),
        "closed": stock.closed.iter().map(issuance_json).collect::<Vec<_>>(),
        "books": books.iter().map(book_json).collect::<Vec<_>>(),
        "network": health.as_ref().map(health_json),
        "account": account.as_ref().map(|(address, balance)| json!({"address": address, "balance": balance})),
        "wallet": {"birthday": stock.birthday, "seed_fingerprint": stock.seed_fingerprint, "other_device": null},
        "evidence": stock.evidence,
    });
    let mut lines = vec![table_of(&books.iter().collect::<Vec<_>>())];
    if !stock.pending.is_empty() {
        lines.push(format!("pending:\n{}", table_of_issuances(&stock.pending)));
    }
    if !stock.closed.is_empty() {
        lines.push(format!(
            "ended without a book:\n{}",
            table_of_issuances(&stock.closed)
        ));
    }
    if let Some(health) = &health {
        lines.push(format!(
            "network: epoch {}, {} of {} signers can issue, {} needed",
            health.epoch, health.signers_up, health.signers, health.threshold
        ));
        lines.extend(
            health
                .ailing
                .iter()
                .map(|(name, reason)| format!("  {name}: {reason}")),
        );
    }
    if let Some((address, balance)) = &account {
        lines.push(format!("account: {address} has {balance}"));
    }
    lines.push(format!(
        "to be kept with the seed: birthday {}, fingerprint {}",
        stock
            .birthday
            .map_or("unknown".to_owned(), |id| id.to_string()),
        stock.seed_fingerprint.as_deref().unwrap_or("unknown")
    ));
    lines.push(format!(
        "evidence against signers: {} row(s)",
        stock.evidence
    ));
    for issuance in &stock.pending {
        if let Some(deadline) = issuance.deadline
            && deadline.get().saturating_sub(now().get())
                < ecash_wallet::limits::DEADLINE_WARNING_SECS
        {
            lines.push(format!(
                "WARNING: deposit {} must become a book until {}",
                issuance
                    .deposit_id
                    .map_or("–".to_owned(), |id| id.to_string()),
                rfc3339(deadline)
            ));
        }
    }
    let text = lines.join("\n");
    if stock.pending.is_empty() {
        return Ok(CommandResult { text, json });
    }
    let mut failure = Failure::new(
        Exit::Pending,
        format!("{} issuance(s) are pending", stock.pending.len()),
    )
    .details(json)
    .found(text);
    if let Some(config) = &args.place.client_config {
        failure = failure.next(context.resume(&ClientConfig::read(config)?));
    }
    Err(failure)
}

/// The network's health; `None` where it cannot be asked, which is noted.
async fn network(context: &Context) -> Result<Option<NetworkHealth>, Failure> {
    let network = match context.environment.network() {
        Ok(network) => network,
        Err(failure) => {
            context
                .progress
                .note(&format!("the network is not asked: {}", failure.message));
            return Ok(None);
        }
    };
    let reader = NetworkReader::new(&network)?;
    context.progress.step("asking the chain and its signers");
    match reader.health(&context.progress).await {
        Ok(health) => Ok(Some(health)),
        Err(error) => {
            context
                .progress
                .note(&format!("the network cannot be asked: {error}"));
            Ok(None)
        }
    }
}

/// Address and balance of the mnemonic's account, where one is given.
async fn balance(context: &Context) -> Result<Option<(String, String)>, Failure> {
    if context.environment.mnemonic(&context.global).is_none() {
        return Ok(None);
    }
    let account = context.account()?;
    let Ok(rpc) = context.environment.rpc() else {
        return Ok(None);
    };
    let chain = QueryClient::new(&rpc)?;
    match chain
        .balance(account.address(), context.environment.denom())
        .await
    {
        Ok(coin) => Ok(Some((
            account.address().to_string(),
            format!("{}{}", coin.amount, coin.denom),
        ))),
        Err(error) => {
            context
                .progress
                .note(&format!("the balance cannot be asked: {error}"));
            Ok(None)
        }
    }
}

fn health_json(health: &NetworkHealth) -> Value {
    json!({"epoch_id": health.epoch, "threshold": health.threshold, "signers_up": health.signers_up})
}
