//! Key shares: publishing one, and the proposal that alone may mark it as verified (`spec/dkg.md` 10.1, 10.3, 10.5).

use cosmwasm_std::{
    Binary, BlockInfo, DepsMut, Env, Event, MessageInfo, Reply, Response, StdResult, Storage,
    SubMsg, SubMsgResult, WasmMsg, to_json_binary,
};
use cw_utils::Expiration;
use ecash_contract_messages::{
    dkg::{
        Epoch, EpochState, ExecuteMsg, KEY_SHARE_BYTES, KeyShare, MAX_KEY_SHARE_TEXT_BYTES,
        OUTCOME_BYTES, PROPOSAL_LIFE_SECS, VERIFICATION_PROPOSAL_TITLE, VerificationProposal,
        events,
    },
    multisig,
};
use sha2::{Digest, Sha256};

use crate::{
    dealers::{check_length, registered_index},
    error::ContractError,
    state::{
        CEREMONIES, DEALER_INDEX, DEALER_OWNER, KEY_SHARES, MULTISIG, PENDING_PROPOSAL,
        PendingProposal, REGISTRATIONS, VK_PROPOSALS, load_epoch, save_epoch,
    },
};

/// Marks the reply to a verification proposal.
pub(crate) const PROPOSAL_REPLY_ID: u64 = 1;

/// SHA-256 of a share's base58 text, in hex: what a verification proposal names.
fn share_hash(text: &str) -> String {
    hex::encode(Sha256::digest(text.as_bytes()))
}

fn check_share(text: &str) -> Result<(), ContractError> {
    let bad = |reason| ContractError::BadShareLength { reason };
    if text.len() > MAX_KEY_SHARE_TEXT_BYTES {
        return Err(bad(format!(
            "the text has {} characters, {MAX_KEY_SHARE_TEXT_BYTES} is the most that can be right",
            text.len()
        )));
    }
    let bytes = bs58::decode(text)
        .into_vec()
        .map_err(|error| bad(error.to_string()))?;
    if bytes.len() != KEY_SHARE_BYTES {
        return Err(bad(format!("these are {} bytes", bytes.len())));
    }
    Ok(())
}

/// Whether the epoch's ceremony keeps the master key; also known while in progress.
fn is_resharing(storage: &dyn Storage, epoch: &Epoch) -> StdResult<bool> {
    let ceremony = CEREMONIES.may_load(storage, epoch.epoch_id)?;
    Ok(ceremony.is_some_and(|ceremony| ceremony.resharing))
}

/// Refuses a message outside the phases in which it belongs, or with the other flag.
fn check_phase(
    storage: &dyn Storage,
    epoch: &Epoch,
    message: &'static str,
    resharing: bool,
    from_submission: bool,
) -> Result<(), ContractError> {
    let in_phase = match epoch.state {
        EpochState::VerificationKeySubmission { .. } => from_submission,
        EpochState::VerificationKeyValidation { .. }
        | EpochState::VerificationKeyFinalization { .. }
        | EpochState::InProgress => true,
        _ => false,
    };
    if in_phase && is_resharing(storage, epoch)? == resharing {
        return Ok(());
    }
    let first = if from_submission {
        "submission"
    } else {
        "validation"
    };
    Err(ContractError::IncorrectEpochState {
        current: epoch.state,
        message,
        expected: format!("{first} and later phases with resharing = {resharing}"),
    })
}

/// Publishes the sender's share and proposes its verification.
pub(crate) fn commit(
    deps: DepsMut,
    env: &Env,
    info: MessageInfo,
    text: String,
    outcome: Option<Binary>,
    resharing: bool,
) -> Result<Response, ContractError> {
    let mut epoch = load_epoch(deps.storage)?;
    check_phase(
        deps.storage,
        &epoch,
        "commit_verification_key_share",
        resharing,
        true,
    )?;
    let node_index = registered_index(deps.storage, &epoch, &info.sender)?;
    let key = (epoch.epoch_id, node_index);
    if KEY_SHARES.has(deps.storage, key) {
        return Err(ContractError::AlreadyCommitted {
            owner: info.sender,
            epoch_id: epoch.epoch_id,
        });
    }
    check_share(&text)?;
    if let Some(digest) = &outcome {
        check_length("outcome", digest.len(), OUTCOME_BYTES..=OUTCOME_BYTES)?;
    }

    let pending = PendingProposal {
        epoch_id: epoch.epoch_id,
        node_index,
        share_hash: share_hash(&text),
        outcome,
    };
    PENDING_PROPOSAL.save(deps.storage, &pending)?;
    let share = KeyShare {
        share: text,
        announce_address: REGISTRATIONS.load(deps.storage, key)?.announce_address,
        node_index,
        owner: info.sender.clone(),
        epoch_id: epoch.epoch_id,
        verified: false,
    };
    KEY_SHARES.save(deps.storage, key, &share)?;
    epoch.state_progress.submitted_key_shares += 1;
    save_epoch(deps.storage, &epoch, env.block.height)?;

    let order = ExecuteMsg::VerifyVerificationKeyShare {
        owner: info.sender.into_string(),
        resharing,
        epoch_id: epoch.epoch_id,
        share_hash: pending.share_hash,
    };
    let proposal = propose(&deps, env, &order)?;
    Ok(Response::new().add_submessage(SubMsg::reply_on_success(proposal, PROPOSAL_REPLY_ID)))
}

