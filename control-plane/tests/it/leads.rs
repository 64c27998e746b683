//! Leads: offered in turn to who is there, moved on, accepted, revealed with a reason, followed up.

use std::time::Duration;

use control_plane::features::leads::store::{CallEnded, offer_from_call};
use control_plane::tenant_db::TenantDb;
use serde_json::{Value, json};
use shared_proto::ids::{CallId, CampaignId};

use shared_proto::outcome::{Cause, Disposition};
use shared_proto::wire::LabelDecision;

use crate::app::TestApp;
use crate::campaigns::Stage;
use crate::fake_edge::{FakeEdge, ended};

struct Room {
    app: TestApp,
    admin: String,
    contact: String,
    calls: u128,
}

impl Room {
    async fn new() -> Self {
        let app = TestApp::new().await;
        let (admin, operator) = (app.login("admin@demo").await, app.login("operator@demo").await);
        let body = json!({"name": "林小姐", "number": "13800138000", "remark": "", "group_ids": [], "fields": {}});
        let contact = app.post(&operator, "/v1/contacts", body).await.ok()["id"].as_str().unwrap().to_owned();
        Self { app, admin, contact, calls: 0 }
    }

    /// A call of the contact ended with a hot label.
    async fn hot_call(&mut self) {
        self.calls += 1;
        let db = TenantDb::of(&self.app.app.database, self.app.tenant);
        let ended = CallEnded {
            contact: self.contact.parse().unwrap(),
            call: CallId::new(0, self.calls),
            campaign: CampaignId::new(0, 1),
            label: "high".to_owned(),
            rule: "asked_for_terms".to_owned(),
            quote: Some("利息多少，打13812345678".to_owned()),
        };
        let tx = db.write().await.unwrap();
        offer_from_call(&self.app.app, &db, &tx, &ended).await.unwrap();
        offer_from_call(&self.app.app, &db, &tx, &ended).await.unwrap();
        tx.commit().await.unwrap();
    }

    async fn agent(&self, name: &str) -> String {
        let body = json!({"email": format!("{name}@demo"), "name": name, "role": "agent", "password": "bellbird-test"});
        self.app.post(&self.admin, "/v1/users", body).await.ok();
        self.app.login(&format!("{name}@demo")).await
    }

    async fn online(&self, agent: &str) {
        self.say(agent, "online").await;
    }

    async fn say(&self, agent: &str, state: &str) {
        let body = Some(json!({ "state": state }));
        self.app.call(reqwest::Method::PUT, "/v1/presence", Some(agent), body).await.ok();
    }

    async fn leads(&self, token: &str) -> Vec<Value> {
        self.app.get(token, "/v1/leads").await.ok()["items"].as_array().unwrap().clone()
    }

    /// Statuses of all leads as the operator sees them, once they are as expected.
    async fn becomes(&self, expected: &[&str]) {
        let viewer = self.app.login("viewer@demo").await;
        self.app
            .until(|| async {
                let leads = self.leads(&viewer).await;
                leads.iter().map(|lead| lead["status"].as_str().unwrap()).collect::<Vec<_>>() == expected
            })
            .await;
    }
}

#[tokio::test]
async fn a_lead_waits_for_the_first_agent_who_comes_online() {
    let mut room = Room::new().await;
    room.hot_call().await;
    room.becomes(&["waiting"]).await;
    let agent = room.app.login("agent@demo").await;
    assert_eq!(room.leads(&agent).await, Vec::<Value>::new());
    room.online(&agent).await;
    let lead = room.leads(&agent).await.remove(0);
    assert_eq!(lead["status"], "offered");
    assert_eq!(lead["contact"]["number"], "138****8000");
    assert_eq!(lead["label"]["quote"], "利息多少，打***");
    room.app.end().await;
}

#[tokio::test]
async fn an_offer_that_is_not_accepted_moves_on_to_the_next_agent() {
    let mut room = Room::new().await;
    let (one, two) = (room.agent("one").await, room.agent("two").await);
    room.online(&one).await;
    room.hot_call().await;
    room.app.hand.advance(Duration::from_secs(1));
    room.becomes(&["offered"]).await;
    let id = room.leads(&one).await[0]["id"].as_str().unwrap().to_owned();
    room.app.hand.advance(Duration::from_secs(20));
    room.online(&one).await;
    room.online(&two).await;
    room.app.hand.advance(Duration::from_secs(10));
    room.app.until(|| async { !room.leads(&two).await.is_empty() }).await;
    assert_eq!(room.leads(&one).await, Vec::<Value>::new());
    let late = room.app.post(&one, &format!("/v1/leads/{id}/accept"), json!({})).await;
    assert_eq!(late.problem(), "404 not_found");
    let accepted = room.app.post(&two, &format!("/v1/leads/{id}/accept"), json!({})).await.ok();
    assert_eq!(accepted["status"], "accepted");
    room.app.end().await;
}

