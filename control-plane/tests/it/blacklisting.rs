//! A number that comes onto the blacklist is not called any more, wherever its job is by then.

use control_plane::features::campaigns::dispatcher::Running;
use control_plane::features::campaigns::{lease, members, store};
use control_plane::features::trunks;
use control_plane::tenant_db::TenantDb;
use serde_json::{Value, json};
use shared_proto::ids::CampaignId;
use shared_proto::outcome::{Cause, Disposition};
use shared_proto::wire::{Down, JobVerdict, Progress};

use crate::campaigns::Stage;
use crate::fake_edge::{FakeEdge, ended};

/// `199****0001 blocked blacklist`, a line for each contact.
async fn contacts(stage: &Stage, campaign: &str) -> Vec<String> {
    let listed = stage.app.get(&stage.operator, &format!("/v1/campaigns/{campaign}/contacts")).await.ok();
    let text = |value: &Value| value.as_str().unwrap_or("-").to_owned();
    let line =
        |row: &Value| format!("{} {} {}", text(&row["contact"]["number"]), text(&row["state"]), text(&row["gate"]));
    listed["items"].as_array().unwrap().iter().map(line).collect()
}

#[tokio::test]
async fn a_job_whose_number_is_blacklisted_is_called_back_and_a_call_that_is_up_goes_on() {
    let stage = Stage::new("rehearsal").await;
    let (campaign, mut edge) = stage.calling(3).await;
    let (first, second, third) = (edge.job().await, edge.job().await, edge.job().await);
    edge.progress(&first, Progress::Answered).await;
    stage.until(&campaign, "running total=3 waiting=2 in_call=1 attempts=1").await;

    for job in [&first, &second] {
        let body = json!({"number": job.number.reveal(), "reason": "asked"});
        stage.app.post(&stage.operator, "/v1/blacklist", body).await.ok();
    }
    let cancel =
        |job: &shared_proto::wire::DialJob| Down::Cancel { attempt: job.attempt, fence: job.fence, hang_up: false };
    assert_eq!(edge.other().await, cancel(&second));
    let listed = stage.app.get(&stage.operator, "/v1/contacts?q=0003").await.ok();
    let body = json!({"contact_id": listed["items"][0]["id"], "reason": "asked"});
    stage.app.post(&stage.operator, "/v1/blacklist", body).await.ok();
    assert_eq!(edge.other().await, cancel(&third));

    // The edge drops the one job before its INVITE; the other was on the way and is hung up.
    edge.verdict(&second, JobVerdict::TooLate).await;
    edge.result(ended(&third, Disposition::Failed, Cause::Cancelled)).await;
    stage.until(&campaign, "running total=3 waiting=2 in_call=1 attempts=2").await;
    stage.app.hand.advance(std::time::Duration::from_secs(5));
    edge.capacity(9).await;
    stage.until(&campaign, "running total=3 in_call=1 blocked=2 attempts=2").await;
    let before = edge.result(ended(&first, Disposition::Answered, Cause::Finished)).await;
    assert!(!before.contains(&cancel(&first)), "{before:?}");
    stage.until(&campaign, "completed total=3 blocked=2 connected=1 attempts=2").await;
    let expected = ["199****0001 done -", "199****0002 blocked blacklist", "199****0003 blocked blacklist"];
    assert_eq!(contacts(&stage, &campaign).await, expected);
    stage.app.end().await;
}

