//! Search in the logs.

use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::{IntoParams, ToSchema};

use super::{rules, sight, store};
use crate::features::identity::Can;
use crate::features::identity::permissions::{AuditRead, Role};
use crate::web::extract::{Json, Query};
use crate::web::page::{Page, PageQuery, Time};
use crate::web::problem::{Problem, ProblemBody};
use crate::web::refusal;

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct AuditQuery {
    /// `operation`, `login` or `access`
    kind: Option<String>,
    user_id: Option<String>,
    /// The beginning of an action, such as `campaigns.`
    action: Option<String>,
    /// An object's id
    object: Option<String>,
    /// RFC 3339, included
    #[param(value_type = Option<String>)]
    from: Option<Time>,
    /// RFC 3339, excluded
    #[param(value_type = Option<String>)]
    to: Option<Time>,
}

#[derive(Serialize, ToSchema)]
pub struct AuditEntry {
    id: String,
    at: Time,
    kind: String,
    user: Option<AuditUser>,
    role: String,
    action: String,
    object_type: Option<String>,
    object_id: Option<String>,
    /// Null as well where the reader's role may not read objects of this kind; `after` likewise, but for the reason
    /// that was given for an access.
    before: Option<Value>,
    after: Option<Value>,
    address: String,
    request_id: String,
    /// `ok`, or the code of the problem
    result: String,
}

#[derive(Serialize, ToSchema)]
pub struct AuditUser {
    id: String,
    name: String,
}

/// Search the operation, login and access logs
#[utoipa::path(get, path = "/v1/audit", tag = "audit", params(AuditQuery, PageQuery),
    responses((status = 200, body = Page<AuditEntry>), (status = 400, body = ProblemBody)))]
pub async fn search_audit(
    can: Can<AuditRead>,
    Query(query): Query<AuditQuery>,
    Query(page): Query<PageQuery>,
) -> Result<Json<Page<AuditEntry>>, Problem> {
    let search = store::Search {
        kind: refusal::one_of("kind", query.kind, &rules::KINDS)?,
        user_id: query.user_id,
        action: query.action,
        object: query.object,
        from: query.from.map(|time| time.0),
        to: query.to.map(|time| time.0),
    };
    let rows = store::search(&can.db, search, page.after()?, page.limit() + 1).await?;
    let role = can.actor.role;
    Ok(Json(Page::cut(rows, page.limit(), |entry| entry.id.clone(), |entry| AuditEntry::shown(entry, role))))
}

impl AuditEntry {
    /// The entry as `role` may see it: that something was done is for every reader of the log, the object is not.
    fn shown(entry: store::Model, role: Role) -> Self {
        let readable = entry.object_type.as_deref().and_then(sight::reading).is_some_and(|key| role.may(key));
        let state = |text: Option<String>| {
            let state = serde_json::from_str(&text?).ok()?;
            if readable { Some(state) } else { sight::reason(&state).filter(|_| entry.kind == "access") }
        };
        let (before, after) = (state(entry.before), state(entry.after));
        Self {
            id: entry.id,
            at: Time(entry.at),
            kind: entry.kind,
            user: entry.user_id.map(|id| AuditUser { id, name: entry.user_name }),
            role: entry.role,
            action: entry.action,
            object_type: entry.object_type,
            object_id: entry.object_id,
            before,
            after,
            address: entry.address,
            request_id: entry.request_id,
            result: entry.result,
        }
    }
}
