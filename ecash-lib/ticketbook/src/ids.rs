//! Numbers that the contracts hand out, and unix time. Newtypes so that an epoch is never taken for a node.

use serde::{Deserialize, Serialize};
use std::fmt;

/// Seconds in a day.
pub const DAY_SECS: u64 = 86_400;

macro_rules! number {
    ($(#[$doc:meta])* $name:ident($inner:ty)) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(pub $inner);

        impl $name {
            /// The plain number.
            #[must_use]
            pub const fn get(self) -> $inner {
                self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Display::fmt(&self.0, f)
            }
        }

        impl From<$inner> for $name {
            fn from(value: $inner) -> Self {
                Self(value)
            }
        }

        impl From<$name> for $inner {
            fn from(value: $name) -> Self {
                value.0
            }
        }

        impl std::str::FromStr for $name {
            type Err = std::num::ParseIntError;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                text.parse().map(Self)
            }
        }
    };
}

number! {
    /// Number of a key-generation epoch; it selects the aggregated key that a book was signed under.
    EpochId(u64)
}

number! {
    /// Number of a deposit in the ecash contract. Never used again after its deposit.
    DepositId(u32)
}

number! {
    /// Index of a signer in the DKG contract: 1 or more, not necessarily contiguous. It is the point at which the
    /// signer's share of the key polynomial was evaluated.
    NodeIndex(u64)
}

number! {
    /// Seconds since 1970-01-01 00:00 UTC.
    UnixTime(u64)
}

impl UnixTime {
    /// `self + seconds`, at most the largest representable time.
    #[must_use]
    pub const fn saturating_add(self, seconds: u64) -> Self {
        Self(self.0.saturating_add(seconds))
    }

    /// `self − seconds`, at least the epoch.
    #[must_use]
    pub const fn saturating_sub(self, seconds: u64) -> Self {
        Self(self.0.saturating_sub(seconds))
    }

    /// Distance between two times in seconds, whichever is the later.
    #[must_use]
    pub const fn abs_diff(self, other: Self) -> u64 {
        self.0.abs_diff(other.0)
    }

    /// Unix day: whole days since 1970-01-01.
    #[must_use]
    pub const fn unix_day(self) -> u64 {
        self.0 / DAY_SECS
    }
}
