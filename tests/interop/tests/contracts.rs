//! The contracts, driven by the message types of the published crates and read through their response types: a
//! published client sees nothing that it does not know.

#![allow(missing_docs)]

use cosmwasm_std::{Addr, Coin, Decimal, Timestamp, coin, coins, testing::MockApi};
use cw_multi_test::{App, AppBuilder, AppResponse, BankSudo, ContractWrapper, Executor, SudoMsg};
use cw_utils::{Duration, Threshold};
use cw3::{ProposalResponse, Status, Vote};
use cw4::{Member, MemberResponse};
use nym_coconut_dkg_common as dkg;
use nym_coconut_dkg_common::types::EpochState;
use nym_ecash_contract_common as ecash;
use nym_group_contract_common::msg as group_msg;
use nym_multisig_contract_common as multisig;
use serde::{Serialize, de::DeserializeOwned};

const SIGNERS: u32 = 4;
const KEY: &str = "GmaDrppBC7P5ARKV8g3djiwP89vz1jLK23V2GBjuAEGB";

fn addr(name: &str) -> Addr {
    MockApi::default().with_prefix("n").addr_make(name)
}

fn signer(n: u32) -> Addr {
    addr(&format!("signer {n}"))
}

struct World {
    app: App,
    group: Addr,
    multisig: Addr,
    dkg: Addr,
    ecash: Addr,
}

impl World {
    /// The four contracts in the order of a deployment, every message a published one.
    fn deployed() -> Self {
        let mut app = AppBuilder::new()
            .with_api(MockApi::default().with_prefix("n"))
            .build(|_, _, _| {});
        let group_code = app.store_code(Box::new(
            ContractWrapper::new(
                group_contract::contract::execute,
                group_contract::contract::instantiate,
                group_contract::contract::query,
            )
            .with_migrate(group_contract::contract::migrate),
        ));
        let multisig_code = app.store_code(Box::new(
            ContractWrapper::new(
                multisig_contract::contract::execute,
                multisig_contract::contract::instantiate,
                multisig_contract::contract::query,
            )
            .with_migrate(multisig_contract::contract::migrate),
        ));
        let dkg_code = app.store_code(Box::new(
            ContractWrapper::new(
                dkg_contract::contract::execute,
                dkg_contract::contract::instantiate,
                dkg_contract::contract::query,
            )
            .with_reply(dkg_contract::contract::reply)
            .with_migrate(dkg_contract::contract::migrate),
        ));
        let ecash_code = app.store_code(Box::new(
            ContractWrapper::new(
                ecash_contract::contract::execute,
                ecash_contract::contract::instantiate,
                ecash_contract::contract::query,
            )
            .with_migrate(ecash_contract::contract::migrate),
        ));

        let admin = addr("admin");
        let owner = Some(admin.to_string());
        let msg = group_msg::InstantiateMsg {
            admin: owner.clone(),
            members: (0..SIGNERS)
                .map(|n| Member {
                    addr: signer(n).to_string(),
                    weight: 1,
                })
                .collect(),
        };
        let group = app
            .instantiate_contract(group_code, admin.clone(), &msg, &[], "group", owner.clone())
            .unwrap();
        let msg = multisig::msg::InstantiateMsg {
            group_addr: group.to_string(),
            coconut_bandwidth_contract_address: admin.to_string(),
            coconut_dkg_contract_address: admin.to_string(),
            threshold: Threshold::AbsolutePercentage {
                percentage: Decimal::percent(67),
            },
            max_voting_period: Duration::Time(86_400),
            executor: None,
            proposal_deposit: None,
        };
        let multisig = app
            .instantiate_contract(
                multisig_code,
                admin.clone(),
                &msg,
                &[],
                "multisig",
                owner.clone(),
            )
            .unwrap();
        let msg = dkg::msg::InstantiateMsg {
            group_addr: group.to_string(),
            multisig_addr: multisig.to_string(),
            time_configuration: None,
            mix_denom: "unym".into(),
            key_size: 5,
        };
        let dkg = app
            .instantiate_contract(dkg_code, admin.clone(), &msg, &[], "dkg", owner.clone())
            .unwrap();
        let msg = ecash::msg::InstantiateMsg {
            holding_account: addr("holding").to_string(),
            multisig_addr: multisig.to_string(),
            group_addr: group.to_string(),
            deposit_amount: coin(75_000_000, "unym"),
        };
        let ecash = app
            .instantiate_contract(ecash_code, admin.clone(), &msg, &[], "ecash", owner)
            .unwrap();
        let msg = multisig::msg::MigrateMsg {
            coconut_bandwidth_address: ecash.to_string(),
            coconut_dkg_address: dkg.to_string(),
        };
        app.migrate_contract(admin.clone(), multisig.clone(), &msg, multisig_code)
            .unwrap();
        let msg = ecash::msg::MigrateMsg {
            initial_whitelist: vec![ecash::msg::WhitelistedDeposit {
                address: addr("reduced").to_string(),
                deposit: coin(40_000_000, "unym"),
            }],
        };
        app.migrate_contract(admin.clone(), ecash.clone(), &msg, ecash_code)
            .unwrap();
        app.migrate_contract(
            admin,
            dkg.clone(),
            &dkg::msg::MigrateMsg::default(),
            dkg_code,
        )
        .unwrap();
        let mut world = Self {
            app,
            group,
            multisig,
            dkg,
            ecash,
        };
        world.wait(1);
        world
    }

