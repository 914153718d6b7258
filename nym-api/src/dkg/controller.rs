//! The loop that acts for this member in a ceremony: look at the chain → already done? → stored? → send → confirm
//! (`dkg.md` 13.1, 13.2). The loop never ends on an error; time is block time but for staggers and pauses.

mod agreement;
mod voting;

use std::collections::BTreeMap;
use std::time::Duration;

use ecash_contract_messages::dkg::{DealerDetails, Epoch, EpochState, ExecuteMsg};
use ecash_requests::IdentityKey;
use ecash_service::clock::SharedClock;
use ecash_service::shutdown::Shutdown;
use ecash_ticketbook::{EpochId, NodeIndex};
use nyx_client::{Address, Dkg, Group, Msg, Multisig, QueryClient, Sender};

use super::proposal::share_hash;
use crate::error::{Error, Result};
use crate::keys::KeyRing;
use crate::store::Store;

/// What stands in the field of the receiver key while keys come from a dealer.
pub const NO_RECEIVER_KEY: &str = "none-v1-";
/// Seconds between two members' attempts to advance a phase.
const STAGGER_SECS: u64 = 3;
/// The longest a member waits before it advances a phase, in seconds.
const MAX_STAGGER_SECS: u64 = 60;
/// How often late shares are looked for while an epoch is in progress.
const LATE_SHARES_EVERY: Duration = Duration::from_secs(60);

/// What the controller stands on.
pub struct ControllerParts {
    /// The chain.
    pub chain: QueryClient,
    /// The DKG contract.
    pub dkg: Address,
    /// The group contract.
    pub group: Address,
    /// The multisig.
    pub multisig: Address,
    /// The outbox of this member's account.
    pub sender: Sender,
    /// The member's identity.
    pub identity: IdentityKey,
    /// URL that is announced.
    pub announce_address: String,
    /// The single endpoint is the operator's own.
    pub own_node: bool,
    /// The signing keys.
    pub keys: KeyRing,
    /// The database.
    pub store: Store,
    /// The clock.
    pub clock: SharedClock,
    /// Time between two looks.
    pub every: Duration,
}

/// Acts for one member.
pub struct Controller {
    parts: ControllerParts,
    dkg: Dkg,
    group: Group,
    multisig: Multisig,
    /// Since when the present phase can be advanced.
    can_advance: Option<(EpochId, EpochState, Duration)>,
    /// When a proposal was first seen passed.
    passed: BTreeMap<u64, Duration>,
    late_shares_at: Option<Duration>,
    last_trouble: Option<String>,
}

impl Controller {
    /// A controller over `parts`.
    #[must_use]
    pub fn new(parts: ControllerParts) -> Self {
        let dkg = parts.chain.dkg(&parts.dkg);
        let group = parts.chain.group(&parts.group);
        let multisig = parts.chain.multisig(&parts.multisig);
        Self {
            parts,
            dkg,
            group,
            multisig,
            can_advance: None,
            passed: BTreeMap::new(),
            late_shares_at: None,
            last_trouble: None,
        }
    }

    /// Runs until `shutdown`.
    pub async fn run(mut self, shutdown: Shutdown) {
        loop {
            let round = async {
                match self.round().await {
                    Ok(()) => self.last_trouble = None,
                    Err(error) => self.report(&error),
                }
                tokio::time::sleep(self.parts.every).await;
            };
            tokio::select! {
                () = shutdown.requested() => return,
                () = round => {}
            }
        }
    }

    fn report(&mut self, error: &Error) {
        let text = error.to_string();
        if self.last_trouble.as_ref() != Some(&text) {
            tracing::warn!(
                error = text,
                "a step of the ceremony failed; it is tried again"
            );
        }
        self.last_trouble = Some(text);
    }

    fn own(&self) -> &Address {
        self.parts.sender.address()
    }

    /// One look at the chain, and what follows from it.
    ///
    /// # Errors
    /// [`Error::Chain`], [`Error::ChainData`], [`Error::KeyFile`], [`Error::Database`]; tried again at the next round.
    pub async fn round(&mut self) -> Result<()> {
        let epoch = self.dkg.current_epoch().await?;
        match epoch.state {
            EpochState::WaitingInitialisation => return Ok(()),
            EpochState::PublicKeySubmission { resharing } => {
                self.register(&epoch, resharing).await?
            }
            EpochState::DealingExchange { .. } => {}
            EpochState::VerificationKeySubmission { resharing } => {
                self.submit_share(&epoch, resharing).await?;
            }
            EpochState::VerificationKeyValidation { resharing }
            | EpochState::VerificationKeyFinalization { resharing } => {
                self.submit_share(&epoch, resharing).await?;
                self.vote_and_execute(&epoch, resharing).await?;
            }
            EpochState::InProgress => return self.in_progress(&epoch).await,
        }
        self.advance(&epoch).await
    }

    async fn register(&self, epoch: &Epoch, resharing: bool) -> Result<()> {
        if self
            .dkg
            .registered_dealer(self.own(), Some(epoch.epoch_id))
            .await?
            .is_some()
        {
            return Ok(());
        }
        let weight = self
            .group
            .member_weight(self.own(), None)
            .await?
            .unwrap_or(0);
        if weight == 0 {
            tracing::debug!(account = %self.own(), "not a member of the group; nothing is registered");
            return Ok(());
        }
        tracing::info!(epoch = epoch.epoch_id, "registering as a dealer");
        self.execute(&ExecuteMsg::RegisterDealer {
            bte_key_with_proof: NO_RECEIVER_KEY.to_owned(),
            identity_key: self.parts.identity.to_string(),
            announce_address: self.parts.announce_address.clone(),
            resharing,
        })
        .await
    }

