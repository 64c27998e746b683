//! Campaigns through their HTTP face, with an edge that a test plays.

use serde_json::{Value, json};
use shared_proto::ids::AttemptId;
use shared_proto::outcome::{Cause, Disposition};
use shared_proto::wire::{Down, JobVerdict, Known, LabelDecision, Progress, RecordingInfo, Turn, Up, Upload, Who};

use crate::app::{Answer, TestApp};
use crate::fake_edge::{FakeEdge, Uplink, ended};

/// A tenant with a published script, a trunk and a group, and someone to operate it.
pub struct Stage {
    pub app: TestApp,
    pub uplink: Uplink,
    pub operator: String,
    pub admin: String,
    pub group: String,
    pub script: String,
    pub trunk: String,
}

impl Stage {
    pub async fn new(kind: &str) -> Self {
        let app = TestApp::new().await;
        let uplink = Uplink::of(&app);
        let (admin, operator) = (app.login("admin@demo").await, app.login("operator@demo").await);
        let scripter = app.login("scripter@demo").await;
        let script = app.post(&scripter, "/v1/scripts", json!({"name": "script"})).await.ok();
        let script = id(&script);
        app.post(&scripter, &format!("/v1/scripts/{script}/publish"), json!({})).await.ok();
        let trunk = json!({"name": "line", "kind": kind, "address": "127.0.0.1:5190", "username": "u", "password": "secret",
            "caller_ids": ["02112345678"], "max_calls": 100, "calls_per_second": 100});
        let trunk = id(&app.post(&admin, "/v1/trunks", trunk).await.ok());
        let group = id(&app.post(&operator, "/v1/groups", json!({"name": "group", "remark": ""})).await.ok());
        Self { app, uplink, operator, admin, group, script, trunk }
    }

    /// Contacts whose numbers are real-looking, or out of the rehearsal block.
    pub async fn contacts(&self, first: u32, n: u32, stem: &str) {
        for number in first..first + n {
            let body = json!({"name": format!("contact {number}"), "number": format!("{stem}{number:04}"), "group_ids": [self.group]});
            self.app.post(&self.operator, "/v1/contacts", body).await.ok();
        }
    }

    pub async fn campaign(&self, change: Value) -> String {
        let mut body = json!({"name": "campaign", "remark": "", "group_id": self.group, "script_id": self.script,
            "trunk_id": self.trunk, "max_calls": 10, "retry": {"attempts": 1, "interval_s": 60},
            "windows": [{"weekdays": [1, 2, 3, 4, 5], "from": "09:00", "to": "18:00"}]});
        body.as_object_mut().unwrap().extend(change.as_object().unwrap().clone());
        let campaign = self.app.post(&self.operator, "/v1/campaigns", body).await.ok();
        assert_eq!(campaign["state"], "ready");
        id(&campaign)
    }

    /// A campaign that has begun to call the first `n` synthetic contacts, and the edge that it calls them through.
    pub async fn calling(&self, n: u32) -> (String, FakeEdge) {
        self.contacts(1, n, "1990000").await;
        let campaign = self.campaign(json!({})).await;
        let edge = FakeEdge::online(&self.app, &self.uplink, 9).await;
        self.ask(&campaign, "start").await;
        (campaign, edge)
    }

    pub async fn ask(&self, campaign: &str, verb: &str) -> Value {
        self.app.post(&self.operator, &format!("/v1/campaigns/{campaign}/{verb}"), json!({})).await.ok()
    }

    pub async fn show(&self, campaign: &str) -> Value {
        self.app.get(&self.operator, &format!("/v1/campaigns/{campaign}")).await.ok()
    }

    /// `running total=2 waiting=1 …`: what is not zero, once it comes true.
    pub async fn until(&self, campaign: &str, wanted: &str) {
        let last = std::cell::RefCell::new(String::new());
        let come = self.app.comes_true(async || {
            last.replace(summary(&self.show(campaign).await));
            *last.borrow() == wanted
        });
        assert!(come.await, "wanted {wanted}, stays at {}", last.borrow());
    }
}

