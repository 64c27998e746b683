//! The door of this crate: opens the engines, takes jobs, says how much room there is.

use std::sync::Arc;
use std::time::{Duration, Instant};

use crossbeam_channel::unbounded;

use crate::asr::WhisperModel;
use crate::config::{Engine, SpeechConfig};
use crate::error::{Refused, SpeechError};
use crate::job::{JobId, Outcome, Priority, RenderJob, ReplyTo, TranscribeJob, VoiceSettings};
use crate::pool::Pool;
use crate::scripted::Scripted;
use crate::tts::{self, VoiceModels};
use crate::vad::VadBatch;
use crate::worker::{Task, Worker};

/// A handle on the engines and their workers; clones share them. Workers end when the last clone goes.
#[derive(Clone)]
pub struct Speech {
    inner: Arc<Inner>,
}

struct Inner {
    config: SpeechConfig,
    pool: Pool<Task>,
}

/// Jobs waiting for a worker.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Load {
    pub finals: usize,
    pub first_chunks: usize,
    pub background: usize,
}

/// How long `synthesize` waits for a free worker before it gives up.
const PATIENCE: Duration = Duration::from_secs(120);

impl Speech {
    /// Loads every model; about a second with real engines. The error names the file that is missing.
    pub fn open(config: SpeechConfig) -> Result<Speech, SpeechError> {
        let workers = match &config.engine {
            Engine::Real { models } => {
                let whisper = if config.deaf { None } else { Some(WhisperModel::load(models)?) };
                let voice = VoiceModels::load(models)?;
                VadBatch::silero(models)?.prove(models)?;
                (0..config.workers.max(1))
                    .map(|_| {
                        let ears = whisper.as_ref().map(|whisper| whisper.recogniser().map(Box::new)).transpose()?;
                        Ok(Worker::Real { ears, mouth: Box::new(voice.synthesiser()?) })
                    })
                    .collect::<Result<Vec<Worker>, SpeechError>>()?
            }
            Engine::Scripted(script) => {
                let scripted = Arc::new(Scripted::new(script.clone()));
                (0..config.workers.max(1)).map(|_| Worker::Scripted(scripted.clone())).collect()
            }
        };
        let pool = Pool::start(workers, config.queue.max(1), config.niceness)?;
        Ok(Speech { inner: Arc::new(Inner { config, pool }) })
    }

    /// Voices for simulated customers, apart from these engines where those are real.
    pub fn for_customers(&self) -> Result<Speech, SpeechError> {
        match self.inner.config.engine {
            Engine::Real { .. } => Speech::open(self.inner.config.of_customers()),
            Engine::Scripted(_) => Ok(self.clone()),
        }
    }

    /// Conversing calls that the workers bear.
    pub fn capacity(&self) -> usize {
        self.inner.config.asr_slots
    }

    pub fn load(&self) -> Load {
        let waiting = |priority| self.inner.pool.waiting(priority);
        Load {
            finals: waiting(Priority::Final),
            first_chunks: waiting(Priority::FirstChunk) + waiting(Priority::NextChunk),
            background: waiting(Priority::Partial) + waiting(Priority::Background),
        }
    }

