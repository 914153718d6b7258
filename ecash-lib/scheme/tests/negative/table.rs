//! Which tests stand for which negative case of spec 8.4.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

/// Those that run every case of the vector file.
const VECTORS: [&str; 3] = [
    "tampered_payments_are_refused_by_the_named_check",
    "tampered_requests_are_refused_by_the_named_check",
    "everything_else_that_was_tampered_with_is_refused",
];

/// Number, what it is, and its tests beside [`VECTORS`].
const CASES: &[(usize, &str, &[&str])] = &[
    (
        1,
        "empty, truncated, trailing byte",
        &[
            "every_object_is_refused_empty_truncated_or_with_a_byte_more",
            "r8_a_payment_ends_where_it_ends",
        ],
    ),
    (
        2,
        "wrong length prefix",
        &["a_length_that_is_not_that_of_a_point_or_scalar_is_refused"],
    ),
    (
        3,
        "compression flag cleared",
        &["a_point_without_the_compression_flag_is_refused"],
    ),
    (
        4,
        "sign flag flipped",
        &["a_changed_or_exchanged_point_is_refused_by_the_proof"],
    ),
    (
        5,
        "point of G1 outside the subgroup",
        &[
            "points_off_the_curve_or_outside_the_subgroup_are_refused",
            "every_point_of_a_payment_is_checked_to_be_in_its_subgroup",
            "points_of_small_order_do_not_hide_in_a_merged_subgroup_check",
        ],
    ),
    (
        6,
        "point of G2 outside the subgroup",
        &[
            "points_off_the_curve_or_outside_the_subgroup_are_refused",
            "every_point_of_a_payment_is_checked_to_be_in_its_subgroup",
        ],
    ),
    (
        7,
        "x not on the curve",
        &["points_off_the_curve_or_outside_the_subgroup_are_refused"],
    ),
    (8, "x ≥ p", &["coordinates_of_p_and_above_are_refused"]),
    (
        9,
        "infinity with sign flag or non-zero x",
        &["infinity_has_one_encoding"],
    ),
    (10, "scalar = r", &["scalars_of_r_and_above_do_not_decode"]),
    (11, "scalar s + r", &["r6_every_scalar_has_one_form"]),
    (12, "non-minimal varint", &["r6_every_integer_has_one_form"]),
    (
        13,
        "vector length 2⁶⁴ − 1",
        &["r2_huge_lengths_are_refused_as_numbers"],
    ),
    (
        14,
        "key with wrong count, missing byte, bad alpha, empty",
        &["a_key_with_a_wrong_count_a_missing_byte_or_a_bad_alpha_is_refused"],
    ),
    (
        15,
        "secret key non-canonical, wrong count, too short",
        &["a_secret_key_that_is_non_canonical_miscounted_or_short_is_refused"],
    ),
    (
        16,
        "wallet with non-canonical v, wrong length",
        &["a_wallet_with_a_non_canonical_secret_or_another_length_is_refused"],
    ),
    (
        17,
        "h at infinity",
        &["no_element_of_a_request_may_be_infinity"],
    ),
    (
        18,
        "h replaced",
        &["r1_a_base_with_a_known_logarithm_is_not_signed"],
    ),
    (
        19,
        "C replaced",
        &["a_request_with_another_c_or_with_h_and_c_exchanged_is_refused"],
    ),
    (
        20,
        "h and C exchanged",
        &["a_request_with_another_c_or_with_h_and_c_exchanged_is_refused"],
    ),
    (
        21,
        "M1, M2 exchanged",
        &["commitments_are_to_what_the_request_says"],
    ),
    (
        22,
        "M1 shifted",
        &["commitments_are_to_what_the_request_says"],
    ),
    (
        23,
        "one, three, zero commitments",
        &[
            "r1_lists_of_another_length_than_two_are_refused_whatever_the_proof_says",
            "lists_of_another_length_than_two_do_not_decode",
        ],
    ),
    (
        24,
        "opening responses missing or extra",
        &["r1_lists_of_another_length_than_two_are_refused_whatever_the_proof_says"],
    ),
    (
        25,
        "attribute responses missing",
        &["r1_lists_of_another_length_than_two_are_refused_whatever_the_proof_says"],
    ),
    (
        26,
        "each proof scalar of a request changed",
        &["every_scalar_of_the_proof_is_bound"],
    ),
    (
        27,
        "wrong U, E, t",
        &["a_request_is_for_one_user_one_date_and_one_type"],
    ),
    (28, "U at infinity", &["r1_nobody_withdraws_under_no_name"]),
    (
        29,
        "signer key with q < 4",
        &["keys_with_fewer_than_four_elements_do_not_exist"],
    ),
    (30, "B shifted", &["a_signer_that_answers_wrongly_is_named"]),
    (
        31,
        "h of the blind signature changed",
        &["a_blinded_signature_with_another_h_or_at_infinity_is_refused"],
    ),
    (
        32,
        "both at infinity",
        &["a_blinded_signature_with_another_h_or_at_infinity_is_refused"],
    ),
    (
        33,
        "checked with another signer's key",
        &["a_signer_that_answers_wrongly_is_named"],
    ),
    (
        34,
        "aggregation below threshold",
        &["a_wallet_takes_at_least_threshold_shares_of_its_own_withdrawal"],
    ),
    (
        35,
        "no shares",
        &["a_wallet_takes_at_least_threshold_shares_of_its_own_withdrawal"],
    ),
    (
        36,
        "duplicate index",
        &["a_wallet_takes_at_least_threshold_shares_of_its_own_withdrawal"],
    ),
    (
        37,
        "one share under two indices",
        &["shares_under_the_indices_of_others_make_no_wallet"],
    ),
    (
        38,
        "indices exchanged",
        &["shares_under_the_indices_of_others_make_no_wallet"],
    ),
    (
        39,
        "index 0",
        &[
            "shares_under_the_indices_of_others_make_no_wallet",
            "r9_shares_come_from_signers_that_exist",
        ],
    ),
    (
        40,
        "share of another withdrawal",
        &["a_wallet_takes_at_least_threshold_shares_of_its_own_withdrawal"],
    ),
    (
        41,
        "wrong u, v, E or t at aggregation",
        &[
            "a_wallet_takes_at_least_threshold_shares_of_its_own_withdrawal",
            "shares_do_not_aggregate_for_another_v_date_or_type",
        ],
    ),
    (
        42,
        "keys of different q aggregated",
        &["keys_are_aggregated_from_enough_distinct_shares_of_one_size"],
    ),
    (
        43,
        "order exchanged",
        &[
            "entries_must_stand_in_order_and_be_complete",
            "r5_every_share_is_checked_not_only_the_first",
        ],
    ),
    (
        44,
        "one S shifted",
        &["r3_one_bad_entry_is_named_at_every_position"],
    ),
    (
        45,
        "two S shifted by +P and −P",
        &[
            "r3_errors_of_two_dates_do_not_cancel",
            "r3_errors_of_two_coin_indices_do_not_cancel",
        ],
    ),
    (
        46,
        "S of two positions exchanged",
        &["exchanged_signatures_and_foreign_keys_are_refused_at_their_position"],
    ),
    (
        47,
        "too few, none, too many",
        &["f9_r4_a_set_has_its_size_before_anything_is_computed"],
    ),
    (
        48,
        "scaled signature",
        &["a_scaled_public_signature_is_refused"],
    ),
    (
        49,
        "infinity",
        &["r14_neither_half_of_a_signature_is_infinity"],
    ),
    (
        50,
        "other signer's key",
        &["exchanged_signatures_and_foreign_keys_are_refused_at_their_position"],
    ),
    (
        51,
        "other expiration date, other aggregated key",
        &["public_signatures_are_for_one_expiration_date_and_one_master_key"],
    ),
    (
        52,
        "aggregation with two signers, duplicate index, exchanged indices, no shares",
        &["aggregation_takes_distinct_signers_threshold_of_them_and_one_expiration_date"],
    ),
    (
        53,
        "Y1, Y2 scaled by a common factor; exchanged",
        &[
            "f8_elements_with_a_common_factor_are_inconsistent",
            "f8_errors_in_two_elements_do_not_cancel",
        ],
    ),
    (
        54,
        "n = 0, too small, too large, 51, 2⁶⁴ − 1",
        &[
            "f6_the_number_of_tickets_is_the_number_of_tickets",
            "a_number_of_tickets_other_than_the_length_of_the_lists_is_refused",
        ],
    ),
    (
        55,
        "each per-ticket list short, long, empty",
        &["a_list_that_is_short_long_or_empty_is_refused"],
    ),
    (
        56,
        "attribute responses 2 or 4",
        &[
            "hidden_attributes_have_exactly_three_responses",
            "f7_a_missing_response_is_an_error",
        ],
    ),
    (
        57,
        "each proof scalar changed",
        &["a_changed_proof_scalar_is_refused_by_the_proof"],
    ),
    (
        58,
        "each of K̂, K̂_e, K̂_k, D, A, S, T replaced or shifted",
        &["a_changed_or_exchanged_point_is_refused_by_the_proof"],
    ),
    (
        59,
        "K̂ and K̂_e exchanged",
        &["a_changed_or_exchanged_point_is_refused_by_the_proof"],
    ),
    (
        60,
        "S and T exchanged",
        &["a_changed_or_exchanged_point_is_refused_by_the_proof"],
    ),
    (
        61,
        "duplicate serial number",
        &[
            "serial_numbers_of_one_payment_differ",
            "one_ticket_is_not_counted_twice_in_a_payment",
        ],
    ),
    (
        62,
        "lists permuted, singly and in matching pairs",
        &[
            "a_permuted_list_is_refused",
            "lists_permuted_in_matching_pairs_are_refused",
        ],
    ),
    (
        63,
        "each signature at infinity, shifted, exchanged, from another payment",
        &[
            "a_changed_signature_is_refused_by_its_own_equation",
            "signatures_exchanged_within_a_payment_are_refused",
        ],
    ),
    (
        64,
        "type changed; type 255",
        &["another_ticket_type_is_refused"],
    ),
    (
        65,
        "type absorbed by a fourth hidden attribute",
        &["f2_a_book_of_one_type_is_not_spent_as_another"],
    ),
    (
        66,
        "μ, m omitted with arbitrary serial and tag",
        &["f3_serial_numbers_are_not_freely_chosen"],
    ),
    (
        67,
        "a omitted",
        &["f3_the_commitment_to_the_index_is_opened"],
    ),
    (
        68,
        "index never signed with coin signature 0, with and without z_rk",
        &["f1_a_coin_signature_does_not_serve_an_index_that_nobody_signed"],
    ),
    (
        69,
        "index 50",
        &["f1_an_index_beyond_the_book_has_no_signature_to_go_with_it"],
    ),
    (
        70,
        "coin signature at infinity with a proven K̂_k",
        &["f4_infinity_is_no_signature"],
    ),
    (
        71,
        "cancelling pair",
        &[
            "f5_errors_in_two_tickets_do_not_cancel",
            "errors_do_not_cancel_between_two_payments",
            "a_payment_is_not_minted_from_nothing",
        ],
    ),
    (
        72,
        "K̂_e for another expiration date",
        &["an_expired_book_is_not_spent_with_a_later_date"],
    ),
    (
        73,
        "tag with another user's secret",
        &["a_tag_holds_the_secret_of_the_book"],
    ),
    (
        74,
        "pay-info hash of position 0 reused",
        &["a_tag_holds_the_pay_info_hash_of_its_own_position"],
    ),
    (
        75,
        "pay info changed",
        &["every_byte_of_the_pay_info_is_bound"],
    ),
    (
        76,
        "date ±1 day, not midnight",
        &["every_day_of_the_seven_verifies_on_itself_only"],
    ),
    (
        77,
        "other verification key, also one differing in q only",
        &[
            "a_payment_verifies_under_its_own_master_key_only",
            "a_payment_does_not_verify_under_a_key_that_differs_in_its_size_only",
        ],
    ),
    (
        78,
        "honest payment of an older prover",
        &[
            "payments_without_the_coin_index_relation_are_refused_by_their_shape",
            "a_true_payment_without_the_index_statement_is_refused_too",
        ],
    ),
    (
        79,
        "prover: spent + n > L, date outside the window, wrong number of signatures",
        &[
            "a_wallet_spends_each_ticket_once_and_nothing_on_a_wrong_date",
            "f9_r4_a_set_has_its_size_before_anything_is_computed",
        ],
    ),
];

/// The names of all tests in the Rust files below `folder`.
fn collect(folder: &Path, names: &mut BTreeSet<String>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            collect(&path, names);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            let source = fs::read_to_string(&path).unwrap();
            let after_attribute = source.split("#[test]").skip(1);
            names.extend(after_attribute.filter_map(|rest| {
                let (_, rest) = rest.split_once("fn ")?;
                rest.split_once('(').map(|(name, _)| name.to_owned())
            }));
        }
    }
}

#[test]
fn every_negative_case_of_the_specification_has_its_tests() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut names = BTreeSet::new();
    collect(&root.join("tests"), &mut names);
    collect(&root.join("src"), &mut names);
    let numbers: Vec<usize> = CASES.iter().map(|(number, ..)| *number).collect();
    assert_eq!(numbers, (1..=79).collect::<Vec<_>>());
    for (number, what, tests) in CASES {
        assert!(!tests.is_empty(), "{number}: {what}");
        for test in *tests {
            assert!(
                names.contains(*test),
                "{number}, {what}: there is no test {test}"
            );
        }
    }
    for test in VECTORS {
        assert!(names.contains(test), "there is no test {test}");
    }
}
