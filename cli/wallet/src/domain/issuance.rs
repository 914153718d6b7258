//! From a deposit to a book: the table of `client.md` 7.3 as a function (state, input, time) → (state, what to do).
//!
//! ```text
//! paying ──included──▶ deposited ──request stored──▶ requested ──book stored──▶ issued
//!    └──failed, abandoned──▶ unpaid ──fate corrected──▶ deposited
//! ```
//!
//! No transition happens in memory only: the caller stores what [`Transition`] says in one database transaction, then
//! does what its [`Effect`] says. A kill at any point resumes with [`Input::Resume`].

use ecash_ticketbook::{EcashDate, EpochId, UnixTime};

use crate::limits::FIRST_REQUEST_SECS;

/// Where an issuance stands. Rows of later states (asking, refunding, withheld, used, refunded) are not made by this
/// version; their names are reserved in the schema.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum State {
    /// The deposit transaction is journaled; its fate is open.
    Paying,
    /// The deposit is in a block; its id and time are stored.
    Deposited,
    /// The one request of this deposit is stored and may have been sent.
    Requested,
    /// The book is stored.
    Issued,
    /// The transaction failed or never entered a block. Nothing was paid.
    Unpaid,
}

impl State {
    /// Name in the database and in outputs.
    #[must_use]
    pub const fn text(self) -> &'static str {
        match self {
            Self::Paying => "paying",
            Self::Deposited => "deposited",
            Self::Requested => "requested",
            Self::Issued => "issued",
            Self::Unpaid => "unpaid",
        }
    }

    /// The state of this name.
    #[must_use]
    pub fn from_text(text: &str) -> Option<Self> {
        [
            Self::Paying,
            Self::Deposited,
            Self::Requested,
            Self::Issued,
            Self::Unpaid,
        ]
        .into_iter()
        .find(|state| state.text() == text)
    }

    /// Whether something was or may have been paid and no book is there yet.
    #[must_use]
    pub const fn is_pending(self) -> bool {
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
}

impl Reason {
    /// The text that is stored and shown.
    #[must_use]
    pub const fn text(self) -> &'static str {
        match self {
            Self::TooOldToRequest => {
                "the deposit is older than 30 days and was never used for a request; signers refuse a first request now"
            }
            Self::Expired => {
                "the expiration date that the request fixed has passed before enough signers answered"
            }
            Self::TransactionFailed => {
                "the deposit transaction failed in its block; no deposit was made"
            }
            Self::TransactionAbandoned => {
                "the deposit transaction never entered a block; nothing was paid"
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
    /// Nothing can be done by this version: kept, and shown with its reason.
    Keep,
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
        (State::Issued | State::Unpaid, Input::Resume) => to(state, Effect::None),
        // A share that arrives after the book was made, from a call that was still open, changes nothing.
        (State::Issued, Input::ShareStored) => to(State::Issued, Effect::None),
        _ => Err(NotAllowed),
    }
}

fn unpaid(reason: Reason) -> Transition {
    Transition {
        state: State::Unpaid,
        reason: Some(reason),
        effect: Effect::None,
    }
}

fn deposited(facts: &Facts, now: UnixTime) -> Transition {
    let too_old = facts
        .deposit_time
        .is_some_and(|made| now.get() > made.get().saturating_add(FIRST_REQUEST_SECS));
    Transition {
        state: State::Deposited,
        reason: too_old.then_some(Reason::TooOldToRequest),
        effect: if too_old {
            Effect::Keep
        } else {
            Effect::MakeRequest
        },
    }
}

fn requested(facts: &Facts, now: UnixTime) -> Transition {
    let expired = facts
        .expiration
        .is_some_and(|date| now.unix_day() > u64::from(date.unix_day()));
    let (reason, effect) = match facts.complete_epoch {
        _ if expired => (Some(Reason::Expired), Effect::Keep),
        Some(epoch) => (None, Effect::FinishBook(epoch)),
        None => (None, Effect::AskSigners),
    };
    Transition {
        state: State::Requested,
        reason,
        effect,
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
        State::Paying | State::Issued | State::Unpaid => None,
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
        }
    }

    const STATES: [State; 5] = [
        State::Paying,
        State::Deposited,
        State::Requested,
        State::Issued,
        State::Unpaid,
    ];
    const INPUTS: [Input; 7] = [
        Input::Resume,
        Input::Included,
        Input::Failed,
        Input::Abandoned,
        Input::RequestMade,
        Input::ShareStored,
        Input::BookMade,
    ];

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
    fn resuming_never_changes_a_state_and_never_fails() {
        for state in STATES {
            for now in [UnixTime(0), NOW, UnixTime(u64::MAX)] {
                assert_eq!(
                    step(state, &facts(), Input::Resume, now).unwrap().state,
                    state
                );
            }
        }
    }

    #[test]
    fn no_input_makes_a_second_request_for_a_deposit() {
        for state in STATES {
            let made = step(state, &facts(), Input::RequestMade, NOW);
            assert_eq!(made.is_ok(), state == State::Deposited, "{state:?}");
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
    fn nothing_leads_back_from_a_request_or_a_book() {
        for input in INPUTS {
            if let Ok(t) = step(State::Requested, &facts(), input, NOW) {
                assert!(matches!(t.state, State::Requested | State::Issued));
            }
            if let Ok(t) = step(State::Issued, &facts(), input, NOW) {
                assert_eq!(t.state, State::Issued);
            }
        }
    }

    #[test]
    fn a_transaction_given_up_that_is_in_a_block_after_all_becomes_a_deposit() {
        let t = step(State::Unpaid, &facts(), Input::Included, NOW).unwrap();
        assert_eq!((t.state, t.effect), (State::Deposited, Effect::MakeRequest));
    }

    #[test]
    fn a_deposit_of_thirty_days_is_requested_and_one_second_later_it_is_kept_with_a_reason() {
        let last = NOW.saturating_add(FIRST_REQUEST_SECS);
        let t = step(State::Deposited, &facts(), Input::Resume, last).unwrap();
        assert_eq!(t.effect, Effect::MakeRequest);
        let t = step(
            State::Deposited,
            &facts(),
            Input::Resume,
            last.saturating_add(1),
        )
        .unwrap();
        assert_eq!(
            (t.effect, t.reason),
            (Effect::Keep, Some(Reason::TooOldToRequest))
        );
        assert_eq!(deadline(State::Deposited, &facts()), Some(last));
    }

    #[test]
    fn a_request_is_sent_until_the_end_of_its_expiration_date_and_then_kept_with_a_reason() {
        let end = deadline(State::Requested, &facts()).unwrap();
        let t = step(
            State::Requested,
            &facts(),
            Input::Resume,
            end.saturating_sub(1),
        )
        .unwrap();
        assert_eq!(t.effect, Effect::AskSigners);
        let complete = Facts {
            complete_epoch: Some(EpochId(0)),
            ..facts()
        };
        for f in [facts(), complete] {
            let t = step(State::Requested, &f, Input::Resume, end).unwrap();
            assert_eq!((t.effect, t.reason), (Effect::Keep, Some(Reason::Expired)));
        }
    }

    #[test]
    fn every_state_has_its_own_name() {
        for state in STATES {
            assert_eq!(State::from_text(state.text()), Some(state));
        }
        assert_eq!(State::from_text("asking"), None);
    }
}
