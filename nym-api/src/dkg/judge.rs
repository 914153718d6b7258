//! Is a key share the one that its owner must have? (`dkg.md` 10.2, with the master key of the member's own file in place
//! of a ceremony's commitments.)
//!
//! A share is good if it is canonical, consistent, and lies on the polynomials through t shares whose value at 0 is the
//! master key. Such a set of t is looked for among the well-formed shares, the member's own among them; every other
//! share is on the same polynomials exactly if it can take the place of one of them: two polynomials of degree t − 1
//! that agree at t points (t − 1 shares and 0) are equal.

use ecash_scheme::VerificationKey;
use ecash_ticketbook::NodeIndex;

use crate::keys::share::{KEY_ELEMENTS, MasterPoints};

/// Sets of t shares that are tried at most; with F faulty signers of n few are needed, and n is at most 100.
const MAX_SETS: usize = 2000;

/// A share as it stands on chain.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Submitted {
    /// Its owner's node index.
    pub index: NodeIndex,
    /// Its base58 text.
    pub text: String,
}

/// What was found about one share.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It is the share that its owner must have.
    Good,
    /// It is not, because of this.
    Bad(String),
}

/// Judges the shares of an epoch. `None` for a share that cannot be judged yet, because no t of the well-formed shares
/// give the master key.
#[must_use]
pub fn judge(
    shares: &[Submitted],
    threshold: u64,
    master: &MasterPoints,
    own: NodeIndex,
) -> Vec<(NodeIndex, Option<Verdict>)> {
    let decoded: Vec<(NodeIndex, Result<VerificationKey, String>)> = shares
        .iter()
        .map(|share| (share.index, well_formed(&share.text)))
        .collect();
    let mut good: Vec<(u64, &VerificationKey)> = decoded
        .iter()
        .filter_map(|(index, key)| key.as_ref().ok().map(|key| (index.get(), key)))
        .collect();
    good.sort_by_key(|(index, _)| (*index != own.get(), *index));
    let base = find_base(&good, threshold, master, own);
    decoded
        .iter()
        .map(|(index, key)| {
            let verdict = match (key, &base) {
                (Err(reason), _) => Some(Verdict::Bad(reason.clone())),
                (Ok(_), None) => None,
                (Ok(key), Some(base)) => Some(place(index.get(), key, base, threshold, master)),
            };
            (*index, verdict)
        })
        .collect()
}

/// Canonical text and points, the network's size, nothing at infinity, both images of every y (2.5).
fn well_formed(text: &str) -> Result<VerificationKey, String> {
    let key = VerificationKey::from_base58(text).map_err(|e| e.to_string())?;
    if key.to_base58() != text {
        return Err("its text is not canonical".to_owned());
    }
    if key.elements() != KEY_ELEMENTS {
        return Err(format!(
            "it has {} elements, expected {KEY_ELEMENTS}",
            key.elements()
        ));
    }
    let at_infinity = key.alpha().is_infinity()
        || key.beta_g1().iter().any(ecash_scheme::G1::is_infinity)
        || key.beta_g2().iter().any(ecash_scheme::G2::is_infinity);
    if at_infinity {
        return Err("one of its points is at infinity".to_owned());
    }
    key.check_consistency(&mut rand::rngs::OsRng)
        .map_err(|e| e.to_string())?;
    Ok(key)
}

type Base<'a> = Vec<(u64, &'a VerificationKey)>;

fn gives_master(shares: &[(u64, &VerificationKey)], threshold: u64, master: &MasterPoints) -> bool {
    VerificationKey::aggregate(shares, threshold).is_ok_and(|key| master.are_of(&key))
}

/// The first t of `shares` in lexicographic order, the own one always among them if it is there, whose aggregate is the
/// master key.
fn find_base<'a>(
    shares: &[(u64, &'a VerificationKey)],
    threshold: u64,
    master: &MasterPoints,
    own: NodeIndex,
) -> Option<Base<'a>> {
    let size = usize::try_from(threshold)
        .ok()
        .filter(|size| *size > 0 && *size <= shares.len())?;
    let own_first = shares.first().is_some_and(|(index, _)| *index == own.get());
    let mut chosen: Vec<usize> = (0..size).collect();
    for _ in 0..MAX_SETS {
        let set: Base<'a> = chosen
            .iter()
            .filter_map(|position| shares.get(*position).copied())
            .collect();
        if gives_master(&set, threshold, master) {
            return Some(set);
        }
        if !next_set(&mut chosen, shares.len()) || (own_first && chosen.first() != Some(&0)) {
            return None;
        }
    }
    None
}

