//! Long work on the contacts of a campaign, a batch to a transaction: copying the group at the start, opening those
//! who were not reached for a restart, cancelling those who wait after a stop. Each walk's place is in the
//! campaign's row, so that it goes on after a crash.

use platform::WriteTx;
use shared_proto::ids::CampaignId;

use super::store::Snapshot;
use super::{members, store};
use crate::app::App;
use crate::tenant_db::TenantDb;

/// Does one batch for each campaign that has any to do. True where more is left.
pub async fn step(app: &App) -> anyhow::Result<bool> {
    let mut more = false;
    for (tenant, busy) in store::with_batches(&app.database).await? {
        let db = TenantDb::of(&app.database, tenant);
        let Ok(id) = busy.id.parse::<CampaignId>() else { continue };
        match step_one(app, &db, id).await {
            Ok(left) => more |= left,
            // Those behind it get their turn.
            Err(error) => {
                let error = format!("{error:#}");
                tracing::error!(error, campaign = %id, %tenant, "a campaign's batch failed; it is tried again");
            }
        }
        app.dialer.changed(tenant, id);
    }
    Ok(more)
}

/// One batch of one campaign. True where more is left.
pub async fn step_one(app: &App, db: &TenantDb, id: CampaignId) -> anyhow::Result<bool> {
    let tx = db.write().await?;
    let Some(campaign) = store::with_deleted(db, &tx, id).await? else { return Ok(false) };
    let going_on = campaign.deleted_at.is_none() && !campaign.sweeping;
    let more = match campaign.snapshot() {
        // Who waits in a stopped campaign is among its contacts before it is cancelled.
        Snapshot::Copying if campaign.deleted_at.is_none() => {
            let copied = copy(app, db, &tx, &campaign).await?;
            copied == Walk::Goes || campaign.sweeping
        }
        Snapshot::Reopening if going_on => {
            let after = campaign.snapshot_after.as_str();
            let last = members::reopen_batch(db, &tx, &campaign.id, after, app.now_ms()).await?;
            walked(db, &tx, &campaign, Snapshot::Reopening, last).await? == Walk::Goes
        }
        Snapshot::Copying | Snapshot::Reopening => {
            walked(db, &tx, &campaign, campaign.snapshot(), None).await?;
            campaign.sweeping
        }
        Snapshot::None | Snapshot::Done if campaign.sweeping => {
            let n = members::cancel_batch(db, &tx, &campaign.id).await?;
            let done = n < members::BATCH;
            if done {
                store::save(db, &tx, &store::Model { sweeping: false, ..campaign }).await?;
            }
            !done
        }
        Snapshot::None | Snapshot::Done => return Ok(false),
    };
    tx.commit().await?;
    Ok(more)
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Walk {
    Goes,
    Ended,
}

async fn copy(app: &App, db: &TenantDb, tx: &WriteTx, campaign: &store::Model) -> anyhow::Result<Walk> {
    let group = campaign.group_id.as_deref().unwrap_or_default();
    let after = campaign.snapshot_after.as_str();
    let last = members::copy_batch(db, tx, &campaign.id, group, after, app.now_ms()).await?;
    walked(db, tx, campaign, Snapshot::Copying, last).await
}

/// Notes how far a walk over contacts has come; without a last one it is over.
async fn walked(
    db: &TenantDb,
    tx: &WriteTx,
    campaign: &store::Model,
    walk: Snapshot,
    last: Option<String>,
) -> anyhow::Result<Walk> {
    let (snapshot, after) = match &last {
        Some(last) => (walk, last.as_str()),
        None => (Snapshot::Done, ""),
    };
    store::save_snapshot(db, tx, &campaign.id, snapshot, after, campaign.snapshot_total).await?;
    Ok(if last.is_some() { Walk::Goes } else { Walk::Ended })
}
