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
    stage.contacts(1, 3, "1990000").await;
    let campaign = stage.campaign(json!({})).await;
    let mut edge = FakeEdge::online(&stage.app, &stage.uplink, 9).await;
    stage.ask(&campaign, "start").await;
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
    let due = members::due(&db, id, app.now_ms(), 10).await.unwrap();
    stage.app.post(&stage.operator, "/v1/blacklist", json!({"number": "19900000001"})).await.ok();

    let outcome = lease::lease(app, &one, &script, due, 10, app.clock.now()).await.unwrap();
    assert_eq!(outcome, lease::Outcome { leased: 1, held: 1 });
    assert_eq!(edge.job().await.number.masked(), "199****0002");
    assert_eq!(contacts(&stage, &campaign).await, ["199****0001 blocked blacklist", "199****0002 leased -"]);
    stage.app.end().await;
}
