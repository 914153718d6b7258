//! The loop that follows the contract's lists.

use std::time::Duration;

use ecash_contract_messages::ecash::{BlacklistInfo, Change, ChangeKind};
use ecash_requests::bytes::Base58;
use ecash_service::clock::SharedClock;
use ecash_service::shutdown::Shutdown;
use ecash_ticketbook::DepositId;
use nyx_client::{Ecash, parse_address};

use super::MirrorWatch;
use super::convert::{deposit_row, gateway_row};
use crate::error::{Error, Result};
use crate::store::Store;
use crate::store::deposits::Cursor;
use crate::today;

/// Pages of deposits that one round reads at most.
const MAX_PAGES_PER_ROUND: usize = 1000;

/// Follows the ecash contract into the database.
pub struct Poller {
    ecash: Ecash,
    store: Store,
    clock: SharedClock,
    watch: MirrorWatch,
    every: Duration,
    lists_read: bool,
}

impl Poller {
    /// A poller that looks every `every`.
    #[must_use]
    pub fn new(
        ecash: Ecash,
        store: Store,
        clock: SharedClock,
        watch: MirrorWatch,
        every: Duration,
    ) -> Self {
        Self {
            ecash,
            store,
            clock,
            watch,
            every,
            lists_read: false,
        }
    }

    /// Runs until `shutdown`. A failure is logged and tried again at the next round.
    pub async fn run(mut self, shutdown: Shutdown) {
        loop {
            let round = async {
                if let Err(error) = self.round().await {
                    tracing::warn!(%error, "the mirror of the ecash contract could not be brought up to date");
                }
                tokio::time::sleep(self.every).await;
            };
            tokio::select! {
                () = shutdown.requested() => return,
                () = round => {}
            }
        }
    }

    /// Reads everything up to the end of the lists.
    ///
    /// # Errors
    /// [`Error::Chain`], [`Error::Database`].
    pub async fn round(&mut self) -> Result<()> {
        let started = self.clock.monotonic();
        if !self.lists_read {
            self.read_lists().await?;
            self.lists_read = true;
        }
        self.read_deposits().await?;
        self.read_changes().await?;
        self.watch.reached_end(started);
        Ok(())
    }

    async fn read_lists(&self) -> Result<()> {
        for gateway in self.ecash.gateways().await? {
            match gateway_row(&gateway) {
                Ok(row) => self.store.mirror_gateway(&row).await?,
                Err(error) => {
                    tracing::warn!(%error, account = %gateway.address, "a gateway is left out")
                }
            }
        }
        for entry in self.ecash.blacklist().await? {
            self.take_blacklist(&entry.public_key, Some(&entry.info))
                .await?;
        }
        Ok(())
    }

    async fn read_deposits(&self) -> Result<()> {
        let read_up_to = self.store.cursor(Cursor::Deposits).await?;
        let mut after = read_up_to.and_then(|id| u32::try_from(id).ok());
        for _ in 0..MAX_PAGES_PER_ROUND {
            let (records, next) = self.ecash.deposit_infos_page(after).await?;
            let Some(last) = records.last().map(|record| record.id) else {
                return Ok(());
            };
            let mut rows = Vec::with_capacity(records.len());
            for record in &records {
                match deposit_row(
                    record.id,
                    &record.deposit.bs58_encoded_ed25519_pubkey,
                    &record.info,
                ) {
                    Ok(row) => rows.push(row),
                    Err(error) => {
                        tracing::warn!(%error, deposit = record.id, "a deposit is left out")
                    }
                }
            }
            self.store
                .mirror_deposits(&rows, Some(DepositId(last)))
                .await?;
            if next.is_none() {
                return Ok(());
            }
            after = Some(last);
        }
        Ok(())
    }

    async fn read_changes(&self) -> Result<()> {
        let after = self.store.cursor(Cursor::Changes).await?;
        for change in self.ecash.changes_after(after).await? {
            self.take_change(&change).await?;
            self.store.set_cursor(Cursor::Changes, change.index).await?;
        }
        Ok(())
    }

    /// Reads the present record of what changed.
    async fn take_change(&self, change: &Change) -> Result<()> {
        let unusable = |reason: String| Error::ChainData {
            what: "key of a change",
            value: change.key.clone(),
            reason,
        };
        let outcome = match change.kind {
            ChangeKind::Deposit => match change.key.parse::<u32>() {
                Ok(id) => self.take_deposit(id).await,
                Err(e) => Err(unusable(e.to_string())),
            },
            ChangeKind::Blacklist => {
                let info = self.ecash.blacklisted(&change.key).await?;
                self.take_blacklist(&change.key, info.as_ref()).await
            }
            ChangeKind::Gateway => match parse_address(&change.key) {
                Ok(account) => match self.ecash.gateway(&account).await? {
                    Some(gateway) => self.store.mirror_gateway(&gateway_row(&gateway)?).await,
                    None => Ok(()),
                },
                Err(e) => Err(unusable(e.to_string())),
            },
        };
        match outcome {
            Err(error @ Error::ChainData { .. }) => {
                tracing::warn!(%error, index = change.index, "a change is left out");
                Ok(())
            }
            other => other,
        }
    }

    async fn take_deposit(&self, id: u32) -> Result<()> {
        let (Some(deposit), Some(info)) = (
            self.ecash.deposit(id).await?,
            self.ecash.deposit_info(id).await?,
        ) else {
            return Ok(());
        };
        let row = deposit_row(id, &deposit.bs58_encoded_ed25519_pubkey, &info)?;
        self.store.mirror_deposits(&[row], None).await
    }

    /// `finalized_at_height` null: not listed. Since when is taken as the time of reading; the exact time comes with the
    /// messages that fill the list.
    async fn take_blacklist(&self, key: &str, info: Option<&BlacklistInfo>) -> Result<()> {
        let Ok(bytes) = key.parse::<Base58<48>>() else {
            tracing::warn!(key, "an entry of the blacklist that is no key is left out");
            return Ok(());
        };
        let listed = info.is_some_and(|info| info.finalized_at_height.is_some());
        let since = listed.then(|| today::now(&*self.clock));
        self.store.mirror_blacklist(bytes.as_bytes(), since).await
    }
}
