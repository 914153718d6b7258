use super::*;
use crate::codec::{Decode, Encode};
use crate::{BlindedSignature, Error, UserPublicKey, Wallet, WithdrawalRequest};

pub(super) fn check(withdrawal: &Withdrawal, keyset: &Keyset) {
    let value = withdrawal.0;
    let (expiration, ticket_type) = (date(&value["expiration_date"]), byte(&value["ticket_type"]));
    let user = withdrawal.user();
    assert_eq!(
        user.public_key().to_bytes().to_vec(),
        bytes(&value["user_pk"])
    );

    let request = WithdrawalRequest::from_bytes(&bytes(&value["withdrawal_request"])).unwrap();
    assert_eq!(
        request.to_bytes().to_vec(),
        bytes(&value["withdrawal_request"])
    );
    assert_eq!(
        serde_json::to_value(&request).unwrap(),
        value["withdrawal_request_json"]
    );
    let read: WithdrawalRequest =
        serde_json::from_value(value["withdrawal_request_json"].clone()).unwrap();
    assert_eq!(read, request);
    let verified = request
        .verify(&user.public_key(), expiration, ticket_type)
        .unwrap();

    let info = withdrawal.info();
    assert_eq!(info.to_bytes().to_vec(), bytes(&value["request_info"]));
    assert_eq!(
        (info.expiration(), info.ticket_type()),
        (expiration, ticket_type)
    );

    let mut shares = Vec::new();
    for (position, ((index, secret), (_, key))) in
        keyset.secret_keys().iter().zip(&keyset.keys()).enumerate()
    {
        let blinded = secret.blind_sign(&verified);
        assert_eq!(
            blinded.to_bytes().to_vec(),
            bytes(&value["blinded_signatures"][position])
        );
        blinded.verify(&verified, key).unwrap();
        let share = info.unblind(&user, &blinded, key, *index).unwrap();
        assert_eq!(
            share.to_bytes().to_vec(),
            bytes(&value["partial_wallets"][position])
        );
        assert_eq!(
            PartialWallet::from_bytes(&share.to_bytes())
                .unwrap()
                .index(),
            *index
        );
        shares.push(share);
    }
    let first: BlindedSignature =
        serde_json::from_value(value["blinded_signature_1_json"].clone()).unwrap();
    assert_eq!(
        first.to_bytes().to_vec(),
        bytes(&value["blinded_signatures"][0])
    );
    assert_eq!(
        serde_json::to_value(first).unwrap(),
        value["blinded_signature_1_json"]
    );

    for subset in [&shares[..3], &shares[1..5], &shares[..]] {
        let wallet = info
            .aggregate(&user, subset, keyset.threshold(), &keyset.master())
            .unwrap();
        assert_eq!(
            wallet.to_bytes().to_vec(),
            bytes(&value["wallet_signatures"])
        );
    }
    let wallet = Wallet::new(withdrawal.wallet(), 0).unwrap();
    assert_eq!(wallet.to_bytes().to_vec(), bytes(&value["wallet"]));
    assert_eq!(
        Wallet::from_bytes(&bytes(&value["wallet"]))
            .unwrap()
            .spent(),
        0
    );
    assert_eq!(
        wallet.signatures().to_bin(),
        bytes(&value["wallet_signatures_bincode"])
    );
    assert_eq!(wallet.to_bin(), bytes(&value["wallet_bincode"]));
    assert_eq!(
        Wallet::from_bin(&wallet.to_bin()).unwrap().to_bytes(),
        wallet.to_bytes()
    );
}

#[test]
fn a_withdrawal_gives_the_known_bytes_at_every_step() {
    let Some(withdrawals) = section("withdrawals") else {
        return;
    };
    for value in items(withdrawals) {
        let Some(keyset) = Keyset::named(text(&value["keyset"])) else {
            continue;
        };
        check(&Withdrawal(value), &keyset);
    }
}

#[test]
fn tampered_requests_are_refused_by_the_named_check() {
    let Some(negative) = section("negative_withdrawals") else {
        return;
    };
    for case in items(&negative["cases"]) {
        let label = text(&case["label"]);
        let user = UserPublicKey::from_bytes(&bytes(&case["user_pk"])).unwrap();
        let (expiration, ticket_type) =
            (date(&case["expiration_date"]), byte(&case["ticket_type"]));
        let outcome = WithdrawalRequest::from_bytes(&bytes(&case["withdrawal_request"]))
            .and_then(|request| request.verify(&user, expiration, ticket_type).map(|_| ()));
        let as_expected = match text(&case["strict"]) {
            "decode error" => matches!(
                outcome,
                Err(Error::Truncated { .. }
                    | Error::TrailingBytes { .. }
                    | Error::BadPoint { .. }
                    | Error::BadScalar { .. })
            ),
            "reject: vector length" => matches!(outcome, Err(Error::WrongLength { .. })),
            "reject: commitment hash" => outcome == Err(Error::CommitmentHash),
            "reject: proof" => outcome == Err(Error::WithdrawalProof),
            other => panic!("{label}: unknown answer {other}"),
        };
        assert!(as_expected, "{label}: {outcome:?}");
    }
}
