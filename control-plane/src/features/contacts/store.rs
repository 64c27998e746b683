//! Contacts and their place in groups. The number is sealed and found again by its blind index.

use std::collections::BTreeSet;

use platform::WriteTx;
use sea_orm::ExprTrait;
use sea_orm::entity::prelude::*;
use sea_orm::sea_query::{Func, IntoColumnRef, LikeExpr};
use sea_orm::{ActiveValue::Set, ConnectionTrait, DbErr, FromQueryResult, PaginatorTrait, QueryOrder, Value};
use shared_proto::ids::{ContactId, GroupId};
use shared_proto::masking::mask_digits;
use shared_proto::phone::Phone;

use super::regions::Home;
use super::rules::{self, Search};
use crate::sealing::Sealer;
use crate::tenant_db::{TenantDb, TenantEntity};

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "contacts")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub tenant_id: String,
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: String,
    pub name: String,
    pub number_sealed: Vec<u8>,
    pub number_blind: Vec<u8>,
    pub number_masked: String,
    pub number_tail: String,
    pub number_type: String,
    pub province: Option<String>,
    pub city: Option<String>,
    pub carrier: Option<String>,
    pub zone: Option<String>,
    pub remark: String,
    pub fields: String,
    pub others_sealed: Option<Vec<u8>>,
    pub synthetic: bool,
    /// `never`, `answered`, `not_connected` or `invalid`: how its last call ended
    pub status: String,
    pub label_key: Option<String>,
    pub last_call_at: Option<i64>,
    pub dead_at: Option<i64>,
    pub archived_at: Option<i64>,
    pub import_id: Option<String>,
    pub created_at: i64,
    pub updated_at: i64,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl TenantEntity for Entity {
    const TENANT: Column = Column::TenantId;
}

/// Of a contact: its number does not exist. The status and the label have the same name.
const INVALID: &str = "invalid";

/// A contact as people give it; everything else follows from the number.
pub struct NewContact {
    pub id: ContactId,
    pub phone: Phone,
    pub name: String,
    pub remark: String,
    /// A JSON object of texts.
    pub fields: String,
}

/// Adds a contact. Where the number is taken, the database refuses with a unique violation.
pub async fn insert(db: &TenantDb, tx: &WriteTx, sealer: &Sealer, new: NewContact) -> anyhow::Result<()> {
    let home = Home::of(&new.phone);
    let blind = sealer.blind(&new.phone);
    let dead_at = dead_since(db, &**tx, &blind).await?;
    let owned = |word: Option<&str>| Set(word.map(str::to_owned));
    let row = ActiveModel {
        id: Set(new.id.to_string()),
        name: Set(new.name),
        number_sealed: Set(sealer.seal(&new.phone)?),
        number_blind: Set(blind),
        number_masked: Set(new.phone.masked()),
        number_tail: Set(rules::tail(&new.phone)),
        number_type: Set(new.phone.number_type().as_str().to_owned()),
        province: owned(home.province),
        city: owned(home.city),
        carrier: owned(home.carrier),
        zone: owned(home.zone),
        remark: Set(new.remark),
        fields: Set(new.fields),
        synthetic: Set(rules::is_synthetic(&new.phone)),
        status: Set(if dead_at.is_some() { INVALID } else { "never" }.to_owned()),
        dead_at: Set(dead_at),
        created_at: Set(db.now_ms()),
        updated_at: Set(db.now_ms()),
        ..Default::default()
    };
    db.insert(row).exec_without_returning(&**tx).await?;
    Ok(())
}

pub async fn find(db: &TenantDb, id: ContactId) -> Result<Option<Model>, DbErr> {
    db.select::<Entity>().filter(Column::Id.eq(id.to_string())).one(db.read()).await
}

pub async fn find_in(db: &TenantDb, tx: &impl ConnectionTrait, id: ContactId) -> Result<Option<Model>, DbErr> {
    db.select::<Entity>().filter(Column::Id.eq(id.to_string())).one(tx).await
}

