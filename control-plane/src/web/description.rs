//! The description of the API around its operations: how one signs in, and what holds for every operation alike. The
//! operations describe themselves, beside their handlers.

use utoipa::openapi::path::{Operation, PathItem};
use utoipa::openapi::schema::AdditionalProperties;
use utoipa::openapi::security::{ApiKey, ApiKeyValue, HttpAuthScheme, HttpBuilder, SecurityScheme};
use utoipa::openapi::{
    Components, Content, InfoBuilder, OpenApi, OpenApiBuilder, Ref, RefOr, Response, ResponseBuilder, Schema,
    SecurityRequirement,
};

use crate::features::identity::can::COOKIE;

const PROBLEM: &str = "#/components/schemas/ProblemBody";

/// What the operations are merged into.
pub fn outline() -> OpenApi {
    let info = InfoBuilder::new().title("Bellbird").version(env!("CARGO_PKG_VERSION")).description(Some(
        "Lists are {items, next_cursor}; errors are RFC 9457 problems; times are RFC 3339; numbers are masked.",
    ));
    let mut components = Components::new();
    let cookie = ApiKey::Cookie(ApiKeyValue::new(COOKIE));
    components.add_security_scheme("cookie", SecurityScheme::ApiKey(cookie));
    let bearer = HttpBuilder::new().scheme(HttpAuthScheme::Bearer).build();
    components.add_security_scheme("bearer", SecurityScheme::Http(bearer));
    let none: [&str; 0] = [];
    OpenApiBuilder::new()
        .info(info.build())
        .components(Some(components))
        .security(Some([SecurityRequirement::new("cookie", none), SecurityRequirement::new("bearer", none)]))
        .build()
}

/// The whole description, as served and as checked in.
pub fn text(mut openapi: OpenApi) -> String {
    if let Some(components) = &mut openapi.components {
        open_what_is_extended(components);
    }
    for operation in openapi.paths.paths.values_mut().flat_map(operations) {
        name_problems(operation);
    }
    let mut text = openapi.to_pretty_json().unwrap_or_default();
    text.push('\n');
    text
}

/// A tagged variant is its struct and its tag, side by side. Where the struct took no other property, it would refuse the
/// tag that stands beside it.
fn open_what_is_extended(components: &mut Components) {
    let extended: Vec<String> = components
        .schemas
        .values()
        .filter_map(|schema| match schema {
            RefOr::T(Schema::OneOf(choice)) => Some(&choice.items),
            _ => None,
        })
        .flatten()
        .filter_map(|variant| match variant {
            RefOr::T(Schema::AllOf(parts)) => Some(&parts.items),
            _ => None,
        })
        .flatten()
        .filter_map(|part| match part {
            RefOr::Ref(part) => part.ref_location.strip_prefix("#/components/schemas/").map(str::to_owned),
            RefOr::T(_) => None,
        })
        .collect();
    for name in extended {
        if let Some(RefOr::T(Schema::Object(object))) = components.schemas.get_mut(&name)
            && matches!(object.additional_properties.as_deref(), Some(AdditionalProperties::FreeForm(false)))
        {
            object.additional_properties = None;
        }
    }
}

fn operations(path: &mut PathItem) -> impl Iterator<Item = &mut Operation> {
    let PathItem { get, put, post, delete, options, head, patch, trace, .. } = path;
    [get, put, post, delete, options, head, patch, trace].into_iter().flatten()
}

/// Problems have a content type of their own, and any operation may answer with one that it does not list: who is not
/// signed in, may not, sends no JSON or too many requests.
fn name_problems(operation: &mut Operation) {
    for response in operation.responses.responses.values_mut() {
        if let RefOr::T(response) = response {
            give_problem_its_type(response);
        }
    }
    operation.responses.responses.entry("default".to_owned()).or_insert_with(|| {
        let body = Content::new(Some(RefOr::<Schema>::Ref(Ref::new(PROBLEM))));
        ResponseBuilder::new().description("Any other problem").content("application/problem+json", body).into()
    });
}

fn give_problem_its_type(response: &mut Response) {
    let is_problem = |content: &RefOr<Content>| match content {
        RefOr::T(Content { schema: Some(RefOr::Ref(schema)), .. }) => schema.ref_location == PROBLEM,
        _ => false,
    };
    if response.content.get("application/json").is_some_and(is_problem)
        && let Some(content) = response.content.shift_remove("application/json")
    {
        response.content.insert("application/problem+json".to_owned(), content);
    }
}
