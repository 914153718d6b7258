//! How a ticket reaches a member: `POST v1/ecash/verify-ecash-ticket` (`quorum-api.md` 6.1).

use std::collections::HashMap;
use std::future::Future;
use std::sync::{Mutex, PoisonError};

use ecash_requests::http::{HttpClient, HttpOptions};
use ecash_requests::quorum::{QuorumClient, TicketRejection, VerifyEcashTicketBody};
use ecash_requests::{RequestsError, ShortText};
use ecash_ticketbook::SpendingData;

use super::Outcome;
use crate::epochs::Signer;
use crate::store::Delivery;

/// Whom tickets are delivered to.
pub trait Members: Send + Sync + 'static {
    /// Sends one ticket to one member and says what it answered. Bounded in time.
    fn deliver(&self, signer: &Signer, delivery: &Delivery)
    -> impl Future<Output = Outcome> + Send;
}

/// The members' HTTP interfaces, a connection pool for each.
pub struct QuorumMembers {
    account: ShortText,
    clients: Mutex<HashMap<String, QuorumClient>>,
}

impl QuorumMembers {
    /// Members that are told `account` as the gateway's payout account.
    #[must_use]
    pub fn new(account: ShortText) -> Self {
        Self {
            account,
            clients: Mutex::default(),
        }
    }

    /// The client for a member's announced URL; made once for each.
    fn client(&self, signer: &Signer) -> Result<QuorumClient, RequestsError> {
        let key = format!("{} {}", signer.owner, signer.announce_address);
        let mut clients = self.clients.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(client) = clients.get(&key) {
            return Ok(client.clone());
        }
        // A member that moved leaves its old client behind.
        clients.retain(|other, _| !other.starts_with(&format!("{} ", signer.owner)));
        let http = HttpClient::new(HttpOptions::default())?;
        let client = QuorumClient::new(http, &signer.announce_address)?;
        clients.insert(key, client.clone());
        Ok(client)
    }
}

impl Members for QuorumMembers {
    async fn deliver(&self, signer: &Signer, delivery: &Delivery) -> Outcome {
        let credential = match SpendingData::from_bytes(&delivery.bytes) {
            Ok(credential) => credential,
            Err(error) => {
                return Outcome::Refused {
                    status: "Undecodable".to_owned(),
                    detail: error.to_string(),
                };
            }
        };
        let client = match self.client(signer) {
            Ok(client) => client,
            Err(error) => {
                return Outcome::Later {
                    reason: error.to_string(),
                    retry_after_secs: None,
                };
            }
        };
        let body = VerifyEcashTicketBody {
            credential,
            gateway_cosmos_addr: self.account.clone(),
        };
        match client.verify_ecash_ticket(&body).await {
            Ok(answer) => match answer.value.verified {
                // A published signer says so to a repetition of this very payment: it has the ticket.
                Ok(()) | Err(TicketRejection::ReplayedTicket) => Outcome::Accepted,
                Err(rejection) => Outcome::Refused {
                    status: name(&rejection).to_owned(),
                    detail: rejection.to_string(),
                },
            },
            Err(error) => from_error(&error),
        }
    }
}

const fn name(rejection: &TicketRejection) -> &'static str {
    match rejection {
        TicketRejection::ReplayedTicket => "ReplayedTicket",
        TicketRejection::DoubleSpend => "DoubleSpend",
        TicketRejection::InvalidTicket => "InvalidTicket",
        TicketRejection::MultipleTickets => "MultipleTickets",
        TicketRejection::InvalidSpentDate { .. } => "InvalidSpentDate",
    }
}

/// A signer answers 400 for what is wrong with itself (no key yet, its chain out of reach) and with this gateway (not
/// admitted yet): both can change. What it cannot read it will never read.
fn from_error(error: &RequestsError) -> Outcome {
    match error {
        RequestsError::Refused {
            status: status @ (405 | 413 | 414 | 415 | 422),
            text,
            ..
        } => Outcome::Refused {
            status: format!("Http{status}"),
            detail: text.clone(),
        },
        other => Outcome::Later {
            reason: other.to_string(),
            retry_after_secs: other.retry_after().map(|wait| wait.as_secs()),
        },
    }
}
