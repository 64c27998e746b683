//! Opens ONNX sessions: loads the runtime library once, one thread per session.

use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use ort::session::Session;

use crate::config::existing;
use crate::error::SpeechError;

const LIBRARY: &str = "libonnxruntime.so";

/// A session that runs on the caller's thread only: spinning helpers would take the cores of others.
pub(crate) fn session(models: &Path, name: &str) -> Result<Session, SpeechError> {
    load_library(models)?;
    let path = existing(models, name)?;
    let built = || -> Result<Session, ort::Error> {
        let builder = Session::builder()?.with_intra_threads(1)?.with_inter_threads(1)?;
        builder.with_intra_op_spinning(false)?.with_inter_op_spinning(false)?.commit_from_file(&path)
    };
    built().map_err(|error| SpeechError::ModelBroken { path: path.clone(), reason: error.to_string() })
}

/// ORT_DYLIB_PATH wins over the models folder.
fn load_library(models: &Path) -> Result<(), SpeechError> {
    static LOADED: OnceLock<()> = OnceLock::new();
    if LOADED.get().is_some() {
        return Ok(());
    }
    let path = match std::env::var_os("ORT_DYLIB_PATH").filter(|path| !path.is_empty()) {
        Some(path) => PathBuf::from(path),
        None => existing(models, LIBRARY)?,
    };
    let environment = ort::init_from(&path)
        .map_err(|error| SpeechError::ModelBroken { path: path.clone(), reason: error.to_string() })?;
    environment.with_telemetry(false).commit();
    LOADED.get_or_init(|| ());
    Ok(())
}
