//! Table `instance` and the rule for a database that was lost (R3.4).

use std::path::{Path, PathBuf};

use rand::RngCore as _;
use sqlx::{Row as _, SqlitePool};

use super::{MIGRATIONS, Quota, Store, blob, unsigned};
use crate::error::Error;
use ecash_requests::NetworkIds;
use ecash_service::clock::UnixTime;
use ecash_service::{files, sqlite};

/// The database inside the home directory.
pub const DATABASE_FILE: &str = "gateway.sqlite";
/// The file beside the identity key that says which database belongs to it.
pub const INSTANCE_FILE: &str = "instance_id";

/// Largest id file that is read, in bytes.
const MAX_INSTANCE_FILE_BYTES: u64 = 64;

/// Which database this is: 16 random bytes, in the database and beside the identity key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct InstanceId([u8; 16]);

impl InstanceId {
    fn random() -> Self {
        let mut bytes = [0; 16];
        rand::rngs::OsRng.fill_bytes(&mut bytes);
        Self(bytes)
    }

    fn to_file(self) -> String {
        format!("{}\n", hex::encode(self.0))
    }

    fn from_file(text: &[u8]) -> Option<Self> {
        let text = std::str::from_utf8(text).ok()?.trim_end();
        let mut bytes = [0; 16];
        hex::decode_to_slice(text, &mut bytes).ok()?;
        Some(Self(bytes))
    }
}

/// What the database says about itself.
#[derive(Clone, Debug)]
pub struct Instance {
    /// Its id.
    pub id: InstanceId,
    /// When it was made.
    pub opened_at: UnixTime,
    /// Whether it took the place of a lost one.
    pub reduced: bool,
    /// Chain id, ecash and DKG contract, one per line.
    pub network: String,
}

impl Instance {
    /// In reduced mode: when the database was opened. Tickets up to `CLOCK_WINDOW_SECS` after it are refused.
    #[must_use]
    pub fn reduced_since(&self) -> Option<UnixTime> {
        self.reduced.then_some(self.opened_at)
    }
}

/// Where the identity key came from when its first database in this home is made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeyOrigin {
    /// Made together with the database: no ticket can have been spent at it before.
    New,
    /// It was there: what was spent at it is not known here, so the database begins in reduced mode.
    Restored,
}

/// Why a database counts as lost.
struct Lost {
    reason: String,
}

impl Store {
    /// Makes a new database and its id file in `home`; for `init`. A database that an interrupted `init` left is
    /// kept; one beside a restored key is put aside, because nothing says that it is not an old copy.
    ///
    /// # Errors
    /// [`Error::AlreadyInitialised`] if there is an id file; the errors of files and database.
    pub async fn create(
        home: &Path,
        network: &NetworkIds,
        key: KeyOrigin,
        now: UnixTime,
    ) -> Result<(), Error> {
        let (database, id_file) = (home.join(DATABASE_FILE), home.join(INSTANCE_FILE));
        if id_file.symlink_metadata().is_ok() {
            return Err(Error::AlreadyInitialised { path: id_file });
        }
        if key == KeyOrigin::Restored
            && let Some(kept) = put_aside(&database, now)?
        {
            tracing::warn!(kept = %kept.display(), "a database without an instance id lay beside a restored key; it is not used");
        }
        let pool = sqlite::open(&database, MIGRATIONS).await?;
        let present = read(&pool)
            .await
            .map_err(|error| Error::store("read the instance of the database", &error))?;
        let id = match present {
            Some(instance) => instance.id,
            None => insert(&pool, network, now, key == KeyOrigin::Restored).await?,
        };
        sqlite::close(&pool).await;
        files::create_private(&id_file, id.to_file().as_bytes())?;
        Ok(())
    }

    /// Opens the database in `home`. A database that is lost (absent, empty, unreadable, or another than the id file
    /// names) is put aside and replaced by an empty one in reduced mode.
    ///
    /// # Errors
    /// [`Error::NotInitialised`] without an id file; [`Error::InstanceFile`] if it is malformed; the errors of files and
    /// database, a database made by a newer version among them.
    pub async fn open(
        home: &Path,
        network: &NetworkIds,
        quota: Quota,
        now: UnixTime,
    ) -> Result<Self, Error> {
        let (database, id_file) = (home.join(DATABASE_FILE), home.join(INSTANCE_FILE));
        if id_file.symlink_metadata().is_err() {
            return Err(Error::NotInitialised);
        }
        let text = files::read_private(&id_file, MAX_INSTANCE_FILE_BYTES)?;
        let expected = InstanceId::from_file(&text).ok_or_else(|| Error::InstanceFile {
            path: id_file.clone(),
        })?;
        let pool = match open_expected(&database, expected).await? {
            Ok(pool) => pool,
            Err(lost) => replace(&database, &id_file, &lost, network, now).await?,
        };
        let store = Self::attach(pool, &database, quota).await?;
        let expected = network_text(network);
        if store.instance.network != expected {
            return Err(Error::OtherNetwork {
                found: store.instance.network.replace('\n', " "),
                expected: expected.replace('\n', " "),
            });
        }
        Ok(store)
    }
}

