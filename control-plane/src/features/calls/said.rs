//! What is said in calls that are up, kept turn by turn until the result brings the whole of it. Of a call whose edge
//! or whose house did not live to its end, it is all there is.

use std::collections::BTreeMap;
use std::sync::Arc;

use dialogue::Meaning;
use platform::WriteTx;
use sea_orm::{ConnectionTrait, DbErr, Value};
use shared_proto::ids::{AttemptId, TenantId};
use shared_proto::outcome::{Disposition, Outcome};
use shared_proto::wire::{AttemptResult, Turn, Who};

use crate::app::App;
use crate::features::campaigns::attempts::AttemptRow;
use crate::features::scripts;
use crate::tenant_db::TenantDb;

/// A finished turn of a call that is up.
pub struct Said {
    pub tenant: TenantId,
    pub attempt: AttemptId,
    pub turn: Turn,
}

/// Keeps turns, each once, in one transaction.
pub async fn keep(app: &App, said: &[Said]) -> anyhow::Result<()> {
    let tx = app.database.write().await?;
    for Said { tenant, attempt, turn } in said {
        let db = TenantDb::of(&app.database, *tenant);
        let sql =
            "INSERT INTO said (tenant_id, attempt_id, place, turn) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING";
        let turn_json = serde_json::to_string(turn)?;
        let values: [Value; 3] = [attempt.to_string().into(), place(turn).into(), turn_json.into()];
        tx.execute_raw(db.sql(sql, values)).await?;
    }
    Ok(tx.commit().await?)
}

/// In the order in which they began; both may begin at once.
fn place(turn: &Turn) -> i64 {
    let of_two = match turn.who {
        Who::Bot => 0,
        Who::Customer => 1,
    };
    i64::try_from(turn.start_ms).unwrap_or(i64::MAX / 4) * 2 + of_two
}

/// The turns of an attempt, in their order.
pub async fn of(db: &TenantDb, on: &impl ConnectionTrait, attempt: &str) -> anyhow::Result<Vec<Turn>> {
    let sql = "SELECT turn FROM said WHERE tenant_id = $1 AND attempt_id = $2 ORDER BY place";
    let rows = on.query_all_raw(db.sql(sql, [attempt.into()])).await?;
    rows.iter().map(|row| Ok(serde_json::from_str(&row.try_get::<String>("", "turn")?)?)).collect()
}

/// What is known of a lost call that somebody has answered, so that contact, campaign, report and agents are told one
/// thing: it was answered, it ended with the last that was heard or recorded, and its label is what the script gives for the
/// words. `None` where nobody is known to have answered.
pub async fn heard(
    db: &TenantDb,
    on: &impl ConnectionTrait,
    row: &AttemptRow,
    lost: &AttemptResult,
) -> anyhow::Result<Option<AttemptResult>> {
    let turns = of(db, on, &row.id).await?;
    let spoken = (!turns.is_empty()).then(|| row.dialed_at.unwrap_or(row.leased_at));
    let Some(answered) = row.answered_at.or(spoken).map(i64::unsigned_abs) else { return Ok(None) };
    let recorded = lost.recording.iter().map(|recording| recording.duration_ms);
    let talk_ms = turns.iter().map(|turn| turn.end_ms).chain(recorded).max().unwrap_or(0);
    let lines: Vec<String> = of_customer(&turns).map(|turn| turn.text.clone()).collect();
    let flow = scripts::store::flow_in(db, on, &row.version_id).await?.filter(|_| !lines.is_empty());
    let told = flow.map(|flow| dialogue::try_out(Arc::new(flow), BTreeMap::new(), &lines));
    let (label, slots) = told.map_or_else(Default::default, |told| (told.label, told.slots));
    Ok(Some(AttemptResult {
        outcome: Outcome { disposition: Disposition::Answered, ..lost.outcome },
        ringing_unix_ms: row.ringing_at.map(i64::unsigned_abs),
        answered_unix_ms: Some(answered),
        ended_unix_ms: answered + talk_ms,
        opt_out: lost.opt_out.clone().or_else(|| opt_out(&turns)),
        turns,
        label,
        slots,
        ..lost.clone()
    }))
}

fn of_customer(turns: &[Turn]) -> impl Iterator<Item = &Turn> {
    turns.iter().filter(|turn| turn.who == Who::Customer)
}

/// The words that ask for no more calls, as their edge understood them before it told the turn.
fn opt_out(turns: &[Turn]) -> Option<String> {
    let builtins = dialogue::builtins().iter();
    let asking: Vec<&str> = builtins.filter(|one| one.meaning == Meaning::OptOut).map(|one| one.key).collect();
    let asks = |turn: &&Turn| turn.intent.as_deref().is_some_and(|intent| asking.contains(&intent));
    of_customer(turns).find(asks).map(|turn| turn.text.trim().to_owned())
}

/// The call has them now.
pub async fn forget(db: &TenantDb, tx: &WriteTx, attempt: &str) -> Result<(), DbErr> {
    let sql = "DELETE FROM said WHERE tenant_id = $1 AND attempt_id = $2";
    tx.execute_raw(db.sql(sql, [Value::from(attempt)])).await.map(|_| ())
}
