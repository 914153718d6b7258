//! Answering a deposit's owner.

use std::sync::Arc;

use ecash_requests::quorum::{DepositOwnerRequest, OwnerAction, RecordedRequest};
use ecash_requests::{IdentityKey, NetworkIds};
use ecash_service::clock::SharedClock;
use ecash_service::http::{Rate, TokenBuckets};
use ecash_ticketbook::{DepositId, UnixTime};

use super::decide;
use crate::epochs::{EpochWatch, Epochs};
use crate::mirror::Direct;
use crate::refusal::Refusal;
use crate::store::Store;
use crate::store::deposits::DepositRow;
use crate::store::refunds::{Demand, Demanded};
use crate::today;

/// How owners are answered.
#[derive(Clone, Copy, Debug)]
pub struct OwnersOptions {
    /// Signing is switched on.
    pub enabled: bool,
    /// Status questions per deposit.
    pub status_per_deposit: Rate,
    /// Refund demands per deposit.
    pub refund_per_deposit: Rate,
}

/// What the answers stand on.
#[derive(Clone)]
pub struct OwnersParts {
    /// The network.
    pub network: NetworkIds,
    /// The clock.
    pub clock: SharedClock,
    /// The database.
    pub store: Store,
    /// The mirror and the chain behind it.
    pub deposits: Direct,
    /// What is known of the epochs.
    pub epochs: EpochWatch,
}

/// Answers owners of deposits.
#[derive(Clone)]
pub struct Owners {
    parts: OwnersParts,
    enabled: bool,
    status_per_deposit: Arc<TokenBuckets<DepositId>>,
    refund_per_deposit: Arc<TokenBuckets<DepositId>>,
}

/// An owner who has shown that the deposit is theirs.
struct Shown {
    deposit: DepositRow,
    epochs: Arc<Epochs>,
    now: UnixTime,
}

impl Owners {
    /// Answers over `parts`.
    #[must_use]
    pub fn new(parts: OwnersParts, options: OwnersOptions) -> Self {
        Self {
            parts,
            enabled: options.enabled,
            status_per_deposit: Arc::new(TokenBuckets::new(options.status_per_deposit)),
            refund_per_deposit: Arc::new(TokenBuckets::new(options.refund_per_deposit)),
        }
    }

    /// The request that the deposit is bound to here. Records nothing.
    ///
    /// # Errors
    /// The [`Refusal`] of the first check that fails.
    pub async fn status(
        &self,
        id: DepositId,
        request: &DepositOwnerRequest,
    ) -> Result<Option<RecordedRequest>, Refusal> {
        let shown = self.shown(OwnerAction::Status, id, request).await?;
        let standing = self.parts.store.standing(id).await?;
        decide::status(&shown.deposit, standing, &shown.epochs, false)
    }

    /// Writes a refund demand down; asking again changes nothing.
    ///
    /// # Errors
    /// The [`Refusal`] of the first check that fails; nothing has been written then.
    pub async fn refund(
        &self,
        id: DepositId,
        request: &DepositOwnerRequest,
    ) -> Result<(), Refusal> {
        let shown = self.shown(OwnerAction::Refund, id, request).await?;
        let standing = self.parts.store.standing(id).await?;
        decide::refund(&shown.deposit, &standing, shown.now)?;
        let demand = Demand {
            deposit: id,
            request,
            now: shown.now,
        };
        match self.parts.store.record_refund(&demand).await? {
            Demanded::Recorded => Ok(()),
            Demanded::Bound => Err(Refusal::DepositBound(id)),
        }
    }

    /// Gate, deposit, time, signature, rate: in this order, so that only the owner can use the deposit's rate up.
    async fn shown(
        &self,
        action: OwnerAction,
        id: DepositId,
        request: &DepositOwnerRequest,
    ) -> Result<Shown, Refusal> {
        let parts = &self.parts;
        if !self.enabled {
            return Err(Refusal::SignerDisabled);
        }
        let monotonic = parts.clock.monotonic();
        let now = today::now(&*parts.clock);
        let epochs = parts.epochs.fresh(monotonic)?;
        let issuing = epochs.issuing()?;
        if issuing.own_share().is_none() {
            return Err(Refusal::NotASigner(issuing.id));
        }
        let deposit = parts
            .deposits
            .deposit(id)
            .await?
            .ok_or(Refusal::UnknownDeposit(id))?;
        let key = IdentityKey::from_bytes(&deposit.pubkey)
            .map_err(|reason| Refusal::DepositKey { id, reason })?;
        request.check(action, &parts.network, id, &key, now)?;
        let rate = match action {
            OwnerAction::Status => &self.status_per_deposit,
            OwnerAction::Refund => &self.refund_per_deposit,
        };
        rate.take(id, monotonic)?;
        Ok(Shown {
            deposit,
            epochs,
            now,
        })
    }
}
