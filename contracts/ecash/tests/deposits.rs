//! Buying the right to a book.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::cast_possible_truncation,
    missing_docs
)]

mod common;

use common::*;
use cosmwasm_std::{Timestamp, coin};
use curve25519_dalek::{constants::EIGHT_TORSION, edwards::CompressedEdwardsY};
use ecash_contract::ContractError;
use ecash_contract_messages::ecash::*;

#[test]
fn a_deposit_answers_its_id_and_is_recorded_with_payer_amount_height_and_time() {
    let mut world = World::new();
    let alice = addr("alice");
    let first = world.deposit(&alice, 1).unwrap();
    world.wait(5);
    let second = world.deposit(&alice, 1).unwrap();

    assert_eq!(first.data.unwrap().as_slice(), [0, 0, 0, 0]);
    assert_eq!(second.data.clone().unwrap().as_slice(), [0, 0, 0, 1]);
    let attribute = |key| attribute(&second, "wasm-deposited-funds", key);
    assert_eq!(attribute("deposit-id"), "1");
    assert_eq!(attribute("payer"), alice.as_str());
    assert_eq!(attribute("amount"), "75000000");
    assert_eq!(attribute("time"), format!("{}000000000", DAY_ZERO + 5));

    let answer: DepositInfoResponse = world.query(&QueryMsg::GetDepositInfo { deposit_id: 1 });
    assert_eq!(
        answer.info.unwrap(),
        DepositInfo {
            payer: alice,
            amount: PRICE.into(),
            height: 101,
            time: Timestamp::from_seconds(DAY_ZERO + 5),
            state: DepositState::Open,
            changed_at: None,
        }
    );
    let answer: DepositResponse = world.query(&QueryMsg::GetDeposit { deposit_id: 1 });
    assert_eq!(
        answer.deposit.unwrap().bs58_encoded_ed25519_pubkey,
        identity(&signing_key(1))
    );
    let unknown: DepositResponse = world.query(&QueryMsg::GetDeposit { deposit_id: 2 });
    assert_eq!(unknown.deposit, None);
}

#[test]
fn the_identity_key_is_stored_as_32_raw_bytes_under_the_reference_key() {
    let mut world = World::new();
    world.deposit(&addr("alice"), 9).unwrap();
    let (_, value) = world
        .storage()
        .into_iter()
        .find(|(key, _)| key == b"\x00\x07deposit\x00\x00\x00\x00")
        .unwrap();
    assert_eq!(value, signing_key(9).verifying_key().to_bytes());
}

fn base58(bytes: impl AsRef<[u8]>) -> String {
    bs58::encode(bytes).into_string()
}

/// p + k for k < 19: the encodings of y with y ≥ p.
fn beyond_p(k: u8, sign: u8) -> [u8; 32] {
    let mut bytes = [0xff; 32];
    bytes[0] = 0xed + k;
    bytes[31] = 0x7f | sign << 7;
    bytes
}

fn small_order_encodings() -> Vec<[u8; 32]> {
    let mut all: Vec<[u8; 32]> = EIGHT_TORSION
        .iter()
        .map(|p| p.compress().to_bytes())
        .collect();
    for mut bytes in all.clone() {
        bytes[31] ^= 0x80;
        all.push(bytes);
    }
    for k in [0, 1] {
        all.extend([beyond_p(k, 0), beyond_p(k, 1)]);
    }
    all
}

#[test]
fn a_malformed_identity_key_is_refused_and_the_money_stays() {
    let honest = signing_key(1).verifying_key().to_bytes();
    let mut keys = vec![
        String::new(),
        base58(&honest[..31]),
        base58([honest.as_slice(), &[1]].concat()),
        "1".repeat(1 << 20),
        "O0Il".repeat(11),
        format!("{}é", &base58(honest)[..42]),
        base58([0; 32]),
        base58([0xff; 32]),
    ];
    let no_point = (2u8..)
        .map(|y| {
            let mut bytes = [0; 32];
            bytes[0] = y;
            bytes
        })
        .find(|bytes| CompressedEdwardsY(*bytes).decompress().is_none());
    keys.extend(no_point.map(base58));
    keys.extend(small_order_encodings().into_iter().map(base58));
    keys.extend((0..19).flat_map(|k| [base58(beyond_p(k, 0)), base58(beyond_p(k, 1))]));

    let mut world = World::new();
    let alice = addr("alice");
    world.fund(&alice, &unym(PRICE));
    for identity_key in keys {
        let shown: String = identity_key.chars().take(50).collect();
        let msg = ExecuteMsg::DepositTicketBookFunds { identity_key };
        let refused = world.send(&alice, &msg, &unym(PRICE)).unwrap_err();
        assert!(
            matches!(refused, ContractError::MalformedEd25519Identity { .. }),
            "{shown}: {refused}"
        );
        assert_eq!(world.balance(&alice, DENOM), PRICE);
    }
}

#[test]
fn an_encoding_beyond_p_of_a_point_of_large_order_is_refused_for_being_not_canonical() {
    let large = (2..19)
        .map(|k| beyond_p(k, 0))
        .find(|bytes| {
            CompressedEdwardsY(*bytes)
                .decompress()
                .is_some_and(|p| !p.is_small_order())
        })
        .unwrap();
    let mut world = World::new();
    let alice = addr("alice");
    world.fund(&alice, &unym(PRICE));
    let msg = ExecuteMsg::DepositTicketBookFunds {
        identity_key: base58(large),
    };
    assert_eq!(
        world.send(&alice, &msg, &unym(PRICE)).unwrap_err(),
        ContractError::MalformedEd25519Identity {
            reason: "not the canonical encoding of its point"
        }
    );
}