#[tokio::test]
async fn a_number_that_is_blacklisted_between_the_look_and_the_lease_is_not_leased() {
    let stage = Stage::new("rehearsal").await;
    stage.contacts(1, 2, "1990000").await;
    // A faulty line keeps the dialler away, so that the test leases by its own hand.
    let fault = format!("/v1/trunks/{}/fault", stage.trunk);
    stage.app.post(&stage.admin, &fault, json!({"reason": "noise"})).await.ok();
    let campaign = stage.campaign(json!({})).await;
    let mut edge = FakeEdge::online(&stage.app, &stage.uplink, 9).await;
    stage.ask(&campaign, "start").await;
    let app = &stage.app.app;
    stage.app.until(async || app.links.roomiest().is_some()).await;
    let db = TenantDb::of(&app.database, stage.app.tenant);
    let (id, trunk_id) = (campaign.parse::<CampaignId>().unwrap(), stage.trunk.parse().unwrap());
    let one = Running {
        campaign: store::campaign(&db, id).await.unwrap().unwrap(),
        trunk: trunks::store::trunk(&db, trunk_id).await.unwrap().unwrap(),
        db: db.clone(),
        id,
        trunk_id,
    };
    let script = lease::script(app, &one).await.unwrap().unwrap();
    let due = members::due(&db, id, one.trunk.carrier(), app.now_ms(), 10).await.unwrap();
    stage.app.post(&stage.operator, "/v1/blacklist", json!({"number": "19900000001"})).await.ok();

    let outcome = lease::lease(app, &one, &script, due, 10, app.clock.now()).await.unwrap();
    assert_eq!(outcome, lease::Outcome { leased: 1, held: 1 });
    assert_eq!(edge.job().await.number.masked(), "199****0002");
    assert_eq!(contacts(&stage, &campaign).await, ["199****0001 blocked blacklist", "199****0002 leased -"]);
    stage.app.end().await;
}

#[tokio::test]
async fn what_simulated_customers_do_is_not_held_against_the_people_they_stand_for() {
    let stage = Stage::new("rehearsal").await;
    stage.contacts(1, 2, "1381234").await;
    let (app, token) = (&stage.app, &stage.operator);
    let campaign = stage.campaign(json!({"name": "rehearsed"})).await;
    let mut edge = FakeEdge::online(app, &stage.uplink, 9).await;
    stage.ask(&campaign, "start").await;
    let (first, second) = (edge.job().await, edge.job().await);
    edge.result(ended(&first, Disposition::Invalid, Cause::Refused)).await;
    let mut unwilling = ended(&second, Disposition::Answered, Cause::CustomerHangUp);
    unwilling.opt_out = Some("别再打了".into());
    edge.result(unwilling).await;
    stage.until(&campaign, "completed total=2 connected=1 not_connected=1 attempts=2").await;

    let standings = async || {
        let listed = app.get(token, "/v1/contacts").await.ok();
        let of = |contact: &Value| {
            json!([contact["dead"], contact["blacklisted"], contact["call_status"], contact["label"]["key"]])
        };
        Value::from(listed["items"].as_array().unwrap().iter().map(of).collect::<Vec<_>>())
    };
    let alive = json!([[false, false, "answered", null], [false, false, "not_connected", null]]);
    assert_eq!(standings().await, alive);
    let entry = app.get(token, "/v1/blacklist").await.ok()["items"][0].clone();
    assert_eq!((&entry["source"], &entry["number"]), (&json!("rehearsal"), &json!("138****0002")));
    let check = async |change: Value| {
        let campaign = stage.campaign(change).await;
        app.get(token, &format!("/v1/campaigns/{campaign}/check")).await.ok()
    };
    let rehearsed = check(json!({"name": "rehearsed again"})).await;
    assert_eq!(rehearsed["blocked"], json!({"blacklist": 1, "dead": 1}));
    let trunk = json!({"name": "real", "kind": "sip", "address": "127.0.0.1:5191", "caller_ids": ["02112345678"],
        "max_calls": 9, "calls_per_second": 9});
    let trunk = app.post(&stage.admin, "/v1/trunks", trunk).await.ok()["id"].clone();
    let real = check(json!({"name": "real", "trunk_id": trunk})).await;
    assert_eq!((&real["dialable"], &real["blocked"]), (&json!(2), &json!({})));
    let csv = "手机\n13812340001\n13812340002\n".as_bytes();
    let imported = crate::imports::import(app, token, "a.csv", csv, &[]).await;
    assert_eq!((&imported["rows"]["duplicate"], &imported["dead"]), (&json!(2), &json!(0)));

    let manual = app.post(token, "/v1/blacklist", json!({"number": "13812340002", "reason": "asked"})).await.ok();
    assert_eq!(manual["source"], "manual");
    assert_eq!(app.get(token, "/v1/blacklist").await.ok()["items"].as_array().unwrap().len(), 1);
    let real = check(json!({"name": "real again", "trunk_id": trunk})).await;
    assert_eq!(real["blocked"], json!({"blacklist": 1}));
    stage.app.end().await;
}

