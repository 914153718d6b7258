//! Balances and their transfer.
//!
//! A balance is 16 bytes big-endian under `bank/balance/<address>/<denomination>`; a balance of 0 has no entry. Money is
//! moved, never made or destroyed: the sum over all addresses is that of genesis.

use cosmwasm_std::{Coin, Event, Order, Storage};

use crate::accounts;
use crate::api::{format_address, parse_address};
use crate::coins;
use crate::refusal::{Refusal, code};

const BALANCE: &str = "bank/balance/";

/// Whether `text` is a denomination: 3 to 128 characters, a letter first, then letters, digits and `/ : . _ -`.
pub(crate) fn is_denom(text: &str) -> bool {
    let first = text.bytes().next().is_some_and(|b| b.is_ascii_alphabetic());
    let rest = text
        .bytes()
        .all(|b| b.is_ascii_alphanumeric() || b"/:._-".contains(&b));
    (3..=128).contains(&text.len()) && first && rest
}

/// Where fees go: the first 20 bytes of the SHA-256 of `fee_collector`, as the Cosmos SDK derives module accounts.
pub(crate) fn fee_collector() -> String {
    use sha2::Digest;
    let digest = sha2::Sha256::digest(b"fee_collector");
    let bytes: Vec<u8> = digest
        .iter()
        .copied()
        .take(crate::api::ACCOUNT_ADDRESS_BYTES)
        .collect();
    format_address(&bytes).unwrap_or_default() // total: 20 bytes are an address
}

fn prefix(address: &str) -> String {
    format!("{BALANCE}{address}/")
}

fn decode(bytes: Vec<u8>) -> u128 {
    bytes.try_into().map_or(0, u128::from_be_bytes)
}

/// The balance of `address` in base units of `denom`.
pub(crate) fn balance(storage: &dyn Storage, address: &str, denom: &str) -> u128 {
    let key = format!("{}{denom}", prefix(address));
    storage.get(key.as_bytes()).map_or(0, decode)
}

/// Coins of `address` in order of denomination, from the first not below `from` on.
pub(crate) fn balances<'a>(
    storage: &'a dyn Storage,
    address: &str,
    from: &str,
) -> impl Iterator<Item = Coin> + 'a {
    let prefix = prefix(address);
    let start = format!("{prefix}{from}");
    // '0' follows '/' in ASCII, so this is the first key behind all of this address.
    let end = format!("{BALANCE}{address}0");
    storage
        .range(
            Some(start.as_bytes()),
            Some(end.as_bytes()),
            Order::Ascending,
        )
        .filter_map(move |(key, value)| {
            let denom = key.get(prefix.len()..).map(String::from_utf8_lossy)?;
            Some(Coin::new(decode(value), denom))
        })
}

fn set_balance(storage: &mut dyn Storage, address: &str, denom: &str, amount: u128) {
    let key = format!("{}{denom}", prefix(address));
    if amount == 0 {
        storage.remove(key.as_bytes());
    } else {
        storage.set(key.as_bytes(), &amount.to_be_bytes());
    }
}

/// Gives `address` coins out of nothing; genesis only.
pub(crate) fn mint(storage: &mut dyn Storage, address: &str, denom: &str, amount: u128) {
    accounts::ensure(storage, address);
    let sum = balance(storage, address, denom).saturating_add(amount);
    set_balance(storage, address, denom, sum);
}

/// Moves `amount` and makes the receiver's account if it has none. Returns the events of the SDK's bank.
///
/// # Errors
/// `INVALID_ADDRESS`, `INVALID_COINS` (nothing to move, an amount of 0), `UNAUTHORIZED` (the fee collector takes fees
/// only), `INSUFFICIENT_FUNDS`.
pub(crate) fn send(
    storage: &mut dyn Storage,
    from: &str,
    to: &str,
    amount: &[Coin],
) -> Result<Vec<Event>, Refusal> {
    if to == fee_collector() {
        let log = format!("{to} is not allowed to receive funds: unauthorized");
        return Err(Refusal::sdk(code::UNAUTHORIZED, log));
    }
    transfer(storage, from, to, amount)
}

/// [`send`] to any address, the fee collector included.
pub(crate) fn transfer(
    storage: &mut dyn Storage,
    from: &str,
    to: &str,
    amount: &[Coin],
) -> Result<Vec<Event>, Refusal> {
    if let Err(reason) = parse_address(to) {
        let log = format!("receiver {to:?}: {reason}: invalid address");
        return Err(Refusal::sdk(code::INVALID_ADDRESS, log));
    }
    if amount.is_empty() || amount.iter().any(|coin| coin.amount.is_zero()) {
        let log = format!(
            "{:?} is nothing to send: invalid coins",
            coins::display(amount)
        );
        return Err(Refusal::sdk(code::INVALID_COINS, log));
    }
    for coin in amount {
        let have = balance(storage, from, &coin.denom);
        let Some(rest) = have.checked_sub(coin.amount.u128()) else {
            let denom = &coin.denom;
            let log = format!(
                "spendable balance {have}{denom} is smaller than {}{denom}: insufficient funds",
                coin.amount
            );
            return Err(Refusal::sdk(code::INSUFFICIENT_FUNDS, log));
        };
        set_balance(storage, from, &coin.denom, rest);
        let received = balance(storage, to, &coin.denom).saturating_add(coin.amount.u128());
        set_balance(storage, to, &coin.denom, received);
    }
    accounts::ensure(storage, to);
    let text = coins::display(amount);
    Ok(vec![
        Event::new("coin_spent")
            .add_attribute("spender", from)
            .add_attribute("amount", &text),
        Event::new("coin_received")
            .add_attribute("receiver", to)
            .add_attribute("amount", &text),
        Event::new("transfer")
            .add_attribute("recipient", to)
            .add_attribute("sender", from)
            .add_attribute("amount", &text),
    ])
}
