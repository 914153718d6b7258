//! Messages and responses of the contracts as JSON text, between our crate and the published ones: what a published client
//! writes we read as the same thing, and what we write it reads as the same thing.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    missing_docs
)]

use cosmwasm_std::testing::MockApi;
use cosmwasm_std::{
    Addr, Binary, Coin, CosmosMsg, Decimal, Empty, Timestamp, WasmMsg, coin, from_json,
    to_json_string,
};
use cw_utils::{Duration, Expiration, Threshold};
use cw3::Vote;
use cw4::{Cw4Contract, Member, MemberChangedHookMsg, MemberDiff};
use ecash_contract_messages as ours;
use nym_coconut_dkg_common as dkg;
use nym_ecash_contract_common as ecash;
use nym_group_contract_common::msg as group;
use nym_multisig_contract_common as multisig;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use std::collections::HashMap;
use std::fmt::Debug;

fn addr(name: &str) -> Addr {
    MockApi::default().with_prefix("n").addr_make(name)
}

fn text(name: &str) -> String {
    addr(name).into()
}

fn price() -> Coin {
    coin(75_000_000, "unym")
}

/// Theirs, as text, as ours, as text, as theirs: the same thing, and nothing of the text is lost.
#[track_caller]
fn both_ways<Ours, Theirs>(all: impl IntoIterator<Item = Theirs>)
where
    Ours: Serialize + DeserializeOwned,
    Theirs: Serialize + DeserializeOwned + PartialEq + Debug,
{
    for theirs in all {
        let written = to_json_string(&theirs).unwrap();
        let read: Ours = from_json(&written).unwrap_or_else(|error| panic!("{written}: {error}"));
        let back = to_json_string(&read).unwrap();
        let again: Theirs = from_json(&back).unwrap_or_else(|error| panic!("{back}: {error}"));
        assert_eq!(again, theirs, "{back}");
        let value = |text: &str| -> Value { serde_json::from_str(text).unwrap() };
        let (before, after) = (value(&written), value(&back));
        assert!(contains(&after, &before), "{written} became {back}");
    }
}

/// What they make of what we write.
fn read_by_them<T: DeserializeOwned>(ours: &impl Serialize) -> T {
    from_json(to_json_string(ours).unwrap()).unwrap()
}

/// Whether `all` says everything that `part` says; it may have more fields.
fn contains(all: &Value, part: &Value) -> bool {
    match (all, part) {
        (Value::Object(all), Value::Object(part)) => part
            .iter()
            .all(|(name, value)| all.get(name).is_some_and(|found| contains(found, value))),
        (Value::Array(all), Value::Array(part)) => {
            all.len() == part.len() && all.iter().zip(part).all(|(all, part)| contains(all, part))
        }
        _ => all == part,
    }
}

/// Messages of theirs that our contracts do not have are refused as unknown, not taken for another.
#[track_caller]
fn unknown<Ours: DeserializeOwned + Debug, Theirs: Serialize>(
    all: impl IntoIterator<Item = Theirs>,
) {
    for theirs in all {
        let written = to_json_string(&theirs).unwrap();
        let error = from_json::<Ours>(&written).unwrap_err().to_string();
        assert!(error.contains("unknown variant"), "{written}: {error}");
    }
}

fn phases() -> Vec<dkg::types::EpochState> {
    use dkg::types::EpochState as S;
    let mut all = vec![S::WaitingInitialisation, S::InProgress];
    for resharing in [false, true] {
        all.extend([
            S::PublicKeySubmission { resharing },
            S::DealingExchange { resharing },
            S::VerificationKeySubmission { resharing },
            S::VerificationKeyValidation { resharing },
            S::VerificationKeyFinalization { resharing },
        ]);
    }
    all
}

fn epochs() -> impl Iterator<Item = dkg::types::Epoch> {
    phases().into_iter().map(|state| dkg::types::Epoch {
        state,
        epoch_id: 7,
        state_progress: dkg::types::StateProgress {
            registered_dealers: 4,
            registered_resharing_dealers: 3,
            submitted_dealings: 2,
            submitted_key_shares: 1,
            verified_keys: 0,
        },
        time_configuration: dkg::types::TimeConfiguration::default(),
        deadline: Some(Timestamp::from_seconds(1_764_936_000)),
        ceremony_concluded_at: Some(Timestamp::from_nanos(1_764_936_000_000_000_001)),
        keys_in_service: Some(6),
        outgoing_keys: None,
    })
}

