//! `GET /v1/status` on the loopback listener: how the gateway stands, for its operator.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use ecash_requests::gateway::ErrorBody;
use ecash_ticketbook::{EpochId, TicketType};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::App;
use super::error::ApiError;
use crate::gateway::Gateway;
use crate::limits::{MAX_REFUSALS_SHOWN, RETRY_AFTER_SECS};
use crate::spend_store::SpendStore;

/// How a gateway stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Status {
    /// Its identity key, base58.
    pub identity_key: String,
    /// Its payout account.
    pub account: String,
    /// The chain it follows.
    pub chain_id: String,
    /// The ticket types it takes.
    #[schema(value_type = Vec<String>)]
    pub roles: Vec<TicketType>,
    /// Its clock, unix seconds.
    pub time: u64,
    /// Whether it takes tickets now.
    pub accepting: bool,
    /// Its registration.
    pub registry: RegistryStatus,
    /// How far its clock is off in seconds, as last estimated.
    pub clock_offset_secs: Option<i64>,
    /// Whether its database replaced a lost one.
    pub reduced: bool,
    /// The epochs whose tickets it takes, ascending.
    #[schema(value_type = Vec<u64>)]
    pub epochs: Vec<EpochId>,
    /// The epoch whose keys issue.
    #[schema(value_type = Option<u64>)]
    pub epoch_in_service: Option<EpochId>,
    /// Its accounts.
    pub accounts: u64,
    /// Its disk.
    pub disk: DiskStatus,
    /// What the Quorum has been given.
    pub outbox: OutboxStatus,
}

/// What the registry says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct RegistryStatus {
    /// Whether tickets may be taken.
    pub admitted: bool,
    /// Why not.
    pub problem: Option<String>,
    /// The announced address on chain.
    pub announce_address: Option<String>,
}

/// How much the database holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct DiskStatus {
    /// Bytes in use.
    pub used_bytes: u64,
    /// From this on no tickets are taken.
    pub stop_bytes: u64,
}

/// Deliveries to the Quorum.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct OutboxStatus {
    /// Position of the last granted ticket: where every cursor should stand.
    pub head: i64,
    /// Granted tickets kept.
    pub payments: u64,
    /// Payments kept as evidence only; they wait for batches.
    pub evidence: u64,
    /// The members, by account.
    pub members: Vec<MemberStatus>,
    /// The latest refusals of all members.
    pub refusals: Vec<RefusalStatus>,
}

/// Deliveries to one member.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct MemberStatus {
    /// Its account.
    pub member: String,
    /// Its index in the epoch in service.
    pub node_index: u64,
    /// Its identity key, base58.
    pub identity_key: String,
    /// Where it is reached.
    pub announce_address: String,
    /// Everything up to here has its answer.
    pub cursor: i64,
    /// Whether the cursor stands at the head.
    pub at_head: bool,
    /// How many tickets it refused.
    pub refused: u64,
    /// Why the last attempt failed.
    pub last_error: Option<String>,
}

/// One refusal.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct RefusalStatus {
    /// Who refused.
    pub member: String,
    /// The ticket's place in the outbox.
    pub position: i64,
    /// The answer as one word.
    pub status: String,
    /// The answer in full.
    pub detail: String,
    /// When, unix seconds.
    pub received_at: u64,
}

/// How the gateway stands.
#[utoipa::path(
    get,
    path = "/v1/status",
    tag = "loopback",
    responses(
        (status = 200, description = "the status", body = Status),
        (status = 503, description = "the database cannot be read", body = ErrorBody),
    )
)]
pub(super) async fn status<S: SpendStore>(
    State(app): State<Arc<App<S>>>,
) -> Result<Json<Status>, ApiError> {
    read(&app.gateway).await.map(Json).map_err(|error| {
        tracing::error!(%error, "the status cannot be read");
        ApiError::unavailable("the database cannot be read", RETRY_AFTER_SECS)
    })
}

async fn read<S: SpendStore>(gateway: &Gateway<S>) -> Result<Status, sqlx::Error> {
    let now = gateway.clock.now();
    let profile = &gateway.profile;
    let key = profile.identity.public();
    let registry = gateway.situation.registry.get();
    let admission = registry.provider_keys(key.as_bytes(), now);
    let clock = gateway.situation.clock.get();
    let epochs = gateway.situation.epochs.get();
    let (used_bytes, stop_bytes) = gateway.store.usage();
    Ok(Status {
        identity_key: key.to_string(),
        account: profile.account.to_string(),
        chain_id: profile.network.chain_id.to_string(),
        roles: profile.roles.clone(),
        time: now.as_secs(),
        accepting: admission.is_ok()
            && clock.is_trusted()
            && used_bytes < stop_bytes
            && !epochs.ids(now).is_empty(),
        registry: RegistryStatus {
            admitted: admission.is_ok(),
            problem: admission.err().map(|problem| problem.to_string()),
            announce_address: registry.entry().map(|entry| entry.announce_address.clone()),
        },
        clock_offset_secs: clock.offset_secs(),
        reduced: gateway.store.instance().reduced,
        epochs: epochs.ids(now),
        epoch_in_service: epochs.in_service().map(|epoch| epoch.record.epoch),
        accounts: u64::try_from(gateway.accounts.len()).unwrap_or(u64::MAX),
        disk: DiskStatus {
            used_bytes,
            stop_bytes,
        },
        outbox: read_outbox(gateway).await?,
    })
}

async fn read_outbox<S: SpendStore>(gateway: &Gateway<S>) -> Result<OutboxStatus, sqlx::Error> {
    let store = &gateway.store;
    // Read before the head, so that a cursor is never shown at a head that it has not reached.
    let cursors = store.cursors().await?;
    let head = store.outbox_head().await?;
    let (payments, evidence) = store.outbox_counts().await?;
    let mut members = Vec::new();
    for state in gateway.board.all() {
        let cursor = cursors
            .iter()
            .find(|row| row.member == state.signer.owner)
            .map_or(0, |row| row.position);
        members.push(MemberStatus {
            refused: store.refusal_count(&state.signer.owner).await?,
            member: state.signer.owner,
            node_index: state.signer.node_index.get(),
            identity_key: state.signer.identity_key,
            announce_address: state.signer.announce_address,
            cursor,
            at_head: cursor >= head,
            last_error: state.last_error,
        });
    }
    let refusals = store.refusals(MAX_REFUSALS_SHOWN).await?;
    Ok(OutboxStatus {
        head,
        payments,
        evidence,
        members,
        refusals: refusals
            .into_iter()
            .map(|row| RefusalStatus {
                member: row.member,
                position: row.position,
                status: row.status,
                detail: row.detail,
                received_at: row.received_at.as_secs(),
            })
            .collect(),
    })
}
