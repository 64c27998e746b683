//! The demo tenant, made through the public API as its users would: trunk by the admin, list and campaign by the operator.
//! Only accounts and scripts are put in place directly. Each step looks first, so an interrupted start is completed by the next.

use crate::house::{House, office};
use anyhow::Context;
use control_plane::features::identity::permissions::Role;
use control_plane::tenant_db::TenantDb;
use platform::Secret;
use reqwest::multipart::{Form, Part};
use reqwest::{Client, Response};
use serde_json::{Value, json};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::time::Duration;

const TENANT: &str = "demo";
const LIST: &str = include_str!("demo/customers.csv");
const GROUP: &str = "预演客户";
const TRUNK: &str = "预演线路";
const CAMPAIGN: &str = "信用贷款邀约（预演）";
/// How long the list may take to be imported.
const PATIENCE: Duration = Duration::from_secs(60);

/// What the demo campaign does after the start.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Demo {
    Ready,
    Start,
}

/// Makes the demo on an empty data folder, and starts its campaign where asked.
pub async fn open(house: &House, wish: Demo) -> anyhow::Result<()> {
    let app = &house.app;
    // Only a start that was interrupted is completed: what people removed later stays removed.
    let unfinished = app.config.data.join("demo.unfinished");
    if control_plane::admin::tenants(&app.database).await?.is_empty() {
        std::fs::write(&unfinished, "").with_context(|| format!("{} cannot be written", unfinished.display()))?;
    }
    if unfinished.exists() {
        let db = accounts(house).await?;
        furnish(house, &db).await.context("the demo tenant")?;
        std::fs::remove_file(&unfinished).with_context(|| format!("{} cannot be removed", unfinished.display()))?;
    }
    match wish {
        Demo::Ready => Ok(()),
        Demo::Start => start(house).await.context("the demo campaign"),
    }
}

/// The accounts that are not there yet. Their password is printed before they are made: nothing can come between.
async fn accounts(house: &House) -> anyhow::Result<TenantDb> {
    let app = &house.app;
    let given = &app.config.demo_password;
    let missing = control_plane::admin::missing_in_demo(&app.database, TENANT).await?;
    let password = if given.is_empty() { control_plane::admin::random_password() } else { given.expose().to_owned() };
    if !missing.is_empty() {
        println!("bellbird: tenant {TENANT}: {}", missing.join(" "));
        if given.is_empty() {
            println!("bellbird: their password, printed this once: {password}");
        }
    }
    let tenant = control_plane::admin::create_demo(&office(app), TENANT, &Secret::new(password)).await?;
    Ok(TenantDb::of(&app.database, tenant))
}

async fn furnish(house: &House, db: &TenantDb) -> anyhow::Result<()> {
    let admin = Api::open(house, Role::Admin).await?;
    let carrier = house.carrier_address.context("the demo needs the simulated carrier")?;
    let trunk = json!({
        "name": TRUNK, "kind": "rehearsal", "address": reached(carrier).to_string(), "username": null, "password": null,
        "caller_ids": ["02160000000"], "max_calls": 20, "calls_per_second": 5,
    });
    let trunk = admin.found_or_made("/v1/trunks", &trunk).await?;
    admin.sign_out().await?;

    let operator = Api::open(house, Role::Operator).await?;
    let group = json!({ "name": GROUP, "remark": "模拟客户，只能在预演线路上呼叫" });
    let group = operator.found_or_made("/v1/groups", &group).await?;
    operator.until_imported(&import(&operator, &group).await?).await?;
    if items(&operator.get("/v1/scripts").await?).is_empty() {
        control_plane::features::scripts::seed_demo(db, &house.app.clock).await?;
    }
    let scripts = operator.get("/v1/scripts").await?;
    let script = items(&scripts).iter().find(|script| script["category"] == "marketing");
    let campaign = json!({
        "name": CAMPAIGN, "remark": "模拟客户的预演", "group_id": group["id"], "trunk_id": trunk["id"],
        "script_id": script.context("the demo script is missing")?["id"],
        "windows": [{ "weekdays": [1, 2, 3, 4, 5, 6, 7], "from": "09:00", "to": "20:00" }],
        "max_calls": 4, "retry": { "attempts": 2, "interval_s": 300 },
    });
    operator.found_or_made("/v1/campaigns", &campaign).await?;
    operator.sign_out().await
}

/// Where the simulated carrier is reached; one that listens everywhere, on this machine.
fn reached(carrier: SocketAddr) -> SocketAddr {
    let ip = match carrier.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => Ipv4Addr::LOCALHOST.into(),
        IpAddr::V6(ip) if ip.is_unspecified() => Ipv6Addr::LOCALHOST.into(),
        ip => ip,
    };
    SocketAddr::new(ip, carrier.port())
}

