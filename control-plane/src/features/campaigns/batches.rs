//! Long work on the contacts of a campaign, a batch to a transaction: copying the group at the start,
//! cancelling those who wait after a stop.

use shared_proto::ids::CampaignId;

use super::{members, store};
use crate::app::App;
use crate::tenant_db::TenantDb;

/// Does one batch for each campaign that has any to do. True where more is left.
pub async fn step(app: &App) -> anyhow::Result<bool> {
    let mut more = false;
    for (tenant, busy) in store::with_batches(&app.database).await? {
        let db = TenantDb::of(&app.database, tenant);
        let Ok(id) = busy.id.parse::<CampaignId>() else { continue };
        more |= step_one(app, &db, id).await?;
        app.dialer.changed(tenant, id);
    }
    Ok(more)
}

/// One batch of one campaign. True where more is left.
pub async fn step_one(app: &App, db: &TenantDb, id: CampaignId) -> anyhow::Result<bool> {
    let tx = db.write().await?;
    let Some(campaign) = store::campaign_on(db, &*tx, id).await? else { return Ok(false) };
    if campaign.snapshot == "running" {
        let group = campaign.group_id.as_deref().unwrap_or_default();
        let after = campaign.snapshot_after.as_str();
        let (n, last) = members::copy_batch(db, &tx, &campaign.id, group, after, app.now_ms()).await?;
        let state = if n < members::BATCH { "done" } else { "running" };
        let after = last.as_deref().unwrap_or(after);
        store::save_snapshot(db, &tx, &campaign.id, state, after, campaign.snapshot_total).await?;
        tx.commit().await?;
        return Ok(n == members::BATCH || campaign.sweeping);
    }
    if campaign.sweeping {
        let n = members::cancel_batch(db, &tx, &campaign.id).await?;
        let done = n < members::BATCH;
        if done {
            store::save(db, &tx, &store::Model { sweeping: false, ..campaign }).await?;
        }
        tx.commit().await?;
        return Ok(!done);
    }
    Ok(false)
}
