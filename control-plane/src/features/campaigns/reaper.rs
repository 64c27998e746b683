//! Nothing stays "in progress" for ever: attempts whose deadline passed are looked into, and the
//! portal hears of changed counters, at most twice a second for each campaign, and of long lists less often.

use shared_proto::events::Event;

use super::{attempts, counters, rules, store};
use crate::app::App;
use crate::features::calls::ingest::Inbound;
use crate::tenant_db::TenantDb;
use crate::web::page::Time;

/// Overdue attempts handled in one go.
const AT_ONCE: u64 = 500;

/// Passes overdue attempts to the one who applies news.
pub async fn reap(app: App) -> anyhow::Result<()> {
    for row in attempts::overdue(&app.database, app.database.now_ms(), AT_ONCE).await? {
        if let Ok(attempt) = row.id.parse() {
            app.ingest.send(Inbound::Overdue { attempt }).await;
        }
    }
    Ok(())
}

/// Publishes the counters of campaigns that changed since the last time.
pub async fn publish(app: App) -> anyhow::Result<()> {
    for (tenant, campaign_id) in app.dialer.take_changed(app.now_ms()) {
        let db = TenantDb::of(&app.database, tenant);
        let Some(campaign) = store::campaign(&db, campaign_id).await? else { continue };
        let counters = counters::of(&db, &campaign).await?;
        counters::remember(&app, &campaign, &counters).await;
        app.dialer.counted(campaign_id, app.now_ms() + rules::recount_after_ms(counters.total));
        let counters = serde_json::to_value(counters)?;
        let updated_at = Time(campaign.updated_at).to_string();
        app.events.publish(tenant, Event::CampaignChanged { campaign_id, state: campaign.state, updated_at, counters });
    }
    Ok(())
}
