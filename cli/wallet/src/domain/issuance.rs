//! From a deposit to a book: the table of `client.md` 7.3 as a function (state, input, time) → (state, what to do).
//!
//! ```text
//! paying ──included──▶ deposited ──request stored──▶ requested ──book stored──▶ issued
//!    └──failed, abandoned──▶ unpaid ──fate corrected──▶ deposited
//!
//! deposited ──30 days──▶ asking ◀──expired── requested
//! asking ──a known request is recorded, or none and younger than 30 days──▶ requested
//! asking ──none recorded, older than 30 days──▶ refunding ──the chain's word──▶ refunded
//! asking, requested, refunding ──recorded with other requests──▶ used
//! any with a deposit and no book ──the chain's word──▶ withheld ──▶ refunded
//! ```
//!
//! No transition happens in memory only: the caller stores what [`Transition`] says in one database transaction, then
//! does what its [`Effect`] says. A kill at any point resumes with [`Input::Resume`].

use ecash_ticketbook::{EcashDate, EpochId, UnixTime};

use crate::limits::{FIRST_REQUEST_SECS, REFUND_PAUSE_SECS};

/// Where an issuance stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum State {
    /// The deposit transaction is journaled; its fate is open.
    Paying,
    /// The deposit is in a block; its id and time are stored.
    Deposited,
    /// The one request of this deposit is stored and may have been sent.
    Requested,
    /// What the signers recorded for the deposit has to be asked first: 30 days or the expiration date have passed, or the
    /// row came from elsewhere.
    Asking,
    /// The money is demanded back, once a day. No request is ever made for the deposit again.
    Refunding,
    /// The chain withholds the deposit. Only its own word leads on.
    Withheld,
    /// The book is stored.
    Issued,
    /// The transaction failed or never entered a block. Nothing was paid.
    Unpaid,
    /// Too many signers recorded another request for the deposit: no book can come of it.
    Used,
    /// The chain paid the deposit back.
    Refunded,
}

impl State {
    /// All of them.
    pub const ALL: [Self; 10] = [
        Self::Paying,
        Self::Deposited,
        Self::Requested,
        Self::Asking,
        Self::Refunding,
        Self::Withheld,
        Self::Issued,
        Self::Unpaid,
        Self::Used,
        Self::Refunded,
    ];

    /// Those in which something was or may have been paid and the end is open.
    pub const PENDING: [Self; 6] = [
        Self::Paying,
        Self::Deposited,
        Self::Requested,
        Self::Asking,
        Self::Refunding,
        Self::Withheld,
    ];

    /// Those in which it ended without a book.
    pub const CLOSED: [Self; 3] = [Self::Unpaid, Self::Used, Self::Refunded];

    /// Name in the database and in outputs.
    #[must_use]
    pub const fn text(self) -> &'static str {
        match self {
            Self::Paying => "paying",
            Self::Deposited => "deposited",
            Self::Requested => "requested",
            Self::Asking => "asking",
            Self::Refunding => "refunding",
            Self::Withheld => "withheld",
            Self::Issued => "issued",
            Self::Unpaid => "unpaid",
            Self::Used => "used",
            Self::Refunded => "refunded",
        }
    }

    /// The state of this name.
    #[must_use]
    pub fn from_text(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.text() == text)
    }

    /// Whether something was or may have been paid and the end is open.
    #[must_use]
    pub fn is_pending(self) -> bool {
        Self::PENDING.contains(&self)
    }

    /// Whether a book is on its way, so that paying for another one of its type would be rash.
    #[must_use]
    pub const fn is_under_way(self) -> bool {
        matches!(self, Self::Paying | Self::Deposited | Self::Requested)
    }
}

/// Why an issuance is where it is, beyond its state.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reason {
    /// The deposit is older than 30 days and was never used for a request: it can only be refunded.
    TooOldToRequest,
    /// The expiration date that the request fixed has passed before enough signers answered.
    Expired,
    /// The transaction is in a block and failed there.
    TransactionFailed,
    /// The transaction is in no block and can enter none any more.
    TransactionAbandoned,
    /// The chain withholds the deposit.
    Withheld,
    /// The chain paid the deposit back.
    Refunded,
    /// Signers recorded other requests for the deposit.
    Used,
    /// No signer may sign for it any more and none recorded a request: the money is demanded back.
    Refunding,
}

