//! The one request of a deposit, and its shares (`client.md` 3.4, 3.5): all signers at once, stop at the threshold, name
//! who failed, keep evidence against who cheated.

use std::time::Duration;

use ecash_requests::IdentitySecret;
use ecash_requests::RequestsError;
use ecash_requests::quorum::{
    BlindSignRequestBody, Envelope, QuorumClient, RequestHash, ResponseSecret, ShareContext,
};
use ecash_scheme::constants::WITHDRAWAL_INSTANCE_BYTES;
use ecash_scheme::{
    NonceName, RequestInfo, SecretScalar, WithdrawalRequest, WithdrawalSecrets,
    hash_to_scalar_with_tag,
};
use ecash_ticketbook::{DepositId, EcashDate, EpochId, IssuedTicketBook, Record as _};
use futures::StreamExt as _;
use futures::stream::FuturesUnordered;
use rand::rngs::OsRng;
use rand::{Rng as _, RngCore as _};
use sha2::{Digest as _, Sha256};
use tokio::time::{Instant, sleep};
use zeroize::Zeroizing;

use crate::derive::BookId;
use crate::error::WalletError;
use crate::event::{Event, Observer, Outcome, SignerOutcome};
use crate::evidence::BadShareEvidence;
use crate::limits::{MAX_ATTEMPT, MAX_RETRY_AFTER, PAUSE_SPREAD_PERCENT, TRIES_PER_SIGNER, clip};
use crate::share::{self, Judged, Sent};
use crate::signers::{Signer, SignerSet};
use crate::store::{EvidenceKind, IssuanceRow, MadeRequest, NewBook, NewEvidence};
use crate::wallet::Wallet;

/// Tag of the hash that proof nonces come from.
const NONCE_TAG: &[u8] = b"ZKNYM-WALLET-V01-NONCE";

/// How asking the signers ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Collected {
    /// Threshold good shares of the set's epoch are stored.
    Complete,
    /// Fewer; some signers said "later".
    Later(Duration),
    /// Fewer; nobody said that asking again soon helps.
    TooFew,
}

/// A stored request with all that is needed to send it.
pub(crate) struct StoredRequest {
    deposit_id: DepositId,
    deposit_key: IdentitySecret,
    request: WithdrawalRequest,
    info: RequestInfo,
    hash: RequestHash,
    body: BlindSignRequestBody,
}

impl StoredRequest {
    /// Takes a row in state `requested` apart.
    pub(crate) fn read(
        row: &IssuanceRow,
        user: ecash_scheme::UserPublicKey,
    ) -> Result<Self, WalletError> {
        let missing = |what| WalletError::Damaged {
            what,
            reason: "it is empty in a requested issuance".to_owned(),
        };
        let deposit_id = row
            .deposit_id
            .ok_or_else(|| missing("issuance.deposit_id"))?;
        let secret = row
            .deposit_secret
            .as_ref()
            .ok_or_else(|| missing("issuance.deposit_sk"))?;
        let request = row
            .request
            .as_ref()
            .ok_or_else(|| missing("issuance.request"))?;
        let info = row
            .request_info
            .as_ref()
            .ok_or_else(|| missing("issuance.request_info"))?;
        let hash = row
            .request_hash
            .ok_or_else(|| missing("issuance.request_hash"))?;
        let signature = row
            .deposit_signature
            .ok_or_else(|| missing("issuance.deposit_signature"))?;
        let expiration = row
            .expiration
            .ok_or_else(|| missing("issuance.expiration"))?;
        let request = WithdrawalRequest::from_bytes(request)?;
        Ok(Self {
            deposit_id,
            deposit_key: IdentitySecret::from_bytes(secret),
            info: RequestInfo::from_bytes(info)?,
            hash: RequestHash::from(hash),
            body: BlindSignRequestBody {
                inner_sign_request: request.clone(),
                deposit_id,
                signature: signature.into(),
                ecash_pubkey: user,
                expiration_date: expiration,
                ticketbook_type: row.ticket_type,
                envelope: None,
            },
            request,
        })
    }
}

