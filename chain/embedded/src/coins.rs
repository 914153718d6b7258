//! Lists of coins as transactions carry them.

use cosmrs::proto::cosmos::base::v1beta1::Coin as ProtoCoin;
use cosmwasm_std::Coin;

use crate::bank::is_denom;
use crate::refusal::{Refusal, code};

/// Most coins in one list.
pub(crate) const MAX_COINS: usize = 16;

/// Checks and converts a list of coins: valid denominations in strictly ascending order, amounts above 0 and below
/// 2¹²⁸. An empty list is fine.
pub(crate) fn parse(coins: &[ProtoCoin]) -> Result<Vec<Coin>, Refusal> {
    let wrong = |what: String| Refusal::sdk(code::INVALID_COINS, format!("{what}: invalid coins"));
    if coins.len() > MAX_COINS {
        return Err(wrong(format!("{} coins, at most {MAX_COINS}", coins.len())));
    }
    let mut parsed: Vec<Coin> = Vec::with_capacity(coins.len());
    for coin in coins {
        if !is_denom(&coin.denom) {
            return Err(wrong(format!("denomination {:?}", coin.denom)));
        }
        let canonical = !coin.amount.starts_with(['0', '+']);
        let amount: u128 = match coin.amount.parse() {
            Ok(amount) if canonical => amount,
            _ => return Err(wrong(format!("amount {:?} of {}", coin.amount, coin.denom))),
        };
        if parsed.last().is_some_and(|last| last.denom >= coin.denom) {
            return Err(wrong(format!(
                "{} is out of order or named twice",
                coin.denom
            )));
        }
        parsed.push(Coin::new(amount, coin.denom.clone()));
    }
    Ok(parsed)
}

/// `5626unym,10unyx`, as events and logs show coins.
pub(crate) fn display(coins: &[Coin]) -> String {
    let texts: Vec<String> = coins
        .iter()
        .map(|coin| format!("{}{}", coin.amount, coin.denom))
        .collect();
    texts.join(",")
}
