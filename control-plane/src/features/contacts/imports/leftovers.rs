//! Files of uploads that a process did not live to clean up: looks that were broken off, and lists whose import
//! is over or never began.

use shared_proto::ids::{ImportId, TenantId};

use super::store;
use crate::app::App;
use crate::tenant_db::TenantDb;

/// Before anything is taken in. Another process of the same house may be in the middle of its own.
pub async fn sweep(app: &App) -> anyhow::Result<()> {
    if !app.database.serves_one_process() {
        return Ok(());
    }
    let mut swept = app.objects.remove_unfinished().await?;
    for key in app.objects.keys("imports").await? {
        if !is_awaited(app, &key).await? {
            app.objects.delete(&key).await?;
            swept += 1;
        }
    }
    if swept > 0 {
        tracing::info!(swept, "files of broken-off uploads were removed");
    }
    Ok(())
}

/// Whether the file's import is still to be run.
async fn is_awaited(app: &App, key: &str) -> anyhow::Result<bool> {
    let mut parts = key.split('/').skip(1);
    let tenant = parts.next().and_then(|part| part.parse::<TenantId>().ok());
    let import = parts.next().and_then(|part| part.parse::<ImportId>().ok());
    let (Some(tenant), Some(import)) = (tenant, import) else { return Ok(false) };
    let import = store::find(&TenantDb::of(&app.database, tenant), import).await?;
    Ok(import.is_some_and(|import| !import.is_over()))
}
