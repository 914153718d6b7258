//! A chain with one ecash contract. Every message is followed by the ledger's invariants (`spec/contracts.md` 6.6.8);
//! a refused one must have changed nothing, neither storage nor balances.

#![allow(
    dead_code,
    unreachable_pub,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::cast_possible_truncation,
    missing_docs
)]

use std::collections::{BTreeMap, BTreeSet};

use cosmwasm_std::{
    Addr, BlockInfo, Coin, Record, Timestamp, Uint128, coin, from_json, testing::MockApi,
};
use cw_multi_test::{App, AppBuilder, AppResponse, BankSudo, ContractWrapper, Executor, SudoMsg};
use ecash_contract::{ContractError, contract};
use ecash_contract_messages::ecash::*;
use ed25519_dalek::{Signer, SigningKey};
use serde::de::DeserializeOwned;

pub const DENOM: &str = "unym";
pub const PRICE: u128 = 75_000_000;
pub const CHAIN_ID: &str = "test-chain";
/// 2026-11-24 00:00:00 UTC.
pub const DAY_ZERO: u64 = 1_795_478_400;

pub struct World {
    pub app: App,
    pub ecash: Addr,
    pub admin: Addr,
    pub multisig: Addr,
    pub code_id: u64,
}

/// An address of this chain.
pub fn addr(name: &str) -> Addr {
    MockApi::default().with_prefix("n").addr_make(name)
}

pub fn unym(amount: u128) -> Vec<Coin> {
    vec![coin(amount, DENOM)]
}

/// The identity key made from 32 times one byte.
pub fn signing_key(seed: u8) -> SigningKey {
    SigningKey::from_bytes(&[seed; 32])
}

pub fn identity(key: &SigningKey) -> String {
    bs58::encode(key.verifying_key().to_bytes()).into_string()
}

pub fn deposit_msg(seed: u8) -> ExecuteMsg {
    ExecuteMsg::DepositTicketBookFunds {
        identity_key: identity(&signing_key(seed)),
    }
}

impl World {
    pub fn new() -> Self {
        Self::with(PRICE, None)
    }

    pub fn with(price: u128, appeal_period_secs: Option<u64>) -> Self {
        let mut app = AppBuilder::new()
            .with_api(MockApi::default().with_prefix("n"))
            .with_block(BlockInfo {
                height: 100,
                time: Timestamp::from_seconds(DAY_ZERO),
                chain_id: CHAIN_ID.to_owned(),
            })
            .build(|_, _, _| {});
        let code = ContractWrapper::new(contract::execute, contract::instantiate, contract::query)
            .with_migrate(contract::migrate);
        let code_id = app.store_code(Box::new(code));
        let admin = addr("admin");
        let multisig = addr("multisig");
        let msg = InstantiateMsg {
            holding_account: addr("holding").to_string(),
            multisig_addr: multisig.to_string(),
            group_addr: addr("group").to_string(),
            deposit_amount: coin(price, DENOM),
            appeal_period_secs,
        };
        let ecash = app
            .instantiate_contract(
                code_id,
                admin.clone(),
                &msg,
                &[],
                "ecash",
                Some(admin.to_string()),
            )
            .unwrap();
        let world = Self {
            app,
            ecash,
            admin,
            multisig,
            code_id,
        };
        world.check_invariants();
        world
    }

    /// Gives an account money out of nothing.
    pub fn fund(&mut self, account: &Addr, coins: &[Coin]) {
        let mint = BankSudo::Mint {
            to_address: account.to_string(),
            amount: coins.to_vec(),
        };
        self.app.sudo(SudoMsg::Bank(mint)).unwrap();
    }

    pub fn now(&self) -> u64 {
        self.app.block_info().time.seconds()
    }

    pub fn set_time(&mut self, secs: u64) {
        self.app.update_block(|block| {
            block.height += 1;
            block.time = Timestamp::from_seconds(secs);
        });
    }

    pub fn wait(&mut self, secs: u64) {
        self.set_time(self.now() + secs);
    }

