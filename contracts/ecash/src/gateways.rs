//! The registry of gateways (`spec/contracts.md` 6.6.5): an identity key belongs to one gateway for ever.

use cosmwasm_std::{
    Addr, Api, Binary, BlockInfo, DepsMut, Env, Event, MessageInfo, Response, StdResult, Storage,
};
use ecash_contract_messages::ecash::{
    ChangeKind, GATEWAY_PROOF_BYTES, Gateway, GatewayState, MAX_ANNOUNCE_BYTES,
    OLD_IDENTITY_ACCEPT_SECS, OLD_IDENTITY_BATCH_SECS, PreviousIdentity, Role, events,
    gateway_proof_message,
};

use crate::{
    changes,
    error::ContractError,
    identity::IdentityKey,
    state::{CONTRACT_ADMIN, GATEWAY_KEYS, GATEWAYS, PENDING_GATEWAYS},
};

/// A gateway, admitted ever or not.
pub(crate) fn find(storage: &dyn Storage, address: &Addr) -> StdResult<Option<Gateway>> {
    match GATEWAYS.may_load(storage, address)? {
        Some(gateway) => Ok(Some(gateway)),
        None => PENDING_GATEWAYS.may_load(storage, address),
    }
}

/// Stores a gateway where its state says. From its first admission on mirrors hear of every change.
fn save(storage: &mut dyn Storage, block: &BlockInfo, gateway: &Gateway) -> StdResult<()> {
    match gateway.state {
        GatewayState::Pending => PENDING_GATEWAYS.save(storage, &gateway.address, gateway),
        GatewayState::Admitted | GatewayState::Suspended => {
            if GATEWAYS.may_load(storage, &gateway.address)?.as_ref() == Some(gateway) {
                return Ok(());
            }
            GATEWAYS.save(storage, &gateway.address, gateway)?;
            changes::append(
                storage,
                block,
                ChangeKind::Gateway,
                gateway.address.as_str(),
            )
        }
    }
}

fn check_announce_address(address: &str) -> Result<(), ContractError> {
    if (1..=MAX_ANNOUNCE_BYTES).contains(&address.len()) {
        return Ok(());
    }
    Err(ContractError::FieldTooLong {
        field: "announce_address",
        length: address.len(),
        max: MAX_ANNOUNCE_BYTES,
    })
}

fn parse_roles(texts: &[String]) -> Result<Vec<Role>, ContractError> {
    let bad = |reason: String| ContractError::BadRoles { reason };
    if !(1..=Role::ALL.len()).contains(&texts.len()) {
        return Err(bad(format!("these are {}", texts.len())));
    }
    let mut roles = Vec::with_capacity(texts.len());
    for text in texts {
        let role: Role = text
            .parse()
            .map_err(|error| bad(format!("'{}' is {error}", shortened(text))))?;
        if roles.contains(&role) {
            return Err(bad(format!("{role} is named twice")));
        }
        roles.push(role);
    }
    Ok(roles)
}

fn shortened(text: &str) -> String {
    text.chars().take(32).collect()
}

fn check_proof(
    api: &dyn Api,
    env: &Env,
    sender: &Addr,
    key: &IdentityKey,
    proof: &Binary,
) -> Result<(), ContractError> {
    let message = gateway_proof_message(
        &env.block.chain_id,
        env.contract.address.as_str(),
        sender.as_str(),
    )
    .ok_or(ContractError::BadGatewayProof)?;
    let signed = proof.len() == GATEWAY_PROOF_BYTES
        && api
            .ed25519_verify(&message, proof, key.as_bytes())
            .unwrap_or(false);
    if signed {
        Ok(())
    } else {
        Err(ContractError::BadGatewayProof)
    }
}

fn check_unused(storage: &dyn Storage, key: &IdentityKey) -> Result<(), ContractError> {
    match GATEWAY_KEYS.may_load(storage, key.as_bytes())? {
        Some(owner) => Err(ContractError::IdentityTaken { owner }),
        None => Ok(()),
    }
}

fn described(event: &'static str, gateway: &Gateway) -> Event {
    let roles: Vec<&str> = gateway.roles.iter().map(|role| role.as_str()).collect();
    Event::new(event)
        .add_attribute("address", &gateway.address)
        .add_attribute("identity_key", &gateway.identity_key)
        .add_attribute("announce_address", &gateway.announce_address)
        .add_attribute("roles", roles.join(","))
}

