//! What stops the bot in mid-sentence: sentences and backchannels of the customers' voices through the VAD and the
//! turn-taking in virtual time, once for each length of speech that may count as an interruption. The table of ADR 8.

use crate::numbers::{percentile, round};
use anyhow::Context;
use call_core::audio::Ear;
use call_core::time::Micros;
use call_core::turn::{Frame, Input, Output, Policy, Turn};
use carrier_sim::{Behaviour, Room, Utterance, built_in, joined, voice_of_customer};
use serde_json::{Value, json};
use speech::{Speech, SpeechConfig, VadBatch, VadSlot, models_folder};
use std::collections::BTreeMap;
use std::time::Duration;

const SAMPLES_PER_MS: u64 = 8;
const FRAME: usize = 160;
/// Speech of at least this length must silence the bot.
const MUST_YIELD_MS: usize = 800;
const TRIED_MS: [u64; 4] = [384, 416, 432, 448];
const VOICES_OF_A_SENTENCE: u64 = 3;
const VOICES_OF_A_WORD: u64 = 8;
const BACKCHANNELS: [&str; 11] =
    ["嗯。", "对。", "好的。", "是的。", "哦。", "嗯嗯。", "好。", "行。", "啊。", "对对。", "可以。"];

struct Spoken {
    text: String,
    samples: Vec<i16>,
    seed: u64,
}

pub fn measure() -> anyhow::Result<Value> {
    let speech = Speech::open(SpeechConfig::real(models_folder()?))?;
    let mut vad = speech.vad()?;
    let sentences = sentences(&speech)?;
    let words = words(&speech)?;
    let mut rows = Vec::new();
    for barge_in_ms in TRIED_MS {
        let policy = Policy { barge_in: Duration::from_millis(barge_in_ms), ..Policy::default() };
        let mut after = Vec::new();
        let mut never = 0;
        for sentence in &sentences {
            match stopped_after(&mut vad, &policy, sentence)? {
                Some(ms) => after.push(ms as f64),
                None => never += 1,
            }
        }
        let mut stopping: BTreeMap<&str, usize> = BTreeMap::new();
        for word in &words {
            if stopped_after(&mut vad, &policy, word)?.is_some() {
                *stopping.entry(&word.text).or_default() += 1;
            }
        }
        rows.push(json!({
            "barge_in_ms": barge_in_ms,
            "stopped_after_ms": { "p50": round(percentile(&after, 0.5)), "p95": round(percentile(&after, 0.95)) },
            "never_stopped": never,
            "backchannels_that_stop": stopping.values().sum::<usize>(),
            "of_them": stopping,
        }));
    }
    Ok(json!({ "bench": "barge-in", "sentences": sentences.len(), "backchannels": words.len(), "rows": rows }))
}

/// The half of the customers' lines that rules may be tuned on.
fn sentences(speech: &Speech) -> anyhow::Result<Vec<Spoken>> {
    let mut spoken = Vec::new();
    for persona in built_in()?.iter().filter(|persona| persona.behaviour == Behaviour::Speaks) {
        for line in persona.turns.iter().flat_map(|turn| &turn.tuning) {
            for voice in 0..VOICES_OF_A_SENTENCE {
                spoken.push(say(speech, line, voice)?);
            }
        }
    }
    spoken.retain(|one| one.samples.len() >= MUST_YIELD_MS * SAMPLES_PER_MS as usize);
    Ok(spoken)
}

fn words(speech: &Speech) -> anyhow::Result<Vec<Spoken>> {
    let each = BACKCHANNELS.iter().flat_map(|word| (0..VOICES_OF_A_WORD).map(move |voice| (word, voice)));
    each.map(|(word, voice)| say(speech, word, voice)).collect()
}

fn say(speech: &Speech, text: &str, voice: u64) -> anyhow::Result<Spoken> {
    let Utterance { samples, .. } = joined(&[speech.synthesize(text, voice_of_customer(voice))?], 0);
    Ok(Spoken { text: text.to_owned(), samples, seed: voice * 7 + text.len() as u64 })
}

/// How long after its first sample the bot falls silent.
fn stopped_after(vad: &mut VadBatch, policy: &Policy, spoken: &Spoken) -> anyhow::Result<Option<u64>> {
    // Three seconds of hush, and the first sample somewhere inside a VAD frame.
    let lead = 24_000 + (spoken.seed * 97 % 512) as usize;
    let mut line = vec![0_i16; lead];
    line.extend_from_slice(&spoken.samples);
    line.resize(line.len() + 16_000, 0);
    Room::new(spoken.seed).fill(&mut line);
    let (mut ear, mut slot) = (Ear::default(), VadSlot::default());
    let mut turn = Turn::new(policy.clone(), Micros(0));
    turn.handle(Micros(0), Input::BotStarted);
    turn.handle(Micros(0), Input::BotMay { interrupt: true });
    for (at, frame) in line.chunks_exact(FRAME).enumerate() {
        let Some(heard) = ear.push(frame.try_into()?) else { continue };
        let probability = vad.infer(&mut [&mut slot], &[*heard.samples])?.first().copied().context("one frame in")?;
        let span = ear.span(heard.index).context("a frame that was just heard")?;
        let onset = if probability >= policy.start { ear.onset(span.from) } else { span.from };
        let (from, to, loud_to, peak) = (span.from, span.to, span.loud_to, span.peak);
        let now = Micros((at as u64 + 1) * 20_000);
        turn.handle(now, Input::Frame(Frame { from, to, probability, loud_to, peak, onset }));
        while let Some(output) = turn.poll_output() {
            if output == Output::StopBot {
                let samples = now.0 * SAMPLES_PER_MS / 1_000;
                return Ok(Some(samples.saturating_sub(lead as u64) / SAMPLES_PER_MS));
            }
        }
    }
    Ok(None)
}