/// The next set of positions below `count` in lexicographic order; false after the last one.
fn next_set(chosen: &mut [usize], count: usize) -> bool {
    let size = chosen.len();
    for slot in (0..size).rev() {
        let Some(value) = chosen.get(slot).copied() else {
            return false;
        };
        if value < count - (size - slot) {
            for (offset, position) in chosen.iter_mut().skip(slot).enumerate() {
                *position = value + 1 + offset;
            }
            return true;
        }
    }
    false
}

fn place(
    index: u64,
    key: &VerificationKey,
    base: &Base<'_>,
    threshold: u64,
    master: &MasterPoints,
) -> Verdict {
    if base
        .iter()
        .any(|(member, other)| *member == index && *other == key)
    {
        return Verdict::Good;
    }
    let mut set = base.clone();
    if let Some(last) = set.last_mut() {
        *last = (index, key);
    }
    if gives_master(&set, threshold, master) {
        Verdict::Good
    } else {
        Verdict::Bad("it does not lie on the polynomial of the others".to_owned())
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::indexing_slicing)]
    use ecash_scheme::{G2, deal};
    use rand::rngs::OsRng;

    use super::*;

    struct World {
        shares: Vec<Submitted>,
        master: MasterPoints,
    }

    fn world(threshold: u64, indices: &[u64]) -> World {
        let (master, keys) = deal(threshold, indices, &mut OsRng).unwrap();
        let shares = keys
            .iter()
            .map(|(index, key)| Submitted {
                index: NodeIndex(*index),
                text: key.verification_key().to_base58(),
            })
            .collect();
        World {
            shares,
            master: MasterPoints::of(&master).unwrap(),
        }
    }

    fn verdicts(world: &World, threshold: u64, own: u64) -> Vec<Option<bool>> {
        judge(&world.shares, threshold, &world.master, NodeIndex(own))
            .into_iter()
            .map(|(_, verdict)| verdict.map(|verdict| verdict == Verdict::Good))
            .collect()
    }

    #[test]
    fn all_shares_of_an_honest_deal_are_good() {
        let world = world(4, &[1, 2, 3, 5, 8]);
        assert_eq!(verdicts(&world, 4, 5), vec![Some(true); 5]);
    }

    #[test]
    fn a_share_of_another_deal_is_refused_and_the_others_are_not() {
        let mut world = world(4, &[1, 2, 3, 4, 5]);
        let (_, strangers) = deal(4, &[1, 2, 3, 4, 5], &mut OsRng).unwrap();
        for (bad, stranger) in strangers.iter().enumerate().take(4) {
            let honest = world.shares[bad].text.clone();
            world.shares[bad].text = stranger.1.verification_key().to_base58();
            let expected: Vec<Option<bool>> =
                (0..5).map(|position| Some(position != bad)).collect();
            assert_eq!(verdicts(&world, 4, 5), expected);
            world.shares[bad].text = honest;
        }
    }

    #[test]
    fn a_share_at_a_place_that_is_not_its_own_is_refused() {
        let mut world = world(4, &[1, 2, 3, 4, 5]);
        world.shares[0].text = world.shares[1].text.clone();
        assert_eq!(verdicts(&world, 4, 5)[0], Some(false));
        assert_eq!(verdicts(&world, 4, 5)[1], Some(true));
    }

    #[test]
    fn a_share_whose_two_images_differ_is_refused() {
        let mut world = world(4, &[1, 2, 3, 4, 5]);
        let key = VerificationKey::from_base58(&world.shares[0].text).unwrap();
        let mut betas: Vec<G2> = key.beta_g2().to_vec();
        betas.swap(0, 1);
        let inconsistent =
            VerificationKey::from_points(*key.alpha(), key.beta_g1().to_vec(), betas).unwrap();
        world.shares[0].text = inconsistent.to_base58();
        assert_eq!(verdicts(&world, 4, 5)[0], Some(false));
    }

    #[test]
    fn garbage_is_refused_even_before_the_others_are_there() {
        let mut world = world(4, &[1, 2, 3, 4, 5]);
        world.shares.truncate(3);
        world.shares[0].text = "not base58 0OIl".to_owned();
        assert_eq!(verdicts(&world, 4, 3), vec![Some(false), None, None]);
    }

    #[test]
    fn nothing_is_judged_against_a_master_key_that_no_shares_give() {
        let mut world = world(4, &[1, 2, 3, 4, 5]);
        let (other, _) = deal(4, &[1, 2, 3, 4, 5], &mut OsRng).unwrap();
        world.master = MasterPoints::of(&other).unwrap();
        assert_eq!(verdicts(&world, 4, 1), vec![None; 5]);
    }

    #[test]
    fn sets_are_enumerated_each_once() {
        let mut chosen = vec![0, 1, 2];
        let mut count = 1;
        while next_set(&mut chosen, 6) {
            count += 1;
        }
        assert_eq!(count, 20);
        assert_eq!(chosen, vec![3, 4, 5]);
    }
}
