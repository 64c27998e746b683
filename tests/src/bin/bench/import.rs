//! `bench import [--file SHEET] [--repeat N]`: a list of 100,000 contacts through the real server: how long it
//! takes, what it costs against its floor, and how long others wait meanwhile. Each part is measured in a
//! process of its own, so that none lives off another's warm memory.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Context, bail};
use control_plane::features::contacts::imports::batch::{self, Line, Policy, Target};
use control_plane::features::contacts::imports::plan::Mapping;
use control_plane::features::contacts::imports::reading::{self, Reading};
use control_plane::tenant_db::TenantDb;
use serde_json::{Value, json};
use sheets::Sheet;

use super::option;
use super::server::{self, Face, Server, id};

const ROWS: u32 = 100_000;

pub async fn measure(options: &[String]) -> anyhow::Result<Value> {
    let scratch = tempfile::tempdir()?;
    let file = match option(options, "--file") {
        Some(path) => PathBuf::from(path),
        None => sheet(scratch.path())?,
    };
    match option(options, "--part") {
        None => repeat(&file, option(options, "--repeat").unwrap_or("3").parse()?),
        Some("floor") => floor(&file, scratch.path()).await,
        Some("alone") => import(&file, scratch.path(), Others::None).await,
        Some("busy") => import(&file, scratch.path(), Others::Write).await,
        Some(other) => bail!("there is no part \"{other}\""),
    }
}

fn repeat(file: &Path, times: usize) -> anyhow::Result<Value> {
    let (mut floor_s, mut cpu_s, mut wall_s, mut grown, mut p99) = (vec![], vec![], vec![], vec![], vec![]);
    let mut rows = Value::Null;
    for _ in 0..times.max(1) {
        let floor = part(file, "floor")?;
        let alone = part(file, "alone")?;
        let busy = part(file, "busy")?;
        floor_s.push(number(&floor, "cpu_s"));
        cpu_s.push(number(&alone, "cpu_s"));
        wall_s.push(number(&alone, "seconds"));
        grown.push(number(&alone, "memory_growth_mib"));
        p99.push(number(&busy, "other_write_p99_ms"));
        rows = alone["rows"].clone();
    }
    let (floor, cpu) = (median(&mut floor_s), median(&mut cpu_s));
    Ok(json!({
        "bench": "import",
        "rows": rows,
        "seconds": median(&mut wall_s),
        "cpu_s": cpu,
        "floor_cpu_s": floor,
        "cpu_over_floor": (cpu / floor * 100.0).round() / 100.0,
        "memory_growth_mib": median(&mut grown),
        "other_write_p99_ms": median(&mut p99),
        "repetitions": times.max(1),
    }))
}

fn part(file: &Path, name: &str) -> anyhow::Result<Value> {
    let output = Command::new(std::env::current_exe()?)
        .args(["import", "--part", name, "--file"])
        .arg(file)
        .output()
        .with_context(|| format!("part {name}"))?;
    if !output.status.success() {
        bail!("part {name}: {}", String::from_utf8_lossy(&output.stderr));
    }
    Ok(serde_json::from_slice(&output.stdout)?)
}

fn number(value: &Value, key: &str) -> f64 {
    value[key].as_f64().unwrap_or(f64::NAN)
}

fn median(values: &mut [f64]) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

