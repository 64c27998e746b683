//! The description of the API is checked in; a change of it is seen in review.

use std::path::Path;

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

#[test]
fn every_operation_has_an_id_of_its_own() {
    let description: serde_json::Value = serde_json::from_str(&control_plane::openapi()).unwrap();
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