fn id(body: &Value) -> String {
    body["id"].as_str().unwrap_or_else(|| panic!("no id in {body}")).to_owned()
}

pub fn summary(campaign: &Value) -> String {
    let mut out = campaign["state"].as_str().unwrap().to_owned();
    let names =
        ["total", "waiting", "in_call", "blocked", "cancelled", "unknown", "connected", "not_connected", "attempts"];
    for name in names {
        let n = campaign["counters"][name].as_u64().unwrap();
        if n > 0 {
            out.push_str(&format!(" {name}={n}"));
        }
    }
    out
}

pub fn turn(who: Who, text: &str) -> Turn {
    Turn {
        who,
        text: text.into(),
        start_ms: 100,
        end_ms: 900,
        response_ms: (who == Who::Bot).then_some(420),
        waterfall: None,
        intent: None,
        node: None,
        interrupted: false,
    }
}

#[tokio::test]
async fn a_campaign_is_called_to_its_end_and_its_hot_call_becomes_a_lead() {
    let stage = Stage::new("rehearsal").await;
    stage.contacts(1, 2, "1990000").await;
    let campaign = stage.campaign(json!({})).await;
    assert_eq!(summary(&stage.show(&campaign).await), "ready total=2 waiting=2");
    let mut edge = FakeEdge::online(&stage.app, &stage.uplink, 10).await;
    assert_eq!(summary(&stage.ask(&campaign, "start").await), "running total=2 waiting=2");
    assert_eq!(stage.ask(&campaign, "start").await["state"], "running", "a double click starts once");

    let first = edge.job().await;
    let second = edge.job().await;
    assert_ne!(first.fence, second.fence);
    assert_eq!((first.dial_before_unix_ms, first.trunk.password.as_deref()), (None, Some("secret")));
    assert_eq!(first.variables["name"], "contact 1");
    for progress in [Progress::Dialing, Progress::Ringing, Progress::Answered, Progress::Turn(turn(Who::Bot, "您好"))]
    {
        edge.progress(&first, progress).await;
    }
    stage.until(&campaign, "running total=2 waiting=1 in_call=1 attempts=1").await;
    let live = stage.app.get(&stage.operator, &format!("/v1/campaigns/{campaign}/live")).await.ok();
    let call = live["items"].as_array().unwrap().iter().find(|call| call["state"] == "in_call").unwrap();
    assert_eq!((call["number"].as_str(), call["last_turn"]["text"].as_str()), (Some("199****0001"), Some("您好")));

    let mut hot = ended(&first, Disposition::Answered, Cause::Finished);
    hot.turns = vec![turn(Who::Bot, "contact 1您好"), turn(Who::Customer, "我想了解一下，我的号码是13812345678")];
    hot.label =
        Some(LabelDecision { key: "high".into(), rule: "asked".into(), quote: Some("我想了解一下".into()) });
    let wav =
        b"RIFF\0\0\0\0WAVEfmt \x10\0\0\0\x01\0\x02\0\x40\x1f\0\0\x00\x7d\0\0\x04\0\x10\0data\x04\0\0\0\x00\x40\0\0"
            .to_vec();
    let info = RecordingInfo { sha256: sha256(&wav), bytes: wav.len() as u64, duration_ms: 1 };
    hot.recording = Some(info.clone());
    edge.result(hot.clone()).await;
    edge.repeat(hot).await;
    stage.until(&campaign, "running total=2 waiting=1 connected=1 attempts=1").await;
    edge.result(ended(&second, Disposition::Busy, Cause::Refused)).await;
    stage.until(&campaign, "completed total=2 connected=1 not_connected=1 attempts=2").await;

    let calls = stage.app.get(&stage.operator, &format!("/v1/calls?campaign_id={campaign}")).await.ok();
    assert_eq!(calls["items"].as_array().unwrap().len(), 2, "a repeated result leaves one call");
    let high = stage.app.get(&stage.operator, "/v1/calls?label=high&number=0001").await.ok();
    let call = &high["items"][0];
    assert_eq!((call["label"]["quote"].as_str(), call["talk_ms"].as_i64()), (Some("我想了解一下"), Some(20_000)));
    let agent = stage.app.login("agent@demo").await;
    assert_eq!(stage.app.get(&agent, "/v1/calls").await.ok()["items"], json!([]), "no lead of this agent yet");
    let leads = stage.app.get(&stage.operator, "/v1/leads").await.ok();
    assert_eq!(leads["items"][0]["label"]["quote"], "我想了解一下");

    let path = format!("/v1/calls/{}", id(call));
    let detail = stage.app.get(&stage.operator, &path).await.ok();
    assert_eq!((detail["response_ms"]["p50"].as_u64(), detail["script"]["version"].as_u64()), (Some(420), Some(1)));
    assert_eq!(detail["gates"][0]["verdict"], "open");
    let scripter = stage.app.login("scripter@demo").await;
    let contact = format!("/v1/contacts/{}", detail["contact"]["id"].as_str().unwrap());
    stage.app.patch(&stage.operator, &contact, json!({"name": "renamed"})).await.ok();
    let masked = stage.app.get(&scripter, &path).await.ok();
    assert_eq!(masked["turns"][0]["text"], "***您好", "the name that was spoken, whatever the contact is called now");
    assert_eq!(masked["turns"][1]["text"], "我想了解一下，我的号码是***");
    let hidden = ["/number", "/contact/name", "/trunk/id", "/trunk/name"].map(|at| masked.pointer(at).cloned());
    assert_eq!(hidden, [""; 4].map(|text| Some(json!(text))));
    assert_eq!(stage.app.get(&scripter, "/v1/calls?number=0001").await.ok()["items"], json!([]), "nor found by it");

    let head = Upload { call: first.attempt.into(), tenant: first.tenant, info };
    edge.upload(&head, b"not the file").await;
    edge.upload(&head, &wav).await;
    assert_eq!(edge.other().await, Down::RecordingAck { call: first.attempt.into() });
    edge.upload(&head, &wav).await;
    assert_eq!(edge.other().await, Down::RecordingAck { call: first.attempt.into() }, "a lost acknowledgement");
    let request = stage.app.http.get(format!("{}{path}/recording", stage.app.base)).bearer_auth(&stage.operator);
    let part = request.header("range", "bytes=0-3").send().await.unwrap();
    assert_eq!((part.status().as_u16(), part.bytes().await.unwrap().as_ref()), (206, &b"RIFF"[..]));
    let beyond = stage.app.http.get(format!("{}{path}/recording", stage.app.base)).bearer_auth(&stage.operator);
    let beyond = Answer::of(beyond.header("range", "bytes=9999-").send().await.unwrap()).await;
    assert_eq!(beyond.problem(), "416 range_not_satisfiable");
    assert_eq!(beyond.headers["content-range"], format!("bytes */{}", wav.len()), "RFC 9110, section 14.4");
    // Whoever leaves out the first byte is in the access log all the same, once.
    let viewer = stage.app.login("viewer@demo").await;
    for _ in 0..2 {
        let request = stage.app.http.get(format!("{}{path}/recording", stage.app.base)).bearer_auth(&viewer);
        assert_eq!(request.header("range", "bytes=1-3").send().await.unwrap().status().as_u16(), 206);
    }
    let log = stage.app.get(&stage.admin, "/v1/audit?kind=access").await.ok();
    let heard: Vec<&str> =
        log["items"].as_array().unwrap().iter().map(|entry| entry["role"].as_str().unwrap()).collect();
    assert_eq!(heard, ["viewer", "operator"]);
    let peaks = stage.app.get(&stage.operator, &format!("{path}/peaks?n=10")).await.ok();
    assert_eq!((peaks["customer"][0].as_f64(), peaks["bot"][0].as_f64()), (Some(0.5), Some(0.0)));
    stage.app.end().await;
}

