//! Accounts and their balances.

use cosmrs::{
    AccountId,
    proto::{
        cosmos::{
            auth::v1beta1::{
                BaseAccount, ModuleAccount, QueryAccountRequest, QueryAccountResponse,
            },
            bank::v1beta1::{
                QueryAllBalancesRequest, QueryAllBalancesResponse, QueryBalanceRequest,
                QueryBalanceResponse,
            },
            base::{query::v1beta1::PageRequest, v1beta1::Coin as ProtoCoin},
            vesting::v1beta1::{
                BaseVestingAccount, ContinuousVestingAccount, DelayedVestingAccount,
                PeriodicVestingAccount, PermanentLockedAccount,
            },
        },
        prost::Message,
    },
};
use cosmwasm_std::{Coin, Uint128};

use super::QueryClient;
use crate::{error::Error, limits};

/// An account's record in the chain's `auth` module.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AccountState {
    /// Its number, part of what is signed.
    pub number: u64,
    /// Sequence number of its next transaction.
    pub sequence: u64,
}

impl QueryClient {
    /// The account's number and sequence; `None` if the chain has never seen it.
    ///
    /// # Errors
    /// Those of every call; [`Error::Garbage`] for an account type that is not understood (base, module and the vesting
    /// types are).
    pub async fn account(&self, address: &AccountId) -> Result<Option<AccountState>, Error> {
        let request = QueryAccountRequest {
            address: address.to_string(),
        };
        let answer: QueryAccountResponse = match self
            .abci("/cosmos.auth.v1beta1.Query/Account", &request)
            .await
        {
            Ok(answer) => answer,
            Err(Error::Query { log, .. }) if log.contains("not found") => return Ok(None),
            Err(error) => return Err(error),
        };
        let any = answer
            .account
            .ok_or_else(|| self.shapeless("Account", "no account"))?;
        let base = base_account(&any.type_url, &any.value)
            .map_err(|reason| self.shapeless("Account", &reason))?;
        Ok(Some(AccountState {
            number: base.account_number,
            sequence: base.sequence,
        }))
    }

    /// The account's balance in one denom; zero if it has none.
    ///
    /// # Errors
    /// Those of every call.
    pub async fn balance(&self, address: &AccountId, denom: &str) -> Result<Coin, Error> {
        let request = QueryBalanceRequest {
            address: address.to_string(),
            denom: denom.to_owned(),
        };
        let answer: QueryBalanceResponse = self
            .abci("/cosmos.bank.v1beta1.Query/Balance", &request)
            .await?;
        match answer.balance {
            Some(coin) => self.coin(coin),
            None => Ok(Coin::new(0_u128, denom)),
        }
    }

    /// All balances of the account.
    ///
    /// # Errors
    /// Those of every call; [`Error::EndlessList`] beyond [`limits::MAX_BALANCE_PAGES`] pages.
    pub async fn balances(&self, address: &AccountId) -> Result<Vec<Coin>, Error> {
        let mut coins = Vec::new();
        let mut key = Vec::new();
        for _ in 0..limits::MAX_BALANCE_PAGES {
            let request = QueryAllBalancesRequest {
                address: address.to_string(),
                pagination: Some(PageRequest {
                    key,
                    ..PageRequest::default()
                }),
                resolve_denom: false,
            };
            let answer: QueryAllBalancesResponse = self
                .abci("/cosmos.bank.v1beta1.Query/AllBalances", &request)
                .await?;
            let empty = answer.balances.is_empty();
            for coin in answer.balances {
                coins.push(self.coin(coin)?);
            }
            key = answer
                .pagination
                .map(|page| page.next_key)
                .unwrap_or_default();
            if empty || key.is_empty() {
                return Ok(coins);
            }
        }
        Err(Error::EndlessList {
            contract: format!("account {address}"),
            query: "AllBalances",
            pages: limits::MAX_BALANCE_PAGES,
        })
    }

    fn coin(&self, coin: ProtoCoin) -> Result<Coin, Error> {
        let amount: u128 = coin.amount.parse().map_err(|_| {
            self.shapeless("bank query", &format!("{:?} is no amount", coin.amount))
        })?;
        Ok(Coin {
            denom: coin.denom,
            amount: Uint128::new(amount),
        })
    }
}

/// The base account inside any account type that the SDK has.
fn base_account(type_url: &str, value: &[u8]) -> Result<BaseAccount, String> {
    fn decode<M: Message + Default>(value: &[u8]) -> Result<M, String> {
        M::decode(value).map_err(|e| e.to_string())
    }
    let vesting: Option<BaseVestingAccount> = match type_url.trim_start_matches('/') {
        "cosmos.auth.v1beta1.BaseAccount" => return decode(value),
        "cosmos.auth.v1beta1.ModuleAccount" => {
            return decode::<ModuleAccount>(value)?
                .base_account
                .ok_or_else(|| "module account without base account".to_owned());
        }
        "cosmos.vesting.v1beta1.BaseVestingAccount" => Some(decode(value)?),
        "cosmos.vesting.v1beta1.ContinuousVestingAccount" => {
            decode::<ContinuousVestingAccount>(value)?.base_vesting_account
        }
        "cosmos.vesting.v1beta1.DelayedVestingAccount" => {
            decode::<DelayedVestingAccount>(value)?.base_vesting_account
        }
        "cosmos.vesting.v1beta1.PeriodicVestingAccount" => {
            decode::<PeriodicVestingAccount>(value)?.base_vesting_account
        }
        "cosmos.vesting.v1beta1.PermanentLockedAccount" => {
            decode::<PermanentLockedAccount>(value)?.base_vesting_account
        }
        other => return Err(format!("account type {other:?} is not understood")),
    };
    vesting
        .and_then(|account| account.base_account)
        .ok_or_else(|| "vesting account without base account".to_owned())
}