    pub fn storage(&self) -> Vec<Record> {
        self.app.dump_wasm_raw(&self.ecash)
    }

    pub fn balance(&self, account: &Addr, denom: &str) -> u128 {
        let balance = self.app.wrap().query_balance(account, denom).unwrap();
        balance.amount.u128()
    }

    /// Sends a message and asserts what must hold after each.
    pub fn send(
        &mut self,
        sender: &Addr,
        msg: &ExecuteMsg,
        funds: &[Coin],
    ) -> Result<AppResponse, ContractError> {
        let before = Snapshot::of(self, sender);
        let outcome = self.send_unchecked(sender, msg, funds);
        let after = Snapshot::of(self, sender);
        match &outcome {
            Ok(_) => after.check_change(&before),
            Err(_) => assert_eq!(before, after, "a refused message changed something"),
        }
        self.check_invariants();
        outcome
    }

    /// Sends a message without looking at the consequences.
    pub fn send_unchecked(
        &mut self,
        sender: &Addr,
        msg: &ExecuteMsg,
        funds: &[Coin],
    ) -> Result<AppResponse, ContractError> {
        self.app
            .execute_contract(sender.clone(), self.ecash.clone(), msg, funds)
            .map_err(|error| {
                error
                    .downcast::<ContractError>()
                    .expect("not an error of the contract")
            })
    }

    pub fn send_as_admin(&mut self, msg: &ExecuteMsg) -> Result<AppResponse, ContractError> {
        self.send(&self.admin.clone(), msg, &[])
    }

    /// Deposits the default price for the key of a seed.
    pub fn deposit(&mut self, payer: &Addr, seed: u8) -> Result<AppResponse, ContractError> {
        self.deposit_amount(payer, seed, PRICE)
    }

    pub fn deposit_amount(
        &mut self,
        payer: &Addr,
        seed: u8,
        amount: u128,
    ) -> Result<AppResponse, ContractError> {
        self.fund(payer, &unym(amount));
        self.send(payer, &deposit_msg(seed), &unym(amount))
    }

    pub fn set_reduced(
        &mut self,
        account: &Addr,
        amount: u128,
    ) -> Result<AppResponse, ContractError> {
        self.send_as_admin(&ExecuteMsg::SetReducedDepositPrice {
            address: account.to_string(),
            deposit: coin(amount, DENOM),
        })
    }

    pub fn set_default(&mut self, amount: u128) -> Result<AppResponse, ContractError> {
        self.send_as_admin(&ExecuteMsg::UpdateDefaultDepositValue {
            new_deposit: coin(amount, DENOM),
        })
    }

    pub fn proof(&self, key: &SigningKey, sender: &Addr) -> Vec<u8> {
        let message =
            gateway_proof_message(CHAIN_ID, self.ecash.as_str(), sender.as_str()).unwrap();
        key.sign(&message).to_bytes().to_vec()
    }

    pub fn registration(&self, account: &Addr, key: &SigningKey) -> ExecuteMsg {
        ExecuteMsg::RegisterGateway {
            identity_key: identity(key),
            announce_address: "https://gateway.example".into(),
            roles: vec!["v1-mixnet-entry".into(), "v1-wireguard-exit".into()],
            proof: self.proof(key, account).into(),
        }
    }

    pub fn rotation(&self, account: &Addr, key: &SigningKey) -> ExecuteMsg {
        ExecuteMsg::RotateGatewayIdentity {
            identity_key: identity(key),
            proof: self.proof(key, account).into(),
        }
    }

    pub fn register(&mut self, account: &Addr, seed: u8) -> Result<AppResponse, ContractError> {
        let msg = self.registration(account, &signing_key(seed));
        self.send(account, &msg, &[])
    }

    pub fn rotate(&mut self, account: &Addr, seed: u8) -> Result<AppResponse, ContractError> {
        let msg = self.rotation(account, &signing_key(seed));
        self.send(account, &msg, &[])
    }

    pub fn admit(&mut self, account: &Addr) -> Result<AppResponse, ContractError> {
        self.send_as_admin(&ExecuteMsg::AdmitGateway {
            address: account.to_string(),
        })
    }

