//! The report of campaigns: as JSON for the page, as a spreadsheet for everybody else.

use std::collections::BTreeSet;

use axum::http::HeaderMap;
use axum::response::Response;
use serde::{Deserialize, Serialize};
use shared_proto::ids::CampaignId;
use sheets::{Cell, Table};
use utoipa::{IntoParams, ToSchema};

use super::rules::Figures;
use super::store::{self, CAMPAIGNS_MOST, Choice};
use crate::features::contacts::Named;
use crate::features::identity::Can;
use crate::features::identity::permissions::{ReportsExport, ReportsRead};
use crate::features::labels::store as labels;
use crate::tenant_db::TenantDb;
use crate::web::extract::{Json, Query};
use crate::web::page::Time;
use crate::web::problem::{Problem, ProblemBody};
use crate::web::xlsx::{self, attachment};

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct ReportQuery {
    /// Ids of campaigns, parted by commas, each counted once; left out: all that were ever started
    ids: Option<String>,
    /// RFC 3339: count only what happened at or after this time, in campaigns that were under way then
    #[param(value_type = Option<String>)]
    from: Option<Time>,
    /// RFC 3339: count only what happened before this time
    #[param(value_type = Option<String>)]
    to: Option<Time>,
}

impl ReportQuery {
    fn choice(&self) -> Result<Choice, Problem> {
        let ids = self.ids.as_deref().unwrap_or_default().split(',').map(str::trim).filter(|id| !id.is_empty());
        let ids: BTreeSet<CampaignId> =
            ids.map(|id| id.parse().map_err(|_| Problem::not_found())).collect::<Result<_, _>>()?;
        if ids.len() > CAMPAIGNS_MOST {
            return Err(Problem::field("report_too_many_campaigns", "ids").with("most", CAMPAIGNS_MOST));
        }
        Ok(Choice { ids, from: self.from.map(|time| time.0), to: self.to.map(|time| time.0) })
    }
}

#[derive(Serialize, ToSchema)]
pub struct CampaignReport {
    items: Vec<ReportLine>,
    /// Of the campaigns in `items`.
    total: ReportLine,
    /// Older campaigns that the choice names and that are not in the report: it holds 200 at most.
    omitted: u64,
}

#[derive(Serialize, ToSchema)]
pub struct ReportLine {
    /// Null in the total.
    campaign: Option<Named>,
    /// The campaign calls simulated customers; false in the total.
    rehearsal: bool,
    /// Contacts in the campaign; in a period, those called in it.
    contacts: u64,
    /// Contacts whose calling is over; in a period, those called in it.
    called: u64,
    /// INVITEs sent; in a period, the calls made in it.
    attempts: u64,
    /// Contacts with an answered attempt.
    connected: u64,
    /// Answered calls ÷ calls that did not fail by our own fault; null where no call has ended.
    connect_rate: Option<f64>,
    labels: Vec<LabelLine>,
    leads: u64,
    won: u64,
    /// won ÷ leads; null where there are none.
    conversion_rate: Option<f64>,
    talk_ms_avg: Option<u64>,
}

#[derive(Serialize, ToSchema)]
struct LabelLine {
    key: String,
    name: String,
    /// Contacts with this label.
    count: u64,
    /// count ÷ contacts with any label: the shares add up to 1; null where no contact has a label.
    share: Option<f64>,
}

struct Report {
    /// Key and name of every label, in the tenant's order.
    labels: Vec<(String, String)>,
    lines: Vec<store::Line>,
    total: Figures,
    omitted: u64,
}

impl Report {
    async fn of(db: &TenantDb, query: &ReportQuery) -> Result<Self, Problem> {
        let choice = query.choice()?;
        if store::known(db, &choice.ids).await? < choice.ids.len() as u64 {
            return Err(Problem::not_found());
        }
        let store::Lines { lines, omitted } = store::lines(db, &choice).await?;
        let mut total = Figures::default();
        lines.iter().for_each(|line| total.add(&line.figures));
        let labels = labels::all(db).await?.into_iter().map(|label| (label.key, label.name)).collect();
        Ok(Self { labels, lines, total, omitted })
    }

