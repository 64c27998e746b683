//! `Can<Permission>`: the only way from a request to rows. It signs the caller in, checks the
//! permission and gives the tenant's database. Put it before the body in a handler's arguments.

use std::marker::PhantomData;

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::{HeaderMap, Method, header};
use axum_extra::extract::CookieJar;
use ring::digest;
use shared_proto::ids::{SessionId, TenantId, UserId};

use super::permissions::{Permission, Role};
use super::store;
use crate::app::App;
use crate::features::audit::Trail;
use crate::tenant_db::TenantDb;
use crate::web::problem::Problem;
use crate::web::request::Address;

pub const COOKIE: &str = "bellbird_session";
pub const CSRF_HEADER: &str = "x-csrf-token";

/// Who is asking.
#[derive(Clone, Debug)]
pub struct Actor {
    pub user_id: UserId,
    pub name: String,
    pub email: String,
    pub role: Role,
    pub tenant_id: TenantId,
    pub tenant_name: String,
    pub session_id: SessionId,
    pub address: Address,
}

/// Proof that the caller may do `P`, with the rows of the caller's tenant.
pub struct Can<P: Permission> {
    pub db: TenantDb,
    pub actor: Actor,
    /// The operation log's entry of this request; add object, before and after.
    pub trail: Trail,
    /// Digest-bound token for the `x-csrf-token` header.
    pub csrf_token: String,
    permission: PhantomData<P>,
}

impl<P: Permission> FromRequestParts<App> for Can<P> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Problem> {
        let presented = Presented::of(&parts.headers).ok_or_else(|| Problem::unauthorized("signed_out"))?;
        let token = presented.token();
        let session = store::session(&app.database, &token_digest(token)).await?;
        let session = session.filter(|session| session.expires_at > app.now_ms() && session.enabled);
        let session = session.ok_or_else(|| Problem::unauthorized("signed_out"))?;
        let actor = Actor {
            user_id: session.user_id,
            name: session.name,
            email: session.email,
            role: session.role,
            tenant_id: session.tenant_id,
            tenant_name: session.tenant_name,
            session_id: session.session_id,
            address: Address::of(parts),
        };
        let trail = Trail::of(parts);
        trail.actor(&actor);
        let csrf_token = csrf_token(token);
        if let Presented::Cookie(_) = &presented {
            check_cross_site(&parts.method, &parts.headers, &csrf_token)?;
        }
        if !actor.role.may(P::KEY) {
            return Err(Problem::forbidden("forbidden").with("permission", P::KEY.as_str()));
        }
        let db = TenantDb::of(&app.database, actor.tenant_id);
        Ok(Self { db, actor, trail, csrf_token, permission: PhantomData })
    }
}

enum Presented {
    Bearer(String),
    Cookie(String),
}

impl Presented {
    fn of(headers: &HeaderMap) -> Option<Self> {
        if let Some(value) = headers.get(header::AUTHORIZATION) {
            let (scheme, token) = value.to_str().ok()?.split_once(' ')?;
            return scheme.eq_ignore_ascii_case("bearer").then(|| Self::Bearer(token.trim().to_owned()));
        }
        CookieJar::from_headers(headers).get(COOKIE).map(|cookie| Self::Cookie(cookie.value().to_owned()))
    }

    fn token(&self) -> &str {
        match self {
            Self::Bearer(token) | Self::Cookie(token) => token,
        }
    }
}

/// What the sessions table holds of a token.
pub fn token_digest(token: &str) -> Vec<u8> {
    digest::digest(&digest::SHA256, token.as_bytes()).as_ref().to_vec()
}

/// Bound to the session and unknown to another site, which can send the cookie but not read answers.
pub fn csrf_token(token: &str) -> String {
    let digest = digest::digest(&digest::SHA256, format!("csrf:{token}").as_bytes());
    hex::encode(&digest.as_ref()[..16])
}

/// A cookie travels with requests that another site causes, so a change needs one more proof.
fn check_cross_site(method: &Method, headers: &HeaderMap, expected: &str) -> Result<(), Problem> {
    if method.is_safe() {
        return Ok(());
    }
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    if let Some(sent) = text(CSRF_HEADER) {
        let same = sent.len() == expected.len()
            && sent.bytes().zip(expected.bytes()).fold(0, |differs, (a, b)| differs | (a ^ b)) == 0;
        return if same { Ok(()) } else { Err(Problem::forbidden("csrf_rejected")) };
    }
    let origin_host = text("origin").and_then(|origin| origin.split_once("://")).map(|(_, host)| host);
    if origin_host.is_some() && origin_host == text("host") {
        return Ok(());
    }
    Err(Problem::forbidden("csrf_rejected"))
}
