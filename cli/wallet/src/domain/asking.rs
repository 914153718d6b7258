//! What follows from the signers' records about a deposit (`client.md` 12.3).
//!
//! "Nothing" from threshold signers shows that no book exists: threshold signers would have had to record its request, and
//! two such sets share an honest one. Sending what was recorded, wherever a usable record is reported, keeps one lying
//! signer from splitting the signers between two requests.

use std::collections::BTreeMap;

/// What one signer says of the deposit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Said<'a, R> {
    /// It recorded nothing.
    Nothing,
    /// It recorded this request, and the record counts: hash, owner's signature and proof hold.
    Recorded(&'a R),
    /// No answer, "later", or a record that does not count.
    NoAnswer,
}

/// What is known of a record beside its being one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Known {
    /// The wallet holds, or can derive, the openings of this request.
    pub openings: bool,
    /// Its expiration date has not passed.
    pub spendable: bool,
}

/// What to do about the deposit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict<'a, R> {
    /// Send exactly this request.
    Send(&'a R),
    /// Make a new request.
    MakeRequest,
    /// Demand the money back.
    Refund,
    /// Other requests hold so many signers that none can reach the threshold any more.
    Used,
    /// Fewer than threshold answers, or they settle nothing: ask again later.
    AskAgain,
}

/// Decides from what all signers of the epoch said. `knows` tells what the wallet knows of a record; `too_old` is whether
/// the deposit is older than 30 days.
pub fn decide<'a, R: Ord>(
    said: &[Said<'a, R>],
    threshold: u64,
    too_old: bool,
    knows: impl Fn(&R) -> Known,
) -> Verdict<'a, R> {
    let threshold = usize::try_from(threshold).unwrap_or(usize::MAX);
    let mut holders: BTreeMap<&R, usize> = BTreeMap::new();
    let mut nothing = 0;
    for answer in said {
        match answer {
            Said::Nothing => nothing += 1,
            Said::Recorded(record) => *holders.entry(*record).or_default() += 1,
            Said::NoAnswer => {}
        }
    }
    let recorded: usize = holders.values().sum();
    if nothing + recorded < threshold {
        return Verdict::AskAgain;
    }
    let usable = holders
        .iter()
        .filter(|(record, _)| {
            let known = knows(record);
            known.openings && known.spendable
        })
        .max_by_key(|(_, count)| **count);
    if let Some((record, _)) = usable {
        return Verdict::Send(record);
    }
    if nothing >= threshold {
        return if too_old {
            Verdict::Refund
        } else {
            Verdict::MakeRequest
        };
    }
    if said.len().saturating_sub(recorded) < threshold {
        return Verdict::Used;
    }
    Verdict::AskAgain
}

#[cfg(test)]
mod tests {
    #![allow(missing_docs)]
    use super::*;

    const OWN: u8 = 1;
    const OTHER: u8 = 2;
    const EXPIRED: u8 = 3;

    fn of<'a>(answers: &'a [Option<u8>], silent: usize) -> Vec<Said<'a, u8>> {
        let mut said: Vec<Said<'a, u8>> = answers
            .iter()
            .map(|answer| answer.as_ref().map_or(Said::Nothing, Said::Recorded))
            .collect();
        said.extend((0..silent).map(|_| Said::NoAnswer));
        said
    }

    /// Five signers, threshold four.
    fn verdict(answers: &[Option<u8>], too_old: bool) -> Verdict<'static, u8> {
        let said = of(answers, 5 - answers.len());
        let decided = decide(&said, 4, too_old, |record| Known {
            openings: *record != OTHER,
            spendable: *record != EXPIRED,
        });
        match decided {
            Verdict::Send(&OWN) => Verdict::Send(&OWN),
            Verdict::Send(_) => Verdict::Send(&EXPIRED),
            Verdict::MakeRequest => Verdict::MakeRequest,
            Verdict::Refund => Verdict::Refund,
            Verdict::Used => Verdict::Used,
            Verdict::AskAgain => Verdict::AskAgain,
        }
    }

    #[test]
    fn fewer_than_threshold_answers_settle_nothing() {
        for answers in [
            &[None, None, None][..],
            &[Some(OWN), Some(OWN), Some(OWN)],
            &[Some(OTHER), Some(OTHER), Some(OTHER)],
            &[],
        ] {
            assert_eq!(verdict(answers, false), Verdict::AskAgain, "{answers:?}");
        }
    }

    #[test]
    fn one_usable_record_among_many_nothings_is_sent_so_that_no_signer_can_split_the_others() {
        let answers = [None, None, None, None, Some(OWN)];
        for too_old in [false, true] {
            assert_eq!(verdict(&answers, too_old), Verdict::Send(&OWN));
        }
    }

    #[test]
    fn nothing_from_threshold_signers_means_a_new_request_or_after_thirty_days_the_money_back() {
        for answers in [
            &[None, None, None, None][..],
            &[None, None, None, None, Some(OTHER)],
            &[None, None, None, None, Some(EXPIRED)],
        ] {
            assert_eq!(verdict(answers, false), Verdict::MakeRequest);
            assert_eq!(verdict(answers, true), Verdict::Refund);
        }
    }

    #[test]
    fn records_of_other_or_expired_requests_that_leave_too_few_signers_free_use_the_deposit_up() {
        for record in [OTHER, EXPIRED] {
            let two = [Some(record), Some(record), None, None, None];
            assert_eq!(verdict(&two, false), Verdict::Used);
            let one = [Some(record), None, None, None];
            assert_eq!(
                verdict(&one, false),
                Verdict::AskAgain,
                "one more may be free"
            );
        }
        let different = [Some(OTHER), Some(EXPIRED), None, None];
        assert_eq!(verdict(&different, true), Verdict::Used);
    }

    #[test]
    fn of_several_usable_records_the_one_that_most_signers_hold_is_sent() {
        let answers = [Some(4), Some(OWN), Some(OWN), None, None];
        let said = of(&answers, 0);
        let all = |_: &u8| Known {
            openings: true,
            spendable: true,
        };
        assert_eq!(decide(&said, 4, false, all), Verdict::Send(&OWN));
    }
}
