//! Calls whose result never comes, or comes late.

use control_plane::features::calls::ingest::Inbound;
use serde_json::{Value, json};
use shared_proto::ids::CallId;
use shared_proto::outcome::{Cause, Disposition};
use shared_proto::wire::{AttemptResult, DialJob, Progress, Turn, Who};

use crate::app::TestApp;
use crate::campaigns::{Stage, turn};
use crate::fake_edge::{FakeEdge, Uplink, ended};

#[tokio::test]
async fn what_was_said_in_a_call_outlives_the_house_and_is_kept_with_the_lost_call() {
    let stage = Stage::new("rehearsal").await;
    let (campaign, mut edge) = stage.calling(1).await;
    let job = edge.job().await;
    edge.progress(&job, Progress::Dialing).await;
    edge.progress(&job, Progress::Answered).await;
    edge.progress(&job, Progress::Turn(turn(Who::Bot, "您好"))).await;
    edge.progress(&job, Progress::Turn(turn(Who::Customer, "请讲"))).await;
    let Stage { app, uplink, operator, .. } = stage;
    let live = format!("/v1/campaigns/{campaign}/live");
    let said = async |app: &TestApp| {
        let live = app.get(&operator, &live).await.ok();
        texts(&live["items"][0]["turns"])
    };
    app.until(async || said(&app).await == "您好 请讲").await;
    // A result that is refused comes after the turns: once it is acknowledged, they are kept.
    edge.result(AttemptResult { fence: 0, ..ended(&job, Disposition::Answered, Cause::Finished) }).await;
    drop((edge, uplink));
    let app = app.restart().await;
    assert_eq!(said(&app).await, "您好 请讲", "the live view goes on where it was");

    // The reaper of the new house may not have begun to wait for the clock.
    let reap = async || app.app.ingest.send(Inbound::Overdue { attempt: job.attempt }).await;
    app.hand.advance(std::time::Duration::from_secs(3600));
    reap().await;
    let counted = format!("/v1/campaigns/{campaign}");
    app.until(async || app.get(&operator, &counted).await.ok()["counters"]["unknown"] == 1).await;
    app.hand.advance(std::time::Duration::from_secs(1));
    reap().await;
    let call = format!("/v1/calls/{}", CallId::from(job.attempt));
    app.until(async || app.get(&operator, &call).await.status == 200).await;
    let lost = app.get(&operator, &call).await.ok();
    assert_eq!((&lost["disposition"], &lost["cause"]), (&json!("answered"), &json!("lost")));
    assert_eq!(texts(&lost["turns"]), "您好 请讲");

    let uplink = Uplink::of(&app);
    let mut edge = FakeEdge::online(&app, &uplink, 9).await;
    edge.result(found_in_the_journal(&job)).await;
    assert_eq!(texts(&app.get(&operator, &call).await.ok()["turns"]), "您好 请讲", "its edge knows no better");
    app.end().await;
}

#[tokio::test]
async fn a_late_result_takes_the_place_of_what_was_heard() {
    let stage = Stage::new("rehearsal").await;
    let (campaign, mut edge) = stage.calling(1).await;
    let job = edge.job().await;
    edge.progress(&job, Progress::Answered).await;
    edge.progress(&job, Progress::Turn(turn(Who::Bot, "您好"))).await;
    stage.until(&campaign, "running total=1 in_call=1 attempts=1").await;
    stage.app.hand.advance(std::time::Duration::from_secs(3600));
    stage.until(&campaign, "running total=1 unknown=1 attempts=1").await;
    stage.app.hand.advance(std::time::Duration::from_secs(1));
    stage.until(&campaign, "completed total=1 connected=1 attempts=1").await;
    let call = format!("/v1/calls/{}", CallId::from(job.attempt));
    assert_eq!(texts(&stage.app.get(&stage.operator, &call).await.ok()["turns"]), "您好");
    let mut whole = ended(&job, Disposition::Answered, Cause::Finished);
    whole.turns = vec![turn(Who::Bot, "您好"), turn(Who::Customer, "请讲"), turn(Who::Bot, "再见")];
    edge.result(whole).await;
    let known = stage.app.get(&stage.operator, &call).await.ok();
    assert_eq!((&known["cause"], texts(&known["turns"]).as_str()), (&json!("finished"), "您好 请讲 再见"));
    stage.app.end().await;
}

