//! The exact JSON of messages and answers that published clients and signers send and read.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, missing_docs)]

use cosmwasm_std::{Timestamp, coin, from_json, to_json_string};
use ecash_contract_messages::{
    dkg::{self, Epoch, EpochState, StateProgress, TimeConfiguration},
    ecash::{self, Role, gateway_proof_message},
    group, multisig,
};
use serde_json::{Value, json};

fn value(item: &impl serde::Serialize) -> Value {
    serde_json::from_str(&to_json_string(item).unwrap()).unwrap()
}

#[test]
fn a_message_is_an_object_with_one_snake_case_key() {
    let deposit = ecash::ExecuteMsg::DepositTicketBookFunds {
        identity_key: "abc".into(),
    };
    assert_eq!(
        value(&deposit),
        json!({"deposit_ticket_book_funds": {"identity_key": "abc"}})
    );
    assert_eq!(
        value(&ecash::QueryMsg::GetLatestDeposit {}),
        json!({"get_latest_deposit": {}})
    );
    assert_eq!(
        value(&dkg::QueryMsg::GetCw2ContractVersion {}),
        json!({"get_cw2_contract_version": {}})
    );
    assert_eq!(
        value(&group::QueryMsg::TotalWeight { at_height: None }),
        json!({"total_weight": {"at_height": null}})
    );
}

#[test]
fn unknown_fields_are_ignored_and_unknown_messages_refused() {
    let with_extra = br#"{"update_admin":{"admin":"n1x","reason":"why not"}}"#;
    assert_eq!(
        from_json::<ecash::ExecuteMsg>(with_extra).unwrap(),
        ecash::ExecuteMsg::UpdateAdmin {
            admin: "n1x".into()
        }
    );
    assert!(
        from_json::<ecash::ExecuteMsg>(
            br#"{"update_deposit_value":{"new_deposit":{"denom":"unym","amount":"50"}}}"#
        )
        .is_err()
    );
    assert!(from_json::<dkg::ExecuteMsg>(br#"{"trigger_reset":{}}"#).is_err());
}

#[test]
fn the_epoch_of_an_older_contract_is_read_and_ours_is_written_in_full() {
    let older = br#"{"state":{"public_key_submission":{"resharing":false}},"epoch_id":0,
        "state_progress":{"registered_dealers":0,"registered_resharing_dealers":0,"submitted_dealings":0,
        "submitted_key_shares":0,"verified_keys":0},"time_configuration":{"public_key_submission_time_secs":600,
        "dealing_exchange_time_secs":300,"verification_key_submission_time_secs":300,
        "verification_key_validation_time_secs":60,"verification_key_finalization_time_secs":60,
        "in_progress_time_secs":1209600},"finish_timestamp":"1571798019879305533"}"#;
    let epoch: Epoch = from_json(older).unwrap();
    assert_eq!(
        epoch.deadline,
        Some(Timestamp::from_nanos(1_571_798_019_879_305_533))
    );
    let written = value(&epoch);
    assert_eq!(written["deadline"], json!("1571798019879305533"));
    for field in ["ceremony_concluded_at", "keys_in_service", "outgoing_keys"] {
        assert_eq!(written.get(field), Some(&Value::Null), "{field}");
    }
}

#[test]
fn states_are_plain_strings_or_objects_with_the_flag() {
    assert_eq!(
        value(&EpochState::WaitingInitialisation),
        json!("waiting_initialisation")
    );
    assert_eq!(value(&EpochState::InProgress), json!("in_progress"));
    assert_eq!(
        value(&EpochState::DealingExchange { resharing: true }),
        json!({"dealing_exchange": {"resharing": true}})
    );
    assert_eq!(value(&dkg::DealerType::Unknown), json!("unknown"));
    assert_eq!(
        value(&dkg::DealerType::Current { assigned_index: 1 }),
        json!({"current": {"assigned_index": 1}})
    );
}

#[test]
fn keys_issue_in_progress_under_their_own_epoch_and_otherwise_under_the_one_in_service() {
    let mut epoch = Epoch {
        state: EpochState::InProgress,
        epoch_id: 3,
        state_progress: StateProgress::default(),
        time_configuration: TimeConfiguration::default(),
        deadline: None,
        ceremony_concluded_at: None,
        keys_in_service: None,
        outgoing_keys: None,
    };
    assert_eq!(epoch.issuing_epoch(), Some(3));
    epoch.state = EpochState::PublicKeySubmission { resharing: false };
    assert_eq!(epoch.issuing_epoch(), None);
    epoch.keys_in_service = Some(1);
    assert_eq!(epoch.issuing_epoch(), Some(1));
}

#[test]
fn the_order_of_the_multisig_names_epoch_and_share() {
    let order = dkg::ExecuteMsg::VerifyVerificationKeyShare {
        owner: "n1x".into(),
        resharing: false,
        epoch_id: 2,
        share_hash: "ab".into(),
    };
    assert_eq!(
        to_json_string(&order).unwrap(),
        r#"{"verify_verification_key_share":{"owner":"n1x","resharing":false,"epoch_id":2,"share_hash":"ab"}}"#
    );
    let without_epoch =
        br#"{"verify_verification_key_share":{"owner":"n1x","resharing":false,"share_hash":"ab"}}"#;
    assert!(from_json::<dkg::ExecuteMsg>(without_epoch).is_err());
}

#[test]
fn optional_fields_of_others_may_be_absent() {
    from_json::<dkg::ExecuteMsg>(
        br#"{"commit_verification_key_share":{"share":"x","resharing":false}}"#,
    )
    .unwrap();
    from_json::<dkg::InstantiateMsg>(
        br#"{"group_addr":"g","multisig_addr":"m","time_configuration":null,"mix_denom":"unym","key_size":5}"#,
    )
    .unwrap();
    from_json::<dkg::MigrateMsg>(b"{}").unwrap();
    from_json::<ecash::InstantiateMsg>(
        br#"{"holding_account":"h","multisig_addr":"m","group_addr":"g",
            "deposit_amount":{"denom":"unym","amount":"75000000"}}"#,
    )
    .unwrap();
    assert!(from_json::<ecash::MigrateMsg>(b"{}").is_err());
    from_json::<ecash::MigrateMsg>(br#"{"initial_whitelist":[]}"#).unwrap();
}

#[test]
fn the_multisig_takes_the_reference_clients_instantiate_message() {
    let message = br#"{"group_addr":"g","coconut_bandwidth_contract_address":"e",
        "coconut_dkg_contract_address":"d","threshold":{"absolute_percentage":{"percentage":"0.67"}},
        "max_voting_period":{"time":86400},"executor":null,"proposal_deposit":null}"#;
    let message: multisig::InstantiateMsg = from_json(message).unwrap();
    assert_eq!(message.executor, None);
    from_json::<multisig::MigrateMsg>(
        br#"{"coconut_bandwidth_address":"e","coconut_dkg_address":"d"}"#,
    )
    .unwrap();
}

