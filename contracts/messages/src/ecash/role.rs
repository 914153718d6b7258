//! What a gateway serves: the four ticket types.

use std::{fmt, str::FromStr};

use cosmwasm_schema::cw_serde;

/// A ticket type that a gateway takes, by its text form (`spec/ecash-scheme.md` 1.8).
#[cw_serde]
#[derive(Copy, Eq, PartialOrd, Ord)]
pub enum Role {
    /// Mixnet entry, code 0.
    #[serde(rename = "v1-mixnet-entry")]
    MixnetEntry,
    /// Mixnet exit, code 1.
    #[serde(rename = "v1-mixnet-exit")]
    MixnetExit,
    /// WireGuard entry, code 2.
    #[serde(rename = "v1-wireguard-entry")]
    WireguardEntry,
    /// WireGuard exit, code 3.
    #[serde(rename = "v1-wireguard-exit")]
    WireguardExit,
}

impl Role {
    /// All of them, in the order of their codes.
    pub const ALL: [Self; 4] = [
        Self::MixnetEntry,
        Self::MixnetExit,
        Self::WireguardEntry,
        Self::WireguardExit,
    ];

    /// The text form.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::MixnetEntry => "v1-mixnet-entry",
            Self::MixnetExit => "v1-mixnet-exit",
            Self::WireguardEntry => "v1-wireguard-entry",
            Self::WireguardExit => "v1-wireguard-exit",
        }
    }

    /// The one-byte code of the ticket type.
    #[must_use]
    pub const fn code(self) -> u8 {
        match self {
            Self::MixnetEntry => 0,
            Self::MixnetExit => 1,
            Self::WireguardEntry => 2,
            Self::WireguardExit => 3,
        }
    }
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A text that names no ticket type.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct UnknownRole;

impl fmt::Display for UnknownRole {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("not a ticket type; known are v1-mixnet-entry, v1-mixnet-exit, v1-wireguard-entry, v1-wireguard-exit")
    }
}

impl std::error::Error for UnknownRole {}

impl FromStr for Role {
    type Err = UnknownRole;

    fn from_str(text: &str) -> Result<Self, UnknownRole> {
        Self::ALL
            .into_iter()
            .find(|role| role.as_str() == text)
            .ok_or(UnknownRole)
    }
}
