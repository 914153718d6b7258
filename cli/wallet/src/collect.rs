//! The shares of a book (`client.md` 3.5): all signers at once, stop at the threshold, name
//! who failed, keep evidence against who cheated.

use std::time::Duration;

use ecash_requests::RequestsError;
use ecash_requests::quorum::{
    BlindSignRequestBody, Envelope, QuorumClient, ResponseSecret, ShareContext,
};
use ecash_ticketbook::{EpochId, IssuedTicketBook, TICKETS_PER_BOOK};
use futures::StreamExt as _;
use futures::stream::FuturesUnordered;
use rand::Rng as _;
use rand::rngs::OsRng;
use tokio::time::{Instant, sleep};

use crate::error::WalletError;
use crate::event::{Event, Observer, Outcome, SignerOutcome};
use crate::evidence::BadShareEvidence;
use crate::limits::{MAX_RETRY_AFTER, PAUSE_SPREAD_PERCENT, TRIES_PER_SIGNER, clip};
use crate::reference::normalised;
use crate::request::StoredRequest;
use crate::share::{self, Judged, Sent};
use crate::signers::{Signer, SignerSet};
use crate::store::{BookOrigin, EvidenceKind, Home, IssuanceRow, NewBook, NewEvidence};
use crate::wallet::Wallet;

/// How asking the signers ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Collected {
    /// Threshold good shares of the set's epoch are stored.
    Complete,
    /// Fewer; some signers said "later".
    Later(Duration),
    /// Fewer; nobody said that asking again soon helps. So many refused.
    TooFew { refused: usize },
}

impl Wallet {
    /// Sends the stored request to every signer of `set` without a good share, until the threshold is reached.
    pub(crate) async fn collect(
        &self,
        stored: &StoredRequest,
        set: &SignerSet,
        observer: &dyn Observer,
        outcomes: &mut Vec<SignerOutcome>,
        deadline: Instant,
    ) -> Result<Collected, WalletError> {
        let store = &self.inner.store;
        let have = store.shares(stored.deposit_id, set.epoch).await?;
        let mut good = have
            .iter()
            .filter(|share| set.signer(share.node_index).is_some())
            .count();
        if good >= set.needed() {
            return Ok(Collected::Complete);
        }
        let to_ask: Vec<&Signer> = set
            .signers
            .iter()
            .filter(|signer| {
                have.iter()
                    .all(|share| share.node_index != signer.node_index)
            })
            .collect();
        observer.on(&Event::Requesting {
            deposit_id: stored.deposit_id,
            epoch: set.epoch,
            signers: to_ask.len(),
        });
        let mut calls: FuturesUnordered<_> = to_ask
            .iter()
            .map(|signer| async move {
                let answer = self.ask(stored, set.epoch, signer, observer, deadline);
                (*signer, answer.await)
            })
            .collect();
        let mut answered = Vec::new();
        let mut later: Option<Duration> = None;
        let mut refused = 0;
        while let Some((signer, answer)) = calls.next().await {
            let (outcome, retry_after) = self.take(stored, set, signer, answer?).await?;
            if let Some(after) = retry_after {
                later = Some(later.map_or(after, |known| known.min(after)));
            }
            answered.push(signer.node_index);
            refused += usize::from(matches!(outcome, Outcome::Refused(_)));
            let outcome = SignerOutcome {
                node_index: signer.node_index,
                url: signer.url.to_string(),
                outcome,
            };
            if outcome.outcome.is_good() {
                good += 1;
                observer.on(&Event::Share {
                    deposit_id: stored.deposit_id,
                    node_index: signer.node_index,
                    have: good,
                    threshold: set.threshold,
                });
            } else {
                observer.on(&Event::SignerFailed {
                    deposit_id: stored.deposit_id,
                    signer: outcome.clone(),
                });
            }
            remember(outcomes, outcome);
            if good >= set.needed() {
                break;
            }
        }
        drop(calls);
        if good < set.needed() {
            return Ok(later.map_or(Collected::TooFew { refused }, Collected::Later));
        }
        for signer in to_ask
            .iter()
            .filter(|signer| !answered.contains(&signer.node_index))
        {
            if outcomes
                .iter()
                .all(|known| known.node_index != signer.node_index)
            {
                outcomes.push(SignerOutcome {
                    node_index: signer.node_index,
                    url: signer.url.to_string(),
                    outcome: Outcome::NotNeeded,
                });
            }
        }
        Ok(Collected::Complete)
    }

