//! Paths, headers and content types of the gateway's two listeners (`gateway.md` 1.9).

/// `POST`, public: registers a client key, answers a token.
pub const ACCOUNTS: &str = "/v1/accounts";
/// `POST`, public, bearer token: takes one ticket.
pub const TICKETS: &str = "/v1/tickets";
/// `GET`, public, bearer token: bandwidth left.
pub const BANDWIDTH: &str = "/v1/bandwidth";
/// `GET`, public: who this gateway is, signed over the caller's nonce.
pub const INFO: &str = "/v1/info";
/// `POST`, loopback, bearer token of the account: bandwidth used.
pub const USAGE: &str = "/v1/usage";
/// `GET`, loopback.
pub const HEALTH: &str = "/health";
/// `GET`, loopback.
pub const METRICS: &str = "/metrics";

/// Query parameter of [`INFO`].
pub const NONCE_PARAMETER: &str = "nonce";

/// Content type of a ticket.
pub const OCTET_STREAM: &str = "application/octet-stream";
