//! Handlers for edges. They are the platform's; every tenant's admin sees that they are there, and what of their load
//! is the own tenant's.

use std::collections::BTreeMap;

use axum::extract::State;
use axum::http::StatusCode;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use platform::WriteTx;
use serde::{Deserialize, Serialize};
use shared_proto::ids::{EdgeId, TenantId};
use utoipa::ToSchema;

use super::links::LinkView;
use super::store;
use crate::app::App;
use crate::features::campaigns::attempts;
use crate::features::identity::Can;
use crate::features::identity::permissions::{EdgesManage, EdgesRead};
use crate::tenant_db::TenantDb;
use crate::web::extract::{Json, Path};
use crate::web::page::{Page, Time};
use crate::web::problem::{Problem, ProblemBody};

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum EdgeState {
    /// Its token was not used yet.
    Pending,
    Online,
    Offline,
    /// Calls in progress go on, new ones go elsewhere.
    Draining,
}

/// What place an edge has for new calls, in words that tell nothing of other tenants' calls.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Room {
    Plenty,
    /// A fifth of it, or less.
    Little,
    None,
}

impl Room {
    fn of(link: Option<&LinkView>) -> Self {
        match link.map(|link| (link.free, link.live)) {
            None | Some((0, _)) => Self::None,
            Some((free, live)) if u64::from(free) * 5 <= u64::from(free) + u64::from(live) => Self::Little,
            Some(_) => Self::Plenty,
        }
    }
}

#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct EdgeView {
    pub id: String,
    pub name: String,
    pub state: EdgeState,
    /// Calls up on it: the reader's tenant's own; for the tenant that runs this installation, everybody's.
    pub live: u32,
    /// Calls it could take; only for the tenant that runs this installation.
    pub free: Option<u32>,
    pub room: Room,
    pub software: String,
    pub last_seen_at: Option<Time>,
}

/// Whose calls a reader may know of.
enum Sight {
    All,
    /// How many are up on each edge.
    Own(BTreeMap<String, u32>),
}

fn view(row: store::EdgeRow, link: Option<&LinkView>, sight: &Sight) -> EdgeView {
    let state = match link {
        Some(link) if link.draining || row.draining => EdgeState::Draining,
        Some(_) => EdgeState::Online,
        None if row.enrolled_at.is_none() => EdgeState::Pending,
        None => EdgeState::Offline,
    };
    let (live, free) = match sight {
        Sight::All => (link.map_or(0, |link| link.live), Some(link.map_or(0, |link| link.free))),
        Sight::Own(calls) => (calls.get(&row.id).copied().unwrap_or(0), None),
    };
    EdgeView {
        id: row.id,
        name: row.name,
        state,
        live,
        free,
        room: Room::of(link),
        software: row.software,
        last_seen_at: link.map(|link| link.seen_at).or(row.last_seen_at).map(Time),
    }
}

/// Every edge with how it is, for the list and the system page of this tenant.
pub async fn views(app: &App, db: &TenantDb) -> anyhow::Result<Vec<EdgeView>> {
    let links = app.links.all();
    let of_the_house = crate::features::identity::admin::runs_the_house(&app.database, db.tenant()).await?;
    let sight = if of_the_house { Sight::All } else { Sight::Own(attempts::calls_by_edge(db).await?) };
    let rows = store::edges(&app.database).await?;
    let link_of = |id: &str| links.iter().find(|link| link.edge.to_string() == id);
    Ok(rows
        .into_iter()
        .map(|row| {
            let link = link_of(&row.id);
            view(row, link, &sight)
        })
        .collect())
}

/// List edges
#[utoipa::path(get, path = "/v1/edges", tag = "edges", responses((status = 200, body = Page<EdgeView>)))]
pub async fn list_edges(can: Can<EdgesRead>, State(app): State<App>) -> Result<Json<Page<EdgeView>>, Problem> {
    Ok(Json(Page::whole(views(&app, &can.db).await?)))
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewEdge {
    name: String,
}

#[derive(Serialize, ToSchema)]
pub struct EnrolmentToken {
    id: String,
    /// Give this to the new edge; it works once and is shown once.
    token: String,
    expires_at: Time,
}

/// Edges carry the calls of every tenant, so only the tenant that runs this installation, its first one, manages them.
async fn of_the_house(app: &App, tenant: TenantId) -> Result<(), Problem> {
    let may = crate::features::identity::admin::runs_the_house(&app.database, tenant).await?;
    if may { Ok(()) } else { Err(Problem::forbidden("edges_of_house")) }
}

/// Announce an edge; it enrols with the token in the answer
#[utoipa::path(post, path = "/v1/edges", tag = "edges", request_body = NewEdge,
    responses((status = 201, body = EnrolmentToken), (status = 422, body = ProblemBody)))]
