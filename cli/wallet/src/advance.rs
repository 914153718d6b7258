//! Driving pending issuances by the state machine of `domain::issuance`, as far as they go now (`client.md` 5.2, 7.3).

use ecash_ticketbook::{EcashDate, EpochId, TicketType};
use rand::rngs::OsRng;
use rand::seq::SliceRandom as _;
use tokio::time::{Instant, sleep};

use crate::collect::Collected;
use crate::domain::epoch::{Issuing, ask_under};
use crate::domain::issuance::{Effect, Input, State, step};
use crate::error::WalletError;
use crate::event::{Event, Observer, SignerOutcome};
use crate::limits::{EPOCH_REREAD, MIN_LATER};
use crate::request::StoredRequest;
use crate::signers::{self, SignerSet};
use crate::store::IssuanceRow;
use crate::wallet::Wallet;

/// What one run of pending issuances did.
#[derive(Default)]
pub(crate) struct Run {
    pub(crate) books: Vec<(i64, TicketType)>,
    pub(crate) outcomes: Vec<SignerOutcome>,
    pub(crate) threshold: Option<u64>,
    /// This call has paid already: what is pending now is its own.
    pub(crate) paid: bool,
    /// Signers were asked for the status of a deposit: the next question waits.
    asked_status: bool,
    /// An epoch's signers, read in this run.
    sets: Vec<SignerSet>,
}

impl Wallet {
    /// Every open transaction and every pending issuance, as far as they go now. The first failure of the network is
    /// returned at the end; the rows tell the rest.
    pub(crate) async fn run_pending(
        &self,
        run: &mut Run,
        observer: &dyn Observer,
        deadline: Instant,
    ) -> Result<(), WalletError> {
        let mut first_error = None;
        for tx in self.inner.store.open_deposits().await? {
            observer.on(&Event::Resuming { deposit_id: None });
            if let Err(error) = self.pursue(&tx, observer, deadline).await {
                if failed_here(&error) {
                    return Err(error);
                }
                self.note_open(&tx.hash, &error).await?;
                first_error.get_or_insert(error);
            }
        }
        if let Err(error) = self.reconsider(observer).await {
            first_error.get_or_insert(error);
        }
        for row in self.with_deposits().await? {
            if !run.paid {
                observer.on(&Event::Resuming {
                    deposit_id: row.deposit_id,
                });
            }
            if let Err(error) = self.advance(row.id, run, observer, deadline).await {
                if failed_here(&error) {
                    return Err(error);
                }
                self.inner
                    .store
                    .note(row.id, Some(&error.to_string()), None, self.now())
                    .await?;
                first_error.get_or_insert(error);
            }
        }
        first_error.map_or(Ok(()), Err)
    }

    /// Pending issuances whose deposit is known: oldest first, but those that only questions lead on come last and in random
    /// order, so that nobody learns from it which deposits belong together (`client.md` 12.6).
    async fn with_deposits(&self) -> Result<Vec<IssuanceRow>, WalletError> {
        let rows = self.inner.store.issuances(&State::PENDING).await?;
        let (mut own, mut asking): (Vec<_>, Vec<_>) = rows
            .into_iter()
            .filter(|row| row.state != State::Paying)
            .partition(|row| row.state.is_under_way());
        asking.shuffle(&mut OsRng);
        own.append(&mut asking);
        Ok(own)
    }

