//! A chain with three funded accounts and a misbehaving contract, in one line.

use cosmrs::proto::Any;
use cosmrs::proto::cosmos::bank::v1beta1::MsgSend;
use cosmrs::proto::cosmos::base::v1beta1::Coin;
use cosmrs::proto::cosmos::tx::signing::v1beta1::SignMode;
use cosmrs::proto::cosmos::tx::v1beta1::{
    AuthInfo, Fee, ModeInfo, SignDoc, SignerInfo, TxBody, TxRaw, mode_info,
};
use cosmrs::proto::cosmwasm::wasm::v1::{
    MsgExecuteContract, MsgInstantiateContract, MsgMigrateContract,
};
use cosmrs::proto::prost::{Message, Name};
use k256::ecdsa::Signature;
use k256::ecdsa::SigningKey;
use k256::ecdsa::signature::Signer as _;
use nyx_embedded::{
    BlockTime, ChainConfig, Codes, EmbeddedChain, FEE_DENOM, Genesis, Refusal, TxHash, TxOutcome,
    gas,
};
use serde::de::DeserializeOwned;
use tempfile::TempDir;

use crate::probe::{self, Ask, Do};

pub const CHAIN_ID: &str = "zknym-local-0badcafe";
pub const START: u128 = 1_000_000_000_000;
/// Tuesday 2026-06-16, 00:00 UTC.
pub const NOON: BlockTime = BlockTime::from_seconds(1_781_568_000);

pub struct Person {
    key: SigningKey,
    pub address: String,
}

impl Person {
    pub fn new(seed: u8) -> Self {
        let key = SigningKey::from_slice(&[seed; 32]).unwrap();
        let public = cosmrs::crypto::PublicKey::from(*key.verifying_key());
        let address = public.account_id("n").unwrap().to_string();
        Self { key, address }
    }

    pub fn public_key(&self) -> Any {
        cosmrs::crypto::PublicKey::from(*self.key.verifying_key()).into()
    }
}

pub fn genesis() -> Genesis {
    let [alice, bob, _] = people();
    Genesis::new(CHAIN_ID, alice.address.clone())
        .unwrap()
        .with_balance(alice.address, START)
        .with_balance(bob.address, START)
}

/// Alice, who may instantiate, and Bob are funded; Carol does not exist yet.
pub fn people() -> [Person; 3] {
    [Person::new(1), Person::new(2), Person::new(3)]
}

/// A transaction before it is signed: everything a test may want to get wrong.
#[derive(Clone)]
pub struct Plan {
    pub body: TxBody,
    pub auth: AuthInfo,
    pub chain_id: String,
    pub account_number: u64,
}

pub fn coins(amount: u128) -> Vec<Coin> {
    vec![Coin {
        denom: FEE_DENOM.to_owned(),
        amount: amount.to_string(),
    }]
}

pub fn any<T: Message + Name>(message: &T) -> Any {
    Any {
        type_url: T::type_url(),
        value: message.encode_to_vec(),
    }
}

pub fn send(from: &Person, to: &str, amount: u128) -> Any {
    any(&MsgSend {
        from_address: from.address.clone(),
        to_address: to.to_owned(),
        amount: coins(amount),
    })
}

pub fn execute(from: &Person, contract: &str, msg: &Do) -> Any {
    execute_with(from, contract, msg, vec![])
}

pub fn execute_with(from: &Person, contract: &str, msg: &Do, funds: Vec<Coin>) -> Any {
    let msg = serde_json::to_vec(msg).unwrap();
    any(&MsgExecuteContract {
        sender: from.address.clone(),
        contract: contract.to_owned(),
        msg,
        funds,
    })
}

pub fn instantiate(from: &Person, code_id: u64, admin: &str, msg: &impl serde::Serialize) -> Any {
    any(&MsgInstantiateContract {
        sender: from.address.clone(),
        admin: admin.to_owned(),
        code_id,
        label: "probe".to_owned(),
        msg: serde_json::to_vec(msg).unwrap(),
        funds: vec![],
    })
}

pub fn migrate(from: &Person, contract: &str, code_id: u64) -> Any {
    any(&MsgMigrateContract {
        sender: from.address.clone(),
        contract: contract.to_owned(),
        code_id,
        msg: b"{}".to_vec(),
    })
}

