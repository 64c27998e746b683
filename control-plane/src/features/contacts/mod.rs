//! Contacts: who is called. Their groups, the imports they come from, and the blacklist of who never is.

use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::app::App;
use crate::jobs::Registry;

mod archive;
pub mod blacklist;
mod card;
pub mod groups;
mod http;
pub mod imports;
pub mod number_search;
mod regions;
pub mod rules;
pub mod store;
mod views;

/// Something that is referred to by id and shown by name.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Named {
    pub id: String,
    pub name: String,
}

pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(http::list_contacts, http::create_contact))
        .routes(routes!(card::read_contact, http::update_contact, http::delete_contact))
        .routes(routes!(archive::archive_contact))
        .routes(routes!(archive::unarchive_contact))
        .routes(routes!(archive::archive_contacts))
        .merge(groups::routes())
        .merge(imports::routes())
        .merge(blacklist::routes())
}

pub fn jobs(registry: &mut Registry) {
    imports::jobs::register(registry);
}
