//! The one task that owns an account's sequence number.

mod pursuit;

use std::time::Duration;

use cosmrs::AccountId;
use pursuit::Sent;
use tokio::{
    sync::{mpsc, oneshot, watch},
    task::JoinHandle,
    time::sleep,
};

use crate::{
    account::Account,
    error::Error,
    included::Included,
    journal::{OpenTx, TxJournal},
    limits,
    message::Msg,
    query::QueryClient,
    transaction::{Fee, GasPrice, SignedTx, Unsigned},
};

/// What became of a signed transaction. Each is final.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fate {
    /// In a block, and it succeeded.
    Included(Included),
    /// In a block, and it failed there: the fee is paid, nothing else changed.
    Failed {
        /// Its block.
        height: u64,
        /// ABCI code.
        code: u32,
        /// Name space of the code.
        codespace: String,
        /// Text of the failure.
        log: String,
    },
    /// The node refused it when it was sent for the first and only time; it is in nobody's pool.
    Rejected {
        /// ABCI code.
        code: u32,
        /// Name space of the code.
        codespace: String,
        /// The node's text.
        log: String,
    },
    /// In no block, and it can enter none any more: its timeout height or its sequence number has passed.
    Abandoned,
}

impl Fate {
    /// The inclusion, or the error that names this fate.
    ///
    /// # Errors
    /// [`Error::Failed`], [`Error::Rejected`], [`Error::Abandoned`].
    pub fn into_included(self, tx: &SignedTx) -> Result<Included, Error> {
        let hash = tx.hash();
        match self {
            Self::Included(included) => Ok(included),
            Self::Failed {
                height,
                code,
                codespace,
                log,
            } => Err(Error::Failed {
                hash,
                height,
                codespace,
                code,
                log,
            }),
            Self::Rejected {
                code,
                codespace,
                log,
            } => Err(Error::Rejected {
                hash,
                codespace,
                code,
                log,
            }),
            Self::Abandoned => Err(Error::Abandoned {
                hash,
                timeout_height: tx.timeout_height(),
            }),
        }
    }
}

/// How a [`Sender`] pays and waits.
#[derive(Clone, Debug)]
pub struct SenderConfig {
    /// Denom in which fees are paid.
    pub fee_denom: String,
    /// Price of gas.
    pub gas_price: GasPrice,
    /// Blocks for which a transaction stays valid.
    pub timeout_blocks: u64,
    /// Longest wait between two questions for a fate, and least wait between two sendings of the same bytes.
    pub poll_interval: Duration,
}

impl SenderConfig {
    /// The values of [`limits`] and [`GasPrice::DEFAULT`], paying in `fee_denom`.
    #[must_use]
    pub fn new(fee_denom: &str) -> Self {
        Self {
            fee_denom: fee_denom.to_owned(),
            gas_price: GasPrice::DEFAULT,
            timeout_blocks: limits::TIMEOUT_BLOCKS,
            poll_interval: limits::POLL_INTERVAL,
        }
    }

    /// Simulates and signs a transaction under the account's present sequence number; neither journals nor sends it. For
    /// callers that keep a journal of their own and have no second sender for the account.
    ///
    /// # Errors
    /// [`Error::UnknownAccount`], [`Error::TxTooLarge`], [`Error::Simulation`], the errors of every call.
    pub async fn sign(
        &self,
        client: &QueryClient,
        account: &Account,
        messages: &[Msg],
        memo: &str,
    ) -> Result<(SignedTx, Fee), Error> {
        let status = client.status().await?;
        let state =
            client
                .account(account.address())
                .await?
                .ok_or_else(|| Error::UnknownAccount {
                    address: account.address().to_string(),
                })?;
        let unsigned = Unsigned {
            chain_id: &status.chain_id,
            account_number: state.number,
            sequence: state.sequence,
            timeout_height: status.latest_height.saturating_add(self.timeout_blocks),
            messages,
            memo,
        };
        let used = client.simulate(unsigned.for_simulation(account)?).await?;
        let gas_limit = GasPrice::limit_for(used);
        let fee = Fee {
            denom: self.fee_denom.clone(),
            amount: self.gas_price.fee_for(gas_limit),
            gas_limit,
        };
        let tx = unsigned.sign(account, &fee)?;
        Ok((tx, fee))
    }
}

/// A transaction to be made.
struct Job {
    messages: Vec<Msg>,
    memo: String,
    note: Vec<u8>,
    answer: oneshot::Sender<Result<(SignedTx, Fate), Error>>,
}

/// A handle on the task that signs, journals and sends an account's transactions, one after the other.
///
/// There must be one sender per account in the world: it takes the sequence number from the chain, and two would take
/// the same. Transactions are made in the order in which they were handed over; the next one is signed when the fate of
/// the one before is known, so that a stuck transaction never leaves a gap behind it.
///
/// Dropping a returned future does not stop its transaction. The task ends when the last handle is dropped, and leaves
/// an undecided transaction in the journal for the next start.
#[derive(Clone)]
pub struct Sender {
    jobs: mpsc::Sender<Job>,
    address: AccountId,
    recovered: watch::Receiver<bool>,
}

impl Sender {
    /// Starts the account's task. It first settles what the journal holds open; meanwhile new transactions wait.
    /// Must be called inside a tokio runtime.
    pub fn start<J: TxJournal>(
        client: QueryClient,
        account: Account,
        journal: J,
        config: SenderConfig,
    ) -> Self {
        Self::start_joinable(client, account, journal, config).0
    }

