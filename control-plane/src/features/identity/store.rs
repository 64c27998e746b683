//! Users and sessions. The look-ups by e-mail and by token find the tenant, so they come before any
//! `TenantDb`; everything else goes through one.

use std::collections::HashMap;

use platform::{Database, WriteTx};
use sea_orm::entity::prelude::*;
use sea_orm::{ActiveValue::Set, ConnectionTrait, DbErr, FromQueryResult, QueryOrder, QuerySelect, Statement};
use shared_proto::ids::{SessionId, TenantId, UserId};

use super::permissions::Role;
use crate::tenant_db::{TenantDb, TenantEntity};

pub mod users {
    use super::*;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "users")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub tenant_id: String,
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: String,
        pub email: String,
        pub name: String,
        pub role: String,
        pub password_hash: String,
        pub enabled: bool,
        pub created_at: i64,
        pub updated_at: i64,
        pub last_login_at: Option<i64>,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}

    impl TenantEntity for Entity {
        const TENANT: Column = Column::TenantId;
    }

    impl Model {
        pub fn role(&self) -> Role {
            Role::parse(&self.role).unwrap_or(Role::Viewer)
        }
    }
}

pub mod sessions {
    use super::*;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "sessions")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub tenant_id: String,
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: String,
        pub user_id: String,
        pub token_digest: Vec<u8>,
        pub address: String,
        pub user_agent: String,
        pub created_at: i64,
        pub expires_at: i64,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}

    impl TenantEntity for Entity {
        const TENANT: Column = Column::TenantId;
    }
}

/// What a token leads to.
pub struct Session {
    pub session_id: SessionId,
    pub tenant_id: TenantId,
    pub tenant_name: String,
    pub user_id: UserId,
    pub name: String,
    pub email: String,
    pub role: Role,
    pub enabled: bool,
    pub expires_at: i64,
}

pub async fn session(database: &Database, token_digest: &[u8]) -> Result<Option<Session>, DbErr> {
    #[derive(FromQueryResult)]
    struct Row {
        session_id: String,
        tenant_id: String,
        tenant_name: String,
        user_id: String,
        name: String,
        email: String,
        role: String,
        enabled: bool,
        expires_at: i64,
    }
    let sql = "SELECT s.id AS session_id, s.tenant_id, t.name AS tenant_name, u.id AS user_id, u.name, u.email, \
               u.role, u.enabled, s.expires_at FROM sessions s \
               JOIN users u ON u.tenant_id = s.tenant_id AND u.id = s.user_id \
               JOIN tenants t ON t.id = s.tenant_id WHERE s.token_digest = $1";
    let read = database.read();
    let statement = Statement::from_sql_and_values(read.get_database_backend(), sql, [token_digest.to_vec().into()]);
    let Some(row) = Row::find_by_statement(statement).one(read).await? else { return Ok(None) };
    Ok(Some(Session {
        session_id: parsed(&row.session_id)?,
        tenant_id: parsed(&row.tenant_id)?,
        tenant_name: row.tenant_name,
        user_id: parsed(&row.user_id)?,
        name: row.name,
        email: row.email,
        role: parsed_role(&row.role)?,
        enabled: row.enabled,
        expires_at: row.expires_at,
    }))
}

/// Role and end of a session that still stands, by its id: for streams that outlive their first check.
pub async fn session_by_id(
    database: &Database,
    tenant: TenantId,
    session: SessionId,
) -> Result<Option<(Role, i64)>, DbErr> {
    let db = TenantDb::of(database, tenant);
    let statement = db.sql(
        "SELECT u.role, s.expires_at FROM sessions s \
         JOIN users u ON u.tenant_id = s.tenant_id AND u.id = s.user_id \
         WHERE s.tenant_id = $1 AND s.id = $2 AND u.enabled",
        [session.to_string().into()],
    );
    let Some(row) = db.read().query_one_raw(statement).await? else { return Ok(None) };
    Ok(Some((parsed_role(&row.try_get::<String>("", "role")?)?, row.try_get("", "expires_at")?)))
}

/// The account behind an e-mail address, and its tenant.
pub async fn user_by_email(database: &Database, email: &str) -> Result<Option<(TenantId, users::Model)>, DbErr> {
    let read = database.read();
    let statement = Statement::from_sql_and_values(
        read.get_database_backend(),
        "SELECT tenant_id FROM users WHERE email = $1",
        [email.into()],
    );
    let Some(row) = read.query_one_raw(statement).await? else { return Ok(None) };
    let tenant: TenantId = parsed(&row.try_get::<String>("", "tenant_id")?)?;
    let db = TenantDb::of(database, tenant);
    let user = db.select::<users::Entity>().filter(users::Column::Email.eq(email)).one(read).await?;
    Ok(user.map(|user| (tenant, user)))
}

