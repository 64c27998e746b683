//! What the deserializer says of data that does not fit, as a problem: its words are English and for programmers, so
//! that only the place, and what would be allowed there, are taken out of them.

use super::problem::Problem;

/// Why data does not fit, with the path of the field as in `windows[0].from`.
#[derive(Debug, PartialEq, Eq)]
enum Refusal {
    Missing(String),
    /// No such word; these are.
    OneOf(String, Vec<String>),
    Unfit(String),
}

/// For the parameters of a query.
pub fn of_query(said: &str) -> Problem {
    match read(said, "query") {
        Refusal::OneOf(field, allowed) => value_unknown(&field, &allowed),
        Refusal::Missing(field) | Refusal::Unfit(field) => Problem::bad_request("query_invalid").with("field", field),
    }
}

/// For a body that is JSON and not what was asked for.
pub fn of_body(said: &str) -> Problem {
    match read(said, "body") {
        Refusal::Missing(field) => Problem::unprocessable("field_missing").with("field", field),
        Refusal::OneOf(field, allowed) => {
            Problem::unprocessable("value_unknown").with("field", field).with("allowed", allowed.join(", "))
        }
        Refusal::Unfit(field) => Problem::unprocessable("body_invalid").with("field", field),
    }
}

/// For a flow inside of a body.
pub fn of_flow(said: &str) -> Problem {
    let (Refusal::Missing(field) | Refusal::OneOf(field, _) | Refusal::Unfit(field)) = read(said, "flow");
    Problem::unprocessable("flow_invalid").with("field", field)
}

/// For a body that is no JSON, with the place where it stops being any.
pub fn of_syntax(said: &str) -> Problem {
    let place = said.rsplit_once(" at line ").and_then(|(_, place)| place.split_once(" column "));
    let number = |text: &str| text.trim().parse::<u64>().unwrap_or(0);
    let (line, column) = place.map_or((0, 0), |(line, column)| (number(line), number(column)));
    Problem::bad_request("body_not_json").with("line", line).with("column", column)
}

/// A filter's word that is none of those that it may be.
pub fn value_unknown<Word: AsRef<str>>(field: &str, allowed: &[Word]) -> Problem {
    let allowed: Vec<&str> = allowed.iter().map(AsRef::as_ref).collect();
    Problem::bad_request("value_unknown").with("field", field).with("allowed", allowed.join(", "))
}

/// The word of a filter, where it is one of these; a blank one asks for nothing.
pub fn one_of(field: &str, word: Option<String>, allowed: &[&str]) -> Result<Option<String>, Problem> {
    match word.filter(|word| !word.is_empty()) {
        Some(word) if !allowed.contains(&word.as_str()) => Err(value_unknown(field, allowed)),
        word => Ok(word),
    }
}

/// `field.path: words at line 1 column 2`; neither the path nor the place is always there. Without a path it is the
/// `whole` that does not fit.
fn read(said: &str, whole: &str) -> Refusal {
    let said = said.split_once(" at line ").map_or(said, |(words, _)| words);
    let (path, words) = match said.split_once(": ") {
        Some((path, words)) if is_path(path) => (path, words),
        Some(_) | None => ("", said),
    };
    let inside = |name: &str| if path.is_empty() { name.to_owned() } else { format!("{path}.{name}") };
    if let Some(name) = quoted(words.strip_prefix("missing field ")).first() {
        return Refusal::Missing(inside(name));
    }
    if let Some(name) = quoted(words.strip_prefix("unknown field ")).first() {
        // A struct that takes no strangers names the stranger already.
        return Refusal::Unfit(if path.ends_with(name.as_str()) { path.to_owned() } else { inside(name) });
    }
    let path = if path.is_empty() { whole } else { path };
    if let Some(rest) = words.strip_prefix("unknown variant ") {
        let allowed = quoted(rest.split_once(", expected ").map(|(_, allowed)| allowed));
        return Refusal::OneOf(path.to_owned(), allowed);
    }
    Refusal::Unfit(path.to_owned())
}

fn is_path(text: &str) -> bool {
    !text.is_empty() && text.chars().all(|sign| sign.is_alphanumeric() || "_.[]?-".contains(sign))
}

/// What stands between backticks.
fn quoted(text: Option<&str>) -> Vec<String> {
    text.unwrap_or_default().split('`').skip(1).step_by(2).map(str::to_owned).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde::Deserialize;

    #[derive(Debug, Deserialize)]
    #[serde(rename_all = "snake_case")]
    enum Verdict {
        Good,
        Bad,
        Ugly,
    }

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    #[allow(dead_code, reason = "only refused")]
    struct Body {
        name: String,
        verdict: Verdict,
    }

    fn refused(json: &str) -> Refusal {
        read(&serde_json::from_str::<Body>(json).unwrap_err().to_string(), "body")
    }

    /// The deserializer's words are not ours: a version that says it otherwise fails here.
    #[test]
    fn the_deserializers_words_are_understood() {
        assert_eq!(refused(r#"{"verdict": "good"}"#), Refusal::Missing("name".into()));
        let allowed = ["good", "bad", "ugly"].map(str::to_owned).to_vec();
        assert_eq!(refused(r#"{"name": "a", "verdict": "fair"}"#), Refusal::OneOf("body".into(), allowed));
        assert_eq!(refused(r#"{"name": "a", "x": 1}"#), Refusal::Unfit("x".into()));
        assert_eq!(refused(r#"{"name": 1}"#), Refusal::Unfit("body".into()));
        let two = ["on", "off"].map(str::to_owned).to_vec();
        assert_eq!(
            read("state: unknown variant `x`, expected `on` or `off`", "body"),
            Refusal::OneOf("state".into(), two)
        );
        assert_eq!(
            read("windows[0]: missing field `to` at line 1 column 3", "body"),
            Refusal::Missing("windows[0].to".into())
        );
        assert_eq!(
            read("windows[0].x: unknown field `x`, expected `to`", "body"),
            Refusal::Unfit("windows[0].x".into())
        );
        assert_eq!(read("limit: invalid digit found in string", "body"), Refusal::Unfit("limit".into()));
        assert_eq!(read("expected value", "body"), Refusal::Unfit("body".into()));
    }

    #[test]
    fn a_body_that_is_no_json_is_told_where() {
        let said = serde_json::from_str::<Body>("{\n \"name\" 1}").unwrap_err().to_string();
        let problem = of_syntax(&said);
        assert_eq!(
            (problem.code, &problem.params["line"], &problem.params["column"]),
            ("body_not_json", &2.into(), &9.into())
        );
    }

    #[test]
    fn a_filter_is_one_of_its_words_or_is_refused() {
        let words = ["done", "failed"];
        assert_eq!(one_of("state", Some("done".into()), &words).unwrap().as_deref(), Some("done"));
        assert_eq!(one_of("state", Some(String::new()), &words).unwrap(), None);
        assert_eq!(one_of("state", Some("x".into()), &words).unwrap_err().params["allowed"], "done, failed");
    }
}