    /// Asks one signer, up to three times while it is silent. Every sending has an envelope and a response key of its own.
    async fn ask(
        &self,
        stored: &StoredRequest,
        epoch: EpochId,
        signer: &Signer,
        observer: &dyn Observer,
        deadline: Instant,
    ) -> Result<Answer, WalletError> {
        let client: QuorumClient = self.signer_client(signer.url.as_str())?;
        let mut silent = String::new();
        for attempt in 0..TRIES_PER_SIGNER {
            if let Some(pause) = attempt
                .checked_sub(1)
                .and_then(|i| self.inner.config.try_pauses.get(i as usize))
            {
                let pause = spread(*pause);
                if Instant::now() + pause > deadline {
                    break;
                }
                sleep(pause).await;
            }
            let secret = ResponseSecret::generate(&mut OsRng);
            let envelope = Envelope::sign(
                &self.inner.network,
                &stored.hash,
                self.now(),
                signer.node_index,
                Some(&secret.public()),
                &stored.deposit_key,
            );
            let body = BlindSignRequestBody {
                envelope: Some(envelope),
                ..stored.body.clone()
            };
            observer.on(&Event::Asking {
                deposit_id: stored.deposit_id,
                node_index: signer.node_index,
                bytes: serde_json::to_vec(&body).map_or(0, |json| json.len()),
            });
            let sending = client.blind_sign(Some(epoch), &body);
            match self.inner.watch.send("request", sending).await {
                Ok(answered) => {
                    let sent = Sent {
                        context: self.share_context(stored, epoch, signer),
                        info: &stored.info,
                        user: self.inner.user.secret_key(),
                        response_secret: &secret,
                    };
                    return Ok(Answer::Judged(Box::new(share::judge(
                        &answered.value,
                        &sent,
                        signer,
                    ))));
                }
                Err(RequestsError::Refused {
                    status: 429 | 503,
                    text,
                    retry_after,
                    ..
                }) => {
                    return Ok(Answer::Later(text, retry_after));
                }
                Err(RequestsError::Refused { status, text, .. }) => {
                    return Ok(Answer::Refused(format!("{status}: {text}")));
                }
                Err(
                    error @ (RequestsError::NotUnderstood { .. }
                    | RequestsError::AnswerTooLong { .. }),
                ) => {
                    return Ok(Answer::Judged(Box::new(Judged::BadAnswer(
                        error.to_string(),
                    ))));
                }
                Err(error) => silent = error.to_string(),
            }
        }
        Ok(Answer::Silent(silent))
    }

    /// Stores what an answer is worth.
    async fn take(
        &self,
        stored: &StoredRequest,
        set: &SignerSet,
        signer: &Signer,
        answer: Answer,
    ) -> Result<(Outcome, Option<Duration>), WalletError> {
        let store = &self.inner.store;
        let judged = match answer {
            Answer::Judged(judged) => *judged,
            Answer::Later(text, after) => {
                let after = after.unwrap_or(Duration::from_secs(1)).min(MAX_RETRY_AFTER);
                return Ok((Outcome::Later(clip(&text)), Some(after)));
            }
            Answer::Refused(text) => return Ok((Outcome::Refused(clip(&text)), None)),
            Answer::Silent(text) => return Ok((Outcome::Silent(clip(&text)), None)),
        };
        let outcome = match judged {
            Judged::Good(good) => {
                let (blinded, attestation) = (good.share.to_bytes(), good.attestation.signature);
                store
                    .store_share(
                        stored.deposit_id,
                        set.epoch,
                        signer.node_index,
                        &blinded,
                        Some(attestation.as_bytes()),
                    )
                    .await?;
                Outcome::Good
            }
            Judged::GoodUnattested(share) => {
                store
                    .store_share(
                        stored.deposit_id,
                        set.epoch,
                        signer.node_index,
                        &share.to_bytes(),
                        None,
                    )
                    .await?;
                Outcome::GoodUnattested
            }
            Judged::BadShare(bad) => {
                let network = &self.inner.network;
                let evidence = BadShareEvidence {
                    chain_id: network.chain_id.to_string(),
                    ecash_contract: network.ecash_contract.to_string(),
                    dkg_contract: network.dkg_contract.to_string(),
                    epoch_id: set.epoch,
                    node_index: signer.node_index,
                    deposit_id: stored.deposit_id,
                    request: hex::encode(stored.request.to_bytes()),
                    ecash_public_key: hex::encode(stored.body.ecash_pubkey.to_bytes()),
                    expiration_date: stored.body.expiration_date,
                    ticketbook_type: stored.body.ticketbook_type,
                    blinded_signature: hex::encode(bad.share.to_bytes()),
                    attestation: bad.attestation.signature,
                };
                let row = NewEvidence {
                    kind: EvidenceKind::BadShare,
                    deposit_id: stored.deposit_id,
                    epoch: set.epoch,
                    node_index: signer.node_index,
                    data: &evidence.to_json()?,
                };
                store.store_evidence(&row, self.now()).await?;
                Outcome::BadShare
            }
            Judged::BadAnswer(reason) => Outcome::BadAnswer(clip(&reason)),
        };
        Ok((outcome, None))
    }

