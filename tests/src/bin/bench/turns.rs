//! How quickly the bot answers and yields, measured at the carrier's RTP socket with real engines and two conversing calls.

use crate::numbers::{percentile, round, share};
use crate::stage::Stage;
use anyhow::Context;
use carrier_sim::{Behaviour, Kind, Manners, Persona, SimConfig, SimTruth, built_in};
use serde_json::{Value, json};
use speech::{Speech, SpeechConfig, models_folder};
use std::collections::BTreeMap;
use std::time::{Duration, Instant};

const CALLS: usize = 30;
const AT_ONCE: u32 = 2;
const PATIENCE: Duration = Duration::from_secs(20 * 60);
/// A bot that falls silent this soon after the onset was silenced by it.
const YIELDS_WITHIN_MS: u64 = 1_500;
/// The edge counts from the 200 that it received, the carrier from the one that it sent.
const CLOCKS_APART_MS: u64 = 200;
/// Speech of at least this length must silence the bot.
const MUST_YIELD_MS: u64 = 800;

/// The response time that still feels like an answer, 95 of 100 times.
const ANSWERS_WITHIN_MS: f64 = 1_000.0;

pub async fn measure(options: &[String]) -> anyhow::Result<Value> {
    let at_once = crate::option(options, "--at-once").map_or(Ok(AT_ONCE), str::parse)?;
    let show = options.iter().any(|option| option == "--show");
    converse(at_once, show).await
}

/// The most conversing calls with real engines whose answers still come in time: one more each round, until they do not.
pub async fn most_at_once() -> anyhow::Result<Value> {
    let mut rounds = Vec::new();
    let mut most = None;
    let admitted = u32::try_from(SpeechConfig::real(models_folder()?).asr_slots)?;
    // One may be found that an edge would not be given.
    for at_once in AT_ONCE..=2 * admitted {
        let response = converse(at_once, false).await?["response_ms"].take();
        let in_time = response["p95"].as_f64().is_some_and(|p95| p95 <= ANSWERS_WITHIN_MS);
        rounds.push(json!({ "at_once": at_once, "response_ms": response }));
        if !in_time {
            break;
        }
        most = Some(at_once);
    }
    Ok(json!({ "most_at_once": most, "rounds": rounds }))
}

async fn converse(at_once: u32, show: bool) -> anyhow::Result<Value> {
    let talkative = |persona: &Persona| persona.behaviour == Behaviour::Speaks;
    let personas: Vec<Persona> = built_in()?.into_iter().filter(talkative).collect();
    let mut sim = SimConfig::new(([127, 0, 0, 1], 0).into(), 30_000..=39_999, personas);
    sim.manners = Manners { pauses: 0.25, interrupts: 0.3, backchannels: 0.25, ..Manners::default() };
    sim.ring_ms = 300..=800;
    let real = SpeechConfig::real(models_folder()?);
    let speech = SpeechConfig { asr_slots: real.asr_slots.max(at_once as usize), ..real };
    let mut stage = Stage::open(Speech::open(speech)?, sim).await?;
    let numbers: Vec<String> = (0..CALLS).map(|n| format!("1990000{:04}", 5_000 + n * 13)).collect();
    let group = stage.group("轮次测量", &numbers).await?;
    let script = stage.demo_script().await?;
    let trunk = stage.find("/v1/trunks", "kind", "rehearsal").await?;
    let campaign = stage
        .campaign(json!({
            "name": "轮次测量", "remark": "", "group_id": group, "script_id": script["id"], "trunk_id": trunk["id"],
            "windows": [], "max_calls": at_once, "retry": { "attempts": 1, "interval_s": 0 },
        }))
        .await?;
    let began = Instant::now();
    stage.until(&format!("/v1/campaigns/{campaign}"), PATIENCE, |campaign| campaign["state"] == "completed").await?;
    let took_s = began.elapsed().as_secs();
    let mut calls: BTreeMap<String, Vec<SimTruth>> = BTreeMap::new();
    while let Ok((_, event)) = stage.truths.try_recv() {
        calls.entry(event.number).or_default().push(event.what);
    }
    let mut seen = Seen::default();
    for (number, truths) in &calls {
        let transcript = transcript(&stage, &campaign, number, &script).await?;
        seen.call(truths, &transcript);
        if show {
            trace(truths, &transcript);
        }
    }
    let late = stage.house.stats.snapshot().asr_late;
    stage.house.close().await?;
    Ok(json!({
        "bench": "turns", "calls": CALLS, "at_once": at_once, "took_s": took_s, "asr_late": late,
        "answer_to_audio_ms": { "n": seen.first.len(), "p50": round(percentile(&seen.first, 0.5)), "p95": round(percentile(&seen.first, 0.95)) },
        "response_ms": { "n": seen.responses.len(), "p50": round(percentile(&seen.responses, 0.5)), "p95": round(percentile(&seen.responses, 0.95)) },
        "median_parts_ms": seen.parts(),
        "cut_off": { "turns": seen.replies, "with_pause": seen.paused, "share": share(seen.cut_off, seen.replies) },
        "barge_in_ms": { "into_held": seen.into_held, "n": seen.yields.len(), "unheeded": seen.unheeded, "p50": round(percentile(&seen.yields, 0.5)), "p95": round(percentile(&seen.yields, 0.95)) },
        "backchannels": { "n": seen.backchannels, "silenced": share(seen.silenced, seen.backchannels) },
    }))
}