impl Plan {
    pub fn new(person: &Person, account_number: u64, sequence: u64, messages: Vec<Any>) -> Self {
        let gas_limit = 2_000_000;
        let mode = mode_info::Single {
            mode: SignMode::Direct as i32,
        };
        let signer = SignerInfo {
            public_key: Some(person.public_key()),
            mode_info: Some(ModeInfo {
                sum: Some(mode_info::Sum::Single(mode)),
            }),
            sequence,
        };
        let fee = Fee {
            amount: coins(gas::minimum_fee(gas_limit)),
            gas_limit,
            ..Fee::default()
        };
        #[allow(deprecated)]
        let auth = AuthInfo {
            signer_infos: vec![signer],
            fee: Some(fee),
            tip: None,
        };
        let body = TxBody {
            messages,
            ..TxBody::default()
        };
        Self {
            body,
            auth,
            chain_id: CHAIN_ID.to_owned(),
            account_number,
        }
    }

    pub fn gas(mut self, limit: u64) -> Self {
        let fee = self.auth.fee.as_mut().unwrap();
        fee.gas_limit = limit;
        fee.amount = coins(gas::minimum_fee(limit));
        self
    }

    pub fn with(mut self, change: impl FnOnce(&mut Self)) -> Self {
        change(&mut self);
        self
    }

    pub fn raw(&self, person: &Person) -> TxRaw {
        let doc = SignDoc {
            body_bytes: self.body.encode_to_vec(),
            auth_info_bytes: self.auth.encode_to_vec(),
            chain_id: self.chain_id.clone(),
            account_number: self.account_number,
        };
        let signature: Signature = person.key.sign(&doc.encode_to_vec());
        TxRaw {
            body_bytes: doc.body_bytes,
            auth_info_bytes: doc.auth_info_bytes,
            signatures: vec![signature.to_vec()],
        }
    }

    pub fn sign(&self, person: &Person) -> Vec<u8> {
        self.raw(person).encode_to_vec()
    }
}

/// A chain whose blocks are made by hand, at a fixed time.
pub struct World {
    pub chain: EmbeddedChain,
    pub alice: Person,
    pub bob: Person,
    pub carol: Person,
    pub dir: TempDir,
}

pub fn config() -> ChainConfig {
    ChainConfig::new(genesis())
        .at(NOON)
        .with_codes(Codes::none().with(probe::code).with(probe::code))
}

impl World {
    pub fn new() -> Self {
        Self::with(config())
    }

    pub fn with(config: ChainConfig) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let chain = EmbeddedChain::open(dir.path(), config).unwrap();
        let [alice, bob, carol] = people();
        Self {
            chain,
            alice,
            bob,
            carol,
            dir,
        }
    }

    pub fn plan(&self, person: &Person, messages: Vec<Any>) -> Plan {
        let (number, sequence) = self.account(&person.address).unwrap_or((99, 0));
        Plan::new(person, number, sequence, messages)
    }

    /// Account number and sequence.
    pub fn account(&self, address: &str) -> Option<(u64, u64)> {
        self.chain.account(address)
    }

    pub fn money(&self, address: &str) -> u128 {
        self.chain.balance(address, FEE_DENOM)
    }

    /// Sends a transaction, makes a block, and says what the transaction did.
    pub fn run(&self, person: &Person, messages: Vec<Any>) -> TxOutcome {
        self.run_bytes(self.plan(person, messages).sign(person))
            .unwrap()
    }

    pub fn run_bytes(&self, bytes: Vec<u8>) -> Result<TxOutcome, Refusal> {
        let hash = self.chain.submit(bytes)?;
        self.chain.produce_block().unwrap();
        Ok(self.chain.outcome(hash).expect("in the block"))
    }

    pub fn submit(&self, bytes: Vec<u8>) -> Result<TxHash, Refusal> {
        self.chain.submit(bytes)
    }

    /// A probe contract, made and administrated by Alice.
    pub fn probe(&self) -> String {
        let made = self.run(
            &self.alice,
            vec![instantiate(
                &self.alice,
                1,
                &self.alice.address,
                &Do::Nothing {},
            )],
        );
        assert_eq!((made.code, made.log.as_str()), (0, ""));
        let event = made
            .events
            .iter()
            .find(|event| event.kind == "instantiate")
            .unwrap();
        event.attribute("_contract_address").unwrap().to_owned()
    }

    pub fn ask<T: DeserializeOwned>(&self, contract: &str, ask: &Ask) -> T {
        let answer = self
            .chain
            .query_contract(contract, &serde_json::to_vec(ask).unwrap())
            .unwrap();
        serde_json::from_slice(&answer).unwrap()
    }

    pub fn value(&self, contract: &str, key: &str) -> Option<String> {
        self.ask(
            contract,
            &Ask::Value {
                key: key.to_owned(),
            },
        )
    }
}
