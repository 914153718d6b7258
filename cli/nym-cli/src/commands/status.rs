//! `ecash status`.

use ecash_wallet::{NetworkHealth, Wallet, WalletError};
use nyx_client::QueryClient;
use serde_json::{Value, json};

use super::books::{book_json, issuance_json, rfc3339, table_of, table_of_issuances};
use super::{Context, now};
use crate::args::Status;
use crate::client_config::ClientConfig;
use crate::failure::{Exit, Failure};
use crate::output::CommandResult;

pub(crate) async fn run(context: &Context, args: &Status) -> Result<CommandResult, Failure> {
    let client = ClientConfig::read(args.place.client_config.as_deref().ok_or_else(|| {
        Failure::new(
            Exit::Failed,
            "--credentials-store is not in this version yet",
        )
    })?)?;
    let mut health = None;
    let mut account = None;
    if !args.offline {
        health = network(context, &client).await?;
        account = balance(context).await?;
    }
    let stock = Wallet::peek(&client.wallet_database(), now()).await?;
    let json = json!({
        "pending": stock.pending.iter().map(issuance_json).collect::<Vec<_>>(),
        "closed": stock.closed.iter().map(issuance_json).collect::<Vec<_>>(),
        "books": stock.books.iter().map(book_json).collect::<Vec<_>>(),
        "network": health.as_ref().map(health_json),
        "account": account.as_ref().map(|(address, balance)| json!({"address": address, "balance": balance})),
        "wallet": {"birthday": stock.birthday, "seed_fingerprint": stock.seed_fingerprint, "other_device": null},
        "evidence": stock.evidence,
    });
    let mut lines = vec![table_of(&stock.books.iter().collect::<Vec<_>>())];
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
    Err(Failure::new(Exit::Pending, text)
        .next(format!(
            "nym-cli ecash recover-ticket-book --client-config {}",
            client.path.display()
        ))
        .details(json))
}

/// The network's health; `None` while another process has the wallet.
async fn network(
    context: &Context,
    client: &ClientConfig,
) -> Result<Option<NetworkHealth>, Failure> {
    let config =
        ecash_wallet::WalletConfig::new(client.wallet_database(), context.environment.network()?);
    let wallet = match Wallet::open(config, &client.seed()?).await {
        Ok(wallet) => wallet,
        Err(error @ WalletError::InUse { .. }) => {
            context
                .progress
                .note(&format!("{error}; the network is not asked"));
            return Ok(None);
        }
        Err(error) => return Err(error.into()),
    };
    let health = wallet.network_health(&context.progress).await;
    wallet.close().await;
    match health {
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
    let chain = QueryClient::new(&context.environment.rpc()?)?;
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
