//! List and acknowledge.

use axum::extract::State;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use shared_proto::events::Event;
use shared_proto::ids::AlertId;
use utoipa::{IntoParams, ToSchema};

use super::store;
use crate::app::App;
use crate::features::identity::Can;
use crate::features::identity::permissions::{AlertsAcknowledge, AlertsRead, Key};
use crate::web::extract::{Json, Path, Query};
use crate::web::page::{Page, PageQuery, Time};
use crate::web::problem::{Problem, ProblemBody};

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct AlertQuery {
    /// true: neither acknowledged nor over
    open: Option<bool>,
}

#[derive(Serialize, ToSchema)]
pub struct AlertView {
    id: String,
    code: String,
    /// `info`, `warning` or `urgent`
    level: String,
    params: Value,
    campaign_id: Option<String>,
    trunk_id: Option<String>,
    raised_at: Time,
    acknowledged_at: Option<Time>,
    closed_at: Option<Time>,
}

impl From<store::Model> for AlertView {
    fn from(alert: store::Model) -> Self {
        Self {
            id: alert.id,
            code: alert.code,
            level: alert.level,
            params: serde_json::from_str(&alert.params).unwrap_or_default(),
            campaign_id: alert.campaign_id,
            trunk_id: alert.trunk_id,
            raised_at: Time(alert.raised_at),
            acknowledged_at: alert.acknowledged_at.map(Time),
            closed_at: alert.closed_at.map(Time),
        }
    }
}

/// List alerts, newest first
#[utoipa::path(get, path = "/v1/alerts", tag = "alerts", params(AlertQuery, PageQuery),
    responses((status = 200, body = Page<AlertView>)))]
pub async fn list_alerts(
    can: Can<AlertsRead>,
    Query(query): Query<AlertQuery>,
    Query(page): Query<PageQuery>,
) -> Result<Json<Page<AlertView>>, Problem> {
    let search = store::Search { open: query.open, campaigns: can.actor.role.may(Key::CampaignsRead) };
    let rows = store::search(&can.db, search, page.after()?, page.limit() + 1).await?;
    Ok(Json(Page::cut(rows, page.limit(), |alert| alert.id.clone(), AlertView::from)))
}

/// Acknowledge an alert: its sound ends for everybody
#[utoipa::path(post, path = "/v1/alerts/{id}/acknowledge", tag = "alerts", params(("id" = String, Path)),
    responses((status = 200, body = AlertView), (status = 404, body = ProblemBody)))]
pub async fn acknowledge_alert(
    can: Can<AlertsAcknowledge>,
    State(app): State<App>,
    Path(id): Path<AlertId>,
) -> Result<Json<AlertView>, Problem> {
    let visible = |alert: &store::Model| alert.campaign_id.is_none() || can.actor.role.may(Key::CampaignsRead);
    store::find(&can.db, id).await?.filter(visible).ok_or_else(Problem::not_found)?;
    store::acknowledge(&can.db, id, can.actor.user_id, app.now_ms()).await?;
    app.events.publish(can.actor.tenant_id, Event::AlertClosed { alert_id: id });
    let alert = store::find(&can.db, id).await?.ok_or_else(Problem::not_found)?;
    Ok(Json(alert.into()))
}
