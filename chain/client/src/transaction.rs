//! A transaction from its messages to its signed bytes.

use std::{fmt, str::FromStr};

use cosmrs::{
    AccountId,
    proto::{
        cosmos::{
            base::v1beta1::Coin as ProtoCoin,
            tx::v1beta1::{
                AuthInfo, Fee as ProtoFee, ModeInfo, SignDoc, SignerInfo, TxBody, TxRaw,
                mode_info::{Single, Sum},
            },
        },
        prost::Message,
    },
    tx::SignMode,
};
use sha2::{Digest, Sha256};

use crate::{account::Account, error::Error, limits, message::Msg};

/// SHA-256 of a transaction's bytes: its name on chain.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TxHash([u8; 32]);

impl TxHash {
    /// The hash of signed bytes.
    #[must_use]
    pub fn of(raw: &[u8]) -> Self {
        Self(Sha256::digest(raw).into())
    }

    /// Its bytes.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

impl From<[u8; 32]> for TxHash {
    fn from(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }
}

impl FromStr for TxHash {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        let mut bytes = [0; 32];
        hex::decode_to_slice(text, &mut bytes).map_err(|_| Error::BadHash(text.to_owned()))?;
        Ok(Self(bytes))
    }
}

/// Upper-case hex, as explorers show it.
impl fmt::Display for TxHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&hex::encode_upper(self.0))
    }
}

impl fmt::Debug for TxHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "TxHash({self})")
    }
}

/// Price of gas in thousandths of the fee denom's base unit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct GasPrice {
    /// Thousandths of a base unit for one unit of gas.
    pub milli: u64,
}

impl GasPrice {
    /// 0.025, the price of the reference network.
    pub const DEFAULT: Self = Self { milli: 25 };

    /// Gas limit for `used` gas as simulated: half as much again, rounded up.
    #[must_use]
    pub fn limit_for(used: u64) -> u64 {
        used.saturating_add(used.div_ceil(2))
    }

    /// Fee of a gas limit, rounded up to base units.
    #[must_use]
    pub fn fee_for(self, gas_limit: u64) -> u128 {
        (u128::from(gas_limit) * u128::from(self.milli)).div_ceil(1000)
    }
}

/// What a transaction may cost.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fee {
    /// Denom of the fee.
    pub denom: String,
    /// Amount in base units.
    pub amount: u128,
    /// Most gas that may be used.
    pub gas_limit: u64,
}

/// A signed transaction: the bytes that are sent, again and again if need be, and what is needed to tell their fate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignedTx {
    chain_id: String,
    account: AccountId,
    sequence: u64,
    timeout_height: u64,
    hash: TxHash,
    raw: Vec<u8>,
}

impl SignedTx {
    /// Puts a transaction together again from what a journal stored; the hash is computed from `raw`.
    #[must_use]
    pub fn restore(
        chain_id: String,
        account: AccountId,
        sequence: u64,
        timeout_height: u64,
        raw: Vec<u8>,
    ) -> Self {
        Self {
            chain_id,
            account,
            sequence,
            timeout_height,
            hash: TxHash::of(&raw),
            raw,
        }
    }

    /// Chain that it was signed for.
    #[must_use]
    pub fn chain_id(&self) -> &str {
        &self.chain_id
    }

    /// The signer.
    #[must_use]
    pub fn account(&self) -> &AccountId {
        &self.account
    }

    /// The account's sequence number that it uses.
    #[must_use]
    pub fn sequence(&self) -> u64 {
        self.sequence
    }

    /// Last block that it can enter.
    #[must_use]
    pub fn timeout_height(&self) -> u64 {
        self.timeout_height
    }

    /// Its hash.
    #[must_use]
    pub fn hash(&self) -> TxHash {
        self.hash
    }

    /// The bytes that are sent.
    #[must_use]
    pub fn raw(&self) -> &[u8] {
        &self.raw
    }
}

/// What is signed, but for the fee.
#[derive(Clone, Debug)]
pub(crate) struct Unsigned<'a> {
    pub(crate) chain_id: &'a str,
    pub(crate) account_number: u64,
    pub(crate) sequence: u64,
    pub(crate) timeout_height: u64,
    pub(crate) messages: &'a [Msg],
    pub(crate) memo: &'a str,
}

