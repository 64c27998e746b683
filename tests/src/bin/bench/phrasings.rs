//! What recognition costs the understanding: conversations of the speaking personas through the loan offer, once with
//! every sentence as it was written and once as the recogniser hears it in the customers' voices through telephone coding.
//! No call is made, so a thousand conversations take no longer than their sentences take to hear. What is measured by
//! default may be tuned on: `--show` prints the conversations that got another label. `--heard FILE` keeps what was heard
//! for the next run, since rules change oftener than the recogniser.

use crate::numbers::share;
use crate::option;
use anyhow::{Context, ensure};
use audio_codec_algorithms::{decode_ulaw, encode_ulaw};
use carrier_sim::{Behaviour, Half, Persona, Room, joined, voice_of_customer};
use dialogue::{Dialogue, Script, Then, label};
use serde_json::{Value, json};
use shared_proto::flow::Flow;
use speech::{
    Cancel, JobId, Language, Outcome, Priority, ReplyTo, Speech, SpeechConfig, TranscribeJob, character_error_rate,
    models_folder,
};
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::{Arc, mpsc};
use std::time::{Duration, Instant};

const FLOW: &str = include_str!("../../../../control-plane/demo/loan-offer.json");
/// Conversations with each persona.
const CALLS: u64 = 400;
const MOST_GOES: usize = 12;
const VOICES: u64 = 3;
/// Silence before and after what is said, as the turn-taking cuts it.
const BEFORE: usize = 200 * 8;
const AFTER: usize = 160 * 8;
const PATIENCE: Duration = Duration::from_secs(600);
/// Sentences handed to the recogniser at once.
const AT_ONCE: usize = 16;

/// What was heard of a sentence in one voice.
type Heard = BTreeMap<(String, u64), String>;

pub fn measure(options: &[String]) -> anyhow::Result<Value> {
    let personas = match option(options, "--personas") {
        Some(folder) => carrier_sim::load(Path::new(folder))?,
        None => carrier_sim::built_in()?,
    };
    let half = match option(options, "--half") {
        None | Some("tuning") => Half::Tuning,
        Some("held-out") => Half::HeldOut,
        Some(other) => anyhow::bail!("there is no half \"{other}\": tuning, held-out"),
    };
    let show = options.iter().any(|option| option == "--show");
    ensure!(!show || half == Half::Tuning, "what is held out is not shown");
    let personas: Vec<Persona> =
        personas.into_iter().filter(|one| one.behaviour == Behaviour::Speaks && one.label.is_some()).collect();
    let talks: Vec<Talk> = personas.iter().flat_map(|one| (0..CALLS).map(|call| Talk::new(one, half, call))).collect();
    let kept = option(options, "--heard").map(Path::new);
    let heard = hear(&talks, kept)?;
    let written = |line: &str, _: u64| line.to_owned();
    let as_heard = |line: &str, voice: u64| heard.get(&(line.to_owned(), voice)).cloned().unwrap_or_default();
    let (mut wrong, mut signs) = (0, 0);
    for ((line, _), text) in &heard {
        let (errors, characters) = character_error_rate(line, text);
        wrong += errors;
        signs += characters;
    }
    Ok(json!({
        "bench": "phrasings", "conversations": talks.len(), "sentences_heard": heard.len(),
        "character_error_rate": (share(wrong, signs) * 1_000.0).round() / 1_000.0,
        "as_written": labelled(&talks, written, show)?, "as_heard": labelled(&talks, as_heard, show)?,
    }))
}

/// One customer's goes, decided before the conversation.
struct Talk {
    wanted: String,
    voice: u64,
    goes: Vec<String>,
}

impl Talk {
    fn new(persona: &Persona, half: Half, seed: u64) -> Self {
        let mut random = fastrand::Rng::with_seed(seed);
        let most = persona.hang_up_after.map_or(MOST_GOES, |goes| goes as usize);
        Self {
            wanted: persona.label.clone().unwrap_or_default(),
            voice: seed % VOICES,
            goes: (0..most).map_while(|go| persona.line(go, half, &mut random).map(str::to_owned)).collect(),
        }
    }
}