/// The message that proposes an order of the multisig to this contract.
fn propose(deps: &DepsMut, env: &Env, order: &ExecuteMsg) -> StdResult<WasmMsg> {
    let multisig = MULTISIG
        .get(deps.as_ref())?
        .ok_or_else(|| cosmwasm_std::StdError::not_found("multisig"))?;
    let execute_order = WasmMsg::Execute {
        contract_addr: env.contract.address.to_string(),
        msg: to_json_binary(order)?,
        funds: vec![],
    };
    let proposal = multisig::ExecuteMsg::Propose {
        title: VERIFICATION_PROPOSAL_TITLE.to_owned(),
        description: String::new(),
        msgs: vec![execute_order.into()],
        latest: Some(Expiration::AtTime(
            env.block.time.plus_seconds(PROPOSAL_LIFE_SECS),
        )),
    };
    Ok(WasmMsg::Execute {
        contract_addr: multisig.into_string(),
        msg: to_json_binary(&proposal)?,
        funds: vec![],
    })
}

/// Records under which id the multisig took the proposal.
pub(crate) fn proposal_made(deps: DepsMut, reply: Reply) -> Result<Response, ContractError> {
    let pending = PENDING_PROPOSAL.load(deps.storage)?;
    let multisig = MULTISIG.get(deps.as_ref())?;
    let answer = match reply.result {
        SubMsgResult::Ok(answer) => answer,
        SubMsgResult::Err(error) => return Err(cosmwasm_std::StdError::generic_err(error).into()),
    };
    let proposal_id = answer
        .events
        .iter()
        .filter(|event| event.ty == "wasm")
        .filter(|event| {
            multisig.as_ref().is_some_and(|multisig| {
                attribute(event, "_contract_address") == Some(multisig.as_str())
            })
        })
        .find_map(|event| {
            attribute(event, multisig::PROPOSAL_ID_ATTRIBUTE)?
                .parse()
                .ok()
        })
        .ok_or(ContractError::NoProposalId)?;

    PENDING_PROPOSAL.remove(deps.storage);
    let proposal = VerificationProposal {
        proposal_id,
        share_hash: pending.share_hash,
        outcome: pending.outcome,
        verified_height: None,
    };
    let key = (pending.epoch_id, pending.node_index);
    VK_PROPOSALS.save(deps.storage, key, &proposal)?;
    let dealer = DEALER_OWNER.load(deps.storage, pending.node_index)?;
    let event = Event::new(events::KEY_SHARE)
        .add_attribute("epoch_id", pending.epoch_id.to_string())
        .add_attribute("dealer", dealer)
        .add_attribute("proposal_id", proposal_id.to_string());
    Ok(Response::new().add_event(event))
}

fn attribute<'e>(event: &'e Event, key: &str) -> Option<&'e str> {
    event
        .attributes
        .iter()
        .find(|attribute| attribute.key == key)
        .map(|attribute| attribute.value.as_str())
}

/// What the group voted to verify.
pub(crate) struct Order {
    pub(crate) owner: String,
    pub(crate) resharing: bool,
    pub(crate) epoch_id: u64,
    pub(crate) share_hash: String,
}

/// Marks a share as verified, if it is the one that was voted on.
pub(crate) fn verify(
    deps: DepsMut,
    block: &BlockInfo,
    info: &MessageInfo,
    order: Order,
) -> Result<Response, ContractError> {
    MULTISIG.assert_admin(deps.as_ref(), &info.sender)?;
    let mut epoch = load_epoch(deps.storage)?;
    if order.epoch_id != epoch.epoch_id {
        return Err(ContractError::StaleVerification {
            voted: format!("epoch {}", order.epoch_id),
            present: format!("epoch {}", epoch.epoch_id),
        });
    }
    check_phase(
        deps.storage,
        &epoch,
        "verify_verification_key_share",
        order.resharing,
        false,
    )?;
    let owner = deps.api.addr_validate(&order.owner)?;
    let missing = || ContractError::NoCommitForOwner {
        owner: owner.clone(),
        epoch_id: epoch.epoch_id,
    };
    let index = DEALER_INDEX
        .may_load(deps.storage, &owner)?
        .ok_or_else(missing)?;
    let key = (epoch.epoch_id, index);
    let mut share = KEY_SHARES
        .may_load(deps.storage, key)?
        .ok_or_else(missing)?;
    let present = share_hash(&share.share);
    if present != order.share_hash {
        return Err(ContractError::StaleVerification {
            voted: format!(
                "share {}",
                order.share_hash.chars().take(64).collect::<String>()
            ),
            present: format!("share {present}"),
        });
    }
    if share.verified {
        return Err(ContractError::AlreadyVerified {
            owner,
            epoch_id: epoch.epoch_id,
        });
    }

    share.verified = true;
    KEY_SHARES.save(deps.storage, key, &share)?;
    VK_PROPOSALS.update(deps.storage, key, |proposal| -> Result<_, ContractError> {
        let mut proposal = proposal.ok_or(ContractError::NoProposalId)?;
        proposal.verified_height = Some(block.height);
        Ok(proposal)
    })?;
    epoch.state_progress.verified_keys += 1;
    save_epoch(deps.storage, &epoch, block.height)?;
    Ok(Response::new())
}