    fn wait(&mut self, secs: u64) {
        self.app.update_block(|block| {
            block.height += 1;
            block.time = block.time.plus_seconds(secs);
        });
    }

    fn now(&self) -> Timestamp {
        self.app.block_info().time
    }

    fn ask<T: DeserializeOwned>(&self, contract: &Addr, msg: &impl Serialize) -> T {
        self.app.wrap().query_wasm_smart(contract, msg).unwrap()
    }

    fn epoch(&self) -> dkg::types::Epoch {
        self.ask(&self.dkg, &dkg::msg::QueryMsg::GetCurrentEpochState {})
    }

    fn dkg(&mut self, sender: &Addr, msg: &dkg::msg::ExecuteMsg) -> AppResponse {
        let contract = self.dkg.clone();
        self.app
            .execute_contract(sender.clone(), contract, msg, &[])
            .unwrap()
    }

    fn multisig(&mut self, sender: &Addr, msg: &multisig::msg::ExecuteMsg) {
        let contract = self.multisig.clone();
        self.app
            .execute_contract(sender.clone(), contract, msg, &[])
            .unwrap();
    }

    /// Waits until a published client would say that the phase can be left, and leaves it.
    fn next_phase(&mut self) {
        let state: dkg::types::StateAdvanceResponse =
            self.ask(&self.dkg, &dkg::msg::QueryMsg::CanAdvanceState {});
        if !state.can_advance() {
            let end = state.deadline.unwrap();
            self.wait(end.seconds() - self.now().seconds());
        }
        self.dkg(&addr("anyone"), &dkg::msg::ExecuteMsg::AdvanceEpochState {});
    }
}

fn attribute(response: &AppResponse, event: &str, key: &str) -> String {
    response
        .events
        .iter()
        .filter(|e| e.ty == event)
        .find_map(|e| e.attributes.iter().find(|a| a.key == key))
        .unwrap()
        .value
        .clone()
}

