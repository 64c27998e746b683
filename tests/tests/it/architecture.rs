//! The rules of the house, read from cargo's metadata and from the sources.

use serde_json::Value;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

const MOST_LINES: usize = 600;

/// Which of our own packages each package may lean on.
fn allowed() -> BTreeMap<&'static str, &'static [&'static str]> {
    BTreeMap::from([
        ("shared-proto", &[][..]),
        ("dialogue", &["shared-proto"]),
        ("platform", &["shared-proto"]),
        ("migrations", &["platform"]),
        ("call-core", &["shared-proto", "dialogue"]),
        ("speech", &["shared-proto"]),
        ("carrier-sim", &["shared-proto", "call-core", "speech"]),
        ("edge-gateway", &["shared-proto", "dialogue", "platform", "call-core", "speech"]),
        ("sheets", &[]),
        ("control-plane", &["shared-proto", "dialogue", "platform", "migrations", "sheets"]),
    ])
}

const PURE: [&str; 3] = ["shared-proto/src", "shared-proto/dialogue/src", "edge-gateway/call-core/src"];
const IMPURE_WORDS: [&str; 6] =
    ["tokio::", "Instant::now", "SystemTime", "std::net::UdpSocket", "Utc::now", "std::thread"];

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..").canonicalize().unwrap()
}

fn sources(folder: &Path, endings: &[&str], found: &mut Vec<PathBuf>) {
    let Ok(entries) = std::fs::read_dir(folder) else { return };
    for path in entries.map(|entry| entry.unwrap().path()) {
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        if path.is_dir() {
            let skipped = ["node_modules", "dist", "target", "generated", "test-results", "var"];
            if !name.starts_with('.') && !skipped.contains(&name.as_str()) {
                sources(&path, endings, found);
            }
        } else if endings.iter().any(|ending| name.ends_with(ending)) && !name.ends_with(".d.ts") {
            found.push(path);
        }
    }
}

#[test]
fn arrows_between_our_packages_only_point_down() {
    let cargo = std::process::Command::new(env!("CARGO"))
        .args(["metadata", "--no-deps", "--format-version", "1", "--offline"])
        .current_dir(root())
        .output()
        .unwrap();
    let metadata: Value = serde_json::from_slice(&cargo.stdout).unwrap();
    let packages = metadata["packages"].as_array().unwrap();
    let ours: Vec<&str> = packages.iter().map(|package| package["name"].as_str().unwrap()).collect();
    let allowed = allowed();
    let mut wrong = Vec::new();
    for package in packages {
        let name = package["name"].as_str().unwrap();
        // The top of the house composes everything.
        let Some(below) = allowed.get(name) else { continue };
        for dependency in package["dependencies"].as_array().unwrap() {
            let on = dependency["name"].as_str().unwrap();
            let ours = ours.contains(&on) && dependency["kind"] != "dev";
            if ours && !below.contains(&on) {
                wrong.push(format!("{name} → {on}"));
            }
        }
    }
    assert!(wrong.is_empty(), "these arrows do not point down: {wrong:?}");
}

#[test]
fn pure_packages_have_no_clock_no_socket_and_no_runtime() {
    let mut wrong = Vec::new();
    for folder in PURE {
        let mut files = Vec::new();
        sources(&root().join(folder), &[".rs"], &mut files);
        for file in files {
            let text = std::fs::read_to_string(&file).unwrap();
            for (number, line) in text.lines().enumerate() {
                let code = line.split("//").next().unwrap_or_default();
                for word in IMPURE_WORDS.iter().filter(|word| code.contains(**word)) {
                    wrong.push(format!("{}:{}: {word}", file.display(), number + 1));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "a pure package takes time and bytes as arguments: {wrong:#?}");
}

#[test]
fn rules_and_the_planner_import_nothing_but_words_and_sibling_rules() {
    let mut files = Vec::new();
    sources(&root().join("control-plane/src/features"), &["rules.rs", "planner.rs"], &mut files);
    let mut wrong = Vec::new();
    for file in files {
        let text = std::fs::read_to_string(&file).unwrap();
        let code = text.split("#[cfg(test)]").next().unwrap_or_default();
        for line in code.lines().map(str::trim).filter(|line| line.starts_with("use ")) {
            let fine = [
                "use std",
                "use shared_proto",
                "use dialogue",
                "use super",
                "use chrono",
                "use serde",
                "use thiserror",
                "use indexmap",
                // The catalogue, which is part of the program.
                "use crate::text::",
            ]
            .iter()
            .any(|start| line.starts_with(start))
                || (line.starts_with("use crate::features::") && (line.contains("rules") || line.contains("planner")))
                // A type's own variants.
                || line["use ".len()..].starts_with(char::is_uppercase);
            let io = ["super::store", "super::http", "super::jobs"].iter().any(|word| line.contains(word));
            if !fine || io {
                wrong.push(format!("{}: {line}", file.display()));
            }
        }
    }
    assert!(wrong.is_empty(), "decisions import no I/O: {wrong:#?}");
}

#[test]
fn no_source_file_is_over_six_hundred_lines() {
    let mut files = Vec::new();
    sources(&root(), &[".rs", ".ts", ".tsx"], &mut files);
    assert!(files.len() > 50, "the sources were not found");
    let long: Vec<String> = files
        .iter()
        .map(|file| (file, std::fs::read_to_string(file).unwrap().lines().count()))
        .filter(|(_, lines)| *lines > MOST_LINES)
        .map(|(file, lines)| format!("{} has {lines} lines", file.display()))
        .collect();
    assert!(long.is_empty(), "find the second idea in these: {long:#?}");
}

#[test]
fn every_source_file_of_a_room_says_what_it_is() {
    let mut files = Vec::new();
    for folder in ["src", "shared-proto", "platform", "migrations", "edge-gateway", "control-plane", "tests"] {
        sources(&root().join(folder), &[".rs"], &mut files);
    }
    let silent: Vec<_> = files
        .iter()
        .filter(|file| {
            let text = std::fs::read_to_string(file).unwrap();
            !text.lines().find(|line| !line.trim().is_empty()).is_some_and(|line| line.starts_with("//!"))
        })
        .collect();
    assert!(silent.is_empty(), "a file opens with //! saying what it is: {silent:#?}");
}
