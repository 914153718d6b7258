//! `Authorization: Bearer <base58 of 32 bytes>`.

use std::sync::Arc;

use axum::http::{HeaderMap, header};
use ecash_requests::gateway::AccountToken;

use super::App;
use super::error::ApiError;
use crate::accounts::Account;

impl<S> App<S> {
    /// The account of the request's token.
    pub(super) fn account(&self, headers: &HeaderMap) -> Result<Arc<Account>, ApiError> {
        let value = headers.get(header::AUTHORIZATION).ok_or_else(|| {
            ApiError::unauthorized(
                "no token: send `Authorization: Bearer <token>`; POST /v1/accounts gives one",
            )
        })?;
        let token = value
            .to_str()
            .ok()
            .and_then(|text| text.strip_prefix("Bearer "))
            .and_then(|text| AccountToken::from_base58(text.trim()).ok())
            .ok_or_else(|| {
                ApiError::unauthorized(
                    "the Authorization header is not `Bearer <base58 of 32 bytes>`",
                )
            })?;
        let gateway = &self.gateway;
        gateway
            .accounts
            .by_token(&token, gateway.clock.now())
            .ok_or_else(|| ApiError::unauthorized("unknown or replaced token; register again"))
    }
}