fn dealer(index: u64) -> dkg::dealer::DealerDetails {
    dkg::dealer::DealerDetails {
        address: addr("dealer"),
        bte_public_key_with_proof: "none-v1-".into(),
        ed25519_identity: "GmaDrppBC7P5ARKV8g3djiwP89vz1jLK23V2GBjuAEGB".into(),
        announce_address: "https://signer.example".into(),
        assigned_index: index,
    }
}

/// The same dealer as our contract tells of it: with the address that registered, which published readers skip.
fn our_dealer(index: u64) -> ours::dkg::DealerDetails {
    let theirs = dealer(index);
    ours::dkg::DealerDetails {
        address: theirs.address,
        bte_public_key_with_proof: theirs.bte_public_key_with_proof,
        ed25519_identity: theirs.ed25519_identity,
        announce_address: theirs.announce_address,
        assigned_index: theirs.assigned_index,
        registered_as: addr("first address"),
    }
}

fn share() -> dkg::verification_key::ContractVKShare {
    dkg::verification_key::ContractVKShare {
        share: "share".into(),
        announce_address: "https://signer.example".into(),
        node_index: 3,
        owner: addr("dealer"),
        epoch_id: 7,
        verified: true,
    }
}

#[test]
fn messages_to_the_dkg_contract() {
    use dkg::msg::ExecuteMsg as E;
    both_ways::<ours::dkg::InstantiateMsg, _>([None, Some(Default::default())].map(
        |time_configuration| dkg::msg::InstantiateMsg {
            group_addr: text("group"),
            multisig_addr: text("multisig"),
            time_configuration,
            mix_denom: "unym".into(),
            key_size: 5,
        },
    ));
    both_ways::<ours::dkg::MigrateMsg, _>(
        [None, Some(Default::default())]
            .map(|time_configuration| dkg::msg::MigrateMsg { time_configuration }),
    );
    both_ways::<ours::dkg::ExecuteMsg, _>([
        E::InitiateDkg {},
        E::RegisterDealer {
            bte_key_with_proof: "none-v1-".into(),
            identity_key: "key".into(),
            announce_address: "https://signer.example".into(),
            resharing: true,
        },
        E::CommitVerificationKeyShare {
            share: "share".into(),
            resharing: false,
        },
        E::AdvanceEpochState {},
        E::UpdateAnnounceAddress {
            new_address: "https://other.example".into(),
        },
    ]);
    unknown::<ours::dkg::ExecuteMsg, _>([
        E::TransferOwnership {
            transfer_to: text("other"),
        },
        E::CommitDealingsMetadata {
            dealing_index: 0,
            chunks: Vec::new(),
            resharing: false,
        },
    ]);
    // The proposal on a share carries a hash more than published signers know; they read it all the same.
    let written = to_json_string(&ours::dkg::ExecuteMsg::VerifyVerificationKeyShare {
        owner: text("dealer"),
        resharing: true,
        epoch_id: 7,
        share_hash: "00".repeat(32),
    });
    let read: E = from_json(written.unwrap()).unwrap();
    let expected = E::VerifyVerificationKeyShare {
        owner: text("dealer"),
        resharing: true,
        epoch_id: 7,
    };
    assert_eq!(read, expected);
}

#[test]
fn questions_to_the_dkg_contract() {
    use dkg::msg::QueryMsg as Q;
    let after = || Some(text("dealer"));
    let owner = text("dealer");
    let dealer_address = || text("dealer");
    both_ways::<ours::dkg::QueryMsg, _>([
        Q::GetState {},
        Q::GetCurrentEpochState {},
        Q::GetEpochStateAtHeight { height: u64::MAX },
        Q::GetCurrentEpochThreshold {},
        Q::GetEpochThreshold { epoch_id: 7 },
        Q::CanAdvanceState {},
        Q::GetRegisteredDealer {
            dealer_address: dealer_address(),
            epoch_id: None,
        },
        Q::GetDealerDetails {
            dealer_address: dealer_address(),
        },
        Q::GetEpochDealersAddresses {
            epoch_id: 7,
            limit: None,
            start_after: after(),
        },
        Q::GetEpochDealers {
            epoch_id: 7,
            limit: Some(1),
            start_after: None,
        },
        Q::GetCurrentDealers {
            limit: None,
            start_after: after(),
        },
        Q::GetDealerIndices {
            limit: Some(100),
            start_after: None,
        },
        Q::GetVerificationKey { epoch_id: 7, owner },
        Q::GetVerificationKeys {
            epoch_id: 7,
            limit: None,
            start_after: after(),
        },
        Q::GetCW2ContractVersion {},
    ]);
    unknown::<ours::dkg::QueryMsg, _>([Q::GetDealerDealingsStatus {
        epoch_id: 7,
        dealer: text("dealer"),
    }]);
}