fn sha256(bytes: &[u8]) -> String {
    hex::encode(ring::digest::digest(&ring::digest::SHA256, bytes))
}

#[tokio::test]
async fn an_edge_without_room_gives_the_contact_back_and_nothing_counts() {
    let stage = Stage::new("rehearsal").await;
    stage.contacts(1, 1, "1990000").await;
    let campaign = stage.campaign(json!({})).await;
    let mut edge = FakeEdge::online(&stage.app, &stage.uplink, 1).await;
    stage.ask(&campaign, "start").await;
    let job = edge.job().await;
    edge.verdict(&job, JobVerdict::Busy).await;
    let path = format!("/v1/campaigns/{campaign}/contacts");
    stage.app.until(async || stage.app.get(&stage.operator, &path).await.ok()["items"][0]["gate"] == "edge_busy").await;
    assert_eq!(summary(&stage.show(&campaign).await), "running total=1 waiting=1");
    stage.app.hand.advance(std::time::Duration::from_secs(3));
    edge.capacity(1).await;
    let again = edge.job().await;
    assert_ne!(again.attempt, job.attempt);
    stage.app.end().await;
}

#[tokio::test]
async fn gates_hold_contacts_back_and_a_campaign_for_nobody_does_not_start() {
    let stage = Stage::new("sip").await;
    stage.contacts(1, 1, "1990000").await;
    let campaign = stage.campaign(json!({})).await;
    let path = format!("/v1/campaigns/{campaign}");
    let refused = stage.app.post(&stage.operator, &format!("{path}/start"), json!({})).await;
    assert_eq!(refused.problem(), "422 campaign_nobody_to_call");
    assert_eq!(refused.body["params"]["blocked"], json!({"synthetic": 1}));

    stage.contacts(1, 2, "1381234").await;
    let listed = json!({"number": "13812340002", "reason": "asked"});
    stage.app.post(&stage.operator, "/v1/blacklist", listed).await.ok();
    let check = stage.app.get(&stage.operator, &format!("{path}/check")).await.ok();
    assert_eq!(check["dialable"], 1);
    assert_eq!(check["blocked"], json!({"blacklist": 1, "synthetic": 1}));
    assert_eq!(check["findings"], json!([{"code": "edge_offline", "params": {}}]));
    assert_eq!(check["opens_at"], Value::Null);
    let mut edge = FakeEdge::online(&stage.app, &stage.uplink, 9).await;
    stage.ask(&campaign, "start").await;
    let job = edge.job().await;
    assert_eq!(job.number.reveal(), "+8613812340001");
    // 2026-03-02 17:59 in Shanghai: the last minute of the window starts nothing.
    assert_eq!(job.dial_before_unix_ms, Some(1_772_445_540_000));
    let mut opted = ended(&job, Disposition::Answered, Cause::CustomerHangUp);
    opted.opt_out = Some("别再打了".into());
    opted.label = Some(LabelDecision { key: "refused".into(), rule: "opt out".into(), quote: None });
    edge.result(opted).await;
    stage.until(&campaign, "completed total=3 blocked=2 connected=1 attempts=1").await;
    let blacklist = stage.app.get(&stage.operator, "/v1/blacklist").await.ok();
    assert_eq!(blacklist["items"].as_array().unwrap().len(), 2, "the words of opting out add to the list");
    stage.app.end().await;
}

