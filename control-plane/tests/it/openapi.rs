//! The description of the API is checked in; a change of it is seen in review.

use std::path::Path;

use serde_json::{Map, Value};

/// `BELLBIRD_WRITE_OPENAPI=1` writes the file anew.
#[test]
fn the_checked_in_description_is_what_the_code_says() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../openapi.json");
    let now = control_plane::openapi();
    if std::env::var_os("BELLBIRD_WRITE_OPENAPI").is_some() {
        std::fs::write(&path, &now).unwrap();
    }
    let checked_in = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(checked_in == now, "openapi.json is behind the code: run script/openapi");
}

fn description() -> Value {
    serde_json::from_str(&control_plane::openapi()).unwrap()
}

/// What a name in the document stands for.
fn named<'a>(description: &'a Value, schema: &'a Value) -> &'a Value {
    match schema["$ref"].as_str() {
        Some(place) => description.pointer(place.trim_start_matches('#')).unwrap(),
        None => schema,
    }
}

/// Whether an object has what the schema requires, and nothing that it refuses. It looks no deeper than the object's own
/// properties.
fn admits(description: &Value, schema: &Value, object: &Map<String, Value>) -> bool {
    let schema = named(description, schema);
    let list = |name: &str| schema[name].as_array().map(Vec::as_slice);
    if let Some(choices) = list("oneOf") {
        return choices.iter().filter(|choice| admits(description, choice, object)).count() == 1;
    }
    if let Some(parts) = list("allOf") {
        return parts.iter().all(|part| admits(description, part, object));
    }
    let known = |name: &String| schema["additionalProperties"] != false || schema["properties"].get(name).is_some();
    let fits = |name: &String, value: &Value| match schema["properties"][name]["enum"].as_array() {
        Some(words) => words.contains(value),
        None => true,
    };
    let required = list("required").unwrap_or_default();
    required.iter().all(|name| object.contains_key(name.as_str().unwrap()))
        && object.iter().all(|(name, value)| known(name) && fits(name, value))
}

/// Each kind of node has its tag beside the properties of its struct, which must not refuse it.
#[test]
fn a_real_flow_agrees_with_its_description() {
    let description = description();
    let schemas = &description["components"]["schemas"];
    let flow: Value = serde_json::from_str(include_str!("../../src/features/scripts/starter.json")).unwrap();
    assert!(admits(&description, &schemas["Flow"], flow.as_object().unwrap()));
    let nodes = flow["nodes"].as_array().unwrap();
    assert!(!nodes.is_empty());
    for node in nodes {
        let mut node = node.as_object().unwrap().clone();
        assert!(admits(&description, &schemas["flow.Node"], &node), "the description refuses {node:?}");
        node.insert("kind".into(), "no such kind".into());
        assert!(!admits(&description, &schemas["flow.Node"], &node));
    }
}

#[test]
fn problems_come_as_what_the_description_says() {
    let description = description();
    let paths = description["paths"].as_object().unwrap();
    for (path, operation) in
        paths.iter().flat_map(|(path, item)| item.as_object().unwrap().values().map(move |it| (path, it)))
    {
        let responses = operation["responses"].as_object().unwrap();
        assert!(responses.contains_key("default"), "{path}");
        for (status, response) in responses {
            for (media, content) in response["content"].as_object().into_iter().flatten() {
                let is_problem = content["schema"]["$ref"] == "#/components/schemas/ProblemBody";
                assert_eq!(media == "application/problem+json", is_problem, "{path} {status}");
            }
        }
    }
}

#[test]
fn every_operation_has_an_id_of_its_own() {
    let description = description();
    let mut ids: Vec<&str> = description["paths"]
        .as_object()
        .unwrap()
        .values()
        .flat_map(|path| path.as_object().unwrap().values())
        .map(|operation| operation["operationId"].as_str().unwrap())
        .collect();
    ids.sort_unstable();
    let all = ids.len();
    ids.dedup();
    assert_eq!(ids.len(), all, "two operations share an id");
}
