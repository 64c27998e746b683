//! Signing in, accounts, the last admin, throttles, the cookie's guard.

use std::time::Duration;

use reqwest::StatusCode;
use serde_json::json;

use crate::app::{Answer, PASSWORD, TestApp};

#[tokio::test]
async fn a_login_leads_to_the_own_account_and_permissions() {
    let app = TestApp::new().await;
    let token = app.login("Operator@demo").await;
    let me = app.get(&token, "/v1/me").await.ok();
    assert_eq!(me["user"]["email"], "operator@demo");
    assert_eq!(me["tenant"]["name"], "demo");
    assert!(me["permissions"].as_array().unwrap().contains(&json!("campaigns.control")));
    app.delete(&token, "/v1/sessions").await.ok();
    assert_eq!(app.get(&token, "/v1/me").await.problem(), "401 signed_out");
    app.end().await;
}

#[tokio::test]
async fn a_wrong_password_and_an_unknown_account_answer_alike() {
    let app = TestApp::new().await;
    let wrong = app.sign_in("operator@demo", "wrong-password").await;
    let unknown = app.sign_in("nobody@demo", "wrong-password").await;
    assert_eq!(wrong.problem(), "401 login_refused");
    assert_eq!((wrong.status, wrong.body["title"].clone()), (unknown.status, unknown.body["title"].clone()));
    assert!(wrong.body["title"].as_str().unwrap().contains("密码"));
    assert_eq!(wrong.headers["content-type"], "application/problem+json");
    app.end().await;
}

#[tokio::test]
async fn an_account_is_throttled_and_let_in_again_after_the_window() {
    let app = TestApp::new().await;
    for _ in 0..10 {
        assert_eq!(app.sign_in("agent@demo", "wrong-password").await.problem(), "401 login_refused");
    }
    let refused = app.sign_in("agent@demo", PASSWORD).await;
    assert_eq!(refused.problem(), "429 login_account_throttled");
    assert_eq!(refused.headers["retry-after"], "900");
    app.hand.advance(Duration::from_mins(15));
    app.login("agent@demo").await;
    app.end().await;
}

#[tokio::test]
async fn wrong_passwords_that_come_together_all_count_and_right_ones_never_do() {
    let app = TestApp::new().await;
    let together = async |n: usize, password: &str| {
        let all = (0..n).map(|_| app.sign_in("agent@demo", password));
        let answers = futures_util::future::join_all(all).await;
        answers.iter().map(|answer| answer.status.as_u16()).fold([0, 0, 0], |[fine, wrong, held], code| match code {
            201 => [fine + 1, wrong, held],
            401 => [fine, wrong + 1, held],
            _ => [fine, wrong, held + 1],
        })
    };
    assert_eq!(together(70, PASSWORD).await, [70, 0, 0]);
    assert_eq!(together(30, "wrong-password").await, [0, 10, 20]);
    app.end().await;
}

#[tokio::test]
async fn an_address_that_guesses_at_many_accounts_is_throttled() {
    let app = TestApp::new().await;
    for n in 0..60 {
        assert_eq!(app.sign_in(&format!("guess{n}@demo"), "wrong-password").await.problem(), "401 login_refused");
    }
    let refused = app.sign_in("agent@demo", PASSWORD).await;
    assert_eq!(refused.problem(), "429 login_address_throttled");
    assert_eq!(refused.headers["retry-after"], "60");
    app.hand.advance(Duration::from_mins(1));
    app.login("agent@demo").await;
    app.end().await;
}

#[tokio::test]
async fn disabling_an_account_ends_its_sessions_and_is_logged() {
    let app = TestApp::new().await;
    let admin = app.login("admin@demo").await;
    let agent = app.login("agent@demo").await;
    let id = app.get(&agent, "/v1/me").await.ok()["user"]["id"].as_str().unwrap().to_owned();
    let changed = app.patch(&admin, &format!("/v1/users/{id}"), json!({"enabled": false})).await.ok();
    assert_eq!(changed["enabled"], false);
    assert_eq!(app.get(&agent, "/v1/me").await.problem(), "401 signed_out");
    assert_eq!(app.sign_in("agent@demo", PASSWORD).await.problem(), "401 login_refused");

    let log = app.get(&admin, "/v1/audit?kind=operation").await.ok();
    let entry = &log["items"][0];
    assert_eq!(entry["action"], "users.update");
    assert_eq!(entry["object_id"], id);
    assert_eq!(entry["before"]["enabled"], true);
    assert_eq!(entry["after"]["enabled"], false);
    assert_eq!(entry["result"], "ok");
    let logins = app.get(&admin, "/v1/audit?kind=login").await.ok();
    assert_eq!(logins["items"][0]["result"], "user_disabled");
    app.end().await;
}