#[tokio::test]
async fn outside_the_hours_a_campaign_waits_for_the_next_opening() {
    let stage = Stage::new("sip").await;
    stage.contacts(1, 1, "1381234").await;
    let windows = json!([{"weekdays": [2], "from": "09:00", "to": "12:00"}]);
    let campaign = stage.campaign(json!({"windows": windows})).await;
    let mut edge = FakeEdge::online(&stage.app, &stage.uplink, 9).await;
    stage.ask(&campaign, "start").await;
    let path = format!("/v1/campaigns/{campaign}/contacts");
    stage.app.until(async || stage.app.get(&stage.operator, &path).await.ok()["items"][0]["gate"] == "hours").await;
    let listed = stage.app.get(&stage.operator, &path).await.ok();
    assert_eq!(listed["items"][0]["next_at"], "2026-03-03T01:00:00.000Z");
    stage.app.hand.advance(std::time::Duration::from_secs(23 * 3600));
    edge.capacity(8).await;
    assert_eq!(edge.job().await.number.masked(), "138****0001");
    stage.app.end().await;
}

#[tokio::test]
async fn a_busy_contact_is_tried_again_after_the_interval_and_no_more_than_allowed() {
    let stage = Stage::new("rehearsal").await;
    stage.contacts(1, 1, "1990000").await;
    let campaign = stage.campaign(json!({"retry": {"attempts": 2, "interval_s": 60}})).await;
    let mut edge = FakeEdge::online(&stage.app, &stage.uplink, 9).await;
    stage.ask(&campaign, "start").await;
    let job = edge.job().await;
    edge.result(ended(&job, Disposition::Busy, Cause::Refused)).await;
    stage.until(&campaign, "running total=1 waiting=1 attempts=1").await;
    stage.app.hand.advance(std::time::Duration::from_secs(61));
    edge.capacity(9).await;
    let job = edge.job().await;
    edge.result(ended(&job, Disposition::Busy, Cause::Refused)).await;
    stage.until(&campaign, "completed total=1 not_connected=1 attempts=2").await;
    let listed = async || summary(&stage.app.get(&stage.operator, "/v1/campaigns").await.ok()["items"][0]);
    for _ in 0..2 {
        assert_eq!(listed().await, "completed total=1 not_connected=1 attempts=2");
    }
    assert_eq!(stage.ask(&campaign, "restart").await["state"], "running");
    let job = edge.job().await;
    edge.result(ended(&job, Disposition::Answered, Cause::Finished)).await;
    stage.until(&campaign, "completed total=1 connected=1 attempts=3").await;
    assert_eq!(listed().await, "completed total=1 connected=1 attempts=3");
    let nothing = stage.app.post(&stage.operator, &format!("/v1/campaigns/{campaign}/restart"), json!({})).await;
    assert_eq!(nothing.problem(), "409 campaign_nothing_left");
    stage.app.end().await;
}