    /// [`Self::start`], with the task's handle: it is over when no transaction is in work any more and no handle left.
    pub fn start_joinable<J: TxJournal>(
        client: QueryClient,
        account: Account,
        journal: J,
        config: SenderConfig,
    ) -> (Self, JoinHandle<()>) {
        let (jobs, queue) = mpsc::channel(limits::SENDER_QUEUE);
        let (recovered_tx, recovered) = watch::channel(false);
        let address = account.address().clone();
        let task = Task {
            client,
            account,
            journal,
            config,
        };
        let handle = tokio::spawn(task.run(queue, recovered_tx));
        (
            Self {
                jobs,
                address,
                recovered,
            },
            handle,
        )
    }

    /// The account that sends.
    #[must_use]
    pub fn address(&self) -> &AccountId {
        &self.address
    }

    /// Waits until every transaction that the journal held open at the start has its fate.
    ///
    /// # Errors
    /// [`Error::SenderStopped`].
    pub async fn recovered(&self) -> Result<(), Error> {
        self.recovered
            .clone()
            .wait_for(|done| *done)
            .await
            .map(|_| ())
            .map_err(|_| Error::SenderStopped)
    }

    /// Makes one transaction of `messages`: simulates, signs, journals it with `note`, sends it until its fate is known.
    /// Everything up to the journal's `record` may fail without consequence; after it the fate decides.
    ///
    /// # Errors
    /// [`Error::QueueFull`], [`Error::SenderStopped`], [`Error::UnknownAccount`], [`Error::TxTooLarge`],
    /// [`Error::Simulation`], the errors of every call, [`Error::Journal`].
    pub async fn submit(
        &self,
        messages: Vec<Msg>,
        memo: &str,
        note: Vec<u8>,
    ) -> Result<(SignedTx, Fate), Error> {
        let (answer, fate) = oneshot::channel();
        let job = Job {
            messages,
            memo: memo.to_owned(),
            note,
            answer,
        };
        self.jobs.try_send(job).map_err(|error| match error {
            mpsc::error::TrySendError::Full(_) => Error::QueueFull(limits::SENDER_QUEUE),
            mpsc::error::TrySendError::Closed(_) => Error::SenderStopped,
        })?;
        fate.await.map_err(|_| Error::SenderStopped)?
    }

    /// [`Self::submit`] without a note, for callers that only care for success.
    ///
    /// # Errors
    /// As [`Self::submit`], and [`Error::Failed`], [`Error::Rejected`], [`Error::Abandoned`].
    pub async fn send(&self, messages: Vec<Msg>, memo: &str) -> Result<Included, Error> {
        let (tx, fate) = self.submit(messages, memo, Vec::new()).await?;
        fate.into_included(&tx)
    }
}

struct Task<J> {
    client: QueryClient,
    account: Account,
    journal: J,
    config: SenderConfig,
}

impl<J: TxJournal> Task<J> {
    async fn run(self, mut queue: mpsc::Receiver<Job>, recovered: watch::Sender<bool>) {
        if !self.recover(&queue).await {
            return;
        }
        recovered.send_replace(true);
        while let Some(job) = queue.recv().await {
            let outcome = self.make(&job, &queue).await;
            if let Err(error) = &outcome {
                tracing::debug!(%error, account = %self.account.address(), "transaction not made");
            }
            // The caller may have gone; the fate is in the journal.
            drop(job.answer.send(outcome));
        }
    }

    /// Settles what the journal holds open. False where nothing may be signed: the journal fails, or nobody is left.
    async fn recover(&self, queue: &mpsc::Receiver<Job>) -> bool {
        let open = match self.journal.open(self.account.address()).await {
            Ok(open) => open,
            Err(error) => {
                tracing::error!(%error, account = %self.account.address(), "the transaction journal cannot be read; nothing is sent");
                return false;
            }
        };
        for OpenTx { tx, .. } in open {
            tracing::info!(hash = %tx.hash(), "settling a transaction of an earlier run");
            let Some(fate) = self.fate(&tx, Sent::Perhaps, queue).await else {
                return false;
            };
            if let Err(error) = self.settle(&tx, &fate).await {
                tracing::error!(%error, hash = %tx.hash(), "the transaction journal cannot be written; nothing is sent");
                return false;
            }
        }
        true
    }

    async fn make(
        &self,
        job: &Job,
        queue: &mpsc::Receiver<Job>,
    ) -> Result<(SignedTx, Fate), Error> {
        let tx = self.sign(&job.messages, &job.memo).await?;
        self.journal
            .record(&tx, &job.note)
            .await
            .map_err(Error::Journal)?;
        let fate = self
            .fate(&tx, Sent::Never, queue)
            .await
            .ok_or(Error::SenderStopped)?;
        self.settle(&tx, &fate).await?;
        Ok((tx, fate))
    }

    async fn sign(&self, messages: &[Msg], memo: &str) -> Result<SignedTx, Error> {
        self.config
            .sign(&self.client, &self.account, messages, memo)
            .await
            .map(|(tx, _)| tx)
    }

    async fn settle(&self, tx: &SignedTx, fate: &Fate) -> Result<(), Error> {
        let mut attempt = 1;
        loop {
            match self.journal.settle(tx, fate).await {
                Ok(()) => return Ok(()),
                Err(error) if attempt >= limits::SETTLE_ATTEMPTS => {
                    return Err(Error::Journal(error));
                }
                Err(error) => {
                    tracing::warn!(%error, hash = %tx.hash(), attempt, "a transaction's fate could not be stored");
                    sleep(limits::FIRST_POLL * attempt).await;
                    attempt += 1;
                }
            }
        }
    }
}