#[test]
fn answers_of_the_dkg_contract() {
    both_ways::<ours::dkg::Epoch, _>(epochs());
    both_ways::<Option<ours::dkg::Epoch>, _>([None, epochs().next()]);
    both_ways::<ours::dkg::CanAdvanceStateResponse, _>(epochs().map(|epoch| {
        dkg::types::StateAdvanceResponse {
            current_state: epoch.state,
            progress: epoch.state_progress,
            deadline: epoch.deadline,
            reached_deadline: true,
            is_complete: false,
        }
    }));
    both_ways::<ours::dkg::StateResponse, _>([dkg::types::State {
        mix_denom: "unym".into(),
        multisig_addr: addr("multisig"),
        group_addr: Cw4Contract::new(addr("group")),
        key_size: 5,
    }]);
    for dealer_type in [
        ours::dkg::DealerType::Current { assigned_index: 3 },
        ours::dkg::DealerType::Past { assigned_index: 3 },
        ours::dkg::DealerType::Unknown,
    ] {
        let written = ours::dkg::DealerDetailsResponse {
            details: Some(our_dealer(3)),
            dealer_type,
        };
        let read: dkg::dealer::DealerDetailsResponse = read_by_them(&written);
        assert_eq!(read.details, Some(dealer(3)));
        let kind = serde_json::to_value(read.dealer_type).unwrap();
        assert_eq!(kind, serde_json::to_value(written.dealer_type).unwrap());
    }
    let read: dkg::dealer::PagedDealerResponse = read_by_them(&ours::dkg::DealersResponse {
        dealers: vec![our_dealer(1), our_dealer(2)],
        per_page: 50,
        start_next_after: Some(addr("dealer")),
    });
    assert_eq!(read.dealers, [dealer(1), dealer(2)]);
    assert_eq!(read.start_next_after, Some(addr("dealer")));
    both_ways::<ours::dkg::DealerAddressesResponse, _>([
        dkg::dealer::PagedDealerAddressesResponse {
            dealers: vec![addr("dealer")],
            start_next_after: Some(addr("dealer")),
        },
    ]);
    both_ways::<ours::dkg::DealerIndicesResponse, _>([dkg::dealer::PagedDealerIndexResponse {
        indices: vec![(addr("dealer"), 3)],
        start_next_after: None,
    }]);
    both_ways::<ours::dkg::KeyShareResponse, _>([None, Some(share())].map(|share| {
        dkg::verification_key::VkShareResponse {
            owner: addr("dealer"),
            epoch_id: 7,
            share,
        }
    }));
    both_ways::<ours::dkg::KeySharesResponse, _>([dkg::verification_key::PagedVKSharesResponse {
        shares: vec![share()],
        per_page: 30,
        start_next_after: Some(addr("dealer")),
    }]);
}

#[test]
fn an_epoch_of_the_may_contract_is_read_by_both_alike() {
    let may = r#"{"state":"in_progress","epoch_id":3,"state_progress":{"registered_dealers":4,
        "registered_resharing_dealers":0,"submitted_dealings":4,"submitted_key_shares":4,"verified_keys":4},
        "time_configuration":{"public_key_submission_time_secs":600,"dealing_exchange_time_secs":300,
        "verification_key_submission_time_secs":300,"verification_key_validation_time_secs":60,
        "verification_key_finalization_time_secs":60,"in_progress_time_secs":1209600},
        "finish_timestamp":"1764936000000000000"}"#;
    let theirs: dkg::types::Epoch = from_json(may).unwrap();
    let read: ours::dkg::Epoch = from_json(may).unwrap();
    assert_eq!(read.issuing_epoch(), theirs.issuing_epoch_id());
    both_ways::<ours::dkg::Epoch, _>([theirs]);
}