/// Parse, normalise, one prepared bulk insert: no import can cost less.
async fn floor(file: &Path, folder: &Path) -> anyhow::Result<Value> {
    let (app, tenant) = server::prepared(folder).await?;
    let db = TenantDb::of(&app.database, tenant);
    let sealer = app.keys.sealer(tenant).await?;
    let sheet = Sheet::open(file)?;
    let plan = reading::plan(&sheet, &Mapping::default()).map_err(|(code, _)| anyhow::anyhow!(code))?;
    let before = cpu();
    let mut lines: Vec<Line> = Vec::new();
    Reading { sheet: &sheet, plan: &plan, sealer: &sealer, checkpoint: 0, at_ms: 1, batch: 1024 }.run(
        &mut |batch| {
            lines.extend(batch);
            std::ops::ControlFlow::Continue(())
        },
    )?;
    let target = Target { db: &db, sealer: &sealer, import_id: "floor", group_id: "floor", policy: Policy::Skip };
    let inserted = batch::insert_all(&target, &lines).await?;
    Ok(json!({"cpu_s": (cpu() - before).as_secs_f64(), "rows": inserted}))
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Others {
    None,
    /// Somebody changes a group all the while.
    Write,
}

async fn import(file: &Path, folder: &Path, others: Others) -> anyhow::Result<Value> {
    let server = Server::start(folder, "operator").await?;
    let group = server.post("/v1/groups", json!({"name": "别的"})).await?;
    let group = format!("/v1/groups/{}", id(&group)?);

    let over = Arc::new(AtomicBool::new(false));
    let most = tokio::spawn(highest_memory(over.clone()));
    let waits = tokio::spawn(write_meanwhile(server.face(), group, over.clone(), others));
    let (cpu_before, memory_before, began) = (cpu(), memory_mib(), Instant::now());
    let done = server.import(file, "名单").await?;
    let (seconds, cpu_s) = (began.elapsed().as_secs_f64(), (cpu() - cpu_before).as_secs_f64());
    over.store(true, Ordering::Relaxed);
    let grown = most.await?.saturating_sub(memory_before);
    let mut waits = waits.await??;
    waits.sort_by(f64::total_cmp);
    let p99 = waits.get((waits.len() * 99 / 100).min(waits.len().saturating_sub(1))).copied();
    server.stop().await?;
    Ok(json!({
        "seconds": round(seconds), "cpu_s": round(cpu_s), "memory_growth_mib": grown, "rows": done["rows"],
        "other_write_p99_ms": p99.map(round), "other_writes": waits.len(),
    }))
}

async fn write_meanwhile(face: Face, group: String, over: Arc<AtomicBool>, others: Others) -> anyhow::Result<Vec<f64>> {
    let mut waits = Vec::new();
    while others == Others::Write && !over.load(Ordering::Relaxed) {
        let began = Instant::now();
        face.patch(&group, json!({"remark": format!("第 {} 次", waits.len())})).await?;
        waits.push(began.elapsed().as_secs_f64() * 1000.0);
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    Ok(waits)
}

/// A sheet of the usual shape: name, number, city, remark, a date and an amount.
pub fn sheet(folder: &Path) -> anyhow::Result<PathBuf> {
    let mut book = rust_xlsxwriter::Workbook::new();
    let sheet = book.add_worksheet();
    for (column, header) in (0..).zip(["客户姓名", "联系电话", "城市", "备注", "到期日", "欠费金额"])
    {
        sheet.write_string(0, column, header)?;
    }
    let seconds = ["30", "31", "33", "36", "39", "50", "58", "76", "80", "86"];
    for row in 1..=ROWS {
        // Every number once: the row in the last digits, its range in the first ones.
        let number = format!("1{}{row:08}", seconds[row as usize % seconds.len()]);
        sheet.write_string(row, 0, format!("客户{row}"))?;
        sheet.write_string(row, 1, number)?;
        sheet.write_string(row, 2, ["上海", "北京", "成都", "杭州"][row as usize % 4])?;
        sheet.write_string(row, 3, "批次A")?;
        sheet.write_string(row, 4, format!("2026-12-{:02}", row % 28 + 1))?;
        sheet.write_number(row, 5, f64::from(row % 5000) + 0.25)?;
    }
    let path = folder.join("contacts-100k.xlsx");
    book.save(&path)?;
    Ok(path)
}

/// User and system time of this process so far.
fn cpu() -> Duration {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let fields: Vec<&str> = stat.rsplit(')').next().unwrap_or_default().split_whitespace().collect();
    let ticks = |place: usize| fields.get(place).and_then(|field| field.parse::<u64>().ok()).unwrap_or(0);
    // utime and stime, fields 14 and 15 of proc(5), in hundredths of a second.
    Duration::from_millis((ticks(11) + ticks(12)) * 10)
}

fn memory_mib() -> u64 {
    let statm = std::fs::read_to_string("/proc/self/statm").unwrap_or_default();
    let pages = statm.split_whitespace().nth(1).and_then(|field| field.parse::<u64>().ok()).unwrap_or(0);
    pages * 4 / 1024
}

async fn highest_memory(over: Arc<AtomicBool>) -> u64 {
    let most = AtomicU64::new(0);
    while !over.load(Ordering::Relaxed) {
        most.fetch_max(memory_mib(), Ordering::Relaxed);
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    most.into_inner()
}

pub fn round(value: f64) -> f64 {
    (value * 100.0).round() / 100.0
}
