//! The multisig over a real group; the two proposing contracts are plain accounts here.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::cast_possible_truncation,
    missing_docs
)]

use cosmwasm_std::{
    Addr, BankMsg, BlockInfo, CosmosMsg, Decimal, Timestamp, coins, from_json, testing::MockApi,
};
use cw_multi_test::{App, AppBuilder, AppResponse, BankSudo, ContractWrapper, Executor, SudoMsg};
use cw_utils::{Duration, Expiration, Threshold, ThresholdError, ThresholdResponse};
use cw3::{ProposalListResponse, ProposalResponse, Status, Vote, VoteListResponse, VoterResponse};
use cw4::Member;
use ecash_contract_messages::{group, multisig, multisig::*};
use multisig_contract::{ContractError, contract};
use serde::de::DeserializeOwned;

const START: u64 = 1_795_478_400;

fn addr(name: &str) -> Addr {
    MockApi::default().with_prefix("n").addr_make(name)
}

fn voter(n: u32) -> Addr {
    addr(&format!("voter {n}"))
}

fn percentage() -> Threshold {
    Threshold::AbsolutePercentage {
        percentage: Decimal::percent(67),
    }
}

struct World {
    app: App,
    group: Addr,
    multisig: Addr,
    code: u64,
}

impl World {
    /// A chain with a group, and in its next block a multisig over it.
    fn new(members: u32, threshold: Threshold) -> Self {
        let (mut app, group) = chain_with_group(members);
        next_block(&mut app);
        let (code, multisig) = add_multisig(&mut app, instantiate_msg(&group, threshold));
        Self {
            app,
            group,
            multisig: multisig.unwrap(),
            code,
        }
    }

    fn execute(&mut self, sender: &Addr, msg: &ExecuteMsg) -> Result<AppResponse, ContractError> {
        let before = self.app.dump_wasm_raw(&self.multisig);
        let outcome = self
            .app
            .execute_contract(sender.clone(), self.multisig.clone(), msg, &[]);
        if outcome.is_err() {
            assert_eq!(before, self.app.dump_wasm_raw(&self.multisig));
        }
        outcome.map_err(|error| error.downcast().unwrap())
    }

    fn propose_with(
        &mut self,
        msgs: Vec<CosmosMsg>,
        latest: Option<Expiration>,
    ) -> Result<u64, ContractError> {
        let msg = ExecuteMsg::Propose {
            title: "title".into(),
            description: String::new(),
            msgs,
            latest,
        };
        let response = self.execute(&addr("ecash"), &msg)?;
        let wasm = response.events.iter().find(|e| e.ty == "wasm").unwrap();
        let id = wasm
            .attributes
            .iter()
            .find(|a| a.key == PROPOSAL_ID_ATTRIBUTE)
            .unwrap();
        Ok(id.value.parse().unwrap())
    }

    fn propose(&mut self) -> Result<u64, ContractError> {
        self.propose_with(vec![], None)
    }

    fn vote(&mut self, voter: &Addr, proposal_id: u64, vote: Vote) -> Result<(), ContractError> {
        let msg = ExecuteMsg::Vote { proposal_id, vote };
        self.execute(voter, &msg).map(|_| ())
    }

    fn pass(&mut self, proposal_id: u64, votes: u32) {
        for n in 0..votes {
            self.vote(&voter(n), proposal_id, Vote::Yes).unwrap();
        }
        assert_eq!(self.proposal(proposal_id).status, Status::Passed);
    }

    fn run(&mut self, proposal_id: u64) -> Result<(), ContractError> {
        let msg = ExecuteMsg::Execute { proposal_id };
        self.execute(&addr("anyone"), &msg).map(|_| ())
    }

    fn close(&mut self, proposal_id: u64) -> Result<(), ContractError> {
        let msg = ExecuteMsg::Close { proposal_id };
        self.execute(&addr("anyone"), &msg).map(|_| ())
    }

