//! The two scripts of the demo tenant, published: a loan offer and a payment notice.

use platform::Clock;
use shared_proto::flow::Flow;
use shared_proto::ids::{ScriptId, VersionId};

use super::publishing::point_at;
use super::store;
use crate::app::fresh;
use crate::tenant_db::TenantDb;

const LOAN_OFFER: &str = include_str!("../../../demo/loan-offer.json");
const PAYMENT_NOTICE: &str = include_str!("../../../demo/payment-notice.json");

pub struct DemoScripts {
    pub loan_offer: ScriptId,
    pub payment_notice: ScriptId,
}

/// Adds both scripts with their first version, all or nothing.
pub async fn seed_demo(db: &TenantDb, clock: &Clock) -> anyhow::Result<DemoScripts> {
    let tx = db.write().await?;
    let payment_notice = add(db, &tx, clock, "还款提醒", "notice", PAYMENT_NOTICE).await?;
    let loan_offer = add(db, &tx, clock, "信用贷款邀约", "marketing", LOAN_OFFER).await?;
    tx.commit().await?;
    Ok(DemoScripts { loan_offer, payment_notice })
}

async fn add(
    db: &TenantDb,
    tx: &platform::WriteTx,
    clock: &Clock,
    name: &str,
    category: &str,
    flow: &str,
) -> anyhow::Result<ScriptId> {
    let flow = serde_json::to_string(&Flow::parse(flow)?)?;
    let now = clock.now_ms();
    let id = fresh(clock, ScriptId::new);
    let version = store::versions::Model {
        tenant_id: db.tenant().to_string(),
        id: fresh(clock, VersionId::new).to_string(),
        script_id: id.to_string(),
        number: 1,
        flow: flow.clone(),
        note: String::new(),
        published_by: None,
        published_by_name: String::new(),
        published_at: now,
    };
    let mut script = store::scripts::Model {
        tenant_id: db.tenant().to_string(),
        id: id.to_string(),
        name: name.to_owned(),
        category: category.to_owned(),
        remark: String::new(),
        draft: flow,
        revision: 1,
        draft_at: now,
        version_id: None,
        version_number: None,
        published_at: None,
        archived_at: None,
        created_at: now,
    };
    point_at(&mut script, &version);
    store::insert(db, tx, &script).await?;
    store::insert_version(db, tx, &version).await?;
    Ok(id)
}
