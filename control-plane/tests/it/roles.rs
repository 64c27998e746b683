//! The role matrix: every operation of the description, as every role, as another tenant's admin
//! and as nobody. New operations appear by themselves; the snapshot is read in review.

use std::collections::BTreeMap;

use control_plane::features::alerts::{Level, Scope, raise};
use control_plane::tenant_db::TenantDb;
use reqwest::Method;
use serde_json::{Value, json};
use shared_proto::outcome::{Cause, Disposition};
use shared_proto::wire::{AttemptResult, Down, JobVerdict, LabelDecision, Progress, Up};

use crate::app::TestApp;
use crate::campaigns::Stage;
use crate::fake_edge::{FakeEdge, Uplink, ended};
use crate::imports::import;

pub const CALLERS: [&str; 5] = ["admin", "operator", "scripter", "agent", "viewer"];

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

pub struct Operation {
    pub method: Method,
    pub path: String,
}

pub fn operations() -> Vec<Operation> {
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
    pub fn spoils(&self) -> bool {
        self.method == Method::DELETE && self.path == "/v1/sessions"
    }

    /// The path with an id of each kind out of `ids`, by the ids' prefixes.
    pub fn url_with(&self, ids: &BTreeMap<String, String>) -> String {
        let mut path = self.url();
        for (prefix, id) in ids {
            path = path.replace(&format!("{prefix}_{}", "0".repeat(26)), id);
        }
        path
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

/// A stage with one row of every kind that has an id.
pub async fn furnished() -> Stage {
    let stage = Stage::new("rehearsal").await;
    let (_, mut edge) = stage.calling(1).await;
    let job = edge.job().await;
    edge.verdict(&job, JobVerdict::Accepted).await;
    let label = LabelDecision { key: "high".into(), rule: "asked_for_terms".into(), quote: None };
    let result = ended(&job, Disposition::Answered, Cause::CustomerHangUp);
    edge.result(AttemptResult { label: Some(label), ..result }).await;
    import(&stage.app, &stage.operator, "a.csv", "手机\n13800000001\n".as_bytes(), &[]).await;
    stage.app.post(&stage.operator, "/v1/blacklist", json!({"number": "13800000009"})).await.ok();
    let db = TenantDb::of(&stage.app.app.database, stage.app.tenant);
    let tx = db.write().await.unwrap();
    let params = json!({});
    raise(&stage.app.app, &db, &tx, "recordings_not_stored", Level::Urgent, params, Scope::default()).await.unwrap();
    tx.commit().await.unwrap();
    stage
}

/// An id of tenant `demo` by its prefix, out of what any of its roles can list.
pub async fn ids_of_demo(app: &TestApp) -> BTreeMap<String, String> {
    let id = regex::Regex::new("\"(([a-z]{3})_[0-9a-z]{26})\"").unwrap();
    let mut ids = BTreeMap::new();
    for caller in CALLERS {
        let token = app.login(&format!("{caller}@demo")).await;
        for operation in operations() {
            if operation.method == Method::GET && !operation.path.contains('{') && operation.path != "/v1/events" {
                let text = app.get(&token, &operation.path).await.body.to_string();
                ids.extend(id.captures_iter(&text).map(|found| (found[2].to_owned(), found[1].to_owned())));
            }
        }
    }
    ids
}

/// A body that the operation would take.
pub fn fitting_body(operation: &Operation, ids: &BTreeMap<String, String>) -> Option<Value> {
    let path = operation.path.as_str();
    match (operation.method.as_str(), path) {
        ("GET" | "DELETE", _) => None,
        ("PATCH", _) => Some(json!({"name": "another name"})),
        (_, "/v1/campaigns/{id}/stop") => Some(json!({"calls_in_progress": "hang_up"})),
        (_, "/v1/leads/{id}/reveal" | "/v1/trunks/{id}/fault") => Some(json!({"reason": "a reason"})),
        (_, "/v1/leads/{id}/follow-ups") => Some(json!({"result": "reached", "status": "following"})),
        (_, "/v1/scripts/{id}/rollback") => Some(json!({"version_id": ids["ver"]})),
        (_, "/v1/groups/{id}/contacts") => Some(json!({"contact_ids": [ids["con"]]})),
        (_, "/v1/scripts/{id}/try") => Some(json!({"lines": []})),
        _ => Some(json!({})),
    }
}

#[tokio::test]
async fn another_tenants_ids_are_not_found_by_any_role() {
    let stage = furnished().await;
    let app = &stage.app;
    app.another_tenant("other").await;
    let ids = ids_of_demo(app).await;
    let with_ids: Vec<Operation> = operations().into_iter().filter(|operation| operation.path.contains('{')).collect();
    let mut asked = BTreeMap::new();
    for caller in CALLERS {
        let token = app.login(&format!("{caller}@other")).await;
        for operation in &with_ids {
            let path = operation.url_with(&ids);
            assert!(!path.contains(&"0".repeat(26)), "the demo has no id for {path}");
            let body = fitting_body(operation, &ids);
            let answer = app.call(operation.method.clone(), &path, Some(&token), body).await;
            asked
                .entry(format!("{} {}", operation.method, operation.path))
                .or_insert_with(Vec::new)
                .push(answer.problem());
        }
    }
    for (operation, answers) in asked {
        // Edges belong to no tenant: another than the first may not touch them at all.
        let past_the_role = if operation.contains("/v1/edges/") { "403 edges_of_house" } else { "404 not_found" };
        let (past, stopped): (Vec<_>, Vec<_>) = answers.iter().partition(|answer| *answer != "403 forbidden");
        assert!(!past.is_empty() && stopped.len() < CALLERS.len(), "no role may call {operation}");
        assert!(past.iter().all(|answer| *answer == past_the_role), "{operation}: {past:?}");
    }
    stage.app.end().await;
}

#[tokio::test]
async fn another_tenants_ids_in_a_body_are_not_found_either() {
    let stage = furnished().await;
    let app = &stage.app;
    app.another_tenant("other").await;
    let ids = ids_of_demo(app).await;
    let operator = app.login("operator@other").await;
    let own = app.post(&operator, "/v1/contacts", json!({"number": "13800000002"})).await.ok();
    let own = format!("/v1/contacts/{}", own["id"].as_str().unwrap());
    let contact = json!({"number": "13800000003", "group_ids": [ids["grp"]]});
    assert_eq!(app.post(&operator, "/v1/contacts", contact).await.problem(), "422 group_unknown");
    assert_eq!(app.patch(&operator, &own, json!({"group_ids": [ids["grp"]]})).await.problem(), "422 group_unknown");
    let archive = json!({"group_id": ids["grp"]});
    assert_eq!(app.post(&operator, "/v1/contacts/archive", archive).await.problem(), "422 group_unknown");
    let many = app.post(&operator, "/v1/contacts/archive", json!({"ids": [ids["con"]]})).await.ok();
    assert_eq!(many["archived"], 0);
    let group = app.post(&operator, "/v1/groups", json!({"name": "own"})).await.ok();
    let path = format!("/v1/groups/{}/contacts", group["id"].as_str().unwrap());
    let grouped = app.post(&operator, &path, json!({"contact_ids": [ids["con"]]})).await;
    assert_eq!(grouped.problem(), "422 contact_unknown");
    let listed = app.post(&operator, "/v1/blacklist", json!({"contact_id": ids["con"]})).await;
    assert_eq!(listed.problem(), "404 not_found");
    let csv = "手机\n13800000004\n".as_bytes();
    let import = crate::imports::upload(app, &operator, "a.csv", csv, &[("group", &ids["grp"])]).await;
    assert_eq!(import.problem(), "422 group_unknown");
    let campaign = json!({"name": "c", "remark": "", "group_id": ids["grp"], "script_id": ids["scr"], "trunk_id": ids["trk"],
        "max_calls": 1, "retry": {"attempts": 1, "interval_s": 60},
        "windows": [{"weekdays": [1], "from": "09:00", "to": "18:00"}]});
    assert_eq!(app.post(&operator, "/v1/campaigns", campaign).await.status, 422);
    stage.app.end().await;
}

#[tokio::test]
async fn only_the_first_tenant_manages_edges() {
    let app = TestApp::new().await;
    app.another_tenant("other").await;
    let (first, second) = (app.login("admin@demo").await, app.login("admin@other").await);
    let manages = async |token: &str| {
        let me = app.get(token, "/v1/me").await.ok();
        me["permissions"].as_array().unwrap().contains(&json!("edges.manage"))
    };
    assert!(manages(&first).await);
    assert!(!manages(&second).await);
    let edge = app.post(&first, "/v1/edges", json!({"name": "edge"})).await.ok();
    let path = format!("/v1/edges/{}", edge["id"].as_str().unwrap());
    assert_eq!(app.post(&second, "/v1/edges", json!({"name": "edge"})).await.problem(), "403 edges_of_house");
    assert_eq!(app.post(&second, &format!("{path}/drain"), json!({})).await.problem(), "403 edges_of_house");
    assert_eq!(app.delete(&second, &format!("{path}/drain")).await.problem(), "403 edges_of_house");
    assert_eq!(app.delete(&second, &path).await.problem(), "403 edges_of_house");
    app.delete(&first, &path).await.ok();
    app.end().await;
}

#[tokio::test]
async fn a_tenant_sees_its_own_calls_on_an_edge_and_not_how_many_others_have() {
    let stage = Stage::new("rehearsal").await;
    stage.app.another_tenant("other").await;
    stage.contacts(1, 1, "1990000").await;
    let mut edge = FakeEdge::online(&stage.app, &stage.uplink, 10).await;
    let campaign = stage.campaign(json!({})).await;
    stage.ask(&campaign, "start").await;
    let job = edge.job().await;
    edge.verdict(&job, JobVerdict::Accepted).await;
    edge.progress(&job, Progress::Dialing).await;
    edge.say(&Up::Capacity { free: 2, live: 40, trunks: Vec::new(), trouble: None }).await;
    let stranger = stage.app.login("admin@other").await;
    let seen = async |token: &str| {
        let list = stage.app.get(token, "/v1/edges").await.ok()["items"][0].clone();
        let page = stage.app.get(token, "/v1/system").await.ok()["edges"][0].clone();
        assert_eq!(list, page);
        format!("{} {} {} {}", list["state"], list["live"], list["free"], list["room"])
    };
    stage.app.until(async || seen(&stage.admin).await.starts_with("\"online\" 40")).await;
    assert_eq!(seen(&stage.admin).await, "\"online\" 40 2 \"little\"", "the house knows the load of its edges");
    assert_eq!(seen(&stranger).await, "\"online\" 0 null \"little\"");
    let own = TenantDb::of(&stage.app.app.database, stage.app.tenant);
    let calls = async || control_plane::features::campaigns::attempts::calls_by_edge(&own).await.unwrap();
    stage.app.until(async || calls().await.into_values().eq([1])).await;
    stage.app.end().await;
}

#[tokio::test]
async fn a_drained_edge_takes_calls_again() {
    let app = TestApp::new().await;
    let uplink = Uplink::of(&app);
    let admin = app.login("admin@demo").await;
    let mut edge = FakeEdge::online(&app, &uplink, 10).await;
    let listed = async || app.get(&admin, "/v1/edges").await.ok()["items"][0].clone();
    let path = format!("/v1/edges/{}/drain", listed().await["id"].as_str().unwrap());
    app.until(async || listed().await["state"] == "online").await;
    app.post(&admin, &path, json!({})).await.ok();
    assert_eq!((edge.hear().await, &listed().await["state"]), (Down::Drain, &json!("draining")));
    app.delete(&admin, &path).await.ok();
    assert_eq!((edge.hear().await, &listed().await["state"]), (Down::Resume, &json!("online")));
    app.end().await;
}
