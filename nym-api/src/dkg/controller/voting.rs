//! Judging others' key shares, voting on them, executing what passed (`dkg.md` 10.2 – 10.5).

use std::time::Duration;

use cosmwasm_std::Empty;
use cw3::{ProposalResponse, Status, Vote};
use ecash_contract_messages::dkg::{DealerDetails, Epoch, KeyShare};
use ecash_contract_messages::multisig;
use ecash_ticketbook::{EpochId, NodeIndex};
use nyx_client::{Msg, parse_address};

use super::Controller;
use super::agreement::agree;
use crate::dkg::judge::{Submitted, Verdict, judge};
use crate::dkg::proposal::{self, Expected, share_hash};
use crate::error::{Error, Result};
use crate::store::verdicts::VerdictRow;
use crate::today::now;

/// Votes in one transaction.
const MAX_VOTES_PER_TX: usize = 20;
/// A passed proposal of somebody else is executed this long after it was first seen passed.
const EXECUTE_OTHERS_AFTER: Duration = Duration::from_secs(60);

/// A dealer's share with the proposal about it.
struct OpenShare {
    share: KeyShare,
    hash: String,
    proposal: ProposalResponse<Empty>,
}

impl Controller {
    /// Judges every unverified share, votes where nobody's vote is missing but the own, executes what passed.
    pub(super) async fn vote_and_execute(&mut self, epoch: &Epoch, resharing: bool) -> Result<()> {
        let id = EpochId(epoch.epoch_id);
        let dealers = self.dkg.epoch_dealers(epoch.epoch_id).await?;
        let Some(position) = self.position(&dealers) else {
            return Ok(());
        };
        let Some(own) = dealers.get(position) else {
            return Ok(());
        };
        let own_index = NodeIndex(own.assigned_index);
        let Some(key) = self.parts.keys.load(id, own_index)? else {
            return Ok(()); // without the own file nothing is known of the master key, so nothing is judged
        };
        let mut shares = Vec::new();
        for dealer in dealers.iter().cycle().skip(position).take(dealers.len()) {
            if let Some(share) = self.agreed_share(epoch.epoch_id, dealer).await? {
                shares.push(share);
            }
        }
        if shares.iter().all(|share| share.verified) {
            return Ok(());
        }
        let submitted: Vec<Submitted> = shares
            .iter()
            .map(|share| Submitted {
                index: NodeIndex(share.node_index),
                text: share.share.clone(),
            })
            .collect();
        let (threshold, master) = (key.threshold(), key.master().clone());
        let on_chain = self.dkg.epoch_threshold(epoch.epoch_id).await?;
        if on_chain != Some(threshold) {
            return Err(Error::ChainData {
                what: "threshold of the epoch",
                value: format!("{on_chain:?}"),
                reason: format!("the own key file is of a {threshold}-share key"),
            });
        }
        let verdicts =
            tokio::task::spawn_blocking(move || judge(&submitted, threshold, &master, own_index))
                .await
                .map_err(|e| Error::ChainData {
                    what: "key shares",
                    value: epoch.epoch_id.to_string(),
                    reason: e.to_string(),
                })?;

        let mut votes = Vec::new();
        for (share, (_, verdict)) in shares.iter().zip(verdicts) {
            if share.verified {
                continue;
            }
            let Some(open) = self.open_share(epoch.epoch_id, share, resharing).await? else {
                continue;
            };
            match open.proposal.status {
                Status::Passed => self.execute_passed(&open).await?,
                Status::Open => {
                    if let Some(verdict) = verdict
                        && let Some(vote) = self.vote(id, &open, &verdict).await?
                    {
                        votes.push(vote);
                    }
                }
                _ => {}
            }
        }
        for chunk in votes.chunks(MAX_VOTES_PER_TX) {
            self.parts.sender.send(chunk.to_vec(), "").await?;
        }
        Ok(())
    }

