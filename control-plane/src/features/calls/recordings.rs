//! The life of a recording's row: pending with the result, ready once the file is stored and checked,
//! lost when it never came.

use sea_orm::DbErr;
use serde_json::json;
use shared_proto::ids::AttemptId;
use shared_proto::wire::Upload;

use super::store;
use crate::app::App;
use crate::features::alerts::{self, Level, Scope};
use crate::features::campaigns::attempt::AttemptState;
use crate::features::campaigns::attempts;
use crate::tenant_db::TenantDb;

const NOT_STORED: &str = "recordings_not_stored";
/// An edge keeps a recording for days; after this it is not coming any more.
const GIVE_UP_MS: i64 = 7 * 24 * 3600 * 1000;

/// What becomes of a recording that an edge offers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Offer {
    Wanted,
    /// It is stored already: its acknowledgement was lost.
    Stored,
    /// Its call is not known here and never will be: the attempt is another house's, or its result was
    /// applied and left no call.
    NoSuchCall,
}

pub async fn offer(app: &App, head: &Upload) -> anyhow::Result<Offer> {
    let db = TenantDb::of(&app.database, head.tenant);
    if let Some(row) = store::recording(&db, &head.call.to_string()).await? {
        return Ok(if row.recording_state == "ready" { Offer::Stored } else { Offer::Wanted });
    }
    let attempt = attempts::by_id(app.database.read(), AttemptId::from(head.call)).await?;
    let attempt = attempt.filter(|attempt| attempt.tenant_id == head.tenant.to_string());
    let over = attempt.is_none_or(|attempt| matches!(attempt.state(), AttemptState::Ended | AttemptState::Returned));
    Ok(if over { Offer::NoSuchCall } else { Offer::Wanted })
}

/// Notes the stored file with its call; false where another was noted meanwhile, and this one is not needed.
/// The result comes before its recording; where it has not been applied yet, this fails and the edge sends
/// the file again.
pub async fn stored(app: &App, head: &Upload, key: &str) -> anyhow::Result<bool> {
    let db = TenantDb::of(&app.database, head.tenant);
    // Nobody else writes while this transaction is open.
    let tx = db.write().await?;
    if offer(app, head).await? == Offer::Stored {
        return Ok(false);
    }
    let noted = store::recording_ready(&db, &tx, &head.call.to_string(), key, &head.info, app.now_ms()).await?;
    anyhow::ensure!(noted, "a recording came before the result of its call");
    alerts::close(app, &db, &tx, NOT_STORED, Scope::default()).await?;
    tx.commit().await?;
    Ok(true)
}

/// The disk is full, or the file is damaged: the recording stays pending and people hear of it.
pub async fn could_not_store(app: &App, head: &Upload, error: &anyhow::Error) {
    let full = error
        .downcast_ref::<platform::objects::ObjectsError>()
        .is_some_and(|error| matches!(error, platform::objects::ObjectsError::Full(_)));
    if !full {
        return;
    }
    if let Err(error) = alert(app, head).await {
        tracing::error!(%error, "an alert could not be raised");
    }
}

async fn alert(app: &App, head: &Upload) -> Result<(), DbErr> {
    let db = TenantDb::of(&app.database, head.tenant);
    let tx = db.write().await?;
    alerts::raise(app, &db, &tx, NOT_STORED, Level::Urgent, json!({}), Scope::default()).await?;
    tx.commit().await?;
    app.jobs.wake();
    Ok(())
}

/// Recordings that never came are marked lost.
pub async fn give_up(app: App) -> anyhow::Result<()> {
    let tx = app.database.write().await?;
    let lost = store::give_up_recordings(&app.database, &tx, app.now_ms() - GIVE_UP_MS).await?;
    tx.commit().await?;
    if lost > 0 {
        tracing::warn!(lost, "recordings never came from their edges");
    }
    Ok(())
}