#[tokio::test]
async fn an_edge_that_died_in_a_call_leaves_it_what_was_said() {
    let stage = Stage::new("rehearsal").await;
    let (_, mut edge) = stage.calling(1).await;
    let job = edge.job().await;
    edge.progress(&job, Progress::Answered).await;
    edge.progress(&job, Progress::Turn(turn(Who::Bot, "您好"))).await;
    edge.result(found_in_the_journal(&job)).await;
    let call = stage.app.get(&stage.operator, &format!("/v1/calls/{}", CallId::from(job.attempt))).await.ok();
    assert_eq!(
        (&call["cause"], &call["talk_ms"], texts(&call["turns"]).as_str()),
        (&json!("lost"), &json!(900), "您好")
    );
    stage.app.end().await;
}

#[tokio::test]
async fn a_lost_call_tells_of_its_contact_and_keeps_to_the_wish_to_hear_no_more() {
    let stage = Stage::new("rehearsal").await;
    let (campaign, mut edge) = stage.calling(1).await;
    let job = edge.job().await;
    edge.progress(&job, Progress::Answered).await;
    edge.progress(&job, Progress::Turn(turn(Who::Bot, "您好"))).await;
    let refusal = Turn { intent: Some("opt_out".to_owned()), ..turn(Who::Customer, "别再打了") };
    edge.progress(&job, Progress::Turn(refusal)).await;
    edge.result(AttemptResult { fence: 0, ..ended(&job, Disposition::Answered, Cause::Finished) }).await;
    stage.until(&campaign, "running total=1 in_call=1 attempts=1").await;
    stage.app.hand.advance(std::time::Duration::from_secs(3600));
    stage.until(&campaign, "running total=1 unknown=1 attempts=1").await;
    stage.app.hand.advance(std::time::Duration::from_secs(1));
    stage.until(&campaign, "completed total=1 connected=1 attempts=1").await;

    let contact = stage.app.get(&stage.operator, "/v1/contacts").await.ok()["items"][0].clone();
    assert_eq!(contact["call_status"], "answered");
    assert!(contact["last_call_at"].is_string(), "{contact}");
    let listed = stage.app.get(&stage.operator, "/v1/blacklist").await.ok()["items"][0].clone();
    assert_eq!((&listed["number"], &listed["reason"]), (&json!("199****0001"), &json!("别再打了")));
    stage.app.end().await;
}

