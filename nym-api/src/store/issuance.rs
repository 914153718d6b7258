//! Requests, shares and audit rows. What a member accepts first for a deposit is recorded for ever.

use ecash_requests::Signature;
use ecash_requests::bytes::{Base58, Base64};
use ecash_requests::quorum::{BlindSignRequestBody, RecordedRequest, RequestHash, merkle_leaf};
use ecash_scheme::{BlindedSignature, UserPublicKey};
use ecash_ticketbook::{DepositId, EcashDate, EpochId, TicketType, UnixTime};
use sqlx::Row as _;
use sqlx::sqlite::SqliteRow;

use super::{Store, Write, bytes, date_text, epoch, number, seconds};
use crate::error::{Error, Result};

/// What is known about a deposit when a request for it arrives.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Recorded {
    /// The request that the deposit is bound to.
    pub request: Option<RequestHash>,
    /// The share that was given under the epoch asked for.
    pub share: Option<BlindedSignature>,
    /// Two requests for the deposit are known: it is never signed for again.
    pub conflict: bool,
    /// This member voted to withhold or refund it: it is never signed for again.
    pub dead: bool,
    /// This database was put back from a copy and may lack records.
    pub behind: bool,
}

/// What a deposit's owner can be told.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Standing {
    /// The request that the deposit is bound to.
    pub record: Option<RecordedRequest>,
    /// Two requests for the deposit are known.
    pub conflict: bool,
    /// This database was put back from a copy and may lack records.
    pub behind: bool,
}

/// What came of recording an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Recording {
    /// This share is the one on record for (deposit, epoch): the one offered, or one that was there before it.
    Share(BlindedSignature),
    /// Another request, a conflict or a dead mark came in between; nothing was written.
    Overtaken,
}

/// An answer to be recorded.
#[derive(Clone, Copy, Debug)]
pub struct NewShare<'a> {
    /// The request.
    pub body: &'a BlindSignRequestBody,
    /// Its identity.
    pub request: RequestHash,
    /// Epoch of the key that signed.
    pub epoch: EpochId,
    /// The share.
    pub share: BlindedSignature,
    /// Time of the member's clock.
    pub now: UnixTime,
}

impl Store {
    /// What is recorded for a deposit, with its share under `epoch_id`.
    ///
    /// # Errors
    /// [`Error::Database`], [`Error::Stored`].
    pub async fn recorded(&self, deposit: DepositId, epoch_id: EpochId) -> Result<Recorded> {
        let row = sqlx::query(
            "SELECT (SELECT request_hash FROM deposit_request WHERE deposit_id = ?1) AS request_hash,
                    (SELECT share FROM issued_share WHERE deposit_id = ?1 AND epoch_id = ?2) AS share,
                    EXISTS (SELECT 1 FROM request_conflict WHERE deposit_id = ?1) AS conflict,
                    EXISTS (SELECT 1 FROM dead_mark WHERE deposit_id = ?1) AS dead,
                    EXISTS (SELECT 1 FROM instance WHERE restored_at IS NOT NULL) AS behind",
        )
        .bind(deposit.get())
        .bind(epoch(epoch_id)?)
        .fetch_one(&self.pool)
        .await?;
        let request = match row.try_get::<Option<Vec<u8>>, _>("request_hash")? {
            None => None,
            Some(_) => Some(RequestHash::from(bytes::<32>(&row, "request_hash")?)),
        };
        let share = row
            .try_get::<Option<Vec<u8>>, _>("share")?
            .map(|share| stored_share(&share))
            .transpose()?;
        Ok(Recorded {
            request,
            share,
            conflict: row.try_get("conflict")?,
            dead: row.try_get("dead")?,
            behind: row.try_get("behind")?,
        })
    }

    /// The request that a deposit is bound to, as it was accepted, and whether there may be more to know.
    ///
    /// # Errors
    /// [`Error::Database`], [`Error::Stored`].
    pub async fn standing(&self, deposit: DepositId) -> Result<Standing> {
        let row = sqlx::query(
            "SELECT request_hash, request_bytes, deposit_signature, ecash_pubkey, expiration_date, type,
                    EXISTS (SELECT 1 FROM request_conflict WHERE deposit_id = ?1) AS conflict,
                    EXISTS (SELECT 1 FROM instance WHERE restored_at IS NOT NULL) AS behind
             FROM (SELECT 1) LEFT JOIN deposit_request ON deposit_id = ?1",
        )
        .bind(deposit.get())
        .fetch_one(&self.pool)
        .await?;
        let hash: Option<Vec<u8>> = row.try_get("request_hash")?;
        Ok(Standing {
            record: hash.map(|_| record(&row)).transpose()?,
            conflict: row.try_get("conflict")?,
            behind: row.try_get("behind")?,
        })
    }

