use sha2::{Digest, Sha256};

use super::*;
use crate::spend::{Draw, Half, Witness};
use crate::{
    NonceName, SecretScalar, SpendContext, UserKeyPair, VerifyingKey, Wallet, WithdrawalRequest,
    WithdrawalSecrets,
};

fn nonces(value: &'static Value) -> impl Fn(&str) -> SecretScalar {
    move |name| SecretScalar::from_bytes(&bytes(&value["nonces"][name])).unwrap()
}

#[test]
fn a_withdrawal_with_given_nonces_gives_the_known_request() {
    let (Some(known), Some(keyset)) = (section("kat"), Keyset::ttp()) else {
        return;
    };
    let known = &known["withdrawal"];
    let issued = Withdrawal(&known["issued"]);
    let given = nonces(known);
    let secrets = WithdrawalSecrets::new(given("v"), given("o"), given("o1"), given("o2"));
    let mut nonce =
        |_: &[u8; crate::constants::WITHDRAWAL_INSTANCE_BYTES], name: NonceName| match name {
            NonceName::O => given("rho_o"),
            NonceName::O1 => given("rho_o1"),
            NonceName::O2 => given("rho_o2"),
            NonceName::U => given("rho_m1"),
            NonceName::V => given("rho_m2"),
        };
    let user = UserKeyPair::from(issued.user());
    let (expiration, ticket_type) = (
        date(&issued.0["expiration_date"]),
        byte(&issued.0["ticket_type"]),
    );
    let (request, info) =
        WithdrawalRequest::new(&user, expiration, ticket_type, secrets, &mut nonce).unwrap();
    assert_eq!(
        request.to_bytes().to_vec(),
        bytes(&issued.0["withdrawal_request"])
    );
    assert_eq!(info.to_bytes().to_vec(), bytes(&issued.0["request_info"]));
    super::withdrawals::check(&issued, &keyset);
}

#[test]
fn a_derived_scalar_is_the_reduced_little_endian_integer() {
    let mut wide = [0; 64];
    wide[32] = 1; // 2²⁵⁶ mod r
    let scalar = crate::Scalar::from_wide_bytes(&wide);
    let two_to_the_64 = crate::Scalar::from(u64::MAX) + crate::Scalar::ONE;
    assert_eq!(
        scalar,
        two_to_the_64 * two_to_the_64 * two_to_the_64 * two_to_the_64
    );
}

/// The name that the vector file has for something a payment draws.
fn name(draw: Draw) -> String {
    let half = |half, blinding: &str, scale: &str| {
        if half == Half::Blinding {
            blinding.to_owned()
        } else {
            scale.to_owned()
        }
    };
    match draw {
        Draw::Wallet(which) => half(which, "r", "r_prime"),
        Draw::Date(which) => half(which, "r_e", "r_e_prime"),
        Draw::Coin(k, which) => half(which, &format!("r_k[{k}]"), &format!("r_k_prime[{k}]")),
        Draw::CommitmentOpening => "o_c".to_owned(),
        Draw::TicketOpening(k) => format!("o_a[{k}]"),
        Draw::Nonce(Witness::U) => "rho_attr[0]".to_owned(),
        Draw::Nonce(Witness::V) => "rho_attr[1]".to_owned(),
        Draw::Nonce(Witness::Expiration) => "rho_attr[2]".to_owned(),
        Draw::Nonce(Witness::R) => "rho_r".to_owned(),
        Draw::Nonce(Witness::RE) => "rho_r_e".to_owned(),
        Draw::Nonce(Witness::CommitmentOpening) => "rho_o_c".to_owned(),
        Draw::Nonce(Witness::TicketR(k)) => format!("rho_r_k[{k}]"),
        Draw::Nonce(Witness::Index(k)) => format!("rho_l[{k}]"),
        Draw::Nonce(Witness::TicketOpening(k)) => format!("rho_o_a[{k}]"),
        Draw::Nonce(Witness::Mu(k)) => format!("rho_mu[{k}]"),
        Draw::Nonce(Witness::Product(k)) => format!("rho_o_mu[{k}]"),
    }
}

#[test]
fn a_payment_with_given_nonces_gives_the_known_bytes() {
    let (Some(known), Some(keyset)) = (section("kat"), Keyset::ttp()) else {
        return;
    };
    let issued = Withdrawal(&known["withdrawal"]["issued"]);
    let (master, dates, coins) = (keyset.master(), keyset.dates(), keyset.coins());
    let context = SpendContext {
        master: &master,
        dates: &dates,
        coins: &coins,
    };
    for case in items(&known["spend"]) {
        let given = nonces(case);
        let mut wallet = Wallet::new(issued.wallet(), number(&case["first_ticket_index"])).unwrap();
        let (pay_info, spend_date) = (array(&case["pay_info"]), date(&case["spend_date"]));
        let payment = wallet
            .spend_with(
                &issued.user(),
                &context,
                &pay_info,
                spend_date,
                number(&case["spend_value"]),
                &mut |draw| given(&name(draw)),
            )
            .unwrap();

        let mut transcript = Sha256::new();
        items(&case["transcript_parts"])
            .iter()
            .for_each(|part| transcript.update(bytes(part)));
        let challenge = payment.parts().proof.challenge;
        assert_eq!(challenge.to_bytes().to_vec(), bytes(&case["challenge"]));
        assert_eq!(challenge, crate::hash::challenge(transcript));
        assert_eq!(payment.to_bytes(), bytes(&case["payment"]));
        VerifyingKey::new(&master)
            .verify(payment, &pay_info, spend_date, &mut rand::thread_rng())
            .unwrap();
    }
}
