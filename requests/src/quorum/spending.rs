use crate::ShortText;
use ecash_ticketbook::{EcashDate, SpendingData};
use serde::{Deserialize, Serialize};

/// Body of `POST ecash/verify-ecash-ticket` (`quorum-api.md` 6.1).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct VerifyEcashTicketBody {
    /// The ticket.
    #[cfg_attr(feature = "openapi", schema(value_type = Object))]
    pub credential: SpendingData,
    /// Payout account of the gateway that took it.
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub gateway_cosmos_addr: ShortText,
}

/// Answer of `POST ecash/verify-ecash-ticket`, status 200 for both: `{"verified":{"Ok":null}}` or
/// `{"verified":{"Err":…}}`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct VerifyEcashTicketResponse {
    /// Accepted, or why not.
    #[cfg_attr(feature = "openapi", schema(value_type = Object))]
    pub verified: Result<(), TicketRejection>,
}

/// Why a signer does not accept a ticket; in the order of the published interface, whose binary form counts variants.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum TicketRejection {
    /// The spend date is not one on which this ticket could be taken and delivered.
    #[error("spend date {received} is not accepted on {today}")]
    InvalidSpentDate {
        /// The signer's date.
        #[cfg_attr(feature = "openapi", schema(value_type = String))]
        today: EcashDate,
        /// The date before.
        #[cfg_attr(feature = "openapi", schema(value_type = String))]
        yesterday: EcashDate,
        /// The ticket's date.
        #[cfg_attr(feature = "openapi", schema(value_type = String))]
        received: EcashDate,
    },
    /// The very same payment came before. Ours never says so to a gateway's own repetition.
    #[error("this payment was received before")]
    ReplayedTicket,
    /// The serial number was spent with another pay info.
    #[error("the serial number was spent with another pay info")]
    DoubleSpend,
    /// It does not verify, or names another gateway.
    #[error("the ticket does not verify")]
    InvalidTicket,
    /// More than one ticket in the payment.
    #[error("the payment is of more than one ticket")]
    MultipleTickets,
}
