//! Signing in and out. Wrong passwords are throttled per address and per account; an unknown account answers like a
//! wrong password, as slowly.

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use platform::Secret;
use sea_orm::ActiveValue::Set;
use serde::{Deserialize, Serialize};
use shared_proto::ids::SessionId;
use tower_governor::GovernorLayer;
use tower_governor::errors::GovernorError;
use tower_governor::governor::GovernorConfigBuilder;
use tower_governor::key_extractor::KeyExtractor;
use utoipa::ToSchema;
use utoipa_axum::router::{OpenApiRouter, UtoipaMethodRouterExt};
use utoipa_axum::routes;

use super::can::{self, Can};
use super::guesses::Guesses;
use super::http::UserView;
use super::permissions::SignedIn;
use super::store;
use crate::app::{App, fresh};
use crate::features::audit::{self, LoginAttempt};
use crate::tenant_db::TenantDb;
use crate::web::extract::Json;
use crate::web::problem::{Problem, ProblemBody};
use crate::web::request::{Address, RequestId};

const SESSION_LIFE: Duration = Duration::from_hours(12);
/// Sign-ins from one address, right ones too, for the work that each makes: this many at once, then ten a second.
const ADDRESS_BURST: u32 = 600;
const ADDRESS_PACE: Duration = Duration::from_millis(100);

/// Throttles by the address that the house believes, not by the peer's.
#[derive(Clone, Debug)]
struct ByAddress;

impl KeyExtractor for ByAddress {
    type Key = IpAddr;

    fn extract<T>(&self, request: &axum::http::Request<T>) -> Result<IpAddr, GovernorError> {
        request.extensions().get::<Address>().map(|address| address.0).ok_or(GovernorError::UnableToExtractKey)
    }
}

pub fn routes() -> OpenApiRouter<App> {
    let per_address = GovernorConfigBuilder::default()
        .period(ADDRESS_PACE)
        .burst_size(ADDRESS_BURST)
        .key_extractor(ByAddress)
        .finish();
    let per_address = Arc::new(per_address.expect("the burst and the period are not zero"));
    let throttle = GovernorLayer::new(per_address).error_handler(|error| match error {
        GovernorError::TooManyRequests { wait_time, .. } => {
            Problem::too_many("login_address_throttled", wait_time.max(1)).into_response()
        }
        other => Problem::internal(other).into_response(),
    });
    OpenApiRouter::new().routes(routes!(sign_in).layer(throttle)).routes(routes!(sign_out))
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SignIn {
    #[schema(example = "operator@demo")]
    email: String,
    #[schema(value_type = String, format = Password)]
    password: Secret,
}

#[derive(Serialize, ToSchema)]
pub struct SignedInBody {
    /// For `Authorization: Bearer`. Browsers have the cookie and need not keep it.
    token: String,
    /// For the `x-csrf-token` header of changes made with the cookie.
    csrf_token: String,
    user: UserView,
}

/// Sign in
#[utoipa::path(post, path = "/v1/sessions", tag = "identity", request_body = SignIn, security(()),
    responses((status = 201, body = SignedInBody), (status = 401, body = ProblemBody), (status = 429, body = ProblemBody)))]
async fn sign_in(
    State(app): State<App>,
    address: Address,
    axum::Extension(request_id): axum::Extension<RequestId>,
    headers: HeaderMap,
    Json(body): Json<SignIn>,
) -> Result<Response, Problem> {
    let email = body.email.trim().to_lowercase();
    let guesses = Guesses::of(&app.cache, &email, address.0);
    let turn = app.passwords.turn(&email, address.0).await;
    guesses.too_many().await?;
    let found = store::user_by_email(&app.database, &email).await?;
    let stored = found.as_ref().map(|(_, user)| user.password_hash.clone());
    let right = app.passwords.verify(body.password, stored).await?;
    if !right || found.as_ref().is_none_or(|(_, user)| !user.enabled) {
        guesses.count().await;
    }
    drop(turn);
    let Some((tenant, mut user)) = found else {
        tracing::info!(address = %address.0, "a sign-in to an account that does not exist was refused");
        return Err(Problem::unauthorized("login_refused"));
    };
    let db = TenantDb::of(&app.database, tenant);
    let attempt = |result| LoginAttempt { user: &user, address, request_id: &request_id, result };
    if !right || !user.enabled {
        let result = if right { "user_disabled" } else { "wrong_password" };
        audit::login(&app, &db, attempt(result)).await?;
        return Err(Problem::unauthorized("login_refused"));
    }

    let now = app.now_ms();
    let agent = headers.get(header::USER_AGENT).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let (token, session) = begun(&app.clock, &user.id, &address.0.to_string(), agent);
    let tx = db.write().await?;
    let stands = store::note_sign_in(&db, &tx, &user, now).await?;
    if stands {
        store::insert_session(&db, &tx, session).await?;
    }
    tx.commit().await?;
    audit::login(&app, &db, attempt(if stands { "ok" } else { "user_disabled" })).await?;
    if !stands {
        return Err(Problem::unauthorized("login_refused"));
    }
    guesses.forget().await;
    user.last_login_at = Some(now);

    let cookie = session_cookie(&app, &token, SESSION_LIFE.as_secs());
    let csrf_token = can::csrf_token(&token);
    let body = SignedInBody { token, csrf_token, user: UserView::from(user) };
    Ok((StatusCode::CREATED, [(header::SET_COOKIE, cookie)], Json(body)).into_response())
}

/// A new session's token, and its row.
pub(super) fn begun(
    clock: &platform::Clock,
    user_id: &str,
    address: &str,
    agent: &str,
) -> (String, store::sessions::ActiveModel) {
    let token = URL_SAFE_NO_PAD.encode(rand::random::<[u8; 32]>());
    let now = clock.now_ms();
    let session = store::sessions::ActiveModel {
        id: Set(fresh(clock, SessionId::new).to_string()),
        user_id: Set(user_id.to_owned()),
        token_digest: Set(can::token_digest(&token)),
        address: Set(address.to_owned()),
        user_agent: Set(agent.chars().take(200).collect()),
        created_at: Set(now),
        expires_at: Set(now + i64::try_from(SESSION_LIFE.as_millis()).unwrap_or(i64::MAX)),
        ..Default::default()
    };
    (token, session)
}

/// Sign out: ends this session
#[utoipa::path(delete, path = "/v1/sessions", tag = "identity", responses((status = 204)))]
async fn sign_out(can: Can<SignedIn>, State(app): State<App>) -> Result<Response, Problem> {
    let tx = can.db.write().await?;
    store::end_session(&can.db, &tx, can.actor.session_id).await?;
    tx.commit().await?;
    Ok((StatusCode::NO_CONTENT, [(header::SET_COOKIE, session_cookie(&app, "", 0))]).into_response())
}

fn session_cookie(app: &App, token: &str, max_age_s: u64) -> String {
    let secure = if app.config.public_url.starts_with("https://") { "; Secure" } else { "" };
    format!("{}={token}; Path=/; HttpOnly; SameSite=Lax; Max-Age={max_age_s}{secure}", can::COOKIE)
}
