//! Offering leads in turn: each second, and at once when an agent comes online.

use std::time::Duration;

use platform::Database;
use sea_orm::{ConnectionTrait, DbErr, FromQueryResult, Statement};
use shared_proto::events::Event;
use shared_proto::ids::{LeadId, TenantId, UserId};

use super::rules::{self, Free, HEARTBEAT_MS, OFFER_MS};
use super::store;
use crate::app::App;
use crate::features::calls::rules::without_numbers;
use crate::features::contacts::imports::rules::mask_digits;
use crate::features::identity::store::parsed;
use crate::jobs::Registry;
use crate::tenant_db::TenantDb;
use crate::web::page::Time;

pub fn register(registry: &mut Registry) {
    registry.tick("leads.deal", Duration::from_secs(1), |app| async move {
        for tenant in tenants_with_work(&app.database, app.now_ms()).await? {
            if let Err(error) = deal(&app, tenant).await {
                tracing::error!(%error, %tenant, "a tenant's leads could not be offered; it is tried again");
            }
        }
        Ok(())
    });
}

/// Tenants where an offer has run out or a lead waits while an agent is there. Across tenants, so
/// that an idle house costs one small read.
async fn tenants_with_work(database: &Database, now: i64) -> Result<Vec<TenantId>, DbErr> {
    let sql = "SELECT DISTINCT l.tenant_id FROM leads l WHERE l.status IN ('waiting', 'offered') AND (\
        EXISTS (SELECT 1 FROM presence p WHERE p.tenant_id = l.tenant_id AND p.state = 'online' AND p.heartbeat_at > $1) \
        OR l.status = 'offered')";
    let read = database.read();
    let statement = Statement::from_sql_and_values(read.get_database_backend(), sql, [(now - HEARTBEAT_MS).into()]);
    let rows = read.query_all_raw(statement).await?;
    rows.iter().map(|row| parsed(&row.try_get::<String>("", "tenant_id")?)).collect()
}

#[derive(FromQueryResult)]
struct FreeRow {
    user_id: String,
    last_offer_at: i64,
}

/// Takes back offers that ran out or whose agent has gone, then offers what waits.
pub async fn deal(app: &App, tenant: TenantId) -> Result<(), DbErr> {
    let db = TenantDb::of(&app.database, tenant);
    let now = app.now_ms();
    let alive = now - HEARTBEAT_MS;
    let tx = db.write().await?;
    let back = "UPDATE leads SET status = 'waiting', owner_id = NULL, offered_until = NULL, updated_at = $2 \
        WHERE tenant_id = $1 AND status = 'offered' AND (offered_until <= $2 OR NOT EXISTS (\
        SELECT 1 FROM presence p WHERE p.tenant_id = leads.tenant_id AND p.user_id = leads.owner_id \
        AND p.state <> 'offline' AND p.heartbeat_at > $3)) RETURNING id";
    let back = tx.query_all_raw(db.sql(back, [now.into(), alive.into()])).await?;
    let free = "SELECT p.user_id, p.last_offer_at FROM presence p \
        JOIN users u ON u.tenant_id = p.tenant_id AND u.id = p.user_id \
        WHERE p.tenant_id = $1 AND p.state = 'online' AND p.heartbeat_at > $2 AND u.enabled AND u.role = 'agent' \
        AND NOT EXISTS (SELECT 1 FROM leads l WHERE l.tenant_id = p.tenant_id AND l.owner_id = p.user_id AND l.status = 'offered')";
    let free = FreeRow::find_by_statement(db.sql(free, [alive.into()])).all(&*tx).await?;
    let free: Vec<Free> =
        free.into_iter().map(|row| Free { user_id: row.user_id, last_offer_at: row.last_offer_at }).collect();
    let waiting = format!(
        "SELECT id FROM leads WHERE tenant_id = $1 AND status = 'waiting' ORDER BY offers, id LIMIT {}",
        free.len()
    );
    let waiting = tx.query_all_raw(db.sql(&waiting, [])).await?;
    let waiting = waiting.iter().map(|row| row.try_get("", "id")).collect::<Result<Vec<String>, _>>()?;
    let until = now + OFFER_MS;
    let dealt = rules::deal(&waiting, free);
    for (lead, agent) in &dealt {
        let sql = "UPDATE leads SET status = 'offered', owner_id = $3, offered_until = $4, offers = offers + 1, \
            updated_at = $5 WHERE tenant_id = $1 AND id = $2";
        let values = [(*lead).into(), agent.clone().into(), until.into(), now.into()];
        tx.execute_raw(db.sql(sql, values)).await?;
        let sql = "UPDATE presence SET last_offer_at = $3 WHERE tenant_id = $1 AND user_id = $2";
        tx.execute_raw(db.sql(sql, [agent.clone().into(), now.into()])).await?;
    }
    tx.commit().await?;

    for row in back {
        let lead_id: LeadId = parsed(&row.try_get::<String>("", "id")?)?;
        app.events.publish(tenant, Event::LeadChanged { lead_id, user_id: None, status: "waiting".to_owned() });
    }
    for (lead, agent) in dealt {
        tell(app, &db, parsed(lead)?, parsed(&agent)?, until).await?;
    }
    Ok(())
}

async fn tell(app: &App, db: &TenantDb, lead_id: LeadId, user_id: UserId, until: i64) -> Result<(), DbErr> {
    let Some(row) = store::find_row(db, lead_id).await? else { return Ok(()) };
    let offered = Event::LeadOffered {
        lead_id,
        user_id,
        contact_name: mask_digits(&row.contact_name.unwrap_or_default()),
        label: row.label_name.unwrap_or(row.label_key),
        quote: row.label_quote.map(|quote| without_numbers(&quote)),
        offer_until: Time(until).to_string(),
    };
    app.events.publish(db.tenant(), offered);
    Ok(())
}