#[tokio::test]
async fn an_agent_who_falls_silent_gets_no_lead() {
    let mut room = Room::new().await;
    let agent = room.app.login("agent@demo").await;
    room.online(&agent).await;
    room.app.hand.advance(Duration::from_secs(30));
    room.hot_call().await;
    room.app.hand.advance(Duration::from_secs(1));
    room.becomes(&["waiting"]).await;
    let presence = room.app.get(&agent, "/v1/presence").await.ok();
    assert_eq!(presence["items"][0]["state"], "offline");
    room.app.end().await;
}

#[tokio::test]
async fn a_number_is_revealed_to_its_owner_alone_with_a_reason_and_is_logged() {
    let mut room = Room::new().await;
    let (agent, other) = (room.app.login("agent@demo").await, room.agent("other").await);
    room.hot_call().await;
    room.online(&agent).await;
    let id = room.leads(&agent).await[0]["id"].as_str().unwrap().to_owned();
    let path = format!("/v1/leads/{id}/reveal");
    let reason = json!({"reason": "客户要求回电13900000009"});
    assert_eq!(room.app.post(&agent, &path, reason.clone()).await.problem(), "409 lead_not_accepted");
    room.app.post(&agent, &format!("/v1/leads/{id}/accept"), json!({})).await.ok();
    assert_eq!(room.app.post(&other, &path, reason.clone()).await.problem(), "404 not_found");
    assert_eq!(room.app.post(&agent, &path, json!({"reason": " "})).await.problem(), "422 reveal_reason");
    let shown = room.app.post(&agent, &path, reason).await.ok();
    assert_eq!(shown["number"], "13800138000");
    let log = room.app.get(&room.admin, "/v1/audit?kind=access").await.ok();
    let entry = &log["items"][0];
    assert_eq!((&entry["action"], &entry["result"]), (&json!("leads.reveal"), &json!("ok")));
    let why = json!({"reason": "客户要求回电139****0009"});
    assert_eq!((&entry["before"], &entry["after"]), (&Value::Null, &why), "the admin sees why, and no contact");
    let viewer = room.app.login("viewer@demo").await;
    let log = room.app.get(&viewer, "/v1/audit?kind=access").await.ok();
    assert_eq!(log["items"][0]["after"]["reason"], "客户要求回电139****0009");
    assert!(!log.to_string().contains("13800138000"));
    for _ in 0..28 {
        room.app.post(&agent, &path, json!({"reason": "再看"})).await;
    }
    assert_eq!(room.app.post(&agent, &path, json!({"reason": "再看"})).await.status.as_u16(), 200);
    assert_eq!(room.app.post(&agent, &path, json!({"reason": "再看"})).await.problem(), "429 reveal_limit");
    room.app.end().await;
}

#[tokio::test]
async fn a_follow_up_moves_the_lead_and_completes_the_customer() {
    let mut room = Room::new().await;
    let agent = room.app.login("agent@demo").await;
    room.hot_call().await;
    room.online(&agent).await;
    let id = room.leads(&agent).await[0]["id"].as_str().unwrap().to_owned();
    room.app.post(&agent, &format!("/v1/leads/{id}/accept"), json!({})).await.ok();
    let follow_ups = format!("/v1/leads/{id}/follow-ups");
    let past = json!({"result": "已接通", "status": "following", "next_at": "2020-01-01T00:00:00Z"});
    assert_eq!(room.app.post(&agent, &follow_ups, past).await.problem(), "422 follow_up_in_the_past");
    let slip = json!({"result": "已接通", "status": "following", "next_at": "9999-01-01T00:00:00Z"});
    assert_eq!(room.app.post(&agent, &follow_ups, slip).await.problem(), "422 follow_up_too_far");
    let next = json!({"result": "已接通", "note": "明天再谈，另一个号码13812345678", "status": "following", "next_at": "2026-03-03T02:00:00Z"});
    room.app.post(&agent, &follow_ups, next).await.ok();
    let data = json!({"name": "林女士", "fields": {"公司": "铃鸟"}});
    let lead = room.app.patch(&agent, &format!("/v1/leads/{id}/contact"), data).await.ok();
    assert_eq!((&lead["status"], &lead["contact"]["name"]), (&json!("following"), &json!("林女士")));
    assert_eq!(lead["next_at"], "2026-03-03T02:00:00.000Z");
    assert_eq!(lead["rehearsal"], false, "the contact spoke");
    let viewer = room.app.login("viewer@demo").await;
    let log = room.app.get(&viewer, "/v1/audit?limit=200").await.ok();
    let completed =
        log["items"].as_array().unwrap().iter().find(|entry| entry["action"] == "leads.contact.update").unwrap();
    assert_eq!(
        (&completed["after"]["name"], &completed["after"]["fields"]),
        (&json!("林女士"), &json!({"公司": "铃鸟"}))
    );
    assert_ne!(completed["before"]["name"], json!("林女士"));
    room.app.post(&agent, &follow_ups, json!({"result": "签约", "status": "won"})).await.ok();
    let kept = room.app.get(&agent, &follow_ups).await.ok();
    let results: Vec<_> = kept["items"].as_array().unwrap().iter().map(|row| row["result"].clone()).collect();
    assert_eq!(results, ["签约", "已接通"]);
    assert_eq!(kept["items"][1]["note"], "明天再谈，另一个号码138****5678");
    room.becomes(&["won"]).await;
    room.app.end().await;
}