#[test]
fn messages_to_the_ecash_contract() {
    use ecash::msg::ExecuteMsg as E;
    both_ways::<ours::ecash::InstantiateMsg, _>([ecash::msg::InstantiateMsg {
        holding_account: text("holding"),
        multisig_addr: text("multisig"),
        group_addr: text("group"),
        deposit_amount: price(),
    }]);
    both_ways::<ours::ecash::MigrateMsg, _>([ecash::msg::MigrateMsg {
        initial_whitelist: vec![ecash::msg::WhitelistedDeposit {
            address: text("reduced"),
            deposit: price(),
        }],
    }]);
    let public_key = || "key".to_owned();
    both_ways::<ours::ecash::ExecuteMsg, _>([
        E::DepositTicketBookFunds {
            identity_key: "key".into(),
        },
        E::RequestRedemption {
            commitment_bs58: "commitment".into(),
            number_of_tickets: u16::MAX,
        },
        E::RedeemTickets {
            n: 1,
            gw: text("gateway"),
        },
        E::UpdateAdmin {
            admin: text("admin"),
        },
        E::UpdateDefaultDepositValue {
            new_deposit: price(),
        },
        E::SetReducedDepositPrice {
            address: text("reduced"),
            deposit: price(),
        },
        E::RemoveReducedDepositPrice {
            address: text("reduced"),
        },
        E::ProposeToBlacklist {
            public_key: public_key(),
        },
        E::AddToBlacklist {
            public_key: public_key(),
        },
    ]);
}

#[test]
fn questions_to_the_ecash_contract() {
    use ecash::msg::QueryMsg as Q;
    both_ways::<ours::ecash::QueryMsg, _>([
        Q::GetBlacklistedAccount {
            public_key: "key".into(),
        },
        Q::GetBlacklistPaged {
            limit: Some(75),
            start_after: Some("key".into()),
        },
        Q::GetDefaultDepositAmount {},
        Q::GetReducedDepositAmount {
            address: text("reduced"),
        },
        Q::GetAllWhitelistedAccounts {},
        Q::GetDeposit {
            deposit_id: u32::MAX,
        },
        Q::GetLatestDeposit {},
        Q::GetDepositsPaged {
            limit: None,
            start_after: Some(0),
        },
        Q::GetDepositsStatistics {},
    ]);
}

#[test]
fn answers_of_the_ecash_contract() {
    let deposit = || ecash::deposit::Deposit {
        bs58_encoded_ed25519_pubkey: "key".into(),
    };
    let numbered = |id| ecash::deposit::DepositData {
        id,
        deposit: deposit(),
    };
    both_ways::<Coin, _>([price()]);
    both_ways::<ours::ecash::DepositResponse, _>(
        [None, Some(deposit())].map(|deposit| ecash::deposit::DepositResponse { id: 7, deposit }),
    );
    both_ways::<ours::ecash::LatestDepositResponse, _>(
        [None, Some(numbered(7))].map(|deposit| ecash::deposit::LatestDepositResponse { deposit }),
    );
    both_ways::<ours::ecash::PagedDepositsResponse, _>([None, Some(8)].map(|start_next_after| {
        ecash::deposit::PagedDepositsResponse {
            deposits: vec![numbered(7), numbered(8)],
            start_next_after,
        }
    }));
    both_ways::<ours::ecash::WhitelistedAccountsResponse, _>([
        ecash::reduced_deposit::WhitelistedAccountsResponse {
            whitelisted_accounts: vec![ecash::reduced_deposit::WhitelistedAccount {
                address: addr("reduced"),
                deposit: price(),
            }],
        },
    ]);
    both_ways::<ours::ecash::DepositsStatistics, _>([
        ecash::deposit_statistics::DepositsStatistics {
            total_deposits_made: 2,
            total_deposited: price(),
            total_deposits_made_with_default_price: 1,
            total_deposited_with_default_price: price(),
            total_deposits_made_with_custom_price: 1,
            total_deposited_with_custom_price: price(),
            deposits_made_with_custom_price: HashMap::from([(text("reduced"), 1)]),
            deposited_with_custom_price: HashMap::from([(text("reduced"), price())]),
        },
    ]);
}

