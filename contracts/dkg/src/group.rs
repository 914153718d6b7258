//! What the contract asks the group.

use cosmwasm_std::{Addr, Deps, StdResult};
use cw4::Cw4Contract;
use ecash_contract_messages::dkg::{EpochId, GROUP_PAGE, MAX_DEALERS, MAX_GROUP_PAGES};

use crate::{
    clock::Attendance,
    error::ContractError,
    state::{DEALER_INDEX, REGISTRATIONS, STATE},
};

fn group(deps: Deps) -> StdResult<Cw4Contract> {
    Ok(Cw4Contract(STATE.load(deps.storage)?.group_addr))
}

/// Refuses a sender that is not a member of weight ≥ 1 now.
pub(crate) fn check_voting_member(deps: Deps, sender: &Addr) -> Result<(), ContractError> {
    match group(deps)?.is_voting_member(&deps.querier, sender, None)? {
        Some(_) => Ok(()),
        None => Err(ContractError::Unauthorized {
            sender: sender.clone(),
        }),
    }
}

/// Counts the members of weight ≥ 1 and how many of them have registered for an epoch, in at most [`MAX_GROUP_PAGES`]
/// queries. A group that is longer than that has more members than a ceremony can have.
pub(crate) fn attendance(deps: Deps, epoch_id: EpochId) -> StdResult<Attendance> {
    let group = group(deps)?;
    let mut voting = 0u32;
    let mut registered = 0u32;
    let mut start_after = None;
    for _ in 0..MAX_GROUP_PAGES {
        let page = group.list_members(&deps.querier, start_after, Some(GROUP_PAGE))?;
        for member in page.iter().filter(|member| member.weight >= 1) {
            voting += 1;
            let address = Addr::unchecked(&member.addr);
            if let Some(index) = DEALER_INDEX.may_load(deps.storage, &address)?
                && REGISTRATIONS.has(deps.storage, (epoch_id, index))
            {
                registered += 1;
            }
        }
        let full = page.len() >= GROUP_PAGE as usize; // total: 30 fits
        start_after = page.into_iter().last().map(|member| member.addr);
        if !full {
            return Ok(if voting > MAX_DEALERS {
                Attendance::TooMany
            } else {
                Attendance::Counted { voting, registered }
            });
        }
    }
    Ok(Attendance::TooMany)
}