/// The import of the list: one that did not fail, or a new one.
async fn import(operator: &Api, group: &Value) -> anyhow::Result<String> {
    let imports = operator.get("/v1/imports").await?;
    let begun = |import: &&Value| import["group"]["id"] == group["id"] && import["state"] != "failed";
    if let Some(import) = items(&imports).iter().find(begun) {
        return text(import, "id");
    }
    let file = Part::bytes(LIST.as_bytes()).file_name("预演客户.csv").mime_str("text/csv")?;
    let form = Form::new().part("file", file).text("group", text(group, "id")?);
    text(&operator.post_form("/v1/imports", form).await?, "id")
}

/// Starts the campaign in its own name; the password of a demo that was made before is not known here.
async fn start(house: &House) -> anyhow::Result<()> {
    let app = &house.app;
    let tenant = control_plane::admin::tenant_by_name(&app.database, TENANT).await?;
    let db = TenantDb::of(&app.database, tenant.context("there is no demo tenant in this data folder")?);
    let campaigns = control_plane::features::campaigns::store::page(&db, Default::default(), None, 200).await?;
    let campaign = campaigns.iter().find(|campaign| campaign.name == CAMPAIGN);
    let id = campaign.and_then(|campaign| campaign.campaign_id()).context("it is not there any more")?;
    let by = control_plane::features::campaigns::store::By::Bellbird;
    match control_plane::features::campaigns::command::start_campaign(app, &db, id, &by).await {
        Ok(()) => Ok(()),
        Err(problem) => {
            // A campaign that ran before stays as it is.
            tracing::warn!(code = %problem.code, "the demo campaign was not started");
            Ok(())
        }
    }
}

/// A signed-in user of the public API.
struct Api {
    client: Client,
    base: String,
    token: String,
}

impl Api {
    /// In the name of the demo's account of that role, whose password nobody needs to know for this.
    async fn open(house: &House, role: Role) -> anyhow::Result<Self> {
        let email = control_plane::admin::demo_email(role, TENANT);
        let token = control_plane::admin::open_session(&office(&house.app), &email).await?;
        let client = Client::builder().no_proxy().timeout(Duration::from_secs(30)).build()?;
        Ok(Self { client, base: format!("http://{}", house.http), token })
    }

    async fn sign_out(self) -> anyhow::Result<()> {
        let url = format!("{}/v1/sessions", self.base);
        checked(self.client.delete(url).bearer_auth(&self.token).send().await?).await.map(drop)
    }

    async fn get(&self, path: &str) -> anyhow::Result<Value> {
        checked(self.client.get(format!("{}{path}", self.base)).bearer_auth(&self.token).send().await?).await
    }

    async fn post(&self, path: &str, body: &Value) -> anyhow::Result<Value> {
        let request = self.client.post(format!("{}{path}", self.base)).bearer_auth(&self.token).json(body);
        checked(request.send().await?).await.with_context(|| format!("POST {path}"))
    }

    async fn post_form(&self, path: &str, form: Form) -> anyhow::Result<Value> {
        let request = self.client.post(format!("{}{path}", self.base)).bearer_auth(&self.token).multipart(form);
        checked(request.send().await?).await.with_context(|| format!("POST {path}"))
    }

    /// What has this body's name in the list at `path`, or what the body makes.
    async fn found_or_made(&self, path: &str, body: &Value) -> anyhow::Result<Value> {
        let list = self.get(path).await?;
        match items(&list).iter().find(|item| item["name"] == body["name"]) {
            Some(found) => Ok(found.clone()),
            None => self.post(path, body).await,
        }
    }

    async fn until_imported(&self, id: &str) -> anyhow::Result<()> {
        let done = async {
            loop {
                let import = self.get(&format!("/v1/imports/{id}")).await?;
                match import["state"].as_str() {
                    Some("done") => return Ok(()),
                    Some("failed") => anyhow::bail!("the list was refused: {}", import["error"]),
                    _ => tokio::time::sleep(Duration::from_millis(100)).await,
                }
            }
        };
        tokio::time::timeout(PATIENCE, done).await.context("the list took too long")?
    }
}

async fn checked(response: Response) -> anyhow::Result<Value> {
    let status = response.status();
    let body = response.text().await?;
    let value = if body.is_empty() { Value::Null } else { serde_json::from_str(&body).unwrap_or(Value::Null) };
    anyhow::ensure!(status.is_success(), "{status}: {} {}", value["code"], value["title"]);
    Ok(value)
}

fn items(list: &Value) -> &[Value] {
    list["items"].as_array().map(Vec::as_slice).unwrap_or_default()
}

fn text(value: &Value, key: &str) -> anyhow::Result<String> {
    value[key].as_str().map(str::to_owned).with_context(|| format!("the answer has no {key}"))
}
