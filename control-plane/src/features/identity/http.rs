//! Handlers for the own account and for accounts of the tenant.

use axum::extract::State;
use axum::http::StatusCode;
use platform::Secret;
use sea_orm::ActiveValue::Set;
use sea_orm::{DbErr, SqlErr};
use serde::{Deserialize, Serialize};
use shared_proto::ids::UserId;
use utoipa::ToSchema;

use super::can::Can;
use super::permissions::{Key, Role, SignedIn, UsersManage, UsersRead};
use super::{rules, store};
use crate::app::App;
use crate::features::leads;
use crate::web::extract::{Json, Path, Query};
use crate::web::page::{Page, PageQuery, Time};
use crate::web::problem::{Problem, ProblemBody};

#[derive(Clone, Serialize, ToSchema)]
pub struct UserView {
    pub id: String,
    pub email: String,
    pub name: String,
    pub role: Role,
    pub enabled: bool,
    pub created_at: Time,
    pub last_login_at: Option<Time>,
}

impl From<store::users::Model> for UserView {
    fn from(user: store::users::Model) -> Self {
        Self {
            role: user.role(),
            id: user.id,
            email: user.email,
            name: user.name,
            enabled: user.enabled,
            created_at: Time(user.created_at),
            last_login_at: user.last_login_at.map(Time),
        }
    }
}

#[derive(Serialize, ToSchema)]
pub struct Me {
    user: UserView,
    tenant: TenantView,
    permissions: Vec<&'static str>,
    csrf_token: String,
}

#[derive(Serialize, ToSchema)]
struct TenantView {
    id: String,
    name: String,
}

/// Who am I, and what may I do
#[utoipa::path(get, path = "/v1/me", tag = "identity", responses((status = 200, body = Me), (status = 401, body = ProblemBody)))]
pub async fn me(can: Can<SignedIn>, State(app): State<App>) -> Result<Json<Me>, Problem> {
    let user = store::user(&can.db, can.actor.user_id).await?.ok_or_else(Problem::not_found)?;
    let mut permissions = can.actor.role.permissions();
    if !super::admin::runs_the_house(&app.database, can.db.tenant()).await? {
        permissions.retain(|key| *key != Key::EdgesManage.as_str());
    }
    Ok(Json(Me {
        user: user.into(),
        tenant: TenantView { id: can.actor.tenant_id.to_string(), name: can.actor.tenant_name },
        permissions,
        csrf_token: can.csrf_token,
    }))
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ChangePassword {
    #[schema(value_type = String, format = Password)]
    current: Secret,
    #[schema(value_type = String, format = Password)]
    new: Secret,
}

/// Change the own password; ends the other sessions of this account
#[utoipa::path(post, path = "/v1/me/password", tag = "identity", request_body = ChangePassword,
    responses((status = 204), (status = 422, body = ProblemBody)))]
pub async fn change_password(
    can: Can<SignedIn>,
    State(app): State<App>,
    Json(body): Json<ChangePassword>,
) -> Result<StatusCode, Problem> {
    let account = store::user(&can.db, can.actor.user_id).await?.ok_or_else(Problem::not_found)?;
    let verified = account.password_hash;
    if !app.passwords.verify(body.current, Some(verified.clone())).await? {
        return Err(Problem::field("password_wrong", "current"));
    }
    fit_password(&body.new, &account.email, "new")?;
    let password_hash = app.passwords.hash(body.new).await?;
    let tx = can.db.write().await?;
    let mut user = store::user_in(&can.db, &*tx, can.actor.user_id).await?.ok_or_else(Problem::not_found)?;
    // An admin may have reset it while this one was checked.
    if user.password_hash != verified {
        return Err(Problem::field("password_wrong", "current"));
    }
    user.password_hash = password_hash;
    user.updated_at = app.now_ms();
    store::save_user(&can.db, &tx, &user).await?;
    store::end_sessions(&can.db, &tx, &user.id, Some(can.actor.session_id)).await?;
    tx.commit().await?;
    can.trail.object("user", &user.id);
    Ok(StatusCode::NO_CONTENT)
}

