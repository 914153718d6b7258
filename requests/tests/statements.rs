//! Other signed statements: known answers and refusals.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    missing_docs
)]

mod support;

use ecash_requests::bytes::{Base58, Base64};
use ecash_requests::gateway::{AccountBody, AccountToken, GatewayInfo, RegistrationProof};
use ecash_requests::quorum::*;
use ecash_requests::{NetworkIds, RequestsError, ShortText};
use ecash_ticketbook::{DepositId, EpochId, NodeIndex, TicketType, UnixTime};
use rand::SeedableRng;
use serde_json::json;
use support::*;

fn text(text: &str) -> ShortText {
    ShortText::new(text).unwrap()
}

fn nonce() -> Base58<32> {
    Base58(std::array::from_fn(|at| u8::try_from(at).unwrap()))
}

fn info() -> GatewayInfo {
    let roles = vec![TicketType::WireguardEntry, TicketType::MixnetEntry];
    let epochs = vec![EpochId(7), EpochId(6), EpochId(7)];
    GatewayInfo::sign(
        &gateway_key(),
        &network(),
        text("n1gw1"),
        roles,
        epochs,
        TIME,
        nonce(),
    )
}

#[test]
fn the_deposit_status_request_has_its_known_signature() {
    let request = DepositOwnerRequest::sign(
        OwnerAction::Status,
        &network(),
        DEPOSIT,
        TIME,
        &deposit_key(),
    );
    assert_eq!(
        request.signature,
        signature(
            "8dc4ee3628f338e29f8622690088b8c47b81ea2417a4e8bf8b834bdebb9608aa35620ce9e11611f88dbe5bac582b9910572048a41549b9a94b79abe1ed31dd07"
        )
    );
    assert_eq!(
        OwnerAction::Status.path(DEPOSIT),
        "/v1/ecash/deposits/7/status"
    );
    assert_eq!(
        OwnerAction::Refund.path(DEPOSIT),
        "/v1/ecash/deposits/7/refund"
    );
}

#[test]
fn an_owners_request_counts_for_its_action_deposit_and_time_only() {
    let owner = deposit_key().public();
    let request = DepositOwnerRequest::sign(
        OwnerAction::Status,
        &network(),
        DEPOSIT,
        TIME,
        &deposit_key(),
    );
    let check = |action, deposit, now| request.check(action, &network(), deposit, &owner, now);
    assert!(check(OwnerAction::Status, DEPOSIT, TIME.saturating_add(120)).is_ok());
    assert!(check(OwnerAction::Status, DEPOSIT, TIME.saturating_sub(120)).is_ok());
    assert!(matches!(
        check(OwnerAction::Status, DEPOSIT, TIME.saturating_add(121)),
        Err(RequestsError::TooOld { .. })
    ));
    assert!(matches!(
        check(OwnerAction::Status, DEPOSIT, TIME.saturating_sub(121)),
        Err(RequestsError::FromTheFuture { .. })
    ));
    assert!(matches!(
        check(OwnerAction::Refund, DEPOSIT, TIME),
        Err(RequestsError::Signature { .. })
    ));
    assert!(matches!(
        check(OwnerAction::Status, DepositId(8), TIME),
        Err(RequestsError::Signature { .. })
    ));
}

#[test]
fn the_account_registration_has_its_known_signature() {
    let body = AccountBody::sign(&secret(3), &gateway_key().public(), TIME);
    assert_eq!(
        gateway_key().public().to_string(),
        "GmaDrppBC7P5ARKV8g3djiwP89vz1jLK23V2GBjuAEGB"
    );
    assert_eq!(
        body.signature,
        signature(
            "f77fadddf88b4f18832ccdb94f94cc2691d2360648afc1c55be9f91e3e447e5cb996e4356854b0e1b633ca0218d3bd6b9b47ff5388738e3c9c0497919ecbdd0a"
        )
    );
    assert_eq!(
        body.check(&gateway_key().public(), TIME).unwrap(),
        secret(3).public()
    );
}