#[tokio::test]
async fn whoever_asked_for_somebody_in_a_lost_call_becomes_a_lead_and_every_page_tells_of_one_call() {
    let stage = Stage::new("rehearsal").await;
    let (campaign, mut edge) = stage.calling(2).await;
    let (first, second) = (edge.job().await, edge.job().await);
    edge.progress(&first, Progress::Answered).await;
    let said = [(Who::Bot, "您好"), (Who::Customer, "是我"), (Who::Bot, "感兴趣吗"), (Who::Customer, "感兴趣")];
    for (start_ms, (who, text)) in (0..).step_by(1_000).zip(said) {
        let turn = Turn { start_ms, end_ms: start_ms + 900, ..turn(who, text) };
        edge.progress(&first, Progress::Turn(turn)).await;
    }
    edge.progress(&second, Progress::Dialing).await;
    edge.result(AttemptResult { fence: 0, ..ended(&first, Disposition::Answered, Cause::Finished) }).await;
    stage.until(&campaign, "running total=2 in_call=2 attempts=2").await;
    stage.app.hand.advance(std::time::Duration::from_secs(3600));
    stage.until(&campaign, "running total=2 unknown=2 attempts=2").await;
    stage.app.hand.advance(std::time::Duration::from_secs(1));
    stage.until(&campaign, "completed total=2 connected=1 not_connected=1 attempts=2").await;

    let app = &stage.app;
    let call = async |job: &DialJob| {
        let call = app.get(&stage.operator, &format!("/v1/calls/{}", CallId::from(job.attempt))).await.ok();
        json!([call["disposition"], call["cause"], call["label"]["key"], call["label"]["quote"]])
    };
    assert_eq!(call(&first).await, json!(["answered", "lost", "high", "感兴趣"]));
    assert_eq!(call(&second).await, json!(["failed", "lost", null, null]));
    let contacts = app.get(&stage.operator, "/v1/contacts").await.ok()["items"].clone();
    let mut told: Vec<_> =
        contacts.as_array().unwrap().iter().map(|one| one["call_status"].as_str().unwrap()).collect();
    told.sort_unstable();
    assert_eq!(told, ["answered", "not_connected"]);
    let ever = format!("/v1/reports/campaigns?ids={campaign}");
    for report in [ever.clone(), format!("{ever}&from=2020-01-01T00:00:00Z")] {
        let line = app.get(&stage.operator, &report).await.ok()["items"][0].clone();
        assert_eq!(
            (&line["attempts"], &line["connected"], &line["leads"]),
            (&json!(2), &json!(1), &json!(1)),
            "{line}"
        );
        assert_eq!(line["rehearsal"], true, "simulated customers spoke");
    }
    let lead = app.get(&stage.operator, "/v1/leads").await.ok()["items"][0].clone();
    assert_eq!(lead["rehearsal"], true);
    let card = format!("/v1/contacts/{}", lead["contact"]["id"].as_str().unwrap());
    assert_eq!(app.get(&stage.operator, &card).await.ok()["calls"][0]["rehearsal"], true);
    // Its edge comes back, and says what it knows.
    edge.result(found_in_the_journal(&first)).await;
    edge.result(found_in_the_journal(&second)).await;
    stage.until(&campaign, "completed total=2 connected=1 not_connected=1 attempts=2").await;
    assert_eq!(call(&first).await, json!(["answered", "lost", "high", "感兴趣"]));
    stage.app.end().await;
}

#[tokio::test]
async fn an_edge_puts_no_words_into_the_calls_of_another() {
    let stage = Stage::new("rehearsal").await;
    let (campaign, mut edge) = stage.calling(1).await;
    let job = edge.job().await;
    edge.progress(&job, Progress::Answered).await;
    stage.until(&campaign, "running total=1 in_call=1 attempts=1").await;
    let mut stranger = FakeEdge::online(&stage.app, &stage.uplink, 9).await;
    stranger.progress(&job, Progress::Turn(turn(Who::Customer, "别再打了"))).await;
    stranger.progress(&job, Progress::Hearing { text: "别再".to_owned() }).await;
    stranger.progress(&job, Progress::Saying { text: "再见".to_owned() }).await;
    edge.progress(&job, Progress::Saying { text: "请记13812345678".to_owned() }).await;
    let stale = DialJob { fence: job.fence + 1, ..job.clone() };
    edge.progress(&stale, Progress::Turn(turn(Who::Customer, "别再打了"))).await;
    // Results that are refused come after the words: once they are acknowledged, the words have been weighed.
    for edge in [&mut stranger, &mut edge] {
        edge.result(AttemptResult { fence: 0, ..ended(&job, Disposition::Answered, Cause::Finished) }).await;
    }
    let live = stage.app.get(&stage.operator, &format!("/v1/campaigns/{campaign}/live")).await.ok();
    assert_eq!(texts(&live["items"][0]["turns"]), "");
    assert_eq!(live["items"][0]["hearing"], json!(null));
    assert_eq!(live["items"][0]["saying"], "请记***");
    stage.app.end().await;
}

/// What an edge that comes back says of a call that it finds dialled and without an end.
fn found_in_the_journal(job: &DialJob) -> AttemptResult {
    let lost = ended(job, Disposition::Failed, Cause::Lost);
    AttemptResult { ringing_unix_ms: None, answered_unix_ms: None, ..lost }
}

fn texts(turns: &Value) -> String {
    let turns = turns.as_array().map(Vec::as_slice).unwrap_or_default();
    turns.iter().map(|turn| turn["text"].as_str().unwrap()).collect::<Vec<_>>().join(" ")
}
