//! Ctrl-C in the middle of the demo: calls that are up end first, and nothing of them is lost.

use crate::api::Api;
use crate::server::Server;
use serde_json::Value;

#[tokio::test(flavor = "multi_thread")]
async fn ctrl_c_lets_calls_end_and_a_second_start_has_them_whole() {
    let data = tempfile::tempdir().unwrap();
    let server = Server::start_in(data.path(), &["--demo"]);
    let operator = Api::sign_in(&server, "operator").await;
    let campaigns = operator.get("/v1/campaigns").await;
    let campaign = format!("/v1/campaigns/{}", campaigns["items"][0]["id"].as_str().unwrap());
    let up = operator.until(&format!("{campaign}/live"), |live| talking(live).len() >= 2).await;
    let ended = tokio::task::spawn_blocking(|| server.interrupt()).await.unwrap();
    assert!(ended.success(), "{ended}");

    let server = Server::start_in(data.path(), &[]);
    let operator = Api::sign_in(&server, "operator").await;
    for call in talking(&up) {
        let whole = |call: &Value| call["recording"]["state"] == "ready";
        let call = operator.until(&format!("/v1/calls/{call}"), whole).await;
        assert_eq!(call["disposition"], "answered", "{call}");
        assert_ne!(call["cause"], "lost", "{call}");
        // Beside other tests the recogniser may come late; what nobody heard has no label.
        assert_eq!(call["label"].is_null(), call["cause"] == "unheard", "{call}");
    }
    let counters = &operator.get(&campaign).await["counters"];
    assert_eq!(counters["unknown"], 0, "{counters}");
}

/// The calls that have been answered and are not over.
fn talking(live: &Value) -> Vec<String> {
    let up = live["items"].as_array().into_iter().flatten().filter(|call| call["state"] == "in_call");
    up.filter_map(|call| call["call_id"].as_str().map(str::to_owned)).collect()
}
