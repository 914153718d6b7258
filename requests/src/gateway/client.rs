use super::{
    AccountBody, AccountCreated, AccountToken, BandwidthResponse, GatewayInfo, InfoNonce,
    TicketAnswer, UsageBody, UsageResponse, routes,
};
use crate::bytes::Base58;
use crate::http::{Answered, BaseUrl, HttpClient, bearer};
use crate::limits::ANSWER_MAX_BYTES;
use crate::{IdentityKey, NetworkIds, RequestsError};
use ecash_ticketbook::ticket::TICKET_BYTES;
use rand::{CryptoRng, RngCore};
use reqwest::StatusCode;
use reqwest::header::HeaderMap;
use std::time::Duration;

/// Client of one gateway. It retries nothing.
///
/// Every call fails with the transport variants of [`RequestsError`], as [`crate::quorum::QuorumClient`] does.
#[derive(Clone, Debug)]
pub struct GatewayClient {
    http: HttpClient,
    base: BaseUrl,
}

/// A verdict, and when to ask again if the gateway says so.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TicketVerdict {
    /// The answer.
    pub answer: TicketAnswer,
    /// `Retry-After` of the answer.
    pub retry_after: Option<Duration>,
}

/// What became of a report of use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UsageOutcome {
    /// The bytes were subtracted.
    Subtracted {
        /// Bytes left.
        available: i64,
    },
    /// The balance does not cover them; nothing was subtracted.
    Insufficient {
        /// Bytes left.
        available: i64,
    },
}

impl GatewayClient {
    /// A client for the gateway that announces this URL, or for its loopback listener.
    ///
    /// # Errors
    /// [`RequestsError::Url`] if it is no http or https URL.
    pub fn new(http: HttpClient, announce_address: &str) -> Result<Self, RequestsError> {
        Ok(Self {
            http,
            base: BaseUrl::parse(announce_address)?,
        })
    }

    /// The announced URL.
    #[must_use]
    pub fn url(&self) -> &str {
        self.base.as_str()
    }

    /// Asks who the gateway is under a fresh nonce, and checks the answer ([`GatewayInfo::check`]). Gives the key that
    /// signed; comparing it with the registry is for the caller.
    ///
    /// # Errors
    /// Those of the type and of [`GatewayInfo::check`].
    pub async fn info<R: RngCore + CryptoRng>(
        &self,
        network: &NetworkIds,
        rng: &mut R,
    ) -> Result<Answered<(IdentityKey, GatewayInfo)>, RequestsError> {
        let mut nonce: InfoNonce = Base58([0; 32]);
        rng.fill_bytes(&mut nonce.0);
        let url = self.base.join(
            routes::INFO,
            &[(routes::NONCE_PARAMETER, nonce.to_string())],
        );
        let answered = self
            .http
            .get(url, HeaderMap::new(), ANSWER_MAX_BYTES)
            .await?
            .json::<GatewayInfo>()?;
        let key = answered.value.check(network, &nonce)?;
        Ok(Answered {
            value: (key, answered.value),
            date: answered.date,
        })
    }

    /// Registers a client key; the token replaces any earlier one.
    ///
    /// # Errors
    /// Those of the type.
    pub async fn create_account(&self, body: &AccountBody) -> Result<AccountToken, RequestsError> {
        let url = self.base.join(routes::ACCOUNTS, &[]);
        let answer = self
            .http
            .post_json(url, HeaderMap::new(), body, ANSWER_MAX_BYTES)
            .await?;
        Ok(answer.json::<AccountCreated>()?.value.token)
    }

    /// Sends the bytes of one ticket. A verdict is an answer, not an error, whatever its status.
    ///
    /// # Errors
    /// Those of the type, where there is no verdict.
    pub async fn send_ticket(
        &self,
        token: &AccountToken,
        ticket: &[u8; TICKET_BYTES],
    ) -> Result<Answered<TicketVerdict>, RequestsError> {
        self.send_ticket_bytes(token, ticket.to_vec()).await
    }

    /// As [`Self::send_ticket`], for bytes that need not be a ticket.
    ///
    /// # Errors
    /// Those of the type, where there is no verdict.
    pub async fn send_ticket_bytes(
        &self,
        token: &AccountToken,
        bytes: Vec<u8>,
    ) -> Result<Answered<TicketVerdict>, RequestsError> {
        let url = self.base.join(routes::TICKETS, &[]);
        let raw = self
            .http
            .post_bytes(url, bearer(&token.to_base58()), bytes, ANSWER_MAX_BYTES)
            .await?;
        match raw.decode::<TicketAnswer>() {
            Ok(answer) if answer.verdict.http_status() == raw.status.as_u16() => Ok(Answered {
                value: TicketVerdict {
                    answer,
                    retry_after: raw.retry_after,
                },
                date: raw.date,
            }),
            Err(error) if raw.status.is_success() => Err(error),
            _ => Err(raw.refused()),
        }
    }

    /// Bandwidth left.
    ///
    /// # Errors
    /// Those of the type.
    pub async fn bandwidth(
        &self,
        token: &AccountToken,
    ) -> Result<Answered<BandwidthResponse>, RequestsError> {
        let url = self.base.join(routes::BANDWIDTH, &[]);
        self.http
            .get(url, bearer(&token.to_base58()), ANSWER_MAX_BYTES)
            .await?
            .json()
    }

    /// Reports bytes used by an account, at the gateway's loopback listener.
    ///
    /// # Errors
    /// Those of the type.
    pub async fn report_usage(
        &self,
        token: &AccountToken,
        bytes: u64,
    ) -> Result<UsageOutcome, RequestsError> {
        let url = self.base.join(routes::USAGE, &[]);
        let body = UsageBody { bytes };
        let raw = self
            .http
            .post_json(url, bearer(&token.to_base58()), &body, ANSWER_MAX_BYTES)
            .await?;
        if raw.status == StatusCode::PAYMENT_REQUIRED {
            let UsageResponse { available } = raw.decode()?;
            return Ok(UsageOutcome::Insufficient { available });
        }
        let UsageResponse { available } = raw.json()?.value;
        Ok(UsageOutcome::Subtracted { available })
    }
}
