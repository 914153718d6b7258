//! Between SQLite's types and ours. Everything that is read is checked: a damaged row is an error that names its column.

use ecash_ticketbook::{DepositId, EcashDate, EpochId, NodeIndex, TicketType, UnixTime};
use sqlx::Row as _;
use sqlx::sqlite::SqliteRow;

use crate::error::WalletError;

pub(crate) fn damaged(what: &'static str, reason: impl ToString) -> WalletError {
    WalletError::Damaged {
        what,
        reason: reason.to_string(),
    }
}

pub(crate) fn to_i64(what: &'static str, value: u64) -> Result<i64, WalletError> {
    i64::try_from(value).map_err(|_| damaged(what, format!("{value} is too large to be stored")))
}

/// A row and the name of its table, for messages.
pub(crate) struct Columns<'a>(pub(crate) &'a SqliteRow);

impl Columns<'_> {
    pub(crate) fn int(&self, column: &'static str) -> Result<Option<i64>, WalletError> {
        Ok(self.0.try_get::<Option<i64>, _>(column)?)
    }

    pub(crate) fn unsigned(&self, column: &'static str) -> Result<Option<u64>, WalletError> {
        self.int(column)?
            .map(|value| {
                u64::try_from(value).map_err(|_| damaged(column, format!("{value} is negative")))
            })
            .transpose()
    }

    pub(crate) fn needed<T>(column: &'static str, value: Option<T>) -> Result<T, WalletError> {
        value.ok_or_else(|| damaged(column, "it is empty"))
    }

    pub(crate) fn u64(&self, column: &'static str) -> Result<u64, WalletError> {
        Self::needed(column, self.unsigned(column)?)
    }

    pub(crate) fn id(&self, column: &'static str) -> Result<i64, WalletError> {
        Self::needed(column, self.int(column)?)
    }

    pub(crate) fn small<T: TryFrom<u64>>(
        &self,
        column: &'static str,
    ) -> Result<Option<T>, WalletError> {
        self.unsigned(column)?
            .map(|value| {
                T::try_from(value).map_err(|_| damaged(column, format!("{value} is out of range")))
            })
            .transpose()
    }

    pub(crate) fn text(&self, column: &'static str) -> Result<String, WalletError> {
        Ok(self.0.try_get::<String, _>(column)?)
    }

    pub(crate) fn text_or_none(&self, column: &'static str) -> Result<Option<String>, WalletError> {
        Ok(self.0.try_get::<Option<String>, _>(column)?)
    }

    pub(crate) fn bytes_or_none(
        &self,
        column: &'static str,
    ) -> Result<Option<Vec<u8>>, WalletError> {
        Ok(self.0.try_get::<Option<Vec<u8>>, _>(column)?)
    }

    pub(crate) fn bytes(&self, column: &'static str) -> Result<Vec<u8>, WalletError> {
        Self::needed(column, self.bytes_or_none(column)?)
    }

    pub(crate) fn array_or_none<const N: usize>(
        &self,
        column: &'static str,
    ) -> Result<Option<[u8; N]>, WalletError> {
        self.bytes_or_none(column)?
            .map(|bytes| {
                let length = bytes.len();
                <[u8; N]>::try_from(bytes)
                    .map_err(|_| damaged(column, format!("{length} bytes in place of {N}")))
            })
            .transpose()
    }

    pub(crate) fn array<const N: usize>(
        &self,
        column: &'static str,
    ) -> Result<[u8; N], WalletError> {
        Self::needed(column, self.array_or_none(column)?)
    }

    pub(crate) fn time(&self, column: &'static str) -> Result<Option<UnixTime>, WalletError> {
        Ok(self.unsigned(column)?.map(UnixTime))
    }

    pub(crate) fn epoch(&self, column: &'static str) -> Result<Option<EpochId>, WalletError> {
        Ok(self.unsigned(column)?.map(EpochId))
    }

    pub(crate) fn node(&self, column: &'static str) -> Result<NodeIndex, WalletError> {
        Ok(NodeIndex(self.u64(column)?))
    }

    pub(crate) fn deposit(&self, column: &'static str) -> Result<Option<DepositId>, WalletError> {
        Ok(self.small::<u32>(column)?.map(DepositId))
    }

    pub(crate) fn date(&self, column: &'static str) -> Result<Option<EcashDate>, WalletError> {
        self.small::<u32>(column)?
            .map(|value| EcashDate::from_unix(value).map_err(|error| damaged(column, error)))
            .transpose()
    }

    pub(crate) fn ticket_type(&self, column: &'static str) -> Result<TicketType, WalletError> {
        let code = Self::needed(column, self.small::<u8>(column)?)?;
        TicketType::from_code(code).map_err(|error| damaged(column, error))
    }
}
