//! Who hangs up or is away at the wrong moment: what was begun is done and told, and orders are heard later.

use serde_json::json;
use shared_proto::outcome::{Cause, Disposition};
use shared_proto::wire::{DialJob, Down, Progress};
use tokio::io::AsyncWriteExt;

use crate::app::TestApp;
use crate::campaigns::Stage;
use crate::fake_edge::{FakeEdge, Uplink, ended, enrol};

fn cancel(job: &DialJob, hang_up: bool) -> Down {
    Down::Cancel { attempt: job.attempt, fence: job.fence, hang_up }
}

#[tokio::test]
async fn a_client_that_hangs_up_in_the_middle_of_a_change_leaves_it_whole_and_logged() {
    let app = TestApp::new().await;
    let operator = app.login("operator@demo").await;
    let busy = app.app.database.write().await.unwrap();
    let body = json!({"number": "13800138000", "reason": "asked"}).to_string();
    let request = format!(
        "POST /v1/blacklist HTTP/1.1\r\nhost: bellbird\r\nauthorization: Bearer {operator}\r\n\
         content-type: application/json\r\ncontent-length: {}\r\n\r\n{body}",
        body.len()
    );
    let mut client = tokio::net::TcpStream::connect(app.base.trim_start_matches("http://")).await.unwrap();
    client.write_all(request.as_bytes()).await.unwrap();
    drop(client);
    // By the time that another has been served, the server has seen that nobody listens any more.
    app.get(&operator, "/v1/blacklist").await.ok();
    busy.commit().await.unwrap();
    let entries = async || app.get(&operator, "/v1/blacklist").await.ok()["items"].as_array().unwrap().len();
    app.until(async || entries().await == 1).await;
    let admin = app.login("admin@demo").await;
    let told = async || {
        let log = app.get(&admin, "/v1/audit?kind=operation&action=blacklist.").await.ok();
        log["items"][0]["result"] == "ok"
    };
    app.until(told).await;
    app.end().await;
}

#[tokio::test]
async fn an_edge_that_was_away_hears_of_orders_when_it_is_back() {
    let stage = Stage::new("rehearsal").await;
    stage.contacts(1, 2, "1990000").await;
    let campaign = stage.campaign(json!({})).await;
    let token = stage.app.post(&stage.admin, "/v1/edges", json!({"name": "edge"})).await.ok();
    let identity = enrol(&stage.uplink, token["token"].as_str().unwrap()).await.unwrap();
    let mut edge = FakeEdge::connect(&stage.uplink, &identity, vec![], 9).await;
    stage.ask(&campaign, "start").await;
    let (first, second) = (edge.job().await, edge.job().await);
    edge.progress(&second, Progress::Answered).await;
    stage.until(&campaign, "running total=2 waiting=1 in_call=1 attempts=1").await;
    drop(edge);
    stage.app.until(async || !stage.app.app.links.online()).await;

    let listed = json!({"number": first.number.reveal(), "reason": "asked"});
    stage.app.post(&stage.operator, "/v1/blacklist", listed).await.ok();
    let stop = json!({"calls_in_progress": "hang_up"});
    stage.app.post(&stage.operator, &format!("/v1/campaigns/{campaign}/stop"), stop).await.ok();

    let live = vec![(first.attempt, first.fence), (second.attempt, second.fence)];
    let mut edge = FakeEdge::connect(&stage.uplink, &identity, live.clone(), 9).await;
    assert_eq!([edge.other().await, edge.other().await], [cancel(&first, true), cancel(&second, true)]);
    drop(edge);

    // The house was away too since.
    let app = stage.app.restart().await;
    let uplink = Uplink::of(&app);
    let mut edge = FakeEdge::connect(&uplink, &identity, live, 9).await;
    assert_eq!([edge.other().await, edge.other().await], [cancel(&first, true), cancel(&second, true)]);
    app.end().await;
}

#[tokio::test]
async fn an_edge_hears_of_a_pause_that_it_missed_though_the_house_was_away_since() {
    let stage = Stage::new("rehearsal").await;
    stage.contacts(1, 1, "1990000").await;
    let campaign = stage.campaign(json!({})).await;
    let token = stage.app.post(&stage.admin, "/v1/edges", json!({"name": "edge"})).await.ok();
    let identity = enrol(&stage.uplink, token["token"].as_str().unwrap()).await.unwrap();
    let mut edge = FakeEdge::connect(&stage.uplink, &identity, vec![], 9).await;
    stage.ask(&campaign, "start").await;
    let job = edge.job().await;
    drop(edge);
    stage.app.until(async || !stage.app.app.links.online()).await;
    stage.ask(&campaign, "pause").await;

    let app = stage.app.restart().await;
    let live = vec![(job.attempt, job.fence)];
    let mut edge = FakeEdge::connect(&Uplink::of(&app), &identity, live, 9).await;
    assert_eq!(edge.other().await, cancel(&job, false));
    app.end().await;
}

#[tokio::test]
async fn other_hours_call_back_what_no_edge_has_dialled() {
    let stage = Stage::new("rehearsal").await;
    let (campaign, mut edge) = stage.calling(1).await;
    let job = edge.job().await;
    let hours = json!({"windows": [{"weekdays": [6, 7], "from": "09:00", "to": "12:00"}]});
    stage.app.patch(&stage.operator, &format!("/v1/campaigns/{campaign}"), hours).await.ok();
    assert_eq!(edge.other().await, cancel(&job, false));
    stage.app.end().await;
}

#[tokio::test]
async fn a_contact_in_a_call_is_not_deleted() {
    let stage = Stage::new("rehearsal").await;
    let (campaign, mut edge) = stage.calling(1).await;
    let job = edge.job().await;
    edge.progress(&job, Progress::Answered).await;
    stage.until(&campaign, "running total=1 in_call=1 attempts=1").await;
    let listed = stage.app.get(&stage.operator, "/v1/contacts").await.ok();
    let path = format!("/v1/contacts/{}", listed["items"][0]["id"].as_str().unwrap());
    assert_eq!(stage.app.delete(&stage.operator, &path).await.problem(), "409 contact_in_call");
    edge.result(ended(&job, Disposition::Answered, Cause::Finished)).await;
    stage.until(&campaign, "completed total=1 connected=1 attempts=1").await;
    stage.app.delete(&stage.operator, &path).await.ok();
    stage.app.end().await;
}