    /// Drives one issuance by the state machine until there is nothing to do now.
    async fn advance(
        &self,
        id: i64,
        run: &mut Run,
        observer: &dyn Observer,
        deadline: Instant,
    ) -> Result<(), WalletError> {
        let mut clock_is_checked = false;
        loop {
            let row = self.inner.store.issuance(id).await?;
            let complete = self.complete_epoch(&row, run).await?;
            let transition = step(row.state, &row.facts(complete), Input::Resume, self.now())
                .map_err(|_| WalletError::NotAllowed {
                    issuance: id,
                    state: row.state.text(),
                    input: Input::Resume.text(),
                })?;
            if transition.state != row.state {
                // A date that has passed is believed only of a clock that the signers agree with.
                if !clock_is_checked {
                    let set = self.issuing_set(run, observer).await?;
                    if self.ask_health(&set, observer).await?.offset_secs.is_none() {
                        return Ok(());
                    }
                    clock_is_checked = true;
                    continue;
                }
                self.enter(&row, transition.state, transition.reason, observer)
                    .await?;
                continue;
            }
            let moved = match transition.effect {
                Effect::None | Effect::DecideFate => false,
                Effect::MakeRequest => {
                    let issuing = signers::issuing_epoch(&self.inner.dkg).await?;
                    let deposit_time = row.deposit_time.unwrap_or(self.now());
                    let under = ask_under(&issuing, deposit_time, |_| false, self.now());
                    self.make_request(&row, under.first).await?;
                    true
                }
                Effect::AskSigners => self.ask_signers(&row, run, observer, deadline).await?,
                Effect::FinishBook(epoch) => {
                    let set = self.set(epoch, run, observer).await?;
                    let book = self.finish_book(&row, &set, observer).await?;
                    run.books.push((book, row.ticket_type));
                    if let Some(expiration) = row.expiration {
                        self.fetch_for_spending(&set, expiration, observer).await;
                    }
                    true
                }
                Effect::ReadChain => self.take_chains_word(&row, observer).await?,
                Effect::AskStatus => {
                    self.take_chains_word(&row, observer).await?
                        || self.ask_status(&row, run, observer, deadline).await?
                }
                Effect::DemandRefund => {
                    if self.take_chains_word(&row, observer).await?
                        || self.ask_status(&row, run, observer, deadline).await?
                    {
                        true
                    } else {
                        let set = self.issuing_set(run, observer).await?;
                        self.demand_refund(&row, &set, observer, deadline).await?;
                        false
                    }
                }
            };
            if !moved {
                return Ok(());
            }
        }
    }

    /// Asks the signers of the issuing epoch what they recorded for a deposit, one deposit after the other with pauses. True
    /// where the issuance is in another state now.
    async fn ask_status(
        &self,
        row: &IssuanceRow,
        run: &mut Run,
        observer: &dyn Observer,
        deadline: Instant,
    ) -> Result<bool, WalletError> {
        if run.asked_status && !self.pause_between_questions(deadline).await {
            return Ok(false);
        }
        run.asked_status = true;
        let set = self.issuing_set(run, observer).await?;
        self.settle_by_records(row, &set, observer, deadline).await
    }

    async fn issuing_set(
        &self,
        run: &mut Run,
        observer: &dyn Observer,
    ) -> Result<SignerSet, WalletError> {
        let issuing = signers::issuing_epoch(&self.inner.dkg).await?;
        self.set(issuing.epoch, run, observer).await
    }

    /// The book is safe without them; spending asks again for what is missing.
    async fn fetch_for_spending(
        &self,
        set: &SignerSet,
        expiration: EcashDate,
        observer: &dyn Observer,
    ) {
        if let Err(error) = self.ensure_global_data(set, expiration, observer).await {
            tracing::debug!(%error, "public signatures are fetched when the book is first spent");
        }
    }

    /// An epoch of which threshold shares of this request are stored.
    async fn complete_epoch(
        &self,
        row: &IssuanceRow,
        run: &mut Run,
    ) -> Result<Option<EpochId>, WalletError> {
        let (State::Requested, Some(deposit)) = (row.state, row.deposit_id) else {
            return Ok(None);
        };
        for epoch in self.inner.store.share_epochs(deposit).await? {
            let shares = self.inner.store.shares(deposit, epoch).await?;
            let set = self.set(epoch, run, &()).await?;
            let usable = shares
                .iter()
                .filter(|share| set.signer(share.node_index).is_some())
                .count();
            if usable >= set.needed() {
                return Ok(Some(epoch));
            }
        }
        Ok(None)
    }

