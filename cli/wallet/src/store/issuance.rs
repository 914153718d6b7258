//! Issuances from their deposit on, the shares they collect, and evidence against signers.

use ecash_ticketbook::{DepositId, EcashDate, EpochId, NodeIndex, TicketType, UnixTime};
use sqlx::sqlite::SqliteRow;
use zeroize::Zeroizing;

use super::Store;
use super::book::{NewBook, insert_book};
use super::row::{Columns, damaged, to_i64};
use crate::domain::issuance::{Facts, State};
use crate::error::WalletError;
use crate::limits::{MAX_EVIDENCE, clip};

/// Where a deposit comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Origin {
    /// The own journal made it.
    Own,
    /// A scan of the chain found it.
    Restored,
    /// Taken over from a reference database.
    Reference,
}

impl Origin {
    fn from_text(text: &str) -> Option<Self> {
        match text {
            "own" => Some(Self::Own),
            "restored" => Some(Self::Restored),
            "reference" => Some(Self::Reference),
            _ => None,
        }
    }
}

/// One issuance.
#[derive(Clone)]
pub(crate) struct IssuanceRow {
    pub(crate) id: i64,
    pub(crate) origin: Origin,
    pub(crate) deposit_secret: Option<Zeroizing<[u8; 32]>>,
    pub(crate) deposit_public: [u8; 32],
    pub(crate) ticket_type: TicketType,
    pub(crate) tx_hash: Option<[u8; 32]>,
    pub(crate) deposit_id: Option<DepositId>,
    pub(crate) deposit_time: Option<UnixTime>,
    pub(crate) state: State,
    pub(crate) reason: Option<String>,
    pub(crate) expiration: Option<EcashDate>,
    pub(crate) epoch: Option<EpochId>,
    pub(crate) request_info: Option<Zeroizing<Vec<u8>>>,
    pub(crate) request: Option<Vec<u8>>,
    pub(crate) request_hash: Option<[u8; 32]>,
    pub(crate) deposit_signature: Option<[u8; 64]>,
    pub(crate) attempt: Option<u16>,
    pub(crate) next_try_at: Option<UnixTime>,
    pub(crate) status_asked_at: Option<UnixTime>,
    pub(crate) refund_asked_at: Option<UnixTime>,
}

impl IssuanceRow {
    /// What the state machine needs to know.
    pub(crate) fn facts(&self, complete_epoch: Option<EpochId>) -> Facts {
        Facts {
            deposit_time: self.deposit_time,
            expiration: self.expiration,
            complete_epoch,
            refund_asked_at: self.refund_asked_at,
        }
    }
}

/// The one request of a deposit.
pub(crate) struct MadeRequest<'a> {
    pub(crate) attempt: u16,
    pub(crate) expiration: EcashDate,
    pub(crate) epoch: EpochId,
    pub(crate) info: &'a [u8],
    pub(crate) request: &'a [u8],
    pub(crate) hash: [u8; 32],
    pub(crate) signature: [u8; 64],
}

/// A good share.
#[derive(Clone)]
pub(crate) struct ShareRow {
    pub(crate) node_index: NodeIndex,
    pub(crate) blinded: [u8; 96],
}

/// What a signer is shown to have done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum EvidenceKind {
    /// A share that does not verify under a valid attestation.
    BadShare,
}

impl EvidenceKind {
    pub(crate) const fn text(self) -> &'static str {
        match self {
            Self::BadShare => "bad-share",
        }
    }
}

/// Evidence about to be stored.
pub(crate) struct NewEvidence<'a> {
    pub(crate) kind: EvidenceKind,
    pub(crate) deposit_id: DepositId,
    pub(crate) epoch: EpochId,
    pub(crate) node_index: NodeIndex,
    pub(crate) data: &'a [u8],
}

/// Stored evidence.
#[derive(Clone, Debug)]
pub(crate) struct EvidenceRow {
    pub(crate) data: Vec<u8>,
}

impl Store {
    /// Issuances in one of `states`, oldest first.
    pub(crate) async fn issuances(
        &self,
        states: &[State],
    ) -> Result<Vec<IssuanceRow>, WalletError> {
        let rows = sqlx::query("SELECT * FROM issuance ORDER BY id")
            .fetch_all(&self.pool)
            .await?;
        let mut found = Vec::new();
        for row in &rows {
            let issuance = read(row)?;
            if states.contains(&issuance.state) {
                found.push(issuance);
            }
        }
        Ok(found)
    }

    /// One issuance as it is stored now.
    pub(crate) async fn issuance(&self, id: i64) -> Result<IssuanceRow, WalletError> {
        let row = sqlx::query("SELECT * FROM issuance WHERE id = ?")
            .bind(id)
            .fetch_one(&self.pool)
            .await?;
        read(&row)
    }