#[test]
fn the_blacklist_of_ours_is_read_by_theirs() {
    let nobody = ours::ecash::BlacklistedAccountResponse { account: None };
    let read: ecash::blacklist::BlacklistedAccountResponse = read_by_them(&nobody);
    assert_eq!(read.account, None);
    let page = ours::ecash::PagedBlacklistedAccountResponse {
        accounts: Vec::new(),
        per_page: 50,
        start_next_after: None,
    };
    let read: ecash::blacklist::PagedBlacklistedAccountResponse = read_by_them(&page);
    assert_eq!((read.accounts.len(), read.per_page), (0, 50));
}

#[test]
fn messages_to_the_multisig() {
    use multisig::msg::ExecuteMsg as E;
    let call: CosmosMsg<Empty> = WasmMsg::Execute {
        contract_addr: text("dkg"),
        msg: Binary::from(b"{}"),
        funds: vec![price()],
    }
    .into();
    both_ways::<ours::multisig::ExecuteMsg, _>([
        E::Propose {
            title: "title".into(),
            description: String::new(),
            msgs: vec![call],
            latest: Some(Expiration::AtTime(Timestamp::from_seconds(1))),
        },
        E::Vote {
            proposal_id: 7,
            vote: Vote::Veto,
        },
        E::Execute { proposal_id: 7 },
        E::Close { proposal_id: 7 },
        E::MemberChangedHook(MemberChangedHookMsg {
            diffs: vec![MemberDiff::new(text("member"), None, Some(1))],
        }),
    ]);
    use multisig::state::Executor;
    let executors = [
        None,
        Some(Executor::Member),
        Some(Executor::Only(addr("executor"))),
    ];
    both_ways::<ours::multisig::InstantiateMsg, _>(executors.map(|executor| {
        multisig::msg::InstantiateMsg {
            group_addr: text("group"),
            coconut_bandwidth_contract_address: text("ecash"),
            coconut_dkg_contract_address: text("dkg"),
            threshold: Threshold::AbsolutePercentage {
                percentage: Decimal::percent(67),
            },
            max_voting_period: Duration::Time(86_400),
            executor,
            proposal_deposit: None,
        }
    }));
    both_ways::<ours::multisig::MigrateMsg, _>([multisig::msg::MigrateMsg {
        coconut_bandwidth_address: text("ecash"),
        coconut_dkg_address: text("dkg"),
    }]);
}

#[test]
fn questions_to_the_multisig_and_its_settings() {
    use multisig::msg::QueryMsg as Q;
    both_ways::<ours::multisig::QueryMsg, _>([
        Q::Threshold {},
        Q::Proposal { proposal_id: 7 },
        Q::ListProposals {
            start_after: None,
            limit: Some(30),
        },
        Q::ReverseProposals {
            start_before: Some(7),
            limit: None,
        },
        Q::Vote {
            proposal_id: 7,
            voter: text("voter"),
        },
        Q::ListVotes {
            proposal_id: 7,
            start_after: Some(text("voter")),
            limit: None,
        },
        Q::Voter {
            address: text("voter"),
        },
        Q::ListVoters {
            start_after: None,
            limit: None,
        },
        Q::Config {},
    ]);
    both_ways::<ours::multisig::Config, _>([multisig::state::Config {
        threshold: Threshold::AbsoluteCount { weight: 3 },
        max_voting_period: Duration::Height(100),
        group_addr: Cw4Contract::new(addr("group")),
        coconut_bandwidth_addr: addr("ecash"),
        coconut_dkg_addr: addr("dkg"),
        executor: None,
        proposal_deposit: None,
    }]);
}

#[test]
fn messages_and_questions_to_the_group() {
    use group::{ExecuteMsg as E, QueryMsg as Q};
    let member = || Member {
        addr: text("member"),
        weight: 1,
    };
    both_ways::<ours::group::InstantiateMsg, _>([group::InstantiateMsg {
        admin: Some(text("admin")),
        members: vec![member()],
    }]);
    both_ways::<ours::group::ExecuteMsg, _>([
        E::UpdateAdmin { admin: None },
        E::UpdateMembers {
            remove: vec![text("leaver")],
            add: vec![member()],
        },
        E::AddHook { addr: text("hook") },
        E::RemoveHook { addr: text("hook") },
    ]);
    both_ways::<ours::group::QueryMsg, _>([
        Q::Admin {},
        Q::TotalWeight { at_height: Some(7) },
        Q::ListMembers {
            start_after: None,
            limit: Some(30),
        },
        Q::Member {
            addr: text("member"),
            at_height: None,
        },
        Q::Hooks {},
    ]);
}
