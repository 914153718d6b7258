//! A book for a file (`cli.md` 2.1): a wallet of its own beside the output file, which ends when the file is written. The
//! file is the book: whoever holds it spends it, and no restore from a seed finds it.
//!
//! Order of writes: the state file with its random root, then everything a wallet writes, then the output file, synced and
//! read back, and only then the state file goes. A crash anywhere is resumed by the same order, or by [`FileWallet::resume`].

use std::path::{Path, PathBuf};

use ecash_requests::install_crypto_provider;
use ecash_scheme::{UserKeyPair, UserSecretKey};
use ecash_service::files;
use ecash_ticketbook::TicketType;
use nyx_client::Account;
use rand::RngCore as _;
use rand::rngs::OsRng;
use zeroize::Zeroizing;

use crate::config::{WalletConfig, database_beside};
use crate::derive::{Root, Seed};
use crate::error::WalletError;
use crate::event::Observer;
use crate::files::Parts;
use crate::obtain::Order;
use crate::report::Report;
use crate::store::{FileRow, Store};
use crate::wallet::Wallet;
use crate::witness::Watch;

/// Most bytes of an output file that is read back.
const MAX_OUTPUT_BYTES: u64 = 64 * 1024;

/// How the file is written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct FileForm {
    /// Base58 text in place of bytes.
    pub base58: bool,
    /// With the signatures of the expiration date.
    pub dates: bool,
    /// With the coin-index signatures.
    pub coins: bool,
    /// With the master verification key.
    pub key: bool,
}

impl FileForm {
    fn bits(self) -> u8 {
        [self.base58, self.dates, self.coins, self.key]
            .into_iter()
            .rev()
            .fold(0, |bits, on| bits << 1 | u8::from(on))
    }

    const fn from_bits(bits: u8) -> Self {
        Self {
            base58: bits & 1 != 0,
            dates: bits & 2 != 0,
            coins: bits & 4 != 0,
            key: bits & 8 != 0,
        }
    }
}

/// One book for a file, until the file is written.
pub struct FileWallet {
    wallet: Wallet,
    output: PathBuf,
    ticket_type: TicketType,
    form: FileForm,
}

impl FileWallet {
    /// Begins, or takes up again, the book for `output`. `config.database` is replaced by the state file beside it. `client`
    /// seeds the ecash key, as everywhere; the book's own secrets are random.
    ///
    /// # Errors
    /// [`WalletError::OutputExists`]; [`WalletError::Foreign`] where the state file is that of another secret, type or
    /// network, or a client's wallet; those of [`Wallet::open`].
    pub async fn start(
        config: WalletConfig,
        output: &Path,
        client: &Seed,
        ticket_type: TicketType,
        form: FileForm,
    ) -> Result<Self, WalletError> {
        if std::fs::symlink_metadata(output).is_ok() {
            return Err(WalletError::OutputExists {
                path: output.to_path_buf(),
            });
        }
        let user = UserKeyPair::from_seed(client.expose());
        let database = database_beside(output);
        let store = Store::open(&database, Watch::by(config.witness.clone())).await?;
        let begun = store.file_row().await?;
        let fresh = begun.is_none();
        let root = match begun {
            Some(row) => {
                let stored = user_of(&row)?;
                check(&database, "ecash key", &public(&stored), &public(&user))?;
                let (stored, given) = (type_of(&row)?.to_string(), ticket_type.to_string());
                check(&database, "ticket type", &stored, &given)?;
                row.root
            }
            None => {
                if let Some(stored) = store.seed_fingerprint().await? {
                    check(&database, "a client, of seed", &stored, "an output file")?;
                }
                let mut root = Zeroizing::new([0; 32]);
                OsRng.fill_bytes(root.as_mut_slice());
                root
            }
        };
        let row = FileRow {
            root,
            user: Zeroizing::new(user.secret_key().to_bytes().to_vec()),
            ticket_type: ticket_type.code(),
            form: form.bits(),
        };
        store.put_file_row(&row).await?;
        let started = Self::with(config, store, output, row).await;
        if started.is_err() && fresh {
            Store::remove(&database)?;
        }
        started
    }

    /// Takes up what an earlier [`Self::start`] began; the client's secret is not needed again.
    ///
    /// # Errors
    /// [`WalletError::NoWallet`] where nothing was begun; [`WalletError::Foreign`] for a client's wallet; those of
    /// [`Wallet::open`].
    pub async fn resume(config: WalletConfig, output: &Path) -> Result<Self, WalletError> {
        let database = database_beside(output);
        if !database.exists() {
            return Err(WalletError::NoWallet { path: database });
        }
        let store = Store::open(&database, Watch::by(config.witness.clone())).await?;
        let Some(row) = store.file_row().await? else {
            let stored = store.seed_fingerprint().await?.unwrap_or_default();
            return Err(foreign(
                &database,
                "a client, of seed",
                &stored,
                "an output file",
            ));
        };
        Self::with(config, store, output, row).await
    }

    async fn with(
        mut config: WalletConfig,
        store: Store,
        output: &Path,
        row: FileRow,
    ) -> Result<Self, WalletError> {
        install_crypto_provider();
        config.database = database_beside(output);
        let (ticket_type, form) = (type_of(&row)?, FileForm::from_bits(row.form));
        let user = user_of(&row)?;
        Ok(Self {
            wallet: Wallet::assemble(config, store, Root::from_bytes(row.root), user).await?,
            output: output.to_path_buf(),
            ticket_type,
            form,
        })
    }

