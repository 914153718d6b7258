//! The four ticket types. Sizes are constants of the network, the same everywhere, so that amounts carry no pattern.

use crate::TicketbookError;
use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;

/// What a ticket is good for (`ecash-scheme.md` 1.8). Bound into the ticketbook signature as attribute t.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum TicketType {
    /// Entry into the mixnet.
    #[serde(rename = "v1-mixnet-entry")]
    MixnetEntry,
    /// Exit from the mixnet.
    #[serde(rename = "v1-mixnet-exit")]
    MixnetExit,
    /// Entry of a WireGuard tunnel.
    #[serde(rename = "v1-wireguard-entry")]
    WireguardEntry,
    /// Exit of a WireGuard tunnel.
    #[serde(rename = "v1-wireguard-exit")]
    WireguardExit,
}

impl TicketType {
    /// All types by ascending code.
    pub const ALL: [Self; 4] = [
        Self::MixnetEntry,
        Self::MixnetExit,
        Self::WireguardEntry,
        Self::WireguardExit,
    ];

    /// The byte that stands for the type in signatures and payments.
    #[must_use]
    pub const fn code(self) -> u8 {
        match self {
            Self::MixnetEntry => 0,
            Self::MixnetExit => 1,
            Self::WireguardEntry => 2,
            Self::WireguardExit => 3,
        }
    }

    /// The text that stands for the type in JSON, on chain and on the command line.
    #[must_use]
    pub const fn text(self) -> &'static str {
        match self {
            Self::MixnetEntry => "v1-mixnet-entry",
            Self::MixnetExit => "v1-mixnet-exit",
            Self::WireguardEntry => "v1-wireguard-entry",
            Self::WireguardExit => "v1-wireguard-exit",
        }
    }

    /// Bytes of bandwidth that one ticket buys (SI).
    #[must_use]
    pub const fn bandwidth_bytes(self) -> u64 {
        match self {
            Self::MixnetEntry => 200_000_000,
            Self::MixnetExit => 100_000_000,
            Self::WireguardEntry | Self::WireguardExit => 500_000_000,
        }
    }

    /// The type with this code.
    ///
    /// # Errors
    /// [`TicketbookError::UnknownTicketTypeCode`] for a code above 3.
    pub const fn from_code(code: u8) -> Result<Self, TicketbookError> {
        match code {
            0 => Ok(Self::MixnetEntry),
            1 => Ok(Self::MixnetExit),
            2 => Ok(Self::WireguardEntry),
            3 => Ok(Self::WireguardExit),
            _ => Err(TicketbookError::UnknownTicketTypeCode(code as u64)),
        }
    }
}

impl fmt::Display for TicketType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.text())
    }
}

impl FromStr for TicketType {
    type Err = TicketbookError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::ALL
            .into_iter()
            .find(|known| known.text() == text)
            .ok_or_else(|| TicketbookError::UnknownTicketTypeText(text.chars().take(64).collect()))
    }
}

impl TryFrom<u8> for TicketType {
    type Error = TicketbookError;

    fn try_from(code: u8) -> Result<Self, Self::Error> {
        Self::from_code(code)
    }
}