/// The whole number, for dialling and for an audited reveal; for nothing else.
pub fn open_number(sealer: &Sealer, contact: &Model) -> anyhow::Result<Phone> {
    Ok(sealer.open(&contact.number_sealed)?)
}

/// Writes the fields of `contact` that people may change.
pub async fn save(db: &TenantDb, tx: &WriteTx, contact: &Model) -> Result<(), DbErr> {
    let changed = ActiveModel {
        name: Set(contact.name.clone()),
        number_sealed: Set(contact.number_sealed.clone()),
        number_blind: Set(contact.number_blind.clone()),
        number_masked: Set(contact.number_masked.clone()),
        number_tail: Set(contact.number_tail.clone()),
        number_type: Set(contact.number_type.clone()),
        province: Set(contact.province.clone()),
        city: Set(contact.city.clone()),
        carrier: Set(contact.carrier.clone()),
        zone: Set(contact.zone.clone()),
        remark: Set(contact.remark.clone()),
        fields: Set(contact.fields.clone()),
        synthetic: Set(contact.synthetic),
        dead_at: Set(contact.dead_at),
        archived_at: Set(contact.archived_at),
        updated_at: Set(db.now_ms()),
        ..Default::default()
    };
    let update = db.update::<Entity>().set(changed).filter(Column::Id.eq(contact.id.as_str()));
    update.exec(&**tx).await.map(|_| ())
}

/// Gives `contact` another number and what follows from it.
pub fn renumber(sealer: &Sealer, contact: &mut Model, phone: &Phone) -> anyhow::Result<()> {
    let home = Home::of(phone);
    contact.number_sealed = sealer.seal(phone)?;
    contact.number_blind = sealer.blind(phone);
    contact.number_masked = phone.masked();
    contact.number_tail = rules::tail(phone);
    contact.number_type = phone.number_type().as_str().to_owned();
    contact.province = home.province.map(str::to_owned);
    contact.city = home.city.map(str::to_owned);
    contact.carrier = home.carrier.map(str::to_owned);
    contact.zone = home.zone.map(str::to_owned);
    contact.synthetic = rules::is_synthetic(phone);
    Ok(())
}

/// What a list asks for; empty fields do not narrow it.
pub struct Filter {
    pub group: Option<GroupId>,
    pub search: Search,
    pub status: Option<String>,
    pub label: Option<String>,
    pub archived: bool,
}

/// States of a campaign's contact that it is called in, and those it waits in besides.
pub const IN_CALL: &str = "m.state IN ('dialing', 'ringing', 'in_call')";
pub const HELD: &str = "m.state NOT IN ('done', 'blocked', 'cancelled', 'unknown')";
/// Campaigns that hold their contacts.
pub const HOLDING: &str = "k.state IN ('running', 'paused')";
/// Whether the contact's number is on the blacklist.
const LISTED: &str = "EXISTS (SELECT 1 FROM blacklist b WHERE b.tenant_id = $1 AND b.number_blind = c.number_blind \
    AND b.source <> 'rehearsal')";

/// Whether a campaign has the contact in such a state right now.
fn held(states: &str) -> String {
    format!(
        "EXISTS (SELECT 1 FROM campaign_contacts m CROSS JOIN campaigns k WHERE m.tenant_id = $1 AND m.contact_id = c.id \
         AND {states} AND k.tenant_id = $1 AND k.id = m.campaign_id AND {HOLDING})"
    )
}

/// Newest first, below `after`.
pub async fn page(
    db: &TenantDb,
    sealer: &Sealer,
    filter: &Filter,
    after: Option<String>,
    rows: u64,
) -> Result<Vec<Model>, DbErr> {
    let mut ids = Vec::new();
    let mut below = after;
    loop {
        let found = candidates(db, sealer, filter, below, rows).await?;
        let full = found.len() as u64 == rows;
        below = found.last().map(|row| row.id.clone());
        ids.extend(found.into_iter().filter(|row| row.fits(&filter.search)).map(|row| row.id));
        ids.truncate(usize::try_from(rows).unwrap_or(usize::MAX));
        if !full || ids.len() as u64 == rows {
            break;
        }
    }
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    db.select::<Entity>().filter(Column::Id.is_in(ids)).order_by_desc(Column::Id).all(db.read()).await
}