#[tokio::test]
async fn a_copy_has_the_settings_and_a_number_after_its_name() {
    let stage = Stage::new("rehearsal").await;
    let campaign = stage.campaign(json!({"remark": "May", "retry": {"attempts": 3, "interval_s": 90}})).await;
    let copy = stage.ask(&campaign, "copy").await;
    let (copy, original) = (stage.show(copy["id"].as_str().unwrap()).await, stage.show(&campaign).await);
    assert_eq!((&copy["name"], &copy["state"]), (&json!("campaign (2)"), &json!("ready")));
    assert_ne!(copy["id"], original["id"]);
    for same in ["remark", "group_id", "script_id", "trunk_id", "windows", "max_calls", "retry"] {
        assert!(!original[same].is_null(), "{same} is no field of a campaign");
        assert_eq!(copy[same], original[same], "{same}");
    }
    assert_eq!(stage.ask(&campaign, "copy").await["name"], "campaign (3)");
    stage.app.end().await;
}

#[tokio::test]
async fn a_word_that_a_command_does_not_know_is_refused_and_not_overheard() {
    let stage = Stage::new("rehearsal").await;
    let campaign = stage.campaign(json!({})).await;
    let stop = format!("/v1/campaigns/{campaign}/stop");
    let answer = stage.app.post(&stage.operator, &stop, json!({"calls": "hang_up"})).await;
    assert_eq!(answer.problem(), "422 body_invalid");
    stage.app.end().await;
}

