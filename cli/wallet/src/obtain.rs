//! Obtaining and recovering ticketbooks (`client.md` 3.2, 5.2).

use ecash_ticketbook::{EcashDate, EpochId, TicketType};
use nyx_client::Account;
use rand::rngs::OsRng;
use rand::seq::SliceRandom as _;
use tokio::time::{Instant, sleep};

use crate::collect::Collected;
use crate::domain::epoch::{Issuing, ask_under};
use crate::domain::issuance::{Effect, Input, State, step};
use crate::error::WalletError;
use crate::event::{Event, Observer, SignerOutcome};
use crate::limits::{EPOCH_REREAD, MAX_BOOKS, MIN_LATER};
use crate::report::{Book, Report};
use crate::request::StoredRequest;
use crate::signers::{self, SignerSet};
use crate::store::IssuanceRow;
use crate::wallet::{Wallet, describe};

/// What to obtain.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Order {
    /// Type of the books.
    pub ticket_type: TicketType,
    /// How many, 1 … 20, paid for in one transaction.
    pub count: u32,
    /// Pay even though an issuance of this type is pending.
    pub new_deposit: bool,
}

/// What one run of pending issuances did.
#[derive(Default)]
struct Run {
    books: Vec<(i64, TicketType)>,
    outcomes: Vec<SignerOutcome>,
    threshold: Option<u64>,
    /// This call has paid already: what is pending now is its own.
    paid: bool,
    /// Signers were asked for the status of a deposit: the next question waits.
    asked_status: bool,
    /// An epoch's signers, read in this run.
    sets: Vec<SignerSet>,
}

impl Wallet {
    /// Obtains ticketbooks. What an earlier run paid for is finished first and counts; only what is then still missing is
    /// paid for, unless something of the type is pending.
    ///
    /// With nothing begun, an error says why. Once something is paid, the report says what is complete and what is pending
    /// (a non-empty [`Report::pending`] is not success); the next call of this or [`Wallet::recover`] resumes.
    ///
    /// # Errors
    /// Those of every step before paying; [`WalletError::DepositFailed`], [`WalletError::DepositRefused`],
    /// [`WalletError::DepositAbandoned`] where nothing was paid; [`WalletError::Database`], [`WalletError::Damaged`].
    pub async fn obtain(
        &self,
        account: &Account,
        order: Order,
        observer: &dyn Observer,
    ) -> Result<Report, WalletError> {
        if order.count == 0 || order.count > MAX_BOOKS {
            return Err(WalletError::BookCount {
                asked: order.count,
                most: MAX_BOOKS,
            });
        }
        let _one_at_a_time = self.inner.work.lock().await;
        let deadline = self.deadline();
        let mut run = Run::default();
        let resumed = self.run_pending(&mut run, observer, deadline).await;
        let done = run
            .books
            .iter()
            .filter(|(_, kind)| *kind == order.ticket_type)
            .count();
        let missing = order
            .count
            .saturating_sub(u32::try_from(done).unwrap_or(u32::MAX));
        if missing == 0 {
            return self.summarise(run, None).await;
        }
        if self.is_pending(order.ticket_type).await? && !order.new_deposit {
            return self.summarise(run, None).await;
        }
        resumed?;
        self.preflight_until(deadline, observer).await?;
        self.note_birthday().await?;
        let price = self.price(account.address()).await?;
        self.check_balance(
            account.address(),
            price.amount.u128().saturating_mul(missing.into()),
        )
        .await?;
        match self
            .pay(account, order.ticket_type, missing, observer, deadline)
            .await
        {
            Ok(hash) => {
                run.paid = true;
                tolerate_network(self.run_pending(&mut run, observer, deadline).await)?;
                self.summarise(run, Some(hex::encode_upper(hash))).await
            }
            Err(WalletError::StillPending(_)) => self.summarise(run, None).await,
            Err(error) => Err(error),
        }
    }

    /// Stores why the fate of a transaction is open, with every issuance that it pays for.
    pub(crate) async fn note_open(
        &self,
        tx_hash: &[u8; 32],
        error: &WalletError,
    ) -> Result<(), WalletError> {
        for row in self.inner.store.issuances_of_tx(tx_hash).await? {
            self.inner
                .store
                .note(row.id, Some(&error.to_string()), None, self.now())
                .await?;
        }
        Ok(())
    }

    /// Takes up everything that is pending, of every type, oldest first. Needs no account: a stored transaction is signed
    /// already.
    ///
    /// # Errors
    /// [`WalletError::Database`], [`WalletError::Damaged`]. What the network did is in the report.
    pub async fn recover(&self, observer: &dyn Observer) -> Result<Report, WalletError> {
        let _one_at_a_time = self.inner.work.lock().await;
        let mut run = Run::default();
        tolerate_network(self.run_pending(&mut run, observer, self.deadline()).await)?;
        self.summarise(run, None).await
    }

    fn deadline(&self) -> Instant {
        Instant::now() + self.inner.config.wait
    }

    async fn is_pending(&self, ticket_type: TicketType) -> Result<bool, WalletError> {
        let pending = self.inner.store.issuances(&State::PENDING).await?;
        Ok(pending
            .iter()
            .any(|row| row.ticket_type == ticket_type && row.state.is_under_way()))
    }

    /// The latest deposit when the wallet was made, to be kept with the seed.
    async fn note_birthday(&self) -> Result<(), WalletError> {
        if self.inner.store.birthday().await?.is_none() {
            let latest = self.inner.ecash.latest_deposit().await?;
            self.inner
                .store
                .set_birthday(latest.map_or(0, |deposit| u64::from(deposit.id)))
                .await?;
        }
        Ok(())
    }

    /// Every open transaction and every pending issuance, as far as they go now. The first failure of the network is
    /// returned at the end; the rows tell the rest.
    async fn run_pending(
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

    async fn summarise(&self, run: Run, tx_hash: Option<String>) -> Result<Report, WalletError> {
        let today = self.today()?;
        let store = &self.inner.store;
        let books = store
            .books()
            .await?
            .iter()
            .filter(|row| run.books.iter().any(|(id, _)| *id == row.id))
            .map(|row| Book::of(row, today))
            .collect();
        let mut pending = Vec::new();
        for row in store.issuances(&State::PENDING).await? {
            pending.push(describe(store, &row, run.threshold).await?);
        }
        Ok(Report {
            books,
            pending,
            signers: run.outcomes,
            tx_hash,
        })
    }
}

/// What failed here, as against what the network did not do: the latter is in the rows and not an error of a run.
fn failed_here(error: &WalletError) -> bool {
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

/// Keeps only what failed here.
fn tolerate_network(outcome: Result<(), WalletError>) -> Result<(), WalletError> {
    match outcome {
        Err(error) if !failed_here(&error) => {
            tracing::debug!(%error, "pending issuances stay pending");
            Ok(())
        }
        other => other,
    }
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
