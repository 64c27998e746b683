//! Leads: contacts whose call says that a person should go on. Offered in turn to agents who are
//! present, accepted, followed up. Places no call.

use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::app::App;

mod http;
pub mod jobs;
mod presence;
pub mod rules;
pub mod store;
mod work;

pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(http::list_leads))
        .routes(routes!(http::read_lead))
        .routes(routes!(work::accept_lead))
        .routes(routes!(work::reveal_number))
        .routes(routes!(work::complete_contact))
        .routes(routes!(work::list_follow_ups, work::add_follow_up))
        .routes(routes!(presence::list_presence, presence::set_presence))
}
