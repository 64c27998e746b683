//! Leads, follow-ups and presence as rows.

use platform::WriteTx;
use sea_orm::entity::prelude::*;
use sea_orm::sea_query::OnConflict;
use sea_orm::{ActiveValue::Set, ConnectionTrait, DbErr, FromQueryResult, QueryOrder, Value};
use shared_proto::ids::{CallId, CampaignId, ContactId, FollowUpId, LeadId, UserId};

use super::rules::{FollowUpStatus, LeadStatus};
use crate::app::App;
use crate::features::trunks::store::IS_REHEARSAL;
use crate::tenant_db::{TenantDb, TenantEntity};

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "leads")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub tenant_id: String,
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: String,
    pub contact_id: String,
    pub call_id: String,
    pub campaign_id: String,
    pub label_key: String,
    pub label_rule: String,
    pub label_quote: Option<String>,
    pub status: String,
    pub owner_id: Option<String>,
    pub offers: i64,
    pub offered_until: Option<i64>,
    pub accepted_at: Option<i64>,
    pub next_at: Option<i64>,
    pub created_at: i64,
    pub updated_at: i64,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl TenantEntity for Entity {
    const TENANT: Column = Column::TenantId;
}

pub mod follow_ups {
    use super::*;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "follow_ups")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub tenant_id: String,
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: String,
        pub lead_id: String,
        pub contact_id: String,
        pub user_id: String,
        pub result: String,
        pub note: String,
        pub status: String,
        pub next_at: Option<i64>,
        pub created_at: i64,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}

    impl TenantEntity for Entity {
        const TENANT: Column = Column::TenantId;
    }
}

/// A call whose label is hot.
pub struct CallEnded {
    pub contact: ContactId,
    pub call: CallId,
    pub campaign: CampaignId,
    pub label: String,
    pub rule: String,
    pub quote: Option<String>,
}

/// Makes a lead of a call, in the transaction of the call's result. The same call makes one lead.
/// It is offered within a second of the commit.
pub async fn offer_from_call(app: &App, db: &TenantDb, tx: &WriteTx, call: &CallEnded) -> Result<(), DbErr> {
    let now = app.now_ms();
    let row = ActiveModel {
        id: Set(app.fresh(LeadId::new).to_string()),
        contact_id: Set(call.contact.to_string()),
        call_id: Set(call.call.to_string()),
        campaign_id: Set(call.campaign.to_string()),
        label_key: Set(call.label.clone()),
        label_rule: Set(call.rule.clone()),
        label_quote: Set(call.quote.clone()),
        status: Set(LeadStatus::Waiting.as_str().to_owned()),
        owner_id: Set(None),
        offers: Set(0),
        offered_until: Set(None),
        accepted_at: Set(None),
        next_at: Set(None),
        created_at: Set(now),
        updated_at: Set(now),
        ..Default::default()
    };
    let once = OnConflict::columns([Column::TenantId, Column::CallId]).do_nothing().to_owned();
    db.insert(row).on_conflict(once).exec_without_returning(&**tx).await.map(|_| ())
}

/// Whether somebody has still to deal with a lead of a contact.
pub async fn any_open(db: &TenantDb, conn: &impl ConnectionTrait, contact: ContactId) -> Result<bool, DbErr> {
    let sql = "SELECT 1 AS one FROM leads WHERE tenant_id = $1 AND contact_id = $2 AND status NOT IN ('won', 'dropped') LIMIT 1";
    Ok(conn.query_one_raw(db.sql(sql, [contact.to_string().into()])).await?.is_some())
}

