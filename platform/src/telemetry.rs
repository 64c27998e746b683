//! Telemetry: logs by `tracing`, one line each, to standard error. Metrics are the web room's.

use std::ffi::OsStr;
use std::io::IsTerminal;

use tracing_subscriber::EnvFilter;

/// Starts logging for this process. `filter` is an env-filter expression such as `info,sqlx=warn`;
/// `json` writes one JSON object a line for machines. A second start is ignored.
pub fn start(filter: &str, json: bool) -> anyhow::Result<()> {
    let filter = EnvFilter::try_new(filter)
        .map_err(|e| anyhow::anyhow!("setting `log` is not a filter such as \"info,sqlx=warn\": {e}"))?;
    let colours = colours(std::io::stderr().is_terminal(), std::env::var_os("NO_COLOR").as_deref());
    let lines = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .with_ansi(colours)
        .with_target(true);
    let started = if json { lines.json().try_init() } else { lines.try_init() };
    if started.is_err() {
        tracing::debug!("logging had been started before");
    }
    Ok(())
}

/// Colours are for people at a terminal who have not asked for none (<https://no-color.org>).
fn colours(terminal: bool, no_color: Option<&OsStr>) -> bool {
    terminal && no_color.is_none_or(OsStr::is_empty)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_gets_no_colours_and_a_terminal_unless_it_wants_none() {
        assert!(colours(true, None));
        assert!(colours(true, Some(OsStr::new(""))));
        assert!(!colours(true, Some(OsStr::new("1"))));
        assert!(!colours(false, None));
    }
}