#[test]
fn a_published_client_deposits_and_reads_every_answer_of_the_ecash_contract() {
    let mut world = World::deployed();
    for (payer, amount) in [("payer", 75_000_000), ("reduced", 40_000_000)] {
        let mint = BankSudo::Mint {
            to_address: addr(payer).to_string(),
            amount: coins(amount, "unym"),
        };
        world.app.sudo(SudoMsg::Bank(mint)).unwrap();
        let msg = ecash::msg::ExecuteMsg::DepositTicketBookFunds {
            identity_key: KEY.into(),
        };
        let contract = world.ecash.clone();
        let response = world
            .app
            .execute_contract(addr(payer), contract, &msg, &coins(amount, "unym"))
            .unwrap();
        let id = u32::from_be_bytes(
            response
                .data
                .clone()
                .unwrap()
                .as_slice()
                .try_into()
                .unwrap(),
        );
        let named = attribute(
            &response,
            &format!("wasm-{}", ecash::events::DEPOSITED_FUNDS_EVENT_TYPE),
            ecash::events::DEPOSIT_ID,
        );
        assert_eq!(named, id.to_string());
    }

    use ecash::msg::QueryMsg;
    let ecash = &world.ecash;
    let price: Coin = world.ask(ecash, &QueryMsg::GetDefaultDepositAmount {});
    assert_eq!(price, coin(75_000_000, "unym"));
    let reduced: Option<Coin> = world.ask(
        ecash,
        &QueryMsg::GetReducedDepositAmount {
            address: addr("reduced").to_string(),
        },
    );
    assert_eq!(reduced, Some(coin(40_000_000, "unym")));
    let list: ecash::reduced_deposit::WhitelistedAccountsResponse =
        world.ask(ecash, &QueryMsg::GetAllWhitelistedAccounts {});
    assert_eq!(list.whitelisted_accounts.len(), 1);
    let deposit: ecash::deposit::DepositResponse =
        world.ask(ecash, &QueryMsg::GetDeposit { deposit_id: 1 });
    assert_eq!(deposit.deposit.unwrap().bs58_encoded_ed25519_pubkey, KEY);
    let latest: ecash::deposit::LatestDepositResponse =
        world.ask(ecash, &QueryMsg::GetLatestDeposit {});
    assert_eq!(latest.deposit.unwrap().id, 1);
    let page: ecash::deposit::PagedDepositsResponse = world.ask(
        ecash,
        &QueryMsg::GetDepositsPaged {
            limit: None,
            start_after: None,
        },
    );
    assert_eq!(page.deposits.len(), 2);
    assert_eq!(page.start_next_after, None);
    let statistics: ecash::deposit_statistics::DepositsStatistics =
        world.ask(ecash, &QueryMsg::GetDepositsStatistics {});
    assert_eq!(statistics.total_deposits_made, 2);
    assert_eq!(statistics.total_deposits_made_with_custom_price, 1);
    assert_eq!(
        statistics.deposited_with_custom_price[addr("reduced").as_str()],
        coin(40_000_000, "unym")
    );
    let listed: ecash::blacklist::BlacklistedAccountResponse = world.ask(
        ecash,
        &QueryMsg::GetBlacklistedAccount {
            public_key: "key".into(),
        },
    );
    assert_eq!(listed.account, None);
    let page: ecash::blacklist::PagedBlacklistedAccountResponse = world.ask(
        ecash,
        &QueryMsg::GetBlacklistPaged {
            limit: None,
            start_after: None,
        },
    );
    assert_eq!(page.per_page, 50);
}

#[test]
fn published_signers_run_a_ceremony_to_keys_in_service() {
    use dkg::msg::{ExecuteMsg, QueryMsg};
    let mut world = World::deployed();
    world.dkg(&addr("admin"), &ExecuteMsg::InitiateDkg {});
    for n in 0..SIGNERS {
        let msg = ExecuteMsg::RegisterDealer {
            bte_key_with_proof: "none-v1-".into(),
            identity_key: KEY.into(),
            announce_address: format!("https://signer{n}.example"),
            resharing: false,
        };
        let response = world.dkg(&signer(n), &msg);
        let index = attribute(&response, "wasm", dkg::event_attributes::NODE_INDEX);
        assert_eq!(index, (n + 1).to_string());
    }
    world.next_phase();
    let threshold: Option<u64> = world.ask(&world.dkg, &QueryMsg::GetCurrentEpochThreshold {});
    assert_eq!(threshold, Some(3));
    world.next_phase();

    let mut proposals = Vec::new();
    for n in 0..SIGNERS {
        let msg = ExecuteMsg::CommitVerificationKeyShare {
            share: bs58::encode(vec![u8::try_from(n).unwrap() + 1; 680]).into_string(),
            resharing: false,
        };
        let response = world.dkg(&signer(n), &msg);
        let id = attribute(&response, "wasm", dkg::event_attributes::DKG_PROPOSAL_ID);
        proposals.push(id.parse::<u64>().unwrap());
    }
    world.next_phase();
    for (n, proposal_id) in (0..).zip(proposals) {
        let proposal: ProposalResponse = world.ask(
            &world.multisig,
            &multisig::msg::QueryMsg::Proposal { proposal_id },
        );
        let owner = dkg::verification_key::owner_from_cosmos_msgs(&proposal.msgs);
        assert_eq!(owner, Some(signer(n).to_string()));
        for voter in 0..3 {
            let vote = multisig::msg::ExecuteMsg::Vote {
                proposal_id,
                vote: Vote::Yes,
            };
            world.multisig(&signer(voter), &vote);
        }
        let execute = multisig::msg::ExecuteMsg::Execute { proposal_id };
        world.multisig(&signer(n), &execute);
        let proposal: ProposalResponse = world.ask(
            &world.multisig,
            &multisig::msg::QueryMsg::Proposal { proposal_id },
        );
        assert_eq!(proposal.status, Status::Executed);
    }
    world.next_phase();
    world.next_phase();

    let epoch = world.epoch();
    assert_eq!(epoch.state, EpochState::InProgress);
    assert_eq!(epoch.issuing_epoch_id(), Some(0));
    assert!(epoch.is_ceremony_concluded(0));
    assert_eq!(epoch.ceremony_concluded_at, Some(world.now()));
    let shares: dkg::verification_key::PagedVKSharesResponse = world.ask(
        &world.dkg,
        &QueryMsg::GetVerificationKeys {
            epoch_id: 0,
            limit: None,
            start_after: None,
        },
    );
    assert_eq!(shares.shares.len(), 4);
    assert!(shares.shares.iter().all(|share| share.verified));
}

