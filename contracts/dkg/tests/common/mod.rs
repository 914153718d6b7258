//! A chain with group, multisig and DKG contract. After every message the counters of the epoch are compared with the
//! records; a refused message must have changed nothing.

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

use cosmwasm_std::{Addr, BlockInfo, Decimal, Record, Timestamp, from_json, testing::MockApi};
use cw_multi_test::{App, AppBuilder, AppResponse, ContractWrapper, Executor};
use cw_utils::{Duration, Threshold};
use cw3::Vote;
use cw4::Member;
use dkg_contract::{ContractError, contract};
use ecash_contract_messages::{dkg::*, group, multisig};
use serde::de::DeserializeOwned;

pub const START: u64 = 1_795_478_400;

pub const TIMES: TimeConfiguration = TimeConfiguration {
    public_key_submission_time_secs: 100,
    dealing_exchange_time_secs: 200,
    verification_key_submission_time_secs: 300,
    verification_key_validation_time_secs: 400,
    verification_key_finalization_time_secs: 500,
    in_progress_time_secs: 600,
};

pub struct World {
    pub app: App,
    pub group: Addr,
    pub multisig: Addr,
    pub dkg: Addr,
    pub dkg_code: u64,
}

pub fn addr(name: &str) -> Addr {
    MockApi::default().with_prefix("n").addr_make(name)
}

pub fn admin() -> Addr {
    addr("admin")
}

pub fn dealer(n: u32) -> Addr {
    addr(&format!("dealer {n}"))
}

/// Base58 of a number of equal bytes.
pub fn share_of(length: usize, byte: u8) -> String {
    bs58::encode(vec![byte; length]).into_string()
}

pub fn share(n: u32) -> String {
    share_of(680, u8::try_from(n).unwrap() + 1)
}

pub fn instantiate_msg(group: &Addr, multisig: &Addr) -> InstantiateMsg {
    InstantiateMsg {
        group_addr: group.to_string(),
        multisig_addr: multisig.to_string(),
        time_configuration: Some(TIMES),
        mix_denom: "unym".into(),
        key_size: 5,
        acknowledgement_time_secs: Some(150),
        min_dealers: None,
    }
}

pub fn registration(resharing: bool) -> ExecuteMsg {
    ExecuteMsg::RegisterDealer {
        bte_key_with_proof: "none-v1-".into(),
        identity_key: "k".repeat(44),
        announce_address: "https://signer.example".into(),
        resharing,
    }
}

impl World {
    pub fn new(dealers: u32) -> Self {
        Self::with_min_dealers(dealers, None)
    }

    pub fn with_min_dealers(dealers: u32, min_dealers: Option<u32>) -> Self {
        let mut app = AppBuilder::new()
            .with_api(MockApi::default().with_prefix("n"))
            .with_block(BlockInfo {
                height: 100,
                time: Timestamp::from_seconds(START),
                chain_id: "test-chain".to_owned(),
            })
            .build(|_, _, _| {});
        let owner = Some(admin().to_string());
        let group_code = app.store_code(Box::new(ContractWrapper::new(
            group_contract::contract::execute,
            group_contract::contract::instantiate,
            group_contract::contract::query,
        )));
        let multisig_code = app.store_code(Box::new(
            ContractWrapper::new(
                multisig_contract::contract::execute,
                multisig_contract::contract::instantiate,
                multisig_contract::contract::query,
            )
            .with_migrate(multisig_contract::contract::migrate),
        ));
        let dkg_code = app.store_code(Box::new(
            ContractWrapper::new(contract::execute, contract::instantiate, contract::query)
                .with_reply(contract::reply)
                .with_migrate(contract::migrate),
        ));
        let msg = group::InstantiateMsg {
            admin: owner.clone(),
            members: (0..dealers)
                .map(|n| Member {
                    addr: dealer(n).to_string(),
                    weight: 1,
                })
                .collect(),
        };
        let group = app
            .instantiate_contract(group_code, admin(), &msg, &[], "group", None)
            .unwrap();
        let msg = multisig::InstantiateMsg {
            group_addr: group.to_string(),
            coconut_bandwidth_contract_address: addr("ecash").to_string(),
            coconut_dkg_contract_address: addr("placeholder").to_string(),
            threshold: Threshold::AbsolutePercentage {
                percentage: Decimal::percent(67),
            },
            max_voting_period: Duration::Time(86_400),
            executor: None,
            proposal_deposit: None,
        };
        let multisig = app
            .instantiate_contract(multisig_code, admin(), &msg, &[], "multisig", owner.clone())
            .unwrap();
        let msg = InstantiateMsg {
            min_dealers,
            ..instantiate_msg(&group, &multisig)
        };
        let dkg = app
            .instantiate_contract(dkg_code, admin(), &msg, &[], "dkg", owner)
            .unwrap();
        let msg = multisig::MigrateMsg {
            coconut_bandwidth_address: addr("ecash").to_string(),
            coconut_dkg_address: dkg.to_string(),
        };
        app.migrate_contract(admin(), multisig.clone(), &msg, multisig_code)
            .unwrap();
        let mut world = Self {
            app,
            group,
            multisig,
            dkg,
            dkg_code,
        };
        world.wait(1);
        world
    }

