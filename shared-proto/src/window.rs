//! Calling windows: when, in the callee's own zone, a call may start.

use chrono::{DateTime, Datelike, Duration, NaiveTime, TimeZone, Utc, Weekday};
use chrono_tz::Tz;
use serde::{Deserialize, Serialize};

/// No call starts in the last minute of a window.
const LAST_MINUTE: i64 = 60;
/// How far ahead the next opening is looked for.
const HORIZON_DAYS: i64 = 8;

/// A half-open span of the day, `[from, to)`, on the given weekdays (1 = Monday … 7 = Sunday).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Window {
    pub weekdays: Vec<u8>,
    /// `HH:MM`
    pub from: String,
    /// `HH:MM`, more than a minute later than `from`; `24:00` is the end of the day.
    pub to: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum WindowError {
    #[error("a window needs one to seven weekdays from 1 to 7")]
    Weekday,
    #[error("a time is written HH:MM")]
    Time,
    #[error("a window ends more than a minute after it starts")]
    Order,
}

impl WindowError {
    pub fn code(self) -> &'static str {
        match self {
            Self::Weekday => "window_weekday",
            Self::Time => "window_time",
            Self::Order => "window_order",
        }
    }
}

/// What the calling-hours gate says at one moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// Dial, but start no call after this instant.
    Open { until: DateTime<Utc> },
    /// Closed; the next opening, if there is one within a week.
    Closed { opens: Option<DateTime<Utc>> },
    /// The callee's zone is not known: fail closed.
    UnknownZone,
}

/// Seconds from midnight, 0..=86400.
fn seconds(text: &str) -> Result<i64, WindowError> {
    if text == "24:00" {
        return Ok(86_400);
    }
    let time = NaiveTime::parse_from_str(text, "%H:%M").map_err(|_| WindowError::Time)?;
    Ok((time - NaiveTime::MIN).num_seconds())
}

impl Window {
    pub fn check(&self) -> Result<(), WindowError> {
        if !(1..=7).contains(&self.weekdays.len()) || self.weekdays.iter().any(|day| !(1..=7).contains(day)) {
            return Err(WindowError::Weekday);
        }
        // Of a shorter one nothing is left in which a call may start.
        if seconds(&self.from)? + LAST_MINUTE < seconds(&self.to)? { Ok(()) } else { Err(WindowError::Order) }
    }

    fn holds(&self, day: Weekday) -> bool {
        self.weekdays.contains(&(day.number_from_monday() as u8))
    }
}

/// Decides whether a call to a callee in `zone` (IANA name) may start at `now`.
/// No windows at all means no calls at all.
pub fn decide(windows: &[Window], zone: Option<&str>, now: DateTime<Utc>) -> Verdict {
    let Some(zone) = zone.and_then(|name| name.parse::<Tz>().ok()) else { return Verdict::UnknownZone };
    let local = now.with_timezone(&zone);
    let mut opens: Option<DateTime<Utc>> = None;
    for ahead in 0..HORIZON_DAYS {
        let day = local.date_naive() + Duration::days(ahead);
        for window in windows.iter().filter(|window| window.holds(day.weekday())) {
            let (Ok(from), Ok(to)) = (seconds(&window.from), seconds(&window.to)) else { continue };
            let midnight = day.and_time(NaiveTime::MIN);
            let at = |seconds: i64| {
                zone.from_local_datetime(&(midnight + Duration::seconds(seconds)))
                    .earliest()
                    .map(|t| t.with_timezone(&Utc))
            };
            let (Some(from), Some(to)) = (at(from), at(to - LAST_MINUTE)) else { continue };
            if from <= now && now < to {
                return Verdict::Open { until: to };
            }
            if from > now && opens.is_none_or(|known| from < known) {
                opens = Some(from);
            }
        }
        if opens.is_some() {
            break;
        }
    }
    Verdict::Closed { opens }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn workdays() -> Vec<Window> {
        let span = |from: &str, to: &str| Window { weekdays: vec![1, 2, 3, 4, 5], from: from.into(), to: to.into() };
        vec![span("09:00", "12:00"), span("14:00", "20:00")]
    }

    fn at(text: &str) -> DateTime<Utc> {
        DateTime::parse_from_rfc3339(text).unwrap().with_timezone(&Utc)
    }

    #[test]
    fn a_window_that_its_last_minute_fills_is_none() {
        let check = |from: &str, to: &str| Window { weekdays: vec![1], from: from.into(), to: to.into() }.check();
        assert_eq!(check("09:00", "09:02"), Ok(()));
        for (from, to) in [("09:00", "09:01"), ("09:00", "09:00"), ("09:01", "09:00"), ("23:59", "24:00")] {
            assert_eq!(check(from, to), Err(WindowError::Order), "{from} {to}");
        }
    }

    #[test]
    fn a_window_is_half_open_and_its_last_minute_starts_nothing() {
        let decide = |text| decide(&workdays(), Some("Asia/Shanghai"), at(text));
        let until = at("2026-11-23T11:59:00+08:00");
        assert_eq!(decide("2026-11-23T09:00:00+08:00"), Verdict::Open { until });
        assert_eq!(decide("2026-11-23T11:58:59+08:00"), Verdict::Open { until });
        let afternoon = Verdict::Closed { opens: Some(at("2026-11-23T14:00:00+08:00")) };
        assert_eq!(decide("2026-11-23T11:59:00+08:00"), afternoon);
    }

    #[test]
    fn the_callees_zone_decides_and_an_unknown_one_blocks() {
        let now = at("2026-11-23T10:00:00+08:00");
        assert_eq!(decide(&workdays(), None, now), Verdict::UnknownZone);
        assert_eq!(decide(&workdays(), Some("Mars/Olympus"), now), Verdict::UnknownZone);
        assert!(matches!(decide(&workdays(), Some("America/New_York"), now), Verdict::Closed { .. }));
    }

    #[test]
    fn over_the_weekend_the_next_opening_is_monday() {
        let verdict = decide(&workdays(), Some("Asia/Shanghai"), at("2026-11-20T20:30:00+08:00"));
        assert_eq!(verdict, Verdict::Closed { opens: Some(at("2026-11-23T09:00:00+08:00")) });
        assert_eq!(
            decide(&[], Some("Asia/Shanghai"), at("2026-11-20T20:30:00+08:00")),
            Verdict::Closed { opens: None }
        );
    }
}
