//! What must hold before a transaction's messages run, on the state they will run on.

use cosmrs::crypto::PublicKey;
use cosmwasm_std::{Event, Storage};
use k256::ecdsa::signature::Verifier;
use k256::ecdsa::{Signature, VerifyingKey};

use crate::accounts;
use crate::bank;
use crate::coins;
use crate::config::{ADDRESS_PREFIX, FEE_DENOM};
use crate::gas;
use crate::refusal::{Refusal, code};
use crate::tx::Transaction;

/// Checks timeout, fee, key, sequence and signature of `tx` for a block at `height`; takes the fee and counts the
/// sequence up. The order is the SDK's. What it changes in `storage` stands even if it refuses: pass a view.
///
/// # Errors
/// `TIMEOUT_HEIGHT`, `INSUFFICIENT_FEE`, `UNKNOWN_ADDRESS`, `INSUFFICIENT_FUNDS`, `INVALID_PUBKEY`, `WRONG_SEQUENCE`,
/// `UNAUTHORIZED`.
pub(crate) fn admit(
    storage: &mut dyn Storage,
    tx: &Transaction,
    chain_id: &str,
    height: u64,
) -> Result<Vec<Event>, Refusal> {
    if tx.timeout_height != 0 && height > tx.timeout_height {
        let log = format!(
            "block height: {height}, timeout height: {}: tx timeout height",
            tx.timeout_height
        );
        return Err(Refusal::sdk(code::TIMEOUT_HEIGHT, log));
    }
    check_fee(tx)?;
    let sender = &tx.sender;
    let Some(mut account) = accounts::load(storage, sender) else {
        let log = format!("fee payer address: {sender} does not exist: unknown address");
        return Err(Refusal::sdk(code::UNKNOWN_ADDRESS, log));
    };
    let mut events = bank::transfer(storage, sender, &bank::fee_collector(), &tx.fee)?;
    let key = signing_key(tx, &account)?;
    if tx.sequence != account.sequence {
        let log = format!(
            "account sequence mismatch, expected {}, got {}: incorrect account sequence",
            account.sequence, tx.sequence
        );
        return Err(Refusal::sdk(code::WRONG_SEQUENCE, log));
    }
    let signed = tx.sign_bytes(chain_id, account.account_number);
    if verify(&key, &signed, &tx.signature).is_none() {
        let log = format!(
            "signature verification failed; please verify account number ({}), sequence ({}) and chain-id ({chain_id}): \
             unauthorized",
            account.account_number, account.sequence
        );
        return Err(Refusal::sdk(code::UNAUTHORIZED, log));
    }
    if account.pub_key.is_none() {
        account.pub_key.clone_from(&tx.public_key);
    }
    let sequence = account.sequence;
    account.sequence = sequence.saturating_add(1);
    accounts::save(storage, &account);
    events.push(
        Event::new("tx")
            .add_attribute("fee", coins::display(&tx.fee))
            .add_attribute("fee_payer", sender),
    );
    events.push(Event::new("tx").add_attribute("acc_seq", format!("{sender}/{sequence}")));
    Ok(events)
}

fn check_fee(tx: &Transaction) -> Result<(), Refusal> {
    let required = gas::minimum_fee(tx.gas_limit);
    let enough = match tx.fee.as_slice() {
        [coin] => coin.denom == FEE_DENOM && coin.amount.u128() >= required,
        _ => false,
    };
    if enough {
        return Ok(());
    }
    let log = format!(
        "insufficient fees; got: {} required: {required}{FEE_DENOM}: insufficient fee",
        coins::display(&tx.fee)
    );
    Err(Refusal::sdk(code::INSUFFICIENT_FEE, log))
}

/// The account's key: the stored one, else the one the transaction brings, which must hash to the sender's address.
fn signing_key(
    tx: &Transaction,
    account: &cosmrs::proto::cosmos::auth::v1beta1::BaseAccount,
) -> Result<VerifyingKey, Refusal> {
    let wrong =
        |reason: String| Refusal::sdk(code::INVALID_PUBKEY, format!("{reason}: invalid pubkey"));
    if let (Some(stored), Some(given)) = (&account.pub_key, &tx.public_key)
        && stored != given
    {
        return Err(wrong(format!(
            "public key is not the one of account {}",
            tx.sender
        )));
    }
    let Some(any) = account.pub_key.as_ref().or(tx.public_key.as_ref()) else {
        return Err(wrong(format!(
            "account {} has no public key yet and the transaction brings none",
            tx.sender
        )));
    };
    let key = PublicKey::try_from(any)
        .map_err(|e| wrong(format!("public key of type {:?}: {e}", any.type_url)))?;
    let owner = key
        .account_id(ADDRESS_PREFIX)
        .map_err(|e| wrong(e.to_string()))?;
    if owner.as_ref() != tx.sender {
        return Err(wrong(format!(
            "public key belongs to {owner}, not to signer {}",
            tx.sender
        )));
    }
    if key.type_url() != PublicKey::SECP256K1_TYPE_URL {
        return Err(wrong(format!(
            "public key of type {:?}, expected secp256k1",
            any.type_url
        )));
    }
    VerifyingKey::from_sec1_bytes(&key.to_bytes()).map_err(|e| wrong(e.to_string()))
}

/// ECDSA over SHA-256 of `message`; 64 bytes r ‖ s. The library refuses s in the upper half of the range, as the SDK
/// does, so that a transaction has one signature.
fn verify(key: &VerifyingKey, message: &[u8], signature: &[u8]) -> Option<()> {
    let signature = Signature::from_slice(signature).ok()?;
    key.verify(message, &signature).ok()
}