#[test]
fn published_types_read_every_answer_about_dealers() {
    use dkg::msg::{ExecuteMsg, QueryMsg};
    let mut world = World::deployed();
    world.dkg(&addr("admin"), &ExecuteMsg::InitiateDkg {});
    let msg = ExecuteMsg::RegisterDealer {
        bte_key_with_proof: "none-v1-".into(),
        identity_key: KEY.into(),
        announce_address: "https://signer.example".into(),
        resharing: false,
    };
    world.dkg(&signer(0), &msg);
    let dkg = &world.dkg;

    let state: dkg::types::State = world.ask(dkg, &QueryMsg::GetState {});
    assert_eq!(state.key_size, 5);
    let height = world.app.block_info().height;
    let _at: Option<dkg::types::Epoch> =
        world.ask(dkg, &QueryMsg::GetEpochStateAtHeight { height });
    let none: Option<u64> = world.ask(dkg, &QueryMsg::GetEpochThreshold { epoch_id: 0 });
    assert_eq!(none, None);
    let registered: dkg::dealer::RegisteredDealerDetails = world.ask(
        dkg,
        &QueryMsg::GetRegisteredDealer {
            dealer_address: signer(0).to_string(),
            epoch_id: None,
        },
    );
    assert_eq!(registered.details.unwrap().ed25519_identity, KEY);
    let details: dkg::dealer::DealerDetailsResponse = world.ask(
        dkg,
        &QueryMsg::GetDealerDetails {
            dealer_address: signer(0).to_string(),
        },
    );
    assert!(details.dealer_type.is_current());
    let addresses: dkg::dealer::PagedDealerAddressesResponse = world.ask(
        dkg,
        &QueryMsg::GetEpochDealersAddresses {
            epoch_id: 0,
            limit: None,
            start_after: None,
        },
    );
    assert_eq!(addresses.dealers, [signer(0)]);
    for query in [
        QueryMsg::GetCurrentDealers {
            limit: None,
            start_after: None,
        },
        QueryMsg::GetEpochDealers {
            epoch_id: 0,
            limit: None,
            start_after: None,
        },
    ] {
        let dealers: dkg::dealer::PagedDealerResponse = world.ask(dkg, &query);
        assert_eq!(dealers.dealers[0].assigned_index, 1);
    }
    let indices: dkg::dealer::PagedDealerIndexResponse = world.ask(
        dkg,
        &QueryMsg::GetDealerIndices {
            limit: None,
            start_after: None,
        },
    );
    assert_eq!(indices.indices, [(signer(0), 1)]);
    let share: dkg::verification_key::VkShareResponse = world.ask(
        dkg,
        &QueryMsg::GetVerificationKey {
            epoch_id: 0,
            owner: signer(0).to_string(),
        },
    );
    assert!(share.share.is_none());
    let version: cw2::ContractVersion = world.ask(dkg, &QueryMsg::GetCW2ContractVersion {});
    assert_eq!(version.contract, "crate:nym-coconut-dkg");
}

#[test]
fn published_types_read_group_and_multisig() {
    let world = World::deployed();
    let member: MemberResponse = world.ask(
        &world.group,
        &group_msg::QueryMsg::Member {
            addr: signer(0).to_string(),
            at_height: None,
        },
    );
    assert_eq!(member.weight, Some(1));
    let config: multisig::state::Config =
        world.ask(&world.multisig, &multisig::msg::QueryMsg::Config {});
    assert_eq!(config.coconut_dkg_addr, world.dkg);
    assert_eq!(config.coconut_bandwidth_addr, world.ecash);
}
