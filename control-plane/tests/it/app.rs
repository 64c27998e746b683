//! The test app: the real server on a free port, its own data folder, cheap hashes.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use control_plane::{App, Hashing, Parts, admin};
use platform::clock::ManualClock;
use platform::{Bus, Cache, Clock, Config, Database, Objects, Secret};
use reqwest::{Method, StatusCode};
use sea_orm::Value as SqlValue;
use serde_json::Value;
use shared_proto::ids::TenantId;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

pub const PASSWORD: &str = "bellbird-test";

/// What the database was asked: each statement once, with the values of its first time.
pub type Heard = Arc<Mutex<BTreeMap<String, Vec<SqlValue>>>>;

pub struct TestApp {
    pub app: App,
    pub heard: Heard,
    pub hand: ManualClock,
    pub tenant: TenantId,
    pub base: String,
    pub http: reqwest::Client,
    server: Option<JoinHandle<anyhow::Result<()>>>,
    folder: tempfile::TempDir,
}

/// An answer, read whole.
pub struct Answer {
    pub status: StatusCode,
    pub headers: reqwest::header::HeaderMap,
    pub body: Value,
}

impl TestApp {
    /// Tenant `demo` with `admin@demo`, `operator@demo`, `scripter@demo`, `agent@demo`, `viewer@demo`.
    pub async fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let data = folder.path().display().to_string();
        let config = Config::load(None, [("BELLBIRD_DATA".to_owned(), data)]).unwrap();
        // 2026-03-02 10:00 in Shanghai, a Monday.
        let (clock, hand) = Clock::manual(chrono::DateTime::from_timestamp(1_772_416_800, 0).unwrap());
        let heard = Heard::default();
        let parts = parts(&config, clock, &heard).await;
        let app = control_plane::prepare(config, parts).await.unwrap();
        let tenant = admin::create_demo(&office(&app), "demo", &Secret::new(PASSWORD)).await.unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let base = format!("http://{}", listener.local_addr().unwrap());
        let server = Some(tokio::spawn(control_plane::serve(app.clone(), listener)));
        let http = reqwest::Client::builder().no_proxy().build().unwrap();
        Self { app, heard, hand, tenant, base, http, server, folder }
    }

    /// The process ends in good order and another starts on the same data.
    pub async fn restart(mut self) -> Self {
        self.app.tasks.stop.cancel();
        if let Some(server) = self.server.take() {
            server.await.unwrap().unwrap();
        }
        let config = self.app.config.clone();
        let clock = self.app.clock.clone();
        let parts = parts(&config, clock, &self.heard).await;
        let app = control_plane::prepare(config, parts).await.unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        self.base = format!("http://{}", listener.local_addr().unwrap());
        self.server = Some(tokio::spawn(control_plane::serve(app.clone(), listener)));
        self.app = app;
        self
    }

    /// A second tenant, with the same accounts under `@name`.
    pub async fn another_tenant(&self, name: &str) -> TenantId {
        admin::create_demo(&office(&self.app), name, &Secret::new(PASSWORD)).await.unwrap()
    }

    /// A bearer token.
    pub async fn login(&self, email: &str) -> String {
        let answer = self.sign_in(email, PASSWORD).await;
        assert_eq!(answer.status, StatusCode::CREATED, "{}", answer.body);
        answer.body["token"].as_str().unwrap().to_owned()
    }

    pub async fn sign_in(&self, email: &str, password: &str) -> Answer {
        let body = serde_json::json!({"email": email, "password": password});
        self.call(Method::POST, "/v1/sessions", None, Some(body)).await
    }

    pub async fn get(&self, token: &str, path: &str) -> Answer {
        self.call(Method::GET, path, Some(token), None).await
    }

    pub async fn post(&self, token: &str, path: &str, body: Value) -> Answer {
        self.call(Method::POST, path, Some(token), Some(body)).await
    }

    pub async fn patch(&self, token: &str, path: &str, body: Value) -> Answer {
        self.call(Method::PATCH, path, Some(token), Some(body)).await
    }

    pub async fn delete(&self, token: &str, path: &str) -> Answer {
        self.call(Method::DELETE, path, Some(token), None).await
    }

    pub async fn call(&self, method: Method, path: &str, token: Option<&str>, body: Option<Value>) -> Answer {
        let mut request = self.http.request(method, format!("{}{path}", self.base));
        if let Some(token) = token {
            request = request.bearer_auth(token);
        }
        if let Some(body) = body {
            request = request.json(&body);
        }
        Answer::of(request.send().await.unwrap()).await
    }

    /// Lets background work go on until `done` answers, without moving the clock.
    pub async fn until(&self, done: impl AsyncFnMut() -> bool) {
        assert!(self.comes_true(done).await, "the condition comes true within 30 s");
    }

    /// Whether `done` answers before long.
    pub async fn comes_true(&self, mut done: impl AsyncFnMut() -> bool) -> bool {
        // What a test can see has changed after a commit or with an event; asked anew, so that none is missed.
        let (mut commits, mut events) = (self.app.database.commits(), self.app.events.published());
        let waited = tokio::time::timeout(Duration::from_secs(30), async {
            loop {
                commits.mark_unchanged();
                events.mark_unchanged();
                if done().await {
                    return;
                }
                tokio::select! {
                    changed = commits.changed() => changed.unwrap(),
                    changed = events.changed() => changed.unwrap(),
                }
            }
        });
        waited.await.is_ok()
    }

    /// Stops the server and checks that no job was given up.
    pub async fn end(mut self) {
        let (_, failed) = control_plane::jobs::counts(&self.app.database).await.unwrap();
        self.app.tasks.stop.cancel();
        if let Some(server) = self.server.take() {
            server.await.unwrap().unwrap();
        }
        assert_eq!(failed, 0, "a job was given up");
    }
}

impl Answer {
    pub async fn of(response: reqwest::Response) -> Self {
        let (status, headers) = (response.status(), response.headers().clone());
        let bytes = response.bytes().await.unwrap();
        let body = serde_json::from_slice(&bytes)
            .unwrap_or_else(|_| Value::String(String::from_utf8_lossy(&bytes).into_owned()));
        Self { status, headers, body }
    }

    /// The body of a success.
    pub fn ok(self) -> Value {
        assert!(self.status.is_success(), "{} {}", self.status, self.body);
        self.body
    }

    /// Status and problem code, as in `404 not_found`.
    pub fn problem(&self) -> String {
        format!("{} {}", self.status.as_u16(), self.body["code"].as_str().unwrap_or("-"))
    }
}

async fn parts(config: &Config, clock: Clock, heard: &Heard) -> Parts {
    let mut database = Database::connect(&config.database_url(), clock.clone()).await.unwrap();
    let heard = heard.clone();
    database.overhear(move |asked| {
        let values = || asked.values.clone().map(|values| values.0).unwrap_or_default();
        heard.lock().unwrap().entry(asked.sql.clone()).or_insert_with(values);
    });
    Parts {
        database,
        bus: Bus::connect("local:").unwrap(),
        cache: Cache::connect("memory:", clock.clone()).unwrap(),
        objects: Objects::connect(&config.objects_url()).unwrap(),
        clock,
        hashing: Hashing::Cheap,
    }
}

pub fn office(app: &App) -> admin::Office<'_> {
    admin::Office { database: &app.database, keys: &app.keys, passwords: &app.passwords, clock: &app.clock }
}