#[test]
fn an_account_registration_counts_at_its_gateway_and_time_only() {
    let gateway = gateway_key().public();
    let body = AccountBody::sign(&secret(3), &gateway, TIME);
    assert!(body.check(&gateway, TIME.saturating_add(120)).is_ok());
    assert!(matches!(
        body.check(&gateway, TIME.saturating_add(121)),
        Err(RequestsError::TooOld { .. })
    ));
    assert!(matches!(
        body.check(&gateway, TIME.saturating_sub(121)),
        Err(RequestsError::FromTheFuture { .. })
    ));
    assert!(matches!(
        body.check(&secret(8).public(), TIME),
        Err(RequestsError::Signature { .. })
    ));
    let later = AccountBody {
        time: TIME.saturating_add(1),
        ..body.clone()
    };
    assert!(matches!(
        later.check(&gateway, TIME),
        Err(RequestsError::Signature { .. })
    ));
    let other = AccountBody {
        client_key: Base58(*secret(4).public().as_bytes()),
        ..body.clone()
    };
    assert!(matches!(
        other.check(&gateway, TIME),
        Err(RequestsError::Signature { .. })
    ));
    let weak = AccountBody {
        client_key: Base58([0; 32]),
        ..body
    };
    assert!(matches!(
        weak.check(&gateway, TIME),
        Err(RequestsError::Key { .. })
    ));
}

#[test]
fn the_gateway_info_has_its_known_signature() {
    assert_eq!(
        info().signature,
        signature(
            "e6f98b331623cc843c20c068b3068bd138653aa006105068020e11d09fbcc19924f72c29dbc3882f58594b8c147d682d8e7b35aee4918a2262e5dde1a1f0bf06"
        )
    );
    assert_eq!(
        info().check(&network(), &nonce()).unwrap(),
        gateway_key().public()
    );
}

#[test]
fn the_gateway_info_has_its_fields_in_order() {
    let json = serde_json::to_string(&info()).unwrap();
    let expected = format!(
        r#"{{"version":1,"chain_id":"test-chain","ecash_contract":"n1ecash","identity_key":"{}","account":"n1gw1","roles":["v1-mixnet-entry","v1-wireguard-entry"],"epochs":[6,7],"time":1765065600,"nonce":"{}","signature":"{}"}}"#,
        gateway_key().public(),
        nonce(),
        info().signature,
    );
    assert_eq!(json, expected);
    assert_eq!(serde_json::from_str::<GatewayInfo>(&json).unwrap(), info());
}

#[test]
fn an_info_that_is_replayed_altered_or_of_another_network_is_refused() {
    let check = |info: &GatewayInfo| info.check(&network(), &nonce());
    let good = info();
    assert!(matches!(
        good.check(&network(), &Base58([9; 32])),
        Err(RequestsError::Unexpected { .. })
    ));
    let other_chain = NetworkIds::new("other", "n1ecash", "n1contract").unwrap();
    assert!(matches!(
        good.check(&other_chain, &nonce()),
        Err(RequestsError::Unexpected { .. })
    ));
    let other_contract = NetworkIds::new("test-chain", "n1other", "n1contract").unwrap();
    assert!(matches!(
        good.check(&other_contract, &nonce()),
        Err(RequestsError::Unexpected { .. })
    ));

    let changed: [GatewayInfo; 6] = [
        GatewayInfo {
            account: text("n1gw2"),
            ..good.clone()
        },
        GatewayInfo {
            roles: vec![TicketType::MixnetEntry],
            ..good.clone()
        },
        GatewayInfo {
            roles: vec![],
            ..good.clone()
        },
        GatewayInfo {
            epochs: vec![EpochId(6), EpochId(8)],
            ..good.clone()
        },
        GatewayInfo {
            time: TIME.saturating_add(1),
            ..good.clone()
        },
        GatewayInfo {
            identity_key: Base58(*secret(8).public().as_bytes()),
            ..good.clone()
        },
    ];
    for info in changed {
        assert!(
            matches!(check(&info), Err(RequestsError::Signature { .. })),
            "{info:?}"
        );
    }
    let version = GatewayInfo {
        version: 2,
        ..good.clone()
    };
    assert!(matches!(
        check(&version),
        Err(RequestsError::Unexpected { .. })
    ));
    let unordered = GatewayInfo {
        roles: good.roles.iter().rev().copied().collect(),
        ..good.clone()
    };
    assert!(matches!(
        check(&unordered),
        Err(RequestsError::Unexpected { .. })
    ));
    let repeated = GatewayInfo {
        epochs: vec![EpochId(6), EpochId(6)],
        ..good.clone()
    };
    assert!(matches!(
        check(&repeated),
        Err(RequestsError::Unexpected { .. })
    ));
    let twice = GatewayInfo {
        roles: vec![TicketType::MixnetEntry; 2],
        ..good.clone()
    };
    assert!(matches!(
        check(&twice),
        Err(RequestsError::Unexpected { .. })
    ));
    let many = GatewayInfo {
        epochs: (0..256).map(EpochId).collect(),
        ..good
    };
    assert!(matches!(check(&many), Err(RequestsError::TooMany { .. })));
}

