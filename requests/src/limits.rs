//! Every bound of what travels: bodies, answers, pages, ages. Bytes unless the name says otherwise.

use std::time::Duration;

/// Largest chain id, contract or account address, URL or path that a signed text takes.
pub const SHORT_TEXT_MAX_BYTES: usize = 1024;

/// Largest body of `POST ecash/blind-sign` and of `POST ecash/verify-ecash-ticket`.
pub const SIGN_BODY_MAX_BYTES: usize = 16 * 1024;
/// Largest body of a deposit owner's request.
pub const OWNER_BODY_MAX_BYTES: usize = 4 * 1024;

/// Largest answer that a client reads.
pub const ANSWER_MAX_BYTES: usize = 64 * 1024;
/// Largest answer with global data: keys and aggregated signatures.
pub const GLOBAL_DATA_MAX_BYTES: usize = 1024 * 1024;
/// What is kept of the text of an error.
pub const ERROR_TEXT_MAX_BYTES: usize = 1024;

/// Time to a connection.
pub const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
/// Time for a whole call, connecting included.
pub const CALL_TIMEOUT: Duration = Duration::from_secs(30);
/// Longest pause that a `Retry-After` can ask for.
pub const RETRY_AFTER_MAX: Duration = Duration::from_secs(3600);

/// Oldest envelope that is accepted.
pub const ENVELOPE_MAX_AGE_SECS: u64 = 48 * 3600;
/// How far an envelope may lie in the future.
pub const ENVELOPE_MAX_AHEAD_SECS: u64 = 300;
/// How far the time of a signed request or statement may be from the reader's clock.
pub const SIGNED_TIME_TOLERANCE_SECS: u64 = 120;

/// Most roles of a gateway: one for each ticket type.
pub const GATEWAY_ROLES_MAX: usize = 4;
/// Most epochs that a gateway can name in its info: the count is one byte.
pub const GATEWAY_EPOCHS_MAX: usize = 255;
