//! Which engines run and how many threads they get.

use std::path::PathBuf;

use crate::error::SpeechError;
use crate::scripted::Script;

#[derive(Debug, Clone)]
pub struct SpeechConfig {
    pub engine: Engine,
    /// Worker threads; each holds its own recogniser and synthesiser.
    pub workers: usize,
    /// Jobs that may wait in each priority.
    pub queue: usize,
    /// Conversing calls that these workers bear; admission reads it.
    pub asr_slots: usize,
    /// Recognises nothing: simulated customers need no ears, and without recognition a bench of labels must fail.
    pub deaf: bool,
    /// The nice value of the worker threads, 0 to 19: higher yields to others.
    pub niceness: i32,
    /// Voice activity by the model in this folder although the engine is scripted.
    pub vad_models: Option<PathBuf>,
}

#[derive(Debug, Clone)]
pub enum Engine {
    /// The models in this folder.
    Real { models: PathBuf },
    /// No models: fixed answers and tones, for tests of everything that is not speech.
    Scripted(Script),
}

/// One recognition takes 0.3 to 0.9 s of a core and a customer speaks every 6 to 8 s. Two workers beside the customers'
/// voices answer four conversations in time and no fifth (`script/bench calls`).
const CALLS_PER_WORKER: usize = 2;

impl SpeechConfig {
    /// Real engines over the models in `folder`, a worker per core.
    pub fn real(folder: impl Into<PathBuf>) -> SpeechConfig {
        let workers = std::thread::available_parallelism().map_or(2, usize::from).max(2);
        SpeechConfig {
            engine: Engine::Real { models: folder.into() },
            workers,
            queue: 32 * workers,
            asr_slots: CALLS_PER_WORKER * workers,
            deaf: false,
            niceness: 0,
            vad_models: None,
        }
    }

    /// The voices of simulated customers, who must not slow down the edge that they talk to.
    pub fn of_customers(&self) -> SpeechConfig {
        match self.engine {
            Engine::Real { .. } => SpeechConfig { workers: 1, deaf: true, niceness: 10, ..self.clone() },
            Engine::Scripted(_) => self.clone(),
        }
    }

    /// Scripted engines: deterministic, quick, and never short of slots.
    pub fn scripted(script: Script) -> SpeechConfig {
        SpeechConfig {
            engine: Engine::Scripted(script),
            workers: 1,
            queue: 10_000,
            asr_slots: 10_000,
            deaf: false,
            niceness: 0,
            vad_models: None,
        }
    }
}

/// Where `script/setup` puts the models: `BELLBIRD_MODELS`, else `models` in the cache folder.
pub fn models_folder() -> Result<PathBuf, SpeechError> {
    let var = |name: &str| std::env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
    var("BELLBIRD_MODELS")
        .or_else(|| var("BELLBIRD_CACHE").map(|cache| cache.join("models")))
        .or_else(|| var("HOME").map(|home| home.join(".cache/bellbird/models")))
        .ok_or(SpeechError::NoModelsFolder)
}

/// The path of a model file that is there.
pub(crate) fn existing(models: &std::path::Path, name: &str) -> Result<PathBuf, SpeechError> {
    let path = models.join(name);
    if path.is_file() { Ok(path) } else { Err(SpeechError::ModelMissing(path)) }
}
