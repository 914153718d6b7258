//! Asking the other signers for their signatures, at the URLs that they announce.

use std::future::Future;
use std::pin::Pin;
use std::time::Duration;

use ecash_requests::RequestsError;
use ecash_requests::http::{HttpClient, HttpOptions, TargetPolicy};
use ecash_requests::quorum::QuorumClient;
use ecash_scheme::{CoinIndexSignatures, DateSignatures};
use ecash_ticketbook::{EcashDate, EpochId};

use crate::epochs::Signer;

/// Time for one answer of another signer.
const ANSWER_TIMEOUT: Duration = Duration::from_secs(10);
/// Time to a connection with another signer.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(3);

/// A pending question to another signer.
pub type PeerFuture<'a, T> = Pin<Box<dyn Future<Output = Result<T, RequestsError>> + Send + 'a>>;

/// The other signers. Over HTTP in service, in memory in tests.
pub trait Peers: Send + Sync {
    /// A signer's date signatures under `epoch`.
    fn dates<'a>(
        &'a self,
        signer: &'a Signer,
        epoch: EpochId,
        expiration: EcashDate,
    ) -> PeerFuture<'a, DateSignatures>;

    /// A signer's coin-index signatures under `epoch`.
    fn coins<'a>(
        &'a self,
        signer: &'a Signer,
        epoch: EpochId,
    ) -> PeerFuture<'a, CoinIndexSignatures>;
}

/// The other signers over HTTP: no redirects, bounded in time and size, not at private addresses unless configured.
#[derive(Clone, Debug)]
pub struct HttpPeers(HttpClient);

impl HttpPeers {
    /// A client; `allow_private` permits loopback, private and link-local addresses.
    ///
    /// # Errors
    /// [`RequestsError::HttpClient`].
    pub fn new(allow_private: bool) -> Result<Self, RequestsError> {
        let targets = if allow_private {
            TargetPolicy::Any
        } else {
            TargetPolicy::Public
        };
        HttpClient::new(HttpOptions {
            connect_timeout: CONNECT_TIMEOUT,
            call_timeout: ANSWER_TIMEOUT,
            targets,
        })
        .map(Self)
    }

    fn client(&self, signer: &Signer) -> Result<QuorumClient, RequestsError> {
        QuorumClient::new(self.0.clone(), &signer.announce_address)
    }
}

impl Peers for HttpPeers {
    fn dates<'a>(
        &'a self,
        signer: &'a Signer,
        epoch: EpochId,
        expiration: EcashDate,
    ) -> PeerFuture<'a, DateSignatures> {
        Box::pin(async move {
            let client = self.client(signer)?;
            let answer = client
                .partial_expiration_date_signatures(Some(epoch), Some(expiration))
                .await?
                .value;
            expect("epoch of the signatures", answer.epoch_id, epoch)?;
            expect(
                "expiration date of the signatures",
                answer.expiration_date,
                expiration,
            )?;
            expect(
                "expiration timestamp of the signatures",
                answer.signatures.expiration(),
                expiration.unix(),
            )?;
            Ok(answer.signatures)
        })
    }

    fn coins<'a>(
        &'a self,
        signer: &'a Signer,
        epoch: EpochId,
    ) -> PeerFuture<'a, CoinIndexSignatures> {
        Box::pin(async move {
            let answer = self
                .client(signer)?
                .partial_coin_indices_signatures(Some(epoch))
                .await?
                .value;
            expect("epoch of the signatures", answer.epoch_id, epoch)?;
            Ok(answer.signatures)
        })
    }
}

fn expect<T: PartialEq + std::fmt::Display>(
    what: &'static str,
    actual: T,
    expected: T,
) -> Result<(), RequestsError> {
    if actual == expected {
        return Ok(());
    }
    Err(RequestsError::Unexpected {
        what,
        actual: actual.to_string(),
        expected: expected.to_string(),
    })
}
