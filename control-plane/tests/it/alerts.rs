//! Alerts: told once, acknowledged once, closed; campaigns are not for the admin.

use control_plane::features::alerts::{Level, Scope, close, raise};
use control_plane::tenant_db::TenantDb;
use serde_json::json;
use shared_proto::ids::{CampaignId, TrunkId};
use shared_proto::wire::{Trouble, Up};

use crate::app::TestApp;
use crate::campaigns::Stage;
use crate::fake_edge::{FakeEdge, Uplink};

async fn trouble(app: &TestApp, code: &str, scope: Scope) {
    let db = TenantDb::of(&app.app.database, app.tenant);
    let tx = db.write().await.unwrap();
    raise(&app.app, &db, &tx, code, Level::Urgent, json!({"trunk": "主线路"}), scope).await.unwrap();
    tx.commit().await.unwrap();
}

#[tokio::test]
async fn the_same_trouble_is_one_alert_until_it_is_over() {
    let app = TestApp::new().await;
    let admin = app.login("admin@demo").await;
    let scope = Scope { trunk: Some(TrunkId::new(0, 1)), campaign: None };
    trouble(&app, "trunk_failing", scope.clone()).await;
    trouble(&app, "trunk_failing", scope.clone()).await;
    let open = app.get(&admin, "/v1/alerts?open=true").await.ok();
    assert_eq!(open["items"].as_array().unwrap().len(), 1);
    let id = open["items"][0]["id"].as_str().unwrap();
    let seen = app.post(&admin, &format!("/v1/alerts/{id}/acknowledge"), json!({})).await.ok();
    assert!(seen["acknowledged_at"].is_string());
    assert_eq!(app.get(&admin, "/v1/alerts?open=true").await.ok()["items"], json!([]));

    let db = TenantDb::of(&app.app.database, app.tenant);
    let tx = db.write().await.unwrap();
    close(&app.app, &db, &tx, "trunk_failing", scope.clone()).await.unwrap();
    tx.commit().await.unwrap();
    trouble(&app, "trunk_failing", scope).await;
    assert_eq!(app.get(&admin, "/v1/alerts").await.ok()["items"].as_array().unwrap().len(), 2);
    app.end().await;
}

#[tokio::test]
async fn an_alert_about_a_campaign_is_not_for_the_admin() {
    let app = TestApp::new().await;
    let (admin, operator) = (app.login("admin@demo").await, app.login("operator@demo").await);
    trouble(&app, "many_invalid", Scope { campaign: Some(CampaignId::new(0, 1)), trunk: None }).await;
    assert_eq!(app.get(&admin, "/v1/alerts").await.ok()["items"], json!([]));
    let seen = app.get(&operator, "/v1/alerts").await.ok();
    assert_eq!(seen["items"][0]["code"], "many_invalid");
    let id = seen["items"][0]["id"].as_str().unwrap();
    let refused = app.post(&admin, &format!("/v1/alerts/{id}/acknowledge"), json!({})).await;
    assert_eq!(refused.problem(), "404 not_found");
    app.end().await;
}

#[tokio::test]
async fn an_edge_whose_disk_is_full_alerts_the_tenant_that_manages_edges_until_it_has_room() {
    let app = TestApp::new().await;
    let admin = app.login("admin@demo").await;
    let mut edge = FakeEdge::online(&app, &Uplink::of(&app), 9).await;
    let capacity = |trouble| Up::Capacity { free: 0, live: 0, trunks: vec![], trouble };
    edge.say(&capacity(Some(Trouble::DiskFull))).await;
    let open = async || app.get(&admin, "/v1/alerts?open=true").await.ok()["items"].clone();
    app.until(async || open().await != json!([])).await;
    let alert = open().await[0].clone();
    assert_eq!(
        (&alert["code"], &alert["level"], &alert["params"]["edge"]),
        (&json!("edge_disk_full"), &json!("urgent"), &json!("edge"))
    );
    edge.say(&capacity(None)).await;
    app.until(async || open().await == json!([])).await;
    app.end().await;
}

#[tokio::test]
async fn an_edge_whose_recogniser_is_late_tells_the_tenant_that_manages_edges_until_it_keeps_up() {
    let app = TestApp::new().await;
    let admin = app.login("admin@demo").await;
    let mut edge = FakeEdge::online(&app, &Uplink::of(&app), 9).await;
    let capacity = |trouble| Up::Capacity { free: 1, live: 1, trunks: vec![], trouble };
    edge.say(&capacity(Some(Trouble::Recogniser))).await;
    let open = async || app.get(&admin, "/v1/alerts?open=true").await.ok()["items"].clone();
    app.until(async || open().await != json!([])).await;
    let alerts = open().await;
    assert_eq!(alerts.as_array().unwrap().len(), 1, "{alerts}");
    assert_eq!((&alerts[0]["code"], &alerts[0]["level"]), (&json!("edge_recogniser_late"), &json!("info")));
    edge.say(&capacity(None)).await;
    app.until(async || open().await == json!([])).await;
    app.end().await;
}

#[tokio::test]
async fn an_alert_ends_with_its_campaign_and_with_its_trunk() {
    let stage = Stage::new("rehearsal").await;
    stage.contacts(1, 1, "1990000").await;
    let (ended, going_on) = (stage.campaign(json!({})).await, stage.campaign(json!({"name": "next"})).await);
    for campaign in [&ended, &going_on] {
        stage.ask(campaign, "start").await;
        let scope = Scope { campaign: Some(campaign.parse().unwrap()), trunk: None };
        trouble(&stage.app, "many_invalid", scope).await;
    }
    trouble(&stage.app, "trunk_failing", Scope { trunk: Some(TrunkId::new(0, 1)), campaign: None }).await;
    stage.ask(&ended, "stop").await;
    stage.app.hand.advance(std::time::Duration::from_secs(1));
    let open = async || {
        let alerts = stage.app.get(&stage.operator, "/v1/alerts?open=true").await.ok();
        let items = alerts["items"].as_array().unwrap().iter();
        items.map(|alert| alert["campaign_id"].as_str().unwrap_or("none").to_owned()).collect::<Vec<_>>()
    };
    stage.app.until(async || open().await == [going_on.as_str()]).await;
    stage.app.end().await;
}