    fn query<T: DeserializeOwned>(&self, msg: &QueryMsg) -> T {
        self.app
            .wrap()
            .query_wasm_smart(&self.multisig, msg)
            .unwrap()
    }

    fn proposal(&self, proposal_id: u64) -> ProposalResponse {
        self.query(&QueryMsg::Proposal { proposal_id })
    }

    fn change_members(&mut self, remove: &[Addr], add: &[(Addr, u64)]) {
        let msg = group::ExecuteMsg::UpdateMembers {
            remove: remove.iter().map(ToString::to_string).collect(),
            add: add.iter().map(member).collect(),
        };
        let group = self.group.clone();
        self.app
            .execute_contract(addr("admin"), group, &msg, &[])
            .unwrap();
    }

    fn set_time(&mut self, secs: u64) {
        self.app.update_block(|block| {
            block.height += 1;
            block.time = Timestamp::from_seconds(secs);
        });
    }
}

fn member((address, weight): &(Addr, u64)) -> Member {
    Member {
        addr: address.to_string(),
        weight: *weight,
    }
}

fn next_block(app: &mut App) {
    app.update_block(|block| block.height += 1);
}

fn chain_with_group(members: u32) -> (App, Addr) {
    let mut app = AppBuilder::new()
        .with_api(MockApi::default().with_prefix("n"))
        .with_block(BlockInfo {
            height: 100,
            time: Timestamp::from_seconds(START),
            chain_id: "test-chain".to_owned(),
        })
        .build(|_, _, _| {});
    let code = app.store_code(Box::new(ContractWrapper::new(
        group_contract::contract::execute,
        group_contract::contract::instantiate,
        group_contract::contract::query,
    )));
    let msg = group::InstantiateMsg {
        admin: Some(addr("admin").to_string()),
        members: (0..members).map(|n| member(&(voter(n), 1))).collect(),
    };
    let group = app
        .instantiate_contract(code, addr("admin"), &msg, &[], "group", None)
        .unwrap();
    (app, group)
}

fn instantiate_msg(group: &Addr, threshold: Threshold) -> InstantiateMsg {
    InstantiateMsg {
        group_addr: group.to_string(),
        coconut_bandwidth_contract_address: addr("ecash").to_string(),
        coconut_dkg_contract_address: addr("dkg").to_string(),
        threshold,
        max_voting_period: Duration::Time(86_400),
        executor: None,
        proposal_deposit: None,
    }
}

fn add_multisig(app: &mut App, msg: InstantiateMsg) -> (u64, Result<Addr, ContractError>) {
    let code = app.store_code(Box::new(
        ContractWrapper::new(contract::execute, contract::instantiate, contract::query)
            .with_migrate(contract::migrate),
    ));
    let admin = Some(addr("admin").to_string());
    let multisig = app
        .instantiate_contract(code, addr("admin"), &msg, &[], "multisig", admin)
        .map_err(|error| error.downcast().unwrap());
    (code, multisig)
}

fn t(n: u32) -> u32 {
    2 * n / 3 + 1
}

#[test]
fn only_the_two_contracts_propose() {
    let mut world = World::new(4, percentage());
    for sender in [voter(0), addr("admin"), addr("stranger")] {
        let msg = ExecuteMsg::Propose {
            title: String::new(),
            description: String::new(),
            msgs: vec![],
            latest: None,
        };
        assert_eq!(
            world.execute(&sender, &msg).unwrap_err(),
            ContractError::Unauthorized { sender }
        );
    }
    assert_eq!(world.propose().unwrap(), 1);
    assert_eq!(world.propose().unwrap(), 2);
}