pub async fn create_edge(
    can: Can<EdgesManage>,
    State(app): State<App>,
    Json(body): Json<NewEdge>,
) -> Result<(StatusCode, Json<EnrolmentToken>), Problem> {
    of_the_house(&app, can.db.tenant()).await?;
    let name = body.name.trim();
    if name.is_empty() || name.chars().count() > 60 {
        return Err(Problem::field("name_invalid", "name"));
    }
    let (id, token) = enrolment_token(&app, name).await?;
    can.trail.object("edge", id);
    let expires_at = Time(app.now_ms() + store::TOKEN_TTL_MS);
    Ok((StatusCode::CREATED, Json(EnrolmentToken { id: id.to_string(), token, expires_at })))
}

/// Makes an edge row and the token that enrols it: `bbe_<secret>.<fingerprint of the authority>`.
pub async fn enrolment_token(app: &App, name: &str) -> anyhow::Result<(EdgeId, String)> {
    let tx = app.database.write().await?;
    let id = announced(app, &tx, name).await?;
    let token = token_for(app, &tx, id).await?;
    tx.commit().await?;
    Ok((id, token))
}

/// A token with which the edge of this name enrols, be it for the first time or again.
pub async fn token_for_name(app: &App, name: &str) -> anyhow::Result<String> {
    let tx = app.database.write().await?;
    let id = match store::named(&tx, name).await? {
        Some(id) => id,
        None => announced(app, &tx, name).await?,
    };
    let token = token_for(app, &tx, id).await?;
    tx.commit().await?;
    Ok(token)
}

async fn announced(app: &App, tx: &WriteTx, name: &str) -> anyhow::Result<EdgeId> {
    let id = app.fresh(EdgeId::new);
    store::insert(tx, id, name, app.now_ms()).await?;
    Ok(id)
}

async fn token_for(app: &App, tx: &WriteTx, id: EdgeId) -> anyhow::Result<String> {
    let secret = URL_SAFE_NO_PAD.encode(rand::random::<[u8; 32]>());
    store::insert_token(tx, &secret, id, app.now_ms()).await?;
    Ok(format!("bbe_{secret}.{}", app.ca.fingerprint()))
}

/// Take no new calls on this edge; calls in progress go on
#[utoipa::path(post, path = "/v1/edges/{id}/drain", tag = "edges", params(("id" = String, Path)),
    responses((status = 204), (status = 404, body = ProblemBody)))]
pub async fn drain_edge(
    can: Can<EdgesManage>,
    State(app): State<App>,
    Path(id): Path<EdgeId>,
) -> Result<StatusCode, Problem> {
    set_draining(&app, &can, id, true).await?;
    app.links.drain(id);
    Ok(StatusCode::NO_CONTENT)
}

/// Take new calls on this edge again
#[utoipa::path(delete, path = "/v1/edges/{id}/drain", tag = "edges", params(("id" = String, Path)),
    responses((status = 204), (status = 404, body = ProblemBody)))]
pub async fn resume_edge(
    can: Can<EdgesManage>,
    State(app): State<App>,
    Path(id): Path<EdgeId>,
) -> Result<StatusCode, Problem> {
    set_draining(&app, &can, id, false).await?;
    app.links.resume(id);
    Ok(StatusCode::NO_CONTENT)
}

async fn set_draining(app: &App, can: &Can<EdgesManage>, id: EdgeId, draining: bool) -> Result<(), Problem> {
    of_the_house(app, can.db.tenant()).await?;
    let tx = app.database.write().await?;
    if !store::set_draining(&tx, id, draining).await? {
        return Err(Problem::not_found());
    }
    Ok(tx.commit().await?)
}

/// Revoke an edge: its certificate is worth nothing from now on and its connection closes at once
#[utoipa::path(delete, path = "/v1/edges/{id}", tag = "edges", params(("id" = String, Path)),
    responses((status = 204), (status = 404, body = ProblemBody)))]
pub async fn revoke_edge(
    can: Can<EdgesManage>,
    State(app): State<App>,
    Path(id): Path<EdgeId>,
) -> Result<StatusCode, Problem> {
    of_the_house(&app, can.db.tenant()).await?;
    let tx = app.database.write().await?;
    if !store::revoke(&tx, id, app.now_ms()).await? {
        return Err(Problem::not_found());
    }
    tx.commit().await?;
    app.links.cut(id);
    Ok(StatusCode::NO_CONTENT)
}