    /// Submits the share of the own key file, if the file is there and the share is not on chain yet.
    async fn submit_share(&self, epoch: &Epoch, resharing: bool) -> Result<()> {
        let id = EpochId(epoch.epoch_id);
        let Some(index) = self.own_index(epoch.epoch_id).await? else {
            return Ok(());
        };
        let Some(key) = self.parts.keys.load(id, index)? else {
            return Ok(());
        };
        let text = key.verification_key().to_base58();
        if let Some(on_chain) = self.dkg.key_share(epoch.epoch_id, self.own()).await? {
            if on_chain.share != text {
                return Err(Error::ChainData {
                    what: "own key share on chain",
                    value: share_hash(&on_chain.share),
                    reason: format!(
                        "the key file gives {}; this account is used by another program",
                        share_hash(&text)
                    ),
                });
            }
            return Ok(());
        }
        tracing::info!(epoch = epoch.epoch_id, node_index = %index, "submitting the key share");
        self.execute(&ExecuteMsg::CommitVerificationKeyShare {
            share: text,
            outcome: None,
            resharing,
        })
        .await
    }

    async fn own_index(&self, epoch_id: u64) -> Result<Option<NodeIndex>> {
        let own = self.own().to_string();
        let dealers = self.dkg.epoch_dealers(epoch_id).await?;
        Ok(dealers
            .iter()
            .find(|dealer| dealer.address.as_str() == own)
            .map(|dealer| NodeIndex(dealer.assigned_index)))
    }

    async fn in_progress(&mut self, epoch: &Epoch) -> Result<()> {
        let Some(own) = self
            .dkg
            .registered_dealer(self.own(), Some(epoch.epoch_id))
            .await?
        else {
            return Ok(());
        };
        let resharing = self.dkg.ceremony(Some(epoch.epoch_id)).await?.resharing;
        self.submit_share(epoch, resharing).await?;
        let Some(own_share) = self.dkg.key_share(epoch.epoch_id, self.own()).await? else {
            return Ok(());
        };
        if own.announce_address != self.parts.announce_address {
            tracing::info!(
                new = self.parts.announce_address,
                "announcing another address"
            );
            let new_address = self.parts.announce_address.clone();
            self.execute(&ExecuteMsg::UpdateAnnounceAddress { new_address })
                .await?;
        }
        let now = self.parts.clock.monotonic();
        let due = self
            .late_shares_at
            .is_none_or(|at| now.saturating_sub(at) >= LATE_SHARES_EVERY);
        if due || !own_share.verified {
            self.late_shares_at = Some(now);
            self.vote_and_execute(epoch, resharing).await?;
        }
        Ok(())
    }

    /// Own position among the dealers, by account.
    fn position(&self, dealers: &[DealerDetails]) -> Option<usize> {
        let own = self.own().to_string();
        dealers
            .iter()
            .position(|dealer| dealer.address.as_str() == own)
    }

    /// Advances the phase when it can be advanced, after a stagger so that one member does it.
    async fn advance(&mut self, epoch: &Epoch) -> Result<()> {
        if !self.advanceable().await? {
            self.can_advance = None;
            return Ok(());
        }
        let now = self.parts.clock.monotonic();
        let key = (EpochId(epoch.epoch_id), epoch.state);
        let since = match self.can_advance {
            Some((id, state, since)) if (id, state) == key => since,
            _ => now,
        };
        self.can_advance = Some((key.0, key.1, since));
        let dealers = self.dkg.epoch_dealers(epoch.epoch_id).await?;
        let Some(position) = self.position(&dealers) else {
            return Ok(());
        };
        if now.saturating_sub(since) < stagger(position, epoch.epoch_id, dealers.len())
            || !self.advanceable().await?
        {
            return Ok(());
        }
        tracing::info!(epoch = epoch.epoch_id, state = ?epoch.state, "advancing the phase");
        self.can_advance = None;
        self.execute(&ExecuteMsg::AdvanceEpochState {}).await
    }

    async fn advanceable(&self) -> Result<bool> {
        let can = self.dkg.can_advance().await?;
        Ok(can.reached_deadline || can.is_complete)
    }

    async fn execute(&self, message: &ExecuteMsg) -> Result<()> {
        self.parts
            .sender
            .send(vec![Msg::execute(&self.parts.dkg, message, vec![])?], "")
            .await?;
        Ok(())
    }
}

/// `((position + epoch) mod n) · 3 s`, at most 60 s.
fn stagger(position: usize, epoch: u64, dealers: usize) -> Duration {
    let count = u64::try_from(dealers).unwrap_or(1).max(1);
    let turn = u64::try_from(position).unwrap_or(0).wrapping_add(epoch) % count;
    Duration::from_secs(turn.saturating_mul(STAGGER_SECS).min(MAX_STAGGER_SECS))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn members_take_turns_in_advancing_and_the_turn_moves_with_the_epoch() {
        let secs = |position, epoch| stagger(position, epoch, 5).as_secs();
        assert_eq!(
            (0..5).map(|position| secs(position, 0)).collect::<Vec<_>>(),
            [0, 3, 6, 9, 12]
        );
        assert_eq!(
            (0..5).map(|position| secs(position, 1)).collect::<Vec<_>>(),
            [3, 6, 9, 12, 0]
        );
        assert_eq!(stagger(99, 0, 100).as_secs(), 60);
        assert_eq!(stagger(0, 0, 0).as_secs(), 0);
    }
}
