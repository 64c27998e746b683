//! The SQL that stands in the sources, with the constants of its file filled in.

use std::path::{Path, PathBuf};

use regex::Regex;

pub struct Source {
    /// File and line.
    pub place: String,
    /// The text, cut where something is put in while it runs.
    pub pieces: Vec<String>,
}

impl Source {
    /// Whether `sql` begins as this text does and goes on with its pieces in order.
    pub fn is_in(&self, sql: &str) -> bool {
        let mut rest = sql;
        self.pieces.iter().enumerate().all(|(n, piece)| match rest.find(piece.as_str()) {
            Some(at) if n > 0 || at == 0 => {
                rest = &rest[at + piece.len()..];
                true
            }
            Some(_) | None => false,
        })
    }
}

/// Every text that begins as a statement does.
pub fn statements() -> Vec<Source> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut files = Vec::new();
    rust_files(&root, &mut files);
    files.sort();
    // A text, or what could be mistaken for the edge of one.
    let text = Regex::new(r##"(?s)r#".*?"#|//[^\n]*|'(?:\\.|[^'\\\n])'|"((?:[^"\\]|\\.)*)""##).unwrap();
    let statement = Regex::new("^(SELECT|INSERT INTO|UPDATE|DELETE FROM|WITH) ").unwrap();
    let gap = Regex::new(r"\{[^}]*\}").unwrap();
    let constant = Regex::new(r#"const ([A-Z_]+): [^=;]+=\s*(?:"((?:[^"\\]|\\.|\\\n)*)"|([0-9_]+));"#).unwrap();
    let mut out = Vec::new();
    for file in files {
        let source = std::fs::read_to_string(&file).unwrap();
        let source = source.split("#[cfg(test)]\nmod tests").next().unwrap_or_default();
        let constants = constants(source, &constant);
        let texts = text.captures_iter(source).filter_map(|found| found.get(1));
        for found in texts.filter(|found| statement.is_match(found.as_str())) {
            let mut sql = unescaped(found.as_str());
            for (name, value) in constants.iter().chain(&constants) {
                sql = sql.replace(&format!("{{{name}}}"), value);
            }
            let line = source[..found.start()].lines().count();
            let place = format!("{}:{line}", file.strip_prefix(&root).unwrap().display());
            out.push(Source { place, pieces: gap.split(&sql).map(str::to_owned).collect() });
        }
    }
    out
}

/// Texts and numbers by their names.
fn constants(source: &str, constant: &Regex) -> Vec<(String, String)> {
    let found = constant.captures_iter(source).map(|found| {
        let value = match (found.get(2), found.get(3)) {
            (Some(text), None | Some(_)) => unescaped(text.as_str()),
            (None, number) => number.map_or("", |number| number.as_str()).replace('_', ""),
        };
        (found[1].to_owned(), value)
    });
    found.collect()
}

/// As the compiler reads it.
fn unescaped(text: &str) -> String {
    let mut lines = text.split("\\\n");
    let first = lines.next().unwrap_or_default().to_owned();
    let whole = lines.fold(first, |whole, line| whole + line.trim_start());
    whole.replace("\\\"", "\"").replace("\\\\", "\\")
}

fn rust_files(folder: &Path, found: &mut Vec<PathBuf>) {
    for path in std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()) {
        if path.is_dir() {
            rust_files(&path, found);
        } else if path.extension().is_some_and(|ending| ending == "rs") {
            found.push(path);
        }
    }
}
