//! The public API as an integrator's program uses it.

use crate::server::{PASSWORD, Server};
use reqwest::{Client, Method};
use serde_json::{Value, json};
use std::time::{Duration, Instant};

const PATIENCE: Duration = Duration::from_secs(150);

/// One signed-in user.
pub struct Api {
    pub client: Client,
    pub base: String,
    pub token: String,
}

impl Api {
    pub async fn sign_in(server: &Server, role: &str) -> Self {
        let client = Client::builder().no_proxy().timeout(Duration::from_secs(10)).build().unwrap();
        let mut api = Self { client, base: server.base.clone(), token: String::new() };
        let session = api.post("/v1/sessions", json!({ "email": format!("{role}@demo"), "password": PASSWORD })).await;
        api.token = session["token"].as_str().unwrap().to_owned();
        api
    }

    pub async fn ask(&self, method: Method, path: &str, body: Option<Value>) -> reqwest::Response {
        let mut request = self.client.request(method, format!("{}{path}", self.base)).bearer_auth(&self.token);
        if let Some(body) = body {
            request = request.json(&body);
        }
        let answer = request.send().await.unwrap();
        assert!(answer.status().is_success(), "{path}: {} {}", answer.status(), answer.text().await.unwrap());
        answer
    }

    pub async fn get(&self, path: &str) -> Value {
        self.ask(Method::GET, path, None).await.json().await.unwrap()
    }

    pub async fn post(&self, path: &str, body: Value) -> Value {
        self.ask(Method::POST, path, Some(body)).await.json().await.unwrap_or_default()
    }

    /// Asks until the answer fits: a real conversation takes its time.
    pub async fn until(&self, path: &str, fits: impl Fn(&Value) -> bool) -> Value {
        let began = Instant::now();
        loop {
            let answer = self.get(path).await;
            if fits(&answer) {
                return answer;
            }
            assert!(began.elapsed() < PATIENCE, "{path} is not what it should be: {answer}");
            tokio::time::sleep(Duration::from_millis(250)).await;
        }
    }
}
