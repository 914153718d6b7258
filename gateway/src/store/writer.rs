//! The one task that writes: jobs that wait together share one transaction and one sync to disk (group commit).
//!
//! A job is a piece of SQL from one of the sibling modules. Each runs behind a savepoint, so that a job that fails
//! undoes only itself; all that succeeded become durable together or not at all, and only then is anybody answered.
//! Nothing here waits for company: a group is what queued up while the one before was being written.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use futures::future::BoxFuture;
use sqlx::SqliteConnection;
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{ConnectOptions as _, Connection as _};
use tokio::sync::{mpsc, oneshot};

use crate::limits::{WRITER_GROUP, WRITER_QUEUE};
use crate::spend_store::CommitError;

/// What a job may do: statements on the writer's connection, inside the group's transaction.
type Work<T> = Box<
    dyn for<'c> FnOnce(&'c mut SqliteConnection) -> BoxFuture<'c, Result<T, sqlx::Error>> + Send,
>;

/// The writer's end of a job whose result type is forgotten.
trait Job: Send {
    fn run<'c>(
        &'c mut self,
        connection: &'c mut SqliteConnection,
    ) -> BoxFuture<'c, Result<(), sqlx::Error>>;

    /// Answers the caller: with what the job found if `fate` is `Ok`.
    fn answer(self: Box<Self>, fate: Result<(), CommitError>);
}

struct TypedJob<T> {
    work: Option<Work<T>>,
    found: Option<T>,
    reply: oneshot::Sender<Result<T, CommitError>>,
}

impl<T: Send> Job for TypedJob<T> {
    fn run<'c>(
        &'c mut self,
        connection: &'c mut SqliteConnection,
    ) -> BoxFuture<'c, Result<(), sqlx::Error>> {
        Box::pin(async move {
            if let Some(work) = self.work.take() {
                self.found = Some(work(connection).await?);
            }
            Ok(())
        })
    }

    fn answer(self: Box<Self>, fate: Result<(), CommitError>) {
        let answer = match (fate, self.found) {
            (Ok(()), Some(found)) => Ok(found),
            (Ok(()), None) => Err(CommitError::NotCommitted("the job did not run".to_owned())),
            (Err(error), _) => Err(error),
        };
        let _ = self.reply.send(answer); // the caller may have gone; what was written stands
    }
}

/// Hands jobs to the writer. Clones write through the same task; it ends when the last one is dropped.
#[derive(Clone)]
pub(crate) struct Writer {
    queue: mpsc::Sender<Box<dyn Job>>,
    used_bytes: Arc<AtomicU64>,
}

impl Writer {
    /// Opens the writer's own connection and starts its task on the current runtime.
    pub(crate) async fn start(
        options: SqliteConnectOptions,
        max_pages: Option<u32>,
    ) -> Result<Self, sqlx::Error> {
        let origin = Origin { options, max_pages };
        let mut connection = origin.connect().await?;
        let used_bytes = Arc::new(AtomicU64::new(used(&mut connection).await?));
        let (queue, jobs) = mpsc::channel(WRITER_QUEUE);
        tokio::spawn(write_groups(
            origin,
            connection,
            jobs,
            Arc::clone(&used_bytes),
        ));
        Ok(Self { queue, used_bytes })
    }

    /// Bytes of the database that hold something, as of the last group.
    pub(crate) fn used_bytes(&self) -> u64 {
        self.used_bytes.load(Ordering::Relaxed)
    }

    /// Runs `work` in a durable transaction and returns what it found once that is on disk. The work is done even if
    /// the caller stops waiting.
    pub(crate) async fn write<T: Send + 'static>(
        &self,
        work: impl for<'c> FnOnce(&'c mut SqliteConnection) -> BoxFuture<'c, Result<T, sqlx::Error>>
        + Send
        + 'static,
    ) -> Result<T, CommitError> {
        let (reply, answer) = oneshot::channel();
        let job = TypedJob {
            work: Some(Box::new(work)),
            found: None,
            reply,
        };
        self.queue
            .try_send(Box::new(job))
            .map_err(|refused| match refused {
                mpsc::error::TrySendError::Full(_) => CommitError::Locked,
                mpsc::error::TrySendError::Closed(_) => {
                    CommitError::NotCommitted("the writer has stopped".to_owned())
                }
            })?;
        answer.await.unwrap_or(Err(CommitError::Unknown(
            "the writer stopped before it answered".to_owned(),
        )))
    }
}

/// Where the writer's connection comes from.
struct Origin {
    options: SqliteConnectOptions,
    max_pages: Option<u32>,
}

impl Origin {
    async fn connect(&self) -> Result<SqliteConnection, sqlx::Error> {
        let mut connection = self.options.connect().await?;
        if let Some(pages) = self.max_pages {
            sqlx::query(sqlx::AssertSqlSafe(format!(
                "PRAGMA max_page_count = {pages}"
            )))
            .execute(&mut connection)
            .await?;
        }
        Ok(connection)
    }
}