/// The share of right labels and the confusion matrix.
fn labelled(talks: &[Talk], hear: impl Fn(&str, u64) -> String, show: bool) -> anyhow::Result<Value> {
    let script = Script::new(Arc::new(serde_json::from_str::<Flow>(FLOW)?));
    let mut confusion: BTreeMap<&str, BTreeMap<String, usize>> = BTreeMap::new();
    for talk in talks {
        let (given, trace) = converse(&script, talk, &hear);
        if show && given != talk.wanted {
            eprintln!("{} was taken for {given}:{trace}", talk.wanted);
        }
        *confusion.entry(&talk.wanted).or_default().entry(given).or_default() += 1;
    }
    let recall = confusion.iter().map(|(wanted, given)| {
        let right = share(given.get(*wanted).copied().unwrap_or(0), given.values().sum());
        ((*wanted).to_owned(), json!((right * 1_000.0).round() / 1_000.0))
    });
    Ok(json!({ "recall": recall.collect::<serde_json::Map<_, _>>(), "confusion": confusion }))
}

fn converse(script: &Arc<Script>, talk: &Talk, hear: impl Fn(&str, u64) -> String) -> (String, String) {
    let values = [("姓名".to_owned(), "王小明".to_owned())].into();
    let (mut dialogue, mut step) = Dialogue::start(script.clone(), values);
    let mut trace = String::new();
    for line in &talk.goes {
        if step.then == Then::HangUp {
            break;
        }
        let text = hear(line, talk.voice);
        step = if text.is_empty() { dialogue.not_understood() } else { dialogue.heard(&text) };
        let meant = step.understood.as_ref();
        let why =
            meant.map_or("-".to_owned(), |meant| format!("{} by {:.2} {}", meant.intent, meant.likeness, meant.phrase));
        trace += &format!(" {line} → {text} [{why}]");
    }
    let mut facts = dialogue.facts();
    facts.contact_hung_up(30_000);
    (label(&script.flow().labels, &facts).map_or("none".to_owned(), |decision| decision.key), trace)
}

/// Every sentence of the conversations in the voices that say it; what is kept already is not heard again.
fn hear(talks: &[Talk], kept: Option<&Path>) -> anyhow::Result<Heard> {
    let wanted: BTreeSet<(String, u64)> =
        talks.iter().flat_map(|talk| talk.goes.iter().map(|line| (line.clone(), talk.voice))).collect();
    let mut heard: Heard = match kept.map(std::fs::read_to_string) {
        Some(Ok(text)) => text.lines().filter_map(kept_line).filter(|(said, _)| wanted.contains(said)).collect(),
        Some(Err(_)) | None => Heard::new(),
    };
    let missing: Vec<&(String, u64)> = wanted.iter().filter(|said| !heard.contains_key(*said)).collect();
    if missing.is_empty() {
        return Ok(heard);
    }
    let speech = Speech::open(SpeechConfig::real(models_folder()?))?;
    let (tell, told) = mpsc::channel();
    for some in missing.chunks(AT_ONCE) {
        for (seq, (line, voice)) in some.iter().enumerate() {
            let tell = tell.clone();
            speech.transcribe(TranscribeJob {
                id: JobId { call: 0, seq: seq.try_into()? },
                samples_8k: telephone(&speech, line, *voice)?,
                language: Language::Mandarin,
                priority: Priority::Final,
                deadline: Instant::now() + PATIENCE,
                cancel: Cancel::default(),
                reply: ReplyTo::new(move |reply| drop(tell.send((seq, reply.outcome)))),
            })?;
        }
        for _ in some {
            let (seq, outcome) = told.recv_timeout(PATIENCE)?;
            let Outcome::Transcript(transcript) = outcome else { anyhow::bail!("{outcome:?}") };
            heard.insert(some.get(seq).context("a reply to nothing")?.to_owned().clone(), transcript.text);
        }
    }
    if let Some(file) = kept {
        let lines = heard.iter().map(|((line, voice), text)| format!("{voice}\t{line}\t{text}\n"));
        std::fs::write(file, lines.collect::<String>())?;
    }
    Ok(heard)
}

fn kept_line(line: &str) -> Option<((String, u64), String)> {
    let mut fields = line.split('\t');
    let voice = fields.next()?.parse().ok()?;
    Some(((fields.next()?.to_owned(), voice), fields.next()?.to_owned()))
}

/// A sentence as it arrives at the edge.
fn telephone(speech: &Speech, line: &str, voice: u64) -> anyhow::Result<Vec<i16>> {
    let said = joined(&[speech.synthesize(line, voice_of_customer(voice))?], 0).samples;
    let mut samples = [vec![0; BEFORE], said, vec![0; AFTER]].concat();
    Room::new(voice).fill(&mut samples);
    Ok(samples.into_iter().map(|sample| decode_ulaw(encode_ulaw(sample))).collect())
}
