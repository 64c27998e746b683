//! The features, registered in one place: routes, job kinds, ticks and background tasks.

use utoipa_axum::router::OpenApiRouter;

use crate::app::App;
use crate::jobs::Registry;

pub mod alerts;
pub mod audit;
pub mod calls;
pub mod campaigns;
pub mod contacts;
pub mod edges;
pub mod identity;
pub mod labels;
pub mod leads;
pub mod reports;
pub mod scripts;
pub mod system;
pub mod trunks;

/// Everything under /v1.
pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .merge(identity::routes())
        .merge(audit::routes())
        .merge(contacts::routes())
        .merge(reports::routes())
        .merge(leads::routes())
        .merge(alerts::routes())
        .merge(calls::routes())
        .merge(campaigns::routes())
        .merge(edges::routes())
        .merge(trunks::routes())
        .merge(system::routes())
        .merge(labels::routes())
        .merge(scripts::routes())
}

/// Job kinds and periodic ticks.
pub fn jobs(registry: &mut Registry) {
    identity::jobs::register(registry);
    contacts::jobs(registry);
    leads::jobs::register(registry);
    calls::jobs(registry);
    campaigns::jobs(registry);
    alerts::jobs::register(registry);
}

/// Long-lived background work of features, owned by `app.tasks`.
pub async fn start(app: &App) -> anyhow::Result<()> {
    contacts::imports::sweep(app).await?;
    calls::start(app).await?;
    campaigns::start(app);
    Ok(())
}
