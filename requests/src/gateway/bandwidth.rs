use serde::{Deserialize, Serialize};

/// Answer of `GET /v1/bandwidth`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct BandwidthResponse {
    /// Bytes left.
    pub available: i64,
    /// When they expire, unix seconds; `None` for an account without bandwidth.
    pub expires_at: Option<u64>,
}

/// Body of `POST /v1/usage`: the data plane tells what an account used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct UsageBody {
    /// Bytes used.
    pub bytes: u64,
}

/// Answer of `POST /v1/usage`: with status 200 the bytes were subtracted, with 402 nothing was.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct UsageResponse {
    /// Bytes left.
    pub available: i64,
}

/// Body of every error that is no verdict.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ErrorBody {
    /// What was wrong, for a person to read.
    pub error: String,
}