#[test]
fn a_proposal_starts_open_with_a_ballot_of_weight_zero() {
    let mut world = World::new(1, percentage());
    let id = world.propose().unwrap();
    let proposal = world.proposal(id);
    assert_eq!(proposal.status, Status::Open);
    assert_eq!(proposal.proposer, addr("ecash"));
    assert_eq!(proposal.deposit, None);
    let votes: VoteListResponse = world.query(&QueryMsg::ListVotes {
        proposal_id: id,
        start_after: None,
        limit: None,
    });
    assert_eq!(votes.votes.len(), 1);
    assert_eq!(votes.votes[0].weight, 0);
    assert_eq!(votes.votes[0].voter, addr("ecash").to_string());
}

#[test]
fn two_thirds_pass_with_exactly_t_of_n_votes_for_every_group() {
    for n in 1..=100 {
        let mut world = World::new(n, percentage());
        let id = world.propose().unwrap();
        for k in 0..t(n) - 1 {
            world.vote(&voter(k), id, Vote::Yes).unwrap();
        }
        assert_eq!(world.proposal(id).status, Status::Open, "{n}");
        world.vote(&voter(t(n) - 1), id, Vote::Yes).unwrap();
        assert_eq!(world.proposal(id).status, Status::Passed, "{n}");
    }
}

#[test]
fn a_passed_proposal_is_executed_within_a_day_after_its_voting_ended() {
    let end = START + 86_400;
    for (time, executed) in [
        (START, true),
        (end + 86_399, true),
        (end + 86_400, false),
        (end + 86_401, false),
    ] {
        let mut world = World::new(4, percentage());
        let id = world.propose().unwrap();
        world.pass(id, 3);
        world.set_time(time);
        if executed {
            world.run(id).unwrap();
            assert_eq!(world.proposal(id).status, Status::Executed);
        } else {
            assert_eq!(
                world.run(id).unwrap_err(),
                ContractError::Expired {
                    proposal_id: id,
                    deadline: Timestamp::from_seconds(end + 86_400)
                }
            );
        }
    }
}

#[test]
fn the_execution_window_follows_an_earlier_end_of_voting() {
    let mut world = World::new(4, percentage());
    let latest = Expiration::AtTime(Timestamp::from_seconds(START + 100));
    let id = world.propose_with(vec![], Some(latest)).unwrap();
    world.pass(id, 3);
    world.set_time(START + 100 + 86_400);
    assert!(matches!(
        world.run(id).unwrap_err(),
        ContractError::Expired { .. }
    ));
}

#[test]
fn what_is_open_rejected_or_executed_cannot_be_executed() {
    use cw3_flex_multisig::ContractError as Stock;
    let wrong = ContractError::Multisig(Stock::WrongExecuteStatus {});
    let mut world = World::new(4, percentage());
    let open = world.propose().unwrap();
    assert_eq!(world.run(open).unwrap_err(), wrong);
    world.pass(open, 3);
    world.run(open).unwrap();
    assert_eq!(world.run(open).unwrap_err(), wrong);
    let rejected = world.propose().unwrap();
    for n in 0..3 {
        world.vote(&voter(n), rejected, Vote::No).unwrap();
    }
    assert_eq!(world.proposal(rejected).status, Status::Rejected);
    assert_eq!(world.run(rejected).unwrap_err(), wrong);
    world.set_time(START + 3 * 86_400);
    assert_eq!(world.run(rejected).unwrap_err(), wrong);
}

#[test]
fn a_proposal_whose_message_fails_stays_passed_and_can_be_executed_later() {
    let mut world = World::new(4, percentage());
    let payment = BankMsg::Send {
        to_address: addr("payee").to_string(),
        amount: coins(7, "unym"),
    };
    let id = world.propose_with(vec![payment.into()], None).unwrap();
    world.pass(id, 3);
    let multisig = world.multisig.clone();
    let run = ExecuteMsg::Execute { proposal_id: id };
    world
        .app
        .execute_contract(addr("anyone"), multisig.clone(), &run, &[])
        .unwrap_err();
    assert_eq!(world.proposal(id).status, Status::Passed);
    let mint = BankSudo::Mint {
        to_address: multisig.to_string(),
        amount: coins(7, "unym"),
    };
    world.app.sudo(SudoMsg::Bank(mint)).unwrap();
    world.run(id).unwrap();
    let paid = world
        .app
        .wrap()
        .query_balance(addr("payee"), "unym")
        .unwrap();
    assert_eq!(paid.amount.u128(), 7);
}