#[test]
fn a_deposit_is_exactly_one_coin_of_the_right_denom() {
    let mut world = World::new();
    let alice = addr("alice");
    world.fund(&alice, &[coin(PRICE, DENOM), coin(PRICE, "unyx")]);
    for funds in [
        vec![],
        vec![coin(PRICE, "unyx")],
        vec![coin(PRICE, DENOM), coin(1, "unyx")],
    ] {
        let refused = world.send(&alice, &deposit_msg(1), &funds).unwrap_err();
        assert!(
            matches!(refused, ContractError::InvalidDeposit { .. }),
            "{funds:?}: {refused}"
        );
    }
    assert_eq!(world.balance(&alice, "unyx"), PRICE);
}

#[test]
fn a_deposit_of_another_amount_is_refused_naming_the_price() {
    let mut world = World::new();
    let alice = addr("alice");
    for received in [1, PRICE - 1, PRICE + 1, 2 * PRICE] {
        assert_eq!(
            world.deposit_amount(&alice, 1, received).unwrap_err(),
            ContractError::WrongAmount {
                received: received.into(),
                amount: PRICE.into()
            }
        );
    }
    assert_eq!(world.ledger().deposits, 0);
}

#[test]
fn an_account_with_a_reduced_price_pays_that_or_the_default_and_nobody_else_does() {
    let mut world = World::new();
    let (alice, bob) = (addr("alice"), addr("bob"));
    let reduced = PRICE * 2 / 3;
    world.set_reduced(&alice, reduced).unwrap();

    world.deposit_amount(&alice, 1, reduced).unwrap();
    world.deposit(&alice, 2).unwrap();
    assert_eq!(
        world.deposit_amount(&alice, 3, reduced + 1).unwrap_err(),
        ContractError::WrongAmount {
            received: (reduced + 1).into(),
            amount: reduced.into()
        }
    );
    assert_eq!(
        world.deposit_amount(&bob, 3, reduced).unwrap_err(),
        ContractError::WrongAmount {
            received: reduced.into(),
            amount: PRICE.into()
        }
    );

    let statistics = world.statistics();
    assert_eq!(statistics.total_deposits_made, 2);
    assert_eq!(statistics.total_deposits_made_with_default_price, 1);
    assert_eq!(statistics.total_deposits_made_with_custom_price, 1);
    assert_eq!(
        statistics.deposited_with_custom_price[alice.as_str()],
        coin(reduced, DENOM)
    );
    let page: PagedCustomDepositsResponse = world.query(&QueryMsg::GetCustomDepositsPaged {
        limit: None,
        start_after: None,
    });
    assert_eq!(
        page.accounts,
        [CustomDeposits {
            address: alice,
            count: 1,
            amount: coin(reduced, DENOM)
        }]
    );
    assert_eq!(page.start_next_after, None);
}

#[test]
fn the_last_second_of_a_day_and_the_first_of_the_next_count_for_their_own_days() {
    let mut world = World::new();
    let alice = addr("alice");
    let day = u32::try_from(DAY_ZERO / DAY_SECS).unwrap();
    world.set_time(DAY_ZERO + DAY_SECS - 1);
    world.deposit(&alice, 1).unwrap();
    world.deposit(&alice, 2).unwrap();
    world.set_time(DAY_ZERO + DAY_SECS);
    world.deposit(&alice, 3).unwrap();
    assert_eq!(
        world.all_days(),
        [
            DayDeposits {
                date: day,
                count: 2,
                amount: (2 * PRICE).into()
            },
            DayDeposits {
                date: day + 1,
                count: 1,
                amount: PRICE.into()
            },
        ]
    );
}

#[test]
fn the_latest_deposit_is_none_then_the_first_then_the_second() {
    let mut world = World::new();
    let latest = |world: &World| -> Option<u32> {
        let answer: LatestDepositResponse = world.query(&QueryMsg::GetLatestDeposit {});
        answer.deposit.map(|deposit| deposit.id)
    };
    assert_eq!(latest(&world), None);
    world.deposit(&addr("alice"), 1).unwrap();
    assert_eq!(latest(&world), Some(0));
    world.deposit(&addr("bob"), 2).unwrap();
    assert_eq!(latest(&world), Some(1));
}

#[test]
fn pages_of_deposits_end_with_a_null_pointer_and_are_never_empty_before() {
    let mut world = World::new();
    for seed in 0..5 {
        world.deposit(&addr("alice"), seed).unwrap();
    }
    let page = |limit, start_after| -> (Vec<u32>, Option<u32>) {
        let page: PagedDepositsResponse = world.query(&QueryMsg::GetDepositsPaged {
            limit: Some(limit),
            start_after,
        });
        (
            page.deposits.iter().map(|d| d.id).collect(),
            page.start_next_after,
        )
    };
    assert_eq!(page(2, None), (vec![0, 1], Some(1)));
    assert_eq!(page(2, Some(1)), (vec![2, 3], Some(3)));
    assert_eq!(page(2, Some(3)), (vec![4], None));
    assert_eq!(page(5, None), (vec![0, 1, 2, 3, 4], None));
    assert_eq!(page(0, None), (vec![0], Some(0)));
    assert_eq!(page(2, Some(4)), (vec![], None));
    assert_eq!(page(2, Some(u32::MAX)), (vec![], None));
}

#[test]
fn money_sent_without_a_message_is_not_booked() {
    let mut world = World::new();
    let ecash = world.ecash.clone();
    world.fund(&ecash, &unym(1_000));
    world.deposit(&addr("alice"), 1).unwrap();
    assert_eq!(world.ledger().balance.u128(), PRICE);
    assert_eq!(world.balance(&ecash, DENOM), PRICE + 1_000);
}
