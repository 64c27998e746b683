//! A whole Bellbird in this process for one bench: throw-away folder, free ports, the demo tenant, and the public API.

use anyhow::{Context, ensure};
use bellbird::{House, Rooms};
use carrier_sim::{SimConfig, SimEvent};
use platform::Config;
use reqwest::{Client, Method};
use serde_json::{Value, json};
use speech::Speech;
use std::net::{Ipv4Addr, SocketAddr, UdpSocket};
use std::sync::Arc;
use std::time::{Duration, Instant};
use tempfile::TempDir;
use tokio::sync::mpsc;

const PASSWORD: &str = "bench-Rehearsal-2026";

pub struct Stage {
    pub house: House,
    /// What the simulated carrier knows, with the time it said so.
    pub truths: mpsc::UnboundedReceiver<(Instant, SimEvent)>,
    client: Client,
    admin: String,
    operator: String,
    scripter: String,
    _folder: TempDir,
}

#[derive(Debug, Clone, Copy)]
pub enum Who {
    Admin,
    Operator,
    Scripter,
}

/// A loopback UDP port that is free now.
pub fn free_port() -> anyhow::Result<SocketAddr> {
    Ok(UdpSocket::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()?)
}

impl Stage {
    /// Opens the house; `sim` gets its addresses and observer from here.
    pub async fn open(speech: Speech, mut sim: SimConfig) -> anyhow::Result<Self> {
        let folder = tempfile::tempdir()?;
        let environment = [
            ("BELLBIRD_HTTP", "127.0.0.1:0".to_owned()),
            ("BELLBIRD_UPLINK", "127.0.0.1:0".to_owned()),
            ("BELLBIRD_SIP", free_port()?.to_string()),
            ("BELLBIRD_RTP", "20000-29999".to_owned()),
            ("BELLBIRD_DATA", folder.path().display().to_string()),
            ("BELLBIRD_DEMO_PASSWORD", PASSWORD.to_owned()),
        ];
        let config = Config::load(None, environment.map(|(key, value)| (key.to_owned(), value)))?;
        let (tell, truths) = mpsc::unbounded_channel();
        sim.sip = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
        sim.observer = Some(Arc::new(move |event| drop(tell.send((Instant::now(), event)))));
        let rooms = Rooms { edge: true, carrier: Some(sim), ..Rooms::default() };
        let house = House::open(config, speech, rooms).await?;
        bellbird::open_demo(&house, bellbird::Demo::Ready).await?;
        let client = Client::builder().no_proxy().build()?;
        let mut stage = Self {
            house,
            truths,
            client,
            admin: String::new(),
            operator: String::new(),
            scripter: String::new(),
            _folder: folder,
        };
        stage.admin = stage.sign_in("admin").await?;
        stage.operator = stage.sign_in("operator").await?;
        stage.scripter = stage.sign_in("scripter").await?;
        Ok(stage)
    }

    async fn sign_in(&self, role: &str) -> anyhow::Result<String> {
        let body = json!({ "email": format!("{role}@demo"), "password": PASSWORD });
        let url = format!("http://{}/v1/sessions", self.house.http);
        let session: Value = self.client.post(url).json(&body).send().await?.error_for_status()?.json().await?;
        Ok(session["token"].as_str().context("no token")?.to_owned())
    }

    pub async fn get(&self, path: &str) -> anyhow::Result<Value> {
        self.ask(Who::Operator, Method::GET, path, None).await
    }

    /// The campaign's call to this number. It is looked for by its last four digits, which no two numbers of a bench share:
    /// searches by a whole number are few an hour.
    pub async fn call_to(&self, campaign: &str, number: &str) -> anyhow::Result<Option<Value>> {
        let tail = number.get(number.len().saturating_sub(4)..).unwrap_or(number);
        let mut page = self.get(&format!("/v1/calls?campaign_id={campaign}&number={tail}")).await?;
        Ok(page["items"].get_mut(0).map(Value::take))
    }

    pub async fn post(&self, who: Who, path: &str, body: Value) -> anyhow::Result<Value> {
        self.ask(who, Method::POST, path, Some(body)).await
    }

    async fn ask(&self, who: Who, method: Method, path: &str, body: Option<Value>) -> anyhow::Result<Value> {
        let token = match who {
            Who::Admin => &self.admin,
            Who::Operator => &self.operator,
            Who::Scripter => &self.scripter,
        };
        let mut request = self.client.request(method, format!("http://{}{path}", self.house.http)).bearer_auth(token);
        if let Some(body) = body {
            request = request.json(&body);
        }
        let response = request.send().await?;
        let status = response.status();
        let text = response.text().await?;
        ensure!(status.is_success(), "{path}: {status} {text}");
        Ok(if text.is_empty() { Value::Null } else { serde_json::from_str(&text)? })
    }

    /// The id of the first item of a list whose `key` is `value`.
    pub async fn find(&self, path: &str, key: &str, value: &str) -> anyhow::Result<Value> {
        let list = self.get(path).await?;
        let found = list["items"].as_array().and_then(|items| items.iter().find(|item| item[key] == value));
        Ok(found.with_context(|| format!("{path} has none whose {key} is {value}"))?.clone())
    }

    /// The demo's loan script with its draft, which a list leaves out.
    pub async fn demo_script(&self) -> anyhow::Result<Value> {
        let listed = self.find("/v1/scripts", "category", "marketing").await?;
        self.get(&format!("/v1/scripts/{}", listed["id"].as_str().context("no script id")?)).await
    }

    /// Imports these numbers as a new group and gives its id.
    pub async fn group(&self, name: &str, numbers: &[String]) -> anyhow::Result<String> {
        let mut list = String::from("姓名,电话\n");
        for (index, number) in numbers.iter().enumerate() {
            list.push_str(&format!("客户{index},{number}\n"));
        }
        let group = self.post(Who::Operator, "/v1/groups", json!({ "name": name, "remark": "" })).await?;
        let id = group["id"].as_str().context("no group id")?.to_owned();
        let file = reqwest::multipart::Part::bytes(list.into_bytes()).file_name("bench.csv").mime_str("text/csv")?;
        let form = reqwest::multipart::Form::new().part("file", file).text("group", id.clone());
        let url = format!("http://{}/v1/imports", self.house.http);
        let sent = self.client.post(url).bearer_auth(&self.operator).multipart(form).send().await?;
        let import: Value = sent.error_for_status()?.json().await?;
        let path = format!("/v1/imports/{}", import["id"].as_str().context("no import id")?);
        self.until(&path, Duration::from_secs(60), |import| import["state"] == "done").await?;
        Ok(id)
    }

    pub async fn campaign(&self, body: Value) -> anyhow::Result<String> {
        let campaign = self.post(Who::Operator, "/v1/campaigns", body).await?;
        let id = campaign["id"].as_str().context("no campaign id")?.to_owned();
        self.post(Who::Operator, &format!("/v1/campaigns/{id}/start"), Value::Null).await?;
        Ok(id)
    }

    /// Asks until the answer fits.
    pub async fn until(&self, path: &str, patience: Duration, fits: impl Fn(&Value) -> bool) -> anyhow::Result<Value> {
        let deadline = Instant::now() + patience;
        loop {
            let answer = self.get(path).await?;
            if fits(&answer) {
                return Ok(answer);
            }
            ensure!(Instant::now() < deadline, "{path} was not what it should be in time: {answer}");
            tokio::time::sleep(Duration::from_millis(200)).await;
        }
    }
}