#[tokio::test]
async fn pause_stops_dialling_and_stop_cancels_who_waits() {
    let stage = Stage::new("rehearsal").await;
    stage.contacts(1, 5, "1990000").await;
    let campaign = stage.campaign(json!({"max_calls": 2})).await;
    let mut edge = FakeEdge::online(&stage.app, &stage.uplink, 9).await;
    stage.ask(&campaign, "start").await;
    let (first, second) = (edge.job().await, edge.job().await);
    edge.progress(&first, Progress::Answered).await;
    stage.until(&campaign, "running total=5 waiting=4 in_call=1 attempts=1").await;
    assert_eq!(stage.ask(&campaign, "pause").await["state"], "paused");
    // The job that was not dialled yet is called back, the call in progress goes on.
    assert_eq!(edge.other().await, Down::Cancel { attempt: second.attempt, fence: second.fence, hang_up: false });
    let mut dropped = ended(&second, Disposition::Failed, Cause::Cancelled);
    dropped.dialed_unix_ms = None;
    edge.result(dropped).await;
    edge.result(ended(&first, Disposition::Answered, Cause::Finished)).await;
    stage.until(&campaign, "paused total=5 waiting=4 connected=1 attempts=1").await;
    stage.app.hand.advance(std::time::Duration::from_secs(60));
    edge.capacity(7).await;
    assert_eq!(stage.ask(&campaign, "resume").await["state"], "running");
    let (third, fourth) = (edge.job().await, edge.job().await);
    edge.progress(&third, Progress::Answered).await;
    edge.progress(&fourth, Progress::Dialing).await;
    stage.until(&campaign, "running total=5 waiting=2 in_call=2 connected=1 attempts=3").await;
    let stop = json!({"calls_in_progress": "hang_up"});
    stage.app.post(&stage.operator, &format!("/v1/campaigns/{campaign}/stop"), stop).await.ok();
    stage.until(&campaign, "stopped total=5 in_call=2 cancelled=2 connected=1 attempts=3").await;
    for _ in 0..2 {
        assert!(matches!(edge.other().await, Down::Cancel { hang_up: true, .. }));
    }
    edge.result(ended(&third, Disposition::Answered, Cause::Cancelled)).await;
    edge.result(ended(&fourth, Disposition::NoAnswer, Cause::Cancelled)).await;
    stage.until(&campaign, "stopped total=5 cancelled=3 connected=2 attempts=3").await;
    let log = stage.app.get(&stage.operator, &format!("/v1/campaigns/{campaign}/log")).await.ok();
    let events: Vec<&str> =
        log["items"].as_array().unwrap().iter().map(|line| line["event"].as_str().unwrap()).collect();
    assert_eq!(events, ["stopped", "resumed", "paused", "started", "created"]);
    stage.app.end().await;
}

#[tokio::test]
async fn an_edge_that_falls_silent_is_asked_and_an_unsent_attempt_is_planned_anew() {
    let stage = Stage::new("rehearsal").await;
    let (campaign, mut edge) = stage.calling(1).await;
    let job = edge.job().await;
    stage.app.hand.advance(std::time::Duration::from_secs(60));
    stage.until(&campaign, "running total=1 unknown=1").await;
    assert_eq!(edge.other().await, Down::Reconcile { attempts: vec![job.attempt] });
    edge.say(&Up::Known { attempts: vec![(job.attempt, Known::Unsent)] }).await;
    stage.until(&campaign, "running total=1 waiting=1").await;
    stage.app.hand.advance(std::time::Duration::from_secs(2));
    edge.capacity(8).await;
    let again = edge.job().await;
    assert!(again.fence > job.fence);

    // A result under the old fence changes nothing.
    let mut stale = ended(&again, Disposition::Answered, Cause::Finished);
    stale.fence = job.fence;
    edge.result(stale).await;
    assert_eq!(summary(&stage.show(&campaign).await), "running total=1 waiting=1");
    // This one was dialled and is lost: it is never dialled again, and in the end given up.
    edge.progress(&again, Progress::Dialing).await;
    stage.until(&campaign, "running total=1 in_call=1 attempts=1").await;
    stage.app.hand.advance(std::time::Duration::from_secs(90));
    assert_eq!(edge.other().await, Down::Reconcile { attempts: vec![again.attempt] });
    edge.say(&Up::Known { attempts: vec![(again.attempt, Known::Unsent)] }).await;
    edge.say(&Up::Known { attempts: vec![(AttemptId::from_bits(7), Known::Live)] }).await;
    stage.until(&campaign, "running total=1 unknown=1 attempts=1").await;
    stage.app.hand.advance(std::time::Duration::from_secs(3600));
    stage.until(&campaign, "completed total=1 not_connected=1 attempts=1").await;
    // The result comes after all: the call is kept and the contact has its true end.
    edge.result(ended(&again, Disposition::Answered, Cause::Finished)).await;
    stage.until(&campaign, "completed total=1 connected=1 attempts=1").await;
    stage.app.end().await;
}

