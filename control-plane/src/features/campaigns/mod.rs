//! Campaigns: a group, a script, hours and a trunk become calls. `planner` decides, `dispatcher`
//! leases and sends, `reaper` looks into what is overdue; `rules` and `attempt` are the two state machines.

use std::time::Duration;

use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::app::App;
use crate::jobs::Registry;

pub mod attempt;
pub mod attempts;
mod batches;
mod check;
pub mod command;
mod counters;
pub mod dispatcher;
mod http;
pub mod lease;
mod lists;
pub mod members;
pub mod planner;
mod reaper;
pub mod recall;
pub mod rules;
pub mod store;

pub use command::{Draft, create, start_campaign};
pub use recall::{contacts_changed, number_listed};

pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(http::list_campaigns, http::create_campaign))
        .routes(routes!(http::show_campaign, http::update_campaign, http::delete_campaign))
        .routes(routes!(http::start))
        .routes(routes!(http::pause))
        .routes(routes!(http::resume))
        .routes(routes!(http::stop))
        .routes(routes!(http::restart))
        .routes(routes!(http::copy))
        .routes(routes!(check::check_campaign))
        .routes(routes!(lists::list_campaign_contacts))
        .routes(routes!(lists::list_live_calls))
        .routes(routes!(lists::show_campaign_log))
}

pub fn jobs(registry: &mut Registry) {
    registry.tick("campaigns.reaper", Duration::from_secs(1), reaper::reap);
    registry.tick("campaigns.counters", Duration::from_millis(500), reaper::publish);
}

pub fn start(app: &App) {
    app.tasks.spawn(dispatcher::run(app.clone()));
}