    /// The wallet behind it.
    #[must_use]
    pub const fn wallet(&self) -> &Wallet {
        &self.wallet
    }

    /// Where the book goes.
    #[must_use]
    pub fn output(&self) -> &Path {
        &self.output
    }

    /// Pays for the book and obtains it, or finishes what an earlier call paid for.
    ///
    /// # Errors
    /// Those of [`Wallet::obtain`].
    pub async fn obtain(
        &self,
        account: &Account,
        observer: &dyn Observer,
    ) -> Result<Report, WalletError> {
        if let Some(report) = self.complete().await? {
            return Ok(report);
        }
        let order = Order {
            ticket_type: self.ticket_type,
            count: 1,
            new_deposit: false,
        };
        self.wallet.obtain(account, order, observer).await
    }

    /// Finishes what an earlier call paid for.
    ///
    /// # Errors
    /// Those of [`Wallet::recover`].
    pub async fn recover(&self, observer: &dyn Observer) -> Result<Report, WalletError> {
        match self.complete().await? {
            Some(report) => Ok(report),
            None => self.wallet.recover(observer).await,
        }
    }

    /// Ends without a file. The state file stays where anything was ever signed; otherwise nothing was begun, and it goes.
    ///
    /// # Errors
    /// [`WalletError::Database`], [`WalletError::File`].
    pub async fn leave(self) -> Result<(), WalletError> {
        let stock = self.wallet.stock().await?;
        self.wallet.close().await;
        let begun =
            !(stock.books.is_empty() && stock.pending.is_empty() && stock.closed.is_empty());
        let database = database_beside(&self.output);
        drop(self.wallet);
        if begun {
            return Ok(());
        }
        Ok(Store::remove(&database)?)
    }

    /// A book that is complete already and only has to be written.
    async fn complete(&self) -> Result<Option<Report>, WalletError> {
        let books = self.wallet.stock().await?.books;
        Ok((!books.is_empty()).then(|| Report {
            books,
            ..Report::default()
        }))
    }

    /// Writes the output file, mode 0600, reads it back, and removes the state file. Where a file with exactly these bytes
    /// is there already, an earlier call wrote it.
    ///
    /// # Errors
    /// [`WalletError::NoBook`] before the book is complete; [`WalletError::OutputExists`] for another file;
    /// [`WalletError::NoGlobalData`] and those of the chain where what is to be included cannot be had now: the state file
    /// stays; [`WalletError::File`].
    pub async fn finish(self) -> Result<(), WalletError> {
        let bytes = self.content().await?;
        if std::fs::symlink_metadata(&self.output).is_ok() {
            let there = files::read_private(&self.output, MAX_OUTPUT_BYTES)?;
            if there != bytes {
                return Err(WalletError::OutputExists { path: self.output });
            }
        } else {
            files::write_private(&self.output, &bytes)?;
            if files::read_private(&self.output, MAX_OUTPUT_BYTES)? != bytes {
                return Err(WalletError::Damaged {
                    what: "output file",
                    reason: "it reads back as other bytes than were written".to_owned(),
                });
            }
        }
        self.wallet.close().await;
        let database = database_beside(&self.output);
        drop(self.wallet);
        Ok(Store::remove(&database)?)
    }

    async fn content(&self) -> Result<Zeroizing<Vec<u8>>, WalletError> {
        let rows = self.wallet.inner.store.books().await?;
        let row = rows.first().ok_or(WalletError::NoBook(self.ticket_type))?;
        let parts = Parts {
            dates: self.form.dates,
            coins: self.form.coins,
            key: self.form.key,
        };
        let shelf = self.wallet.shelf();
        let bytes = self
            .wallet
            .with_public_data(|| shelf.packed(row, 0, parts))
            .await?;
        Ok(if self.form.base58 {
            Zeroizing::new(bs58::encode(&*bytes).into_vec())
        } else {
            bytes
        })
    }
}

fn user_of(row: &FileRow) -> Result<UserKeyPair, WalletError> {
    Ok(UserSecretKey::from_bytes(&row.user)?.into())
}

fn public(user: &UserKeyPair) -> String {
    user.public_key().to_base58()
}

fn type_of(row: &FileRow) -> Result<TicketType, WalletError> {
    TicketType::try_from(row.ticket_type).map_err(|error| WalletError::Damaged {
        what: "meta.file_type",
        reason: error.to_string(),
    })
}

fn check(
    database: &Path,
    what: &'static str,
    stored: &str,
    given: &str,
) -> Result<(), WalletError> {
    if stored == given {
        return Ok(());
    }
    Err(foreign(database, what, stored, given))
}

fn foreign(database: &Path, what: &'static str, stored: &str, given: &str) -> WalletError {
    WalletError::Foreign {
        path: database.to_path_buf(),
        what,
        stored: stored.to_owned(),
        given: given.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_form_survives_its_bits() {
        for bits in 0..16 {
            assert_eq!(FileForm::from_bits(bits).bits(), bits);
        }
    }
}
