//! Telemetry: logs by `tracing`, one line each, to standard error. Metrics are the web room's.

use tracing_subscriber::EnvFilter;

/// Starts logging for this process. `filter` is an env-filter expression such as `info,sqlx=warn`;
/// `json` writes one JSON object a line for machines. A second start is ignored.
pub fn start(filter: &str, json: bool) -> anyhow::Result<()> {
    let filter = EnvFilter::try_new(filter)
        .map_err(|e| anyhow::anyhow!("setting `log` is not a filter such as \"info,sqlx=warn\": {e}"))?;
    let lines = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).with_target(true);
    let started = if json { lines.json().try_init() } else { lines.try_init() };
    if started.is_err() {
        tracing::debug!("logging had been started before");
    }
    Ok(())
}
