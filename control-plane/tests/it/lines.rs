//! Lines in trouble: a list outlives a dead line, and people hear of it.

use std::time::Duration;

use serde_json::{Value, json};
use shared_proto::outcome::{Cause, Disposition, Side};
use shared_proto::wire::{AttemptResult, DialJob, JobVerdict, TrunkUse, Up};

use crate::campaigns::Stage;
use crate::fake_edge::{FakeEdge, ended};

fn line_failed(job: &DialJob) -> AttemptResult {
    let mut result = ended(job, Disposition::Failed, Cause::NoResponse);
    result.outcome.side = Side::Carrier;
    result
}

async fn gate(stage: &Stage, campaign: &str) -> Value {
    let path = format!("/v1/campaigns/{campaign}/contacts");
    stage.app.get(&stage.operator, &path).await.ok()["items"][0]["gate"].clone()
}

async fn alerts(stage: &Stage) -> Vec<String> {
    let open = stage.app.get(&stage.admin, "/v1/alerts?open=true").await.ok();
    let text = |alert: &Value| format!("{} {}", alert["code"].as_str().unwrap(), alert["params"]["trunk"]);
    open["items"].as_array().unwrap().iter().map(text).collect()
}

#[tokio::test]
async fn a_call_that_the_line_failed_uses_up_no_try() {
    let stage = Stage::new("rehearsal").await;
    let (campaign, mut edge) = stage.calling(1).await;
    let job = edge.job().await;
    edge.result(line_failed(&job)).await;
    stage.until(&campaign, "running total=1 waiting=1 attempts=1").await;
    assert_eq!(gate(&stage, &campaign).await, "line_failed");
    stage.app.hand.advance(Duration::from_secs(31));
    edge.capacity(9).await;
    let job = edge.job().await;
    edge.result(ended(&job, Disposition::Answered, Cause::Finished)).await;
    stage.until(&campaign, "completed total=1 connected=1 attempts=2").await;
    stage.app.end().await;
}

#[tokio::test]
async fn a_line_that_is_down_stays_so_until_an_edge_has_word_of_it() {
    let stage = Stage::new("rehearsal").await;
    let trunk = stage.trunk.parse().unwrap();
    let mut edge = FakeEdge::online(&stage.app, &stage.uplink, 9).await;
    let report = |failing| {
        let trunks = vec![TrunkUse { trunk, live: 1, failing }];
        Up::Capacity { free: 9, live: 1, trunks, trouble: None }
    };
    let state = async || stage.app.get(&stage.admin, &format!("/v1/trunks/{trunk}")).await.ok()["state"].clone();
    edge.say(&report(Some(3))).await;
    stage.app.until(async || state().await == "down").await;
    drop(edge);
    // Another, or the same after a restart: it has begun a call on the line and knows nothing of it yet.
    let mut edge = FakeEdge::online(&stage.app, &stage.uplink, 9).await;
    edge.say(&report(None)).await;
    edge.say(&report(Some(1))).await;
    stage.app.until(async || state().await == "failing").await;
    let alerts = stage.app.get(&stage.admin, "/v1/alerts?open=true").await.ok()["items"].clone();
    assert_eq!(alerts[0]["code"], "trunk_failing", "{alerts}");
    edge.say(&report(Some(0))).await;
    stage.app.until(async || state().await == "up").await;
    stage.app.end().await;
}

#[tokio::test]
async fn a_number_that_a_sound_line_never_reaches_is_given_up_and_a_dead_line_gives_up_nobody() {
    let stage = Stage::new("rehearsal").await;
    let (campaign, mut edge) = stage.calling(1).await;
    let trunk = stage.trunk.parse().unwrap();
    let report = |failing| {
        let trunks = vec![TrunkUse { trunk, live: 0, failing: Some(failing) }];
        Up::Capacity { free: 9, live: 0, trunks, trouble: None }
    };
    let state = async || stage.app.get(&stage.admin, &format!("/v1/trunks/{trunk}")).await.ok()["state"].clone();
    edge.say(&report(3)).await;
    stage.app.until(async || state().await == "down").await;
    for attempt in 1..=6 {
        let job = edge.job().await;
        edge.result(line_failed(&job)).await;
        stage.until(&campaign, &format!("running total=1 waiting=1 attempts={attempt}")).await;
        stage.app.hand.advance(Duration::from_secs(31));
        edge.say(&report(3)).await;
    }
    edge.say(&report(0)).await;
    stage.app.until(async || state().await == "up").await;
    for _ in 1..5 {
        let job = edge.job().await;
        edge.result(line_failed(&job)).await;
        stage.app.hand.advance(Duration::from_secs(600));
        edge.say(&report(0)).await;
    }
    let job = edge.job().await;
    edge.result(line_failed(&job)).await;
    stage.until(&campaign, "completed total=1 not_connected=1 attempts=11").await;
    stage.app.end().await;
}

