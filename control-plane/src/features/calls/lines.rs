//! How lines fare, as edges tell: carriers that fail attempts, addresses that lead nowhere; the state of the trunk
//! and the alerts that follow from it. What a trunk's failures are counted into is `trunks::rules`.

use serde_json::json;
use shared_proto::events::Event;
use shared_proto::ids::TrunkId;
use shared_proto::wire::TrunkUse;

use super::ingest::{After, Work};
use crate::features::alerts::{self, Level, Scope};
use crate::features::campaigns::attempts::AttemptRow;
use crate::features::campaigns::planner::Carrier;
use crate::features::campaigns::rules::Line;
use crate::features::trunks;
use crate::features::trunks::rules::{DOWN_AT, TRUNK_FAILING, TRUNK_NO_ROUTE, TrunkState};
use crate::tenant_db::TenantDb;

/// What a contact's list shows while it waits because its line failed.
pub(super) const LINE_FAILED: &str = "line_failed";

/// Whether an attempt's line is known to be down.
pub(super) async fn line_of(work: &Work<'_>, db: &TenantDb, row: &AttemptRow) -> anyhow::Result<Line> {
    let trunk = trunks::store::trunk_on(db, &**work.tx, row.trunk_id.parse()?).await?;
    let down = trunk.is_some_and(|trunk| trunk.state() == TrunkState::Down);
    Ok(if down { Line::Down } else { Line::Sound })
}

/// Whom an attempt's line reaches.
pub(super) async fn carrier_of(work: &Work<'_>, db: &TenantDb, row: &AttemptRow) -> anyhow::Result<Carrier> {
    let trunk = trunks::store::trunk_on(db, &**work.tx, row.trunk_id.parse()?).await?;
    Ok(trunk.map_or(Carrier::Sip, |trunk| trunk.carrier()))
}

/// How the carriers fare.
pub(super) async fn told(work: &mut Work<'_>, told: &[TrunkUse]) -> anyhow::Result<()> {
    for one in told {
        // Nothing reaches a carrier whose address leads nowhere, so nothing is heard of its failures.
        if work.app.dialer.line_is_lost(one.trunk) {
            continue;
        }
        let Some(tenant) = trunks::store::tenant_of(&**work.tx, one.trunk).await? else { continue };
        let db = TenantDb::of(&work.app.database, tenant);
        let Some(trunk) = trunks::store::trunk_on(&db, &**work.tx, one.trunk).await? else { continue };
        // An edge that has just begun has no word on it: what is known stands.
        let Some(failing) = work.app.links.failing(one.trunk).or(one.failing) else { continue };
        let state = trunks::rules::state(failing);
        moved(work, &db, &trunk, one.trunk, state, failing, one.live).await?;
    }
    Ok(())
}

/// An edge cannot find the trunk's address. The line counts as down, so that it is tried by one call now and then.
pub(super) async fn leads_nowhere(work: &mut Work<'_>, row: &AttemptRow, reason: &str) -> anyhow::Result<()> {
    let db = TenantDb::of(&work.app.database, row.tenant_id.parse()?);
    let id: TrunkId = row.trunk_id.parse()?;
    work.app.dialer.line_lost(id);
    let Some(trunk) = trunks::store::trunk_on(&db, &**work.tx, id).await? else { return Ok(()) };
    tracing::warn!(edge = row.edge_id, trunk = row.trunk_id, reason, "the address of a trunk leads nowhere");
    let params = json!({ "trunk": trunk.name, "address": trunk.address });
    let scope = Scope { campaign: None, trunk: Some(id) };
    alerts::raise(work.app, &db, work.tx, TRUNK_NO_ROUTE, Level::Urgent, params, scope).await?;
    if trunk.state() != TrunkState::Down {
        trunks::store::save_state(&db, work.tx, &trunk.id, TrunkState::Down, DOWN_AT).await?;
        tell(work, &db, id, TrunkState::Down, 0);
    }
    Ok(())
}

/// An edge has found the trunk's address: for the first time, or again.
pub(super) async fn reached(work: &mut Work<'_>, row: &AttemptRow) -> anyhow::Result<()> {
    let id: TrunkId = row.trunk_id.parse()?;
    if !work.app.dialer.line_found(id) {
        return Ok(());
    }
    let db = TenantDb::of(&work.app.database, row.tenant_id.parse()?);
    let scope = Scope { campaign: None, trunk: Some(id) };
    alerts::close(work.app, &db, work.tx, TRUNK_NO_ROUTE, scope).await?;
    let Some(trunk) = trunks::store::trunk_on(&db, &**work.tx, id).await? else { return Ok(()) };
    let Some(failing) = work.app.links.failing(id) else { return Ok(()) };
    moved(work, &db, &trunk, id, trunks::rules::state(failing), failing, 1).await
}

/// A line that may start or cease to fail.
async fn moved(
    work: &mut Work<'_>,
    db: &TenantDb,
    trunk: &trunks::store::Model,
    id: TrunkId,
    state: TrunkState,
    failing: u32,
    calls: u32,
) -> anyhow::Result<()> {
    if (trunk.state(), trunk.failing) == (state, i64::from(failing)) {
        return Ok(());
    }
    trunks::store::save_state(db, work.tx, &trunk.id, state, failing).await?;
    if trunk.state() != state {
        let scope = Scope { campaign: None, trunk: Some(id) };
        match state {
            TrunkState::Down => {
                let params = json!({ "trunk": trunk.name, "failing": failing });
                alerts::raise(work.app, db, work.tx, TRUNK_FAILING, Level::Urgent, params, scope).await?;
            }
            TrunkState::Up => alerts::close(work.app, db, work.tx, TRUNK_FAILING, scope).await?,
            TrunkState::Failing | TrunkState::Unknown => {}
        }
    }
    tell(work, db, id, state, calls);
    Ok(())
}

fn tell(work: &mut Work<'_>, db: &TenantDb, trunk_id: TrunkId, state: TrunkState, calls: u32) {
    let state = state.as_str().to_owned();
    work.after.push(After::Publish(db.tenant(), Event::TrunkChanged { trunk_id, state, calls }));
}