impl Reason {
    /// The text that is stored and shown.
    #[must_use]
    pub const fn text(self) -> &'static str {
        match self {
            Self::TooOldToRequest => {
                "the deposit is older than 30 days; signers refuse a first request now and are asked what they recorded"
            }
            Self::Expired => {
                "the expiration date that the request fixed has passed; the signers are asked what they recorded"
            }
            Self::TransactionFailed => {
                "the deposit transaction failed in its block; no deposit was made"
            }
            Self::TransactionAbandoned => {
                "the deposit transaction never entered a block; nothing was paid"
            }
            Self::Withheld => "the deposit is withheld by the network; its operators decide",
            Self::Refunded => "the deposit was refunded to the account that paid it",
            Self::Used => {
                "too many signers recorded another request for this deposit; no book can come of it"
            }
            Self::Refunding => {
                "the deposit is older than 30 days and unused; its money is demanded back once a day"
            }
        }
    }
}

/// What is known of an issuance when something happens to it.
#[derive(Clone, Copy, Debug)]
pub struct Facts {
    /// Block time of the deposit; set from `deposited` on.
    pub deposit_time: Option<UnixTime>,
    /// Expiration date; set from `requested` on.
    pub expiration: Option<EcashDate>,
    /// An epoch of which threshold good shares are stored.
    pub complete_epoch: Option<EpochId>,
    /// When the refund was last demanded.
    pub refund_asked_at: Option<UnixTime>,
}

/// What happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Input {
    /// The wallet was started, or the pause before the next try is over.
    Resume,
    /// The transaction is in a block; the deposit's id and time are known.
    Included,
    /// The transaction is in a block and failed there.
    Failed,
    /// The transaction is in no block and can enter none any more.
    Abandoned,
    /// Secrets, request and deposit signature are made and are stored with this transition.
    RequestMade,
    /// A good share was stored.
    ShareStored,
    /// The aggregated book verified and is stored with this transition.
    BookMade,
    /// The chain withholds the deposit.
    Withheld,
    /// The chain paid the deposit back.
    Refunded,
    /// The signers' records leave fewer than threshold of them free; the records are stored with this transition.
    FoundUsed,
    /// Threshold signers recorded nothing, and the deposit is too old for a first request.
    FoundUnused,
}

impl Input {
    /// Name for messages.
    #[must_use]
    pub const fn text(self) -> &'static str {
        match self {
            Self::Resume => "resuming",
            Self::Included => "a deposit id",
            Self::Failed => "a failed transaction",
            Self::Abandoned => "an abandoned transaction",
            Self::RequestMade => "a request",
            Self::ShareStored => "a share",
            Self::BookMade => "a book",
            Self::Withheld => "a withheld deposit",
            Self::Refunded => "a refunded deposit",
            Self::FoundUsed => "records of another request",
            Self::FoundUnused => "no record of a request",
        }
    }
}

/// What to do once the transition is stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Effect {
    /// Nothing; the issuance is at its end.
    None,
    /// Find out what became of the transaction (`domain::fate`), sending the same bytes meanwhile.
    DecideFate,
    /// Make and store the request.
    MakeRequest,
    /// Send the stored request to every signer without a good share.
    AskSigners,
    /// Aggregate the shares of this epoch and store the book.
    FinishBook(EpochId),
    /// Ask the signers what they recorded for the deposit (`domain::asking`).
    AskStatus,
    /// Demand the money back of all signers, after the chain's word.
    DemandRefund,
    /// Read the chain's word about the deposit, nothing more.
    ReadChain,
}

/// The next state, why, and what to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Transition {
    /// The state to store.
    pub state: State,
    /// The reason to store with it.
    pub reason: Option<Reason>,
    /// What to do afterwards.
    pub effect: Effect,
}

/// An input that the state does not know. Nothing is changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NotAllowed;

