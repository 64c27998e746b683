//! Lists: `{items, next_cursor}` and the query that asks for a page. Times in answers.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::{DateTime, SecondsFormat, Utc};
use serde::{Deserialize, Serialize, Serializer};
use utoipa::{IntoParams, ToSchema};

use super::problem::Problem;

pub const LIMIT_DEFAULT: u64 = 50;
pub const LIMIT_MOST: u64 = 200;

#[derive(Debug, Serialize, ToSchema)]
pub struct Page<T> {
    pub items: Vec<T>,
    /// Pass as `cursor` for what follows; null at the end.
    pub next_cursor: Option<String>,
}

impl<T> Page<T> {
    /// A list that is never cut.
    pub fn whole(items: Vec<T>) -> Self {
        Self { items, next_cursor: None }
    }

    /// From one row more than `limit` asked of the database: the extra row tells that more follow.
    /// `cursor_of` names the place of the last row that is kept.
    pub fn cut<R>(mut rows: Vec<R>, limit: u64, cursor_of: impl Fn(&R) -> String, item: impl FnMut(R) -> T) -> Self {
        let limit = usize::try_from(limit).unwrap_or(usize::MAX);
        let more = rows.len() > limit;
        rows.truncate(limit);
        let next_cursor = if more { rows.last().map(|row| URL_SAFE_NO_PAD.encode(cursor_of(row))) } else { None };
        Self { items: rows.into_iter().map(item).collect(), next_cursor }
    }
}

/// Flatten into no struct: take it as its own `Query` beside the filters.
#[derive(Clone, Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct PageQuery {
    /// Where to go on: `next_cursor` of the page before.
    pub cursor: Option<String>,
    /// Rows in a page; 50 where it is not given. 0 counts as 1, more than 200 as 200.
    #[param(minimum = 1, maximum = 200)]
    pub limit: Option<u64>,
}

impl PageQuery {
    pub fn limit(&self) -> u64 {
        self.limit.unwrap_or(LIMIT_DEFAULT).clamp(1, LIMIT_MOST)
    }

    /// What `cursor_of` gave for the last row of the page before.
    pub fn after(&self) -> Result<Option<String>, Problem> {
        let Some(cursor) = &self.cursor else { return Ok(None) };
        let bytes = URL_SAFE_NO_PAD.decode(cursor).map_err(|_| Problem::bad_request("cursor_invalid"))?;
        let place = String::from_utf8(bytes).ok().filter(|place| !place.contains('\0'));
        place.map(Some).ok_or_else(|| Problem::bad_request("cursor_invalid"))
    }
}

/// A time in an answer: unix milliseconds inside, RFC 3339 outside.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Time(pub i64);

impl Time {
    /// Parses RFC 3339, as in a query's `from` and `to`.
    pub fn parse(text: &str) -> Option<Self> {
        DateTime::parse_from_rfc3339(text).ok().map(|time| Self(time.timestamp_millis()))
    }
}

impl std::fmt::Display for Time {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let time: DateTime<Utc> = DateTime::from_timestamp_millis(self.0).unwrap_or_default();
        f.write_str(&time.to_rfc3339_opts(SecondsFormat::Millis, true))
    }
}

impl Serialize for Time {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Time {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Self::parse(&text).ok_or_else(|| serde::de::Error::custom("expected a time such as 2026-01-31T09:00:00Z"))
    }
}

impl utoipa::PartialSchema for Time {
    fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::schema::Schema> {
        use utoipa::openapi::schema::{KnownFormat, ObjectBuilder, SchemaFormat, Type};
        ObjectBuilder::new()
            .schema_type(Type::String)
            .format(Some(SchemaFormat::KnownFormat(KnownFormat::DateTime)))
            .build()
            .into()
    }
}

impl ToSchema for Time {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_knows_whether_more_follow() {
        let page = Page::cut(vec![1, 2, 3], 2, |n| n.to_string(), |n| n);
        assert_eq!(page.items, [1, 2]);
        let query = PageQuery { cursor: page.next_cursor, limit: None };
        assert_eq!(query.after().unwrap().as_deref(), Some("2"));
        assert!(Page::cut(vec![1, 2], 2, |n| n.to_string(), |n| n).next_cursor.is_none());
    }

    #[test]
    fn times_are_rfc_3339_outside() {
        assert_eq!(Time(1_700_000_000_123).to_string(), "2023-11-14T22:13:20.123Z");
        assert_eq!(Time::parse("2023-11-15T06:13:20.123+08:00"), Some(Time(1_700_000_000_123)));
    }
}