    pub fn now(&self) -> u64 {
        self.app.block_info().time.seconds()
    }

    pub fn wait(&mut self, secs: u64) {
        self.app.update_block(|block| {
            block.height += 1;
            block.time = block.time.plus_seconds(secs);
        });
    }

    /// Waits until the present phase is over.
    pub fn reach_deadline(&mut self) {
        let deadline = self.epoch().deadline.unwrap();
        self.wait(deadline.seconds() - self.now());
    }

    pub fn storage(&self) -> Vec<Record> {
        self.app.dump_wasm_raw(&self.dkg)
    }

    pub fn item<T: DeserializeOwned>(&self, key: &str) -> Option<T> {
        let raw = self.app.wrap().query_wasm_raw(&self.dkg, key.as_bytes());
        raw.unwrap().map(|value| from_json(value).unwrap())
    }

    pub fn send(&mut self, sender: &Addr, msg: &ExecuteMsg) -> Result<AppResponse, ContractError> {
        let before = self.storage();
        let outcome = self
            .app
            .execute_contract(sender.clone(), self.dkg.clone(), msg, &[]);
        if outcome.is_err() {
            assert_eq!(
                before,
                self.storage(),
                "a refused message changed something"
            );
        }
        self.check_invariants();
        outcome.map_err(|error| error.downcast().unwrap())
    }

    pub fn query<T: DeserializeOwned>(&self, msg: &QueryMsg) -> T {
        self.try_query(msg).unwrap()
    }

    pub fn try_query<T: DeserializeOwned>(&self, msg: &QueryMsg) -> Result<T, String> {
        self.app
            .wrap()
            .query_wasm_smart(&self.dkg, msg)
            .map_err(|error| error.to_string())
    }

    pub fn epoch(&self) -> Epoch {
        self.query(&QueryMsg::GetCurrentEpochState {})
    }

    pub fn state(&self) -> EpochState {
        self.epoch().state
    }

    pub fn threshold(&self) -> Option<u64> {
        self.query(&QueryMsg::GetCurrentEpochThreshold {})
    }

    pub fn ceremony(&self, epoch_id: EpochId) -> CeremonyResponse {
        self.query(&QueryMsg::GetCeremony {
            epoch_id: Some(epoch_id),
        })
    }

    pub fn proposal(&self, epoch_id: EpochId, n: u32) -> Option<VerificationProposal> {
        let answer: VerificationProposalResponse = self.query(&QueryMsg::GetVerificationProposal {
            epoch_id,
            owner: dealer(n).to_string(),
        });
        answer.proposal
    }

    pub fn key_share(&self, epoch_id: EpochId, n: u32) -> Option<KeyShare> {
        let answer: KeyShareResponse = self.query(&QueryMsg::GetVerificationKey {
            epoch_id,
            owner: dealer(n).to_string(),
        });
        answer.share
    }

    pub fn key_shares(&self, epoch_id: EpochId) -> Vec<KeyShare> {
        let answer: KeySharesResponse = self.query(&QueryMsg::GetVerificationKeys {
            epoch_id,
            limit: Some(30),
            start_after: None,
        });
        answer.shares
    }

    pub fn initiate(&mut self) -> Result<AppResponse, ContractError> {
        self.send(&admin(), &ExecuteMsg::InitiateDkg {})
    }

    pub fn register(&mut self, n: u32) -> Result<AppResponse, ContractError> {
        self.send(&dealer(n), &registration(false))
    }

    pub fn advance(&mut self) -> Result<AppResponse, ContractError> {
        self.send(&addr("anyone"), &ExecuteMsg::AdvanceEpochState {})
    }

    pub fn commit(&mut self, n: u32) -> Result<AppResponse, ContractError> {
        self.commit_share(n, share(n))
    }

    pub fn commit_share(&mut self, n: u32, share: String) -> Result<AppResponse, ContractError> {
        let msg = ExecuteMsg::CommitVerificationKeyShare {
            share,
            outcome: None,
            resharing: false,
        };
        self.send(&dealer(n), &msg)
    }

    /// What the multisig would order for a dealer's present share.
    pub fn order(&self, epoch_id: EpochId, n: u32) -> ExecuteMsg {
        ExecuteMsg::VerifyVerificationKeyShare {
            owner: dealer(n).to_string(),
            resharing: false,
            epoch_id,
            share_hash: self.proposal(epoch_id, n).unwrap().share_hash,
        }
    }

    pub fn vote(&mut self, voter: u32, proposal_id: u64) {
        let msg = multisig::ExecuteMsg::Vote {
            proposal_id,
            vote: Vote::Yes,
        };
        self.app
            .execute_contract(dealer(voter), self.multisig.clone(), &msg, &[])
            .unwrap();
    }