async fn write_groups(
    origin: Origin,
    mut connection: SqliteConnection,
    mut jobs: mpsc::Receiver<Box<dyn Job>>,
    used_bytes: Arc<AtomicU64>,
) {
    let mut group: Vec<Box<dyn Job>> = Vec::with_capacity(WRITER_GROUP);
    while jobs.recv_many(&mut group, WRITER_GROUP).await > 0 {
        let finished = write_group(&mut connection, std::mem::take(&mut group)).await;
        let unknown = finished
            .iter()
            .any(|(_, fate)| matches!(fate, Err(CommitError::Unknown(_))));
        let locked = finished
            .iter()
            .any(|(_, fate)| matches!(fate, Err(CommitError::Locked)));
        if let Ok(bytes) = used(&mut connection).await {
            used_bytes.store(bytes, Ordering::Relaxed);
        }
        for (job, fate) in finished {
            job.answer(fate);
        }
        if unknown {
            // What this connection believes about the file is not to be built upon.
            match origin.connect().await {
                Ok(fresh) => connection = fresh,
                Err(error) => {
                    tracing::error!(%error, "the database cannot be opened again for writing")
                }
            }
        }
        if locked {
            answer_queued_as_locked(&mut jobs);
        }
    }
    if let Err(error) = connection.close().await {
        tracing::warn!(%error, "the writer's connection did not close cleanly");
    }
}

/// Whoever queued up while the writer waited in vain for a lock has waited long enough too.
fn answer_queued_as_locked(jobs: &mut mpsc::Receiver<Box<dyn Job>>) {
    while let Ok(job) = jobs.try_recv() {
        job.answer(Err(CommitError::Locked));
    }
}

type Finished = Vec<(Box<dyn Job>, Result<(), CommitError>)>;

async fn write_group(connection: &mut SqliteConnection, jobs: Vec<Box<dyn Job>>) -> Finished {
    if let Err(error) = sqlx::query("BEGIN IMMEDIATE")
        .execute(&mut *connection)
        .await
    {
        let fate = not_committed(&error);
        return jobs
            .into_iter()
            .map(|job| (job, Err(fate.clone())))
            .collect();
    }
    let mut finished: Finished = Vec::with_capacity(jobs.len());
    let mut broken: Option<CommitError> = None;
    for mut job in jobs {
        let outcome = match &broken {
            Some(fate) => Err(fate.clone()),
            None => match run_job(connection, job.as_mut()).await {
                Ok(outcome) => outcome.map_err(|error| not_committed(&error)),
                Err(error) => {
                    let fate = not_committed(&error);
                    broken = Some(fate.clone());
                    Err(fate)
                }
            },
        };
        finished.push((job, outcome));
    }
    let verdict = match broken {
        None => commit(connection).await,
        Some(fate) => {
            roll_back(connection).await;
            Err(fate)
        }
    };
    if let Err(fate) = verdict {
        for (_, outcome) in &mut finished {
            if outcome.is_ok() {
                *outcome = Err(fate.clone());
            }
        }
    }
    finished
}

/// Runs one job behind a savepoint. The outer error means that the whole transaction is gone (SQLite rolls back by
/// itself when a disk is full or fails).
async fn run_job(
    connection: &mut SqliteConnection,
    job: &mut dyn Job,
) -> Result<Result<(), sqlx::Error>, sqlx::Error> {
    sqlx::query("SAVEPOINT job")
        .execute(&mut *connection)
        .await?;
    let outcome = job.run(connection).await;
    if outcome.is_err() {
        sqlx::query("ROLLBACK TO job")
            .execute(&mut *connection)
            .await?;
    }
    sqlx::query("RELEASE job").execute(&mut *connection).await?;
    Ok(outcome)
}

/// Commits; a failure after which SQLite may or may not have written the commit record is `Unknown`.
async fn commit(connection: &mut SqliteConnection) -> Result<(), CommitError> {
    let Err(error) = sqlx::query("COMMIT").execute(&mut *connection).await else {
        return Ok(());
    };
    let fate = match primary_code(&error) {
        Some(SQLITE_BUSY | SQLITE_LOCKED | SQLITE_FULL) => not_committed(&error),
        _ => CommitError::Unknown(error.to_string()),
    };
    roll_back(connection).await;
    Err(fate)
}

async fn roll_back(connection: &mut SqliteConnection) {
    if let Err(error) = sqlx::query("ROLLBACK").execute(&mut *connection).await {
        tracing::debug!(%error, "nothing to roll back");
    }
}

const SQLITE_BUSY: i32 = 5;
const SQLITE_LOCKED: i32 = 6;
const SQLITE_FULL: i32 = 13;

fn not_committed(error: &sqlx::Error) -> CommitError {
    match primary_code(error) {
        Some(SQLITE_BUSY | SQLITE_LOCKED) => CommitError::Locked,
        _ => CommitError::NotCommitted(error.to_string()),
    }
}

/// SQLite's result code without its extension.
fn primary_code(error: &sqlx::Error) -> Option<i32> {
    let code: i32 = error.as_database_error()?.code()?.parse().ok()?;
    Some(code & 0xff)
}

async fn used(connection: &mut SqliteConnection) -> Result<u64, sqlx::Error> {
    let bytes: i64 = sqlx::query_scalar(
        "SELECT (SELECT page_count FROM pragma_page_count) * (SELECT page_size FROM pragma_page_size)
              - (SELECT freelist_count FROM pragma_freelist_count) * (SELECT page_size FROM pragma_page_size)",
    )
    .fetch_one(connection)
    .await?;
    Ok(u64::try_from(bytes).unwrap_or(0))
}
