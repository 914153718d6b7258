//! From the contract's records to rows.

use ecash_contract_messages::ecash::{
    DepositInfo, DepositState as ChainState, Gateway, GatewayState as ChainGatewayState,
};
use ecash_requests::bytes::Base58;
use ecash_ticketbook::{DepositId, UnixTime};

use crate::error::{Error, Result};
use crate::store::deposits::{DepositRow, DepositState};
use crate::store::gateways::{FormerKey, GatewayRow, GatewayState};

/// A deposit's row from what the contract shows.
///
/// # Errors
/// [`Error::ChainData`] for a key that does not have 32 bytes.
pub fn deposit_row(id: u32, pubkey: &str, info: &DepositInfo) -> Result<DepositRow> {
    Ok(DepositRow {
        id: DepositId(id),
        pubkey: key("key of a deposit", pubkey)?,
        payer: info.payer.to_string(),
        block_time: UnixTime(info.time.seconds()),
        state: match info.state {
            ChainState::Open => DepositState::Open,
            ChainState::Withheld => DepositState::Withheld,
            ChainState::Refunded => DepositState::Refunded,
        },
    })
}

/// A gateway's row from its entry in the registry.
///
/// # Errors
/// [`Error::ChainData`] for a key that does not have 32 bytes.
pub fn gateway_row(gateway: &Gateway) -> Result<GatewayRow> {
    let former = gateway
        .previous_identity
        .as_ref()
        .map(|former| {
            Ok::<_, Error>(FormerKey {
                key: key("former key of a gateway", &former.identity_key)?,
                accepts_until: UnixTime(former.accepts_until.seconds()),
                batches_until: UnixTime(former.batches_until.seconds()),
            })
        })
        .transpose()?;
    let roles: Vec<String> = gateway
        .roles
        .iter()
        .map(|role| {
            serde_json::to_value(role)
                .ok()
                .and_then(|v| v.as_str().map(str::to_owned))
                .unwrap_or_default()
        })
        .collect();
    Ok(GatewayRow {
        account: gateway.address.to_string(),
        identity_key: key("key of a gateway", &gateway.identity_key)?,
        former,
        roles: roles.join(","),
        state: match gateway.state {
            ChainGatewayState::Pending => GatewayState::Pending,
            ChainGatewayState::Admitted => GatewayState::Admitted,
            ChainGatewayState::Suspended => GatewayState::Suspended,
        },
    })
}

fn key(what: &'static str, text: &str) -> Result<[u8; 32]> {
    text.parse::<Base58<32>>()
        .map(|key| *key.as_bytes())
        .map_err(|reason| Error::ChainData {
            what,
            value: text.chars().take(64).collect(),
            reason: reason.to_string(),
        })
}