/// A lead with the names that people read, from the other features' tables.
#[derive(Clone, Debug, FromQueryResult)]
pub struct LeadRow {
    pub id: String,
    pub contact_id: String,
    pub contact_name: Option<String>,
    pub number_masked: Option<String>,
    pub province: Option<String>,
    pub city: Option<String>,
    pub remark: Option<String>,
    pub fields: Option<String>,
    pub call_id: String,
    /// A simulated customer spoke.
    pub rehearsal: bool,
    pub campaign_id: String,
    pub campaign_name: Option<String>,
    pub label_key: String,
    pub label_name: Option<String>,
    pub label_rule: String,
    pub label_quote: Option<String>,
    pub status: String,
    pub owner_id: Option<String>,
    pub owner_name: Option<String>,
    pub offered_until: Option<i64>,
    pub next_at: Option<i64>,
    pub created_at: i64,
}

const ROW: &str = "l.id, l.contact_id, c.name AS contact_name, c.number_masked, c.province, c.city, c.remark, \
    c.fields, l.call_id, l.campaign_id, m.name AS campaign_name, l.label_key, b.name AS label_name, l.label_rule, \
    l.label_quote, l.status, l.owner_id, u.name AS owner_name, l.offered_until, l.next_at, l.created_at FROM leads l \
    LEFT JOIN contacts c ON c.tenant_id = l.tenant_id AND c.id = l.contact_id \
    LEFT JOIN campaigns m ON m.tenant_id = l.tenant_id AND m.id = l.campaign_id \
    LEFT JOIN labels b ON b.tenant_id = l.tenant_id AND b.key = l.label_key \
    LEFT JOIN calls k ON k.tenant_id = l.tenant_id AND k.id = l.call_id \
    LEFT JOIN trunks t ON t.tenant_id = l.tenant_id AND t.id = k.trunk_id \
    LEFT JOIN users u ON u.tenant_id = l.tenant_id AND u.id = l.owner_id WHERE l.tenant_id = $1";

#[derive(Default)]
pub struct Search {
    pub status: Option<LeadStatus>,
    pub owner: Option<String>,
    pub campaign: Option<String>,
    pub contact: Option<String>,
}

/// Newest first, below `after`.
pub async fn search(db: &TenantDb, search: Search, after: Option<String>, rows: u64) -> Result<Vec<LeadRow>, DbErr> {
    let mut sql = format!("SELECT {IS_REHEARSAL} AS rehearsal, {ROW}");
    let mut values: Vec<Value> = Vec::new();
    let wanted = [
        ("l.status =", search.status.map(|status| status.as_str().to_owned())),
        ("l.owner_id =", search.owner),
        ("l.campaign_id =", search.campaign),
        ("l.contact_id =", search.contact),
        ("l.id <", after),
    ];
    for (condition, value) in wanted {
        if let Some(value) = value {
            values.push(value.into());
            sql.push_str(&format!(" AND {condition} ${}", values.len() + 1));
        }
    }
    sql.push_str(&format!(" ORDER BY l.id DESC LIMIT {rows}"));
    LeadRow::find_by_statement(db.sql(&sql, values)).all(db.read()).await
}

pub async fn find_row(db: &TenantDb, id: LeadId) -> Result<Option<LeadRow>, DbErr> {
    let statement =
        db.sql(&format!("SELECT {IS_REHEARSAL} AS rehearsal, {ROW} AND l.id = $2"), [id.to_string().into()]);
    LeadRow::find_by_statement(statement).one(db.read()).await
}

pub async fn find(db: &TenantDb, id: LeadId) -> Result<Option<Model>, DbErr> {
    db.select::<Entity>().filter(Column::Id.eq(id.to_string())).one(db.read()).await
}

/// Takes an offer that still stands; false where it does not.
pub async fn accept(db: &TenantDb, tx: &WriteTx, id: LeadId, owner: UserId, now: i64) -> Result<bool, DbErr> {
    let taken = ActiveModel {
        status: Set(LeadStatus::Accepted.as_str().to_owned()),
        offered_until: Set(None),
        accepted_at: Set(Some(now)),
        updated_at: Set(now),
        ..Default::default()
    };
    let offer = db.update::<Entity>().set(taken).filter(Column::Id.eq(id.to_string()));
    let offer = offer.filter(Column::Status.eq(LeadStatus::Offered.as_str()));
    let offer = offer.filter(Column::OwnerId.eq(owner.to_string())).filter(Column::OfferedUntil.gt(now));
    Ok(offer.exec(&**tx).await?.rows_affected == 1)
}

