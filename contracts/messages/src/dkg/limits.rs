//! Bounds and constants of the DKG contract (`spec/dkg.md` 12.1).

use std::ops::RangeInclusive;

/// Number of key elements; another value is refused.
pub const KEY_SIZE: u32 = 5;
/// Most dealers of one epoch, and most group members of weight ≥ 1.
pub const MAX_DEALERS: u32 = 100;
/// Length of `bte_key_with_proof`, in bytes.
pub const ENCRYPTION_KEY_BYTES: RangeInclusive<usize> = 8..=256;
/// Length of `identity_key`, in bytes.
pub const IDENTITY_KEY_BYTES: RangeInclusive<usize> = 32..=64;
/// Length of `announce_address`, in bytes.
pub const ANNOUNCE_ADDRESS_BYTES: RangeInclusive<usize> = 1..=256;
/// Length of a decoded key share, in bytes.
pub const KEY_SHARE_BYTES: usize = 680;
/// Longest base58 text of [`KEY_SHARE_BYTES`] bytes: ⌈680 · log 256 / log 58⌉.
pub const MAX_KEY_SHARE_TEXT_BYTES: usize = 929;
/// Length of the outcome digest, in bytes.
pub const OUTCOME_BYTES: usize = 32;
/// Duration of one phase, in seconds.
pub const PHASE_SECS: RangeInclusive<u64> = 1..=2_592_000;
/// Life of a verification proposal, in seconds; submission, validation and finalization together fit into it.
pub const PROPOSAL_LIFE_SECS: u64 = 86_400;
/// Acknowledgement window unless instantiate says otherwise, in seconds.
pub const DEFAULT_ACKNOWLEDGEMENT_SECS: u64 = 900;
/// Fewest dealers that leave registration unless instantiate says otherwise.
pub const DEFAULT_MIN_DEALERS: u32 = 1;
/// Members that the contract reads from the group in one query.
pub const GROUP_PAGE: u32 = 30;
/// Pages of members that the contract reads at most: 4 · 30 > [`MAX_DEALERS`].
pub const MAX_GROUP_PAGES: u32 = 4;

/// Dealer indices to a page: default and most.
pub const INDICES_PAGE: (u32, u32) = (40, 80);
/// Dealers to a page: default and most.
pub const DEALERS_PAGE: (u32, u32) = (10, 25);
/// Dealer addresses to a page: default and most.
pub const DEALER_ADDRESSES_PAGE: (u32, u32) = (25, 50);
/// Key shares to a page: default and most.
pub const KEY_SHARES_PAGE: (u32, u32) = (10, 30);

/// Title of the proposal that verifies a key share.
pub const VERIFICATION_PROPOSAL_TITLE: &str = "Verify VK share, as ordered by Coconut DKG Contract";

/// Threshold of n registered dealers or voting members: t(n) = ⌊2n/3⌋ + 1 (`spec/dkg.md` 2.1).
#[must_use]
pub const fn threshold(n: u32) -> u64 {
    (2 * n as u64) / 3 + 1
}
