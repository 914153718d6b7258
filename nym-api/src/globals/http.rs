//! Master key, date signatures, coin-index signatures.

use axum::extract::State;
use axum::response::Response;
use ecash_requests::quorum::{
    CoinIndexSignaturesResponse, ExpirationDateSignaturesResponse, MasterVerificationKeyResponse,
};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::error::Error;
use crate::http::{DateParams, EpochParams, Params};
use crate::member::Member;
use crate::output::{Output, OutputParams};
use crate::refusal::Refusal;
use crate::store::globals::Scope;
use crate::today::today;

pub(crate) fn routes() -> OpenApiRouter<Member> {
    OpenApiRouter::new()
        .routes(routes!(partial_dates))
        .routes(routes!(partial_coins))
        .routes(routes!(master_key))
        .routes(routes!(aggregated_dates))
        .routes(routes!(aggregated_coins))
}

/// This signer's date signatures.
#[utoipa::path(
    get,
    path = "/v1/ecash/partial-expiration-date-signatures",
    tag = "global data",
    params(DateParams, OutputParams),
    responses(
        (status = 200, body = ExpirationDateSignaturesResponse),
        (status = 400, description = "refused; repeating does not help", body = String),
        (status = 503, description = "the same request can succeed later", body = String),
    )
)]
async fn partial_dates(
    State(member): State<Member>,
    output: Output,
    Params(params): Params<DateParams>,
) -> Result<Response, Refusal> {
    dates(&member, output, Scope::Partial, params).await
}

/// Aggregated date signatures.
#[utoipa::path(
    get,
    path = "/v1/ecash/aggregated-expiration-date-signatures",
    tag = "global data",
    params(DateParams, OutputParams),
    responses(
        (status = 200, body = ExpirationDateSignaturesResponse),
        (status = 400, description = "refused; repeating does not help", body = String),
        (status = 503, description = "the same request can succeed later", body = String),
    )
)]
async fn aggregated_dates(
    State(member): State<Member>,
    output: Output,
    Params(params): Params<DateParams>,
) -> Result<Response, Refusal> {
    dates(&member, output, Scope::Aggregated, params).await
}

async fn dates(
    member: &Member,
    output: Output,
    scope: Scope,
    params: DateParams,
) -> Result<Response, Refusal> {
    let epochs = member.epochs().fresh(member.clock().monotonic())?;
    let epoch = epochs.named_or_issuing(params.epoch_id)?;
    if scope == Scope::Partial {
        member.check_signer(epoch)?;
    }
    let expiration_date = match params.expiration_date {
        Some(date) => date,
        None => today(&**member.clock())?
            .default_expiration()
            .map_err(Error::from)?,
    };
    let issuing = epochs.issuing()?.id;
    let signatures = member
        .globals()
        .dates(scope, epoch, issuing, expiration_date)
        .await?;
    output.of(&ExpirationDateSignaturesResponse {
        epoch_id: epoch.id,
        expiration_date,
        signatures: (*signatures).clone(),
    })
}

/// This signer's coin-index signatures.
#[utoipa::path(
    get,
    path = "/v1/ecash/partial-coin-indices-signatures",
    tag = "global data",
    params(EpochParams, OutputParams),
    responses(
        (status = 200, body = CoinIndexSignaturesResponse),
        (status = 400, description = "refused; repeating does not help", body = String),
        (status = 503, description = "the same request can succeed later", body = String),
    )
)]
async fn partial_coins(
    State(member): State<Member>,
    output: Output,
    Params(params): Params<EpochParams>,
) -> Result<Response, Refusal> {
    coins(&member, output, Scope::Partial, params).await
}

/// Aggregated coin-index signatures.
#[utoipa::path(
    get,
    path = "/v1/ecash/aggregated-coin-indices-signatures",
    tag = "global data",
    params(EpochParams, OutputParams),
    responses(
        (status = 200, body = CoinIndexSignaturesResponse),
        (status = 400, description = "refused; repeating does not help", body = String),
        (status = 503, description = "the same request can succeed later", body = String),
    )
)]
async fn aggregated_coins(
    State(member): State<Member>,
    output: Output,
    Params(params): Params<EpochParams>,
) -> Result<Response, Refusal> {
    coins(&member, output, Scope::Aggregated, params).await
}

async fn coins(
    member: &Member,
    output: Output,
    scope: Scope,
    params: EpochParams,
) -> Result<Response, Refusal> {
    let epochs = member.epochs().fresh(member.clock().monotonic())?;
    let epoch = epochs.named_or_issuing(params.epoch_id)?;
    if scope == Scope::Partial {
        member.check_signer(epoch)?;
    }
    let signatures = member
        .globals()
        .coins(scope, epoch, epochs.issuing()?.id)
        .await?;
    output.of(&CoinIndexSignaturesResponse {
        epoch_id: epoch.id,
        signatures: (*signatures).clone(),
    })
}

/// The aggregated key of an epoch.
#[utoipa::path(
    get,
    path = "/v1/ecash/master-verification-key",
    tag = "global data",
    params(EpochParams, OutputParams),
    responses(
        (status = 200, body = MasterVerificationKeyResponse),
        (status = 400, description = "refused; repeating does not help", body = String),
        (status = 503, description = "the same request can succeed later", body = String),
    )
)]
async fn master_key(
    State(member): State<Member>,
    output: Output,
    Params(params): Params<EpochParams>,
) -> Result<Response, Refusal> {
    let epochs = member.epochs().fresh(member.clock().monotonic())?;
    let epoch = epochs.named_or_issuing(params.epoch_id)?;
    let key = member.globals().master_key(epoch).await?;
    output.of(&MasterVerificationKeyResponse {
        key: (*key).clone(),
    })
}