/// One step of the table.
///
/// # Errors
/// [`NotAllowed`] for an input that cannot happen in `state`.
pub fn step(
    state: State,
    facts: &Facts,
    input: Input,
    now: UnixTime,
) -> Result<Transition, NotAllowed> {
    let to = |state, effect| {
        Ok(Transition {
            state,
            reason: None,
            effect,
        })
    };
    match (state, input) {
        (State::Paying, Input::Resume) => to(State::Paying, Effect::DecideFate),
        (State::Paying | State::Unpaid, Input::Included) => Ok(deposited(facts, now)),
        (State::Paying | State::Unpaid, Input::Failed) => Ok(unpaid(Reason::TransactionFailed)),
        (State::Paying | State::Unpaid, Input::Abandoned) => {
            Ok(unpaid(Reason::TransactionAbandoned))
        }
        (State::Deposited, Input::Resume | Input::Included) => Ok(deposited(facts, now)),
        (State::Deposited, Input::RequestMade) => to(State::Requested, Effect::AskSigners),
        (State::Requested, Input::Resume | Input::ShareStored) => Ok(requested(facts, now)),
        (State::Requested, Input::BookMade) => to(State::Issued, Effect::None),
        (State::Asking, Input::Resume) => to(State::Asking, Effect::AskStatus),
        (State::Asking, Input::RequestMade) => to(State::Requested, Effect::AskSigners),
        (State::Asking, Input::FoundUnused) => Ok(ended(
            State::Refunding,
            Reason::Refunding,
            Effect::DemandRefund,
        )),
        (State::Asking | State::Requested | State::Refunding, Input::FoundUsed) => {
            Ok(ended(State::Used, Reason::Used, Effect::None))
        }
        (State::Refunding, Input::Resume) => to(State::Refunding, refund_due(facts, now)),
        (State::Withheld, Input::Resume) => to(State::Withheld, Effect::ReadChain),
        (
            State::Deposited | State::Requested | State::Asking | State::Refunding,
            Input::Withheld,
        ) => Ok(ended(State::Withheld, Reason::Withheld, Effect::None)),
        (
            State::Deposited
            | State::Requested
            | State::Asking
            | State::Refunding
            | State::Withheld,
            Input::Refunded,
        ) => Ok(ended(State::Refunded, Reason::Refunded, Effect::None)),
        (State::Issued | State::Unpaid | State::Used | State::Refunded, Input::Resume) => {
            to(state, Effect::None)
        }
        // A share that arrives after the book was made, from a call that was still open, changes nothing.
        (State::Issued, Input::ShareStored) => to(State::Issued, Effect::None),
        _ => Err(NotAllowed),
    }
}

fn unpaid(reason: Reason) -> Transition {
    ended(State::Unpaid, reason, Effect::None)
}

fn ended(state: State, reason: Reason, effect: Effect) -> Transition {
    Transition {
        state,
        reason: Some(reason),
        effect,
    }
}

/// A refund is demanded once a day; in between only the chain is read.
fn refund_due(facts: &Facts, now: UnixTime) -> Effect {
    match facts.refund_asked_at {
        Some(asked) if now < asked.saturating_add(REFUND_PAUSE_SECS) => Effect::ReadChain,
        _ => Effect::DemandRefund,
    }
}

fn deposited(facts: &Facts, now: UnixTime) -> Transition {
    if facts.deposit_time.is_some_and(|made| is_too_old(made, now)) {
        return ended(State::Asking, Reason::TooOldToRequest, Effect::AskStatus);
    }
    Transition {
        state: State::Deposited,
        reason: None,
        effect: Effect::MakeRequest,
    }
}

/// Whether signers refuse a first request for a deposit of this block time.
#[must_use]
pub fn is_too_old(made: UnixTime, now: UnixTime) -> bool {
    now > made.saturating_add(FIRST_REQUEST_SECS)
}

fn requested(facts: &Facts, now: UnixTime) -> Transition {
    let expired = facts
        .expiration
        .is_some_and(|date| now.unix_day() > u64::from(date.unix_day()));
    if expired {
        return ended(State::Asking, Reason::Expired, Effect::AskStatus);
    }
    Transition {
        state: State::Requested,
        reason: None,
        effect: facts
            .complete_epoch
            .map_or(Effect::AskSigners, Effect::FinishBook),
    }
}