#[test]
fn an_info_of_too_many_epochs_names_the_latest() {
    let epochs = (0..300).map(EpochId).collect();
    let info = GatewayInfo::sign(
        &gateway_key(),
        &network(),
        text("n1gw1"),
        vec![],
        epochs,
        TIME,
        nonce(),
    );
    assert_eq!(info.epochs.len(), 255);
    assert_eq!(info.epochs.last(), Some(&EpochId(299)));
    assert!(info.check(&network(), &nonce()).is_ok());
}

#[test]
fn the_registration_proof_has_its_known_value() {
    let (chain, contract, sender) = (text("test-chain"), text("n1ecash"), text("n1gw1"));
    let proof = RegistrationProof::sign(&gateway_key(), &chain, &contract, &sender);
    assert_eq!(
        Base64(proof.0).to_string(),
        "trPG3G4Ugfng0tyUY81U0tqVp8bdqIKFu3F9PBoR/oufJods45DtHtJJkn8xNVkmT/QQsE9CqBBkUNigADUrBA=="
    );
    let identity = gateway_key().public();
    assert!(RegistrationProof::verify(&proof, &identity, &chain, &contract, &sender).is_ok());
    assert!(
        RegistrationProof::verify(&proof, &identity, &chain, &contract, &text("n1gw2")).is_err()
    );
    assert!(RegistrationProof::verify(&proof, &identity, &contract, &chain, &sender).is_err());
}

#[test]
fn a_callers_headers_have_their_known_signature() {
    let path = format!(
        "/v1/ecash/tickets/batches/head?gateway={}",
        gateway_key().public()
    );
    let caller = CallerSignature::get(&gateway_key(), &path, TIME).unwrap();
    assert_eq!(
        caller.signature,
        signature(
            "e384538193b03a1d3020002e05e26f64d319e67a743d5f6ec02b0b310605fed1a2e174aaf85208fb8d02c8c922e50207687da3b333382622bfb8cbd88e57c008"
        )
    );
    let [(_, key), (_, time), (_, signature)] = caller.headers();
    let read = CallerSignature::from_headers(&key, &time, &signature).unwrap();
    assert_eq!(read.check_get(&path, TIME).unwrap(), gateway_key().public());
}

#[test]
fn a_callers_headers_count_for_their_request_and_addressee_only() {
    let (path, body) = ("/v1/ecash/tickets/certificates", b"body".as_slice());
    let get = CallerSignature::get(&gateway_key(), path, TIME).unwrap();
    assert!(
        get.check_get("/v1/ecash/tickets/certificates?after=1", TIME)
            .is_err()
    );
    assert!(get.check_post(path, NODE, b"", TIME).is_err());
    assert!(matches!(
        get.check_get(path, TIME.saturating_add(121)),
        Err(RequestsError::TooOld { .. })
    ));

    let post = CallerSignature::post(&gateway_key(), path, TIME, NODE, body).unwrap();
    assert!(post.check_post(path, NODE, body, TIME).is_ok());
    assert!(post.check_post(path, NodeIndex(4), body, TIME).is_err());
    assert!(post.check_post(path, NODE, b"other", TIME).is_err());
    assert!(post.check_get(path, TIME).is_err());
    assert!(CallerSignature::get(&gateway_key(), "", TIME).is_err());
    assert!(CallerSignature::from_headers("1", "0", "1").is_err());
    assert!(
        CallerSignature::from_headers(
            &gateway_key().public().to_string(),
            "now",
            &post.signature.to_string()
        )
        .is_err()
    );
}