#[tokio::test]
async fn the_last_admin_cannot_be_disabled() {
    let app = TestApp::new().await;
    let admin = app.login("admin@demo").await;
    let id = app.get(&admin, "/v1/me").await.ok()["user"]["id"].as_str().unwrap().to_owned();
    let refused = app.patch(&admin, &format!("/v1/users/{id}"), json!({"role": "viewer"})).await;
    assert_eq!(refused.problem(), "409 last_admin");
    app.end().await;
}

#[tokio::test]
async fn a_created_account_signs_in_with_the_password_shown_once() {
    let app = TestApp::new().await;
    let admin = app.login("admin@demo").await;
    let body = json!({"email": "new@demo", "name": "新坐席", "role": "agent"});
    let made = app.post(&admin, "/v1/users", body.clone()).await.ok();
    let password = made["password"].as_str().unwrap();
    assert_eq!(app.sign_in("new@demo", password).await.status, StatusCode::CREATED);
    assert_eq!(app.post(&admin, "/v1/users", body).await.problem(), "409 email_taken");
    let short = json!({"email": "x@demo", "name": "x", "role": "agent", "password": "short"});
    assert_eq!(app.post(&admin, "/v1/users", short).await.problem(), "422 password_too_short");
    app.end().await;
}

#[tokio::test]
async fn changing_the_own_password_ends_the_other_sessions() {
    let app = TestApp::new().await;
    let (one, other) = (app.login("viewer@demo").await, app.login("viewer@demo").await);
    let body = |current: &str| json!({"current": current, "new": "another-password"});
    assert_eq!(app.post(&one, "/v1/me/password", body("wrong")).await.problem(), "422 password_wrong");
    app.post(&one, "/v1/me/password", body(PASSWORD)).await.ok();
    assert_eq!(app.get(&other, "/v1/me").await.problem(), "401 signed_out");
    app.get(&one, "/v1/me").await.ok();
    assert_eq!(app.sign_in("viewer@demo", "another-password").await.status, StatusCode::CREATED);
    app.end().await;
}

#[tokio::test]
async fn a_session_ends_after_twelve_hours() {
    let app = TestApp::new().await;
    let token = app.login("viewer@demo").await;
    app.hand.advance(Duration::from_hours(12));
    assert_eq!(app.get(&token, "/v1/me").await.problem(), "401 signed_out");
    app.end().await;
}

#[tokio::test]
async fn the_cookie_alone_changes_nothing() {
    let app = TestApp::new().await;
    let signed_in = app.sign_in("admin@demo", PASSWORD).await;
    let cookie = signed_in.headers["set-cookie"].to_str().unwrap().to_owned();
    assert!(cookie.contains("HttpOnly") && cookie.contains("SameSite=Lax"), "{cookie}");
    let cookie = cookie.split(';').next().unwrap().to_owned();
    let csrf = signed_in.body["csrf_token"].as_str().unwrap().to_owned();
    let body = json!({"email": "c@demo", "name": "c", "role": "agent"});
    let post = |header: Option<(&'static str, String)>| {
        let mut request = app.http.post(format!("{}/v1/users", app.base)).header("cookie", &cookie).json(&body);
        if let Some((name, value)) = header {
            request = request.header(name, value);
        }
        async move { Answer::of(request.send().await.unwrap()).await }
    };
    assert_eq!(post(None).await.problem(), "403 csrf_rejected");
    assert_eq!(post(Some(("origin", "https://evil.example".into()))).await.problem(), "403 csrf_rejected");
    assert_eq!(post(Some(("x-csrf-token", "0".repeat(32)))).await.problem(), "403 csrf_rejected");
    assert_eq!(post(Some(("x-csrf-token", csrf))).await.status, StatusCode::CREATED);
    assert_eq!(post(Some(("origin", app.base.clone()))).await.problem(), "409 email_taken");
    app.end().await;
}

#[tokio::test]
async fn another_tenants_account_is_not_found() {
    let app = TestApp::new().await;
    app.another_tenant("other").await;
    let (admin, stranger) = (app.login("admin@demo").await, app.login("admin@other").await);
    let id = app.get(&stranger, "/v1/me").await.ok()["user"]["id"].as_str().unwrap().to_owned();
    let refused = app.patch(&admin, &format!("/v1/users/{id}"), json!({"enabled": false})).await;
    assert_eq!(refused.problem(), "404 not_found");
    assert_eq!(app.get(&admin, "/v1/users/nonsense").await.problem(), "405 method_not_allowed");
    assert_eq!(app.get(&admin, "/v1/nothing").await.problem(), "404 not_found");
    app.end().await;
}