/// A row that the database found, and what is shown of it.
#[derive(FromQueryResult)]
struct Candidate {
    id: String,
    name: String,
    number_tail: String,
}

impl Candidate {
    /// A name may hold a number: it is found by what is shown of it, and not by the digits that are hidden.
    fn fits(&self, search: &Search) -> bool {
        let named = |text: &str| mask_digits(&self.name).to_lowercase().contains(&text.to_lowercase());
        match search {
            Search::Everyone | Search::Number(_) => true,
            Search::Tail(digits) => self.number_tail == *digits || named(digits),
            Search::Name(text) => named(text),
        }
    }
}

async fn candidates(
    db: &TenantDb,
    sealer: &Sealer,
    filter: &Filter,
    after: Option<String>,
    rows: u64,
) -> Result<Vec<Candidate>, DbErr> {
    let mut values: Vec<Value> = Vec::new();
    let mut sql = String::from("SELECT c.id, c.name, c.number_tail FROM contacts c ");
    let mut put = |value: Value| {
        values.push(value);
        values.len() + 1
    };
    if let Some(group) = filter.group {
        let place = put(group.to_string().into());
        sql.push_str(&format!(
            "JOIN contact_groups m ON m.tenant_id = $1 AND m.group_id = ${place} AND m.contact_id = c.id "
        ));
    }
    sql.push_str("WHERE c.tenant_id = $1 ");
    match &filter.search {
        Search::Everyone => {}
        Search::Number(phone) => {
            sql.push_str(&format!("AND c.number_blind = ${} ", put(sealer.blind(phone).into())));
        }
        Search::Tail(digits) => {
            let tail = put(digits.as_str().into());
            let name = put(rules::like_anywhere(digits).into());
            sql.push_str(&format!("AND (c.number_tail = ${tail} OR lower(c.name) LIKE lower(${name}) ESCAPE '\\') "));
        }
        Search::Name(name) => {
            sql.push_str(&format!(
                "AND lower(c.name) LIKE lower(${}) ESCAPE '\\' ",
                put(rules::like_anywhere(name).into())
            ));
        }
    }
    if let Some(status) = &filter.status {
        let own = match status.as_str() {
            "blocked" => put("never".into()),
            other => put(other.into()),
        };
        sql.push_str(&match status.as_str() {
            "in_call" => format!("AND {} ", held(IN_CALL)),
            "waiting" => format!("AND {} AND NOT {} ", held(HELD), held(IN_CALL)),
            "blocked" => format!("AND c.status = ${own} AND {LISTED} AND NOT {} ", held(HELD)),
            "never" => format!("AND c.status = ${own} AND NOT {LISTED} AND NOT {} ", held(HELD)),
            _ => format!("AND c.status = ${own} AND NOT {} ", held(HELD)),
        });
    }
    if let Some(label) = &filter.label {
        sql.push_str(&format!("AND c.label_key = ${} ", put(label.as_str().into())));
    }
    sql.push_str(if filter.archived { "AND c.archived_at IS NOT NULL " } else { "AND c.archived_at IS NULL " });
    if let Some(after) = after {
        // Within a group the order follows its own key, so that no page sorts the whole group.
        let column = if filter.group.is_some() { "m.contact_id" } else { "c.id" };
        sql.push_str(&format!("AND {column} < ${} ", put(after.into())));
    }
    let order = if filter.group.is_some() { "m.contact_id" } else { "c.id" };
    sql.push_str(&format!("ORDER BY {order} DESC LIMIT {rows}"));
    Candidate::find_by_statement(db.sql(&sql, values)).all(db.read()).await
}

