//! R15: who is named, and on what evidence.

use ecash_scheme::{Error, Identified, Payment, UserPublicKey, Verified, identify};

use super::algebra::{G1Affine, Scalar, g, number, pay_info_hash, random, sum1};
use super::prover::forge;
use super::verifier::Claim;
use super::world::{PAY_INFO, WORLD, rng};

const OTHER_PAY_INFO: [u8; 72] = [9; 72];

fn user() -> UserPublicKey {
    UserPublicKey::from_bytes(&sum1(&[(WORLD.u, g())]).to_compressed()).unwrap()
}

fn spend(indices: &[u64], pay_info: [u8; 72]) -> Claim {
    let claims = WORLD.claims(indices);
    let (draft, _) = forge(&WORLD.issuer.key, &claims, &pay_info, &mut rng(1));
    Claim {
        draft,
        pay_info,
        spend_date: super::algebra::EXPIRATION,
    }
}

fn verified(claim: &Claim) -> Result<Verified<Payment>, Error> {
    let payment = Payment::from_bytes(&claim.draft.to_bytes())?;
    WORLD
        .verifying_key
        .verify(payment, &claim.pay_info, claim.spend_date, &mut rng(2))
}

/// U = (ρ·T' − ρ'·T) / (ρ − ρ'), on whatever tags there are.
fn formula(rho: Scalar, tag: G1Affine, other_rho: Scalar, other_tag: G1Affine) -> G1Affine {
    let factor = (rho - other_rho).invert().unwrap();
    sum1(&[(rho * factor, other_tag), (-other_rho * factor, tag)])
}

/// The forger presents a payment of its own a second time with a tag that makes the formula name an innocent.
#[test]
fn r15_an_innocent_is_not_named_by_a_payment_that_does_not_verify() {
    let innocent = sum1(&[(random(&mut rng(3)), g())]);
    let first = spend(&[0], PAY_INFO);
    let mut second = spend(&[0], OTHER_PAY_INFO);
    let (rho, other_rho) = (
        pay_info_hash(&PAY_INFO, 0),
        pay_info_hash(&OTHER_PAY_INFO, 0),
    );
    let inverse = rho.invert().unwrap();
    second.draft.tags[0] = sum1(&[
        ((rho - other_rho) * inverse, innocent),
        (other_rho * inverse, first.draft.tags[0]),
    ]);
    assert_eq!(first.draft.serials, second.draft.serials);
    assert_eq!(
        formula(rho, first.draft.tags[0], other_rho, second.draft.tags[0]),
        innocent
    );
    assert!(verified(&first).is_ok());
    assert_eq!(
        verified(&second).map(|_| ()),
        Err(Error::PaymentProof),
        "so it gets no further"
    );
}

#[test]
fn r15_the_one_who_spent_twice_is_named_at_whatever_position() {
    let first = verified(&spend(&[3], PAY_INFO)).unwrap();
    for (position, indices) in [[3, 4, 5], [4, 3, 5], [4, 5, 3]].iter().enumerate() {
        let second = verified(&spend(indices, OTHER_PAY_INFO)).unwrap();
        let spender = Identified::Spender(user());
        assert_eq!(
            identify(&first, &second),
            Ok(spender),
            "position {position}"
        );
        assert_eq!(identify(&second, &first), Ok(spender));
    }
}

/// Under one pay info the tags are equal and say nothing, whatever the other bytes are.
#[test]
fn r15_a_repetition_is_no_double_spend() {
    let honest = spend(&[3], PAY_INFO);
    let mut rescaled = honest.clone();
    for half in [&mut rescaled.draft.date.0, &mut rescaled.draft.date.1] {
        *half = sum1(&[(number(2u64), *half)]);
    }
    let (one, other) = (verified(&honest).unwrap(), verified(&rescaled).unwrap());
    assert_ne!(one.payment().to_bytes(), other.payment().to_bytes());
    assert_eq!(identify(&one, &other), Ok(Identified::SamePayInfo));
    let elsewhere = verified(&spend(&[4], OTHER_PAY_INFO)).unwrap();
    assert_eq!(identify(&one, &elsewhere), Ok(Identified::NotSameTicket));
}
