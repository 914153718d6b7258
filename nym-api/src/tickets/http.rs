//! `POST /v1/ecash/verify-ecash-ticket`, and two routes that are gone.

use axum::extract::{DefaultBodyLimit, State};
use axum::response::Response;
use ecash_requests::limits::SIGN_BODY_MAX_BYTES;
use ecash_requests::quorum::{VerifyEcashTicketBody, VerifyEcashTicketResponse};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::http::{Body, gone};
use crate::member::Member;
use crate::output::{Output, OutputParams};
use crate::refusal::Refusal;

pub(crate) fn routes() -> OpenApiRouter<Member> {
    OpenApiRouter::new()
        .routes(routes!(verify_ticket))
        .layer(DefaultBodyLimit::max(SIGN_BODY_MAX_BYTES))
}

pub(crate) fn gone_routes() -> OpenApiRouter<Member> {
    OpenApiRouter::new()
        .routes(routes!(batch_redeem))
        .routes(routes!(double_spending_filter))
}

/// A ticket from the admitted gateway that took it.
#[utoipa::path(
    post,
    path = "/v1/ecash/verify-ecash-ticket",
    tag = "tickets",
    params(OutputParams),
    request_body = VerifyEcashTicketBody,
    responses(
        (status = 200, description = "accepted or rejected", body = VerifyEcashTicketResponse),
        (status = 400, description = "the gateway is not admitted, or the epoch is unknown", body = String),
        (status = 413, description = "body above 16 KiB", body = String),
        (status = 415, description = "body not announced as JSON", body = String),
        (status = 422, description = "JSON of another shape, or a value that does not decode", body = String),
        (status = 429, description = "rate exceeded", body = String),
        (status = 503, description = "the same request can succeed later", body = String),
    )
)]
async fn verify_ticket(
    State(member): State<Member>,
    output: Output,
    Body(body): Body<VerifyEcashTicketBody>,
) -> Result<Response, Refusal> {
    let verified = member.accepter().verify_ticket(body).await?;
    output.of(&VerifyEcashTicketResponse { verified })
}

/// Gone: tickets are paid by settlements.
#[utoipa::path(
    post,
    path = "/v1/ecash/batch-redeem-ecash-tickets",
    tag = "tickets",
    responses((status = 410, description = "always", body = String))
)]
async fn batch_redeem() -> Response {
    gone("redemption by batch proposals is gone; tickets are paid by settlements")
}

/// Gone: the spent log takes its place.
#[utoipa::path(
    get,
    path = "/v1/ecash/double-spending-filter-v1",
    tag = "tickets",
    responses((status = 410, description = "always", body = String))
)]
async fn double_spending_filter() -> Response {
    gone("the whole-filter download is gone")
}