/// List accounts
#[utoipa::path(get, path = "/v1/users", tag = "identity", params(PageQuery), responses((status = 200, body = Page<UserView>)))]
pub async fn list_users(can: Can<UsersRead>, Query(page): Query<PageQuery>) -> Result<Json<Page<UserView>>, Problem> {
    let rows = store::users_page(&can.db, page.after()?.as_deref(), page.limit() + 1).await?;
    Ok(Json(Page::cut(rows, page.limit(), |user| user.id.clone(), UserView::from)))
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewUser {
    email: String,
    name: String,
    role: Role,
    /// Left out: a random one is made and shown once in the answer.
    #[schema(value_type = Option<String>, format = Password)]
    password: Option<Secret>,
}

#[derive(Serialize, ToSchema)]
pub struct CreatedUser {
    #[serde(flatten)]
    user: UserView,
    /// Only where it was made by the server; shown this once.
    password: Option<String>,
}

/// Create an account
#[utoipa::path(post, path = "/v1/users", tag = "identity", request_body = NewUser,
    responses((status = 201, body = CreatedUser), (status = 409, body = ProblemBody), (status = 422, body = ProblemBody)))]
pub async fn create_user(
    can: Can<UsersManage>,
    State(app): State<App>,
    Json(body): Json<NewUser>,
) -> Result<(StatusCode, Json<CreatedUser>), Problem> {
    let email = rules::email(&body.email).ok_or_else(|| Problem::field("email_invalid", "email"))?;
    let name = rules::name(&body.name).ok_or_else(|| Problem::field("name_invalid", "name"))?;
    let (password, shown) = match body.password {
        Some(password) => (password, None),
        None => {
            let made = super::admin::random_password();
            (Secret::new(made.clone()), Some(made))
        }
    };
    fit_password(&password, &email, "password")?;
    let user = store::users::Model {
        tenant_id: can.actor.tenant_id.to_string(),
        id: app.fresh(UserId::new).to_string(),
        email,
        name,
        role: body.role.as_str().to_owned(),
        password_hash: app.passwords.hash(password).await?,
        enabled: true,
        created_at: app.now_ms(),
        updated_at: app.now_ms(),
        last_login_at: None,
    };
    let tx = can.db.write().await?;
    store::insert_user(&can.db, &tx, new_row(&user)).await.map_err(email_taken)?;
    tx.commit().await?;
    let view = UserView::from(user);
    can.trail.object("user", &view.id);
    can.trail.after(&view);
    Ok((StatusCode::CREATED, Json(CreatedUser { user: view, password: shown })))
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct UserChange {
    name: Option<String>,
    role: Option<Role>,
    /// Disabling ends the account's sessions at once.
    enabled: Option<bool>,
}

/// Change, enable or disable an account
#[utoipa::path(patch, path = "/v1/users/{id}", tag = "identity", params(("id" = String, Path)), request_body = UserChange,
    responses((status = 200, body = UserView), (status = 404, body = ProblemBody), (status = 409, body = ProblemBody)))]
pub async fn update_user(
    can: Can<UsersManage>,
    State(app): State<App>,
    Path(id): Path<UserId>,
    Json(body): Json<UserChange>,
) -> Result<Json<UserView>, Problem> {
    let tx = can.db.write().await?;
    let before = store::user_in(&can.db, &*tx, id).await?.ok_or_else(Problem::not_found)?;
    let mut user = before.clone();
    if let Some(name) = &body.name {
        user.name = rules::name(name).ok_or_else(|| Problem::field("name_invalid", "name"))?;
    }
    if let Some(role) = body.role {
        user.role = role.as_str().to_owned();
    }
    user.enabled = body.enabled.unwrap_or(user.enabled);
    user.updated_at = app.now_ms();
    let admins = store::enabled_admins(&can.db, &*tx).await?;
    if !rules::leaves_an_admin(admins, (before.role(), before.enabled), (user.role(), user.enabled)) {
        return Err(Problem::conflict("last_admin"));
    }
    store::save_user(&can.db, &tx, &user).await?;
    if !user.enabled {
        store::end_sessions(&can.db, &tx, &user.id, None).await?;
    }
    if !user.enabled || user.role() != Role::Agent {
        leads::store::release_owner(&can.db, &tx, &user.id, app.now_ms()).await?;
    }
    tx.commit().await?;
    let (before, after) = (UserView::from(before), UserView::from(user));
    can.trail.before(&before);
    can.trail.after(&after);
    Ok(Json(after))
}

