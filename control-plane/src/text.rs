//! The catalogue of texts for people. `locales/*.json` is the one source: problems and server-made
//! sheets are read here, `ui` is the portal's.

use std::sync::LazyLock;

use serde_json::{Map, Value};

/// The languages people may ask for. Chinese comes first and is the default.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum Language {
    #[default]
    Chinese,
    English,
}

static CHINESE: LazyLock<Value> = LazyLock::new(|| parse(include_str!("../../locales/zh-CN.json")));
static ENGLISH: LazyLock<Value> = LazyLock::new(|| parse(include_str!("../../locales/en.json")));

fn parse(text: &str) -> Value {
    serde_json::from_str(text).expect("the catalogues are part of the build and a test reads them")
}

impl Language {
    /// From an `Accept-Language` header: English only where it is asked for before Chinese.
    pub fn accepted(header: Option<&str>) -> Self {
        for wanted in header.unwrap_or_default().split(',') {
            match wanted.trim().get(..2) {
                Some("zh") => return Self::Chinese,
                Some("en") => return Self::English,
                _ => {}
            }
        }
        Self::Chinese
    }

    fn catalogue(self) -> &'static Value {
        match self {
            Self::Chinese => &CHINESE,
            Self::English => &ENGLISH,
        }
    }

    /// The text at `section.key` with `{name}` filled from `params`; the key itself where there is none.
    pub fn text(self, section: &str, key: &str, params: &Map<String, Value>) -> String {
        match self.find(section, key) {
            Some(text) => fill(text, params),
            None => key.to_owned(),
        }
    }

    /// The text at `section.key` as it stands; a key may have dots for deeper levels.
    pub fn find(self, section: &str, key: &str) -> Option<&'static str> {
        let section = self.catalogue().get(section)?;
        section.get(key).or_else(|| key.split('.').try_fold(section, |at, step| at.get(step)))?.as_str()
    }
}

fn fill(text: &str, params: &Map<String, Value>) -> String {
    let mut out = text.to_owned();
    for (name, value) in params {
        let placeholder = format!("{{{name}}}");
        if out.contains(&placeholder) {
            let value = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
            out = out.replace(&placeholder, &value);
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn leaves(at: &Value, path: &str, into: &mut Vec<String>) {
        match at {
            Value::Object(map) => map.iter().for_each(|(key, value)| leaves(value, &format!("{path}.{key}"), into)),
            _ => into.push(path.to_owned()),
        }
    }

    #[test]
    fn both_languages_have_the_same_keys() {
        for section in ["problem", "sheet", "finding", "understood", "voice"] {
            let (mut chinese, mut english) = (Vec::new(), Vec::new());
            leaves(&CHINESE[section], section, &mut chinese);
            leaves(&ENGLISH[section], section, &mut english);
            chinese.sort();
            english.sort();
            assert_eq!(chinese, english);
        }
    }

    /// Reads the sources: a code without a text would reach people as a bare word.
    #[test]
    fn every_problem_code_in_the_sources_has_a_text() {
        let code = regex::Regex::new(r#"Problem::[a-z_]+\(\s*"([a-z0-9_]+)""#).unwrap();
        let mut folders = vec![std::path::PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/src"))];
        let mut missing = Vec::new();
        while let Some(folder) = folders.pop() {
            for entry in std::fs::read_dir(folder).unwrap() {
                let path = entry.unwrap().path();
                if path.is_dir() {
                    folders.push(path);
                } else {
                    let source = std::fs::read_to_string(&path).unwrap();
                    let codes = code.captures_iter(&source).map(|found| found[1].to_owned());
                    missing.extend(codes.filter(|code| Language::Chinese.find("problem", code).is_none()));
                }
            }
        }
        assert_eq!(missing, Vec::<String>::new());
    }

    #[test]
    fn placeholders_are_filled() {
        let params = serde_json::json!({"seconds": 30});
        assert_eq!(fill("再等 {seconds} 秒", params.as_object().unwrap()), "再等 30 秒");
    }

    #[test]
    fn chinese_is_the_default() {
        assert_eq!(Language::accepted(None), Language::Chinese);
        assert_eq!(Language::accepted(Some("fr, en;q=0.8, zh;q=0.5")), Language::English);
    }
}
