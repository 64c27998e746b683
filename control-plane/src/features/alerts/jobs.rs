//! Telling the portal of an alert once its transaction has been committed, and closing what outlived its cause.

use std::time::Duration;

use serde::Deserialize;
use shared_proto::events::Event;
use shared_proto::ids::AlertId;

use super::store;
use crate::app::App;
use crate::jobs::{Job, Registry};
use crate::tenant_db::TenantDb;
use crate::web::page::Time;

pub fn register(registry: &mut Registry) {
    registry.handle(store::TELL, tell);
    registry.tick("alerts.outlived", Duration::from_secs(1), close_outlived);
}

/// What an alert was about may have ended without being mended, and its last results may come after that.
/// An alert that stayed open would keep the next one from being told.
async fn close_outlived(app: App) -> anyhow::Result<()> {
    for (tenant, id) in store::outlived(&app.database).await? {
        let db = TenantDb::of(&app.database, tenant);
        let tx = db.write().await?;
        store::end(&app, &db, &tx, id).await?;
        tx.commit().await?;
        app.jobs.wake();
    }
    Ok(())
}

#[derive(Deserialize)]
struct Tell {
    id: AlertId,
}

async fn tell(app: App, job: Job) -> anyhow::Result<()> {
    let (Tell { id }, Some(tenant)) = (job.payload()?, job.tenant) else { return Ok(()) };
    let Some(alert) = store::find(&TenantDb::of(&app.database, tenant), id).await? else { return Ok(()) };
    let event = match alert.closed_at {
        Some(_) => Event::AlertClosed { alert_id: id },
        None => Event::AlertRaised {
            alert_id: id,
            params: serde_json::from_str(&alert.params)?,
            at: Time(alert.raised_at).to_string(),
            code: alert.code,
            level: alert.level,
        },
    };
    app.events.publish(tenant, event);
    Ok(())
}
