//! `bench campaign [--file SHEET] [--repeat N]`: campaigns over a list of 100,000 contacts through the real server:
//! how long a start takes, and how long one waits for a campaign's page and for the list while contacts are copied
//! and after. There is no edge, so nobody is called.

use std::path::PathBuf;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::import::{round, sheet};
use super::option;
use super::server::{Face, Server, id};

/// Looks at each page after each start.
const LOOKS: usize = 40;
/// Started campaigns on the list page at the end.
const CAMPAIGNS: usize = 5;

pub async fn measure(options: &[String]) -> anyhow::Result<Value> {
    let scratch = tempfile::tempdir()?;
    let file = match option(options, "--file") {
        Some(path) => PathBuf::from(path),
        None => sheet(scratch.path())?,
    };
    let server = Server::start(scratch.path(), "operator").await?;
    server.import(&file, "名单").await?;
    let group = id(&server.get("/v1/groups").await?["items"][0])?.to_owned();
    let wish = json!({
        "group_id": group, "script_id": script(&server).await?, "trunk_id": trunk(&server).await?, "max_calls": 50,
    });
    let (mut starts, mut pages, mut lists) = (Vec::new(), Vec::new(), Vec::new());
    let mut contacts = Value::Null;
    let campaigns = option(options, "--repeat").map_or(Ok(CAMPAIGNS), str::parse)?.max(1);
    for n in 1..=campaigns {
        let mut body = wish.clone();
        body["name"] = format!("任务 {n}").into();
        let campaign = format!("/v1/campaigns/{}", id(&server.post("/v1/campaigns", body).await?)?);
        starts.push(timed(server.post(&format!("{campaign}/start"), json!({}))).await?.1);
        for _ in 0..LOOKS {
            let (shown, ms) = timed(server.get(&campaign)).await?;
            contacts = shown["counters"]["total"].clone();
            pages.push(ms);
            lists.push(timed(server.get("/v1/campaigns")).await?.1);
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }
    server.stop().await?;
    Ok(json!({
        "bench": "campaign", "contacts": contacts, "campaigns": campaigns, "start_ms": rank(&mut starts, 100),
        "page_ms": rank(&mut pages, 95), "list_ms": rank(&mut lists, 95),
    }))
}

async fn script(face: &Face) -> anyhow::Result<String> {
    let scripter = face.signed_in("scripter").await?;
    let script = scripter.post("/v1/scripts", json!({"name": "话术"})).await?;
    scripter.post(&format!("/v1/scripts/{}/publish", id(&script)?), json!({})).await?;
    Ok(id(&script)?.to_owned())
}

async fn trunk(face: &Face) -> anyhow::Result<String> {
    let admin = face.signed_in("admin").await?;
    let body = json!({
        "name": "预演", "kind": "rehearsal", "address": "127.0.0.1:5190", "max_calls": 50, "calls_per_second": 50,
    });
    Ok(id(&admin.post("/v1/trunks", body).await?)?.to_owned())
}

async fn timed(asking: impl Future<Output = anyhow::Result<Value>>) -> anyhow::Result<(Value, f64)> {
    let began = Instant::now();
    let answer = asking.await?;
    Ok((answer, began.elapsed().as_secs_f64() * 1000.0))
}

fn rank(values: &mut [f64], percent: usize) -> f64 {
    values.sort_by(f64::total_cmp);
    round(values[(values.len() * percent).div_ceil(100).max(1) - 1])
}