pub async fn delete(db: &TenantDb, tx: &WriteTx, id: ContactId) -> Result<bool, DbErr> {
    let values = || [Value::from(id.to_string())];
    tx.execute_raw(db.sql("DELETE FROM contact_groups WHERE tenant_id = $1 AND contact_id = $2", values())).await?;
    let gone = tx.execute_raw(db.sql("DELETE FROM contacts WHERE tenant_id = $1 AND id = $2", values())).await?;
    Ok(gone.rows_affected() > 0)
}

/// How many of these contacts there are.
pub async fn known(db: &TenantDb, tx: &impl ConnectionTrait, ids: &BTreeSet<String>) -> Result<u64, DbErr> {
    db.select::<Entity>().filter(Column::Id.is_in(ids.iter().cloned())).count(tx).await
}

/// Ids of the group's contacts that are not archived, a batch at a time, above `after`.
pub async fn ids_in_group(db: &TenantDb, group: GroupId, after: &str, rows: u64) -> Result<Vec<String>, DbErr> {
    #[derive(FromQueryResult)]
    struct Row {
        contact_id: String,
    }
    let sql = format!(
        "SELECT m.contact_id FROM contact_groups m JOIN contacts c ON c.tenant_id = $1 AND c.id = m.contact_id \
         WHERE m.tenant_id = $1 AND m.group_id = $2 AND m.contact_id > $3 AND c.archived_at IS NULL \
         ORDER BY m.contact_id LIMIT {rows}"
    );
    let rows = Row::find_by_statement(db.sql(&sql, [group.to_string().into(), after.into()])).all(db.read()).await?;
    Ok(rows.into_iter().map(|row| row.contact_id).collect())
}

/// Archives or brings back; returns how many there were.
pub async fn set_archived(db: &TenantDb, tx: &WriteTx, ids: &[String], at: Option<i64>) -> Result<u64, DbErr> {
    let changed = ActiveModel { archived_at: Set(at), updated_at: Set(db.now_ms()), ..Default::default() };
    let update = db.update::<Entity>().set(changed).filter(Column::Id.is_in(ids.iter().cloned()));
    let update = if at.is_some() {
        update.filter(Column::ArchivedAt.is_null())
    } else {
        update.filter(Column::ArchivedAt.is_not_null())
    };
    Ok(update.exec(&**tx).await?.rows_affected)
}

/// Whose name, in this column, has the text anywhere in it, whatever the case of its Latin letters.
pub fn name_holds(column: impl IntoColumnRef, text: &str) -> Expr {
    let pattern = LikeExpr::new(rules::like_anywhere(&text.to_ascii_lowercase())).escape('\\');
    Expr::expr(Func::lower(Expr::col(column))).like(pattern)
}

// What calls tell of a contact.

/// After a call: its status, its label where it has one, and when it began, as lists of calls show it. A call whose
/// result comes late changes nothing that a newer one has said, and nothing of a number that the contact had not then.
pub async fn set_last_call(
    db: &TenantDb,
    tx: &WriteTx,
    contact: ContactId,
    number_blind: &[u8],
    status: &str,
    label: Option<&str>,
    at: i64,
) -> Result<(), DbErr> {
    let sql = "UPDATE contacts SET status = $3, label_key = COALESCE($4, label_key), last_call_at = $5 \
               WHERE tenant_id = $1 AND id = $2 AND number_blind = $6 AND (last_call_at IS NULL OR last_call_at <= $5)";
    let label = label.map(str::to_owned);
    let values =
        [Value::from(contact.to_string()), status.into(), label.into(), at.into(), number_blind.to_vec().into()];
    tx.execute_raw(db.sql(sql, values)).await.map(|_| ())
}

/// Of dead numbers, those that a carrier has said so of; a simulated one knows nothing of a real number.
pub const REALLY_DEAD: &str = "NOT rehearsal";