    fn share_context<'a>(
        &'a self,
        stored: &'a StoredRequest,
        epoch: EpochId,
        signer: &Signer,
    ) -> ShareContext<'a> {
        ShareContext {
            network: &self.inner.network,
            epoch_id: epoch,
            node_index: signer.node_index,
            deposit_id: stored.deposit_id,
            request: &stored.hash,
        }
    }

    /// Aggregates the stored shares of the set's epoch, verifies the book under the epoch's master key, and stores it.
    pub(crate) async fn finish_book(
        &self,
        row: &IssuanceRow,
        set: &SignerSet,
        observer: &dyn Observer,
    ) -> Result<i64, WalletError> {
        let stored = StoredRequest::read(row, *self.inner.user.public_key())?;
        let shares = self
            .inner
            .store
            .shares(stored.deposit_id, set.epoch)
            .await?;
        let mut partial = Vec::with_capacity(shares.len());
        for share in &shares {
            if let Some(signer) = set.signer(share.node_index) {
                let blinded = ecash_scheme::BlindedSignature::from_bytes(&share.blinded)?;
                partial.push(stored.info.unblind(
                    self.inner.user.secret_key(),
                    &blinded,
                    &signer.key,
                    signer.node_index.get(),
                )?);
            }
        }
        let signatures = stored.info.aggregate(
            self.inner.user.secret_key(),
            &partial,
            set.threshold,
            &set.master,
        )?;
        let book = IssuedTicketBook::new(
            signatures,
            0,
            set.epoch,
            self.inner.user.secret_key().clone(),
        )?;
        let shelf = self.shelf();
        let in_reference = shelf.put_issued(&book).await?;
        let (data, digest) = normalised(&book)?;
        let new = NewBook {
            origin: BookOrigin::Issued(stored.deposit_id),
            home: in_reference.map_or(Home::Own(&data), Home::Reference),
            digest,
            ticket_type: row.ticket_type,
            expiration: book.expiration(),
            epoch: set.epoch,
            first_index: 0,
            end_index: TICKETS_PER_BOOK,
        };
        let id = self
            .inner
            .store
            .finish(row.id, stored.deposit_id, &new, self.now())
            .await?;
        observer.on(&Event::Book {
            book: id,
            deposit_id: stored.deposit_id,
        });
        Ok(id)
    }
}

/// What came back from one signer.
enum Answer {
    Judged(Box<Judged>),
    Later(String, Option<Duration>),
    Refused(String),
    Silent(String),
}

/// The latest outcome of each signer.
fn remember(outcomes: &mut Vec<SignerOutcome>, outcome: SignerOutcome) {
    outcomes.retain(|known| known.node_index != outcome.node_index);
    outcomes.push(outcome);
}

/// A pause, spread by 30 % either way, so that many wallets do not come back at once.
fn spread(pause: Duration) -> Duration {
    let percent = OsRng.gen_range(100 - PAUSE_SPREAD_PERCENT..=100 + PAUSE_SPREAD_PERCENT);
    let millis = u64::try_from(pause.as_millis()).unwrap_or(u64::MAX);
    Duration::from_millis(millis.saturating_mul(percent) / 100)
}