#[tokio::test]
async fn a_line_that_is_down_is_tried_though_two_campaigns_wait_for_it() {
    let stage = Stage::new("rehearsal").await;
    stage.contacts(1, 4, "1990000").await;
    let trunk = stage.trunk.parse().unwrap();
    let mut edge = FakeEdge::online(&stage.app, &stage.uplink, 9).await;
    let trunks = vec![TrunkUse { trunk, live: 0, failing: Some(3) }];
    edge.say(&Up::Capacity { free: 9, live: 0, trunks, trouble: None }).await;
    let state = async || stage.app.get(&stage.admin, &format!("/v1/trunks/{trunk}")).await.ok()["state"].clone();
    stage.app.until(async || state().await == "down").await;
    let campaigns = [stage.campaign(json!({})).await, stage.campaign(json!({})).await];
    for campaign in &campaigns {
        stage.ask(campaign, "start").await;
    }
    for _ in 0..2 {
        let probe = edge.job().await;
        edge.result(line_failed(&probe)).await;
        stage.app.hand.advance(Duration::from_secs(31));
        edge.capacity(9).await;
    }
    stage.app.end().await;
}

#[tokio::test]
async fn a_line_whose_address_leads_nowhere_is_told_of_and_tried_by_one_call_now_and_then() {
    let stage = Stage::new("rehearsal").await;
    stage.contacts(1, 5, "1990000").await;
    let campaign = stage.campaign(json!({"max_calls": 2})).await;
    let mut edge = FakeEdge::online(&stage.app, &stage.uplink, 9).await;
    stage.ask(&campaign, "start").await;
    for job in [edge.job().await, edge.job().await] {
        edge.verdict(&job, JobVerdict::NoRoute { reason: "no such host".into() }).await;
    }
    stage.app.until(async || alerts(&stage).await == ["trunk_no_route \"line\""]).await;
    let trunk = async || stage.app.get(&stage.admin, &format!("/v1/trunks/{}", stage.trunk)).await.ok();
    assert_eq!(trunk().await["state"], "down");

    // Three contacts are due; the line is probed by one of them.
    stage.app.hand.advance(Duration::from_secs(1));
    edge.capacity(9).await;
    let probe = edge.job().await;
    stage.app.hand.advance(Duration::from_secs(2));
    edge.capacity(9).await;
    assert_eq!(edge.overhear().await, None);
    edge.verdict(&probe, JobVerdict::NoRoute { reason: "no such host".into() }).await;
    stage.until(&campaign, "running total=5 waiting=5").await;
    stage.app.hand.advance(Duration::from_secs(2));
    edge.capacity(9).await;
    assert_eq!(edge.overhear().await, None);
    stage.app.hand.advance(Duration::from_secs(10));
    edge.capacity(9).await;
    let probe = edge.job().await;
    edge.verdict(&probe, JobVerdict::Accepted).await;
    stage.app.until(async || alerts(&stage).await.is_empty()).await;
    stage.app.end().await;
}

#[tokio::test]
async fn a_line_that_is_called_over_goes_on_reaching_the_same_people() {
    let stage = Stage::new("rehearsal").await;
    let (campaign, mut edge) = stage.calling(1).await;
    let path = format!("/v1/trunks/{}", stage.trunk);
    let elsewhere = async || stage.app.patch(&stage.admin, &path, json!({"address": "carrier.example:5060"})).await;
    let refused = elsewhere().await;
    assert_eq!((refused.problem().as_str(), &refused.body["params"]["campaigns"]), ("409 trunk_in_use", &json!(1)));
    stage.ask(&campaign, "pause").await;
    assert_eq!(elsewhere().await.problem(), "409 trunk_in_use");
    let beside = stage.app.patch(&stage.admin, &path, json!({"address": "localhost:5191", "max_calls": 7})).await.ok();
    assert_eq!((&beside["address"], &beside["max_calls"]), (&json!("localhost:5191"), &json!(7)));
    drop(edge.job().await);
    stage.ask(&campaign, "stop").await;
    assert_eq!(elsewhere().await.ok()["address"], "carrier.example:5060");
    stage.app.end().await;
}