    pub fn suspend(&mut self, account: &Addr) -> Result<AppResponse, ContractError> {
        self.send_as_admin(&ExecuteMsg::SuspendGateway {
            address: account.to_string(),
        })
    }

    pub fn gateway(&self, account: &Addr) -> Option<Gateway> {
        let answer: GatewayResponse = self.query(&QueryMsg::GetGateway {
            address: account.to_string(),
        });
        answer.gateway
    }

    pub fn gateway_by_key(&self, key: &SigningKey) -> Option<Gateway> {
        let answer: GatewayResponse = self.query(&QueryMsg::GetGatewayByIdentity {
            identity_key: identity(key),
        });
        answer.gateway
    }

    pub fn query<T: DeserializeOwned>(&self, msg: &QueryMsg) -> T {
        self.try_query(msg).unwrap()
    }

    pub fn try_query<T: DeserializeOwned>(&self, msg: &QueryMsg) -> Result<T, String> {
        self.app
            .wrap()
            .query_wasm_smart(&self.ecash, msg)
            .map_err(|error| error.to_string())
    }

    pub fn ledger(&self) -> LedgerResponse {
        self.query(&QueryMsg::GetLedger {})
    }

    pub fn statistics(&self) -> DepositsStatistics {
        self.query(&QueryMsg::GetDepositsStatistics {})
    }

    pub fn reduced_prices(&self) -> Vec<ReducedPrice> {
        let answer: WhitelistedAccountsResponse =
            self.query(&QueryMsg::GetAllWhitelistedAccounts {});
        answer.whitelisted_accounts
    }

    pub fn default_price(&self) -> u128 {
        let price: Coin = self.query(&QueryMsg::GetDefaultDepositAmount {});
        price.amount.u128()
    }

    pub fn all_deposits(&self) -> Vec<DepositRecord> {
        let mut all = Vec::new();
        let mut start_after = None;
        loop {
            let page: PagedDepositInfosResponse = self.query(&QueryMsg::GetDepositInfosPaged {
                limit: Some(100),
                start_after,
            });
            all.extend(page.deposits);
            start_after = page.start_next_after;
            if start_after.is_none() {
                return all;
            }
        }
    }

    pub fn all_days(&self) -> Vec<DayDeposits> {
        let mut all = Vec::new();
        let mut start_after = None;
        loop {
            let page: PagedDayDepositsResponse = self.query(&QueryMsg::GetDayDepositsPaged {
                limit: Some(100),
                start_after,
            });
            all.extend(page.days);
            start_after = page.start_next_after;
            if start_after.is_none() {
                return all;
            }
        }
    }

    pub fn price_history(&self) -> Vec<PriceEntry> {
        let mut all = Vec::new();
        let mut start_after = None;
        loop {
            let page: PriceHistoryResponse = self.query(&QueryMsg::GetPriceHistory {
                limit: Some(100),
                start_after,
            });
            all.extend(page.entries);
            start_after = page.start_next_after;
            if start_after.is_none() {
                return all;
            }
        }
    }

    pub fn listed_gateways(&self) -> Vec<Gateway> {
        let mut all = Vec::new();
        let mut start_after = None;
        loop {
            let page: PagedGatewaysResponse = self.query(&QueryMsg::GetGatewaysPaged {
                limit: Some(100),
                start_after,
            });
            all.extend(page.gateways);
            start_after = page.start_next_after;
            if start_after.is_none() {
                return all;
            }
        }
    }

    pub fn changes(&self) -> Vec<Change> {
        let mut all = Vec::new();
        let mut start_after = None;
        loop {
            let page: PagedChangesResponse = self.query(&QueryMsg::GetChangesPaged {
                limit: Some(500),
                start_after,
            });
            all.extend(page.changes);
            start_after = page.start_next_after;
            if start_after.is_none() {
                return all;
            }
        }
    }

