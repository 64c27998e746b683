//! The counts behind reports. Each question is one grouped query over all campaigns of the report.

use std::collections::{BTreeMap, BTreeSet};

use sea_orm::{ConnectionTrait, DbErr, FromQueryResult, Value};
use shared_proto::ids::CampaignId;

use super::rules::Figures;
use crate::features::trunks::store::IS_REHEARSAL;
use crate::tenant_db::TenantDb;

/// Campaigns in one report.
pub const CAMPAIGNS_MOST: usize = 200;

/// What a report is about.
pub struct Choice {
    /// Empty: all campaigns that were ever started.
    pub ids: BTreeSet<CampaignId>,
    /// What happened from here, in campaigns that were under way then,
    pub from: Option<i64>,
    /// until before here. Without a period each campaign counts as it stands.
    pub to: Option<i64>,
}

/// Milliseconds since 1970, half-open.
#[derive(Clone, Copy)]
struct Period {
    from: i64,
    to: i64,
}

impl Choice {
    fn period(&self) -> Option<Period> {
        let given = self.from.is_some() || self.to.is_some();
        given.then(|| Period { from: self.from.unwrap_or(i64::MIN), to: self.to.unwrap_or(i64::MAX) })
    }
}

pub struct Line {
    pub id: String,
    pub name: String,
    pub rehearsal: bool,
    pub figures: Figures,
}

#[derive(FromQueryResult)]
struct Campaign {
    id: String,
    name: String,
    rehearsal: bool,
    snapshot_total: i64,
    group_size: i64,
}

/// The lines of a report.
pub struct Lines {
    /// Newest campaign first.
    pub lines: Vec<Line>,
    /// Campaigns of the choice that are too many for one report.
    pub omitted: u64,
}

/// How many of these campaigns the tenant has.
pub async fn known(db: &TenantDb, ids: &BTreeSet<CampaignId>) -> Result<u64, DbErr> {
    if ids.is_empty() {
        return Ok(0);
    }
    let places: Vec<String> = (2..ids.len() + 2).map(|place| format!("${place}")).collect();
    let sql = format!(
        "SELECT COUNT(*) AS n FROM campaigns WHERE tenant_id = $1 AND deleted_at IS NULL AND id IN ({})",
        places.join(",")
    );
    let row = db.read().query_one_raw(db.sql(&sql, ids.iter().map(|id| id.to_string().into()))).await?;
    row.map_or(Ok(0), |row| row.try_get::<i64>("", "n").map(i64::unsigned_abs))
}

pub async fn lines(db: &TenantDb, choice: &Choice) -> Result<Lines, DbErr> {
    let (campaigns, omitted) = campaigns(db, choice).await?;
    let ids: Vec<&str> = campaigns.iter().map(|campaign| campaign.id.as_str()).collect();
    let period = choice.period();
    let mut figures = match period {
        None => contacts(db, &ids).await?,
        Some(period) => called_in(db, &ids, period).await?,
    };
    let all = period.unwrap_or(Period { from: i64::MIN, to: i64::MAX });
    leads(db, &ids, all, &mut figures).await?;
    talks(db, &ids, all, &mut figures).await?;
    let line = |campaign: Campaign| {
        let mut figures = figures.remove(&campaign.id).unwrap_or_default();
        if period.is_none() {
            // Contacts that the start has yet to copy are in the campaign already.
            let expected = campaign.snapshot_total.max(campaign.group_size);
            figures.contacts = figures.contacts.max(expected.unsigned_abs());
        }
        Line { id: campaign.id, name: campaign.name, rehearsal: campaign.rehearsal, figures }
    };
    Ok(Lines { lines: campaigns.into_iter().map(line).collect(), omitted })
}

