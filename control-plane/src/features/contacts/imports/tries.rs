//! Whether a file tries out a mask that other people's contacts stand under. What a person has imported is no news to
//! that person, so that one's own list may come again, in parts or whole.

use std::collections::HashSet;
use std::time::Duration;

use sea_orm::{ConnectionTrait, DbErr, Value};
use serde_json::json;

use super::guessing::{self, Bunch};
use super::plan::Refusal;
use super::store::Model;
use crate::app::App;
use crate::tenant_db::TenantDb;

const DAY: Duration = Duration::from_hours(24);
const DAY_MS: i64 = 86_400_000;

/// The refusal of a file with so many numbers and such bunches. Each file counts for the rest of the day, at once and
/// in one step, so that files that come together are no more than files that come one by one.
pub async fn refusal(
    app: &App,
    db: &TenantDb,
    import: &Model,
    (numbers, bunches): (u64, &[Bunch]),
) -> anyhow::Result<Option<Refusal>> {
    let person = import.created_by.as_str();
    let key = format!("number-tries:{person}:{}", app.now_ms() / DAY_MS);
    let most = guessing::most_under_a_mask(app.cache.add(&key, numbers, DAY).await);
    let mut many = Vec::new();
    for bunch in bunches {
        if app.cache.add(&format!("{key}:{}", bunch.masked), bunch.numbers, DAY).await > most {
            many.push(bunch);
        }
    }
    let listed = if many.is_empty() { HashSet::new() } else { masks_listed(db, person).await? };
    for bunch in many {
        if listed.contains(&bunch.masked) || others_have(db, bunch, person).await? {
            return Ok(Some(("import_guesses", json!({"mask": bunch.masked, "numbers": bunch.numbers}))));
        }
    }
    Ok(None)
}

/// Whether a contact stands under the mask that this person has not imported.
async fn others_have(db: &TenantDb, bunch: &Bunch, person: &str) -> Result<bool, DbErr> {
    let sql = "SELECT 1 AS one FROM contacts c \
               LEFT JOIN imports i ON i.tenant_id = c.tenant_id AND i.id = c.import_id \
               WHERE c.tenant_id = $1 AND c.number_tail = $2 AND c.number_masked = $3 \
               AND (i.created_by IS NULL OR i.created_by <> $4) LIMIT 1";
    let values = [Value::from(bunch.tail.as_str()), bunch.masked.as_str().into(), person.into()];
    Ok(db.read().query_one_raw(db.sql(sql, values)).await?.is_some())
}

/// The masks of blacklisted numbers that this person has neither listed nor imported.
async fn masks_listed(db: &TenantDb, person: &str) -> Result<HashSet<String>, DbErr> {
    let sql = "SELECT DISTINCT b.number_masked FROM blacklist b \
               WHERE b.tenant_id = $1 AND (b.created_by IS NULL OR b.created_by <> $2) AND NOT EXISTS \
               (SELECT 1 FROM contacts c JOIN imports i ON i.tenant_id = c.tenant_id AND i.id = c.import_id \
                WHERE c.tenant_id = b.tenant_id AND c.number_blind = b.number_blind AND i.created_by = $2)";
    let rows = db.read().query_all_raw(db.sql(sql, [person.into()])).await?;
    rows.iter().map(|row| row.try_get("", "number_masked")).collect()
}