#[test]
fn voting_ends_at_the_wanted_time_or_after_a_day_and_never_at_a_height() {
    let mut world = World::new(4, percentage());
    let at = |secs| Expiration::AtTime(Timestamp::from_seconds(secs));
    for (latest, expires) in [
        (None, START + 86_400),
        (Some(at(START + 10)), START + 10),
        (Some(at(START + 86_401)), START + 86_400),
        (Some(Expiration::Never {}), START + 86_400),
    ] {
        let id = world.propose_with(vec![], latest).unwrap();
        assert_eq!(world.proposal(id).expires, at(expires));
    }
    assert_eq!(
        world
            .propose_with(vec![], Some(Expiration::AtHeight(200)))
            .unwrap_err(),
        ContractError::WrongExpiration
    );
}

#[test]
fn a_vote_needs_weight_at_the_start_comes_once_and_in_time() {
    use cw3_flex_multisig::ContractError as Stock;
    let mut world = World::new(4, percentage());
    world.change_members(&[], &[(addr("weightless"), 0)]);
    world.set_time(START + 1);
    let id = world.propose().unwrap();
    for stranger in [addr("stranger"), addr("weightless"), addr("ecash")] {
        assert_eq!(
            world.vote(&stranger, id, Vote::Yes).unwrap_err(),
            ContractError::Multisig(Stock::Unauthorized {})
        );
    }
    world.vote(&voter(0), id, Vote::No).unwrap();
    assert_eq!(
        world.vote(&voter(0), id, Vote::Yes).unwrap_err(),
        ContractError::Multisig(Stock::AlreadyVoted {})
    );
    assert_eq!(
        world.close(id).unwrap_err(),
        ContractError::Multisig(Stock::NotExpired {})
    );
    world.set_time(START + 1 + 86_400);
    assert_eq!(
        world.vote(&voter(1), id, Vote::Yes).unwrap_err(),
        ContractError::Multisig(Stock::Expired {})
    );
    world.close(id).unwrap();
    assert_eq!(world.proposal(id).status, Status::Rejected);
}

#[test]
fn a_change_of_the_group_in_the_block_of_the_proposal_counts_for_total_and_voters_alike() {
    let mut world = World::new(4, percentage());
    next_block(&mut world.app);
    world.change_members(&[voter(0)], &[(voter(1), 50), (addr("newcomer"), 100)]);
    let id = world.propose().unwrap();
    let ThresholdResponse::AbsolutePercentage { total_weight, .. } = world.proposal(id).threshold
    else {
        panic!("another threshold");
    };
    assert_eq!(total_weight, 4);
    world.vote(&voter(0), id, Vote::Yes).unwrap();
    world.vote(&voter(1), id, Vote::Yes).unwrap();
    assert!(world.vote(&addr("newcomer"), id, Vote::Yes).is_err());
    assert_eq!(world.proposal(id).status, Status::Open);
    world.vote(&voter(2), id, Vote::Yes).unwrap();
    assert_eq!(world.proposal(id).status, Status::Passed);
}

#[test]
fn nothing_is_proposed_to_a_group_made_in_the_same_block() {
    let (mut app, group) = chain_with_group(4);
    let (code, multisig) = add_multisig(&mut app, instantiate_msg(&group, percentage()));
    let mut world = World {
        app,
        group,
        multisig: multisig.unwrap(),
        code,
    };
    assert_eq!(
        world.propose().unwrap_err(),
        ContractError::Threshold {
            total_weight: 0,
            source: ThresholdError::UnreachableWeight {}
        }
    );
    next_block(&mut world.app);
    assert_eq!(world.propose().unwrap(), 1);
}

