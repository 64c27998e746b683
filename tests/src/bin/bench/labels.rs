//! Sixty seeded calls of speaking personas on the held-out phrasings: recall of each label, the confusion matrix, the
//! character error rate, and the same once more with recognition switched off, which must fail.

use crate::numbers::{percentile, round, share};
use crate::option;
use crate::stage::Stage;
use anyhow::Context;
use carrier_sim::{Behaviour, Half, Manners, Persona, SimConfig, SimTruth, choose};
use serde_json::{Value, json};
use speech::{Speech, SpeechConfig, character_error_rate, models_folder};
use std::collections::BTreeMap;
use std::time::{Duration, Instant};

const CALLS: usize = 60;
const SEED: u64 = 20_261_122;
const AT_ONCE: u32 = 4;
const PATIENCE: Duration = Duration::from_secs(30 * 60);

pub async fn measure(options: &[String]) -> anyhow::Result<Value> {
    let personas = match option(options, "--personas") {
        Some(folder) => carrier_sim::load(std::path::Path::new(folder))?,
        None => carrier_sim::built_in()?,
    };
    let personas: Vec<Persona> = personas
        .into_iter()
        .filter(|persona| persona.behaviour == Behaviour::Speaks && persona.label.is_some())
        .map(|persona| Persona { weight: 1, ..persona })
        .collect();
    let heard = round_of_calls(&personas, SpeechConfig::real(models_folder()?), CALLS).await?;
    let deaf = SpeechConfig { deaf: true, ..SpeechConfig::real(models_folder()?) };
    let unheard = round_of_calls(&personas, deaf, CALLS).await?;
    Ok(json!({ "bench": "labels", "calls": CALLS, "with_asr": heard, "without_asr": unheard }))
}

/// Numbers of the rehearsal block, equally many for each persona.
fn numbers(personas: &[Persona], calls: usize) -> Vec<String> {
    let each = calls / personas.len().max(1);
    let mut count: BTreeMap<&str, usize> = BTreeMap::new();
    let candidates = (0..10_000).map(|n| format!("1990000{n:04}"));
    candidates
        .filter(|number| {
            // The carrier chooses by the number as it is dialled.
            let Some((persona, _)) = choose(personas, SEED, &format!("+86{number}")) else { return false };
            let so_far = count.entry(persona.key.as_str()).or_default();
            *so_far += 1;
            *so_far <= each
        })
        .take(each * personas.len())
        .collect()
}

#[derive(Default)]
struct Truth {
    label: Option<String>,
    said: String,
    ended: Option<Instant>,
}

