//! `POST /v1/ecash/blind-sign`.

use std::sync::Arc;

use axum::extract::{DefaultBodyLimit, State};
use axum::response::Response;
use ecash_requests::limits::SIGN_BODY_MAX_BYTES;
use ecash_requests::quorum::{BlindSignRequestBody, BlindSignResponse};
use ecash_scheme::BlindedSignature;
use serde::Serialize;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::http::{Body, EpochParams, Params};
use crate::member::Member;
use crate::output::{Output, OutputParams};
use crate::refusal::Refusal;

pub(crate) fn routes() -> OpenApiRouter<Member> {
    OpenApiRouter::new()
        .routes(routes!(blind_sign))
        .layer(DefaultBodyLimit::max(SIGN_BODY_MAX_BYTES))
}

/// One signer's share for a withdrawal request.
#[utoipa::path(
    post,
    path = "/v1/ecash/blind-sign",
    tag = "issuance",
    params(EpochParams, OutputParams),
    request_body = BlindSignRequestBody,
    responses(
        (status = 200, description = "`{blinded_signature, attestation}`, or `{sealed_share}` for a request with a response key", body = Object),
        (status = 400, description = "refused; repeating does not help", body = String),
        (status = 413, description = "body above 16 KiB", body = String),
        (status = 415, description = "body not announced as JSON", body = String),
        (status = 422, description = "JSON of another shape, or a value that does not decode", body = String),
        (status = 429, description = "rate exceeded", body = String),
        (status = 503, description = "the same request can succeed later", body = String),
    )
)]
async fn blind_sign(
    State(member): State<Member>,
    output: Output,
    Params(params): Params<EpochParams>,
    Body(body): Body<BlindSignRequestBody>,
) -> Result<Response, Refusal> {
    if output == Output::Bincode && body.envelope.is_some() {
        return Err(Refusal::EnvelopeInBincode);
    }
    let issuer = member.issuer();
    let answer = issuer.blind_sign(Arc::new(body), params.epoch_id).await?;
    match (output, answer) {
        (
            Output::Bincode,
            BlindSignResponse::Clear {
                blinded_signature, ..
            },
        ) => output.of(&BareShare { blinded_signature }),
        (_, answer) => output.of(&answer),
    }
}

/// The answer of the published interface and nothing more: its binary form has no place for an attestation.
#[derive(Serialize)]
struct BareShare {
    blinded_signature: BlindedSignature,
}