#[tokio::test]
async fn a_contact_with_an_open_lead_is_not_deleted() {
    let mut room = Room::new().await;
    let (agent, operator) = (room.app.login("agent@demo").await, room.app.login("operator@demo").await);
    room.hot_call().await;
    let contact = format!("/v1/contacts/{}", room.contact);
    assert_eq!(room.app.delete(&operator, &contact).await.problem(), "409 contact_has_lead");
    room.online(&agent).await;
    let lead = format!("/v1/leads/{}", room.leads(&agent).await[0]["id"].as_str().unwrap());
    for _ in 0..2 {
        room.app.post(&agent, &format!("{lead}/accept"), json!({})).await.ok();
    }
    assert_eq!(room.app.delete(&operator, &contact).await.problem(), "409 contact_has_lead");
    let closed = json!({"result": "签约", "status": "won"});
    room.app.post(&agent, &format!("{lead}/follow-ups"), closed).await.ok();
    room.app.delete(&operator, &contact).await.ok();
    room.app.end().await;
}

#[tokio::test]
async fn the_leads_of_a_disabled_agent_go_back_to_the_pool() {
    let mut room = Room::new().await;
    let agent = room.app.login("agent@demo").await;
    room.hot_call().await;
    room.online(&agent).await;
    let lead = room.leads(&agent).await.remove(0);
    room.app.post(&agent, &format!("/v1/leads/{}/accept", lead["id"].as_str().unwrap()), json!({})).await.ok();
    let owner = lead["owner"]["id"].as_str().unwrap();
    room.app.patch(&room.admin, &format!("/v1/users/{owner}"), json!({"enabled": false})).await.ok();
    room.becomes(&["waiting"]).await;
    room.app.end().await;
}

#[tokio::test]
async fn an_offer_shows_its_own_call_and_an_accepted_lead_all_calls_of_its_contact() {
    let stage = Stage::new("rehearsal").await;
    stage.contacts(1, 1, "1990000").await;
    let agent = stage.app.login("agent@demo").await;
    let mut edge = FakeEdge::online(&stage.app, &stage.uplink, 10).await;
    for (name, label) in [("cold", None), ("hot", Some("high")), ("hot again", Some("high"))] {
        let campaign = stage.campaign(json!({ "name": name })).await;
        stage.ask(&campaign, "start").await;
        let job = edge.job().await;
        let mut result = ended(&job, Disposition::Answered, Cause::Finished);
        result.label = label.map(|key| LabelDecision { key: key.into(), rule: "asked".into(), quote: None });
        edge.result(result).await;
    }
    let all = stage.app.get(&stage.operator, "/v1/calls").await.ok()["items"].as_array().unwrap().clone();
    assert_eq!(all.len(), 3);
    let paths = all.iter().map(|call| format!("/v1/calls/{}", call["id"].as_str().unwrap())).collect::<Vec<_>>();
    let seen = async || {
        let listed = stage.app.get(&agent, "/v1/calls").await.ok()["items"].as_array().unwrap().len();
        let mut opened = Vec::new();
        for path in &paths {
            opened.push(stage.app.get(&agent, path).await.status.as_u16());
        }
        (listed, opened)
    };
    assert_eq!(seen().await, (0, vec![404, 404, 404]));
    let online = Some(json!({"state": "online"}));
    stage.app.call(reqwest::Method::PUT, "/v1/presence", Some(&agent), online).await.ok();
    let leads = stage.app.get(&agent, "/v1/leads?status=offered").await.ok()["items"].as_array().unwrap().clone();
    let of = |call: &Value| leads.iter().any(|lead| lead["call_id"] == call["id"]);
    let expected: Vec<u16> = all.iter().map(|call| if of(call) { 200 } else { 404 }).collect();
    assert!(!leads.is_empty());
    assert_eq!(seen().await, (leads.len(), expected));
    let lead = leads[0]["id"].as_str().unwrap();
    stage.app.post(&agent, &format!("/v1/leads/{lead}/accept"), json!({})).await.ok();
    assert_eq!(seen().await, (3, vec![200, 200, 200]));
    stage.app.end().await;
}