    /// L1 … L10.
    pub fn check_invariants(&self) {
        let ledger = self.ledger();
        let deposits = self.all_deposits();
        let sum_in = |state: DepositState| -> Uint128 {
            let of_state = deposits.iter().filter(|d| d.info.state == state);
            of_state.map(|d| d.info.amount).sum()
        };

        assert_eq!(
            ledger.deposited,
            ledger.balance + ledger.paid + ledger.refunded + ledger.swept,
            "L1"
        );
        assert!(ledger.balance >= ledger.reserved + ledger.withheld, "L2");
        assert!(
            self.balance(&self.ecash, DENOM) >= ledger.balance.u128(),
            "L3"
        );
        self.check_deposit_totals(&ledger, &deposits);
        assert_eq!(ledger.withheld, sum_in(DepositState::Withheld), "L5");
        assert_eq!(ledger.refunded, sum_in(DepositState::Refunded), "L5");
        assert!(ledger.reserved.is_zero() && ledger.paid.is_zero(), "L6");
        assert_eq!(ledger.tickets_settled, 0, "L6, L7");
        self.check_prices();
        self.check_gateways();
    }

    /// L4, and the reference's statistics.
    fn check_deposit_totals(&self, ledger: &LedgerResponse, deposits: &[DepositRecord]) {
        let count = u32::try_from(deposits.len()).unwrap();
        let days = self.all_days();
        let sum: Uint128 = deposits.iter().map(|d| d.info.amount).sum();
        assert_eq!(ledger.deposited, sum, "L4");
        assert_eq!(
            ledger.deposited,
            days.iter().map(|d| d.amount).sum::<Uint128>(),
            "L4"
        );
        assert_eq!(ledger.deposits, count, "L4");
        assert_eq!(count, days.iter().map(|d| d.count).sum::<u32>(), "L4");
        for (id, deposit) in (0..).zip(deposits) {
            assert_eq!(deposit.id, id, "L4: ids have no gaps");
        }

        let statistics = self.statistics();
        assert_eq!(statistics.total_deposits_made, count);
        assert_eq!(statistics.total_deposited.amount, ledger.deposited);
        assert_eq!(
            statistics.total_deposits_made_with_default_price
                + statistics.total_deposits_made_with_custom_price,
            count
        );
        assert_eq!(
            statistics
                .deposits_made_with_custom_price
                .values()
                .sum::<u32>(),
            statistics.total_deposits_made_with_custom_price
        );
        assert_eq!(
            statistics
                .deposited_with_custom_price
                .values()
                .map(|coin| coin.amount)
                .sum::<Uint128>(),
            statistics.total_deposited_with_custom_price.amount
        );
        assert_eq!(
            statistics.total_deposited_with_default_price.amount
                + statistics.total_deposited_with_custom_price.amount,
            ledger.deposited
        );
    }

    /// L8.
    fn check_prices(&self) {
        let default = self.default_price();
        let reduced = self.reduced_prices();
        assert!(reduced.len() <= 100);
        for price in &reduced {
            let amount = price.deposit.amount.u128();
            assert!(2 * amount >= default && amount < default, "L8: {price:?}");
        }
        let lowest = reduced
            .iter()
            .map(|price| price.deposit.amount.u128())
            .fold(default, u128::min);
        let history = self.price_history();
        assert_eq!(history.last().unwrap().lowest.u128(), lowest, "L8");
        for pair in history.windows(2) {
            assert_ne!(pair[0].lowest, pair[1].lowest, "only changes are recorded");
            assert!(pair[0].time <= pair[1].time);
        }
    }

