//! Which deposit keys a transaction uses (`client.md` 3.3).

use std::collections::BTreeSet;

use crate::limits::MAX_UNCONFIRMED_KEYS;

/// What is known about the own deposit keys.
#[derive(Clone, Debug, Default)]
pub struct KeyUse {
    /// The next key never used before.
    pub next: u32,
    /// Highest key that a block has confirmed.
    pub highest_confirmed: Option<u32>,
    /// Keys used by no block yet whose transactions failed or were given up: they may be taken again.
    pub free_again: BTreeSet<u32>,
}

/// `count` different keys: fresh ones in ascending order while fewer than 20 above the highest confirmed one are in use,
/// then the lowest unconfirmed ones again, so that a restore from the seed that stops after a gap of 20 finds them all.
/// `None` where not enough keys are left: too many transactions are open at once.
#[must_use]
pub fn choose(known: &KeyUse, count: u32) -> Option<Vec<u32>> {
    let end = known
        .highest_confirmed
        .map_or(0, |highest| highest.saturating_add(1))
        .saturating_add(MAX_UNCONFIRMED_KEYS);
    let keys: Vec<u32> = (known.next..end)
        .chain(known.free_again.iter().copied())
        .take(usize::try_from(count).ok()?)
        .collect();
    (keys.len() == usize::try_from(count).ok()?).then_some(keys)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, missing_docs)]
    use super::*;

    #[test]
    fn fresh_keys_are_taken_in_ascending_order() {
        assert_eq!(choose(&KeyUse::default(), 3).unwrap(), [0, 1, 2]);
        let known = KeyUse {
            next: 7,
            highest_confirmed: Some(6),
            ..KeyUse::default()
        };
        assert_eq!(choose(&known, 2).unwrap(), [7, 8]);
    }

    #[test]
    fn after_twenty_unconfirmed_keys_the_lowest_are_taken_again() {
        let known = KeyUse {
            next: 25,
            highest_confirmed: Some(5),
            free_again: (6..25).collect(),
        };
        assert_eq!(choose(&known, 3).unwrap(), [25, 6, 7]);
        let known = KeyUse { next: 26, ..known };
        assert_eq!(choose(&known, 2).unwrap(), [6, 7]);
    }

    #[test]
    fn no_key_of_an_open_transaction_is_taken_again() {
        let known = KeyUse {
            next: 20,
            highest_confirmed: None,
            free_again: BTreeSet::new(),
        };
        assert_eq!(choose(&known, 1), None);
    }
}
