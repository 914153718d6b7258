//! The mirror of the registry of gateways.

use ecash_ticketbook::UnixTime;
use sqlx::Row as _;

use super::{Store, bytes, seconds};
use crate::error::{Error, Result};

/// Standing of a gateway.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum GatewayState {
    /// Registered, not admitted yet.
    Pending,
    /// Admitted.
    Admitted,
    /// Suspended by the admin.
    Suspended,
}

impl GatewayState {
    const fn text(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Admitted => "admitted",
            Self::Suspended => "suspended",
        }
    }
}

/// A former key of a gateway and how long it still counts (`gateway.md` R1.26).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FormerKey {
    /// The key.
    pub key: [u8; 32],
    /// Tickets for it may be accepted until then.
    pub accepts_until: UnixTime,
    /// They may be delivered until then.
    pub batches_until: UnixTime,
}

/// A gateway of the registry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GatewayRow {
    /// Payout account.
    pub account: String,
    /// Present identity key.
    pub identity_key: [u8; 32],
    /// The key before a rotation.
    pub former: Option<FormerKey>,
    /// Ticket types that it takes, separated by commas.
    pub roles: String,
    /// Its standing.
    pub state: GatewayState,
}

impl GatewayRow {
    /// Whether `key` is this gateway's for a ticket stamped `stamped` that arrives at `now`: its present key, or the
    /// former one inside its two periods (`gateway.md` R4.2).
    #[must_use]
    pub fn has_key(&self, key: &[u8; 32], stamped: UnixTime, now: UnixTime) -> bool {
        &self.identity_key == key
            || self.former.is_some_and(|former| {
                &former.key == key && stamped < former.accepts_until && now < former.batches_until
            })
    }
}

impl Store {
    /// A gateway by its account, if the mirror has it.
    ///
    /// # Errors
    /// [`Error::Database`], [`Error::Stored`].
    pub async fn gateway(&self, account: &str) -> Result<Option<GatewayRow>> {
        let Some(row) = sqlx::query("SELECT * FROM gateway WHERE account = ?")
            .bind(account)
            .fetch_optional(&self.pool)
            .await?
        else {
            return Ok(None);
        };
        let former = match row.try_get::<Option<Vec<u8>>, _>("previous_key")? {
            None => None,
            Some(_) => Some(FormerKey {
                key: bytes(&row, "previous_key")?,
                accepts_until: super::time(&row, "previous_accepts_until")?,
                batches_until: super::time(&row, "previous_batches_until")?,
            }),
        };
        Ok(Some(GatewayRow {
            account: row.try_get("account")?,
            identity_key: bytes(&row, "identity_key")?,
            former,
            roles: row.try_get("roles")?,
            state: match row.try_get::<&str, _>("state")? {
                "pending" => GatewayState::Pending,
                "admitted" => GatewayState::Admitted,
                "suspended" => GatewayState::Suspended,
                other => return Err(Error::stored("gateway.state", other)),
            },
        }))
    }

    /// Takes over a gateway's present entry.
    ///
    /// # Errors
    /// [`Error::Database`], [`Error::TooLarge`].
    pub async fn mirror_gateway(&self, gateway: &GatewayRow) -> Result<()> {
        let until = |pick: fn(&FormerKey) -> UnixTime| {
            gateway.former.as_ref().map(pick).map(seconds).transpose()
        };
        let mut write = self.write().await?;
        sqlx::query(
            "INSERT OR REPLACE INTO gateway
             (account, identity_key, previous_key, previous_accepts_until, previous_batches_until, roles, state)
             VALUES (?, ?, ?, ?, ?, ?, ?)",
        )
        .bind(&gateway.account)
        .bind(gateway.identity_key.as_slice())
        .bind(gateway.former.map(|former| former.key.to_vec()))
        .bind(until(|former| former.accepts_until)?)
        .bind(until(|former| former.batches_until)?)
        .bind(&gateway.roles)
        .bind(gateway.state.text())
        .execute(&mut *write.transaction)
        .await?;
        write.commit().await
    }
}