    /// Issuances that a transaction pays for, in message order.
    pub(crate) async fn issuances_of_tx(
        &self,
        hash: &[u8; 32],
    ) -> Result<Vec<IssuanceRow>, WalletError> {
        sqlx::query("SELECT * FROM issuance WHERE tx_hash = ? ORDER BY msg_index")
            .bind(hash.as_slice())
            .fetch_all(&self.pool)
            .await?
            .iter()
            .map(read)
            .collect()
    }

    /// Whether a deposit id is known already, under whatever row.
    pub(crate) async fn knows_deposit(&self, id: DepositId) -> Result<bool, WalletError> {
        let count: i64 = sqlx::query_scalar("SELECT count(*) FROM issuance WHERE deposit_id = ?")
            .bind(i64::from(id.get()))
            .fetch_one(&self.pool)
            .await?;
        Ok(count > 0)
    }

    /// Stores the one request of a deposit and enters `requested`, before the first byte goes to a signer. Only from
    /// `asking` it may take the place of an earlier one.
    pub(crate) async fn store_request(
        &self,
        id: i64,
        made: &MadeRequest<'_>,
        now: UnixTime,
    ) -> Result<(), WalletError> {
        let mut db = self.write("request").await?;
        let changed = sqlx::query(
            "UPDATE issuance SET state = ?, reason = NULL, attempt = ?, expiration = ?, epoch_id = ?, request_info = ?,
                 request = ?, request_hash = ?, deposit_signature = ?, updated_at = ?
             WHERE id = ? AND (state = ? AND request_hash IS NULL OR state = ?)",
        )
        .bind(State::Requested.text())
        .bind(i64::from(made.attempt))
        .bind(i64::from(made.expiration.unix()))
        .bind(to_i64("epoch", made.epoch.get())?)
        .bind(made.info)
        .bind(made.request)
        .bind(made.hash.as_slice())
        .bind(made.signature.as_slice())
        .bind(to_i64("time", now.get())?)
        .bind(id)
        .bind(State::Deposited.text())
        .bind(State::Asking.text())
        .execute(&mut *db)
        .await?
        .rows_affected();
        if changed == 1 {
            return db.commit().await;
        }
        drop(db);
        Err(WalletError::NotAllowed {
            issuance: id,
            state: self.issuance(id).await?.state.text(),
            input: "a request",
        })
    }

    /// Stores why an issuance stays where it is, and when it is tried again.
    pub(crate) async fn note(
        &self,
        id: i64,
        reason: Option<&str>,
        next_try_at: Option<UnixTime>,
        now: UnixTime,
    ) -> Result<(), WalletError> {
        let mut db = self.write("note").await?;
        sqlx::query("UPDATE issuance SET reason = ?, next_try_at = ?, updated_at = ? WHERE id = ?")
            .bind(reason.map(clip))
            .bind(next_try_at.map(|at| to_i64("time", at.get())).transpose()?)
            .bind(to_i64("time", now.get())?)
            .bind(id)
            .execute(&mut *db)
            .await?;
        db.commit().await
    }

    /// Stores a good share.
    pub(crate) async fn store_share(
        &self,
        deposit: DepositId,
        epoch: EpochId,
        node: NodeIndex,
        blinded: &[u8; 96],
        attestation: Option<&[u8; 64]>,
    ) -> Result<(), WalletError> {
        let mut db = self.write("share").await?;
        sqlx::query(
            "INSERT INTO share (deposit_id, epoch_id, node_index, blinded, attestation) VALUES (?, ?, ?, ?, ?)
             ON CONFLICT DO NOTHING",
        )
        .bind(i64::from(deposit.get()))
        .bind(to_i64("epoch", epoch.get())?)
        .bind(to_i64("node index", node.get())?)
        .bind(blinded.as_slice())
        .bind(attestation.map(<[u8; 64]>::as_slice))
        .execute(&mut *db)
        .await?;
        db.commit().await
    }

    /// Good shares of a deposit under an epoch, ascending by node index.
    pub(crate) async fn shares(
        &self,
        deposit: DepositId,
        epoch: EpochId,
    ) -> Result<Vec<ShareRow>, WalletError> {
        sqlx::query("SELECT * FROM share WHERE deposit_id = ? AND epoch_id = ? ORDER BY node_index")
            .bind(i64::from(deposit.get()))
            .bind(to_i64("epoch", epoch.get())?)
            .fetch_all(&self.pool)
            .await?
            .iter()
            .map(|row| {
                let columns = Columns(row);
                Ok(ShareRow {
                    node_index: columns.node("node_index")?,
                    blinded: columns.array("blinded")?,
                })
            })
            .collect()
    }

    /// Epochs of which shares of this deposit are stored.
    pub(crate) async fn share_epochs(
        &self,
        deposit: DepositId,
    ) -> Result<Vec<EpochId>, WalletError> {
        sqlx::query("SELECT DISTINCT epoch_id FROM share WHERE deposit_id = ? ORDER BY epoch_id")
            .bind(i64::from(deposit.get()))
            .fetch_all(&self.pool)
            .await?
            .iter()
            .map(|row| Columns::needed("share.epoch_id", Columns(row).epoch("epoch_id")?))
            .collect()
    }

