//! Rows of the blacklist, found by the number's blind index.

use std::collections::HashSet;

use platform::WriteTx;
use sea_orm::entity::prelude::*;
use sea_orm::{ActiveValue::Set, ConnectionTrait, DbErr, QueryOrder, QuerySelect, Value};
use shared_proto::ids::{BlacklistId, UserId};

use crate::features::campaigns::planner::Carrier;
use crate::tenant_db::{TenantDb, TenantEntity};

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "blacklist")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub tenant_id: String,
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: String,
    pub number_blind: Vec<u8>,
    pub number_sealed: Vec<u8>,
    pub number_masked: String,
    pub reason: String,
    /// `manual`; `opt_out` where the number's owner asked for it in a call; `rehearsal` where a simulated customer did
    pub source: String,
    pub created_by: Option<String>,
    pub created_at: i64,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl TenantEntity for Entity {
    const TENANT: Column = Column::TenantId;
}

/// Why a number is on the list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Source {
    Manual(UserId),
    OptOut,
    /// A simulated customer asked for it, in the place of the number's owner: rehearsals alone keep to it.
    Rehearsal,
}

/// The source of an entry that nobody made who could speak for the number.
const REHEARSAL: &str = "rehearsal";
/// Entries that count for calls to real people.
pub const REAL: &str = "source <> 'rehearsal'";

/// A number on its way to the list.
pub struct Entry<'a> {
    pub id: BlacklistId,
    pub number_blind: &'a [u8],
    pub number_sealed: &'a [u8],
    pub number_masked: &'a str,
    pub reason: &'a str,
    pub source: Source,
}

/// Adds the number; false where it is on the list already. What a rehearsal has put there gives way.
/// Attempts that wait for it find it there before their INVITE.
pub async fn add(db: &TenantDb, tx: &WriteTx, entry: Entry<'_>) -> Result<bool, DbErr> {
    let known = db.select::<Entity>().filter(Column::NumberBlind.eq(entry.number_blind.to_vec())).one(&**tx).await?;
    match known {
        Some(known) if known.source != REHEARSAL || entry.source == Source::Rehearsal => return Ok(false),
        Some(known) => {
            db.delete::<Entity>().filter(Column::Id.eq(known.id)).exec(&**tx).await?;
        }
        None => {}
    }
    let (source, user) = match entry.source {
        Source::Manual(user) => ("manual", Some(user.to_string())),
        Source::OptOut => ("opt_out", None),
        Source::Rehearsal => (REHEARSAL, None),
    };
    let row = ActiveModel {
        id: Set(entry.id.to_string()),
        number_blind: Set(entry.number_blind.to_vec()),
        number_sealed: Set(entry.number_sealed.to_vec()),
        number_masked: Set(entry.number_masked.to_owned()),
        reason: Set(entry.reason.to_owned()),
        source: Set(source.to_owned()),
        created_by: Set(user),
        created_at: Set(db.now_ms()),
        ..Default::default()
    };
    db.insert(row).exec_without_returning(&**tx).await?;
    Ok(true)
}

/// Those of `blinds` that are on the list, as far as it counts for calls over such a carrier.
pub async fn blacklisted_of(
    db: &TenantDb,
    conn: &impl ConnectionTrait,
    carrier: Carrier,
    blinds: impl IntoIterator<Item = Vec<u8>>,
) -> Result<HashSet<Vec<u8>>, DbErr> {
    let values: Vec<Value> = blinds.into_iter().map(Value::from).collect();
    if values.is_empty() {
        return Ok(HashSet::new());
    }
    let places: Vec<String> = (2..values.len() + 2).map(|place| format!("${place}")).collect();
    let counts = match carrier {
        Carrier::Sip => REAL,
        Carrier::Rehearsal => "TRUE",
    };
    let sql = format!(
        "SELECT number_blind FROM blacklist WHERE tenant_id = $1 AND number_blind IN ({}) AND {counts}",
        places.join(",")
    );
    let rows = conn.query_all_raw(db.sql(&sql, values)).await?;
    rows.iter().map(|row| row.try_get("", "number_blind")).collect()
}

pub async fn find(db: &TenantDb, id: BlacklistId) -> Result<Option<Model>, DbErr> {
    db.select::<Entity>().filter(Column::Id.eq(id.to_string())).one(db.read()).await
}

/// Newest first, below `after`; only the number with this blind index where one is given.
pub async fn page(
    db: &TenantDb,
    number_blind: Option<Vec<u8>>,
    after: Option<String>,
    rows: u64,
) -> Result<Vec<Model>, DbErr> {
    let mut select = db.select::<Entity>().order_by_desc(Column::Id).limit(rows);
    if let Some(blind) = number_blind {
        select = select.filter(Column::NumberBlind.eq(blind));
    }
    if let Some(after) = after {
        select = select.filter(Column::Id.lt(after));
    }
    select.all(db.read()).await
}

pub async fn remove(db: &TenantDb, tx: &WriteTx, id: BlacklistId) -> Result<(), DbErr> {
    db.delete::<Entity>().filter(Column::Id.eq(id.to_string())).exec(&**tx).await.map(|_| ())
}