pub async fn user(db: &TenantDb, id: UserId) -> Result<Option<users::Model>, DbErr> {
    user_in(db, db.read(), id).await
}

/// Names by id.
pub async fn names(db: &TenantDb, ids: impl IntoIterator<Item = String>) -> Result<HashMap<String, String>, DbErr> {
    let users = db.select::<users::Entity>().filter(users::Column::Id.is_in(ids)).all(db.read()).await?;
    Ok(users.into_iter().map(|user| (user.id, user.name)).collect())
}

pub async fn user_in(db: &TenantDb, conn: &impl ConnectionTrait, id: UserId) -> Result<Option<users::Model>, DbErr> {
    db.select::<users::Entity>().filter(users::Column::Id.eq(id.to_string())).one(conn).await
}

/// Newest first, below `after`.
pub async fn users_page(db: &TenantDb, after: Option<&str>, rows: u64) -> Result<Vec<users::Model>, DbErr> {
    let mut select = db.select::<users::Entity>().order_by_desc(users::Column::Id).limit(rows);
    if let Some(after) = after {
        select = select.filter(users::Column::Id.lt(after));
    }
    select.all(db.read()).await
}

pub async fn enabled_admins(db: &TenantDb, conn: &impl ConnectionTrait) -> Result<u64, DbErr> {
    let admins = db.select::<users::Entity>().filter(users::Column::Role.eq(Role::Admin.as_str()));
    admins.filter(users::Column::Enabled.eq(true)).count(conn).await
}

pub async fn insert_user(db: &TenantDb, tx: &WriteTx, user: users::ActiveModel) -> Result<(), DbErr> {
    db.insert(user).exec_without_returning(&**tx).await.map(|_| ())
}

/// Writes every field of `user` that an admin or the user may change. Read it in the same transaction.
pub async fn save_user(db: &TenantDb, tx: &WriteTx, user: &users::Model) -> Result<(), DbErr> {
    let changed = users::ActiveModel {
        name: Set(user.name.clone()),
        role: Set(user.role.clone()),
        password_hash: Set(user.password_hash.clone()),
        enabled: Set(user.enabled),
        updated_at: Set(user.updated_at),
        ..Default::default()
    };
    let update = db.update::<users::Entity>().set(changed).filter(users::Column::Id.eq(user.id.as_str()));
    update.exec(&**tx).await.map(|_| ())
}

/// Notes a sign-in. False where the account was disabled or got another password since `user` was read.
pub async fn note_sign_in(db: &TenantDb, tx: &WriteTx, user: &users::Model, now: i64) -> Result<bool, DbErr> {
    let changed = users::ActiveModel { last_login_at: Set(Some(now)), ..Default::default() };
    let update = db.update::<users::Entity>().set(changed).filter(users::Column::Id.eq(user.id.as_str()));
    let update = update.filter(users::Column::Enabled.eq(true));
    let update = update.filter(users::Column::PasswordHash.eq(user.password_hash.as_str()));
    Ok(update.exec(&**tx).await?.rows_affected == 1)
}

pub async fn insert_session(db: &TenantDb, tx: &WriteTx, session: sessions::ActiveModel) -> Result<(), DbErr> {
    db.insert(session).exec_without_returning(&**tx).await.map(|_| ())
}

pub async fn end_session(db: &TenantDb, tx: &WriteTx, session: SessionId) -> Result<(), DbErr> {
    let delete = db.delete::<sessions::Entity>().filter(sessions::Column::Id.eq(session.to_string()));
    delete.exec(&**tx).await.map(|_| ())
}

/// Ends every session of a user but, where given, the one that asks for it.
pub async fn end_sessions(db: &TenantDb, tx: &WriteTx, user_id: &str, spare: Option<SessionId>) -> Result<(), DbErr> {
    let mut delete = db.delete::<sessions::Entity>().filter(sessions::Column::UserId.eq(user_id));
    if let Some(spare) = spare {
        delete = delete.filter(sessions::Column::Id.ne(spare.to_string()));
    }
    delete.exec(&**tx).await.map(|_| ())
}

/// Across tenants: sessions that have run out sign nobody in and only take room.
pub async fn delete_expired_sessions(tx: &WriteTx, now: i64) -> Result<u64, DbErr> {
    let statement = Statement::from_sql_and_values(
        tx.get_database_backend(),
        "DELETE FROM sessions WHERE expires_at <= $1",
        [now.into()],
    );
    Ok(tx.execute_raw(statement).await?.rows_affected())
}

/// An id read from a column. Only a damaged database makes this fail.
pub fn parsed<Id: std::str::FromStr>(text: &str) -> Result<Id, DbErr> {
    text.parse().map_err(|_| DbErr::Custom(format!("a column holds {text}, which is not such an id")))
}

fn parsed_role(text: &str) -> Result<Role, DbErr> {
    Role::parse(text).ok_or_else(|| DbErr::Custom(format!("a column holds the unknown role {text}")))
}
