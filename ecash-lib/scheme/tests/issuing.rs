//! A signer that verifies and signs many requests in one call decides and signs as it does one by one.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    missing_docs
)]

mod common;

use common::{DAY, EXPIRATION, Issuance, Network, TICKET_TYPE};
use ecash_scheme::{Application, Error, G1, UserPublicKey, WithdrawalRequest, verify_requests};
use serde_json::Value;

fn application<'a>(request: &'a WithdrawalRequest, user: &UserPublicKey) -> Application<'a> {
    Application {
        request,
        user: *user,
        expiration: EXPIRATION,
        ticket_type: TICKET_TYPE,
    }
}

/// The request with the value at `to` copied from `from`.
fn spoilt(request: &WithdrawalRequest, from: &str, to: &str) -> WithdrawalRequest {
    let mut json = serde_json::to_value(request).unwrap();
    let value: Value = json.pointer(from).unwrap().clone();
    *json.pointer_mut(to).unwrap() = value;
    serde_json::from_value(json).unwrap()
}

#[test]
fn requests_verified_together_have_the_verdicts_they_have_alone() {
    let network = Network::new(1);
    let issuances = [2, 3, 4].map(|seed| Issuance::new(&network, seed));
    let [one, two, three] = &issuances;
    let key = |issuance: &Issuance| *issuance.user.public_key();
    let infinity = UserPublicKey::from_bytes(&{
        let mut bytes = [0; 48];
        bytes[0] = 0xc0;
        bytes
    })
    .unwrap();
    let response = spoilt(
        &one.request,
        "/zk_proof/response_opening",
        "/zk_proof/challenge",
    );
    let base = spoilt(
        &two.request,
        "/joined_commitment",
        "/joined_commitment_hash",
    );
    let applications = [
        application(&one.request, &key(one)),
        application(&response, &key(one)),
        application(&base, &key(two)),
        application(&two.request, &key(one)),
        application(&two.request, &infinity),
        application(&two.request, &key(two)),
        Application {
            expiration: EXPIRATION + DAY,
            ..application(&three.request, &key(three))
        },
        Application {
            expiration: EXPIRATION + 1,
            ..application(&three.request, &key(three))
        },
        Application {
            ticket_type: 4,
            ..application(&three.request, &key(three))
        },
        application(&one.request, &key(one)),
        application(&three.request, &key(three)),
    ];
    let together: Vec<_> = verify_requests(&applications)
        .into_iter()
        .map(|verdict| verdict.map(|_| ()))
        .collect();
    let alone: Vec<_> = applications
        .iter()
        .map(|of| {
            let verdict = of.request.verify(&of.user, of.expiration, of.ticket_type);
            verdict.map(|_| ())
        })
        .collect();
    assert_eq!(together, alone);
    assert!(matches!(
        together.as_slice(),
        [
            Ok(()),
            Err(Error::WithdrawalProof),
            Err(Error::CommitmentHash),
            Err(Error::WithdrawalProof),
            Err(Error::Infinity { .. }),
            Ok(()),
            Err(Error::CommitmentHash),
            Err(Error::NotMidnight { .. }),
            Err(Error::UnknownTicketType { .. }),
            Ok(()),
            Ok(()),
        ]
    ));
    assert!(verify_requests(&[]).is_empty());
}

#[test]
fn requests_signed_together_get_the_answers_they_get_alone() {
    let network = Network::new(1);
    let issuances: Vec<_> = (2..7).map(|seed| Issuance::new(&network, seed)).collect();
    let applications: Vec<_> = issuances
        .iter()
        .map(|issuance| application(&issuance.request, issuance.user.public_key()))
        .collect();
    let verified: Vec<_> = verify_requests(&applications)
        .into_iter()
        .map(Result::unwrap)
        .collect();
    for (position, signer) in network.signers.iter().enumerate() {
        let answers = signer.secret.blind_sign_all(&verified);
        let alone: Vec<_> = issuances
            .iter()
            .map(|issuance| issuance.answers[position])
            .collect();
        assert_eq!(answers, alone);
        for (answer, request) in answers.iter().zip(&verified) {
            answer.verify(request, &signer.key).unwrap();
        }
        assert!(signer.secret.blind_sign_all(&[]).is_empty());
    }
}

#[test]
fn a_base_outside_the_subgroup_is_refused_with_the_request() {
    let network = Network::new(1);
    let issuance = Issuance::new(&network, 2);
    let mut bytes = issuance.request.to_bytes();
    bytes[1..49].fill(0);
    bytes[1] = 0x80;
    // Of the small x about half are on the curve, and none of those is in the subgroup.
    let request = (1..20)
        .find_map(|x| {
            bytes[48] = x;
            WithdrawalRequest::from_bytes(&bytes).ok()
        })
        .unwrap();
    assert!(G1::from_bytes(&request.base().to_bytes()).is_err());
    let verdict = request.verify(issuance.user.public_key(), EXPIRATION, TICKET_TYPE);
    assert!(matches!(verdict, Err(Error::CommitmentHash)));
}
