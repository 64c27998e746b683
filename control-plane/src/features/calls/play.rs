//! Handlers that hand out a recording: its bytes, whole or in ranges (RFC 9110, section 14), and its
//! waveform.

use std::time::Duration;

use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::Response;
use serde::{Deserialize, Serialize};
use shared_proto::ids::CallId;
use tokio_util::io::ReaderStream;
use utoipa::{IntoParams, ToSchema};

use super::http::of_agent;
use super::{store, wav};
use crate::app::App;
use crate::features::identity::Can;
use crate::features::identity::permissions::RecordingsRead;
use crate::web::extract::{Json, Path, Query};
use crate::web::problem::{Problem, ProblemBody};

/// Whoever plays a recording again after this long is in the log again.
const HEARD_ONCE_IN: Duration = Duration::from_hours(12);

/// The recording: WAV, stereo, 8 kHz; left is the customer, right the bot
#[utoipa::path(get, path = "/v1/calls/{id}/recording", tag = "calls",
    params(("id" = String, Path), ("range" = Option<String>, Header, description = "bytes=from-to")),
    responses((status = 200, content_type = "audio/wav", body = Vec<u8>), (status = 206, content_type = "audio/wav", body = Vec<u8>),
        (status = 404, body = ProblemBody), (status = 416, body = ProblemBody)))]
pub async fn play_recording(
    can: Can<RecordingsRead>,
    State(app): State<App>,
    Path(id): Path<CallId>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let key = key_of(&can, id).await?;
    // A recording has no validator that If-Range could match (RFC 9110, section 13.1.5).
    let asked = headers.get(header::RANGE).filter(|_| !headers.contains_key(header::IF_RANGE));
    let asked = asked.and_then(|value| value.to_str().ok());
    let total = app.objects.get(&key, Some(0..0)).await?.total;
    let range = match asked.map(|text| parse_range(text, total)) {
        None | Some(Asked::Whole) => None,
        Some(Asked::Part(range)) => Some(range),
        Some(Asked::Beyond) => return Err(Problem::range_not_satisfiable(total)),
    };
    let found = app.objects.get(&key, range.clone()).await?;
    // A player asks for many ranges, in an order of its own; the log needs to hear of it once in a session.
    let heard = format!("heard:{}:{id}", can.actor.session_id);
    can.trail.object("call", id);
    can.trail.access_once(&app, heard, HEARD_ONCE_IN).await;
    let mut response = Response::builder()
        .header(header::CONTENT_TYPE, "audio/wav")
        .header(header::ACCEPT_RANGES, "bytes")
        .header(header::CACHE_CONTROL, "private, max-age=3600")
        .header(header::CONTENT_LENGTH, found.length);
    if let Some(range) = range {
        let said = format!("bytes {}-{}/{total}", range.start, range.end - 1);
        response = response.status(StatusCode::PARTIAL_CONTENT).header(header::CONTENT_RANGE, said);
    }
    response.body(Body::from_stream(ReaderStream::new(found.reader))).map_err(Problem::internal)
}

async fn key_of(can: &Can<RecordingsRead>, id: CallId) -> Result<String, Problem> {
    let row = store::call(&can.db, &id.to_string(), of_agent(&can.actor)).await?.ok_or_else(Problem::not_found)?;
    row.recording_key.ok_or_else(Problem::not_found)
}

#[derive(Debug, PartialEq, Eq)]
enum Asked {
    Whole,
    Part(std::ops::Range<u64>),
    Beyond,
}

/// One range; several, or a unit other than bytes, are answered with the whole.
fn parse_range(text: &str, total: u64) -> Asked {
    let Some((from, to)) = text.strip_prefix("bytes=").and_then(|spec| spec.trim().split_once('-')) else {
        return Asked::Whole;
    };
    let range = match (from.parse::<u64>(), to.parse::<u64>()) {
        (Ok(from), Ok(to)) if from <= to => from..to.saturating_add(1).min(total),
        (Ok(from), Err(_)) if to.is_empty() => from..total,
        (Err(_), Ok(last)) if from.is_empty() && last > 0 => total.saturating_sub(last)..total,
        (Err(_), Ok(_)) if from.is_empty() => return Asked::Beyond,
        _ => return Asked::Whole,
    };
    if range.start < total { Asked::Part(range) } else { Asked::Beyond }
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct PeaksQuery {
    /// Spans to draw, 10-4000; 1000 where it is not given.
    n: Option<usize>,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct PeaksView {
    /// The loudest sample of each span, 0 to 1.
    pub customer: Vec<f32>,
    pub bot: Vec<f32>,
    pub duration_ms: u64,
}

/// The recording's waveform
#[utoipa::path(get, path = "/v1/calls/{id}/peaks", tag = "calls", params(("id" = String, Path), PeaksQuery),
    responses((status = 200, body = PeaksView), (status = 404, body = ProblemBody)))]
pub async fn show_peaks(
    can: Can<RecordingsRead>,
    State(app): State<App>,
    Path(id): Path<CallId>,
    Query(query): Query<PeaksQuery>,
) -> Result<Json<PeaksView>, Problem> {
    let key = key_of(&can, id).await?;
    let bytes = app.objects.get(&key, None).await?.bytes().await.map_err(Problem::internal)?;
    let n = query.n.unwrap_or(1000).clamp(10, 4000);
    let peaks = tokio::task::spawn_blocking(move || wav::peaks(&bytes, n)).await.map_err(Problem::internal)?;
    let peaks = peaks.map_err(|error| Problem::unprocessable("recording_damaged").with("detail", error.to_string()))?;
    let short = |levels: Vec<f32>| levels.into_iter().map(|level| (level * 1000.0).round() / 1000.0).collect();
    Ok(Json(PeaksView { customer: short(peaks.left), bot: short(peaks.right), duration_ms: peaks.duration_ms }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_are_read_as_rfc_9110_writes_them() {
        assert_eq!(parse_range("bytes=0-99", 1000), Asked::Part(0..100));
        assert_eq!(parse_range("bytes=990-2000", 1000), Asked::Part(990..1000));
        assert_eq!(parse_range("bytes=500-", 1000), Asked::Part(500..1000));
        assert_eq!(parse_range("bytes=-10", 1000), Asked::Part(990..1000));
        assert_eq!(parse_range("bytes=1000-", 1000), Asked::Beyond);
        assert_eq!(parse_range("bytes=-0", 1000), Asked::Beyond);
        for odd in ["bytes=5-1", "lines=1-2", "bytes=0-1,5-6", "bytes=x"] {
            assert_eq!(parse_range(odd, 1000), Asked::Whole, "{odd}");
        }
    }
}