/// A go of the bot as the call's transcript has it, on the edge's clock.
struct BotTurn {
    start_ms: u64,
    end_ms: u64,
    interrupted: bool,
    /// The script lets nobody interrupt it: a goodbye, and the question for the name.
    held: bool,
    waterfall: Value,
}

async fn transcript(stage: &Stage, campaign: &str, number: &str, script: &Value) -> anyhow::Result<Vec<BotTurn>> {
    let nodes = script["draft"]["flow"]["nodes"].as_array();
    let holds = |node: &Value| node["kind"] == "closing" || node["interruptible"] == false;
    let held = |key: &Value| nodes.into_iter().flatten().any(|node| node["key"] == *key && holds(node));
    let found = stage.call_to(campaign, number).await?.context("a call is missing")?;
    let id = found["id"].as_str().context("a call without an id")?;
    let call = stage.get(&format!("/v1/calls/{id}")).await?;
    let turns = call["turns"].as_array().into_iter().flatten().filter(|turn| turn["who"] == "bot");
    let bot = |turn: &Value| BotTurn {
        start_ms: turn["start_ms"].as_u64().unwrap_or_default(),
        end_ms: turn["end_ms"].as_u64().unwrap_or_default(),
        interrupted: turn["interrupted"] == true,
        held: held(&turn["node"]),
        waterfall: turn["waterfall"].clone(),
    };
    Ok(turns.map(bot).collect())
}

/// One call as both sides saw it, line by line on the standard error.
fn trace(truths: &[SimTruth], transcript: &[BotTurn]) {
    eprintln!("call");
    for truth in truths {
        eprintln!("  carrier {truth:?}");
    }
    for turn in transcript {
        let BotTurn { start_ms, end_ms, interrupted, held, waterfall } = turn;
        eprintln!("  edge {start_ms}-{end_ms} interrupted {interrupted} held {held} {waterfall}");
    }
}

/// What the truths of all calls say.
#[derive(Default)]
struct Seen {
    first: Vec<f64>,
    responses: Vec<f64>,
    replies: usize,
    paused: usize,
    cut_off: usize,
    /// What the edge says its answers were made of, part by part.
    waterfalls: Vec<Value>,
    yields: Vec<f64>,
    unheeded: usize,
    into_held: usize,
    backchannels: usize,
    silenced: usize,
}

impl Seen {
    fn call(&mut self, truths: &[SimTruth], transcript: &[BotTurn]) {
        let mut started: Vec<u64> = Vec::new();
        let mut stopped: Vec<u64> = Vec::new();
        for truth in truths {
            match truth {
                SimTruth::BotStarted { at_ms } => started.push(*at_ms),
                SimTruth::BotStopped { at_ms } => stopped.push(*at_ms),
                SimTruth::Rings { .. } | SimTruth::Answered | SimTruth::Said { .. } | SimTruth::Ended { .. } => {}
            }
        }
        self.first.extend(started.first().map(|at| *at as f64));
        self.waterfalls.extend(transcript.iter().map(|turn| turn.waterfall.clone()));
        for truth in truths {
            let SimTruth::Said { kind, start_ms, end_ms, paused, .. } = truth else { continue };
            let into = transcript.iter().find(|turn| (turn.start_ms..turn.end_ms).contains(start_ms));
            match (kind, into) {
                (Kind::Reply, _) => self.reply(*start_ms, *end_ms, *paused, &started),
                (Kind::Interruption, Some(turn)) if end_ms - start_ms >= MUST_YIELD_MS => {
                    self.interruption(*start_ms, turn, &stopped);
                }
                (Kind::Backchannel, Some(turn)) => {
                    self.backchannels += 1;
                    let by_it = turn.interrupted && turn.end_ms <= start_ms + YIELDS_WITHIN_MS;
                    self.silenced += usize::from(by_it);
                }
                (Kind::Interruption | Kind::Backchannel | Kind::Hello, _) => {}
            }
        }
    }

    fn interruption(&mut self, start_ms: u64, turn: &BotTurn, stopped: &[u64]) {
        if turn.held {
            self.into_held += 1;
        } else if turn.interrupted {
            // The last sound of the bot at the carrier's socket; none where the bot drew breath just then.
            let sounding = stopped.iter().filter(|at| (start_ms..turn.end_ms + CLOCKS_APART_MS).contains(at));
            self.yields.push(sounding.max().map_or(0.0, |at| (at - start_ms) as f64));
        } else if turn.end_ms - start_ms >= MUST_YIELD_MS {
            self.unheeded += 1;
            self.yields.push((turn.end_ms - start_ms) as f64);
        }
    }

    fn parts(&self) -> Value {
        let median = |part: &str| {
            let times: Vec<f64> = self.waterfalls.iter().filter_map(|parts| parts[part].as_f64()).collect();
            (part.to_owned(), round(percentile(&times, 0.5)))
        };
        Value::Object(["endpoint_ms", "asr_ms", "dialogue_ms", "tts_ms"].map(median).into_iter().collect())
    }

    fn reply(&mut self, start_ms: u64, end_ms: u64, paused: bool, started: &[u64]) {
        self.replies += 1;
        self.paused += usize::from(paused);
        if started.iter().any(|at| (start_ms + 1..end_ms).contains(at)) {
            self.cut_off += 1;
            return;
        }
        // A customer who hangs up gets no answer.
        if let Some(next) = started.iter().find(|at| **at >= end_ms) {
            self.responses.push((next - end_ms) as f64);
        }
    }
}
