//! Registers the gateway and follows its entry (`contracts.md` 6.6.5, R1.25, R1.26).

use ecash_contract_messages::ecash::{ExecuteMsg, Gateway, GatewayState};
use ecash_requests::IdentityKey;
use ecash_requests::gateway::RegistrationProof;
use ecash_service::clock::UnixTime;
use ecash_ticketbook::TicketType;
use nyx_client::Msg;

use super::{FollowError, Follower, Registration, short, unix_time};
use crate::registry::{EntryState, Registry, RegistryEntry};

/// What to do about the registration, given the entry. Pure.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Plan {
    /// It says what it should.
    Nothing,
    /// Register, for the first time or because address or roles have changed.
    Register,
    /// Nothing can be done from here: suspended, or the account has a gateway with another key.
    Stuck(&'static str),
}

/// Compares the entry with what it should say.
#[must_use]
pub(super) fn plan(
    entry: Option<&RegistryEntry>,
    wanted: &Registration,
    identity_key: &[u8; 32],
) -> Plan {
    let Some(entry) = entry else {
        return Plan::Register;
    };
    if entry.identity_key != *identity_key {
        return Plan::Stuck(
            "the account is registered with another identity key; use the home with that key, or another account",
        );
    }
    if entry.announce_address == wanted.announce_address && entry.roles == wanted.roles {
        return Plan::Nothing;
    }
    match entry.state {
        EntryState::Suspended => Plan::Stuck(
            "the gateway is suspended, so that its entry cannot be changed; ask the admin of the contract",
        ),
        EntryState::Pending | EntryState::Admitted => Plan::Register,
    }
}

impl Follower {
    /// Reads the own entry, and registers if it does not say what it should.
    pub(super) async fn refresh_registry(&self) -> Result<(), FollowError> {
        self.check_chain().await?;
        let entry = self.read_entry().await?;
        if let Some(sender) = &self.sender {
            match plan(
                entry.as_ref(),
                &self.registration,
                self.identity.public().as_bytes(),
            ) {
                Plan::Nothing => {}
                Plan::Stuck(reason) => {
                    tracing::error!(account = %self.registration.account, reason, "cannot register")
                }
                Plan::Register => {
                    let included = sender.send(vec![self.register_message()?], "").await?;
                    tracing::info!(height = included.height, announce_address = %self.registration.announce_address, "registered on chain");
                    self.read_entry().await?;
                }
            }
        }
        Ok(())
    }

    async fn read_entry(&self) -> Result<Option<RegistryEntry>, FollowError> {
        let gateway = self.ecash.gateway(&self.registration.account).await?;
        let entry = gateway.as_ref().map(entry_of).transpose()?;
        let now = self.clock.now();
        self.situation
            .registry
            .set(Registry::read(entry.clone(), now));
        self.store.save_registry(entry.clone(), now).await?;
        Ok(entry)
    }

    fn register_message(&self) -> Result<Msg, FollowError> {
        let Self {
            identity,
            network,
            registration,
            ecash,
            ..
        } = self;
        let sender = short(&registration.account)?;
        let proof = RegistrationProof::sign(
            identity,
            &network.chain_id,
            &network.ecash_contract,
            &sender,
        );
        let message = ExecuteMsg::RegisterGateway {
            identity_key: identity.public().to_string(),
            announce_address: registration.announce_address.clone(),
            roles: registration.roles.iter().map(ToString::to_string).collect(),
            proof: proof.as_bytes().to_vec().into(),
        };
        Ok(Msg::execute(ecash.address(), &message, Vec::new())?)
    }
}

fn entry_of(gateway: &Gateway) -> Result<RegistryEntry, FollowError> {
    let malformed = |reason: String| FollowError::Malformed {
        what: "registry entry",
        reason,
    };
    let key = |text: &str| -> Result<[u8; 32], FollowError> {
        let key: IdentityKey = text
            .parse()
            .map_err(|error: ecash_requests::RequestsError| malformed(error.to_string()))?;
        Ok(*key.as_bytes())
    };
    let mut roles = gateway
        .roles
        .iter()
        .map(|role| {
            TicketType::from_code(role.code()).map_err(|error| malformed(error.to_string()))
        })
        .collect::<Result<Vec<_>, _>>()?;
    roles.sort_unstable();
    let previous = gateway
        .previous_identity
        .as_ref()
        .map(|previous| -> Result<([u8; 32], UnixTime), FollowError> {
            Ok((
                key(&previous.identity_key)?,
                unix_time(previous.accepts_until),
            ))
        })
        .transpose()?;
    Ok(RegistryEntry {
        identity_key: key(&gateway.identity_key)?,
        announce_address: gateway.announce_address.clone(),
        roles,
        state: match gateway.state {
            GatewayState::Pending => EntryState::Pending,
            GatewayState::Admitted => EntryState::Admitted,
            GatewayState::Suspended => EntryState::Suspended,
        },
        previous,
    })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    const KEY: [u8; 32] = [7; 32];

    fn wanted() -> Registration {
        Registration {
            account: nyx_client::Address::new("n", &[1; 20]).unwrap(),
            announce_address: "https://gateway.example".to_owned(),
            roles: vec![TicketType::MixnetEntry, TicketType::WireguardEntry],
        }
    }

    fn entry() -> RegistryEntry {
        RegistryEntry {
            identity_key: KEY,
            announce_address: wanted().announce_address,
            roles: wanted().roles,
            state: EntryState::Admitted,
            previous: None,
        }
    }

    #[test]
    fn a_gateway_registers_when_it_is_not_there_and_when_address_or_roles_changed() {
        assert_eq!(plan(None, &wanted(), &KEY), Plan::Register);
        assert_eq!(plan(Some(&entry()), &wanted(), &KEY), Plan::Nothing);
        let moved = RegistryEntry {
            announce_address: "https://old.example".to_owned(),
            ..entry()
        };
        assert_eq!(plan(Some(&moved), &wanted(), &KEY), Plan::Register);
        let narrower = RegistryEntry {
            roles: vec![TicketType::MixnetEntry],
            state: EntryState::Pending,
            ..entry()
        };
        assert_eq!(plan(Some(&narrower), &wanted(), &KEY), Plan::Register);
    }

    #[test]
    fn another_key_and_a_suspension_are_for_the_operator() {
        let other = RegistryEntry {
            identity_key: [8; 32],
            ..entry()
        };
        assert!(matches!(
            plan(Some(&other), &wanted(), &KEY),
            Plan::Stuck(_)
        ));
        let suspended = RegistryEntry {
            state: EntryState::Suspended,
            announce_address: String::new(),
            ..entry()
        };
        assert!(matches!(
            plan(Some(&suspended), &wanted(), &KEY),
            Plan::Stuck(_)
        ));
    }
}