    /// Changes whenever the same text would sound different: part of a prompt's key.
    pub fn engine_version(&self) -> &'static str {
        match self.inner.config.engine {
            Engine::Real { .. } => tts::VERSION,
            Engine::Scripted(_) => "scripted-1",
        }
    }

    /// Replies once: `Transcript`, `Late` or `Failed`.
    pub fn transcribe(&self, job: TranscribeJob) -> Result<(), Refused> {
        match &self.inner.config.engine {
            Engine::Scripted(script) => script.asked(job.id.call)?,
            Engine::Real { .. } => {}
        }
        self.inner.pool.submit(job.priority, job.deadline, Task::Transcribe(job))
    }

    /// Replies with `Chunk`s until one is `last`, or once with `Late` or `Failed`.
    pub fn render(&self, job: RenderJob) -> Result<(), Refused> {
        self.inner.pool.submit(job.priority, job.deadline, Task::Render(job))
    }

    /// Renders a whole text in the background priority and waits for it. Not for a shard thread.
    pub fn synthesize(&self, text: &str, voice: VoiceSettings) -> Result<Vec<i16>, SpeechError> {
        let (sender, replies) = unbounded();
        self.render(RenderJob {
            id: JobId { call: 0, seq: 0 },
            text: text.to_owned(),
            voice,
            priority: Priority::Background,
            deadline: Instant::now() + PATIENCE,
            reply: ReplyTo::channel(sender),
        })?;
        let mut whole = Vec::new();
        for reply in replies {
            match reply.outcome {
                Outcome::Chunk { last, samples, .. } => {
                    whole.extend(samples);
                    if last {
                        return Ok(whole);
                    }
                }
                Outcome::Late => return Err(SpeechError::Late),
                Outcome::Failed(reason) => return Err(SpeechError::Failed(reason)),
                Outcome::Transcript(_) => return Err(SpeechError::Failed("a transcript came for a text".to_owned())),
            }
        }
        Err(Refused::Closed.into())
    }

    /// A voice activity detector for one shard: it is used on the shard's own thread.
    pub fn vad(&self) -> Result<VadBatch, SpeechError> {
        match &self.inner.config.engine {
            Engine::Real { models } => VadBatch::silero(models),
            Engine::Scripted(_) => match &self.inner.config.vad_models {
                Some(models) => VadBatch::silero(models),
                None => Ok(VadBatch::Energy),
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::asr::clean::character_error_rate;
    use crate::config::models_folder;
    use crate::job::{Cancel, Language, Reply};
    use crate::{PACKET, Script};

    #[test]
    fn a_missing_model_says_which_file_and_what_to_run() {
        let error = Speech::open(SpeechConfig::real("/nowhere")).err().unwrap().to_string();
        let expected =
            "the model file /nowhere/whisper-base-bf16.bin is missing: run `script/setup --models` to install it";
        assert_eq!(error, expected);
    }

    #[test]
    fn scripted_recognition_gives_each_call_its_lines_in_order() {
        let script = Script::lines(["您好", "我有兴趣"]).for_call(7, ["不需要"]);
        let speech = Speech::open(SpeechConfig::scripted(script)).unwrap();
        let heard: Vec<String> = [
            (1, Priority::Partial),
            (1, Priority::Final),
            (7, Priority::Final),
            (1, Priority::Final),
            (1, Priority::Final),
        ]
        .into_iter()
        .map(|(call, priority)| hear(&speech, call, priority, Vec::new()))
        .collect();
        assert_eq!(heard, ["您好", "您好", "不需要", "我有兴趣", ""]);
    }

    #[test]
    fn scripted_speech_is_a_tone_as_long_as_the_words() {
        let speech = Speech::open(SpeechConfig::scripted(Script::default())).unwrap();
        let slow = VoiceSettings { speed: 0.5, ..VoiceSettings::default() };
        assert_eq!(speech.synthesize("您好", VoiceSettings::default()).unwrap().len(), 2 * 180 * 8);
        assert_eq!(speech.synthesize("您好", slow).unwrap().len(), 4 * 180 * 8);
        assert!(speech.synthesize("……", slow).unwrap().is_empty());
    }

    #[test]
    fn a_text_comes_clause_by_clause_in_whole_packets() {
        let speech = Speech::open(SpeechConfig::scripted(Script::default())).unwrap();
        let (sender, replies) = unbounded();
        let id = JobId { call: 3, seq: 9 };
        let (voice, deadline) = (VoiceSettings::default(), Instant::now() + PATIENCE);
        let text = "您好，请问是张先生吗？".to_owned();
        let reply = ReplyTo::channel(sender);
        speech.render(RenderJob { id, text, voice, priority: Priority::FirstChunk, deadline, reply }).unwrap();
        let chunks: Vec<(u32, bool, usize)> = replies
            .iter()
            .map(|reply| match reply {
                Reply { id: of, outcome: Outcome::Chunk { index, last, samples } } if of == id => {
                    (index, last, samples.len() / PACKET)
                }
                other => panic!("{other:?}"),
            })
            .collect();
        assert_eq!(chunks, [(0, false, 27), (1, true, 63)]);
    }

    #[test]
    fn a_late_job_is_told_so() {
        let speech = Speech::open(SpeechConfig::scripted(Script::lines(["您好"]))).unwrap();
        let (sender, replies) = unbounded();
        let id = JobId { call: 1, seq: 1 };
        speech.transcribe(job(id, Priority::Final, Vec::new(), Instant::now(), ReplyTo::channel(sender))).unwrap();
        assert_eq!(replies.recv().unwrap(), Reply { id, outcome: Outcome::Late });
    }

    #[test]
    fn a_recognition_that_is_called_off_says_nothing_and_the_next_is_heard() {
        let config = SpeechConfig { workers: 1, ..SpeechConfig::real(models_folder().unwrap()) };
        let speech = Speech::open(config).unwrap();
        let said = speech.synthesize("我不需要，谢谢。", VoiceSettings::default()).unwrap();
        let (sender, replies) = unbounded();
        let id = |seq| JobId { call: 1, seq };
        let later = Instant::now() + PATIENCE;
        for seq in 1..=3 {
            let job = job(id(seq), Priority::Final, said.clone(), later, ReplyTo::channel(sender.clone()));
            let cancel = job.cancel.clone();
            speech.transcribe(job).unwrap();
            if seq < 3 {
                cancel.call_off();
            }
        }
        drop(sender);
        let replies: Vec<Reply> = replies.iter().collect();
        assert_eq!(replies.len(), 1, "{replies:?}");
        assert_eq!(replies[0].id, id(3));
        assert!(
            matches!(&replies[0].outcome, Outcome::Transcript(heard) if heard.text.contains("不需要")),
            "{replies:?}"
        );
    }

    #[test]
    fn recognition_understands_what_the_voice_says() {
        let config = SpeechConfig { workers: 1, ..SpeechConfig::real(models_folder().unwrap()) };
        let speech = Speech::open(config).unwrap();
        let (mut wrong, mut total, mut all) = (0, 0, Vec::new());
        for sentence in ["我想了解一下你们的产品。", "我不需要，以后不要再打电话给我了。", "请问需要准备哪些材料？"]
        {
            let said = speech.synthesize(sentence, VoiceSettings::default()).unwrap();
            let heard = hear(&speech, 1, Priority::Final, said);
            let (errors, length) = character_error_rate(sentence, &heard);
            wrong += errors;
            total += length;
            all.push(heard);
        }
        assert!(wrong * 100 <= total * 15, "{wrong} of {total} characters are wrong: {all:?}");
        assert_eq!(hear(&speech, 1, Priority::Final, vec![0; 8_000]), "", "silence is heard as nothing");
    }

    fn job(id: JobId, priority: Priority, samples_8k: Vec<i16>, deadline: Instant, reply: ReplyTo) -> TranscribeJob {
        let (language, cancel) = (Language::Mandarin, Cancel::default());
        TranscribeJob { id, samples_8k, language, priority, deadline, cancel, reply }
    }

    fn hear(speech: &Speech, call: u64, priority: Priority, samples: Vec<i16>) -> String {
        let (sender, replies) = unbounded();
        let (id, deadline) = (JobId { call, seq: 1 }, Instant::now() + PATIENCE);
        speech.transcribe(job(id, priority, samples, deadline, ReplyTo::channel(sender))).unwrap();
        match replies.recv().unwrap().outcome {
            Outcome::Transcript(transcript) => transcript.text,
            other => panic!("{other:?}"),
        }
    }
}
