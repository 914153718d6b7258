//! What the state file of a book for a file keeps beside the rows of a wallet (`client.md` 7.2): the root in place of that
//! of a seed, the ecash key, and how the file is to be written.

use sqlx::Row as _;
use zeroize::Zeroizing;

use super::{Store, meta, put_number};
use crate::error::WalletError;
use crate::store::row::damaged;

/// The secrets and the form of one book for a file.
pub(crate) struct FileRow {
    /// In place of a seed's root.
    pub(crate) root: Zeroizing<[u8; 32]>,
    /// The ecash secret key's bytes.
    pub(crate) user: Zeroizing<Vec<u8>>,
    /// Code of the ticket type.
    pub(crate) ticket_type: u8,
    /// The form in bits.
    pub(crate) form: u8,
}

impl Store {
    /// What is to become a file; `None` in the wallet of a client, or a new database.
    pub(crate) async fn file_row(&self) -> Result<Option<FileRow>, WalletError> {
        let Some(root) = self.blob(meta::FILE_ROOT).await? else {
            return Ok(None);
        };
        let missing = |what| damaged(what, "it is empty");
        let root = <[u8; 32]>::try_from(root.as_slice())
            .map_err(|error| damaged("meta.file_root", error))?;
        let byte = |what, number: Option<i64>| {
            number
                .and_then(|number| u8::try_from(number).ok())
                .ok_or_else(|| missing(what))
        };
        Ok(Some(FileRow {
            root: Zeroizing::new(root),
            user: self
                .blob(meta::FILE_USER)
                .await?
                .ok_or_else(|| missing("meta.file_user"))?,
            ticket_type: byte("meta.file_type", self.number(meta::FILE_TYPE).await?)?,
            form: byte("meta.file_form", self.number(meta::FILE_FORM).await?)?,
        }))
    }

    /// Stores it, before anything derives from the root.
    pub(crate) async fn put_file_row(&self, row: &FileRow) -> Result<(), WalletError> {
        let mut db = self.write("file order").await?;
        for (key, value) in [
            (meta::FILE_ROOT, row.root.as_slice()),
            (meta::FILE_USER, row.user.as_slice()),
        ] {
            sqlx::query("INSERT INTO meta (key, value) VALUES (?, ?) ON CONFLICT (key) DO NOTHING")
                .bind(key)
                .bind(value)
                .execute(&mut *db)
                .await?;
        }
        put_number(&mut db, meta::FILE_TYPE, row.ticket_type.into()).await?;
        put_number(&mut db, meta::FILE_FORM, row.form.into()).await?;
        db.commit().await
    }

    async fn blob(&self, key: &'static str) -> Result<Option<Zeroizing<Vec<u8>>>, WalletError> {
        let row = sqlx::query("SELECT value FROM meta WHERE key = ?")
            .bind(key)
            .fetch_optional(&self.pool)
            .await?;
        Ok(row
            .map(|row| row.try_get::<Vec<u8>, _>(0))
            .transpose()?
            .map(Zeroizing::new))
    }
}