/// The carrier said that nobody has this number.
pub async fn mark_dead(db: &TenantDb, tx: &WriteTx, number_blind: &[u8], at: i64) -> Result<(), DbErr> {
    let values = || [Value::from(number_blind.to_vec()), at.into()];
    let known = "INSERT INTO dead_numbers (tenant_id, number_blind, found_at, rehearsal) VALUES ($1, $2, $3, FALSE) \
                 ON CONFLICT (tenant_id, number_blind) DO UPDATE SET found_at = excluded.found_at, rehearsal = FALSE \
                 WHERE dead_numbers.rehearsal";
    tx.execute_raw(db.sql(known, values())).await?;
    let mark = "UPDATE contacts SET dead_at = COALESCE(dead_at, $3), status = 'invalid' \
                WHERE tenant_id = $1 AND number_blind = $2";
    tx.execute_raw(db.sql(mark, values())).await.map(|_| ())
}

/// The simulated carrier said so of a real number: rehearsals call it no more, and it stays as alive as it was.
pub async fn mark_dead_in_rehearsal(db: &TenantDb, tx: &WriteTx, number_blind: &[u8], at: i64) -> Result<(), DbErr> {
    let sql = "INSERT INTO dead_numbers (tenant_id, number_blind, found_at, rehearsal) VALUES ($1, $2, $3, TRUE) \
               ON CONFLICT DO NOTHING";
    tx.execute_raw(db.sql(sql, [number_blind.to_vec().into(), at.into()])).await.map(|_| ())
}

/// Takes the number off the list of dead ones.
pub async fn forget_dead(db: &TenantDb, tx: &WriteTx, number_blind: &[u8]) -> Result<(), DbErr> {
    let sql = "DELETE FROM dead_numbers WHERE tenant_id = $1 AND number_blind = $2";
    tx.execute_raw(db.sql(sql, [number_blind.to_vec().into()])).await.map(|_| ())
}

/// The contact is as dead as its number: what an old number, or a mistake, has left on it goes.
pub async fn judge_number(db: &TenantDb, tx: &WriteTx, contact: &Model) -> Result<(), DbErr> {
    let dead_at = dead_since(db, &**tx, &contact.number_blind).await?;
    let (status, label_key) = match (dead_at, contact.status.as_str()) {
        (Some(_), _) => (INVALID, contact.label_key.clone()),
        (None, INVALID) => {
            let status = if contact.last_call_at.is_some() { "not_connected" } else { "never" };
            (status, contact.label_key.clone().filter(|key| key != INVALID))
        }
        (None, other) => (other, contact.label_key.clone()),
    };
    let sql = "UPDATE contacts SET dead_at = $3, status = $4, label_key = $5 WHERE tenant_id = $1 AND id = $2";
    let values = [contact.id.as_str().into(), dead_at.into(), status.into(), label_key.into()];
    tx.execute_raw(db.sql(sql, values)).await.map(|_| ())
}

/// Since when the number is known to be dead.
pub async fn dead_since(db: &TenantDb, conn: &impl ConnectionTrait, blind: &[u8]) -> Result<Option<i64>, DbErr> {
    let sql = format!("SELECT found_at FROM dead_numbers WHERE tenant_id = $1 AND number_blind = $2 AND {REALLY_DEAD}");
    let row = conn.query_one_raw(db.sql(&sql, [blind.to_vec().into()])).await?;
    row.map(|row| row.try_get("", "found_at")).transpose()
}

/// An answered call proves the number alive.
pub async fn mark_alive(db: &TenantDb, tx: &WriteTx, number_blind: &[u8]) -> Result<(), DbErr> {
    let values = || [Value::from(number_blind.to_vec())];
    let gone = tx.execute_raw(db.sql("DELETE FROM dead_numbers WHERE tenant_id = $1 AND number_blind = $2", values()));
    if gone.await?.rows_affected() > 0 {
        let sql = "UPDATE contacts SET dead_at = NULL WHERE tenant_id = $1 AND number_blind = $2";
        tx.execute_raw(db.sql(sql, values())).await?;
    }
    Ok(())
}