/// The database if it is the expected one; the inner error if it is lost.
async fn open_expected(
    database: &Path,
    expected: InstanceId,
) -> Result<Result<SqlitePool, Lost>, Error> {
    let lost = |reason: String| Ok(Err(Lost { reason }));
    match std::fs::symlink_metadata(database) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            return lost("it is absent".to_owned());
        }
        Ok(metadata) if metadata.is_file() && metadata.len() == 0 => {
            return lost("it is empty".to_owned());
        }
        _ => {}
    }
    let pool = match sqlite::open(database, MIGRATIONS).await {
        Ok(pool) => pool,
        Err(error @ ecash_service::Error::Database { .. }) => {
            return match damage(database).await {
                Some(reason) => lost(reason),
                None => Err(error.into()),
            };
        }
        Err(error) => return Err(error.into()),
    };
    match read(&pool).await {
        Ok(Some(instance)) if instance.id == expected => Ok(Ok(pool)),
        outcome => {
            pool.close().await;
            lost(match outcome {
                Ok(Some(_)) => {
                    "it carries another instance id than the file beside the key".to_owned()
                }
                Ok(None) => "it carries no instance id".to_owned(),
                Err(error) => format!("it cannot be read: {error}"),
            })
        }
    }
}

/// What is wrong with the file itself; `None` if SQLite finds it sound (and refused it for another reason).
async fn damage(database: &Path) -> Option<String> {
    let options = sqlx::sqlite::SqliteConnectOptions::new()
        .filename(database)
        .read_only(true);
    let verdict = async {
        let mut connection = sqlx::ConnectOptions::connect(&options).await?;
        sqlx::query_scalar::<_, String>("PRAGMA quick_check(1)")
            .fetch_one(&mut connection)
            .await
    };
    match verdict.await {
        Ok(verdict) if verdict == "ok" => None,
        Ok(verdict) => Some(format!("it is damaged: {verdict}")),
        Err(error) => Some(format!("it is unreadable: {error}")),
    }
}

/// Puts the lost database aside and starts an empty one under a new id. The id file is written last: after a crash in
/// between the new database counts as lost too, and another one takes its place.
async fn replace(
    database: &Path,
    id_file: &Path,
    lost: &Lost,
    network: &NetworkIds,
    now: UnixTime,
) -> Result<SqlitePool, Error> {
    let kept = put_aside(database, now)?;
    let pool = sqlite::open(database, MIGRATIONS).await?;
    let id = insert(&pool, network, now, true).await?;
    files::write_private(id_file, id.to_file().as_bytes())?;
    tracing::error!(
        database = %database.display(),
        reason = %lost.reason,
        kept = %kept.as_deref().map_or_else(|| "nothing".to_owned(), |path| path.display().to_string()),
        "the database is lost: an empty one takes its place in reduced mode; balances that were in it are gone, and \
         tickets made before now are refused"
    );
    Ok(pool)
}

fn put_aside(database: &Path, now: UnixTime) -> Result<Option<PathBuf>, Error> {
    let mut kept = None;
    for suffix in ["", "-wal", "-shm"] {
        let mut from = database.as_os_str().to_owned();
        from.push(suffix);
        let mut to = database.as_os_str().to_owned();
        to.push(format!(".lost-{now}{suffix}"));
        match std::fs::rename(&from, &to) {
            Ok(()) if suffix.is_empty() => kept = Some(PathBuf::from(to)),
            Ok(()) => {}
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
            Err(source) => {
                return Err(Error::PutAside {
                    path: PathBuf::from(from),
                    source,
                });
            }
        }
    }
    Ok(kept)
}

async fn insert(
    pool: &SqlitePool,
    network: &NetworkIds,
    now: UnixTime,
    reduced: bool,
) -> Result<InstanceId, Error> {
    let id = InstanceId::random();
    sqlx::query("INSERT INTO instance (only_row, id, opened_at, reduced, network, incarnation) VALUES (1, ?, ?, ?, ?, ?)")
        .bind(id.0.to_vec())
        .bind(now.as_i64())
        .bind(i64::from(reduced))
    .bind(network_text(network))
        .bind((!reduced).then_some(0_i64))
        .execute(pool)
        .await
        .map_err(|error| Error::store("write the instance of the database", &error))?;
    Ok(id)
}

/// What table `instance` says of the network.
fn network_text(network: &NetworkIds) -> String {
    format!(
        "{}\n{}\n{}",
        network.chain_id, network.ecash_contract, network.dkg_contract
    )
}

/// The row of table `instance`.
pub(super) async fn read(pool: &SqlitePool) -> Result<Option<Instance>, sqlx::Error> {
    let row = sqlx::query("SELECT id, opened_at, reduced, network FROM instance")
        .fetch_optional(pool)
        .await?;
    row.map(|row| {
        let id: Vec<u8> = row.try_get("id")?;
        let reduced: i64 = row.try_get("reduced")?;
        Ok(Instance {
            id: InstanceId(blob(&id, "instance.id")?),
            opened_at: UnixTime::from_secs(unsigned(row.try_get("opened_at")?)),
            reduced: reduced != 0,
            network: row.try_get("network")?,
        })
    })
    .transpose()
}
