//! How many of a campaign's contacts are where. Counting walks an index of the contacts, some 200 ms for 100,000, so what
//! a campaign that is over has come to is remembered.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use sea_orm::{ConnectionTrait, DbErr, FromQueryResult, Statement, Value};

use super::rules::{ContactState, Counters};
use super::store::{Model, Snapshot};
use crate::app::App;
use crate::tenant_db::TenantDb;

/// How long the counters of a campaign that is over are remembered.
const REMEMBERED: Duration = Duration::from_hours(24);

/// The counters of one campaign, as they are now. Before the start they count the group.
pub async fn of(db: &TenantDb, campaign: &Model) -> Result<Counters, DbErr> {
    let mut counted = count(db, &[campaign]).await?;
    Ok(counted.remove(&campaign.id).unwrap_or_default())
}

/// The counters of several campaigns, by their ids, for a list: those of campaigns that are over may come from memory.
pub async fn of_all(app: &App, db: &TenantDb, campaigns: &[Model]) -> Result<BTreeMap<String, Counters>, DbErr> {
    let mut known = BTreeMap::new();
    for campaign in campaigns {
        let Some(key) = key(campaign) else { continue };
        if let Some(counters) = app.cache.get(&key).await.and_then(|kept| serde_json::from_slice(&kept).ok()) {
            known.insert(campaign.id.clone(), counters);
        }
    }
    let others: Vec<&Model> = campaigns.iter().filter(|campaign| !known.contains_key(&campaign.id)).collect();
    let counted = count(db, &others).await?;
    for campaign in others {
        if let Some(counters) = counted.get(&campaign.id) {
            remember(app, campaign, counters).await;
        }
    }
    known.extend(counted);
    Ok(known)
}

/// Keeps what a campaign that is over has come to. A late result still changes it, and whoever counts then keeps that.
pub async fn remember(app: &App, campaign: &Model, counters: &Counters) {
    if let (true, Some(key), Ok(kept)) = (counters.are_final(), key(campaign), serde_json::to_vec(counters)) {
        app.cache.set(&key, kept.into(), REMEMBERED).await;
    }
}

/// Where the counters of a campaign that is over are remembered. One that is started again ends after more attempts, or
/// at another time.
fn key(campaign: &Model) -> Option<String> {
    let ended = campaign.ended_at.filter(|_| !campaign.sweeping && campaign.snapshot() == Snapshot::Done)?;
    Some(format!("campaigns.counters/{}/{}/{}/{ended}", campaign.tenant_id, campaign.id, campaign.epoch))
}

/// The counters of several campaigns, by their ids: one look at their contacts, one at the groups of those that have
/// not been started.
async fn count(db: &TenantDb, campaigns: &[&Model]) -> Result<BTreeMap<String, Counters>, DbErr> {
    #[derive(FromQueryResult)]
    struct Row {
        campaign_id: String,
        state: String,
        disposition: Option<String>,
        label_key: Option<String>,
        n: i64,
        attempts: i64,
    }
    let mut counted: BTreeMap<String, Counters> = BTreeMap::new();
    let started =
        campaigns.iter().filter(|campaign| campaign.snapshot() != Snapshot::None).map(|campaign| campaign.id.as_str());
    let sql = "SELECT campaign_id, state, disposition, label_key, count(*) AS n, CAST(sum(attempts) AS BIGINT) AS attempts \
               FROM campaign_contacts WHERE tenant_id = $1 AND campaign_id IN ({}) \
               GROUP BY campaign_id, state, disposition, label_key";
    if let Some(statement) = among(db, sql, started) {
        for row in Row::find_by_statement(statement).all(db.read()).await? {
            let Some(state) = ContactState::parse(&row.state) else { continue };
            let (n, attempts) = (row.n.unsigned_abs(), row.attempts.unsigned_abs());
            let counters = counted.entry(row.campaign_id).or_default();
            counters.add(state, row.disposition.as_deref(), row.label_key.as_deref(), n, attempts);
        }
    }
    let unstarted = campaigns.iter().filter(|campaign| campaign.snapshot() == Snapshot::None);
    let groups: BTreeSet<&str> = unstarted.filter_map(|campaign| campaign.group_id.as_deref()).collect();
    let sql = "SELECT group_id, count(*) AS n FROM contact_groups WHERE tenant_id = $1 AND group_id IN ({}) GROUP BY group_id";
    let mut sizes: BTreeMap<String, u64> = BTreeMap::new();
    if let Some(statement) = among(db, sql, groups.into_iter()) {
        for row in db.read().query_all_raw(statement).await? {
            sizes.insert(row.try_get("", "group_id")?, row.try_get::<i64>("", "n")?.unsigned_abs());
        }
    }
    for campaign in campaigns {
        let missing = match campaign.snapshot() {
            Snapshot::None => campaign.group_id.as_ref().and_then(|group| sizes.get(group)).copied().unwrap_or(0),
            Snapshot::Copying => campaign.snapshot_total.unsigned_abs(),
            Snapshot::Reopening | Snapshot::Done => continue,
        };
        counted.entry(campaign.id.clone()).or_default().add_not_yet_copied(missing);
    }
    Ok(counted)
}

/// The statement with `values` in the place of `{}`; none where there are none.
fn among<'a>(db: &TenantDb, sql: &str, values: impl Iterator<Item = &'a str>) -> Option<Statement> {
    let values: Vec<Value> = values.map(Value::from).collect();
    let places: Vec<String> = (2..values.len() + 2).map(|place| format!("${place}")).collect();
    (!values.is_empty()).then(|| db.sql(&sql.replace("{}", &places.join(",")), values))
}
