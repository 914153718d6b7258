//! The OpenAPI document: made from the handlers, checked in as `openapi.json`, compared by a test.

use utoipa::OpenApi;
use utoipa::openapi::OpenApi as Document;

use crate::status::API_VERSION;

#[derive(OpenApi)]
#[openapi(info(
    title = "nym-api",
    description = "Interface of a Quorum member. Errors are plain text. Every route takes `output=json`.",
    license(name = "Apache-2.0")
))]
struct Base;

/// The document without routes.
pub(crate) fn base() -> Document {
    let mut document = Base::openapi();
    API_VERSION.clone_into(&mut document.info.version);
    document
}

/// The document as text.
pub(crate) fn text(document: &Document) -> String {
    let mut text = document.to_pretty_json().unwrap_or_default(); // total: the document is plain data
    text.push('\n');
    text
}
