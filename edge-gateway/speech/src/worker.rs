//! What one speech thread does with a job: recognise, or speak one clause and queue the rest.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Instant;

use crate::PACKET;
use crate::asr::Recogniser;
use crate::error::SpeechError;
use crate::job::{JobId, Outcome, Priority, RenderJob, ReplyTo, TranscribeJob, Transcript, VoiceSettings};
use crate::pool::Work;
use crate::scripted::Scripted;
use crate::tts::Synthesiser;
use crate::tts::text::{Clause, clauses};

pub(crate) enum Worker {
    /// Without ears every utterance is empty.
    Real {
        ears: Option<Box<Recogniser>>,
        mouth: Box<Synthesiser>,
    },
    Scripted(Arc<Scripted>),
}

pub(crate) enum Task {
    Transcribe(TranscribeJob),
    Render(RenderJob),
    Rest(Rest),
}

/// A text whose first clauses are spoken already.
pub(crate) struct Rest {
    id: JobId,
    reply: ReplyTo,
    voice: VoiceSettings,
    priority: Priority,
    clauses: VecDeque<Clause>,
    index: u32,
}

impl Work for Worker {
    type Job = Task;

    fn run(&mut self, task: Task) -> Option<(Priority, Task)> {
        match task {
            Task::Transcribe(job) => {
                if job.cancel.is_off() {
                    return None;
                }
                let heard = self.hear(&job);
                if !job.cancel.is_off() {
                    let outcome = heard.map_or_else(|error| Outcome::Failed(error.to_string()), Outcome::Transcript);
                    job.reply.send(job.id, outcome);
                }
                None
            }
            Task::Render(job) => {
                let priority = match job.priority {
                    Priority::Background => Priority::Background,
                    _ => Priority::NextChunk,
                };
                let (id, reply, voice) = (job.id, job.reply, job.voice.held());
                self.speak_next(Rest { id, reply, voice, priority, clauses: clauses(&job.text).into(), index: 0 })
            }
            Task::Rest(rest) => self.speak_next(rest),
        }
    }

    fn late(task: Task) {
        let (id, reply) = address(&task);
        reply.send(id, Outcome::Late);
    }

    fn obituary(task: &Task) -> Box<dyn FnOnce()> {
        let (id, reply) = address(task);
        Box::new(move || reply.send(id, Outcome::Failed("a speech worker failed".to_owned())))
    }
}

impl Worker {
    fn hear(&mut self, job: &TranscribeJob) -> Result<Transcript, SpeechError> {
        let began = Instant::now();
        let (text, confidence) = match self {
            Worker::Real { ears: Some(ears), .. } => ears.recognise(&job.samples_8k, job.language, &job.cancel)?,
            Worker::Real { ears: None, .. } => (String::new(), 0.0),
            Worker::Scripted(scripted) => (scripted.hear(job.id, job.priority), 1.0),
        };
        Ok(Transcript { text, confidence, took: began.elapsed() })
    }

    fn speak_next(&mut self, mut rest: Rest) -> Option<(Priority, Task)> {
        let spoken = match rest.clauses.pop_front() {
            Some(clause) => self.speak(&clause, rest.voice),
            None => Ok(Vec::new()),
        };
        let last = rest.clauses.is_empty();
        match spoken {
            Ok(samples) => rest.reply.send(rest.id, Outcome::Chunk { index: rest.index, last, samples }),
            Err(error) => {
                rest.reply.send(rest.id, Outcome::Failed(error.to_string()));
                return None;
            }
        }
        rest.index += 1;
        (!last).then(|| (rest.priority, Task::Rest(rest)))
    }

    /// One clause with the pause after it, in whole packets.
    fn speak(&mut self, clause: &Clause, voice: VoiceSettings) -> Result<Vec<i16>, SpeechError> {
        let mut samples = match self {
            Worker::Real { mouth, .. } => mouth.speak(clause, voice)?,
            Worker::Scripted(_) => Scripted::speak(clause, voice),
        };
        let pause = (clause.pause.as_millis() as f32 * 8.0 / voice.speed) as usize;
        samples.resize((samples.len() + pause).next_multiple_of(PACKET), 0);
        Ok(samples)
    }
}

fn address(task: &Task) -> (JobId, ReplyTo) {
    match task {
        Task::Transcribe(job) => (job.id, job.reply.clone()),
        Task::Render(job) => (job.id, job.reply.clone()),
        Task::Rest(rest) => (rest.id, rest.reply.clone()),
    }
}