#[test]
fn a_count_that_the_group_no_longer_reaches_is_refused_and_nothing_aborts() {
    let mut world = World::new(4, Threshold::AbsoluteCount { weight: 4 });
    let before = world.propose().unwrap();
    world.change_members(&[voter(0), voter(1)], &[]);
    next_block(&mut world.app);
    assert_eq!(
        world.propose().unwrap_err(),
        ContractError::Threshold {
            total_weight: 2,
            source: ThresholdError::UnreachableWeight {}
        }
    );
    let threshold: ThresholdResponse = world.query(&QueryMsg::Threshold {});
    assert_eq!(
        threshold,
        ThresholdResponse::AbsoluteCount {
            weight: 4,
            total_weight: 2
        }
    );
    world.vote(&voter(2), before, Vote::No).unwrap();
    let list: ProposalListResponse = world.query(&QueryMsg::ListProposals {
        start_after: None,
        limit: None,
    });
    assert_eq!(list.proposals[0].status, Status::Rejected);
    let second = {
        world.change_members(&[], &[(voter(0), 1), (voter(1), 1)]);
        next_block(&mut world.app);
        world.propose().unwrap()
    };
    world.change_members(&[voter(0), voter(1)], &[]);
    world.set_time(START + 86_400);
    world.close(second).unwrap();
}

#[test]
fn the_settings_of_this_system_are_enforced() {
    let (mut app, group) = chain_with_group(4);
    let good = instantiate_msg(&group, percentage());
    for given in [
        Duration::Time(86_399),
        Duration::Time(3_600),
        Duration::Height(86_400),
    ] {
        let msg = InstantiateMsg {
            max_voting_period: given,
            ..good.clone()
        };
        assert_eq!(
            add_multisig(&mut app, msg).1.unwrap_err(),
            ContractError::VotingPeriodFixed { given }
        );
    }
    let with_deposit: InstantiateMsg = {
        let mut json = serde_json::to_value(&good).unwrap();
        json["proposal_deposit"] = serde_json::json!({
            "amount": "1", "denom": {"native": "unym"}, "refund_failed_proposals": true
        });
        serde_json::from_value(json).unwrap()
    };
    assert_eq!(
        add_multisig(&mut app, with_deposit).1.unwrap_err(),
        ContractError::ProposalDepositRefused
    );
    let unreachable = instantiate_msg(&group, Threshold::AbsoluteCount { weight: 5 });
    assert!(matches!(
        add_multisig(&mut app, unreachable).1.unwrap_err(),
        ContractError::Threshold {
            total_weight: 4,
            ..
        }
    ));
    let no_group = instantiate_msg(&addr("nobody"), percentage());
    assert!(matches!(
        add_multisig(&mut app, no_group).1.unwrap_err(),
        ContractError::InvalidGroup { .. }
    ));
}

#[test]
fn attached_funds_are_refused() {
    let mut world = World::new(4, percentage());
    let id = world.propose().unwrap();
    let mint = BankSudo::Mint {
        to_address: voter(0).to_string(),
        amount: coins(5, "unym"),
    };
    world.app.sudo(SudoMsg::Bank(mint)).unwrap();
    let msg = ExecuteMsg::Vote {
        proposal_id: id,
        vote: Vote::Yes,
    };
    let multisig = world.multisig.clone();
    let refused = world
        .app
        .execute_contract(voter(0), multisig, &msg, &coins(5, "unym"))
        .unwrap_err();
    assert!(matches!(refused.downcast(), Ok(ContractError::Payment(_))));
}

