//! Answering a blind-sign request in the order of `quorum-api.md` 3.1.2. Nothing is written before row 9, nothing leaves
//! before the commit.

use std::sync::Arc;

use ecash_requests::quorum::{
    Attestation, AttestedShare, BlindSignRequestBody, BlindSignResponse, RequestHash, SealedShare,
    ShareContext,
};
use ecash_requests::{IdentitySecret, NetworkIds};
use ecash_scheme::BlindedSignature;
use ecash_service::clock::SharedClock;
use ecash_service::http::{Rate, TokenBuckets};
use ecash_ticketbook::{DepositId, EpochId, NodeIndex};

use super::checks::{self, Answering, EnvelopeContext};
use super::decide::{Situation, Step, decide};
use crate::epochs::EpochWatch;
use crate::error::Error;
use crate::keys::{KeyRing, SigningKey};
use crate::mirror::{Direct, MirrorWatch};
use crate::refusal::Refusal;
use crate::store::Store;
use crate::store::issuance::{NewShare, Recording};
use crate::today;
use crate::workers::Workers;

/// Times a request that was overtaken while it was signed is looked at again. Each time the record has changed, and it
/// changes at most twice (a request, a conflict).
const MAX_ROUNDS: usize = 3;

/// How an issuer behaves.
#[derive(Clone, Copy, Debug)]
pub struct IssuerOptions {
    /// Signing is switched on.
    pub enabled: bool,
    /// Requests without envelope are refused.
    pub require_envelope: bool,
    /// New requests per deposit, with and without envelope each.
    pub per_deposit: Rate,
}

/// What an issuer stands on.
#[derive(Clone)]
pub struct IssuerParts {
    /// The network.
    pub network: NetworkIds,
    /// The clock.
    pub clock: SharedClock,
    /// The database.
    pub store: Store,
    /// The mirror and the chain behind it.
    pub deposits: Direct,
    /// How recent the mirror is.
    pub mirror: MirrorWatch,
    /// What is known of the epochs.
    pub epochs: EpochWatch,
    /// The signing keys.
    pub keys: KeyRing,
    /// The identity that attests.
    pub identity: Arc<IdentitySecret>,
    /// Where curve arithmetic runs.
    pub workers: Workers,
}

/// Issues shares.
#[derive(Clone)]
pub struct Issuer {
    parts: IssuerParts,
    options: IssuerOptions,
    /// New requests by deposit and whether an envelope came with them: a copied request must not use up the owner's.
    per_deposit: Arc<TokenBuckets<(DepositId, bool)>>,
}

impl Issuer {
    /// An issuer over `parts`.
    #[must_use]
    pub fn new(parts: IssuerParts, options: IssuerOptions) -> Self {
        Self {
            per_deposit: Arc::new(TokenBuckets::new(options.per_deposit)),
            parts,
            options,
        }
    }

    /// Answers a request under the epoch `named`, or the issuing one.
    ///
    /// # Errors
    /// The [`Refusal`] of the first check that fails; nothing has been written then.
    pub async fn blind_sign(
        &self,
        body: Arc<BlindSignRequestBody>,
        named: Option<EpochId>,
    ) -> Result<BlindSignResponse, Refusal> {
        let parts = &self.parts;
        if !self.options.enabled {
            return Err(Refusal::SignerDisabled);
        }
        let monotonic = parts.clock.monotonic();
        let now = today::now(&*parts.clock);
        let epochs = parts.epochs.fresh(monotonic)?;
        let epoch = Arc::clone(epochs.named_or_issuing(named)?);
        let own_index = epoch
            .own_share()
            .map(|own| own.index)
            .ok_or(Refusal::NotASigner(epoch.id))?;

        checks::expiration_is_near(body.expiration_date, now)?;
        let deposit = parts
            .deposits
            .deposit(body.deposit_id)
            .await?
            .ok_or(Refusal::UnknownDeposit(body.deposit_id))?;
        let deposit_key = checks::deposit_signed_it(&body, &deposit)?;
        checks::expiration_suits_deposit(body.expiration_date, deposit.block_time)?;

        let request = body.request_hash(&parts.network);
        let answering = checks::envelope(
            &body,
            &EnvelopeContext {
                network: &parts.network,
                request: &request,
                deposit_key: &deposit_key,
                own_index,
                names_epoch: named.is_some(),
                required: self.options.require_envelope,
                now,
            },
        )?;
        parts.mirror.check_fresh(monotonic)?;
        if parts.store.is_blacklisted(&body.ecash_pubkey).await? {
            return Err(Refusal::Blacklisted);
        }

        let mut charged = false;
        for _ in 0..MAX_ROUNDS {
            let recorded = parts.store.recorded(body.deposit_id, epoch.id).await?;
            let answered = recorded.request == Some(request) && recorded.share.is_some();
            if !answered && !charged {
                self.per_deposit
                    .take((body.deposit_id, answering.enveloped()), monotonic)?;
                charged = true;
            }
            let situation = Situation {
                request,
                epoch: epoch.id,
                deposit: &deposit,
                recorded,
                epochs: &epochs,
                merged: false,
                now,
            };
            let share = match decide(&situation)? {
                Step::Answer(share) => share,
                Step::Sign => {
                    let key = parts.keys.usable(epoch.id).ok_or(Refusal::KeyNotHeld {
                        asked: epoch.id,
                        issuing: epochs.issuing()?.id,
                    })?;
                    let share = self.sign(key, Arc::clone(&body)).await?;
                    let new = NewShare {
                        body: &body,
                        request,
                        epoch: epoch.id,
                        share,
                        now,
                    };
                    match parts.store.record_share(&new).await? {
                        Recording::Share(share) => share,
                        Recording::Overtaken => continue,
                    }
                }
            };
            return self.respond(
                share,
                answering,
                epoch.id,
                own_index,
                body.deposit_id,
                &request,
            );
        }
        Err(Refusal::Overloaded)
    }

    async fn sign(
        &self,
        key: Arc<SigningKey>,
        body: Arc<BlindSignRequestBody>,
    ) -> Result<BlindedSignature, Refusal> {
        self.parts
            .workers
            .run(move || {
                let verified = body
                    .inner_sign_request
                    .verify(
                        &body.ecash_pubkey,
                        body.expiration_date.unix(),
                        body.ticketbook_type.code(),
                    )
                    .map_err(Refusal::Withdrawal)?;
                Ok(key.blind_sign(&verified))
            })
            .await?
    }

    fn respond(
        &self,
        share: BlindedSignature,
        answering: Answering,
        epoch_id: EpochId,
        node_index: NodeIndex,
        deposit_id: DepositId,
        request: &RequestHash,
    ) -> Result<BlindSignResponse, Refusal> {
        let context = ShareContext {
            network: &self.parts.network,
            epoch_id,
            node_index,
            deposit_id,
            request,
        };
        let attestation = Attestation::sign(&context, &share, &self.parts.identity);
        match answering {
            Answering::Clear { .. } => Ok(BlindSignResponse::Clear {
                blinded_signature: share,
                attestation: Some(attestation),
            }),
            Answering::Sealed(key) => {
                let attested = AttestedShare { share, attestation };
                let sealed = SealedShare::seal(&context, &attested, &key, &mut rand::rngs::OsRng)
                    .map_err(|e| Refusal::Internal(Error::Requests(e)))?;
                Ok(BlindSignResponse::Sealed(sealed))
            }
        }
    }
}
