//! Two hundred calls at once from campaign over uplink to edge, with voice activity and recording on and scripted
//! recognition, against SIPp echoing every packet: how many frames leave on time, and what a call costs. And with real
//! engines (left out by `--scripted`): the most conversing calls whose answers still come in time.

use crate::numbers::{round, share, used};
use crate::option;
use crate::stage::{Stage, Who, free_port};
use anyhow::Context;
use carrier_sim::{SimConfig, built_in};
use edge_gateway::{LATENESS_US, Snapshot};
use serde_json::{Value, json};
use speech::{Script, Speech, SpeechConfig, models_folder};
use std::net::SocketAddr;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

const AT_ONCE: usize = 200;
/// How long all calls are watched once they are up.
const WATCHED: Duration = Duration::from_secs(30);
const PATIENCE: Duration = Duration::from_secs(180);
/// A frame within this of its tick is on time.
const ON_TIME_US: u64 = 5_000;

pub async fn measure(options: &[String]) -> anyhow::Result<Value> {
    let at_once: usize = option(options, "--at-once").map_or(Ok(AT_ONCE), str::parse)?;
    let sim = SimConfig::new(([127, 0, 0, 1], 0).into(), 30_000..=39_999, built_in()?);
    let speech = SpeechConfig {
        vad_models: Some(models_folder()?),
        ..SpeechConfig::scripted(Script::lines(["嗯，你说", "好的", "可以"]))
    };
    let stage = Stage::open(Speech::open(speech)?, sim).await?;
    let sipp = Sipp::start()?;
    let numbers: Vec<String> = (0..at_once).map(|n| format!("138{:08}", 10_000_000 + n * 7_919)).collect();
    let group = stage.group("并发测量", &numbers).await?;
    let script = talk(&stage).await?;
    let trunk = json!({
        "name": "SIPp", "kind": "sip", "address": sipp.address.to_string(), "username": null, "password": null,
        "caller_ids": ["02160000000"], "max_calls": at_once, "calls_per_second": 50,
    });
    let trunk = stage.post(Who::Admin, "/v1/trunks", trunk).await?;
    let before = used()?;
    let campaign = stage
        .campaign(json!({
            "name": "并发测量", "remark": "", "group_id": group, "script_id": script, "trunk_id": trunk["id"],
            "windows": [{ "weekdays": [1, 2, 3, 4, 5, 6, 7], "from": "00:00", "to": "24:00" }],
            "max_calls": at_once, "retry": { "attempts": 1, "interval_s": 0 },
        }))
        .await?;
    let path = format!("/v1/campaigns/{campaign}");
    let began = Instant::now();
    let mut most = 0;
    while most < at_once as u64 && began.elapsed() < PATIENCE {
        most = most.max(stage.house.stats.snapshot().live);
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    let all_up_s = began.elapsed().as_secs_f64();
    let (from, at) = (used()?, stage.house.stats.snapshot());
    let watch = Instant::now();
    let floor = std::thread::spawn(floor);
    tokio::time::sleep(WATCHED).await;
    let (to, then) = (used()?, stage.house.stats.snapshot());
    let seconds = watch.elapsed().as_secs_f64();
    let live = (at.live + then.live) as f64 / 2.0;
    let done = stage.until(&path, Duration::from_secs(300), |campaign| campaign["state"] == "completed").await?;
    let counters = &done["counters"];
    let (sent, on_time) = frames(&at, &then);
    let floor = floor.join().map_err(|_| anyhow::anyhow!("the floor's thread panicked"))?;
    let mut report = json!({
        "bench": "calls", "asked": at_once, "most_at_once": most, "all_up_s": round(Some(all_up_s)),
        "connected": counters["connected"], "not_connected": counters["not_connected"], "unknown": counters["unknown"],
        "frames_sent": sent, "frames_within_5_ms": share(on_time as usize, sent as usize), "floor_within_5_ms": floor, "frames_by_lateness_us": lateness(&at, &then),
        "cpu_per_call_percent": round3((to.cpu_s - from.cpu_s) / seconds / live * 100.0),
        "cpu_cores": round3((to.cpu_s - from.cpu_s) / seconds),
        "rss_mb": round(Some(to.rss_mb)), "rss_before_mb": round(Some(before.rss_mb)),
        "descriptors": to.descriptors, "descriptors_before": before.descriptors,
        "recordings_lost": then.recordings_lost, "panics": then.panics,
    });
    stage.house.close().await?;
    if !options.iter().any(|option| option == "--scripted") {
        report["with_real_engines"] = crate::turns::most_at_once().await?;
    }
    Ok(report)
}

/// What this machine gives to a thread of the same priority that does nothing but wake every 20 ms meanwhile: the share
/// of its wakes that were on time. No frame can do better.
fn floor() -> f64 {
    edge_gateway::go_first();
    let (_kept, nothing) = std::sync::mpsc::channel::<()>();
    let (mut due, end) = (Instant::now(), Instant::now() + WATCHED);
    let (mut wakes, mut on_time) = (0, 0);
    while due < end {
        due += Duration::from_millis(20);
        let _ = nothing.recv_timeout(due.saturating_duration_since(Instant::now()));
        wakes += 1;
        on_time += usize::from(due.elapsed() <= Duration::from_micros(ON_TIME_US));
    }
    share(on_time, wakes)
}

/// Frames sent between two looks, by the upper limit of how late they were.
fn lateness(from: &Snapshot, to: &Snapshot) -> Value {
    let counts = LATENESS_US.iter().zip(to.lateness.iter().zip(from.lateness));
    let named = |(limit, (to, from)): (&u64, (&u64, u64))| {
        (if *limit == u64::MAX { "more".to_owned() } else { limit.to_string() }, json!(to - from))
    };
    Value::Object(counts.map(named).collect())
}

/// Frames sent between two looks, and how many of them on time.
fn frames(from: &Snapshot, to: &Snapshot) -> (u64, u64) {
    let counts = LATENESS_US.iter().zip(to.lateness.iter().zip(from.lateness));
    counts.fold((0, 0), |(sent, on_time), (limit, (to, from))| {
        let frames = to - from;
        (sent + frames, on_time + if *limit <= ON_TIME_US { frames } else { 0 })
    })
}

/// A script that talks for about a minute, so that all calls are up together.
async fn talk(stage: &Stage) -> anyhow::Result<Value> {
    let text = "这是一段用来测量并发能力的播报，请您耐心收听，不需要做任何回答，播报结束以后电话会自动挂断，谢谢您的理解和配合。";
    let node = |n: usize, next: &str| json!({ "kind": "statement", "key": format!("part{n}"), "name": format!("第{n}段"), "text": text, "interruptible": false, "next": next });
    let mut nodes = vec![json!({
        "kind": "opening", "key": "opening", "name": "开场", "text": "您好。", "again": "您好。", "interruptible": false, "wait_ms": 1_000,
        "branches": [], "otherwise": "part0", "not_understood": { "replies": [], "then": "part0" }, "silence": { "replies": [], "then": "part0" },
    })];
    nodes.extend((0..6).map(|n| node(n, if n < 5 { PARTS[n + 1] } else { "bye" })));
    nodes.push(json!({ "kind": "closing", "key": "bye", "name": "结束", "text": "再见。" }));
    let flow = json!({
        "schema": 1, "start": "opening", "nodes": nodes,
        "silence": { "replies": [], "then": "bye" }, "not_understood": { "replies": [], "then": "bye" },
        "opt_out": { "reply": "好的，不再打扰。" },
        "limits": { "max_turns": 20, "max_duration_s": 180, "wait_ms": 1_000, "goodbye": "bye" },
        "labels": [{ "label": "low", "name": "没有表态", "when": [] }],
    });
    let body = json!({ "name": "并发播报", "category": "notice", "remark": "", "flow": flow });
    let script = stage.post(Who::Scripter, "/v1/scripts", body).await?;
    let id = script["id"].as_str().context("no script id")?;
    stage.post(Who::Scripter, &format!("/v1/scripts/{id}/publish"), json!({ "note": "" })).await?;
    Ok(script["id"].clone())
}

const PARTS: [&str; 6] = ["part0", "part1", "part2", "part3", "part4", "part5"];

/// SIPp as the called side, echoing RTP.
struct Sipp {
    child: Child,
    address: SocketAddr,
}

impl Sipp {
    fn start() -> anyhow::Result<Self> {
        let address = free_port()?;
        let media = free_port()?;
        let scenario = concat!(env!("CARGO_MANIFEST_DIR"), "/peers/sipp/uas_echo.xml");
        let port = address.port().to_string();
        let media = (media.port() & !1).to_string();
        let child = Command::new("sipp")
            .args(["-sf", scenario, "-i", "127.0.0.1", "-p", &port, "-mi", "127.0.0.1", "-mp", &media])
            .args(["-rtp_echo", "-nostdin"])
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .context("sipp cannot start; script/setup --tests installs it")?;
        Ok(Self { child, address })
    }
}

impl Drop for Sipp {
    fn drop(&mut self) {
        // Our own child, by its handle.
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

fn round3(value: f64) -> f64 {
    (value * 1_000.0).round() / 1_000.0
}
