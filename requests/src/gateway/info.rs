use crate::bytes::Base58;
use crate::limits::{GATEWAY_EPOCHS_MAX, GATEWAY_ROLES_MAX};
use crate::text::SignedText;
use crate::{IdentityKey, IdentitySecret, NetworkIds, RequestsError, ShortText, Signature};
use ecash_ticketbook::{EpochId, TicketType, UnixTime};
use serde::{Deserialize, Serialize};

/// The one version of the info there is.
pub const INFO_VERSION: u32 = 1;

const WHAT: &str = "gateway info";

/// What a caller draws anew for each question, so that an answer cannot be an old one.
pub type InfoNonce = Base58<32>;

/// Answer of `GET /v1/info?nonce=`: who this gateway is and what it takes (`gateway.md` R1.24).
///
/// Signed text: `"zknym-info-v1" ‖ lp(chain id) ‖ lp(ecash contract) ‖ gateway key ‖ lp(account) ‖ nonce ‖ BE64 time ‖
/// u8 number of roles ‖ type codes ascending ‖ u8 number of epochs ‖ BE64 each`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct GatewayInfo {
    /// [`INFO_VERSION`].
    pub version: u32,
    /// Chain that the gateway is registered on.
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub chain_id: ShortText,
    /// Ecash contract that the gateway is registered with.
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub ecash_contract: ShortText,
    /// Identity key: the provider key of pay infos.
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub identity_key: Base58<32>,
    /// Payout account, the sender of the registration.
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub account: ShortText,
    /// Ticket types it takes, ascending by code, each once.
    #[cfg_attr(feature = "openapi", schema(value_type = Vec<String>))]
    pub roles: Vec<TicketType>,
    /// Epochs it takes tickets of, ascending, each once.
    #[cfg_attr(feature = "openapi", schema(value_type = Vec<u64>))]
    pub epochs: Vec<EpochId>,
    /// The gateway's clock.
    #[cfg_attr(feature = "openapi", schema(value_type = u64))]
    pub time: UnixTime,
    /// The caller's nonce.
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub nonce: InfoNonce,
    /// By the identity key.
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub signature: Signature,
}

impl GatewayInfo {
    /// Composes and signs the info. Roles and epochs are brought into ascending order, repetitions dropped; of more
    /// than 255 epochs the latest are named.
    #[must_use]
    pub fn sign(
        identity: &IdentitySecret,
        network: &NetworkIds,
        account: ShortText,
        mut roles: Vec<TicketType>,
        mut epochs: Vec<EpochId>,
        time: UnixTime,
        nonce: InfoNonce,
    ) -> Self {
        roles.sort_unstable();
        roles.dedup();
        epochs.sort_unstable();
        epochs.dedup();
        epochs.drain(..epochs.len().saturating_sub(GATEWAY_EPOCHS_MAX));
        let mut info = Self {
            version: INFO_VERSION,
            chain_id: network.chain_id.clone(),
            ecash_contract: network.ecash_contract.clone(),
            identity_key: Base58(*identity.public().as_bytes()),
            account,
            roles,
            epochs,
            time,
            nonce,
            signature: Base58([0; 64]),
        };
        info.signature = identity.sign_text(&info.text());
        info
    }

    /// Checks that the info is of this network, answers `nonce`, is well-formed, and is signed by the key it names.
    /// Returns that key. Comparing key and account with the registry, and the time with the own clock, is for the
    /// caller.
    ///
    /// # Errors
    /// [`RequestsError::Unexpected`] naming the field, [`RequestsError::TooMany`], [`RequestsError::Key`],
    /// [`RequestsError::Signature`].
    pub fn check(
        &self,
        network: &NetworkIds,
        nonce: &InfoNonce,
    ) -> Result<IdentityKey, RequestsError> {
        expect("version of the gateway info", &self.version, &INFO_VERSION)?;
        expect(
            "chain id of the gateway info",
            &self.chain_id,
            &network.chain_id,
        )?;
        expect(
            "ecash contract of the gateway info",
            &self.ecash_contract,
            &network.ecash_contract,
        )?;
        expect("nonce of the gateway info", &self.nonce, nonce)?;
        at_most("roles", self.roles.len(), GATEWAY_ROLES_MAX)?;
        at_most("epochs", self.epochs.len(), GATEWAY_EPOCHS_MAX)?;
        if !self.roles.is_sorted_by(|a, b| a < b) || !self.epochs.is_sorted_by(|a, b| a < b) {
            return Err(RequestsError::Unexpected {
                what: "order of the roles or epochs of the gateway info",
                actual: format!("{:?}, {:?}", self.roles, self.epochs),
                expected: "strictly ascending".to_owned(),
            });
        }
        let key = IdentityKey::from_bytes(self.identity_key.as_bytes())?;
        key.verify_text(WHAT, &self.text(), &self.signature)?;
        Ok(key)
    }

    fn text(&self) -> SignedText {
        let count = |length: usize| u8::try_from(length).unwrap_or(u8::MAX); // total: both makers bound the lists by 255
        let roles = SignedText::new("zknym-info-v1")
            .lp(&self.chain_id)
            .lp(&self.ecash_contract)
            .raw(self.identity_key.as_bytes())
            .lp(&self.account)
            .raw(self.nonce.as_bytes())
            .be64(self.time.get())
            .u8(count(self.roles.len()));
        let epochs = self
            .roles
            .iter()
            .fold(roles, |text, role| text.u8(role.code()))
            .u8(count(self.epochs.len()));
        self.epochs
            .iter()
            .fold(epochs, |text, epoch| text.be64(epoch.get()))
    }
}

fn expect<T: PartialEq + ToString>(
    what: &'static str,
    actual: &T,
    expected: &T,
) -> Result<(), RequestsError> {
    if actual == expected {
        return Ok(());
    }
    Err(RequestsError::Unexpected {
        what,
        actual: actual.to_string(),
        expected: expected.to_string(),
    })
}

fn at_most(what: &'static str, count: usize, max: usize) -> Result<(), RequestsError> {
    if count <= max {
        Ok(())
    } else {
        Err(RequestsError::TooMany { what, count, max })
    }
}
