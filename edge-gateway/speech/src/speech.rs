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
                let whisper = WhisperModel::load(models)?;
                let voice = VoiceModels::load(models)?;
                VadBatch::silero(models)?;
                (0..config.workers.max(1))
                    .map(|_| {
                        Ok(Worker::Real {
                            ears: Box::new(whisper.recogniser()?),
                            mouth: Box::new(voice.synthesiser()?),
                        })
                    })
                    .collect::<Result<Vec<Worker>, SpeechError>>()?
            }
            Engine::Scripted(script) => {
                let scripted = Arc::new(Scripted::new(script.clone()));
                (0..config.workers.max(1)).map(|_| Worker::Scripted(scripted.clone())).collect()
            }
        };
        let pool = Pool::start(workers, config.queue.max(1))?;
        Ok(Speech { inner: Arc::new(Inner { config, pool }) })
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
            Engine::Scripted(_) => Ok(VadBatch::Energy),
        }
    }
}
