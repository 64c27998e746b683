//! The demo tenant, made through the public API as its users would: trunk by the admin, list and campaign by the operator.
//! Only accounts and scripts are put in place directly. Each step looks first, so an interrupted start is completed by the next.

use crate::house::{House, office};
use anyhow::Context;
use control_plane::tenant_db::TenantDb;
use platform::Secret;
use reqwest::multipart::{Form, Part};
use reqwest::{Client, Response};
use serde_json::{Value, json};
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
    let given = &app.config.demo_password;
    if control_plane::admin::tenants(&app.database).await?.is_empty() {
        let password =
            if given.is_empty() { control_plane::admin::random_password() } else { given.expose().to_owned() };
        let secret = Secret::new(password.as_str());
        let tenant = control_plane::admin::create_demo(&office(app), TENANT, &secret).await?;
        let db = TenantDb::of(&app.database, tenant);
        control_plane::features::scripts::demo::seed_demo(&db, &app.clock).await?;
        println!(
            "bellbird: tenant {TENANT}: admin@{TENANT} operator@{TENANT} scripter@{TENANT} agent@{TENANT} viewer@{TENANT}"
        );
        if given.is_empty() {
            println!("bellbird: password of all five, printed this once: {password}");
        }
        furnish(house, &secret).await.context("the demo tenant")?;
    }
    match wish {
        Demo::Ready => Ok(()),
        Demo::Start => start(house).await.context("the demo campaign"),
    }
}

async fn furnish(house: &House, password: &Secret) -> anyhow::Result<()> {
    let admin = Api::sign_in(house, "admin", password).await?;
    let carrier = house.carrier_address.context("the demo needs the simulated carrier")?;
    let trunk = json!({
        "name": TRUNK, "kind": "rehearsal", "address": carrier.to_string(), "username": null, "password": null,
        "caller_ids": ["02160000000"], "max_calls": 20, "calls_per_second": 5,
    });
    let trunk = admin.post("/v1/trunks", &trunk).await?;
    admin.sign_out().await?;

    let operator = Api::sign_in(house, "operator", password).await?;
    let group =
        operator.post("/v1/groups", &json!({ "name": GROUP, "remark": "模拟客户，只能在预演线路上呼叫" })).await?;
    let file = Part::bytes(LIST.as_bytes()).file_name("预演客户.csv").mime_str("text/csv")?;
    let form = Form::new().part("file", file).text("group", text(&group, "id")?);
    let import = operator.post_form("/v1/imports", form).await?;
    operator.until_imported(&text(&import, "id")?).await?;
    let scripts = operator.get("/v1/scripts").await?;
    let script =
        scripts["items"].as_array().and_then(|all| all.iter().find(|script| script["category"] == "marketing"));
    let campaign = json!({
        "name": CAMPAIGN, "remark": "模拟客户的预演", "group_id": group["id"], "trunk_id": trunk["id"],
        "script_id": script.context("the demo script is missing")?["id"],
        "windows": [{ "weekdays": [1, 2, 3, 4, 5, 6, 7], "from": "09:00", "to": "20:00" }],
        "max_calls": 4, "retry": { "attempts": 2, "interval_s": 300 },
    });
    operator.post("/v1/campaigns", &campaign).await?;
    operator.sign_out().await
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
    async fn sign_in(house: &House, role: &str, password: &Secret) -> anyhow::Result<Self> {
        let base = format!("http://{}", house.http);
        let client = Client::builder().no_proxy().timeout(Duration::from_secs(30)).build()?;
        let body = json!({ "email": format!("{role}@{TENANT}"), "password": password.expose() });
        let session = checked(client.post(format!("{base}/v1/sessions")).json(&body).send().await?).await?;
        Ok(Self { client, base, token: text(&session, "token")? })
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

fn text(value: &Value, key: &str) -> anyhow::Result<String> {
    value[key].as_str().map(str::to_owned).with_context(|| format!("the answer has no {key}"))
}