#[tokio::test]
async fn a_token_enrols_once_and_a_revoked_edge_is_cut_off() {
    let stage = Stage::new("rehearsal").await;
    let made = stage.app.post(&stage.admin, "/v1/edges", json!({"name": "pop 1"})).await.ok();
    let token = made["token"].as_str().unwrap();
    let identity = crate::fake_edge::enrol(&stage.uplink, token).await.unwrap();
    assert_eq!(identity.edge.to_string(), made["id"].as_str().unwrap());
    assert_eq!(crate::fake_edge::enrol(&stage.uplink, token).await.err().as_deref(), Some("token_used"));
    assert_eq!(crate::fake_edge::enrol(&stage.uplink, "bbe_x.y").await.err().as_deref(), Some("token_unknown"));
    let edge = FakeEdge::connect(&stage.uplink, &identity, vec![], 3).await;
    let online = async || stage.app.get(&stage.admin, "/v1/edges").await.ok()["items"][0]["state"] == "online";
    stage.app.until(online).await;
    stage.app.delete(&stage.admin, &format!("/v1/edges/{}", identity.edge)).await.ok();
    edge.connection.closed().await;
    assert_eq!(stage.app.get(&stage.admin, "/v1/edges").await.ok()["items"], json!([]));
    stage.app.end().await;
}

#[tokio::test]
async fn a_trunk_never_shows_its_password_and_a_reported_line_is_not_dialled() {
    let stage = Stage::new("rehearsal").await;
    stage.contacts(1, 1, "1990000").await;
    let path = format!("/v1/trunks/{}", stage.trunk);
    let trunk = stage.app.get(&stage.admin, &path).await.ok();
    assert_eq!((trunk["has_password"].as_bool(), trunk.get("password")), (Some(true), None));
    stage.app.post(&stage.admin, &format!("{path}/fault"), json!({"reason": "noise"})).await.ok();
    let campaign = stage.campaign(json!({})).await;
    let mut edge = FakeEdge::online(&stage.app, &stage.uplink, 9).await;
    let check = stage.app.get(&stage.operator, &format!("/v1/campaigns/{campaign}/check")).await.ok();
    assert_eq!(check["findings"][0]["code"], "trunk_fault");
    stage.ask(&campaign, "start").await;
    assert_eq!(stage.app.delete(&stage.admin, &path).await.problem(), "409 trunk_in_use");
    stage.app.delete(&stage.admin, &format!("{path}/fault")).await.ok();
    edge.job().await;

    let failing = |failing| Up::Capacity {
        free: 3,
        live: 1,
        trunks: vec![shared_proto::wire::TrunkUse {
            trunk: stage.trunk.parse().unwrap(),
            live: 1,
            failing: Some(failing),
        }],
        trouble: None,
    };
    edge.say(&failing(3)).await;
    let down = async || stage.app.get(&stage.admin, &path).await.ok()["state"] == "down";
    stage.app.until(down).await;
    let alerts = stage.app.get(&stage.admin, "/v1/alerts?open=true").await.ok();
    assert_eq!(
        (alerts["items"][0]["code"].as_str(), alerts["items"][0]["level"].as_str()),
        (Some("trunk_failing"), Some("urgent"))
    );
    edge.say(&failing(0)).await;
    let closed = async || stage.app.get(&stage.admin, "/v1/alerts?open=true").await.ok()["items"] == json!([]);
    stage.app.until(closed).await;
    stage.app.end().await;
}
