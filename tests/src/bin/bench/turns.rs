//! How quickly the bot answers and yields, measured at the carrier's RTP socket with real engines and two conversing calls.

use crate::numbers::{percentile, round, share};
use crate::stage::Stage;
use carrier_sim::{Behaviour, Kind, Manners, Persona, SimConfig, SimTruth, built_in};
use serde_json::{Value, json};
use speech::{Speech, SpeechConfig, models_folder};
use std::collections::BTreeMap;
use std::time::{Duration, Instant};

const CALLS: usize = 24;
const AT_ONCE: u32 = 2;
const PATIENCE: Duration = Duration::from_secs(20 * 60);
/// A bot that falls silent this soon after the onset was silenced by it.
const YIELDS_WITHIN_MS: u64 = 1_500;
/// Speech of at least this length must silence the bot.
const MUST_YIELD_MS: u64 = 800;

pub async fn measure(options: &[String]) -> anyhow::Result<Value> {
    let at_once = crate::option(options, "--at-once").map_or(Ok(AT_ONCE), str::parse)?;
    let talkative = |persona: &Persona| persona.behaviour == Behaviour::Speaks;
    let personas: Vec<Persona> = built_in()?.into_iter().filter(talkative).collect();
    let mut sim = SimConfig::new(([127, 0, 0, 1], 0).into(), 30_000..=39_999, personas);
    sim.manners = Manners { pauses: 0.25, interrupts: 0.15, backchannels: 0.25, ..Manners::default() };
    sim.ring_ms = 300..=800;
    let mut stage = Stage::open(Speech::open(SpeechConfig::real(models_folder()?))?, sim).await?;
    let numbers: Vec<String> = (0..CALLS).map(|n| format!("1990000{:04}", 5_000 + n * 13)).collect();
    let group = stage.group("轮次测量", &numbers).await?;
    let script = stage.find("/v1/scripts", "category", "marketing").await?;
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
    for truths in calls.values() {
        seen.call(truths);
    }
    let late = stage.house.stats.snapshot().asr_late;
    stage.house.close().await?;
    Ok(json!({
        "bench": "turns", "calls": CALLS, "at_once": at_once, "took_s": took_s, "asr_late": late,
        "answer_to_audio_ms": { "n": seen.first.len(), "p50": round(percentile(&seen.first, 0.5)), "p95": round(percentile(&seen.first, 0.95)) },
        "response_ms": { "n": seen.responses.len(), "p50": round(percentile(&seen.responses, 0.5)), "p95": round(percentile(&seen.responses, 0.95)) },
        "cut_off": { "turns": seen.replies, "with_pause": seen.paused, "share": share(seen.cut_off, seen.replies) },
        "barge_in_ms": { "n": seen.yields.len(), "unheeded": seen.unheeded, "p50": round(percentile(&seen.yields, 0.5)), "p95": round(percentile(&seen.yields, 0.95)) },
        "backchannels": { "n": seen.backchannels, "silenced": share(seen.silenced, seen.backchannels) },
    }))
}

/// What the truths of all calls say.
#[derive(Default)]
struct Seen {
    first: Vec<f64>,
    responses: Vec<f64>,
    replies: usize,
    paused: usize,
    cut_off: usize,
    yields: Vec<f64>,
    unheeded: usize,
    backchannels: usize,
    silenced: usize,
}

impl Seen {
    fn call(&mut self, truths: &[SimTruth]) {
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
        for truth in truths {
            let SimTruth::Said { kind, start_ms, end_ms, paused, .. } = truth else { continue };
            match kind {
                Kind::Reply => self.reply(*start_ms, *end_ms, *paused, &started),
                Kind::Interruption if end_ms - start_ms >= MUST_YIELD_MS => {
                    match stopped.iter().find(|at| **at >= *start_ms).filter(|at| **at - start_ms <= YIELDS_WITHIN_MS) {
                        Some(at) => self.yields.push((at - start_ms) as f64),
                        None => self.unheeded += 1,
                    }
                }
                Kind::Backchannel => {
                    self.backchannels += 1;
                    let fell_silent = stopped.iter().find(|at| (*start_ms..start_ms + 900).contains(*at));
                    // A sentence that was over anyway is followed by nothing for as long as the customer takes to answer.
                    let went_on = |at: &u64| started.iter().any(|next| (*at..*at + 700).contains(next));
                    if fell_silent.is_some_and(|at| !went_on(at)) {
                        self.silenced += 1;
                    }
                }
                Kind::Interruption | Kind::Hello => {}
            }
        }
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
