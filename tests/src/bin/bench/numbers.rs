//! Arithmetic of benches: percentiles, and what the process has used.

use anyhow::Context;

/// The value below which `share` of the values lie (nearest rank). `None` of nothing.
pub fn percentile(values: &[f64], share: f64) -> Option<f64> {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    let rank = (share * sorted.len() as f64).ceil() as usize;
    sorted.get(rank.saturating_sub(1)).copied()
}

pub fn share(part: usize, whole: usize) -> f64 {
    if whole == 0 { 0.0 } else { part as f64 / whole as f64 }
}

/// What this process has used so far.
#[derive(Debug, Clone, Copy)]
pub struct Used {
    pub cpu_s: f64,
    pub rss_mb: f64,
    pub descriptors: usize,
}

/// Clock ticks of /proc/self/stat, the same on every Linux we run on.
const TICKS_PER_S: f64 = 100.0;

pub fn used() -> anyhow::Result<Used> {
    let stat = std::fs::read_to_string("/proc/self/stat")?;
    let fields: Vec<&str> = stat.rsplit(')').next().context("/proc/self/stat")?.split_whitespace().collect();
    let ticks = |at: usize| -> anyhow::Result<f64> { Ok(fields.get(at).context("/proc/self/stat")?.parse::<f64>()?) };
    let status = std::fs::read_to_string("/proc/self/status")?;
    let rss = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).context("/proc/self/status")?;
    let kib: f64 = rss.split_whitespace().next().context("VmRSS")?.parse()?;
    Ok(Used {
        cpu_s: (ticks(11)? + ticks(12)?) / TICKS_PER_S,
        rss_mb: kib / 1024.0,
        descriptors: std::fs::read_dir("/proc/self/fd")?.count(),
    })
}

/// A figure with one decimal, or null.
pub fn round(value: Option<f64>) -> serde_json::Value {
    value.map_or(serde_json::Value::Null, |value| ((value * 10.0).round() / 10.0).into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentiles_are_values_that_were_measured() {
        let values: Vec<f64> = (1..=20).map(f64::from).collect();
        assert_eq!(percentile(&values, 0.5), Some(10.0));
        assert_eq!(percentile(&values, 0.95), Some(19.0));
        assert_eq!(percentile(&[], 0.5), None);
    }
}