async fn round_of_calls(personas: &[Persona], speech: SpeechConfig, calls: usize) -> anyhow::Result<Value> {
    let mut sim = SimConfig::new(([127, 0, 0, 1], 0).into(), 30_000..=39_999, personas.to_vec());
    sim.seed = SEED;
    sim.manners = Manners { half: Half::HeldOut, ..Manners::default() };
    sim.ring_ms = 300..=800;
    let mut stage = Stage::open(Speech::open(speech)?, sim).await?;
    let numbers = numbers(personas, calls);
    let group = stage.group("标签测量", &numbers).await?;
    let script = stage.demo_script().await?;
    let trunk = stage.find("/v1/trunks", "kind", "rehearsal").await?;
    let campaign = stage
        .campaign(json!({
            "name": "标签测量", "remark": "", "group_id": group, "script_id": script["id"], "trunk_id": trunk["id"],
            "windows": [], "max_calls": AT_ONCE, "retry": { "attempts": 1, "interval_s": 0 },
        }))
        .await?;
    let mut truths: BTreeMap<String, Truth> = BTreeMap::new();
    let mut settled = Vec::new();
    let mut waiting: BTreeMap<String, Instant> = BTreeMap::new();
    let deadline = Instant::now() + PATIENCE;
    loop {
        while let Ok((at, event)) = stage.truths.try_recv() {
            let truth = truths.entry(event.number.clone()).or_default();
            match event.what {
                SimTruth::Rings { label, .. } => truth.label = label,
                SimTruth::Said { text, .. } => truth.said.push_str(&text),
                SimTruth::Ended { .. } => {
                    truth.ended = Some(at);
                    waiting.insert(event.number, at);
                }
                SimTruth::Answered | SimTruth::BotStarted { .. } | SimTruth::BotStopped { .. } => {}
            }
        }
        let leads = if waiting.is_empty() { Value::Null } else { stage.get("/v1/leads?limit=200").await? };
        let mut still = BTreeMap::new();
        for (number, ended) in std::mem::take(&mut waiting) {
            let call = stage.call_to(&campaign, &number).await?;
            if call.is_some_and(|call| is_settled(&call, &leads)) {
                settled.push(ended.elapsed().as_secs_f64() * 1_000.0);
            } else {
                still.insert(number, ended);
            }
        }
        waiting = still;
        let state = stage.get(&format!("/v1/campaigns/{campaign}")).await?;
        if state["state"] == "completed" && waiting.is_empty() {
            break;
        }
        anyhow::ensure!(Instant::now() < deadline, "the calls took too long: {}", state["counters"]);
        tokio::time::sleep(Duration::from_millis(250)).await;
    }
    let outcome = compare(&stage, &campaign, &truths).await?;
    let report = json!({
        "recall": outcome.recall(), "least_recall": outcome.least(), "confusion": outcome.confusion,
        "character_error_rate": round3(percentile(&outcome.errors, 0.5)), "mean_character_error_rate": round3(mean(&outcome.errors)),
        "bye_to_label_ms": { "p50": round(percentile(&settled, 0.5)), "p95": round(percentile(&settled, 0.95)) },
    });
    stage.house.close().await?;
    Ok(report)
}

/// Whether a call, which is listed with its label, has the lead that its label makes.
fn is_settled(call: &Value, leads: &Value) -> bool {
    let lead = || leads["items"].as_array().into_iter().flatten().any(|lead| lead["call_id"] == call["id"]);
    call["label"]["key"] != "high" || lead()
}

#[derive(Default)]
struct Compared {
    /// True label → label given → calls.
    confusion: BTreeMap<String, BTreeMap<String, usize>>,
    errors: Vec<f64>,
}

impl Compared {
    fn recall(&self) -> BTreeMap<&str, f64> {
        let of = |label: &str, given: &BTreeMap<String, usize>| {
            share(given.get(label).copied().unwrap_or(0), given.values().sum())
        };
        self.confusion.iter().map(|(label, given)| (label.as_str(), of(label, given))).collect()
    }

    fn least(&self) -> Option<f64> {
        self.recall().into_values().min_by(f64::total_cmp)
    }
}

async fn compare(stage: &Stage, campaign: &str, truths: &BTreeMap<String, Truth>) -> anyhow::Result<Compared> {
    let mut compared = Compared::default();
    for (number, truth) in truths {
        let Some(label) = &truth.label else { continue };
        let found = stage.call_to(campaign, number).await?.context("a call is missing")?;
        let id = found["id"].as_str().context("a call without an id")?;
        let call = stage.get(&format!("/v1/calls/{id}")).await?;
        let given = call["label"]["key"].as_str().unwrap_or("none").to_owned();
        *compared.confusion.entry(label.clone()).or_default().entry(given).or_default() += 1;
        let turns = call["turns"].as_array().into_iter().flatten();
        let heard: String =
            turns.filter(|turn| turn["who"] == "customer").filter_map(|turn| turn["text"].as_str()).collect();
        if !truth.said.is_empty() {
            let (errors, characters) = character_error_rate(&truth.said, &heard);
            compared.errors.push(share(errors, characters));
        }
    }
    Ok(compared)
}

fn mean(values: &[f64]) -> Option<f64> {
    (!values.is_empty()).then(|| values.iter().sum::<f64>() / values.len() as f64)
}

fn round3(value: Option<f64>) -> Value {
    value.map_or(Value::Null, |value| ((value * 1_000.0).round() / 1_000.0).into())
}
