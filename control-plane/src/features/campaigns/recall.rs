//! Calls jobs back from their edges. An edge drops a job that it has not dialled yet and says so; the
//! contact then waits as before, and its gates are asked anew.

use std::collections::BTreeMap;

use sea_orm::DbErr;
use shared_proto::ids::{AttemptId, CampaignId, EdgeId};

use super::attempt::AttemptState;
use super::attempts::{self, AttemptRow};
use crate::app::App;
use crate::features::edges::recalls::Recall;
use crate::tenant_db::TenantDb;

/// The order that ends an attempt. An answered call goes on unless it is to be hung up: edges may know of an answer
/// that has not arrived here.
pub fn order(row: &AttemptRow, hang_up: bool) -> Option<Recall> {
    let (edge, attempt) = (row.edge_id.parse().ok()?, row.id.parse().ok()?);
    Some(Recall { edge, attempt, fence: row.fence.unsigned_abs(), hang_up })
}

/// Gives the order, now and again when its edge is back.
pub fn give(app: &App, recall: Recall) {
    app.recalls.keep(recall, app.now_ms());
    app.links.send(recall.edge, recall.frame());
}

/// What an edge may have missed while it was away, about the attempts that it says are live: orders given lately, and
/// every call that is to be hung up, though the house itself was away since.
pub async fn missed(app: &App, edge: EdgeId, live: &[(AttemptId, u64)]) -> Result<Vec<Recall>, DbErr> {
    let lately = app.recalls.missed(edge, live, app.now_ms());
    let ours = attempts::live_on(&app.database, edge).await?;
    let to_hang_up = ours.iter().filter(|row| row.hang_up).filter_map(|row| order(row, true));
    let named = to_hang_up.filter(|recall| live.contains(&(recall.attempt, recall.fence)));
    let all = lately.into_iter().chain(named).map(|recall| (recall.attempt, recall));
    Ok(BTreeMap::from_iter(all).into_values().collect())
}

/// A number has come onto the blacklist: its job is called back, wherever it waits for its INVITE.
/// A call that is up goes on. Call it after the commit that listed the number.
pub async fn number_listed(app: &App, db: &TenantDb, number_blind: &[u8]) -> Result<(), DbErr> {
    let leased = attempts::leased_to(db, db.read(), number_blind).await?;
    send(app, leased.iter(), false);
    Ok(())
}

/// Contacts were archived or deleted: their jobs are called back, as those of a number that is listed.
pub async fn contacts_gone(app: &App, db: &TenantDb, contacts: &[String]) -> Result<(), DbErr> {
    let leased = attempts::leased_for(db, db.read(), contacts).await?;
    send(app, leased.iter(), false);
    Ok(())
}

/// Tells edges to end the campaign's attempts that are in one of the states asked for.
pub async fn campaign(
    app: &App,
    db: &TenantDb,
    id: CampaignId,
    which: impl Fn(AttemptState) -> bool,
    hang_up: bool,
) -> Result<(), DbErr> {
    if hang_up {
        let tx = db.write().await?;
        attempts::hang_up(db, &tx, &id.to_string()).await?;
        tx.commit().await?;
    }
    let live = attempts::live_of(db, db.read(), &id.to_string()).await?;
    send(app, live.iter().filter(|row| which(row.state())), hang_up);
    Ok(())
}

fn send<'a>(app: &App, rows: impl Iterator<Item = &'a AttemptRow>, hang_up: bool) {
    rows.filter_map(|row| order(row, hang_up)).for_each(|recall| give(app, recall));
}
