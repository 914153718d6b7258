//! `[limits]`: rates and bounds.

use ecash_service::http::{Rate, ServerLimits};
use serde::{Deserialize, Serialize};

/// `[limits]`: requests per minute and caller unless the name says otherwise; 0 = none (`quorum-api.md` 12).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct Limits {
    /// `blind-sign`.
    pub blind_sign: u32,
    /// `blind-sign` per deposit, with and without envelope each; counts requests that no stored answer serves.
    pub blind_sign_per_deposit: u32,
    /// `deposits/{id}/status`.
    pub deposit_status: u32,
    /// `deposits/{id}/status` per deposit.
    pub deposit_status_per_deposit: u32,
    /// `deposits/{id}/refund`.
    pub refund: u32,
    /// `deposits/{id}/refund` per deposit and hour.
    pub refund_per_deposit_per_hour: u32,
    /// Keys and signatures that everybody needs, and `signer-status`.
    pub global_data: u32,
    /// `verify-ecash-ticket`.
    pub verify_ticket: u32,
    /// `verify-ecash-ticket`, all callers together, per second.
    pub verify_ticket_total_per_second: u32,
    /// Everything else.
    pub other: u32,
    /// Bounds of the server.
    pub server: ServerLimits,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            blind_sign: 600,
            blind_sign_per_deposit: 10,
            deposit_status: 60,
            deposit_status_per_deposit: 10,
            refund: 10,
            refund_per_deposit_per_hour: 5,
            global_data: 120,
            verify_ticket: 300,
            verify_ticket_total_per_second: 50,
            other: 60,
            server: ServerLimits::default(),
        }
    }
}

impl Limits {
    /// No rates at all, the bounds of the server as by default. For test networks.
    #[must_use]
    pub fn without_rates() -> Self {
        Self {
            blind_sign: 0,
            blind_sign_per_deposit: 0,
            deposit_status: 0,
            deposit_status_per_deposit: 0,
            refund: 0,
            refund_per_deposit_per_hour: 0,
            global_data: 0,
            verify_ticket: 0,
            verify_ticket_total_per_second: 0,
            other: 0,
            server: ServerLimits::default(),
        }
    }

    pub(crate) fn verify_ticket_total(&self) -> Rate {
        Rate::per_second(self.verify_ticket_total_per_second)
    }
}