impl Wallet {
    /// Makes the one request of a deposit and stores it, before the first byte goes to a signer.
    pub(crate) async fn make_request(
        &self,
        row: &IssuanceRow,
        epoch: EpochId,
    ) -> Result<(), WalletError> {
        let inner = &self.inner;
        let expiration = self.today()?.default_expiration()?;
        let missing = |what| WalletError::Damaged {
            what,
            reason: "it is empty in a deposited issuance".to_owned(),
        };
        let deposit_id = row
            .deposit_id
            .ok_or_else(|| missing("issuance.deposit_id"))?;
        let secret = row
            .deposit_secret
            .as_ref()
            .ok_or_else(|| missing("issuance.deposit_sk"))?;
        let (attempt, request, info) = self.new_request(row, deposit_id, expiration)?;
        let user = *inner.user.public_key();
        let body = BlindSignRequestBody::sign(
            request.clone(),
            deposit_id,
            &IdentitySecret::from_bytes(secret),
            user,
            expiration,
            row.ticket_type,
        );
        let made = MadeRequest {
            attempt,
            expiration,
            epoch,
            info: &info.to_bytes(),
            request: &request.to_bytes(),
            hash: *body.request_hash(&inner.network).as_bytes(),
            signature: *body.signature.as_bytes(),
        };
        inner.store.store_request(row.id, &made, self.now()).await
    }

    /// Derived secrets, fresh nonces; another attempt only where h comes out at infinity.
    fn new_request(
        &self,
        row: &IssuanceRow,
        deposit_id: DepositId,
        expiration: EcashDate,
    ) -> Result<(u16, WithdrawalRequest, RequestInfo), WalletError> {
        let inner = &self.inner;
        let nonce_key = inner.root.nonce_key();
        let mut nonces =
            |instance: &[u8; WITHDRAWAL_INSTANCE_BYTES], name: NonceName| -> SecretScalar {
                let mut fresh = Zeroizing::new([0_u8; 32]);
                OsRng.fill_bytes(fresh.as_mut_slice());
                let parts = [
                    nonce_key.as_slice(),
                    instance,
                    name.as_str().as_bytes(),
                    fresh.as_slice(),
                ];
                hash_to_scalar_with_tag(&parts, NONCE_TAG).into()
            };
        for attempt in 0..=MAX_ATTEMPT {
            let book = BookId {
                deposit_id,
                deposit_key: &row.deposit_public,
                expiration,
                ticket_type: row.ticket_type,
                attempt,
            };
            let derived = inner.root.book_secrets(&inner.context, &book)?;
            let secrets = WithdrawalSecrets::from_wide_bytes(
                &derived.v,
                &derived.o,
                &derived.o1,
                &derived.o2,
            );
            let made = WithdrawalRequest::new(
                &inner.user,
                expiration.unix(),
                row.ticket_type.code(),
                secrets,
                &mut nonces,
            );
            match made {
                Ok((request, info)) => return Ok((attempt, request, info)),
                Err(ecash_scheme::Error::UnusableSecrets) => {}
                Err(error) => return Err(error.into()),
            }
        }
        Err(WalletError::Attempts { deposit_id })
    }

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
        while let Some((signer, answer)) = calls.next().await {
            let (outcome, retry_after) = self.take(stored, set, signer, answer?).await?;
            if let Some(after) = retry_after {
                later = Some(later.map_or(after, |known| known.min(after)));
            }
            answered.push(signer.node_index);
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
            return Ok(later.map_or(Collected::TooFew, Collected::Later));
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
            match client.blind_sign(Some(epoch), &body).await {
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
        let record = book.to_record();
        let new = NewBook {
            digest: Sha256::digest(record.data()).into(),
            deposit_id: stored.deposit_id,
            ticket_type: row.ticket_type,
            expiration: book.expiration(),
            epoch: set.epoch,
            data: record.data(),
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
