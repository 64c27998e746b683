//! What `bellbird admin` does with tenants and accounts, without HTTP.

use platform::{Database, Secret};
use sea_orm::{ConnectionTrait, Statement};
use shared_proto::ids::{TenantId, UserId};

use super::passwords::Passwords;
use super::permissions::Role;
use super::{http, rules, sessions, store};
use crate::app;
use crate::features::labels;
use crate::sealing::Keys;
use crate::tenant_db::TenantDb;

/// What creating accounts needs; `App` and the command line both have it.
pub struct Office<'a> {
    pub database: &'a Database,
    pub keys: &'a Keys,
    pub passwords: &'a Passwords,
    pub clock: &'a platform::Clock,
}

/// Creates a tenant with its data key, its first admin and its labels, all or nothing.
pub async fn create_tenant(
    office: &Office<'_>,
    name: &str,
    admin_email: &str,
    password: Secret,
) -> anyhow::Result<TenantId> {
    let name = rules::name(name).ok_or_else(|| anyhow::anyhow!("a tenant's name has 1 to 60 signs"))?;
    if tenant_by_name(office.database, &name).await?.is_some() {
        anyhow::bail!("there is a tenant named {name} already");
    }
    let tenant = app::fresh(office.clock, TenantId::new);
    let key = office.keys.new_wrapped(tenant)?;
    let admin = user(office, tenant, admin_email, "管理员", Role::Admin, password).await?;
    let db = TenantDb::of(office.database, tenant);
    let tx = db.write().await?;
    tx.execute_raw(Statement::from_sql_and_values(
        tx.get_database_backend(),
        "INSERT INTO tenants (id, name, key_wrapped, created_at) VALUES ($1, $2, $3, $4)",
        [tenant.to_string().into(), name.into(), key.into(), office.clock.now_ms().into()],
    ))
    .await?;
    store::insert_user(&db, &tx, http::new_row(&admin)).await?;
    labels::store::seed(&db, &tx, office.clock).await?;
    tx.commit().await?;
    Ok(tenant)
}

/// Adds an account to a tenant that exists.
pub async fn create_user(
    office: &Office<'_>,
    tenant: TenantId,
    email: &str,
    name: &str,
    role: Role,
    password: Secret,
) -> anyhow::Result<UserId> {
    let user = user(office, tenant, email, name, role, password).await?;
    let db = TenantDb::of(office.database, tenant);
    let tx = db.write().await?;
    store::insert_user(&db, &tx, http::new_row(&user)).await?;
    tx.commit().await?;
    Ok(store::parsed(&user.id)?)
}

/// The address of a role's account in a demo tenant.
pub fn demo_email(role: Role, tenant_name: &str) -> String {
    format!("{}@{tenant_name}", role.as_str())
}

/// The demo tenant's accounts that are not there yet.
pub async fn missing_in_demo(database: &Database, tenant_name: &str) -> anyhow::Result<Vec<String>> {
    let mut missing = Vec::new();
    for role in Role::ALL {
        let email = demo_email(role, tenant_name);
        if store::user_by_email(database, &email).await?.is_none() {
            missing.push(email);
        }
    }
    Ok(missing)
}

/// The demo tenant with an account per role, `<role>@<tenant>`. What is there already stays as it is.
pub async fn create_demo(office: &Office<'_>, tenant_name: &str, password: &Secret) -> anyhow::Result<TenantId> {
    let tenant = match tenant_by_name(office.database, tenant_name).await? {
        Some(tenant) => tenant,
        None => create_tenant(office, tenant_name, &demo_email(Role::Admin, tenant_name), password.clone()).await?,
    };
    let names =
        [(Role::Operator, "王运营"), (Role::Scripter, "李话术"), (Role::Agent, "赵坐席"), (Role::Viewer, "陈经理")];
    for (role, name) in names {
        let email = demo_email(role, tenant_name);
        if store::user_by_email(office.database, &email).await?.is_none() {
            create_user(office, tenant, &email, name, role, password.clone()).await?;
        }
    }
    Ok(tenant)
}

