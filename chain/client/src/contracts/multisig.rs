//! Queries of the multisig (`spec/contracts.md` 4).

use cosmrs::AccountId;
use cosmwasm_std::Empty;
use cw3::{ProposalListResponse, ProposalResponse, VoteInfo, VoteListResponse, VoteResponse};
use ecash_contract_messages::multisig::{Config, MAX_ITEMS_PER_PAGE, QueryMsg};
use serde::de::DeserializeOwned;

use super::{Page, read_all};
use crate::{error::Error, query::QueryClient};

/// The multisig at one address. Every method: [`Error::Query`] with the contract's text, and the errors of every call.
#[derive(Clone, Debug)]
pub struct Multisig {
    chain: QueryClient,
    address: AccountId,
}

impl Multisig {
    pub(crate) fn new(chain: QueryClient, address: AccountId) -> Self {
        Self { chain, address }
    }

    /// The contract's address.
    #[must_use]
    pub fn address(&self) -> &AccountId {
        &self.address
    }

    async fn ask<T: DeserializeOwned>(&self, query: QueryMsg) -> Result<T, Error> {
        self.chain.smart(&self.address, &query).await
    }

    /// The configuration.
    ///
    /// # Errors
    /// See [`Multisig`].
    pub async fn config(&self) -> Result<Config, Error> {
        self.ask(QueryMsg::Config {}).await
    }

    /// One proposal, its status as of now; an unknown id is the contract's error.
    ///
    /// # Errors
    /// See [`Multisig`].
    pub async fn proposal(&self, proposal_id: u64) -> Result<ProposalResponse<Empty>, Error> {
        self.ask(QueryMsg::Proposal { proposal_id }).await
    }

    /// What `voter` voted on a proposal; `None` if it did not.
    ///
    /// # Errors
    /// See [`Multisig`].
    pub async fn vote(
        &self,
        proposal_id: u64,
        voter: &AccountId,
    ) -> Result<Option<VoteInfo>, Error> {
        let answer: VoteResponse = self
            .ask(QueryMsg::Vote {
                proposal_id,
                voter: voter.to_string(),
            })
            .await?;
        Ok(answer.vote)
    }

    /// All votes on a proposal by voter, the proposer's ballot of weight 0 included.
    ///
    /// # Errors
    /// See [`Multisig`]; [`Error::EndlessList`].
    pub async fn votes(&self, proposal_id: u64) -> Result<Vec<VoteInfo>, Error> {
        read_all(
            &self.address,
            "list_votes",
            None,
            |start_after| async move {
                let answer: VoteListResponse = self
                    .ask(QueryMsg::ListVotes {
                        proposal_id,
                        start_after,
                        limit: Some(MAX_ITEMS_PER_PAGE),
                    })
                    .await?;
                let next = answer.votes.last().map(|vote| vote.voter.clone());
                Ok(Page {
                    entries: answer.votes,
                    next,
                })
            },
        )
        .await
    }

    /// The proposals with ids above `last_known`, oldest first (`spec/contracts.md` section 8 no. 2: never from the
    /// beginning again).
    ///
    /// # Errors
    /// See [`Multisig`]; [`Error::EndlessList`].
    pub async fn proposals_after(
        &self,
        last_known: Option<u64>,
    ) -> Result<Vec<ProposalResponse<Empty>>, Error> {
        read_all(
            &self.address,
            "list_proposals",
            last_known,
            |start_after| async move {
                let answer: ProposalListResponse<Empty> = self
                    .ask(QueryMsg::ListProposals {
                        start_after,
                        limit: Some(MAX_ITEMS_PER_PAGE),
                    })
                    .await?;
                let next = answer.proposals.last().map(|proposal| proposal.id);
                Ok(Page {
                    entries: answer.proposals,
                    next,
                })
            },
        )
        .await
    }
}
