//! Queries of the group contract (`spec/contracts.md` 3).

use cosmrs::AccountId;
use ecash_contract_messages::group::{MAX_MEMBERS_PER_PAGE, QueryMsg};
use serde::Deserialize;

use super::{Page, read_all};
use crate::{error::Error, query::QueryClient};

/// A member of the group.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct GroupMember {
    /// Its address.
    pub addr: String,
    /// Its weight; members of weight 0 neither register nor vote.
    pub weight: u64,
}

#[derive(Deserialize)]
struct MemberList {
    members: Vec<GroupMember>,
}

#[derive(Deserialize)]
struct Weight {
    weight: Option<u64>,
}

/// The group contract at one address. Every method: [`Error::Query`] with the contract's text, and the errors of every
/// call.
#[derive(Clone, Debug)]
pub struct Group {
    chain: QueryClient,
    address: AccountId,
}

impl Group {
    pub(crate) fn new(chain: QueryClient, address: AccountId) -> Self {
        Self { chain, address }
    }

    /// The contract's address.
    #[must_use]
    pub fn address(&self) -> &AccountId {
        &self.address
    }

    /// Weight of an address, at the start of a block or now; `None` for a stranger.
    ///
    /// # Errors
    /// See [`Group`].
    pub async fn member_weight(
        &self,
        member: &AccountId,
        at_height: Option<u64>,
    ) -> Result<Option<u64>, Error> {
        let answer: Weight = self
            .chain
            .smart(
                &self.address,
                &QueryMsg::Member {
                    addr: member.to_string(),
                    at_height,
                },
            )
            .await?;
        Ok(answer.weight)
    }

    /// All members, ascending by address.
    ///
    /// # Errors
    /// See [`Group`]; [`Error::EndlessList`].
    pub async fn members(&self) -> Result<Vec<GroupMember>, Error> {
        read_all(
            &self.address,
            "list_members",
            None,
            |start_after| async move {
                let answer: MemberList = self
                    .chain
                    .smart(
                        &self.address,
                        &QueryMsg::ListMembers {
                            start_after,
                            limit: Some(MAX_MEMBERS_PER_PAGE),
                        },
                    )
                    .await?;
                let next = answer.members.last().map(|member| member.addr.clone());
                Ok(Page {
                    entries: answer.members,
                    next,
                })
            },
        )
        .await
    }
}