    /// Stores the book, closes the issuance and wipes its shares: one transaction.
    pub(crate) async fn finish(
        &self,
        id: i64,
        deposit: DepositId,
        book: &NewBook<'_>,
        now: UnixTime,
    ) -> Result<i64, WalletError> {
        let mut db = self.write("book").await?;
        let book = insert_book(&mut db, book).await?;
        sqlx::query("UPDATE issuance SET state = ?, reason = NULL, next_try_at = NULL, updated_at = ? WHERE id = ? AND state = ?")
            .bind(State::Issued.text())
            .bind(to_i64("time", now.get())?)
            .bind(id)
            .bind(State::Requested.text())
            .execute(&mut *db)
            .await?;
        sqlx::query("DELETE FROM share WHERE deposit_id = ?")
            .bind(i64::from(deposit.get()))
            .execute(&mut *db)
            .await?;
        db.commit().await?;
        Ok(book)
    }

    /// Wipes openings and deposit keys of issued books that expired before `today`.
    pub(crate) async fn wipe_expired(&self, today: EcashDate) -> Result<(), WalletError> {
        let mut db = self.write("wiped secrets").await?;
        sqlx::query(
            "UPDATE issuance SET deposit_sk = NULL, request_info = NULL
             WHERE state = ? AND expiration < ? AND (deposit_sk IS NOT NULL OR request_info IS NOT NULL)",
        )
        .bind(State::Issued.text())
        .bind(i64::from(today.unix()))
        .execute(&mut *db)
        .await?;
        db.commit().await
    }

    /// Stores evidence once per deposit, epoch, signer and kind. Beyond the bound nothing is stored.
    pub(crate) async fn store_evidence(
        &self,
        evidence: &NewEvidence<'_>,
        now: UnixTime,
    ) -> Result<(), WalletError> {
        let mut db = self.write("evidence").await?;
        let (epoch, node) = (
            to_i64("epoch", evidence.epoch.get())?,
            to_i64("node index", evidence.node_index.get())?,
        );
        let same: i64 = sqlx::query_scalar(
            "SELECT count(*) FROM evidence WHERE kind = ? AND deposit_id = ? AND epoch_id = ? AND node_index = ?",
        )
        .bind(evidence.kind.text())
        .bind(i64::from(evidence.deposit_id.get()))
        .bind(epoch)
        .bind(node)
        .fetch_one(&mut *db)
        .await?;
        let all: i64 = sqlx::query_scalar("SELECT count(*) FROM evidence")
            .fetch_one(&mut *db)
            .await?;
        if same == 0 && all < i64::from(MAX_EVIDENCE) {
            sqlx::query(
                "INSERT INTO evidence (kind, deposit_id, epoch_id, node_index, data, found_at) VALUES (?, ?, ?, ?, ?, ?)",
            )
            .bind(evidence.kind.text())
            .bind(i64::from(evidence.deposit_id.get()))
            .bind(epoch)
            .bind(node)
            .bind(evidence.data)
            .bind(to_i64("time", now.get())?)
            .execute(&mut *db)
            .await?;
        }
        db.commit().await
    }

    /// All evidence, oldest first.
    pub(crate) async fn evidence(&self) -> Result<Vec<EvidenceRow>, WalletError> {
        sqlx::query("SELECT data FROM evidence ORDER BY id")
            .fetch_all(&self.pool)
            .await?
            .iter()
            .map(|row| {
                Ok(EvidenceRow {
                    data: Columns(row).bytes("data")?,
                })
            })
            .collect()
    }
}

fn read(row: &SqliteRow) -> Result<IssuanceRow, WalletError> {
    let columns = Columns(row);
    let (state, origin) = (columns.text("state")?, columns.text("origin")?);
    Ok(IssuanceRow {
        id: columns.id("id")?,
        origin: Origin::from_text(&origin).ok_or_else(|| damaged("issuance.origin", &origin))?,
        deposit_secret: columns.array_or_none("deposit_sk")?.map(Zeroizing::new),
        deposit_public: columns.array("deposit_pk")?,
        ticket_type: columns.ticket_type("type")?,
        tx_hash: columns.array_or_none("tx_hash")?,
        deposit_id: columns.deposit("deposit_id")?,
        deposit_time: columns.time("deposit_time")?,
        state: State::from_text(&state).ok_or_else(|| damaged("issuance.state", &state))?,
        reason: columns.text_or_none("reason")?,
        expiration: columns.date("expiration")?,
        epoch: columns.epoch("epoch_id")?,
        request_info: columns.bytes_or_none("request_info")?.map(Zeroizing::new),
        request: columns.bytes_or_none("request")?,
        request_hash: columns.array_or_none("request_hash")?,
        deposit_signature: columns.array_or_none("deposit_signature")?,
        attempt: columns.small("attempt")?,
        next_try_at: columns.time("next_try_at")?,
        status_asked_at: columns.time("status_asked_at")?,
        refund_asked_at: columns.time("refund_asked_at")?,
    })
}
