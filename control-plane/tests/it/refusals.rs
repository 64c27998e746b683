//! Requests that do not fit: each is told what is wrong with it, in the caller's language and never in a library's.

use reqwest::header::{ACCEPT_LANGUAGE, CONTENT_TYPE};
use serde_json::json;

use crate::app::{Answer, TestApp};

/// Code, params and text of the answer to these bytes.
async fn told(app: &TestApp, path: &str, kind: &str, body: &str) -> String {
    let sent = app.http.post(format!("{}{path}", app.base)).header(CONTENT_TYPE, kind).body(body.to_owned());
    line(&Answer::of(sent.send().await.unwrap()).await)
}

fn line(answer: &Answer) -> String {
    let title = answer.body["title"].as_str().unwrap_or("-");
    assert!(!title.contains(['{', '}']), "a place of the text was left open: {title}");
    format!("{} {} {title}", answer.problem(), answer.body["params"])
}

#[tokio::test]
async fn a_body_that_does_not_fit_is_told_what_is_wrong_with_it() {
    let app = TestApp::new().await;
    let json = "application/json";
    let told = async |kind: &str, body: &str| told(&app, "/v1/sessions", kind, body).await;
    let lines = [
        told(json, "{\"email\": \"a@b\"").await,
        told(json, "{\"email\": \"a@b\"}").await,
        told(json, "{\"email\": 1, \"password\": \"x\"}").await,
        told(json, "[]").await,
        told(json, r#"{"email": "a@b", "password": "a\u0000b"}"#).await,
        told(json, "").await,
        told("text/plain", "{}").await,
        told(json, &format!("\"{}\"", "x".repeat(2 << 20))).await,
    ];
    assert_eq!(
        lines.join("\n"),
        "400 body_not_json {\"column\":15,\"line\":1} 请求内容不是完整的 JSON（第 1 行第 15 列）\n\
         422 field_missing {\"field\":\"password\"} 缺少“password”\n\
         422 body_invalid {\"field\":\"email\"} 请求内容中的“email”不符合要求\n\
         422 body_invalid {\"field\":\"body\"} 请求内容中的“body”不符合要求\n\
         422 text_with_nul {} 请求内容中的文字不能含有空字符（NUL），请去掉后重试\n\
         400 body_not_json {\"column\":0,\"line\":1} 请求内容不是完整的 JSON（第 1 行第 0 列）\n\
         415 content_type_not_json {} 请求内容应是 JSON，请求头要写明 Content-Type: application/json\n\
         413 body_too_large {} 请求内容过大"
    );
    let english = app.http.post(format!("{}/v1/sessions", app.base)).header(ACCEPT_LANGUAGE, "en").json(&json!({}));
    assert_eq!(
        line(&Answer::of(english.send().await.unwrap()).await),
        "422 field_missing {\"field\":\"email\"} “email” is missing"
    );
    app.end().await;
}

#[tokio::test]
async fn a_word_that_no_filter_knows_is_refused_and_not_answered_with_nothing() {
    let app = TestApp::new().await;
    let (operator, admin) = (app.login("operator@demo").await, app.login("admin@demo").await);
    let cases = [
        (&operator, "/v1/contacts?status=x", "value_unknown", "status"),
        (&operator, "/v1/contacts?label=x", "label_unknown", "label"),
        (&operator, "/v1/imports?state=x", "value_unknown", "state"),
        (&operator, "/v1/calls?disposition=x", "value_unknown", "disposition"),
        (&operator, "/v1/calls?label=x", "label_unknown", "label"),
        (&operator, "/v1/leads?status=x", "value_unknown", "status"),
        (&operator, "/v1/campaigns?state=x", "value_unknown", "state"),
        (&operator, "/v1/scripts?category=x", "value_unknown", "category"),
        (&admin, "/v1/audit?kind=x", "value_unknown", "kind"),
        (&operator, "/v1/contacts?limit=x", "query_invalid", "limit"),
        (&operator, "/v1/calls?from=yesterday", "query_invalid", "from"),
        (&admin, "/v1/audit?from=yesterday", "query_invalid", "from"),
    ];
    for (token, path, code, field) in cases {
        let refused = app.get(token, path).await;
        assert_eq!(refused.problem(), format!("400 {code}"), "{path}");
        assert_eq!(refused.body["params"]["field"], field, "{path}");
        line(&refused);
    }
    assert_eq!(app.get(&operator, "/v1/contacts?q=%00").await.problem(), "400 text_with_nul");
    let csv = "手机\n13800000001\n".as_bytes();
    let import = crate::imports::import(&app, &operator, "a.csv", csv, &[]).await;
    let rows = format!("/v1/imports/{}/rows?verdict=x", import["id"].as_str().unwrap());
    assert_eq!(app.get(&operator, &rows).await.body["params"]["allowed"], "duplicate, invalid, blocked, dead");
    let told = app.get(&operator, "/v1/imports?state=x").await;
    assert_eq!(told.body["title"], "“state”只能是：queued, running, done, failed");
    let told = app.get(&operator, "/v1/calls?label=x").await;
    assert_eq!(told.body["title"], "没有这个标签，可选：high, low, refused, callback, invalid");
    app.end().await;
}

#[tokio::test]
async fn a_blank_filter_asks_for_nothing_and_what_is_no_id_finds_nobody() {
    let stage = crate::campaigns::Stage::new("rehearsal").await;
    stage.contacts(1, 1, "1990000").await;
    stage.campaign(json!({})).await;
    let app = &stage.app;
    let found = async |path: &str| app.get(&stage.operator, path).await.ok()["items"].as_array().unwrap().len();
    for path in [
        "/v1/contacts?status=&label=&group_id=&archived=&limit=&cursor=",
        "/v1/campaigns?state=&q=%20&cursor=",
        "/v1/scripts?category=&published=&q=+&cursor=",
        "/v1/trunks?cursor=",
    ] {
        assert_eq!(found(path).await, 1, "{path}");
    }
    let others = [
        "/v1/leads?status=&owner_id=&campaign_id=",
        "/v1/calls?campaign_id=&number=&from=&disposition=",
        "/v1/imports?state=",
        "/v1/blacklist?number=",
        "/v1/alerts?open=",
        "/v1/contacts?group_id=abc",
        "/v1/calls?campaign_id=abc",
        "/v1/leads?campaign_id=abc",
    ];
    for path in others {
        assert_eq!(found(path).await, 0, "{path}");
    }
    assert!(
        !app.get(&stage.admin, "/v1/audit?kind=&user_id=&from=").await.ok()["items"].as_array().unwrap().is_empty()
    );
    stage.app.end().await;
}

#[tokio::test]
async fn a_name_that_nobody_sees_is_none_and_one_of_two_lines_becomes_one() {
    let stage = crate::campaigns::Stage::new("rehearsal").await;
    let app = &stage.app;
    let scripter = app.login("scripter@demo").await;
    let trunk = json!({"kind": "rehearsal", "address": "127.0.0.1:5190", "max_calls": 1, "calls_per_second": 1});
    let things = [
        (&stage.operator, "campaigns", json!({"max_calls": 1})),
        (&stage.admin, "trunks", trunk),
        (&scripter, "scripts", json!({})),
        (&stage.admin, "users", json!({"email": "new@demo", "role": "agent"})),
    ];
    for (token, path, mut body) in things {
        let path = format!("/v1/{path}");
        body["name"] = json!("\u{200b}");
        assert_eq!(app.post(token, &path, body.clone()).await.problem(), "422 name_invalid", "{path}");
        body["name"] = json!(" a\nb\u{feff}");
        assert_eq!(app.post(token, &path, body).await.ok()["name"], "a b", "{path}");
    }
    stage.app.end().await;
}