    /// Asks signers under the epochs that the rules name, waiting while they say "later". True where the issuance can go on:
    /// shares of one epoch reached the threshold, or it is in another state now.
    async fn ask_signers(
        &self,
        row: &IssuanceRow,
        run: &mut Run,
        observer: &dyn Observer,
        deadline: Instant,
    ) -> Result<bool, WalletError> {
        let stored = StoredRequest::read(row, *self.inner.user.public_key())?;
        let deposit_time = row.deposit_time.unwrap_or(self.now());
        let mut issuing: Issuing = signers::issuing_epoch(&self.inner.dkg).await?;
        let mut read_at = Instant::now();
        loop {
            if read_at.elapsed() >= EPOCH_REREAD {
                issuing = signers::issuing_epoch(&self.inner.dkg).await?;
                read_at = Instant::now();
            }
            let asked = |epoch: EpochId| row.epoch == Some(epoch);
            let under = ask_under(&issuing, deposit_time, asked, self.now());
            let mut collected = Collected::TooFew { refused: 0 };
            let mut unreachable = false;
            for epoch in [Some(under.first), under.then].into_iter().flatten() {
                let set = self.set(epoch, run, observer).await?;
                collected = self
                    .collect(&stored, &set, observer, &mut run.outcomes, deadline)
                    .await?;
                if collected == Collected::Complete {
                    return Ok(true);
                }
                if let Collected::TooFew { refused } = collected {
                    unreachable = set.signers.len().saturating_sub(refused) < set.needed();
                }
            }
            let pause = match collected {
                Collected::Later(after) => after.max(MIN_LATER),
                Collected::Complete | Collected::TooFew { .. } => {
                    if self.take_chains_word(row, observer).await? {
                        return Ok(true);
                    }
                    let mut reason = refusal_summary(&run.outcomes);
                    if unreachable {
                        if self.may_ask_status(row)
                            && self.ask_status(row, run, observer, deadline).await?
                        {
                            return Ok(true);
                        }
                        match self.check_blacklist().await {
                            Err(WalletError::Blacklisted) => {
                                reason = format!(
                                    "this client's ecash key is on the network's blacklist; {reason}"
                                );
                            }
                            other => other?,
                        }
                    }
                    self.inner
                        .store
                        .note(row.id, Some(&reason), None, self.now())
                        .await?;
                    return Ok(false);
                }
            };
            if Instant::now() + pause > deadline {
                let next = self.now().saturating_add(pause.as_secs().max(1));
                self.inner
                    .store
                    .note(
                        row.id,
                        Some(&refusal_summary(&run.outcomes)),
                        Some(next),
                        self.now(),
                    )
                    .await?;
                return Ok(false);
            }
            sleep(pause).await;
        }
    }

    /// The signers of an epoch, read once per run.
    async fn set(
        &self,
        epoch: EpochId,
        run: &mut Run,
        observer: &dyn Observer,
    ) -> Result<SignerSet, WalletError> {
        if let Some(known) = run.sets.iter().find(|set| set.epoch == epoch) {
            return Ok(known.clone());
        }
        let issuing = Issuing {
            epoch,
            concluded: None,
            predecessor: None,
        };
        let set = signers::load(&self.inner.dkg, issuing.epoch).await?;
        observer.on(&Event::Signers {
            epoch,
            usable: set.signers.len(),
            threshold: set.threshold,
        });
        self.keep_master(&set).await?;
        run.threshold = Some(set.threshold);
        run.sets.push(set.clone());
        Ok(set)
    }
}

/// What failed here, as against what the network did not do: the latter is in the rows and not an error of a run.
pub(crate) fn failed_here(error: &WalletError) -> bool {
    matches!(
        error,
        WalletError::Database(_)
            | WalletError::DiskFull(_)
            | WalletError::DatabaseLocked(_)
            | WalletError::Damaged { .. }
            | WalletError::NotAllowed { .. }
            | WalletError::File(_)
            | WalletError::Scheme(_)
            | WalletError::Ticketbook(_)
    )
}

/// Why too few shares came, for the row and the person.
fn refusal_summary(outcomes: &[SignerOutcome]) -> String {
    let said: Vec<String> = outcomes
        .iter()
        .filter(|outcome| !outcome.outcome.is_good())
        .map(|outcome| {
            let detail = outcome
                .outcome
                .detail()
                .map_or(String::new(), |detail| format!(": {detail}"));
            format!(
                "signer {} {}{detail}",
                outcome.node_index,
                outcome.outcome.name()
            )
        })
        .collect();
    if said.is_empty() {
        "too few shares".to_owned()
    } else {
        said.join("; ")
    }
}