/// Leads of an account that was disabled go back to the pool.
pub async fn release_owner(db: &TenantDb, tx: &WriteTx, owner: &str, now: i64) -> Result<u64, DbErr> {
    let open = [LeadStatus::Offered, LeadStatus::Accepted, LeadStatus::Following].map(LeadStatus::as_str);
    let free = ActiveModel {
        status: Set(LeadStatus::Waiting.as_str().to_owned()),
        owner_id: Set(None),
        offered_until: Set(None),
        updated_at: Set(now),
        ..Default::default()
    };
    let update = db.update::<Entity>().set(free).filter(Column::OwnerId.eq(owner)).filter(Column::Status.is_in(open));
    Ok(update.exec(&**tx).await?.rows_affected)
}

pub struct NewFollowUp {
    pub result: String,
    pub note: String,
    pub status: FollowUpStatus,
    pub next_at: Option<i64>,
}

/// Adds a follow-up and leaves the lead in its status. `None` where the lead is not the writer's any more.
pub async fn add_follow_up(
    app: &App,
    db: &TenantDb,
    tx: &WriteTx,
    lead: &Model,
    by: UserId,
    new: NewFollowUp,
) -> Result<Option<follow_ups::Model>, DbErr> {
    let now = app.now_ms();
    let row = follow_ups::Model {
        tenant_id: db.tenant().to_string(),
        id: app.fresh(FollowUpId::new).to_string(),
        lead_id: lead.id.clone(),
        contact_id: lead.contact_id.clone(),
        user_id: by.to_string(),
        result: new.result,
        note: new.note,
        status: new.status.lead().as_str().to_owned(),
        next_at: new.next_at,
        created_at: now,
    };
    db.insert(follow_ups::ActiveModel::from(row.clone()).reset_all()).exec_without_returning(&**tx).await?;
    let moved = ActiveModel {
        status: Set(row.status.clone()),
        next_at: Set(new.next_at),
        updated_at: Set(now),
        ..Default::default()
    };
    let own = Column::Id.eq(lead.id.as_str());
    let taken = Column::Status.is_not_in([LeadStatus::Waiting, LeadStatus::Offered].map(LeadStatus::as_str));
    let moved = db
        .update::<Entity>()
        .set(moved)
        .filter(own)
        .filter(Column::OwnerId.eq(by.to_string()))
        .filter(taken)
        .exec(&**tx)
        .await?;
    Ok((moved.rows_affected > 0).then_some(row))
}

/// Newest first, with who wrote it.
pub async fn follow_ups_of(db: &TenantDb, lead: LeadId) -> Result<Vec<(follow_ups::Model, String)>, DbErr> {
    let select = db.select::<follow_ups::Entity>().filter(follow_ups::Column::LeadId.eq(lead.to_string()));
    let rows = select.order_by_desc(follow_ups::Column::Id).all(db.read()).await?;
    let statement = db.sql(
        "SELECT DISTINCT u.id, u.name FROM follow_ups f JOIN users u ON u.tenant_id = f.tenant_id AND u.id = f.user_id \
         WHERE f.tenant_id = $1 AND f.lead_id = $2",
        [lead.to_string().into()],
    );
    let mut names = std::collections::HashMap::new();
    for row in db.read().query_all_raw(statement).await? {
        names.insert(row.try_get::<String>("", "id")?, row.try_get::<String>("", "name")?);
    }
    let name = |row: &follow_ups::Model| names.get(&row.user_id).cloned().unwrap_or_default();
    Ok(rows.into_iter().map(|row| (name(&row), row)).map(|(name, row)| (row, name)).collect())
}
