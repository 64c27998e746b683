//! Recording. The layer `record` surrounds every /v1 route; `Can` names the actor; a handler may add
//! the object, its state before and after, or mark a read as one that shows personal data.

use std::sync::Arc;
use std::time::Duration;

use axum::extract::{MatchedPath, Request, State};
use axum::http::Method;
use axum::http::request::Parts;
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use parking_lot::Mutex;
use sea_orm::ActiveValue::Set;
use serde::Serialize;
use serde_json::Value;
use shared_proto::ids::AuditId;

use super::{rules, store};
use crate::app::App;
use crate::features::identity::Actor;
use crate::features::identity::store::users;
use crate::tenant_db::TenantDb;
use crate::web::problem::Problem;
use crate::web::request::{Address, RequestId};

/// The entry of one request while it is being written.
#[derive(Clone, Default)]
pub struct Trail(Arc<Mutex<Draft>>);

#[derive(Default)]
struct Draft {
    actor: Option<Actor>,
    object_type: Option<String>,
    object_id: Option<String>,
    before: Option<Value>,
    after: Option<Value>,
    duty: Duty,
    /// What to remember once the entry is written, and for how long.
    once: Option<(String, Duration)>,
}

#[derive(Clone, Copy, Default, PartialEq, Eq)]
enum Duty {
    /// Changes are recorded, reads are not.
    #[default]
    Changes,
    /// This read shows personal data.
    Access,
    /// A sign of life that says nothing about what was done.
    Nothing,
}

impl Trail {
    pub(crate) fn of(parts: &Parts) -> Self {
        parts.extensions.get::<Self>().cloned().unwrap_or_default()
    }

    pub(crate) fn actor(&self, actor: &Actor) {
        self.0.lock().actor = Some(actor.clone());
    }

    /// What was changed, where the path does not say it.
    pub fn object(&self, kind: &str, id: impl ToString) {
        let mut draft = self.0.lock();
        draft.object_type = Some(kind.to_owned());
        draft.object_id = Some(id.to_string());
    }

    /// The object's state before the change. Masked views only, never a phone number or a secret.
    pub fn before(&self, state: &impl Serialize) {
        self.0.lock().before = serde_json::to_value(state).ok();
    }

    pub fn after(&self, state: &impl Serialize) {
        self.0.lock().after = serde_json::to_value(state).ok();
    }

    /// Records this request in the access log though it changes nothing: recordings, exports, reveals.
    pub fn access(&self) {
        self.0.lock().duty = Duty::Access;
    }

    /// As `access`, unless that was recorded under this key before: a player asks for one recording in many pieces.
    pub async fn access_once(&self, app: &App, key: String, window: Duration) {
        if app.cache.get(&key).await.is_none() {
            let mut draft = self.0.lock();
            draft.duty = Duty::Access;
            draft.once = Some((key, window));
        }
    }

    /// Leaves out a heartbeat, which would bury the log.
    pub fn heartbeat(&self) {
        self.0.lock().duty = Duty::Nothing;
    }
}

/// The layer around every route under /v1. Whoever hangs up in the middle takes nothing back: what was begun goes on to
/// its end, what follows its commit is done, and the entry is written.
pub async fn record(State(app): State<App>, route: MatchedPath, request: Request, next: Next) -> Response {
    let tasks = app.tasks.clone();
    tasks.to_its_end(recorded(app, route, request, next)).await
}

async fn recorded(app: App, route: MatchedPath, mut request: Request, next: Next) -> Response {
    let trail = Trail::default();
    request.extensions_mut().insert(trail.clone());
    let method = request.method().clone();
    let path = request.uri().path().to_owned();
    let request_id = request.extensions().get::<RequestId>().cloned().unwrap_or_default();
    let response = next.run(request).await;

    let draft = std::mem::take(&mut *trail.0.lock());
    let Some(actor) = draft.actor else { return response };
    let kind = match draft.duty {
        Duty::Access => "access",
        Duty::Changes if !method.is_safe() && method != Method::OPTIONS => "operation",
        Duty::Changes | Duty::Nothing => return response,
    };
    let result = match response.extensions().get::<Problem>() {
        Some(problem) => problem.code.to_owned(),
        None if response.status().is_success() => "ok".to_owned(),
        None => response.status().as_u16().to_string(),
    };
    let db = TenantDb::of(&app.database, actor.tenant_id);
    let entry = store::ActiveModel {
        id: Set(app.fresh(AuditId::new).to_string()),
        at: Set(app.now_ms()),
        kind: Set(kind.to_owned()),
        user_id: Set(Some(actor.user_id.to_string())),
        user_name: Set(actor.name),
        role: Set(actor.role.as_str().to_owned()),
        action: Set(rules::action(method.as_str(), route.as_str())),
        object_type: Set(draft.object_type.or_else(|| rules::object_type(route.as_str()))),
        object_id: Set(draft.object_id.or_else(|| rules::object_id(route.as_str(), &path))),
        before: Set(draft.before.map(|state| state.to_string())),
        after: Set(draft.after.map(|state| state.to_string())),
        address: Set(actor.address.0.to_string()),
        request_id: Set(request_id.0.to_string()),
        result: Set(result),
        ..Default::default()
    };
    let written = store::insert(&db, entry).await;
    match (written, draft.once) {
        (Ok(_), Some((key, window))) => app.cache.set(&key, "1".into(), window).await,
        (Ok(_), None) => {}
        (Err(error), _) => {
            tracing::error!(%error, route = route.as_str(), "an entry of the operation log could not be written");
            // A change is done and cannot be taken back here; personal data that nobody would know of is withheld.
            if kind == "access" {
                return Problem::from(error).into_response();
            }
        }
    }
    response
}

/// One attempt to sign in to an account that exists.
pub struct LoginAttempt<'a> {
    pub user: &'a users::Model,
    pub address: Address,
    pub request_id: &'a RequestId,
    pub result: &'static str,
}

pub async fn login(app: &App, db: &TenantDb, attempt: LoginAttempt<'_>) -> Result<(), sea_orm::DbErr> {
    let entry = store::ActiveModel {
        id: Set(app.fresh(AuditId::new).to_string()),
        at: Set(app.now_ms()),
        kind: Set("login".to_owned()),
        user_id: Set(Some(attempt.user.id.clone())),
        user_name: Set(attempt.user.name.clone()),
        role: Set(attempt.user.role.clone()),
        action: Set("sessions.create".to_owned()),
        object_type: Set(Some("user".to_owned())),
        object_id: Set(Some(attempt.user.id.clone())),
        before: Set(None),
        after: Set(None),
        address: Set(attempt.address.0.to_string()),
        request_id: Set(attempt.request_id.0.to_string()),
        result: Set(attempt.result.to_owned()),
        ..Default::default()
    };
    store::insert(db, entry).await
}
