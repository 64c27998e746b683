//! Calls jobs back from their edges. An edge drops a job that it has not dialled yet and says so; the
//! contact then waits as before, and its gates are asked anew.

use sea_orm::DbErr;
use shared_proto::ids::CampaignId;

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
    let live = attempts::live_of(db, db.read(), &id.to_string()).await?;
    send(app, live.iter().filter(|row| which(row.state())), hang_up);
    Ok(())
}

fn send<'a>(app: &App, rows: impl Iterator<Item = &'a AttemptRow>, hang_up: bool) {
    rows.filter_map(|row| order(row, hang_up)).for_each(|recall| give(app, recall));
}