#[derive(Serialize, ToSchema)]
pub struct NewPassword {
    /// Shown this once.
    password: String,
}

/// Give an account a new random password; ends its sessions
#[utoipa::path(post, path = "/v1/users/{id}/password", tag = "identity", params(("id" = String, Path)),
    responses((status = 200, body = NewPassword), (status = 404, body = ProblemBody)))]
pub async fn reset_password(
    can: Can<UsersManage>,
    State(app): State<App>,
    Path(id): Path<UserId>,
) -> Result<Json<NewPassword>, Problem> {
    let password = super::admin::random_password();
    let password_hash = app.passwords.hash(Secret::new(password.clone())).await?;
    let tx = can.db.write().await?;
    let mut user = store::user_in(&can.db, &*tx, id).await?.ok_or_else(Problem::not_found)?;
    user.password_hash = password_hash;
    user.updated_at = app.now_ms();
    store::save_user(&can.db, &tx, &user).await?;
    store::end_sessions(&can.db, &tx, &user.id, None).await?;
    tx.commit().await?;
    Ok(Json(NewPassword { password }))
}

#[derive(Serialize, ToSchema)]
pub struct RoleView {
    key: Role,
    name: String,
    permissions: Vec<&'static str>,
}

/// The five preset roles
#[utoipa::path(get, path = "/v1/roles", tag = "identity", responses((status = 200, body = Page<RoleView>)))]
pub async fn list_roles(_can: Can<UsersRead>, headers: axum::http::HeaderMap) -> Json<Page<RoleView>> {
    let header = headers.get(axum::http::header::ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok());
    let language = crate::text::Language::accepted(header);
    let role = |role: Role| RoleView {
        key: role,
        name: language.text("role", role.as_str(), &serde_json::Map::new()),
        permissions: role.permissions(),
    };
    Json(Page::whole(Role::ALL.into_iter().map(role).collect()))
}

pub(super) fn new_row(user: &store::users::Model) -> store::users::ActiveModel {
    let user = user.clone();
    store::users::ActiveModel {
        tenant_id: Set(user.tenant_id),
        id: Set(user.id),
        email: Set(user.email),
        name: Set(user.name),
        role: Set(user.role),
        password_hash: Set(user.password_hash),
        enabled: Set(user.enabled),
        created_at: Set(user.created_at),
        updated_at: Set(user.updated_at),
        last_login_at: Set(user.last_login_at),
    }
}

fn email_taken(error: DbErr) -> Problem {
    match error.sql_err() {
        Some(SqlErr::UniqueConstraintViolation(_)) => Problem::conflict("email_taken"),
        _ => error.into(),
    }
}

fn fit_password(password: &Secret, email: &str, field: &str) -> Result<(), Problem> {
    rules::password(password.expose(), email).map_err(|unfit| match unfit {
        rules::Unfit::Short => {
            Problem::field("password_too_short", field).with("least", *rules::PASSWORD_LENGTH.start())
        }
        rules::Unfit::Long => Problem::field("password_too_long", field).with("most", *rules::PASSWORD_LENGTH.end()),
        rules::Unfit::Plain => Problem::field("password_too_plain", field),
        rules::Unfit::Usual => Problem::field("password_too_usual", field),
    })
}
