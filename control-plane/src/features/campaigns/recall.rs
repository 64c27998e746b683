//! Calls jobs back from their edges. An edge drops a job that it has not dialled yet and says so; the contact then waits
//! as before, and its gates are asked anew. Every order is kept in its attempt's row before it is sent: an edge that was
//! away, or whose connection was dying, hears it when it is back.

use platform::WriteTx;
use sea_orm::DbErr;
use shared_proto::ids::{AttemptId, CampaignId, EdgeId};
use shared_proto::wire::Down;

use super::attempt::AttemptState;
use super::attempts::{self, AttemptRow};
use crate::app::App;
use crate::tenant_db::TenantDb;

/// How an attempt is ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum How {
    /// Only what nobody has answered. An answered call goes on: edges may know of an answer that has not arrived here.
    Drop,
    HangUp,
}

impl How {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Drop => "drop",
            Self::HangUp => "hang_up",
        }
    }

    fn parse(text: &str) -> Option<Self> {
        [Self::Drop, Self::HangUp].into_iter().find(|how| how.as_str() == text)
    }
}

/// An order to one edge.
#[derive(Debug)]
pub struct Recall {
    pub edge: EdgeId,
    pub frame: Down,
}

impl Recall {
    fn of(row: &AttemptRow, how: How) -> Option<Self> {
        let (edge, attempt) = (row.edge_id.parse().ok()?, row.id.parse().ok()?);
        let frame = Down::Cancel { attempt, fence: row.fence.unsigned_abs(), hang_up: how == How::HangUp };
        Some(Self { edge, frame })
    }

    /// The order that was kept for an attempt, if one was.
    fn kept(row: &AttemptRow) -> Option<Self> {
        Self::of(row, row.recalled.as_deref().and_then(How::parse)?)
    }
}

/// Keeps the order for these attempts. What comes back is sent after the commit.
pub async fn keep(db: &TenantDb, tx: &WriteTx, rows: &[AttemptRow], how: How) -> Result<Vec<Recall>, DbErr> {
    for row in rows {
        attempts::recall(db, tx, &row.id, how.as_str()).await?;
    }
    Ok(rows.iter().filter_map(|row| Recall::of(row, how)).collect())
}

pub fn send(app: &App, recalls: Vec<Recall>) {
    for recall in recalls {
        app.links.send(recall.edge, recall.frame);
    }
}

/// What an edge may have missed while it was away, about the attempts that it says are live.
pub async fn missed(app: &App, edge: EdgeId, live: &[(AttemptId, u64)]) -> Result<Vec<Recall>, DbErr> {
    let named = |row: &&AttemptRow| row.id.parse().is_ok_and(|id| live.contains(&(id, row.fence.unsigned_abs())));
    Ok(attempts::live_on(&app.database, edge).await?.iter().filter(named).filter_map(Recall::kept).collect())
}

/// Orders given between the commit of these leases and their jobs' way to the edge: an order that came there before its
/// job meant nothing to it. Call it after the jobs were sent.
pub async fn overtaken(app: &App, db: &TenantDb, id: CampaignId, leased: &[AttemptId]) -> Result<(), DbErr> {
    let rows = attempts::live_of(db, db.read(), &id.to_string()).await?;
    let named = |row: &&AttemptRow| row.id.parse().is_ok_and(|id| leased.contains(&id));
    send(app, rows.iter().filter(named).filter_map(Recall::kept).collect());
    Ok(())
}

/// A number has come onto the blacklist: its job is called back, wherever it waits for its INVITE.
/// A call that is up goes on. Call it after the commit that listed the number.
pub async fn number_listed(app: &App, db: &TenantDb, number_blind: &[u8]) -> Result<(), DbErr> {
    let leased = attempts::leased_to(db, db.read(), number_blind).await?;
    give(app, db, &leased, How::Drop).await
}

/// Contacts were archived, deleted or given another number: their jobs are called back, as those of a number that is listed.
pub async fn contacts_changed(app: &App, db: &TenantDb, contacts: &[String]) -> Result<(), DbErr> {
    let leased = attempts::leased_for(db, db.read(), contacts).await?;
    give(app, db, &leased, How::Drop).await
}

/// Tells edges to end the campaign's attempts that are in one of the states asked for.
pub async fn campaign(
    app: &App,
    db: &TenantDb,
    id: CampaignId,
    which: impl Fn(AttemptState) -> bool,
    how: How,
) -> Result<(), DbErr> {
    let mut live = attempts::live_of(db, db.read(), &id.to_string()).await?;
    live.retain(|row| which(row.state()));
    give(app, db, &live, how).await
}

async fn give(app: &App, db: &TenantDb, rows: &[AttemptRow], how: How) -> Result<(), DbErr> {
    if rows.is_empty() {
        return Ok(());
    }
    let tx = db.write().await?;
    let recalls = keep(db, &tx, rows, how).await?;
    tx.commit().await?;
    send(app, recalls);
    Ok(())
}
