//! Obtaining and recovering ticketbooks (`client.md` 3.2, 5.2).

use ecash_ticketbook::TicketType;
use nyx_client::Account;
use tokio::time::Instant;

use crate::advance::{Run, failed_here};
use crate::domain::issuance::State;
use crate::error::WalletError;
use crate::event::Observer;
use crate::limits::MAX_BOOKS;
use crate::report::{Book, Report};
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
