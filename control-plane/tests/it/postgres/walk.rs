//! A walk over the whole API, in a house with a row of every kind, for what the control plane asks its database on it.

use std::collections::BTreeMap;

use reqwest::Method;
use sea_orm::Value as SqlValue;
use serde_json::json;

use crate::app::TestApp;
use crate::imports::{import, send};
use crate::roles::{CALLERS, Operation, fitting_body, furnished, ids_of_demo, operations};

/// Each statement with its values.
pub async fn statements() -> BTreeMap<String, Vec<SqlValue>> {
    let stage = furnished().await;
    let app = &stage.app;
    let agent = app.login("agent@demo").await;
    app.call(Method::PUT, "/v1/presence", Some(&agent), Some(json!({"state": "online"}))).await.ok();
    let offered = async || app.get(&agent, "/v1/leads").await.ok()["items"][0]["status"] == "offered";
    app.until(offered).await;
    // Now that a number is blacklisted, an import looks for others that are; and one finds nothing to read.
    import(app, &stage.operator, "b.csv", "手机\n13800000001\n13800000009\n".as_bytes(), &[]).await;
    import(app, &stage.operator, "c.csv", "城市\n上海\n".as_bytes(), &[]).await;

    send(app, &stage.operator, "/v1/imports/preview", "a.csv", "手机\n13800000005\n".as_bytes(), &[]).await.ok();

    let ids = ids_of_demo(app).await;
    for (token, path) in narrowed(&agent, &stage.operator, &stage.admin, &ids) {
        first_pages(app, token, &path).await;
    }
    let whole_group = json!({"group_id": ids["grp"]});
    app.post(&stage.operator, "/v1/contacts/archive", whole_group).await.ok();
    let mut tokens = Vec::new();
    for caller in CALLERS {
        tokens.push(app.login(&format!("{caller}@demo")).await);
    }
    let all = operations();
    let (gone, kept): (Vec<_>, Vec<_>) = all.iter().partition(|operation| operation.method == Method::DELETE);
    for operation in kept.into_iter().chain(gone) {
        if !operation.spoils() && operation.path != "/v1/events" {
            everybody(app, &tokens, operation, &ids).await;
        }
    }
    let heard = std::mem::take(&mut *stage.app.heard.lock().unwrap());
    stage.app.end().await;
    heard
}

/// Whoever may do it does it; nobody makes the server stumble.
async fn everybody(app: &TestApp, tokens: &[String], operation: &Operation, ids: &BTreeMap<String, String>) {
    for token in tokens {
        let body = fitting_body(operation, ids);
        let answer = app.call(operation.method.clone(), &operation.url_with(ids), Some(token), body).await;
        assert!(answer.status.as_u16() < 500, "{} {}: {}", operation.method, operation.path, answer.body);
    }
}

/// The lists with each of their filters, and who asks for them.
fn narrowed<'a>(
    agent: &'a str,
    operator: &'a str,
    admin: &'a str,
    ids: &BTreeMap<String, String>,
) -> Vec<(&'a str, String)> {
    let span = "from=2026-03-01T00:00:00Z&to=2026-03-09T00:00:00Z";
    let (campaign, contact, group) = (&ids["cmp"], &ids["con"], &ids["grp"]);
    let (import, user) = (&ids["imp"], &ids["usr"]);
    let mut out = Vec::new();
    let mut ask = |token: &'a str, path: &str, filters: &[String]| {
        out.push((token, format!("{path}?limit=1")));
        out.extend(filters.iter().map(|filter| (token, format!("{path}?limit=1&{filter}"))));
    };
    let calls = [
        format!("campaign_id={campaign}"),
        format!("contact_id={contact}"),
        "number=13800000001".to_owned(),
        "number=0001".to_owned(),
        "label=high".to_owned(),
        "disposition=answered".to_owned(),
        span.to_owned(),
    ];
    ask(operator, "/v1/calls", &calls);
    ask(agent, "/v1/calls", &calls);
    let leads = [
        "status=offered".to_owned(),
        format!("owner_id={user}"),
        format!("campaign_id={campaign}"),
        format!("contact_id={contact}"),
    ];
    ask(operator, "/v1/leads", &leads);
    ask(agent, "/v1/leads", &leads);
    let mut contacts = vec![format!("group_id={group}"), "label=high".to_owned(), "archived=true".to_owned()];
    contacts.extend(["contact", "0001", "13800000001"].map(|q| format!("q={q}")));
    contacts.extend(["in_call", "waiting", "blocked", "never", "answered"].map(|status| format!("status={status}")));
    ask(operator, "/v1/contacts", &contacts);
    let verdicts = ["duplicate", "invalid", "blocked", "dead"].map(|verdict| format!("verdict={verdict}"));
    ask(operator, &format!("/v1/imports/{import}/rows"), &verdicts);
    ask(operator, "/v1/imports", &["state=done".to_owned()]);
    ask(operator, "/v1/groups", &["q=group".to_owned()]);
    ask(operator, "/v1/blacklist", &["number=13800000009".to_owned()]);
    ask(operator, "/v1/campaigns", &["q=campaign".to_owned(), "state=running".to_owned()]);
    ask(operator, &format!("/v1/campaigns/{campaign}/contacts"), &["state=done".to_owned()]);
    ask(operator, "/v1/reports/campaigns", &[format!("ids={campaign}"), span.to_owned()]);
    ask(operator, "/v1/scripts", &["q=script".to_owned(), "archived=true".to_owned(), "published=true".to_owned()]);
    ask(operator, "/v1/alerts", &["open=true".to_owned()]);
    let audit = ["kind=login".to_owned(), format!("user_id={user}"), format!("object={contact}"), span.to_owned()];
    ask(admin, "/v1/audit", &audit);
    out
}

/// The first page, and the second where there is one.
async fn first_pages(app: &TestApp, token: &str, path: &str) {
    let page = app.get(token, path).await;
    assert!(page.status.as_u16() < 500, "{path}: {}", page.body);
    if let Some(cursor) = page.body["next_cursor"].as_str() {
        app.get(token, &format!("{path}&cursor={cursor}")).await.ok();
    }
}
