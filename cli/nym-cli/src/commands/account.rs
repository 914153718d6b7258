//! `account create|balance|send`.

use bip39::Mnemonic;
use cosmwasm_std::Coin;
use nyx_client::{Account, Fate, Msg, QueryClient, Sender, SenderConfig, parse_address};
use serde_json::json;
use zeroize::Zeroizing;

use super::Context;
use crate::args::{AccountBalance, AccountCreate, AccountSend};
use crate::failure::{Exit, Failure};
use crate::outbox::Outbox;
use crate::output::CommandResult;

/// Decimals of the network's denominations.
const EXPONENT: u32 = 6;

pub(crate) fn create(context: &Context, args: &AccountCreate) -> Result<CommandResult, Failure> {
    let words = args.word_count.parse().map_err(|_| {
        Failure::new(
            Exit::Usage,
            format!("--word-count {}: 12, 18 or 24", args.word_count),
        )
    })?;
    let mnemonic =
        Mnemonic::generate(words).map_err(|error| Failure::new(Exit::Failed, error.to_string()))?;
    let words = Zeroizing::new(mnemonic.to_string());
    let account = Account::from_mnemonic(&words, context.environment.prefix())?;
    Ok(CommandResult {
        text: format!("{}\n{}", words.as_str(), account.address()),
        json: json!({"mnemonic": words.as_str(), "address": account.address().to_string()}),
    })
}

pub(crate) async fn balance(
    context: &Context,
    args: &AccountBalance,
) -> Result<CommandResult, Failure> {
    let address = match &args.address {
        Some(text) => parse_address(text)?,
        None => context.account()?.address().clone(),
    };
    let chain = QueryClient::new(&context.environment.rpc()?)?;
    let coins = match &args.denom {
        Some(denom) => vec![chain.balance(&address, denom).await?],
        None => chain.balances(&address).await?,
    };
    let coins: Vec<Coin> = coins
        .into_iter()
        .filter(|coin| !coin.amount.is_zero())
        .collect();
    let lines: Vec<String> = coins.iter().map(|coin| shown(coin, args)).collect();
    let text = if lines.is_empty() {
        "No balance".to_owned()
    } else {
        lines.join("\n")
    };
    let balances: Vec<String> = coins
        .iter()
        .map(|coin| format!("{}{}", coin.amount, coin.denom))
        .collect();
    Ok(CommandResult {
        text,
        json: json!({"address": address.to_string(), "balances": balances}),
    })
}

fn shown(coin: &Coin, args: &AccountBalance) -> String {
    let amount = coin.amount.u128();
    match (args.raw, args.hide_denom) {
        (true, true) => amount.to_string(),
        (true, false) => format!("{amount}{}", coin.denom),
        (false, true) => display_amount(amount),
        (false, false) => {
            let denom = coin.denom.strip_prefix('u').unwrap_or(&coin.denom);
            format!("{} {denom}", display_amount(amount))
        }
    }
}

/// Base units as display units, without trailing zeros.
pub(crate) fn display_amount(amount: u128) -> String {
    let unit = 10_u128.pow(EXPONENT);
    let (whole, rest) = (amount / unit, amount % unit);
    if rest == 0 {
        return whole.to_string();
    }
    format!("{whole}.{rest:06}")
        .trim_end_matches('0')
        .to_owned()
}

pub(crate) async fn send(context: &Context, args: &AccountSend) -> Result<CommandResult, Failure> {
    let account = context.account()?;
    let recipient = parse_address(&args.recipient)?;
    let denom = args.denom.as_deref().unwrap_or(context.environment.denom());
    if args.amount == 0 {
        return Err(Failure::new(
            Exit::Usage,
            "AMOUNT is 0; nothing would be sent",
        ));
    }
    let chain = QueryClient::new(&context.environment.rpc()?)?;
    let journal = Outbox::open(&Outbox::folder()?, account.address())?;
    let from = account.address().clone();
    let sender = Sender::start(
        chain,
        account,
        journal,
        SenderConfig::new(context.environment.denom()),
    );
    context.progress.step("settling earlier transactions");
    sender.recovered().await?;
    context.progress.step(&format!(
        "sending {}{denom} from {from} to {recipient}",
        args.amount
    ));
    context.mark_sent("a transaction may be under way; it is stored".to_owned());
    let message = Msg::send(&recipient, vec![Coin::new(args.amount, denom)]);
    let (tx, fate) = sender
        .submit(
            vec![message],
            args.memo.as_deref().unwrap_or(""),
            Vec::new(),
        )
        .await?;
    let hash = tx.hash().to_string();
    let height = match &fate {
        Fate::Included(included) => included.height,
        _ => 0,
    };
    fate.into_included(&tx)?;
    Ok(CommandResult {
        text: format!("transaction {hash} is in block {height}, code 0"),
        json: json!({"tx_hash": hash, "height": height, "code": 0}),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_are_shown_in_display_units_without_trailing_zeros() {
        for (amount, text) in [
            (0, "0"),
            (1, "0.000001"),
            (12_500_000, "12.5"),
            (75_000_000, "75"),
        ] {
            assert_eq!(display_amount(amount), text);
        }
    }

    #[test]
    fn balances_are_shown_raw_or_with_the_leading_u_stripped() {
        let coin = Coin::new(12_500_000_u128, "unym");
        let args = |raw, hide_denom| AccountBalance {
            address: None,
            denom: None,
            hide_denom,
            raw,
        };
        assert_eq!(shown(&coin, &args(false, false)), "12.5 nym");
        assert_eq!(shown(&coin, &args(true, false)), "12500000unym");
        assert_eq!(shown(&coin, &args(false, true)), "12.5");
        assert_eq!(shown(&coin, &args(true, true)), "12500000");
    }
}
