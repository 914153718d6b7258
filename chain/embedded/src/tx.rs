//! A transaction: decoded, and checked as far as that is possible without the state.

use cosmrs::proto::Any;
use cosmrs::proto::cosmos::tx::signing::v1beta1::SignMode;
use cosmrs::proto::cosmos::tx::v1beta1::{
    AuthInfo, Fee, ModeInfo, SignDoc, TxBody, TxRaw, mode_info,
};
use cosmrs::proto::prost::Message as _;
use cosmwasm_std::Coin;
use sha2::{Digest, Sha256};

use crate::api::{ACCOUNT_ADDRESS_BYTES, parse_address};
use crate::chain::TxHash;
use crate::coins;
use crate::gas;
use crate::messages::{Message, decode_strict};
use crate::refusal::{Refusal, code};

/// Most bytes of a transaction; in base64 it still fits the body limit of the RPC.
pub const MAX_TX_BYTES: usize = 512 * 1024;
/// Most messages of a transaction.
pub const MAX_MESSAGES: usize = 100;
/// Longest memo, as on the network.
pub const MAX_MEMO_BYTES: usize = 256;

/// A transaction that may be executed once the state agrees.
#[derive(Clone, Debug)]
pub(crate) struct Transaction {
    pub(crate) bytes: Vec<u8>,
    pub(crate) hash: TxHash,
    pub(crate) messages: Vec<Message>,
    pub(crate) timeout_height: u64,
    pub(crate) sender: String,
    pub(crate) sequence: u64,
    pub(crate) public_key: Option<Any>,
    pub(crate) fee: Vec<Coin>,
    pub(crate) gas_limit: u64,
    pub(crate) signature: Vec<u8>,
    body_bytes: Vec<u8>,
    auth_info_bytes: Vec<u8>,
}

fn hash(bytes: &[u8]) -> TxHash {
    TxHash(Sha256::digest(bytes).into())
}

fn invalid(reason: impl Into<String>) -> Refusal {
    Refusal::sdk(
        code::INVALID_REQUEST,
        format!("{}: invalid request", reason.into()),
    )
}

struct Envelope {
    raw: TxRaw,
    body: TxBody,
    auth: AuthInfo,
    messages: Vec<Message>,
    sender: String,
}

/// What holds for a transaction that is sent and for one that is only simulated.
fn open(bytes: &[u8]) -> Result<Envelope, Refusal> {
    if bytes.len() > MAX_TX_BYTES {
        let log = format!(
            "{} bytes, at most {MAX_TX_BYTES}: tx too large",
            bytes.len()
        );
        return Err(Refusal::sdk(code::TX_TOO_LARGE, log));
    }
    let raw: TxRaw = decode_strict(bytes, "TxRaw")?;
    let body: TxBody = decode_strict(&raw.body_bytes, "TxBody")?;
    let auth: AuthInfo = decode_strict(&raw.auth_info_bytes, "AuthInfo")?;
    if body.memo.len() > MAX_MEMO_BYTES {
        let log = format!(
            "memo of {} bytes, at most {MAX_MEMO_BYTES}: memo too large",
            body.memo.len()
        );
        return Err(Refusal::sdk(code::MEMO_TOO_LARGE, log));
    }
    if !body.extension_options.is_empty() || !body.non_critical_extension_options.is_empty() {
        return Err(Refusal::sdk(
            code::UNKNOWN_EXTENSION,
            "unknown extension options",
        ));
    }
    if body.messages.is_empty() || body.messages.len() > MAX_MESSAGES {
        return Err(invalid(format!(
            "{} messages, expected 1 to {MAX_MESSAGES}",
            body.messages.len()
        )));
    }
    let messages = body
        .messages
        .iter()
        .map(Message::decode)
        .collect::<Result<Vec<_>, _>>()?;
    let sender = messages
        .first()
        .map(|message| message.sender.clone())
        .unwrap_or_default();
    if messages.iter().any(|message| message.sender != sender) {
        let log = "messages of several senders, this chain takes one signer: maximum number of signatures exceeded";
        return Err(Refusal::sdk(code::TOO_MANY_SIGNATURES, log));
    }
    if parse_address(&sender).map(|bytes| bytes.len()) != Ok(ACCOUNT_ADDRESS_BYTES) {
        let log = format!("sender {sender} is a contract and has no key: unauthorized");
        return Err(Refusal::sdk(code::UNAUTHORIZED, log));
    }
    Ok(Envelope {
        raw,
        body,
        auth,
        messages,
        sender,
    })
}

