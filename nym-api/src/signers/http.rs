//! `network/signers/status` and `network/signers/status-detailed`.

use axum::extract::State;
use axum::response::Response;
use ecash_requests::quorum::{DetailedSignersStatusBody, SignedMessage, SignersStatusBody};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::member::Member;
use crate::output::{Output, OutputParams};
use crate::refusal::Refusal;

pub(crate) fn routes() -> OpenApiRouter<Member> {
    OpenApiRouter::new()
        .routes(routes!(status))
        .routes(routes!(status_detailed))
}

/// What this node found when it last probed the signers, signed with its identity key.
#[utoipa::path(
    get,
    path = "/v1/network/signers/status",
    tag = "network",
    params(OutputParams),
    responses(
        (status = 200, body = SignedMessage<SignersStatusBody>),
        (status = 503, description = "the signers have not been probed yet", body = String),
    )
)]
async fn status(State(member): State<Member>, output: Output) -> Result<Response, Refusal> {
    let survey = member.survey().latest().ok_or(Refusal::NotSurveyed)?;
    output.of(&survey.brief)
}

/// The same with every answer of every signer.
#[utoipa::path(
    get,
    path = "/v1/network/signers/status-detailed",
    tag = "network",
    params(OutputParams),
    responses(
        (status = 200, body = SignedMessage<DetailedSignersStatusBody>),
        (status = 503, description = "the signers have not been probed yet", body = String),
    )
)]
async fn status_detailed(
    State(member): State<Member>,
    output: Output,
) -> Result<Response, Refusal> {
    let survey = member.survey().latest().ok_or(Refusal::NotSurveyed)?;
    output.of(&survey.detailed)
}
