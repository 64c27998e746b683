//! Calls: news and results from edges applied once, the calls that are up, the kept ones with their
//! recordings, and their search.

use std::time::Duration;

use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::app::App;
use crate::jobs::Registry;

mod apply;
mod http;
pub mod ingest;
mod lines;
pub mod live;
mod play;
pub mod recordings;
pub mod rules;
mod said;
pub mod store;
mod telling;
pub mod wav;

pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(http::list_calls))
        .routes(routes!(http::show_call))
        .routes(routes!(play::play_recording))
        .routes(routes!(play::show_peaks))
}

pub fn jobs(registry: &mut Registry) {
    registry.tick("calls.recordings", Duration::from_secs(600), recordings::give_up);
}

/// Applies news from edges; shows again what was up before a restart.
pub async fn start(app: &App) -> anyhow::Result<()> {
    telling::restore(app).await?;
    app.tasks.spawn(ingest::run(app.clone()));
    Ok(())
}
