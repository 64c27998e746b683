//! The real server on a free port with one tenant, and an account that asks it.

use std::ops::Deref;
use std::path::Path;
use std::time::Duration;

use anyhow::{Context, bail};
use control_plane::{App, Hashing, Parts, admin};
use platform::{Clock, Config, Secret};
use reqwest::multipart::{Form, Part};
use reqwest::{Method, RequestBuilder};
use serde_json::{Value, json};
use shared_proto::ids::TenantId;
use tokio::task::JoinHandle;

const PASSWORD: &str = "bench-password";

pub struct Server {
    app: App,
    task: JoinHandle<anyhow::Result<()>>,
    face: Face,
}

/// The server as one account sees it.
#[derive(Clone)]
pub struct Face {
    http: reqwest::Client,
    base: String,
    token: String,
}

impl Deref for Server {
    type Target = Face;

    fn deref(&self) -> &Face {
        &self.face
    }
}

impl Server {
    /// Serves a house of its own in `folder`, seen by `who` of its tenant.
    pub async fn start(folder: &Path, who: &str) -> anyhow::Result<Self> {
        let (app, _) = prepared(folder).await?;
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
        let base = format!("http://{}", listener.local_addr()?);
        let task = tokio::spawn(control_plane::serve(app.clone(), listener));
        let http = reqwest::Client::builder().no_proxy().build()?;
        let face = Face { http, base, token: String::new() }.signed_in(who).await?;
        Ok(Self { app, task, face })
    }

    pub fn face(&self) -> Face {
        self.face.clone()
    }

    pub async fn stop(self) -> anyhow::Result<()> {
        self.app.tasks.stop.cancel();
        self.task.await?
    }
}

impl Face {
    pub async fn signed_in(&self, who: &str) -> anyhow::Result<Self> {
        let body = json!({"email": format!("{who}@bench"), "password": PASSWORD});
        let session = self.ask(Method::POST, "/v1/sessions", |request| request.json(&body)).await?;
        let token = session["token"].as_str().context("no token")?.to_owned();
        Ok(Self { token, ..self.clone() })
    }

    pub async fn get(&self, path: &str) -> anyhow::Result<Value> {
        self.ask(Method::GET, path, |request| request).await
    }

    pub async fn post(&self, path: &str, body: Value) -> anyhow::Result<Value> {
        self.ask(Method::POST, path, |request| request.json(&body)).await
    }

    pub async fn patch(&self, path: &str, body: Value) -> anyhow::Result<Value> {
        self.ask(Method::PATCH, path, |request| request.json(&body)).await
    }

    /// Brings a sheet into a group and waits for its end.
    pub async fn import(&self, file: &Path, group: &str) -> anyhow::Result<Value> {
        let part = Part::bytes(std::fs::read(file)?).file_name("contacts.xlsx");
        let form = Form::new().text("group", group.to_owned()).part("file", part);
        let started = self.ask(Method::POST, "/v1/imports", |request| request.multipart(form)).await?;
        let path = format!("/v1/imports/{}", id(&started)?);
        loop {
            let import = self.get(&path).await?;
            match import["state"].as_str() {
                Some("done") => return Ok(import),
                Some("failed") => bail!("the import failed: {import}"),
                _ => tokio::time::sleep(Duration::from_millis(50)).await,
            }
        }
    }

    async fn ask(
        &self,
        method: Method,
        path: &str,
        with: impl FnOnce(RequestBuilder) -> RequestBuilder,
    ) -> anyhow::Result<Value> {
        let request = self.http.request(method, format!("{}{path}", self.base)).bearer_auth(&self.token);
        let response = with(request).send().await?;
        let status = response.status();
        let body: Value = response.json().await?;
        if !status.is_success() {
            bail!("{path}: {status}: {body}");
        }
        Ok(body)
    }
}

pub fn id(body: &Value) -> anyhow::Result<&str> {
    body["id"].as_str().with_context(|| format!("no id in {body}"))
}

pub async fn prepared(folder: &Path) -> anyhow::Result<(App, TenantId)> {
    let config = Config::load(None, [("BELLBIRD_DATA".to_owned(), folder.display().to_string())])?;
    let parts = Parts { hashing: Hashing::Cheap, ..Parts::connect(&config, Clock::System).await? };
    let app = control_plane::prepare(config, parts).await?;
    let office =
        admin::Office { database: &app.database, keys: &app.keys, passwords: &app.passwords, clock: &app.clock };
    let tenant = admin::create_demo(&office, "bench", &Secret::new(PASSWORD)).await?;
    Ok((app, tenant))
}
