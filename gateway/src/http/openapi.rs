//! The OpenAPI document: made from the handlers, checked in as `openapi.json`, compared by a test.

use utoipa::openapi::security::{HttpAuthScheme, HttpBuilder, SecurityScheme};
use utoipa::{Modify, OpenApi};

use super::{accounts, info, status, tickets, usage};

/// Where the document is served, on the public listener.
pub const OPENAPI_ROUTE: &str = "/api-docs/openapi.json";

#[derive(OpenApi)]
#[openapi(
    info(
        title = "nym-gateway",
        description = "Interface of a gateway. Keys, tokens, nonces and signatures are base58; times are unix seconds.",
        license(name = "Apache-2.0")
    ),
    paths(accounts::register, tickets::take, usage::bandwidth, info::info, usage::usage, status::status),
    tags(
        (name = "public", description = "For clients"),
        (name = "loopback", description = "For the operator and the data plane, on the loopback listener")
    ),
    modifiers(&Tokens)
)]
struct Document;

struct Tokens;

impl Modify for Tokens {
    fn modify(&self, document: &mut utoipa::openapi::OpenApi) {
        let bearer = HttpBuilder::new().scheme(HttpAuthScheme::Bearer).build();
        let components = document.components.get_or_insert_default();
        components.add_security_scheme("token", SecurityScheme::Http(bearer));
    }
}

/// The document as text.
#[must_use]
pub fn openapi() -> String {
    let mut text = Document::openapi().to_pretty_json().unwrap_or_default(); // total: the document is plain data
    text.push('\n');
    text
}