/// Gives an account a new random password and ends its sessions.
pub async fn reset_password(office: &Office<'_>, email: &str) -> anyhow::Result<String> {
    let password = random_password();
    let hash = office.passwords.hash(Secret::new(password.as_str())).await?;
    let (tenant, _) = account(office.database, email).await?;
    let db = TenantDb::of(office.database, tenant);
    let tx = db.write().await?;
    // As it is now: it may have been changed while the password was hashed.
    let (_, mut user) = account(office.database, email).await?;
    user.password_hash = hash;
    user.updated_at = office.clock.now_ms();
    store::save_user(&db, &tx, &user).await?;
    store::end_sessions(&db, &tx, &user.id, None).await?;
    tx.commit().await?;
    Ok(password)
}

/// A bearer token for work that the house does through its own API in the name of an account.
pub async fn open_session(office: &Office<'_>, email: &str) -> anyhow::Result<String> {
    let (tenant, user) = account(office.database, email).await?;
    let (token, session) = sessions::begun(office.clock, &user.id, "127.0.0.1", "bellbird");
    let db = TenantDb::of(office.database, tenant);
    let tx = db.write().await?;
    store::insert_session(&db, &tx, session).await?;
    tx.commit().await?;
    Ok(token)
}

async fn account(database: &Database, email: &str) -> anyhow::Result<(TenantId, store::users::Model)> {
    let found = store::user_by_email(database, &email.trim().to_lowercase()).await?;
    found.ok_or_else(|| anyhow::anyhow!("there is no account {email}"))
}

pub async fn tenant_by_name(database: &Database, name: &str) -> anyhow::Result<Option<TenantId>> {
    let read = database.read();
    let sql = "SELECT id FROM tenants WHERE name = $1";
    let statement = Statement::from_sql_and_values(read.get_database_backend(), sql, [name.into()]);
    match read.query_one_raw(statement).await? {
        Some(row) => Ok(Some(store::parsed(&row.try_get::<String>("", "id")?)?)),
        None => Ok(None),
    }
}

/// Whether this is the tenant that runs the installation: its first one.
pub async fn runs_the_house(database: &Database, tenant: TenantId) -> anyhow::Result<bool> {
    Ok(tenants(database).await?.first() == Some(&tenant))
}

/// Every tenant, for work that goes around them all.
pub async fn tenants(database: &Database) -> anyhow::Result<Vec<TenantId>> {
    let read = database.read();
    let statement = Statement::from_string(read.get_database_backend(), "SELECT id FROM tenants ORDER BY id");
    let rows = read.query_all_raw(statement).await?;
    let tenants = rows.iter().map(|row| Ok(store::parsed(&row.try_get::<String>("", "id")?)?));
    tenants.collect()
}

/// Sixteen signs that are not mistaken for each other: 80 bits.
pub fn random_password() -> String {
    const SIGNS: &[u8; 32] = b"abcdefghjkmnpqrstuvwxyz23456789A";
    rand::random::<[u8; 16]>().iter().map(|byte| char::from(SIGNS[usize::from(byte & 31)])).collect()
}

async fn user(
    office: &Office<'_>,
    tenant: TenantId,
    email: &str,
    name: &str,
    role: Role,
    password: Secret,
) -> anyhow::Result<store::users::Model> {
    let email = rules::email(email).ok_or_else(|| anyhow::anyhow!("\"{email}\" is not an e-mail address"))?;
    let name = rules::name(name).ok_or_else(|| anyhow::anyhow!("an account's name has 1 to 60 signs"))?;
    rules::password(password.expose(), &email)
        .map_err(|unfit| anyhow::anyhow!("the password is refused: {unfit:?}"))?;
    let now = office.clock.now_ms();
    Ok(store::users::Model {
        tenant_id: tenant.to_string(),
        id: app::fresh(office.clock, UserId::new).to_string(),
        email,
        name,
        role: role.as_str().to_owned(),
        password_hash: office.passwords.hash(password).await?,
        enabled: true,
        created_at: now,
        updated_at: now,
        last_login_at: None,
    })
}