/// The messages of a transaction that is not sent but tried; signature, fee, sequence and key are not looked at.
pub(crate) struct Trial {
    pub(crate) messages: Vec<Message>,
    pub(crate) body_bytes: u64,
}

impl Trial {
    /// Decodes what `Simulate` is asked about.
    ///
    /// # Errors
    /// What [`Transaction::decode`] says about the body.
    pub(crate) fn decode(bytes: &[u8]) -> Result<Self, Refusal> {
        let envelope = open(bytes)?;
        Ok(Self {
            messages: envelope.messages,
            body_bytes: length(&envelope.raw.body_bytes),
        })
    }
}

fn length(bytes: &[u8]) -> u64 {
    u64::try_from(bytes.len()).unwrap_or(u64::MAX)
}

impl Transaction {
    /// Decodes a signed transaction: one signer, sign mode DIRECT, a fee, nothing unknown.
    ///
    /// # Errors
    /// `TX_TOO_LARGE`, `TX_DECODE`, `MEMO_TOO_LARGE`, `UNKNOWN_EXTENSION`, `INVALID_REQUEST`, `NO_SIGNATURES`,
    /// `TOO_MANY_SIGNATURES`, `UNAUTHORIZED`, `INVALID_GAS_LIMIT`, `INVALID_COINS`, and those of the messages.
    pub(crate) fn decode(bytes: Vec<u8>) -> Result<Self, Refusal> {
        let Envelope {
            raw,
            body,
            auth,
            messages,
            sender,
        } = open(&bytes)?;
        let too_many = |count: usize| {
            let log = format!("{count} signers, expected 1: maximum number of signatures exceeded");
            Refusal::sdk(code::TOO_MANY_SIGNATURES, log)
        };
        let (Some(signer), Some(signature)) = (auth.signer_infos.first(), raw.signatures.first())
        else {
            return Err(Refusal::sdk(code::NO_SIGNATURES, "no signatures supplied"));
        };
        if auth.signer_infos.len() != 1 || raw.signatures.len() != 1 {
            return Err(too_many(auth.signer_infos.len().max(raw.signatures.len())));
        }
        if !is_direct(signer.mode_info.as_ref()) {
            let log = "sign mode is not SIGN_MODE_DIRECT: unauthorized";
            return Err(Refusal::sdk(code::UNAUTHORIZED, log));
        }
        let Some(fee) = &auth.fee else {
            return Err(invalid("no fee"));
        };
        check_payer(fee, &sender)?;
        if fee.gas_limit == 0 || fee.gas_limit > gas::MAX_TRANSACTION {
            let log = format!(
                "gas limit {}, expected 1 to {}: invalid gas limit",
                fee.gas_limit,
                gas::MAX_TRANSACTION
            );
            return Err(Refusal::sdk(code::INVALID_GAS_LIMIT, log));
        }
        Ok(Self {
            hash: hash(&bytes),
            timeout_height: body.timeout_height,
            sequence: signer.sequence,
            public_key: signer.public_key.clone(),
            fee: coins::parse(&fee.amount)?,
            gas_limit: fee.gas_limit,
            signature: signature.clone(),
            messages,
            sender,
            body_bytes: raw.body_bytes,
            auth_info_bytes: raw.auth_info_bytes,
            bytes,
        })
    }

    /// Length of the body, which is what gas is charged for.
    pub(crate) fn body_bytes(&self) -> u64 {
        length(&self.body_bytes)
    }

    /// What the signature is over, for an account number on a chain.
    pub(crate) fn sign_bytes(&self, chain_id: &str, account_number: u64) -> Vec<u8> {
        SignDoc {
            body_bytes: self.body_bytes.clone(),
            auth_info_bytes: self.auth_info_bytes.clone(),
            chain_id: chain_id.to_owned(),
            account_number,
        }
        .encode_to_vec()
    }
}

fn is_direct(mode: Option<&ModeInfo>) -> bool {
    matches!(
        mode.and_then(|mode| mode.sum.as_ref()),
        Some(mode_info::Sum::Single(single)) if single.mode == SignMode::Direct as i32
    )
}

fn check_payer(fee: &Fee, sender: &str) -> Result<(), Refusal> {
    if !fee.granter.is_empty() {
        return Err(invalid("fee grants are not supported"));
    }
    if !fee.payer.is_empty() && fee.payer != sender {
        return Err(invalid(format!(
            "fee payer {:?} is not the sender {sender}",
            fee.payer
        )));
    }
    Ok(())
}
