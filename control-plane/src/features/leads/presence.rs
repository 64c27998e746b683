//! Presence: an agent's portal says every few seconds that somebody is there.

use axum::extract::State;
use sea_orm::{ConnectionTrait, DbErr, FromQueryResult};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::http::LeadNamed;
use super::rules::PresenceState;
use crate::app::App;
use crate::features::identity::Can;
use crate::features::identity::permissions::{LeadsWork, PresenceRead, Scope};
use crate::tenant_db::TenantDb;
use crate::web::extract::Json;
use crate::web::page::{Page, Time};
use crate::web::problem::Problem;

#[derive(Serialize, ToSchema)]
pub struct PresenceView {
    user: LeadNamed,
    state: PresenceState,
    since: Option<Time>,
    last_seen_at: Option<Time>,
}

#[derive(FromQueryResult)]
struct Row {
    user_id: String,
    name: String,
    state: Option<String>,
    since_at: Option<i64>,
    heartbeat_at: Option<i64>,
}

impl Row {
    fn view(self, now: i64) -> PresenceView {
        let heartbeat = self.heartbeat_at.unwrap_or(i64::MIN / 2);
        PresenceView {
            state: PresenceState::seen(self.state.as_deref().unwrap_or_default(), heartbeat, now),
            user: LeadNamed { id: self.user_id, name: self.name },
            since: self.since_at.map(Time),
            last_seen_at: self.heartbeat_at.map(Time),
        }
    }
}

async fn rows(db: &TenantDb, only: Option<String>) -> Result<Vec<Row>, DbErr> {
    let sql = "SELECT u.id AS user_id, u.name, p.state, p.since_at, p.heartbeat_at FROM users u \
        LEFT JOIN presence p ON p.tenant_id = u.tenant_id AND p.user_id = u.id \
        WHERE u.tenant_id = $1 AND u.role = 'agent' AND u.enabled AND ($2 = '' OR u.id = $2) ORDER BY u.name, u.id";
    Row::find_by_statement(db.sql(sql, [only.unwrap_or_default().into()])).all(db.read()).await
}

/// Who of the agents is there; an agent sees the own state
#[utoipa::path(get, path = "/v1/presence", tag = "leads", responses((status = 200, body = Page<PresenceView>)))]
pub async fn list_presence(
    can: Can<PresenceRead>,
    State(app): State<App>,
) -> Result<Json<Page<PresenceView>>, Problem> {
    let only = match can.actor.role.scope() {
        Scope::Own => Some(can.actor.user_id.to_string()),
        Scope::All => None,
    };
    let rows = rows(&can.db, only).await?;
    Ok(Json(Page::whole(rows.into_iter().map(|row| row.view(app.now_ms())).collect())))
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PresenceBody {
    state: PresenceState,
}

/// Say that you are there, every 10 s; 30 s of silence means offline
#[utoipa::path(put, path = "/v1/presence", tag = "leads", request_body = PresenceBody,
    responses((status = 200, body = PresenceView)))]
pub async fn set_presence(
    can: Can<LeadsWork>,
    State(app): State<App>,
    Json(body): Json<PresenceBody>,
) -> Result<Json<PresenceView>, Problem> {
    let now = app.now_ms();
    let user = can.actor.user_id.to_string();
    let mine = rows(&can.db, Some(user.clone())).await?.pop().ok_or_else(Problem::not_found)?;
    let before = mine.view(now);
    let moved = before.state != body.state;
    let tx = can.db.write().await?;
    let since = if moved { now } else { before.since.map_or(now, |since| since.0) };
    let sql = "INSERT INTO presence (tenant_id, user_id, state, since_at, heartbeat_at, last_offer_at) \
        VALUES ($1, $2, $3, $4, $5, 0) ON CONFLICT (tenant_id, user_id) \
        DO UPDATE SET state = excluded.state, since_at = excluded.since_at, heartbeat_at = excluded.heartbeat_at";
    let values = [user.into(), body.state.as_str().into(), since.into(), now.into()];
    tx.execute_raw(can.db.sql(sql, values)).await?;
    tx.commit().await?;
    if moved {
        can.trail.object("user", &before.user.id);
        can.trail.before(&serde_json::json!({ "state": before.state }));
        can.trail.after(&serde_json::json!({ "state": body.state }));
        super::jobs::deal(&app, can.db.tenant()).await?;
    } else {
        can.trail.heartbeat();
    }
    let after =
        PresenceView { user: before.user, state: body.state, since: Some(Time(since)), last_seen_at: Some(Time(now)) };
    Ok(Json(after))
}