#[tokio::test]
async fn a_rehearsal_does_not_bring_a_dead_number_back_to_life() {
    let stage = Stage::new("rehearsal").await;
    stage.contacts(1, 1, "1381234").await;
    let (app, token) = (&stage.app, &stage.operator);
    let campaign = stage.campaign(json!({})).await;
    let mut edge = FakeEdge::online(app, &stage.uplink, 9).await;
    stage.ask(&campaign, "start").await;
    let job = edge.job().await;
    // Meanwhile a real carrier has found it dead.
    let db = TenantDb::of(&app.app.database, app.tenant);
    let blind = app.app.keys.sealer(app.tenant).await.unwrap().blind(&job.number);
    let tx = db.write().await.unwrap();
    control_plane::features::contacts::store::mark_dead_in_rehearsal(&db, &tx, &blind, 1).await.unwrap();
    control_plane::features::contacts::store::mark_dead(&db, &tx, &blind, 2).await.unwrap();
    tx.commit().await.unwrap();
    edge.result(ended(&job, Disposition::Answered, Cause::Finished)).await;
    stage.until(&campaign, "completed total=1 connected=1 attempts=1").await;
    assert_eq!(app.get(token, "/v1/contacts").await.ok()["items"][0]["dead"], true);
    stage.app.end().await;
}

#[tokio::test]
async fn the_jobs_of_contacts_that_are_archived_deleted_or_renumbered_are_called_back() {
    let stage = Stage::new("rehearsal").await;
    let (app, token) = (&stage.app, &stage.operator);
    let (campaign, mut edge) = stage.calling(5).await;
    let mut jobs = Vec::new();
    for _ in 0..5 {
        jobs.push(edge.job().await);
    }
    let cancel =
        |job: &shared_proto::wire::DialJob| Down::Cancel { attempt: job.attempt, fence: job.fence, hang_up: false };
    let id = async |job: &shared_proto::wire::DialJob| {
        let found = app.get(token, &format!("/v1/contacts?q={}", job.number.national())).await.ok();
        found["items"][0]["id"].as_str().unwrap().to_owned()
    };
    let first = id(&jobs[0]).await;
    app.post(token, &format!("/v1/contacts/{first}/archive"), json!({})).await.ok();
    assert_eq!(edge.other().await, cancel(&jobs[0]));
    let second = id(&jobs[1]).await;
    app.delete(token, &format!("/v1/contacts/{second}")).await.ok();
    assert_eq!(edge.other().await, cancel(&jobs[1]));
    let third = id(&jobs[2]).await;
    app.post(token, "/v1/contacts/archive", json!({"ids": [third]})).await.ok();
    assert_eq!(edge.other().await, cancel(&jobs[2]));
    let fourth = format!("/v1/contacts/{}", id(&jobs[3]).await);
    app.patch(token, &fourth, json!({"name": "renamed"})).await.ok();
    app.patch(token, &fourth, json!({"number": "19900000077"})).await.ok();
    assert_eq!(edge.other().await, cancel(&jobs[3]));
    for job in &jobs[..4] {
        edge.verdict(job, JobVerdict::TooLate).await;
    }
    let live = format!("/v1/campaigns/{campaign}/live");
    app.until(async || app.get(token, &live).await.ok()["items"].as_array().unwrap().len() == 1).await;
    app.hand.advance(std::time::Duration::from_secs(5));
    edge.capacity(9).await;
    assert_eq!(edge.job().await.number.national(), "19900000077");
    stage.until(&campaign, "running total=5 waiting=2 blocked=3").await;
    stage.app.end().await;
}
