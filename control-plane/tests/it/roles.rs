//! The role matrix: every operation of the description, as every role, as another tenant's admin
//! and as nobody. New operations appear by themselves; the snapshot is read in review.

use reqwest::Method;
use serde_json::{Value, json};

use crate::app::TestApp;

const CALLERS: [&str; 5] = ["admin", "operator", "scripter", "agent", "viewer"];

/// Ids that exist in no tenant, by the word that a path's id belongs to.
fn unknown_id(path: &str) -> String {
    let owner = path.split("/{").next().unwrap_or_default().rsplit('/').next().unwrap_or_default();
    let prefix = match owner {
        "users" => "usr",
        "groups" => "grp",
        "contacts" => "con",
        "imports" => "imp",
        "blacklist" => "dnc",
        "labels" => "lab",
        "scripts" => "scr",
        "versions" => "ver",
        "trunks" => "trk",
        "edges" => "edg",
        "campaigns" => "cmp",
        "calls" => "cal",
        "leads" => "led",
        "alerts" => "alt",
        _ => "evt",
    };
    format!("{prefix}_{}", "0".repeat(26))
}

struct Operation {
    method: Method,
    path: String,
}

fn operations() -> Vec<Operation> {
    let description: Value = serde_json::from_str(&control_plane::openapi()).unwrap();
    let mut operations = Vec::new();
    for (path, item) in description["paths"].as_object().unwrap() {
        for method in item.as_object().unwrap().keys() {
            let method: Method = method.to_uppercase().parse().unwrap();
            operations.push(Operation { method, path: path.clone() });
        }
    }
    operations.sort_by(|a, b| (&a.path, a.method.as_str()).cmp(&(&b.path, b.method.as_str())));
    operations
}

impl Operation {
    /// An operation that ends the caller's own session or changes the own password spoils the rest.
    fn spoils(&self) -> bool {
        self.method == Method::DELETE && self.path == "/v1/sessions"
    }

    fn url(&self) -> String {
        let mut url = String::new();
        for segment in self.path.split('/').skip(1) {
            url.push('/');
            if segment.starts_with('{') {
                let so_far = format!("{url}{segment}");
                url.push_str(&unknown_id(&so_far));
            } else {
                url.push_str(segment);
            }
        }
        url
    }
}

/// What a caller gets: the status, and for a refusal its code. Past the guard, an empty body or an
/// unknown id is refused as well; that shows as 4xx with another code.
async fn ask(app: &TestApp, operation: &Operation, token: Option<&str>) -> String {
    let mut request = app.http.request(operation.method.clone(), format!("{}{}", app.base, operation.url()));
    if let Some(token) = token {
        request = request.bearer_auth(token);
    }
    if !matches!(operation.method, Method::GET | Method::DELETE) {
        request = request.json(&json!({}));
    }
    let response = request.send().await.unwrap();
    let status = response.status().as_u16();
    if response.headers().get("content-type").is_some_and(|kind| kind == "application/problem+json") {
        let body: Value = response.json().await.unwrap();
        return format!("{status} {}", body["code"].as_str().unwrap());
    }
    status.to_string()
}

#[tokio::test]
async fn role_matrix() {
    let app = TestApp::new().await;
    app.another_tenant("other").await;
    let mut tokens = Vec::new();
    for caller in CALLERS {
        tokens.push((caller, app.login(&format!("{caller}@demo")).await));
    }
    let mut text = String::new();
    for operation in operations() {
        text.push_str(&format!("{} {}\n", operation.method, operation.path));
        let mut line = |caller: &str, answer: String| text.push_str(&format!("    {caller:<9} {answer}\n"));
        line("nobody", ask(&app, &operation, None).await);
        for (caller, token) in &tokens {
            if operation.spoils() {
                let own = app.login(&format!("{caller}@demo")).await;
                line(caller, ask(&app, &operation, Some(&own)).await);
            } else {
                line(caller, ask(&app, &operation, Some(token)).await);
            }
        }
    }
    insta::assert_snapshot!("role_matrix", text);
    app.end().await;
}

#[tokio::test]
async fn nobody_gets_past_the_guard_of_any_operation() {
    let app = TestApp::new().await;
    for operation in operations() {
        let answer = ask(&app, &operation, None).await;
        let open = operation.method == Method::POST && operation.path == "/v1/sessions";
        assert!(open || answer == "401 signed_out", "{} {}: {answer}", operation.method, operation.path);
    }
    app.end().await;
}

/// Every id of tenant `demo` that any of its roles can list.
async fn ids_of_demo(app: &TestApp) -> Vec<String> {
    let id = regex::Regex::new("\"([a-z]{3}_[0-9a-z]{26})\"").unwrap();
    let mut ids = Vec::new();
    for caller in CALLERS {
        let token = app.login(&format!("{caller}@demo")).await;
        for operation in operations() {
            if operation.method == Method::GET && !operation.path.contains('{') && operation.path != "/v1/events" {
                let text = app.get(&token, &operation.path).await.body.to_string();
                ids.extend(id.captures_iter(&text).map(|found| found[1].to_owned()));
            }
        }
    }
    ids.sort();
    ids.dedup();
    ids
}

#[tokio::test]
async fn another_tenants_ids_are_not_found_by_any_role() {
    let app = TestApp::new().await;
    app.another_tenant("other").await;
    let ids = ids_of_demo(&app).await;
    assert!(ids.iter().any(|id| id.starts_with("usr_")));
    for caller in CALLERS {
        let token = app.login(&format!("{caller}@other")).await;
        for operation in operations().iter().filter(|operation| operation.path.contains('{')) {
            let unknown = operation.url();
            let prefix = unknown.split('/').find_map(|part| part.split_once("_0000")).map(|(prefix, _)| prefix);
            let Some(prefix) = prefix else { continue };
            for id in ids.iter().filter(|id| id.starts_with(&format!("{prefix}_"))) {
                let path = unknown.replace(&format!("{prefix}_{}", "0".repeat(26)), id);
                let body = (!matches!(operation.method, Method::GET | Method::DELETE)).then(|| json!({}));
                let answer = app.call(operation.method.clone(), &path, Some(&token), body).await;
                // A body that does not fit is refused before the id is looked at.
                let refused = ["404 not_found", "403 forbidden", "422 body_invalid"];
                assert!(
                    refused.contains(&answer.problem().as_str()),
                    "{caller} {} {path}: {}",
                    operation.method,
                    answer.body
                );
            }
        }
    }
    app.end().await;
}