    pub fn execute_proposal(&mut self, proposal_id: u64) -> Result<(), String> {
        let msg = multisig::ExecuteMsg::Execute { proposal_id };
        let outcome = self
            .app
            .execute_contract(addr("anyone"), self.multisig.clone(), &msg, &[]);
        self.check_invariants();
        outcome.map(|_| ()).map_err(|error| format!("{error:#}"))
    }

    /// Has `voters` dealers vote for the share of one and executes the proposal.
    pub fn verify(&mut self, epoch_id: EpochId, n: u32, voters: u32) {
        let id = self.proposal(epoch_id, n).unwrap().proposal_id;
        for voter in 0..voters {
            self.vote(voter, id);
        }
        self.execute_proposal(id).unwrap();
    }

    /// A ceremony of `dealers` that has just entered submission.
    pub fn at_submission(dealers: u32) -> Self {
        let mut world = Self::new(dealers);
        world.initiate().unwrap();
        world.go_to_submission(dealers);
        world
    }

    pub fn go_to_submission(&mut self, dealers: u32) {
        for n in 0..dealers {
            self.register(n).unwrap();
        }
        self.advance().unwrap();
        self.reach_deadline();
        self.advance().unwrap();
        assert_eq!(
            self.state(),
            EpochState::VerificationKeySubmission { resharing: false }
        );
    }

    /// A concluded ceremony in which the first `verified` of `dealers` have a verified share.
    pub fn in_progress(dealers: u32, verified: u32) -> Self {
        let mut world = Self::at_submission(dealers);
        for n in 0..verified {
            world.commit(n).unwrap();
        }
        if verified < dealers {
            world.reach_deadline();
        }
        world.advance().unwrap();
        let votes = u32::try_from(threshold(dealers)).unwrap();
        for n in 0..verified {
            world.verify(0, n, votes);
        }
        world.advance().unwrap();
        world.advance().unwrap();
        assert_eq!(world.state(), EpochState::InProgress);
        world
    }

    /// The counters of the current epoch are those of its records, and what is kept twice is equal.
    pub fn check_invariants(&self) {
        let epoch = self.epoch();
        assert_eq!(self.item::<Epoch>("current_epoch"), Some(epoch.clone()));
        let mut dealers = Vec::new();
        let mut start_after = None;
        loop {
            let page: DealersResponse = self.query(&QueryMsg::GetEpochDealers {
                epoch_id: epoch.epoch_id,
                limit: Some(25),
                start_after,
            });
            dealers.extend(page.dealers);
            start_after = page.start_next_after.map(Addr::into_string);
            if start_after.is_none() {
                break;
            }
        }
        let progress = epoch.state_progress;
        assert_eq!(dealers.len() as u32, progress.registered_dealers);
        let shares: Vec<KeyShare> = dealers
            .iter()
            .filter_map(|dealer| {
                let answer: KeyShareResponse = self.query(&QueryMsg::GetVerificationKey {
                    epoch_id: epoch.epoch_id,
                    owner: dealer.address.to_string(),
                });
                answer.share
            })
            .collect();
        assert_eq!(shares.len() as u32, progress.submitted_key_shares);
        let verified = shares.iter().filter(|share| share.verified).count();
        assert_eq!(verified as u32, progress.verified_keys);
        for share in &shares {
            let proposal: VerificationProposalResponse =
                self.query(&QueryMsg::GetVerificationProposal {
                    epoch_id: epoch.epoch_id,
                    owner: share.owner.to_string(),
                });
            let proposal = proposal.proposal.expect("a share without a proposal");
            assert_eq!(proposal.verified_height.is_some(), share.verified);
        }
        assert!(
            self.item::<serde_json::Value>("pending_proposal").is_none(),
            "nothing is pending between messages"
        );
        self.check_phase(&epoch);
    }

    fn check_phase(&self, epoch: &Epoch) {
        let threshold = self.threshold();
        match epoch.state {
            EpochState::WaitingInitialisation | EpochState::PublicKeySubmission { .. } => {
                assert_eq!(threshold, None);
            }
            _ => {
                let registered = epoch.state_progress.registered_dealers;
                assert_eq!(
                    threshold,
                    Some(ecash_contract_messages::dkg::threshold(registered))
                );
            }
        }
        let ends = !matches!(
            epoch.state,
            EpochState::WaitingInitialisation | EpochState::InProgress
        );
        assert_eq!(epoch.deadline.is_some(), ends);
        if epoch.state == EpochState::InProgress {
            assert_eq!(epoch.keys_in_service, Some(epoch.epoch_id));
            assert!(u64::from(epoch.state_progress.verified_keys) >= threshold.unwrap());
            assert_eq!(self.item::<Epoch>("concluded_epoch").as_ref(), Some(epoch));
        }
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
