//! The OpenAPI document: made from the handlers, checked in as `openapi.json`, compared by a test.

use utoipa::OpenApi;
use utoipa::openapi::path::Operation;
use utoipa::openapi::schema::{KnownFormat, ObjectBuilder, SchemaFormat, Type};
use utoipa::openapi::{Content, OpenApi as Document, RefOr};

use ecash_requests::quorum::routes::OUTPUT_PARAMETER;

use crate::status::API_VERSION;

#[derive(OpenApi)]
#[openapi(info(
    title = "nym-api",
    description = "Interface of a Quorum member. Errors are plain text.",
    license(name = "Apache-2.0")
))]
struct Base;

/// The document without routes.
pub(crate) fn base() -> Document {
    let mut document = Base::openapi();
    API_VERSION.clone_into(&mut document.info.version);
    document
}

/// Says of every route with the parameter `output` that it answers in its other forms too.
pub(crate) fn describe_forms(document: &mut Document) {
    for path in document.paths.paths.values_mut() {
        for operation in [&mut path.get, &mut path.post].into_iter().flatten() {
            if takes_output(operation) {
                add_forms(operation);
            }
        }
    }
}

fn takes_output(operation: &Operation) -> bool {
    let mut parameters = operation.parameters.iter().flatten();
    parameters.any(|parameter| parameter.name == OUTPUT_PARAMETER)
}

fn add_forms(operation: &mut Operation) {
    let Some(RefOr::T(answer)) = operation.responses.responses.get_mut("200") else {
        return;
    };
    let Some(json) = answer.content.get("application/json").cloned() else {
        return;
    };
    let binary = ObjectBuilder::new()
        .schema_type(Type::String)
        .format(Some(SchemaFormat::KnownFormat(KnownFormat::Binary)))
        .build();
    answer.content.insert("application/yaml".to_owned(), json);
    answer
        .content
        .insert("application/bincode".to_owned(), Content::new(Some(binary)));
}

/// The document as text.
pub(crate) fn text(document: &Document) -> String {
    let mut text = document.to_pretty_json().unwrap_or_default(); // total: the document is plain data
    text.push('\n');
    text
}