async fn campaigns(db: &TenantDb, choice: &Choice) -> Result<(Vec<Campaign>, u64), DbErr> {
    let mut values: Vec<Value> = Vec::new();
    let mut put = |value: Value| {
        values.push(value);
        format!("${}", values.len() + 1)
    };
    let mut condition = String::new();
    if choice.ids.is_empty() {
        condition.push_str(" AND c.started_at IS NOT NULL");
    } else {
        let places: Vec<String> = choice.ids.iter().map(|id| put(id.to_string().into())).collect();
        condition.push_str(&format!(" AND c.id IN ({})", places.join(",")));
    }
    if let Some(from) = choice.from {
        condition
            .push_str(&format!(" AND c.started_at IS NOT NULL AND COALESCE(c.ended_at, {0}) >= {0}", put(from.into())));
    }
    if let Some(to) = choice.to {
        condition.push_str(&format!(" AND c.started_at < {}", put(to.into())));
    }
    let sql = format!(
        "SELECT c.id, c.name, {IS_REHEARSAL} AS rehearsal, c.snapshot_total, CASE WHEN c.snapshot <> 'none' THEN 0 ELSE \
         (SELECT COUNT(*) FROM contact_groups m WHERE m.tenant_id = $1 AND m.group_id = c.group_id) END AS group_size \
         FROM campaigns c LEFT JOIN trunks t ON t.tenant_id = c.tenant_id AND t.id = c.trunk_id \
         WHERE c.tenant_id = $1 AND c.deleted_at IS NULL{condition} \
         ORDER BY c.id DESC LIMIT {CAMPAIGNS_MOST}"
    );
    let found = Campaign::find_by_statement(db.sql(&sql, values.clone())).all(db.read()).await?;
    if found.len() < CAMPAIGNS_MOST {
        return Ok((found, 0));
    }
    let sql =
        format!("SELECT COUNT(*) AS n FROM campaigns c WHERE c.tenant_id = $1 AND c.deleted_at IS NULL{condition}");
    let row = db.read().query_one_raw(db.sql(&sql, values)).await?;
    let all = row.map_or(Ok(0), |row| row.try_get::<i64>("", "n"))?.unsigned_abs();
    let omitted = all.saturating_sub(found.len() as u64);
    Ok((found, omitted))
}

async fn contacts(db: &TenantDb, ids: &[&str]) -> Result<BTreeMap<String, Figures>, DbErr> {
    #[derive(FromQueryResult)]
    struct Row {
        campaign_id: String,
        state: String,
        disposition: Option<String>,
        label_key: Option<String>,
        n: i64,
        attempts: i64,
    }
    let mut figures: BTreeMap<String, Figures> = BTreeMap::new();
    let sql = "SELECT campaign_id, state, disposition, label_key, COUNT(*) AS n, CAST(SUM(attempts) AS BIGINT) AS attempts \
               FROM campaign_contacts WHERE tenant_id = $1 AND campaign_id IN ({ids}) \
               GROUP BY campaign_id, state, disposition, label_key";
    let Some(statement) = about(db, sql, ids, None) else { return Ok(figures) };
    for row in Row::find_by_statement(statement).all(db.read()).await? {
        figures.entry(row.campaign_id).or_default().add_contacts(
            &row.state,
            row.disposition.as_deref(),
            row.label_key.as_deref(),
            row.n.unsigned_abs(),
            row.attempts.unsigned_abs(),
        );
    }
    Ok(figures)
}

/// Contacts by what became of the calls made to them in a period; each has the label of its last call there that has one.
async fn called_in(db: &TenantDb, ids: &[&str], period: Period) -> Result<BTreeMap<String, Figures>, DbErr> {
    #[derive(FromQueryResult)]
    struct Row {
        campaign_id: String,
        attempts: i64,
        called: i64,
        connected: i64,
    }
    #[derive(FromQueryResult)]
    struct Labelled {
        campaign_id: String,
        label_key: String,
        n: i64,
    }
    let mut figures: BTreeMap<String, Figures> = BTreeMap::new();
    let sql = "SELECT campaign_id, COUNT(*) AS attempts, COUNT(DISTINCT contact_id) AS called, \
               COUNT(DISTINCT CASE WHEN disposition = 'answered' THEN contact_id END) AS connected FROM calls \
               WHERE tenant_id = $1 AND dialed_at >= $2 AND dialed_at < $3 AND campaign_id IN ({ids}) \
               GROUP BY campaign_id";
    let Some(statement) = about(db, sql, ids, Some(period)) else { return Ok(figures) };
    for row in Row::find_by_statement(statement).all(db.read()).await? {
        let line = figures.entry(row.campaign_id).or_default();
        (line.attempts, line.connected) = (row.attempts.unsigned_abs(), row.connected.unsigned_abs());
        (line.contacts, line.called) = (row.called.unsigned_abs(), row.called.unsigned_abs());
    }
    let sql = "SELECT campaign_id, label_key, COUNT(*) AS n FROM calls WHERE tenant_id = $1 AND id IN \
               (SELECT MAX(id) FROM calls WHERE tenant_id = $1 AND dialed_at >= $2 AND dialed_at < $3 \
               AND label_key IS NOT NULL AND campaign_id IN ({ids}) GROUP BY campaign_id, contact_id) \
               GROUP BY campaign_id, label_key";
    let Some(statement) = about(db, sql, ids, Some(period)) else { return Ok(figures) };
    for row in Labelled::find_by_statement(statement).all(db.read()).await? {
        figures.entry(row.campaign_id).or_default().labels.insert(row.label_key, row.n.unsigned_abs());
    }
    Ok(figures)
}

