//! Queries of the ecash contract (`spec/contracts.md` 6.3, 6.6.5).

use cosmrs::AccountId;
use cosmwasm_std::Coin;
use ecash_contract_messages::ecash::{
    BLACKLIST_PAGE, BlacklistEntry, BlacklistInfo, BlacklistedAccountResponse, CHANGES_PAGE,
    Change, DEPOSITS_PAGE, Date, Deposit, DepositData, DepositId, DepositInfo, DepositInfoResponse,
    DepositRecord, DepositResponse, Gateway, GatewayResponse, LatestDepositResponse,
    LedgerResponse, MoneyConfigResponse, PagedBlacklistedAccountResponse, PagedChangesResponse,
    PagedDepositInfosResponse, PagedDepositsResponse, PagedGatewaysResponse, PriceEntry,
    PriceHistoryResponse, QueryMsg, TicketValueResponse,
};
use serde::de::DeserializeOwned;

use super::{Page, read_all};
use crate::{error::Error, query::QueryClient};

/// The ecash contract at one address. Every method: [`Error::Query`] with the contract's text, and the errors of every
/// call.
///
/// A holder reads lists about which one entry would say something about it whole, and asks by id only for deposits of
/// its own transactions (`spec/client.md` 10).
#[derive(Clone, Debug)]
pub struct Ecash {
    chain: QueryClient,
    address: AccountId,
}

impl Ecash {
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

    /// The default price of a book.
    ///
    /// # Errors
    /// See [`Ecash`].
    pub async fn default_price(&self) -> Result<Coin, Error> {
        self.ask(QueryMsg::GetDefaultDepositAmount {}).await
    }

    /// An account's reduced price; `None` if it has none.
    ///
    /// # Errors
    /// See [`Ecash`].
    pub async fn reduced_price(&self, account: &AccountId) -> Result<Option<Coin>, Error> {
        self.ask(QueryMsg::GetReducedDepositAmount {
            address: account.to_string(),
        })
        .await
    }

    /// A deposit's key; `None` if there is no such deposit.
    ///
    /// # Errors
    /// See [`Ecash`].
    pub async fn deposit(&self, deposit_id: DepositId) -> Result<Option<Deposit>, Error> {
        let answer: DepositResponse = self.ask(QueryMsg::GetDeposit { deposit_id }).await?;
        Ok(answer.deposit)
    }

    /// The latest deposit; `None` before the first.
    ///
    /// # Errors
    /// See [`Ecash`].
    pub async fn latest_deposit(&self) -> Result<Option<DepositData>, Error> {
        let answer: LatestDepositResponse = self.ask(QueryMsg::GetLatestDeposit {}).await?;
        Ok(answer.deposit)
    }

    /// All deposits after `start_after`, or from the first one.
    ///
    /// # Errors
    /// See [`Ecash`]; [`Error::EndlessList`].
    pub async fn deposits_after(
        &self,
        start_after: Option<DepositId>,
    ) -> Result<Vec<DepositData>, Error> {
        read_all(
            &self.address,
            "get_deposits_paged",
            start_after,
            |start_after| async move {
                let answer: PagedDepositsResponse = self
                    .ask(QueryMsg::GetDepositsPaged {
                        limit: Some(DEPOSITS_PAGE.1),
                        start_after,
                    })
                    .await?;
                Ok(Page {
                    entries: answer.deposits,
                    next: answer.start_next_after,
                })
            },
        )
        .await
    }

    /// Payer, amount, time and state of a deposit; `None` if there is no such deposit.
    ///
    /// # Errors
    /// See [`Ecash`].
    pub async fn deposit_info(&self, deposit_id: DepositId) -> Result<Option<DepositInfo>, Error> {
        let answer: DepositInfoResponse = self.ask(QueryMsg::GetDepositInfo { deposit_id }).await?;
        Ok(answer.info)
    }

    /// One page of deposits with everything known of them: those after `start_after`, at most 100, and where the next
    /// page starts.
    ///
    /// # Errors
    /// See [`Ecash`].
    pub async fn deposit_infos_page(
        &self,
        start_after: Option<DepositId>,
    ) -> Result<(Vec<DepositRecord>, Option<DepositId>), Error> {
        let answer: PagedDepositInfosResponse = self
            .ask(QueryMsg::GetDepositInfosPaged {
                limit: Some(DEPOSITS_PAGE.1),
                start_after,
            })
            .await?;
        Ok((answer.deposits, answer.start_next_after))
    }