/// Until when the issuance can still become a book: 30 days after the deposit before a request exists, the end of the
/// expiration date afterwards. `None` while there is no deposit, and at the end.
#[must_use]
pub fn deadline(state: State, facts: &Facts) -> Option<UnixTime> {
    match state {
        State::Deposited => facts
            .deposit_time
            .map(|made| made.saturating_add(FIRST_REQUEST_SECS)),
        State::Requested => facts.expiration.map(|date| {
            date.midnight()
                .saturating_add(ecash_ticketbook::ids::DAY_SECS)
        }),
        State::Paying
        | State::Asking
        | State::Refunding
        | State::Withheld
        | State::Issued
        | State::Unpaid
        | State::Used
        | State::Refunded => None,
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, missing_docs)]
    use super::*;

    const NOW: UnixTime = UnixTime(1_765_065_600 + 40_000);

    fn facts() -> Facts {
        Facts {
            deposit_time: Some(NOW),
            expiration: Some(EcashDate::of(NOW).unwrap().default_expiration().unwrap()),
            complete_epoch: None,
            refund_asked_at: None,
        }
    }

    const INPUTS: [Input; 11] = [
        Input::Resume,
        Input::Included,
        Input::Failed,
        Input::Abandoned,
        Input::RequestMade,
        Input::ShareStored,
        Input::BookMade,
        Input::Withheld,
        Input::Refunded,
        Input::FoundUsed,
        Input::FoundUnused,
    ];
    const FINAL: [State; 3] = [State::Issued, State::Used, State::Refunded];

    #[test]
    fn the_whole_way_takes_four_stored_steps() {
        let f = facts();
        let t = step(State::Paying, &f, Input::Resume, NOW).unwrap();
        assert_eq!((t.state, t.effect), (State::Paying, Effect::DecideFate));
        let t = step(t.state, &f, Input::Included, NOW).unwrap();
        assert_eq!((t.state, t.effect), (State::Deposited, Effect::MakeRequest));
        let t = step(t.state, &f, Input::RequestMade, NOW).unwrap();
        assert_eq!((t.state, t.effect), (State::Requested, Effect::AskSigners));
        let t = step(t.state, &f, Input::ShareStored, NOW).unwrap();
        assert_eq!((t.state, t.effect), (State::Requested, Effect::AskSigners));
        let f = Facts {
            complete_epoch: Some(EpochId(3)),
            ..f
        };
        let t = step(t.state, &f, Input::ShareStored, NOW).unwrap();
        assert_eq!(t.effect, Effect::FinishBook(EpochId(3)));
        let t = step(t.state, &f, Input::BookMade, NOW).unwrap();
        assert_eq!((t.state, t.effect), (State::Issued, Effect::None));
    }

    #[test]
    fn resuming_never_fails_and_moves_nothing_but_what_has_become_too_old() {
        for state in State::ALL {
            for now in [UnixTime(0), NOW, UnixTime(u64::MAX)] {
                let to = step(state, &facts(), Input::Resume, now).unwrap().state;
                let too_old = matches!(state, State::Deposited | State::Requested) && now > NOW;
                assert_eq!(to, if too_old { State::Asking } else { state });
            }
        }
    }

    #[test]
    fn a_request_is_made_once_and_another_one_only_where_the_signers_were_asked() {
        for state in State::ALL {
            let made = step(state, &facts(), Input::RequestMade, NOW);
            let allowed = matches!(state, State::Deposited | State::Asking);
            assert_eq!(made.is_ok(), allowed, "{state:?}");
            for input in INPUTS {
                if let Ok(t) = step(state, &facts(), input, NOW)
                    && t.effect == Effect::MakeRequest
                {
                    assert!(
                        matches!(state, State::Paying | State::Deposited | State::Unpaid),
                        "{state:?} {input:?}"
                    );
                }
            }
        }
    }

    #[test]
    fn nothing_leads_out_of_a_final_state_and_no_refund_back_to_a_request() {
        for input in INPUTS {
            for state in FINAL {
                if let Ok(t) = step(state, &facts(), input, NOW) {
                    assert_eq!(t.state, state, "{input:?}");
                }
            }
            for state in [State::Refunding, State::Withheld] {
                if let Ok(t) = step(state, &facts(), input, NOW) {
                    assert!(
                        matches!(
                            t.state,
                            State::Refunding | State::Withheld | State::Used | State::Refunded
                        ),
                        "{state:?} {input:?}"
                    );
                }
            }
        }
    }

    #[test]
    fn the_chains_word_is_taken_wherever_a_deposit_has_no_book() {
        for state in State::ALL {
            let has_no_book = matches!(
                state,
                State::Deposited | State::Requested | State::Asking | State::Refunding
            );
            let withheld = step(state, &facts(), Input::Withheld, NOW);
            assert_eq!(withheld.is_ok(), has_no_book, "{state:?}");
            let refunded = step(state, &facts(), Input::Refunded, NOW);
            assert_eq!(
                refunded.is_ok(),
                has_no_book || state == State::Withheld,
                "{state:?}"
            );
        }
    }

    #[test]
    fn a_refund_is_demanded_at_once_and_then_once_a_day() {
        let t = step(State::Asking, &facts(), Input::FoundUnused, NOW).unwrap();
        assert_eq!(
            (t.state, t.effect),
            (State::Refunding, Effect::DemandRefund)
        );
        let asked = Facts {
            refund_asked_at: Some(NOW),
            ..facts()
        };
        let tomorrow = NOW.saturating_add(REFUND_PAUSE_SECS);
        for (now, effect) in [
            (tomorrow.saturating_sub(1), Effect::ReadChain),
            (tomorrow, Effect::DemandRefund),
        ] {
            let t = step(State::Refunding, &asked, Input::Resume, now).unwrap();
            assert_eq!(t.effect, effect);
        }
    }

    #[test]
    fn a_transaction_given_up_that_is_in_a_block_after_all_becomes_a_deposit() {
        let t = step(State::Unpaid, &facts(), Input::Included, NOW).unwrap();
        assert_eq!((t.state, t.effect), (State::Deposited, Effect::MakeRequest));
    }

    #[test]
    fn a_deposit_of_thirty_days_is_requested_and_one_second_later_its_signers_are_asked() {
        let last = NOW.saturating_add(FIRST_REQUEST_SECS);
        let t = step(State::Deposited, &facts(), Input::Resume, last).unwrap();
        assert_eq!(t.effect, Effect::MakeRequest);
        let later = last.saturating_add(1);
        let t = step(State::Deposited, &facts(), Input::Resume, later).unwrap();
        assert_eq!(
            (t.state, t.effect, t.reason),
            (
                State::Asking,
                Effect::AskStatus,
                Some(Reason::TooOldToRequest)
            )
        );
        assert_eq!(deadline(State::Deposited, &facts()), Some(last));
    }

    #[test]
    fn a_request_is_sent_until_the_end_of_its_expiration_date_and_then_its_signers_are_asked() {
        let end = deadline(State::Requested, &facts()).unwrap();
        let last = end.saturating_sub(1);
        let t = step(State::Requested, &facts(), Input::Resume, last).unwrap();
        assert_eq!(t.effect, Effect::AskSigners);
        let complete = Facts {
            complete_epoch: Some(EpochId(0)),
            ..facts()
        };
        for f in [facts(), complete] {
            let t = step(State::Requested, &f, Input::Resume, end).unwrap();
            assert_eq!(
                (t.state, t.effect, t.reason),
                (State::Asking, Effect::AskStatus, Some(Reason::Expired))
            );
        }
    }

    #[test]
    fn every_state_has_its_own_name_and_is_pending_or_closed_or_issued() {
        for state in State::ALL {
            assert_eq!(State::from_text(state.text()), Some(state));
            let closed = State::CLOSED.contains(&state);
            assert_eq!(
                1,
                [state.is_pending(), closed, state == State::Issued]
                    .into_iter()
                    .filter(|is| *is)
                    .count()
            );
        }
        assert_eq!(State::from_text("lost"), None);
    }
}