    /// Records an answer before it leaves: the request if it is the deposit's first, the share, and for the deposit's
    /// first answer the audit row. One transaction.
    ///
    /// # Errors
    /// [`Error::Database`], [`Error::Stored`], [`Error::TooLarge`]; nothing is written then.
    pub async fn record_share(&self, new: &NewShare<'_>) -> Result<Recording> {
        let mut write = self.write().await?;
        let deposit = new.body.deposit_id;
        if is_closed(&mut write, deposit).await? {
            return Ok(Recording::Overtaken);
        }
        match bound_to(&mut write, deposit).await? {
            None => insert_request(&mut write, new).await?,
            Some(request) if request == new.request => {}
            Some(_) => return Ok(Recording::Overtaken),
        }
        let first_answer = !has_answer(&mut write, deposit).await?;
        sqlx::query("INSERT INTO issued_share (deposit_id, epoch_id, share) VALUES (?, ?, ?) ON CONFLICT DO NOTHING")
            .bind(deposit.get())
            .bind(epoch(new.epoch)?)
            .bind(new.share.to_bytes().as_slice())
            .execute(&mut *write.transaction)
            .await?;
        let share: Vec<u8> = sqlx::query_scalar(
            "SELECT share FROM issued_share WHERE deposit_id = ? AND epoch_id = ?",
        )
        .bind(deposit.get())
        .bind(epoch(new.epoch)?)
        .fetch_one(&mut *write.transaction)
        .await?;
        let share = stored_share(&share)?;
        if first_answer {
            insert_audit_row(&mut write, new, &share).await?;
        }
        write.commit().await?;
        Ok(Recording::Share(share))
    }

    /// Whether this member itself issued to `key` at or after `since`.
    ///
    /// # Errors
    /// [`Error::Database`], [`Error::TooLarge`].
    pub async fn issued_since(&self, key: &UserPublicKey, since: UnixTime) -> Result<bool> {
        Ok(sqlx::query_scalar(
            "SELECT EXISTS (SELECT 1 FROM deposit_request WHERE ecash_pubkey = ? AND recorded_at >= ?)",
        )
        .bind(key.to_bytes().as_slice())
        .bind(seconds(since)?)
        .fetch_one(&self.pool)
        .await?)
    }

    /// Rows in `deposit_request`, and in `issued_share`. For tests and metrics.
    ///
    /// # Errors
    /// [`Error::Database`].
    pub async fn issuance_counts(&self) -> Result<(u64, u64)> {
        let row = sqlx::query(
            "SELECT (SELECT count(*) FROM deposit_request) AS requests, (SELECT count(*) FROM issued_share) AS shares",
        )
        .fetch_one(&self.pool)
        .await?;
        Ok((number(&row, "requests")?, number(&row, "shares")?))
    }

    /// Leaves of the tree of an expiration date, in the order of issuance.
    ///
    /// # Errors
    /// [`Error::Database`], [`Error::Stored`].
    pub async fn merkle_leaves(&self, expiration: EcashDate) -> Result<Vec<[u8; 32]>> {
        sqlx::query("SELECT merkle_leaf FROM issued_ticketbook WHERE expiration_date = ? ORDER BY merkle_index")
            .bind(date_text(expiration))
            .fetch_all(&self.pool)
            .await?
            .iter()
            .map(|row| bytes(row, "merkle_leaf"))
            .collect()
    }
}

/// Whether the deposit is never signed for again: two requests are known, or this member voted it away.
async fn is_closed(write: &mut Write<'_>, deposit: DepositId) -> Result<bool> {
    Ok(sqlx::query_scalar(
        "SELECT EXISTS (SELECT 1 FROM request_conflict WHERE deposit_id = ?1)
             OR EXISTS (SELECT 1 FROM dead_mark WHERE deposit_id = ?1)",
    )
    .bind(deposit.get())
    .fetch_one(&mut *write.transaction)
    .await?)
}

async fn bound_to(write: &mut Write<'_>, deposit: DepositId) -> Result<Option<RequestHash>> {
    sqlx::query("SELECT request_hash FROM deposit_request WHERE deposit_id = ?")
        .bind(deposit.get())
        .fetch_optional(&mut *write.transaction)
        .await?
        .map(|row| bytes::<32>(&row, "request_hash").map(RequestHash::from))
        .transpose()
}