#[test]
fn an_executor_may_be_a_member_or_one_address_only() {
    use cw3_flex_multisig::ContractError as Stock;
    for (executor, allowed, refused) in [
        (multisig::Executor::Member, voter(3), addr("stranger")),
        (
            multisig::Executor::Only(addr("robot")),
            addr("robot"),
            voter(3),
        ),
    ] {
        let (mut app, group) = chain_with_group(4);
        next_block(&mut app);
        let msg = InstantiateMsg {
            executor: Some(executor),
            ..instantiate_msg(&group, percentage())
        };
        let (code, multisig) = add_multisig(&mut app, msg);
        let mut world = World {
            app,
            group,
            multisig: multisig.unwrap(),
            code,
        };
        let id = world.propose().unwrap();
        world.pass(id, 3);
        let run = ExecuteMsg::Execute { proposal_id: id };
        assert_eq!(
            world.execute(&refused, &run).unwrap_err(),
            ContractError::Multisig(Stock::Unauthorized {})
        );
        world.execute(&allowed, &run).unwrap();
    }
}

#[test]
fn a_migration_names_the_proposers_anew_and_keeps_everything_else() {
    let mut world = World::new(4, percentage());
    let before: Config = world.query(&QueryMsg::Config {});
    let msg = MigrateMsg {
        coconut_bandwidth_address: addr("new ecash").to_string(),
        coconut_dkg_address: addr("new dkg").to_string(),
    };
    let (multisig, code) = (world.multisig.clone(), world.code);
    world
        .app
        .migrate_contract(addr("admin"), multisig.clone(), &msg, code)
        .unwrap();
    let after: Config = world.query(&QueryMsg::Config {});
    assert_eq!(
        after,
        Config {
            coconut_bandwidth_addr: addr("new ecash"),
            coconut_dkg_addr: addr("new dkg"),
            ..before
        }
    );
    assert!(matches!(
        world.propose().unwrap_err(),
        ContractError::Unauthorized { .. }
    ));
    for (name, version) in [("crate:other", "2.0.0"), (contract::CONTRACT_NAME, "2.0.1")] {
        let mut storage = world.app.contract_storage_mut(&multisig);
        cw2::set_contract_version(storage.as_mut(), name, version).unwrap();
        drop(storage);
        let refused = world
            .app
            .migrate_contract(addr("admin"), multisig.clone(), &msg, code)
            .unwrap_err();
        assert!(matches!(refused.downcast(), Ok(ContractError::Std(_))));
    }
}

#[test]
fn lists_answer_in_both_directions_and_voters_come_from_the_group() {
    let mut world = World::new(4, percentage());
    for _ in 0..35 {
        world.propose().unwrap();
    }
    let ids = |msg: &QueryMsg| -> Vec<u64> {
        let list: ProposalListResponse = world.query(msg);
        list.proposals.iter().map(|p| p.id).collect()
    };
    let ascending = QueryMsg::ListProposals {
        start_after: Some(3),
        limit: Some(1_000),
    };
    assert_eq!(ids(&ascending), (4..=33).collect::<Vec<_>>());
    let descending = QueryMsg::ReverseProposals {
        start_before: Some(3),
        limit: None,
    };
    assert_eq!(ids(&descending), [2, 1]);
    let answer: VoterResponse = world.query(&QueryMsg::Voter {
        address: voter(0).to_string(),
    });
    assert_eq!(answer.weight, Some(1));
}

#[test]
fn the_storage_keys_are_those_of_the_reference() {
    let mut world = World::new(1, percentage());
    world.propose().unwrap();
    let ecash = addr("ecash");
    let id = 1u64.to_be_bytes();
    let mut expected: Vec<Vec<u8>> = vec![
        [b"\x00\x09proposals".as_slice(), &id].concat(),
        [b"\x00\x05votes\x00\x08".as_slice(), &id, ecash.as_bytes()].concat(),
        b"config".to_vec(),
        b"contract_info".to_vec(),
        b"proposal_count".to_vec(),
    ];
    expected.sort();
    let storage = world.app.dump_wasm_raw(&world.multisig);
    let keys: Vec<Vec<u8>> = storage.iter().map(|(key, _)| key.clone()).collect();
    assert_eq!(keys, expected);
    let (_, config) = storage.iter().find(|(key, _)| key == b"config").unwrap();
    from_json::<Config>(config).unwrap();
}