impl Unsigned<'_> {
    /// The bytes that simulation takes: one empty signature, sign mode unspecified, no fee.
    pub(crate) fn for_simulation(&self, account: &Account) -> Result<Vec<u8>, Error> {
        let raw = TxRaw {
            body_bytes: self.body(account)?,
            auth_info_bytes: self
                .auth_info(account, SignMode::Unspecified, None)?
                .encode_to_vec(),
            signatures: vec![Vec::new()],
        }
        .encode_to_vec();
        within_size(&raw)?;
        Ok(raw)
    }

    /// Signs in mode DIRECT: secp256k1 over the encoded `SignDoc`.
    pub(crate) fn sign(&self, account: &Account, fee: &Fee) -> Result<SignedTx, Error> {
        let body_bytes = self.body(account)?;
        let auth_info_bytes = self
            .auth_info(account, SignMode::Direct, Some(fee))?
            .encode_to_vec();
        let document = SignDoc {
            body_bytes: body_bytes.clone(),
            auth_info_bytes: auth_info_bytes.clone(),
            chain_id: self.chain_id.to_owned(),
            account_number: self.account_number,
        }
        .encode_to_vec();
        let signature = account
            .key()
            .sign(&document)
            .map_err(|e| Error::Encode(e.to_string()))?;
        let raw = TxRaw {
            body_bytes,
            auth_info_bytes,
            signatures: vec![signature.to_vec()],
        }
        .encode_to_vec();
        within_size(&raw)?;
        Ok(SignedTx::restore(
            self.chain_id.to_owned(),
            account.address().clone(),
            self.sequence,
            self.timeout_height,
            raw,
        ))
    }

    fn body(&self, account: &Account) -> Result<Vec<u8>, Error> {
        let too_large = |size, unit, limit| Err(Error::TxTooLarge { size, unit, limit });
        if self.memo.len() > limits::MAX_MEMO_BYTES {
            return too_large(self.memo.len(), "bytes of memo", limits::MAX_MEMO_BYTES);
        }
        if self.messages.len() > limits::MAX_TX_MESSAGES {
            return too_large(self.messages.len(), "messages", limits::MAX_TX_MESSAGES);
        }
        Ok(TxBody {
            messages: self
                .messages
                .iter()
                .map(|msg| msg.to_any(account.address()))
                .collect::<Result<_, _>>()?,
            memo: self.memo.to_owned(),
            timeout_height: self.timeout_height,
            ..TxBody::default()
        }
        .encode_to_vec())
    }

    fn auth_info(
        &self,
        account: &Account,
        mode: SignMode,
        fee: Option<&Fee>,
    ) -> Result<AuthInfo, Error> {
        let key = account
            .public_key()
            .to_any()
            .map_err(|e| Error::Encode(e.to_string()))?;
        let fee = match fee {
            Some(fee) => ProtoFee {
                amount: vec![ProtoCoin {
                    denom: fee.denom.clone(),
                    amount: fee.amount.to_string(),
                }],
                gas_limit: fee.gas_limit,
                ..ProtoFee::default()
            },
            None => ProtoFee::default(),
        };
        Ok(AuthInfo {
            signer_infos: vec![SignerInfo {
                public_key: Some(key),
                mode_info: Some(ModeInfo {
                    sum: Some(Sum::Single(Single { mode: mode.into() })),
                }),
                sequence: self.sequence,
            }],
            fee: Some(fee),
            ..AuthInfo::default()
        })
    }
}

fn within_size(raw: &[u8]) -> Result<(), Error> {
    if raw.len() > limits::MAX_TX_BYTES {
        return Err(Error::TxTooLarge {
            size: raw.len(),
            unit: "bytes",
            limit: limits::MAX_TX_BYTES,
        });
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn gas_and_fee_are_rounded_up() {
        assert_eq!(GasPrice::limit_for(150_001), 225_002);
        assert_eq!(GasPrice::DEFAULT.fee_for(225_002), 5_626);
        assert_eq!(GasPrice::limit_for(2), 3);
        assert_eq!(GasPrice::DEFAULT.fee_for(0), 0);
        assert_eq!(GasPrice::limit_for(u64::MAX), u64::MAX);
    }
}
