//! What the server says of itself: health, metrics, the system page, the portal's addresses.

use reqwest::{Method, StatusCode};

use crate::app::TestApp;

#[tokio::test]
async fn it_says_that_it_is_alive_ready_and_how_it_does() {
    let app = TestApp::new().await;
    assert_eq!(app.call(Method::GET, "/healthz", None, None).await.status, StatusCode::OK);
    assert_eq!(app.call(Method::GET, "/readyz", None, None).await.status, StatusCode::OK);
    let metrics = app.call(Method::GET, "/metrics", None, None).await.ok();
    assert!(metrics.as_str().unwrap().contains("bellbird_http_requests_total"), "{metrics}");
    let openapi = app.call(Method::GET, "/openapi.json", None, None).await.ok();
    assert_eq!(openapi["openapi"], "3.1.0");
    app.end().await;
}

#[tokio::test]
async fn the_system_page_tells_of_parts_jobs_models_and_disk() {
    let app = TestApp::new().await;
    let admin = app.login("admin@demo").await;
    let system = app.get(&admin, "/v1/system").await.ok();
    assert_eq!(system["parts"][0]["key"], "database");
    assert_eq!(system["jobs"]["failed"], 0);
    assert!(system["disk"]["free_bytes"].as_u64().unwrap() > 0);
    assert_eq!(system["models"].as_array().unwrap().len(), 7);
    app.end().await;
}

#[tokio::test]
async fn an_unknown_address_is_a_page_of_the_portal_but_never_of_the_api() {
    let app = TestApp::new().await;
    assert_eq!(app.call(Method::GET, "/v1/no/such", None, None).await.problem(), "404 not_found");
    let page = app.call(Method::GET, "/campaigns/cmp_1", None, None).await;
    assert_eq!(page.headers["x-content-type-options"], "nosniff");
    for file in ["/assets/none.js", "/favicon.ico"] {
        assert_eq!(app.call(Method::GET, file, None, None).await.status, StatusCode::NOT_FOUND);
    }
    assert_eq!(app.call(Method::POST, "/campaigns", None, None).await.status, StatusCode::METHOD_NOT_ALLOWED);
    app.end().await;
}

#[tokio::test]
async fn a_body_that_does_not_fit_says_where() {
    let app = TestApp::new().await;
    let body = serde_json::json!({"email": 5, "password": "x"});
    let refused = app.call(Method::POST, "/v1/sessions", None, Some(body)).await;
    assert_eq!(refused.problem(), "422 body_invalid");
    assert_eq!(refused.body["params"]["field"], "email");
    assert_eq!(refused.headers["x-request-id"], refused.body["request_id"].as_str().unwrap());
    let big = serde_json::json!({"email": "x".repeat(2 << 20), "password": "x"});
    let refused = app.call(Method::POST, "/v1/sessions", None, Some(big)).await;
    assert_eq!(refused.problem(), "413 body_too_large");
    app.end().await;
}