    fn line(&self, campaign: Option<(Named, bool)>, figures: &Figures) -> ReportLine {
        let label = |(key, name): &(String, String)| LabelLine {
            count: figures.labels.get(key).copied().unwrap_or(0),
            share: figures.label_share(key),
            key: key.clone(),
            name: name.clone(),
        };
        let rehearsal = campaign.as_ref().is_some_and(|(_, rehearsal)| *rehearsal);
        ReportLine {
            campaign: campaign.map(|(named, _)| named),
            rehearsal,
            contacts: figures.contacts,
            called: figures.called,
            attempts: figures.attempts,
            connected: figures.connected,
            connect_rate: figures.connect_rate(),
            labels: self.labels.iter().map(label).collect(),
            leads: figures.leads,
            won: figures.won,
            conversion_rate: figures.conversion_rate(),
            talk_ms_avg: figures.talk_ms_avg(),
        }
    }
}

/// Report campaigns, each and together
#[utoipa::path(get, path = "/v1/reports/campaigns", tag = "reports", params(ReportQuery),
    responses((status = 200, body = CampaignReport), (status = 404, body = ProblemBody)))]
pub async fn report_campaigns(
    can: Can<ReportsRead>,
    Query(query): Query<ReportQuery>,
) -> Result<Json<CampaignReport>, Problem> {
    let report = Report::of(&can.db, &query).await?;
    let named = |line: &store::Line| (Named { id: line.id.clone(), name: line.name.clone() }, line.rehearsal);
    Ok(Json(CampaignReport {
        items: report.lines.iter().map(|line| report.line(Some(named(line)), &line.figures)).collect(),
        total: report.line(None, &report.total),
        omitted: report.omitted,
    }))
}

/// The same report as a spreadsheet
#[utoipa::path(get, path = "/v1/reports/campaigns/export.xlsx", tag = "reports", params(ReportQuery),
    responses((status = 200, content_type = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", body = Vec<u8>),
        (status = 404, body = ProblemBody)))]
pub async fn export_campaigns(
    can: Can<ReportsExport>,
    headers: HeaderMap,
    Query(query): Query<ReportQuery>,
) -> Result<Response, Problem> {
    let report = Report::of(&can.db, &query).await?;
    let language = xlsx::language(&headers);
    let text = |key: &str| language.find("sheet", &format!("report_{key}")).unwrap_or(key).to_owned();
    let mut columns: Vec<String> =
        ["campaign", "contacts", "called", "attempts", "connected", "connect_rate"].map(text).to_vec();
    for (_, name) in &report.labels {
        columns.extend([name.clone(), format!("{name} {}", text("share"))]);
    }
    columns.extend(["leads", "won", "conversion_rate", "talk_avg_s"].map(text));
    let mut table = Table::new(&text("sheet"), columns);
    for line in &report.lines {
        table.push(row(&report, line.name.clone(), &line.figures));
    }
    if report.lines.len() > 1 {
        table.push(row(&report, text("total"), &report.total));
    }
    if report.omitted > 0 {
        let n = serde_json::Map::from_iter([("n".to_owned(), report.omitted.into())]);
        table.push(vec![Cell::Text(language.text("sheet", "report_omitted", &n))]);
    }
    can.trail.access();
    attachment(&format!("{}.xlsx", text("file")), table).await
}

fn row(report: &Report, name: String, figures: &Figures) -> Vec<Cell> {
    let count = |count: u64| Cell::Number(count as f64);
    let share = |part: Option<f64>| part.map_or(Cell::Empty, Cell::Share);
    let mut row = vec![
        Cell::Text(name),
        count(figures.contacts),
        count(figures.called),
        count(figures.attempts),
        count(figures.connected),
        share(figures.connect_rate()),
    ];
    for (key, _) in &report.labels {
        row.extend([count(figures.labels.get(key).copied().unwrap_or(0)), share(figures.label_share(key))]);
    }
    let talk = figures.talk_ms_avg().map_or(Cell::Empty, |ms| Cell::Number((ms as f64 / 100.0).round() / 10.0));
    row.extend([count(figures.leads), count(figures.won), share(figures.conversion_rate()), talk]);
    row
}