    /// The blacklist, whole.
    ///
    /// # Errors
    /// See [`Ecash`]; [`Error::EndlessList`].
    pub async fn blacklist(&self) -> Result<Vec<BlacklistEntry>, Error> {
        read_all(
            &self.address,
            "get_blacklist_paged",
            None,
            |start_after| async move {
                let answer: PagedBlacklistedAccountResponse = self
                    .ask(QueryMsg::GetBlacklistPaged {
                        limit: Some(BLACKLIST_PAGE.1),
                        start_after,
                    })
                    .await?;
                Ok(Page {
                    entries: answer.accounts,
                    next: answer.start_next_after,
                })
            },
        )
        .await
    }

    /// One key's blacklist entry. For signers and gateways; a holder never asks for its own key.
    ///
    /// # Errors
    /// See [`Ecash`].
    pub async fn blacklisted(&self, public_key: &str) -> Result<Option<BlacklistInfo>, Error> {
        let answer: BlacklistedAccountResponse = self
            .ask(QueryMsg::GetBlacklistedAccount {
                public_key: public_key.to_owned(),
            })
            .await?;
        Ok(answer.account)
    }

    /// Lowest prices, oldest first.
    ///
    /// # Errors
    /// See [`Ecash`]; [`Error::EndlessList`].
    pub async fn price_history(&self) -> Result<Vec<PriceEntry>, Error> {
        read_all(
            &self.address,
            "get_price_history",
            None,
            |start_after| async move {
                let answer: PriceHistoryResponse = self
                    .ask(QueryMsg::GetPriceHistory {
                        limit: Some(DEPOSITS_PAGE.1),
                        start_after,
                    })
                    .await?;
                Ok(Page {
                    entries: answer.entries,
                    next: answer.start_next_after,
                })
            },
        )
        .await
    }

    /// Value of a ticket spent on a day.
    ///
    /// # Errors
    /// See [`Ecash`].
    pub async fn ticket_value(&self, date: Date) -> Result<TicketValueResponse, Error> {
        self.ask(QueryMsg::GetTicketValue { date }).await
    }

    /// The ledger.
    ///
    /// # Errors
    /// See [`Ecash`].
    pub async fn ledger(&self) -> Result<LedgerResponse, Error> {
        self.ask(QueryMsg::GetLedger {}).await
    }

    /// Who may do what.
    ///
    /// # Errors
    /// See [`Ecash`].
    pub async fn money_config(&self) -> Result<MoneyConfigResponse, Error> {
        self.ask(QueryMsg::GetMoneyConfig {}).await
    }

    /// A gateway by its account, in any state.
    ///
    /// # Errors
    /// See [`Ecash`].
    pub async fn gateway(&self, account: &AccountId) -> Result<Option<Gateway>, Error> {
        let answer: GatewayResponse = self
            .ask(QueryMsg::GetGateway {
                address: account.to_string(),
            })
            .await?;
        Ok(answer.gateway)
    }

    /// A gateway by its present or a former key.
    ///
    /// # Errors
    /// See [`Ecash`].
    pub async fn gateway_by_identity(&self, identity_key: &str) -> Result<Option<Gateway>, Error> {
        let answer: GatewayResponse = self
            .ask(QueryMsg::GetGatewayByIdentity {
                identity_key: identity_key.to_owned(),
            })
            .await?;
        Ok(answer.gateway)
    }

    /// All gateways that are or were admitted.
    ///
    /// # Errors
    /// See [`Ecash`]; [`Error::EndlessList`].
    pub async fn gateways(&self) -> Result<Vec<Gateway>, Error> {
        read_all(
            &self.address,
            "get_gateways_paged",
            None,
            |start_after| async move {
                let answer: PagedGatewaysResponse = self
                    .ask(QueryMsg::GetGatewaysPaged {
                        limit: Some(DEPOSITS_PAGE.1),
                        start_after,
                    })
                    .await?;
                Ok(Page {
                    entries: answer.gateways,
                    next: answer.start_next_after,
                })
            },
        )
        .await
    }

    /// The log of changes after entry `start_after`, or from the first one.
    ///
    /// # Errors
    /// See [`Ecash`]; [`Error::EndlessList`].
    pub async fn changes_after(&self, start_after: Option<u64>) -> Result<Vec<Change>, Error> {
        read_all(
            &self.address,
            "get_changes_paged",
            start_after,
            |start_after| async move {
                let answer: PagedChangesResponse = self
                    .ask(QueryMsg::GetChangesPaged {
                        limit: Some(CHANGES_PAGE.1),
                        start_after,
                    })
                    .await?;
                Ok(Page {
                    entries: answer.changes,
                    next: answer.start_next_after,
                })
            },
        )
        .await
    }
}