    /// L9, L10.
    fn check_gateways(&self) {
        let storage = self.storage();
        let keys: BTreeMap<Vec<u8>, Addr> = entries(&storage, "gateway_keys");
        let known: BTreeMap<Vec<u8>, Gateway> = entries(&storage, "gateways");
        let pending: BTreeMap<Vec<u8>, Gateway> = entries(&storage, "pending_gateways");
        for gateway in known.values().chain(pending.values()) {
            let mut own = vec![gateway.identity_key.clone()];
            own.extend(
                gateway
                    .previous_identity
                    .iter()
                    .map(|p| p.identity_key.clone()),
            );
            for key in own {
                let key = bs58::decode(key).into_vec().unwrap();
                assert_eq!(keys.get(&key), Some(&gateway.address), "L9");
            }
        }
        for owner in keys.values() {
            let owner = owner.as_bytes();
            assert!(
                known.contains_key(owner) != pending.contains_key(owner),
                "L9: a key's gateway stands in exactly one list"
            );
        }
        assert!(
            pending.values().all(|g| g.state == GatewayState::Pending),
            "L10"
        );
        assert!(
            known.values().all(|g| g.state != GatewayState::Pending),
            "L10"
        );
        let listed = self.listed_gateways();
        assert_eq!(listed, known.into_values().collect::<Vec<_>>(), "L10");
        let named: BTreeSet<String> = self
            .changes()
            .into_iter()
            .filter(|change| change.kind == ChangeKind::Gateway)
            .map(|change| change.key)
            .collect();
        let listed: BTreeSet<String> = listed.iter().map(|g| g.address.to_string()).collect();
        assert_eq!(named, listed, "L10");
    }
}

/// The entries of a map with one key part, by that key.
pub fn entries<T: DeserializeOwned>(storage: &[Record], namespace: &str) -> BTreeMap<Vec<u8>, T> {
    let mut prefix = u16::try_from(namespace.len())
        .unwrap()
        .to_be_bytes()
        .to_vec();
    prefix.extend_from_slice(namespace.as_bytes());
    storage
        .iter()
        .filter_map(|(key, value)| {
            let key = key.strip_prefix(prefix.as_slice())?;
            Some((key.to_vec(), from_json(value).unwrap()))
        })
        .collect()
}

/// What a message may change, and what it must not.
#[derive(Debug, PartialEq)]
struct Snapshot {
    storage: Vec<Record>,
    ledger: LedgerResponse,
    changes: Vec<Change>,
    contract_balance: u128,
    sender_balance: u128,
}

impl Snapshot {
    fn of(world: &World, sender: &Addr) -> Self {
        Self {
            storage: world.storage(),
            ledger: world.ledger(),
            changes: world.changes(),
            contract_balance: world.balance(&world.ecash, DENOM),
            sender_balance: world.balance(sender, DENOM),
        }
    }

    /// L10: a changed record has its entry in the log, and the log only grows. L11: nothing leaves the pool.
    fn check_change(&self, before: &Self) {
        assert!(self.changes.starts_with(&before.changes), "L10");
        let new: BTreeSet<&str> = self.changes[before.changes.len()..]
            .iter()
            .map(|change| change.key.as_str())
            .collect();
        let old_gateways: BTreeMap<Vec<u8>, Gateway> = entries(&before.storage, "gateways");
        for (key, gateway) in entries::<Gateway>(&self.storage, "gateways") {
            let changed = old_gateways.get(&key) != Some(&gateway);
            assert_eq!(changed, new.contains(gateway.address.as_str()), "L10");
        }
        for (now, then) in [
            (self.ledger.paid, before.ledger.paid),
            (self.ledger.refunded, before.ledger.refunded),
            (self.ledger.swept, before.ledger.swept),
            (self.ledger.reserved, before.ledger.reserved),
            (self.ledger.withheld, before.ledger.withheld),
        ] {
            assert_eq!(now, then, "L11");
        }
        let came_in = (self.ledger.deposited - before.ledger.deposited).u128();
        assert_eq!(self.contract_balance - before.contract_balance, came_in);
        assert_eq!(before.sender_balance - self.sender_balance, came_in);
    }
}

/// The value of an attribute in the first event of a type.
pub fn attribute(response: &AppResponse, event: &str, key: &str) -> String {
    let event = response
        .events
        .iter()
        .find(|e| e.ty == event)
        .unwrap_or_else(|| panic!("no event {event}"));
    let attribute = event.attributes.iter().find(|a| a.key == key);
    attribute
        .unwrap_or_else(|| panic!("no {key}"))
        .value
        .clone()
}