async fn leads(
    db: &TenantDb,
    ids: &[&str],
    period: Period,
    figures: &mut BTreeMap<String, Figures>,
) -> Result<(), DbErr> {
    #[derive(FromQueryResult)]
    struct Row {
        campaign_id: String,
        leads: i64,
        won: i64,
    }
    let sql = "SELECT campaign_id, COUNT(*) AS leads, COUNT(CASE WHEN status = 'won' THEN 1 END) AS won \
               FROM leads WHERE tenant_id = $1 AND created_at >= $2 AND created_at < $3 \
               AND campaign_id IN ({ids}) GROUP BY campaign_id";
    let Some(statement) = about(db, sql, ids, Some(period)) else { return Ok(()) };
    for row in Row::find_by_statement(statement).all(db.read()).await? {
        let line = figures.entry(row.campaign_id).or_default();
        (line.leads, line.won) = (row.leads.unsigned_abs(), row.won.unsigned_abs());
    }
    Ok(())
}

async fn talks(
    db: &TenantDb,
    ids: &[&str],
    period: Period,
    figures: &mut BTreeMap<String, Figures>,
) -> Result<(), DbErr> {
    #[derive(FromQueryResult)]
    struct Row {
        campaign_id: String,
        fair: i64,
        answered: i64,
        talk_ms: i64,
    }
    let sql = "SELECT campaign_id, COUNT(CASE WHEN disposition = 'answered' OR side <> 'system' THEN 1 END) AS fair, \
               COUNT(CASE WHEN disposition = 'answered' THEN 1 END) AS answered, \
               CAST(COALESCE(SUM(CASE WHEN disposition = 'answered' THEN talk_ms END), 0) AS BIGINT) AS talk_ms \
               FROM calls WHERE tenant_id = $1 AND dialed_at >= $2 AND dialed_at < $3 AND campaign_id IN ({ids}) \
               GROUP BY campaign_id";
    let Some(statement) = about(db, sql, ids, Some(period)) else { return Ok(()) };
    for row in Row::find_by_statement(statement).all(db.read()).await? {
        let line = figures.entry(row.campaign_id).or_default();
        (line.fair_calls, line.answered_calls) = (row.fair.unsigned_abs(), row.answered.unsigned_abs());
        line.talk_ms = row.talk_ms.unsigned_abs();
    }
    Ok(())
}

/// The statement with a period at $2 and $3, where there is one, and the campaigns' ids at `{ids}`; none where there are
/// no campaigns.
fn about(db: &TenantDb, sql: &str, ids: &[&str], period: Option<Period>) -> Option<sea_orm::Statement> {
    let mut values: Vec<Value> = period.into_iter().flat_map(|p| [Value::from(p.from), Value::from(p.to)]).collect();
    let first = values.len() + 2;
    let places: Vec<String> = (first..first + ids.len()).map(|place| format!("${place}")).collect();
    values.extend(ids.iter().map(|id| Value::from(*id)));
    (!ids.is_empty()).then(|| db.sql(&sql.replace("{ids}", &places.join(",")), values))
}
