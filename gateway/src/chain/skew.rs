//! Asks signers and chain for the time (R1.12).

use std::time::Duration;

use ecash_requests::RequestsError;
use ecash_requests::http::{HttpClient, HttpOptions};
use ecash_requests::quorum::QuorumClient;
use futures::future::join_all;

use super::{Follower, unix_time};
use crate::epochs::Signer;
use crate::limits::SKEW_PROBE_SECS;
use crate::skew::{ClockState, estimate};

impl Follower {
    /// Asks all signers of the epoch in service at once, and the chain; `None` if too few answered.
    pub(super) async fn estimate_skew(&self) -> Option<ClockState> {
        let epochs = self.situation.epochs.get();
        let record = &epochs.in_service()?.record;
        let http = match HttpClient::new(probe_options()) {
            Ok(http) => http,
            Err(error) => {
                tracing::warn!(%error, "the signers cannot be asked for the time");
                return None;
            }
        };
        let signers = join_all(
            record
                .signers
                .iter()
                .map(|signer| self.offset_of_signer(&http, signer)),
        );
        let (offsets, block) = tokio::join!(signers, self.offset_of_chain());
        let offsets: Vec<i64> = offsets.into_iter().flatten().collect();
        let offset = estimate(offsets, record.faults(), block)?;
        metrics::gauge!("gateway_clock_offset_seconds").set(offset as f64);
        Some(ClockState::estimated(offset, self.clock.now()))
    }

    /// The signer's time − the own time, in seconds; both clocks count whole seconds.
    async fn offset_of_signer(&self, http: &HttpClient, signer: &Signer) -> Option<i64> {
        let client = QuorumClient::new(http.clone(), &signer.announce_address).ok()?;
        let asked_at = self.clock.now();
        let date = match client.health().await {
            Ok(answer) => answer.date,
            Err(RequestsError::Refused { date, .. }) => date,
            Err(error) => {
                tracing::debug!(signer = %signer.owner, %error, "a signer did not tell the time");
                None
            }
        }?;
        let answered_at = self.clock.now();
        let own = (asked_at.as_i64() + answered_at.as_i64()) / 2;
        i64::try_from(date.get()).ok()?.checked_sub(own)
    }

    /// The time of the latest block − the own time, in seconds.
    async fn offset_of_chain(&self) -> Option<i64> {
        let status = self.client.status().await.ok()?;
        unix_time(status.latest_time)
            .as_i64()
            .checked_sub(self.clock.now().as_i64())
    }
}

fn probe_options() -> HttpOptions {
    let limit = Duration::from_secs(SKEW_PROBE_SECS);
    HttpOptions {
        connect_timeout: limit,
        call_timeout: limit,
        ..HttpOptions::default()
    }
}