#[test]
fn a_signer_status_is_signed_over_its_compact_json() {
    let body = SignerStatusBody {
        current_time: time::OffsetDateTime::from_unix_timestamp_nanos(1_765_065_600_120_000_000)
            .unwrap(),
        dkg_ecash_epoch_id: EPOCH,
        signer_disabled: false,
        is_ecash_signer: true,
        has_signing_keys: true,
    };
    let text = r#"{"currentTime":"2025-12-07T00:00:00.12Z","dkgEcashEpochId":7,"signerDisabled":false,"isEcashSigner":true,"hasSigningKeys":true}"#;
    assert_eq!(serde_json::to_string(&body).unwrap(), text);
    let whole = SignerStatusBody {
        current_time: time::OffsetDateTime::from_unix_timestamp(1_765_065_600).unwrap(),
        ..body.clone()
    };
    assert!(
        serde_json::to_string(&whole)
            .unwrap()
            .contains(r#""2025-12-07T00:00:00Z""#)
    );

    let signed = SignedMessage::sign(body.clone(), &signer_key()).unwrap();
    assert_eq!(signed.signature, signer_key().sign(text.as_bytes()));
    let travelled: SignerStatusResponse =
        serde_json::from_str(&serde_json::to_string(&signed).unwrap()).unwrap();
    assert_eq!(
        travelled
            .verify("signer status", &signer_key().public())
            .unwrap(),
        &body
    );
    assert!(
        travelled
            .verify("signer status", &secret(8).public())
            .is_err()
    );
    let mut altered = travelled;
    altered.body.has_signing_keys = false;
    assert!(
        altered
            .verify("signer status", &signer_key().public())
            .is_err()
    );
}

#[test]
fn the_answers_to_a_delivered_ticket_have_the_json_of_the_published_interface() {
    let answer = |verified| serde_json::to_value(VerifyEcashTicketResponse { verified }).unwrap();
    assert_eq!(answer(Ok(())), json!({"verified": {"Ok": null}}));
    assert_eq!(
        answer(Err(TicketRejection::DoubleSpend)),
        json!({"verified": {"Err": "DoubleSpend"}})
    );
    let date = |text: &str| text.parse().unwrap();
    let late = TicketRejection::InvalidSpentDate {
        today: date("2025-12-07"),
        yesterday: date("2025-12-06"),
        received: date("2025-12-01"),
    };
    let expected = json!({"verified": {"Err": {"InvalidSpentDate": {"today": "2025-12-07", "yesterday": "2025-12-06", "received": "2025-12-01"}}}});
    assert_eq!(answer(Err(late)), expected);
    assert_eq!(
        serde_json::from_value::<VerifyEcashTicketResponse>(expected)
            .unwrap()
            .verified,
        Err(late)
    );
}

#[test]
fn health_has_the_json_of_the_published_interface() {
    let health = |chain_status| {
        serde_json::to_value(HealthResponse {
            status: ApiStatus::Up,
            chain_status,
            uptime: 5,
        })
        .unwrap()
    };
    assert_eq!(
        health(ChainStatus::Synced),
        json!({"status": "up", "chain_status": "synced", "uptime": 5})
    );
    let stalled = ChainStatus::Stalled {
        approximate_amount: "7m".to_owned(),
    };
    assert_eq!(
        health(stalled)["chain_status"],
        json!({"stalled": {"approximate_amount": "7m"}})
    );
}

#[test]
fn a_token_is_not_shown_and_is_known_by_its_digest() {
    let token = AccountToken::generate(&mut rand::rngs::StdRng::seed_from_u64(4));
    assert_eq!(format!("{token:?}"), "AccountToken(…)");
    let read = AccountToken::from_base58(&token.to_base58()).unwrap();
    assert_eq!(read.digest(), token.digest());
    let refused = AccountToken::from_base58("not-a-token")
        .unwrap_err()
        .to_string();
    assert!(!refused.contains("not-a-token"), "{refused}");
}

#[test]
fn a_verdict_is_its_name_and_says_whether_the_same_bytes_can_help() {
    use ecash_requests::gateway::{Consumed, TicketAnswer, Verdict};
    for verdict in Verdict::ALL {
        assert_eq!(
            serde_json::to_value(verdict).unwrap(),
            json!(verdict.name())
        );
        assert_eq!(verdict.is_granted(), verdict.http_status() == 200);
        assert!(!(verdict.is_retryable() && verdict.consumed() == Consumed::Yes));
    }
    let answer = TicketAnswer {
        verdict: Verdict::Accepted,
        consumed: Consumed::Yes,
        serial: None,
        available: 500_000_000,
    };
    let expected =
        json!({"verdict": "Accepted", "consumed": "yes", "serial": null, "available": 500_000_000});
    assert_eq!(serde_json::to_value(answer).unwrap(), expected);
}

#[test]
fn texts_that_a_signed_text_cannot_hold_are_refused() {
    for refused in ["", " ", "a b", "ä", "a\n", "\u{7f}", &"a".repeat(1025)] {
        assert!(ShortText::new(refused).is_err(), "{refused:?}");
    }
    assert!(ShortText::new("a".repeat(1024)).is_ok());
    assert!(serde_json::from_str::<ShortText>("\"a b\"").is_err());
}

#[test]
fn a_time_of_zero_is_not_taken_for_a_recent_one() {
    let body = AccountBody::sign(&secret(3), &gateway_key().public(), UnixTime(0));
    assert!(matches!(
        body.check(&gateway_key().public(), TIME),
        Err(RequestsError::TooOld { .. })
    ));
}

#[test]
fn a_record_of_an_own_request_gives_the_request_back() {
    let body = body(&vectors());
    let record = RecordedRequest::of(&network(), &body);
    let json = serde_json::to_value(&record).unwrap();
    let read: RecordedRequest = serde_json::from_value(json).unwrap();
    assert_eq!(read, record);
    let again = read.check(&network(), DEPOSIT, &deposit_key().public());
    assert_eq!(again.unwrap(), body);
}

#[test]
fn a_record_that_does_not_hold_together_is_no_answer() {
    let vectors = vectors();
    let body = body(&vectors);
    let owner = deposit_key().public();
    let record = RecordedRequest::of(&network(), &body);
    let refused = |record: &RecordedRequest| record.check(&network(), DEPOSIT, &owner).unwrap_err();

    let mut other = record.clone();
    other.request_hash = RequestHash::from([1; 32]);
    assert!(matches!(refused(&other), RequestsError::Unexpected { .. }));
    other = record.clone();
    other.request.0[0] ^= 1;
    assert!(matches!(refused(&other), RequestsError::Decode { .. }));
    other = record.clone();
    other.deposit_signature.0[0] ^= 1;
    assert!(matches!(refused(&other), RequestsError::Signature { .. }));
    assert!(matches!(
        record.check(&network(), DEPOSIT, &secret(6).public()),
        Err(RequestsError::Signature { .. })
    ));
    assert!(record.check(&network(), DepositId(8), &owner).is_err());

    // The signature covers neither key nor date nor type: only the proof shows that they were exchanged.
    let stranger = *ecash_scheme::UserKeyPair::from_seed(b"stranger").public_key();
    let changes: [&dyn Fn(&mut BlindSignRequestBody); 3] = [
        &|body| body.ecash_pubkey = stranger,
        &|body| body.expiration_date = body.expiration_date.plus_days(1).unwrap(),
        &|body| body.ticketbook_type = TicketType::MixnetEntry,
    ];
    for change in changes {
        let mut changed = body.clone();
        change(&mut changed);
        assert_ne!(changed, body);
        let forged = RecordedRequest::of(&network(), &changed);
        assert!(matches!(refused(&forged), RequestsError::Decode { .. }));
    }
}

#[test]
fn the_answer_to_a_refund_demand_has_its_documented_form() {
    let answer = RefundResponse {
        state: RefundState::Recorded,
    };
    assert_eq!(
        serde_json::to_value(answer).unwrap(),
        json!({"state": "recorded"})
    );
}
