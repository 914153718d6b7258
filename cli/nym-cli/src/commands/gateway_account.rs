//! `ecash gateway-account`: registers a client key at a gateway. The token is what any HTTP client sends tickets under.

use ecash_requests::RequestsError;
use ecash_requests::gateway::AccountBody;
use serde_json::json;

use super::{Context, provider_key};
use crate::args::GatewayAccount;
use crate::client_config::ClientConfig;
use crate::failure::{Exit, Failure};
use crate::output::CommandResult;

pub(crate) async fn run(
    context: &Context,
    args: &GatewayAccount,
) -> Result<CommandResult, Failure> {
    let provider = provider_key(&args.provider)?;
    let client = ClientConfig::read(&args.client_config)?;
    let key = client.gateway_key(&provider)?;
    let wallet = context.wallet(&client).await?;
    let checked = wallet.check_gateway(&provider).await;
    let now = wallet.now();
    wallet.close().await;
    let checked = checked?;
    let body = AccountBody::sign(&key, &provider, now);
    let token = checked
        .client()
        .create_account(&body)
        .await
        .map_err(refused)?
        .to_base58();
    let url = &checked.gateway().announce_address;
    Ok(CommandResult {
        text: token.to_string(),
        json: json!({"token": token.as_str(), "account": key.public().to_string(), "gateway": url}),
    })
}

fn refused(error: RequestsError) -> Failure {
    let exit = match &error {
        RequestsError::Refused { status, .. } if *status < 500 && *status != 429 => Exit::Refused,
        _ => Exit::Unavailable,
    };
    Failure::new(exit, error.to_string())
}