    /// A share as all endpoints show it.
    async fn agreed_share(
        &self,
        epoch_id: u64,
        dealer: &DealerDetails,
    ) -> Result<Option<KeyShare>> {
        let owner = parse_address(dealer.address.as_str())?;
        if self.parts.own_node {
            return Ok(self.dkg.key_share(epoch_id, &owner).await?);
        }
        let mut answers = Vec::new();
        for client in self.parts.chain.each() {
            answers.push(
                client
                    .dkg(&self.parts.dkg)
                    .key_share(epoch_id, &owner)
                    .await,
            );
        }
        agree("key share", answers)
    }

    /// The proposal about a share as all endpoints show it, if it is exactly that.
    async fn open_share(
        &self,
        epoch_id: u64,
        share: &KeyShare,
        resharing: bool,
    ) -> Result<Option<OpenShare>> {
        let owner = parse_address(share.owner.as_str())?;
        let Some(named) = self.dkg.verification_proposal(epoch_id, &owner).await? else {
            return Ok(None);
        };
        let hash = share_hash(&share.share);
        let proposal = self.agreed_proposal(named.proposal_id).await?;
        let dkg_contract = self.parts.dkg.to_string();
        let expected = Expected {
            dkg_contract: &dkg_contract,
            owner: share.owner.as_str(),
            resharing,
            epoch_id,
            share_hash: &hash,
        };
        if let Err(reason) = proposal::check(&proposal, &expected) {
            tracing::error!(
                node_index = share.node_index,
                proposal = named.proposal_id,
                reason,
                "BadProposal: no vote"
            );
            return Ok(None);
        }
        Ok(Some(OpenShare {
            share: share.clone(),
            hash,
            proposal,
        }))
    }

    async fn agreed_proposal(&self, proposal_id: u64) -> Result<ProposalResponse<Empty>> {
        if self.parts.own_node {
            return Ok(self.multisig.proposal(proposal_id).await?);
        }
        let mut answers = Vec::new();
        for client in self.parts.chain.each() {
            answers.push(
                client
                    .multisig(&self.parts.multisig)
                    .proposal(proposal_id)
                    .await,
            );
        }
        agree("proposal", answers)
    }

    /// The vote that follows from a verdict, stored before it leaves; `None` if it was cast already.
    async fn vote(
        &self,
        epoch: EpochId,
        open: &OpenShare,
        verdict: &Verdict,
    ) -> Result<Option<Msg>> {
        let proposal_id = open.proposal.id;
        if self.multisig.vote(proposal_id, self.own()).await?.is_some() {
            return Ok(None);
        }
        let refused = match verdict {
            Verdict::Good => None,
            Verdict::Bad(reason) => Some(reason.clone()),
        };
        if let Some(reason) = &refused {
            tracing::error!(node_index = open.share.node_index, owner = %open.share.owner, reason, "BadKeyShare: voting no");
        }
        let row = VerdictRow {
            epoch,
            index: NodeIndex(open.share.node_index),
            share_hash: open.hash.clone(),
            owner: open.share.owner.to_string(),
            proposal_id,
            refused,
        };
        self.parts
            .store
            .put_verdict(&row, now(&*self.parts.clock))
            .await?;
        let vote = if row.refused.is_none() {
            Vote::Yes
        } else {
            Vote::No
        };
        let message = multisig::ExecuteMsg::Vote { proposal_id, vote };
        Ok(Some(Msg::execute(&self.parts.multisig, &message, vec![])?))
    }

    /// Executes a passed proposal: the own one at once, others' when their owners do not.
    async fn execute_passed(&mut self, open: &OpenShare) -> Result<()> {
        let proposal_id = open.proposal.id;
        let now = self.parts.clock.monotonic();
        let first_seen = *self.passed.entry(proposal_id).or_insert(now);
        let is_own = open.share.owner.as_str() == self.own().to_string();
        if !is_own && now.saturating_sub(first_seen) < EXECUTE_OTHERS_AFTER {
            return Ok(());
        }
        tracing::info!(
            proposal_id,
            node_index = open.share.node_index,
            "executing a passed proposal"
        );
        let message = multisig::ExecuteMsg::Execute { proposal_id };
        self.parts
            .sender
            .send(
                vec![Msg::execute(&self.parts.multisig, &message, vec![])?],
                "",
            )
            .await?;
        self.passed.remove(&proposal_id);
        self.late_shares_at = None;
        Ok(())
    }
}
