//! One answer for the system page.

use std::path::Path;
use std::time::Instant;

use axum::extract::State;
use serde::Serialize;
use utoipa::ToSchema;

use crate::app::App;
use crate::features::identity::Can;
use crate::features::identity::permissions::SystemRead;
use crate::jobs;
use crate::web::extract::Json;
use crate::web::page::Time;
use crate::web::problem::Problem;

/// Below this an import or a day of recordings may not fit.
const LITTLE_ROOM: u64 = 2 << 30;
/// A database that takes longer for the smallest question is in trouble.
const SLOW_MS: u128 = 200;

/// The models that an edge on this machine needs, and what for.
const MODELS: [(&str, &str); 7] = [
    ("asr", "whisper-base-bf16.bin"),
    ("tts", "fastspeech2-baker.onnx"),
    ("vocoder", "mb-melgan-baker.onnx"),
    ("tts_symbols", "baker_mapper.json"),
    ("pinyin", "phrase-pinyin.tsv"),
    ("vad", "silero_vad.onnx"),
    ("onnxruntime", "libonnxruntime.so"),
];

#[derive(Serialize, ToSchema)]
pub struct SystemView {
    version: &'static str,
    started_at: Time,
    now: Time,
    parts: Vec<PartView>,
    edges: Vec<crate::features::edges::EdgeView>,
    jobs: JobsView,
    models: Vec<PartView>,
    disk: DiskView,
}

#[derive(Serialize, ToSchema)]
pub struct PartView {
    key: String,
    state: Health,
    detail: Option<String>,
}

#[derive(Clone, Copy, Serialize, ToSchema, PartialEq, Eq, Debug)]
#[serde(rename_all = "snake_case")]
pub enum Health {
    Up,
    Warning,
    Down,
}

#[derive(Serialize, ToSchema)]
struct JobsView {
    waiting: i64,
    /// Given up after the last attempt.
    failed: i64,
}

#[derive(Serialize, ToSchema)]
struct DiskView {
    free_bytes: u64,
    total_bytes: u64,
}

/// Version, parts, background jobs, models and disk
#[utoipa::path(get, path = "/v1/system", tag = "system", responses((status = 200, body = SystemView)))]
pub async fn read_system(can: Can<SystemRead>, State(app): State<App>) -> Result<Json<SystemView>, Problem> {
    let (waiting, failed) = jobs::counts(&app.database).await?;
    let disk = platform::disk::room(&app.config.data).map_err(Problem::internal)?;
    let room = if disk.free_bytes < LITTLE_ROOM { Health::Warning } else { Health::Up };
    let work = if failed > 0 { Health::Warning } else { Health::Up };
    let part = |key: &str, state, detail: Option<&str>| PartView {
        key: key.to_owned(),
        state,
        detail: detail.map(str::to_owned),
    };
    let parts = vec![
        database(&app).await,
        part("bus", Health::Up, Some(kind(&app.config.bus_url))),
        part("cache", Health::Up, Some(kind(&app.config.cache_url))),
        part("objects", room, Some(kind(&app.config.objects_url()))),
        part("jobs", work, None),
    ];
    let folder = app.config.models_folder();
    Ok(Json(SystemView {
        version: env!("CARGO_PKG_VERSION"),
        started_at: Time(app.started_at),
        now: Time(app.now_ms()),
        parts,
        edges: crate::features::edges::views(&app, &can.db).await?,
        jobs: JobsView { waiting, failed },
        models: MODELS.iter().map(|(key, file)| model(&folder, key, file)).collect(),
        disk: DiskView { free_bytes: disk.free_bytes, total_bytes: disk.total_bytes },
    }))
}

/// What a part is, and nothing of where: an address may hold a password.
fn kind(url: &str) -> &str {
    url.split(':').next().unwrap_or_default()
}

async fn database(app: &App) -> PartView {
    let since = Instant::now();
    let answered = app.database.ping().await;
    let took = since.elapsed().as_millis();
    let state = match answered {
        Ok(()) if took < SLOW_MS => Health::Up,
        Ok(()) => Health::Warning,
        Err(_) => Health::Down,
    };
    PartView { key: "database".to_owned(), state, detail: Some(format!("{took} ms")) }
}

fn model(folder: &Path, key: &str, file: &str) -> PartView {
    let (state, detail) = match std::fs::metadata(folder.join(file)) {
        Ok(found) => (Health::Up, format!("{file}, {} KiB", found.len() / 1024)),
        Err(_) => (Health::Down, format!("{file} is missing: run script/setup")),
    };
    PartView { key: key.to_owned(), state, detail: Some(detail) }
}