async fn has_answer(write: &mut Write<'_>, deposit: DepositId) -> Result<bool> {
    Ok(sqlx::query_scalar(
        "SELECT EXISTS (SELECT 1 FROM issued_share WHERE deposit_id = ?1)
             OR EXISTS (SELECT 1 FROM issued_ticketbook WHERE deposit_id = ?1)",
    )
    .bind(deposit.get())
    .fetch_one(&mut *write.transaction)
    .await?)
}

async fn insert_request(write: &mut Write<'_>, new: &NewShare<'_>) -> Result<()> {
    let body = new.body;
    let signature: &Signature = &body.signature;
    sqlx::query(
        "INSERT INTO deposit_request
         (deposit_id, request_hash, request_bytes, deposit_signature, ecash_pubkey, expiration_date, type,
          recorded_at, sequence, source)
         VALUES (?, ?, ?, ?, ?, ?, ?, ?,
                 1 + max(coalesce((SELECT max(sequence) FROM deposit_request), 0),
                         coalesce((SELECT max(sequence) FROM request_conflict), 0)),
                 'own')",
    )
    .bind(body.deposit_id.get())
    .bind(new.request.as_bytes().as_slice())
    .bind(body.inner_sign_request.to_bytes().as_slice())
    .bind(signature.as_bytes().as_slice())
    .bind(body.ecash_pubkey.to_bytes().as_slice())
    .bind(body.expiration_date.unix())
    .bind(body.ticketbook_type.code())
    .bind(seconds(new.now)?)
    .execute(&mut *write.transaction)
    .await?;
    Ok(())
}

async fn insert_audit_row(
    write: &mut Write<'_>,
    new: &NewShare<'_>,
    share: &BlindedSignature,
) -> Result<()> {
    let body = new.body;
    let expiration = date_text(body.expiration_date);
    let leaf = merkle_leaf(
        body.deposit_id,
        new.epoch,
        share,
        &body.inner_sign_request,
        body.expiration_date,
        body.ticketbook_type,
    );
    let mut commitments = Vec::with_capacity(96);
    for commitment in body.inner_sign_request.commitments() {
        commitments.extend_from_slice(&commitment.to_bytes());
    }
    sqlx::query(
        "INSERT INTO issued_ticketbook
         (deposit_id, dkg_epoch_id, blinded_partial_credential, joined_private_commitments, expiration_date,
          ticketbook_type_repr, merkle_leaf, merkle_index)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7,
                 (SELECT coalesce(max(merkle_index) + 1, 0) FROM issued_ticketbook WHERE expiration_date = ?5))",
    )
    .bind(body.deposit_id.get())
    .bind(epoch(new.epoch)?)
    .bind(share.to_bytes().as_slice())
    .bind(commitments)
    .bind(&expiration)
    .bind(body.ticketbook_type.code())
    .bind(leaf.as_slice())
    .execute(&mut *write.transaction)
    .await?;
    sqlx::query(
        "INSERT INTO issued_ticketbooks_count (issuance_date, expiration_date, count) VALUES (?, ?, 1)
         ON CONFLICT (issuance_date, expiration_date) DO UPDATE SET count = count + 1",
    )
    .bind(date_text(EcashDate::of(new.now)?))
    .bind(&expiration)
    .execute(&mut *write.transaction)
    .await?;
    Ok(())
}

fn record(row: &SqliteRow) -> Result<RecordedRequest> {
    let code: u8 = row.try_get("type")?;
    Ok(RecordedRequest {
        request_hash: RequestHash::from(bytes::<32>(row, "request_hash")?),
        request: Base64(bytes(row, "request_bytes")?),
        deposit_signature: Base58(bytes(row, "deposit_signature")?),
        ecash_pubkey: UserPublicKey::from_bytes(&bytes::<48>(row, "ecash_pubkey")?)
            .map_err(|reason| Error::stored("deposit_request.ecash_pubkey", reason))?,
        expiration_date: EcashDate::from_unix(row.try_get("expiration_date")?)
            .map_err(|reason| Error::stored("deposit_request.expiration_date", reason))?,
        ticketbook_type: TicketType::from_code(code)
            .map_err(|reason| Error::stored("deposit_request.type", reason))?,
    })
}

fn stored_share(share: &[u8]) -> Result<BlindedSignature> {
    BlindedSignature::from_bytes(share)
        .map_err(|reason| Error::stored("issued_share.share", reason))
}
