//! Queries of the DKG contract (`spec/contracts.md` 5.5, `spec/dkg.md` 12.5).

use cosmrs::AccountId;
use ecash_contract_messages::dkg::{
    CanAdvanceStateResponse, CeremonyResponse, CeremonyRules, DEALERS_PAGE, DealerDetails,
    DealerDetailsResponse, DealerIndicesResponse, DealerRegistration, DealersResponse, Epoch,
    EpochId, INDICES_PAGE, KEY_SHARES_PAGE, KeyShare, KeyShareResponse, KeySharesResponse,
    NodeIndex, QueryMsg, RegisteredDealerResponse, StateResponse, VerificationProposal,
    VerificationProposalResponse,
};
use serde::de::DeserializeOwned;

use super::{Page, read_all};
use crate::{error::Error, query::QueryClient};

/// The DKG contract at one address. Every method: [`Error::Query`] with the contract's text, and the errors of every
/// call.
#[derive(Clone, Debug)]
pub struct Dkg {
    chain: QueryClient,
    address: AccountId,
}

impl Dkg {
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

    /// The fixed settings.
    ///
    /// # Errors
    /// See [`Dkg`].
    pub async fn state(&self) -> Result<StateResponse, Error> {
        self.ask(QueryMsg::GetState {}).await
    }

    /// The current epoch.
    ///
    /// # Errors
    /// See [`Dkg`].
    pub async fn current_epoch(&self) -> Result<Epoch, Error> {
        self.ask(QueryMsg::GetCurrentEpochState {}).await
    }

    /// The epoch at the start of block `height`.
    ///
    /// # Errors
    /// See [`Dkg`].
    pub async fn epoch_at_height(&self, height: u64) -> Result<Option<Epoch>, Error> {
        self.ask(QueryMsg::GetEpochStateAtHeight { height }).await
    }

    /// Threshold of an epoch; `None` where none was fixed.
    ///
    /// # Errors
    /// See [`Dkg`].
    pub async fn epoch_threshold(&self, epoch_id: EpochId) -> Result<Option<u64>, Error> {
        self.ask(QueryMsg::GetEpochThreshold { epoch_id }).await
    }

    /// Whether the phase can be advanced.
    ///
    /// # Errors
    /// See [`Dkg`].
    pub async fn can_advance(&self) -> Result<CanAdvanceStateResponse, Error> {
        self.ask(QueryMsg::CanAdvanceState {}).await
    }

    /// Record of a ceremony; the current one without an id.
    ///
    /// # Errors
    /// See [`Dkg`].
    pub async fn ceremony(&self, epoch_id: Option<EpochId>) -> Result<CeremonyResponse, Error> {
        self.ask(QueryMsg::GetCeremony { epoch_id }).await
    }

    /// The rules of later ceremonies.
    ///
    /// # Errors
    /// See [`Dkg`].
    pub async fn ceremony_rules(&self) -> Result<CeremonyRules, Error> {
        self.ask(QueryMsg::GetCeremonyRules {}).await
    }

    /// A dealer's registration in an epoch; the current one without an id.
    ///
    /// # Errors
    /// See [`Dkg`].
    pub async fn registered_dealer(
        &self,
        dealer: &AccountId,
        epoch_id: Option<EpochId>,
    ) -> Result<Option<DealerRegistration>, Error> {
        let answer: RegisteredDealerResponse = self
            .ask(QueryMsg::GetRegisteredDealer {
                dealer_address: dealer.to_string(),
                epoch_id,
            })
            .await?;
        Ok(answer.details)
    }

    /// A dealer with its node index, and whether it takes part now.
    ///
    /// # Errors
    /// See [`Dkg`].
    pub async fn dealer(&self, dealer: &AccountId) -> Result<DealerDetailsResponse, Error> {
        self.ask(QueryMsg::GetDealerDetails {
            dealer_address: dealer.to_string(),
        })
        .await
    }

    /// All dealers of an epoch, ascending by address.
    ///
    /// # Errors
    /// See [`Dkg`]; [`Error::EndlessList`].
    pub async fn epoch_dealers(&self, epoch_id: EpochId) -> Result<Vec<DealerDetails>, Error> {
        read_all(
            &self.address,
            "get_epoch_dealers",
            None,
            |start_after| async move {
                let answer: DealersResponse = self
                    .ask(QueryMsg::GetEpochDealers {
                        epoch_id,
                        limit: Some(DEALERS_PAGE.1),
                        start_after,
                    })
                    .await?;
                Ok(Page {
                    entries: answer.dealers,
                    next: answer.start_next_after.map(String::from),
                })
            },
        )
        .await
    }

    /// Every node index ever given, with its present owner.
    ///
    /// # Errors
    /// See [`Dkg`]; [`Error::EndlessList`].
    pub async fn dealer_indices(&self) -> Result<Vec<(String, NodeIndex)>, Error> {
        read_all(
            &self.address,
            "get_dealer_indices",
            None,
            |start_after| async move {
                let answer: DealerIndicesResponse = self
                    .ask(QueryMsg::GetDealerIndices {
                        limit: Some(INDICES_PAGE.1),
                        start_after,
                    })
                    .await?;
                Ok(Page {
                    entries: answer
                        .indices
                        .into_iter()
                        .map(|(owner, index)| (owner.into(), index))
                        .collect(),
                    next: answer.start_next_after.map(String::from),
                })
            },
        )
        .await
    }

    /// One dealer's key share, verified or not.
    ///
    /// # Errors
    /// See [`Dkg`].
    pub async fn key_share(
        &self,
        epoch_id: EpochId,
        owner: &AccountId,
    ) -> Result<Option<KeyShare>, Error> {
        let answer: KeyShareResponse = self
            .ask(QueryMsg::GetVerificationKey {
                epoch_id,
                owner: owner.to_string(),
            })
            .await?;
        Ok(answer.share)
    }

    /// All key shares of an epoch: the verified ones once it has concluded, otherwise all.
    ///
    /// # Errors
    /// See [`Dkg`]; [`Error::EndlessList`].
    pub async fn key_shares(&self, epoch_id: EpochId) -> Result<Vec<KeyShare>, Error> {
        read_all(
            &self.address,
            "get_verification_keys",
            None,
            |start_after| async move {
                let answer: KeySharesResponse = self
                    .ask(QueryMsg::GetVerificationKeys {
                        epoch_id,
                        limit: Some(KEY_SHARES_PAGE.1),
                        start_after,
                    })
                    .await?;
                Ok(Page {
                    entries: answer.shares,
                    next: answer.start_next_after.map(String::from),
                })
            },
        )
        .await
    }

    /// The proposal that verifies a dealer's key share.
    ///
    /// # Errors
    /// See [`Dkg`].
    pub async fn verification_proposal(
        &self,
        epoch_id: EpochId,
        owner: &AccountId,
    ) -> Result<Option<VerificationProposal>, Error> {
        let answer: VerificationProposalResponse = self
            .ask(QueryMsg::GetVerificationProposal {
                epoch_id,
                owner: owner.to_string(),
            })
            .await?;
        Ok(answer.proposal)
    }
}