/// Registers the sender, or replaces its announce address and roles if it is registered with this key.
pub(crate) fn register(
    deps: DepsMut,
    env: &Env,
    info: MessageInfo,
    identity_key: &str,
    announce_address: String,
    roles: &[String],
    proof: &Binary,
) -> Result<Response, ContractError> {
    let key = IdentityKey::parse(identity_key)?;
    check_announce_address(&announce_address)?;
    let roles = parse_roles(roles)?;
    check_proof(deps.api, env, &info.sender, &key, proof)?;

    let block = &env.block;
    let event = match find(deps.storage, &info.sender)? {
        Some(gateway) if gateway.state == GatewayState::Suspended => {
            return Err(ContractError::NotAdmitted {
                address: gateway.address,
            });
        }
        Some(gateway) if gateway.identity_key != key.to_base58() => {
            return Err(ContractError::GatewayExists {
                address: gateway.address,
            });
        }
        Some(gateway) => {
            let gateway = Gateway {
                announce_address,
                roles,
                ..gateway
            };
            save(deps.storage, block, &gateway)?;
            described(events::GATEWAY_UPDATED, &gateway)
        }
        None => {
            check_unused(deps.storage, &key)?;
            let gateway = Gateway {
                address: info.sender,
                identity_key: key.to_base58(),
                announce_address,
                roles,
                state: GatewayState::Pending,
                state_height: block.height,
                state_time: block.time,
                registered_at: block.time,
                previous_identity: None,
            };
            GATEWAY_KEYS.save(deps.storage, key.as_bytes(), &gateway.address)?;
            save(deps.storage, block, &gateway)?;
            described(events::GATEWAY_REGISTERED, &gateway)
        }
    };
    Ok(Response::new().add_event(event))
}

/// Replaces the sender's identity key; the old one stays valid for a while.
pub(crate) fn rotate(
    deps: DepsMut,
    env: &Env,
    info: MessageInfo,
    identity_key: &str,
    proof: &Binary,
) -> Result<Response, ContractError> {
    let key = IdentityKey::parse(identity_key)?;
    let block = &env.block;
    let mut gateway = require(deps.storage, &info.sender)?;
    if gateway.state == GatewayState::Suspended {
        return Err(ContractError::NotAdmitted {
            address: gateway.address,
        });
    }
    if let Some(previous) = &gateway.previous_identity
        && previous.batches_until > block.time
    {
        return Err(ContractError::RotationTooSoon {
            address: gateway.address,
            until: previous.batches_until,
        });
    }
    check_proof(deps.api, env, &info.sender, &key, proof)?;
    check_unused(deps.storage, &key)?;

    let previous = std::mem::replace(&mut gateway.identity_key, key.to_base58());
    let event = Event::new(events::GATEWAY_IDENTITY_ROTATED)
        .add_attribute("address", &gateway.address)
        .add_attribute("identity_key", &gateway.identity_key)
        .add_attribute("previous_identity_key", &previous);
    gateway.previous_identity = Some(PreviousIdentity {
        identity_key: previous,
        accepts_until: block.time.plus_seconds(OLD_IDENTITY_ACCEPT_SECS),
        batches_until: block.time.plus_seconds(OLD_IDENTITY_BATCH_SECS),
    });
    GATEWAY_KEYS.save(deps.storage, key.as_bytes(), &gateway.address)?;
    save(deps.storage, block, &gateway)?;
    Ok(Response::new().add_event(event))
}

fn require(storage: &dyn Storage, address: &Addr) -> Result<Gateway, ContractError> {
    find(storage, address)?.ok_or_else(|| ContractError::NoGateway {
        address: address.clone(),
    })
}

fn enter(
    deps: DepsMut,
    block: &BlockInfo,
    mut gateway: Gateway,
    state: GatewayState,
    event: &'static str,
) -> Result<Response, ContractError> {
    PENDING_GATEWAYS.remove(deps.storage, &gateway.address);
    gateway.state = state;
    gateway.state_height = block.height;
    gateway.state_time = block.time;
    save(deps.storage, block, &gateway)?;
    Ok(Response::new().add_event(Event::new(event).add_attribute("address", gateway.address)))
}

/// Lets a pending or suspended gateway take part.
pub(crate) fn admit(
    deps: DepsMut,
    block: &BlockInfo,
    info: &MessageInfo,
    address: &str,
) -> Result<Response, ContractError> {
    CONTRACT_ADMIN.assert_admin(deps.as_ref(), &info.sender)?;
    let gateway = require(deps.storage, &deps.api.addr_validate(address)?)?;
    match gateway.state {
        GatewayState::Pending | GatewayState::Suspended => enter(
            deps,
            block,
            gateway,
            GatewayState::Admitted,
            events::GATEWAY_ADMITTED,
        ),
        state @ GatewayState::Admitted => Err(ContractError::NoChange {
            address: gateway.address,
            state,
        }),
    }
}

/// Ends an admitted gateway's part.
pub(crate) fn suspend(
    deps: DepsMut,
    block: &BlockInfo,
    info: &MessageInfo,
    address: &str,
) -> Result<Response, ContractError> {
    CONTRACT_ADMIN.assert_admin(deps.as_ref(), &info.sender)?;
    let gateway = require(deps.storage, &deps.api.addr_validate(address)?)?;
    match gateway.state {
        GatewayState::Admitted => enter(
            deps,
            block,
            gateway,
            GatewayState::Suspended,
            events::GATEWAY_SUSPENDED,
        ),
        state @ (GatewayState::Pending | GatewayState::Suspended) => Err(ContractError::NoChange {
            address: gateway.address,
            state,
        }),
    }
}