#[test]
fn a_ticket_value_says_final_on_the_wire() {
    let answer = ecash::TicketValueResponse {
        date: 20_781,
        value: 1_500_000u128.into(),
        is_final: true,
    };
    assert_eq!(
        value(&answer),
        json!({"date": 20781, "value": "1500000", "final": true})
    );
}

#[test]
fn roles_have_their_text_forms() {
    for role in Role::ALL {
        assert_eq!(value(&role), json!(role.as_str()));
        assert_eq!(role.as_str().parse(), Ok(role));
    }
    assert!("mixnet-entry".parse::<Role>().is_err());
}

#[test]
fn amounts_are_decimal_strings() {
    assert_eq!(
        value(&coin(75_000_000, "unym")),
        json!({"denom": "unym", "amount": "75000000"})
    );
}

#[test]
fn the_claim_to_an_identity_key_is_domain_chain_contract_and_sender() {
    let message = gateway_proof_message("test-chain", "n1ecash", "n1gw1").unwrap();
    let mut expected = b"zknym-gateway-v1".to_vec();
    expected.extend_from_slice(b"\x00\x0atest-chain\x00\x07n1ecash\x00\x05n1gw1");
    assert_eq!(message, expected);
    assert_eq!(gateway_proof_message(&"x".repeat(65_536), "c", "s"), None);
}
