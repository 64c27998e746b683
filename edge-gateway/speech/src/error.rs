//! What can go wrong with speech, said so that the reader knows what to do.

use std::path::PathBuf;

#[derive(Debug, thiserror::Error)]
pub enum SpeechError {
    #[error("the model file {} is missing: run `script/setup --models` to install it", .0.display())]
    ModelMissing(PathBuf),
    #[error("the model file {} cannot be loaded ({reason}): delete it and run `script/setup --models`", .path.display())]
    ModelBroken { path: PathBuf, reason: String },
    #[error("no models folder is known: set BELLBIRD_MODELS, BELLBIRD_CACHE or HOME")]
    NoModelsFolder,
    #[error("ONNX Runtime: {0}")]
    Onnx(#[from] ort::Error),
    #[error("whisper: {0}")]
    Whisper(#[from] whisper_rs::WhisperError),
    #[error("resampling failed: {0}")]
    Resample(String),
    #[error("a model answered in an unexpected shape: {0}")]
    Shape(String),
    #[error("the job was refused: {0}")]
    Refused(#[from] Refused),
    #[error("the job missed its deadline")]
    Late,
    #[error("the job failed: {0}")]
    Failed(String),
    #[error("speech worker thread: {0}")]
    Thread(#[from] std::io::Error),
}

/// A job that was not taken. Nothing will be replied for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// The queue of this priority is full: the caller goes on without the answer.
    #[error("the queue is full")]
    Full,
    /// Speech is shutting down.
    #[error("speech is closing")]
    Closed,
}
