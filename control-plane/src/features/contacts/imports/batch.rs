//! One short transaction of an import: rows in, contacts, verdicts and the checkpoint out, all or nothing.
//! The one bulk insert; statements come in a few fixed sizes, so that each is prepared once.

use std::collections::{HashMap, HashSet};
use std::sync::LazyLock;

use platform::WriteTx;
use sea_orm::{ConnectionTrait, DbErr, FromQueryResult, Value};
use shared_proto::ids::ContactId;

use crate::features::contacts::blacklist::store as blacklist;
use crate::features::contacts::store as contacts;
use crate::tenant_db::TenantDb;

/// A contact ready for its row: parsed, sealed and indexed outside of any transaction.
#[derive(Clone, Debug)]
pub struct Ready {
    pub id: ContactId,
    pub name: String,
    pub number_sealed: Vec<u8>,
    pub number_blind: Vec<u8>,
    pub number_masked: String,
    pub number_tail: String,
    pub number_type: &'static str,
    pub province: Option<&'static str>,
    pub city: Option<&'static str>,
    pub carrier: Option<&'static str>,
    pub zone: Option<&'static str>,
    pub remark: String,
    pub fields: String,
    pub others_sealed: Option<Vec<u8>>,
    pub synthetic: bool,
}

/// A row of the file.
#[derive(Clone, Debug)]
pub struct Line {
    pub row: u32,
    /// The cells as they stood, as a JSON list.
    pub cells: String,
    /// A contact, or the code of why the row is invalid.
    pub outcome: Result<Ready, &'static str>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Policy {
    Skip,
    Overwrite,
}

pub struct Target<'a> {
    pub db: &'a TenantDb,
    pub sealer: &'a crate::sealing::Sealer,
    pub import_id: &'a str,
    pub group_id: &'a str,
    pub policy: Policy,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    pub accepted: i64,
    pub duplicate: i64,
    pub invalid: i64,
    pub blocked: i64,
    pub dead: i64,
}

struct Verdict<'a> {
    line: &'a Line,
    verdict: &'static str,
    code: &'static str,
    dead: bool,
}

/// The insert alone, in one transaction, of lines whose numbers are all new: the least that an import can cost.
pub async fn insert_all(target: &Target<'_>, lines: &[Line]) -> anyhow::Result<u64> {
    let mut fresh: Vec<(&Line, &Ready)> =
        lines.iter().filter_map(|line| Some((line, line.outcome.as_ref().ok()?))).collect();
    fresh.sort_unstable_by(|a, b| a.1.number_blind.cmp(&b.1.number_blind));
    let tx = target.db.write().await?;
    let inserted = insert_contacts(target, &tx, &fresh, &HashSet::new()).await?;
    tx.commit().await?;
    Ok(inserted)
}

/// Settles `lines` and moves the checkpoint to the last of them. Refuses where another run has come further.
pub async fn settle(target: &Target<'_>, lines: &[Line]) -> anyhow::Result<Counts> {
    let (Some(first), Some(last)) = (lines.first(), lines.last()) else { return Ok(Counts::default()) };
    let tx = target.db.write().await?;
    let sql = "SELECT checkpoint FROM imports WHERE tenant_id = $1 AND id = $2";
    let row = tx.query_one_raw(target.db.sql(sql, [target.import_id.into()])).await?;
    let settled: i64 = row.map(|row| row.try_get("", "checkpoint")).transpose()?.unwrap_or_default();
    anyhow::ensure!(settled < i64::from(first.row), "another run of this import has come further");
    let (counts, verdicts) = decide(target, &tx, lines).await?;
    insert_verdicts(target, &tx, &verdicts).await?;
    let sql = "UPDATE imports SET checkpoint = $3, accepted = accepted + $4, duplicate = duplicate + $5, \
               invalid = invalid + $6, blocked = blocked + $7, dead = dead + $8 WHERE tenant_id = $1 AND id = $2";
    let values: [Value; 7] = [
        target.import_id.into(),
        i64::from(last.row).into(),
        counts.accepted.into(),
        counts.duplicate.into(),
        counts.invalid.into(),
        counts.blocked.into(),
        counts.dead.into(),
    ];
    tx.execute_raw(target.db.sql(sql, values)).await?;
    tx.commit().await?;
    Ok(counts)
}

async fn decide<'a>(
    target: &Target<'_>,
    tx: &WriteTx,
    lines: &'a [Line],
) -> anyhow::Result<(Counts, Vec<Verdict<'a>>)> {
    let mut counts = Counts::default();
    let mut verdicts = Vec::new();
    let blinds: Vec<&[u8]> =
        lines.iter().filter_map(|line| line.outcome.as_ref().ok()).map(|ready| ready.number_blind.as_slice()).collect();
    let blocked = known(target, tx, "blacklist", blacklist::REAL, &blinds).await?;
    let dead = known(target, tx, "dead_numbers", contacts::REALLY_DEAD, &blinds).await?;

    let mut first_in_batch: HashSet<&[u8]> = HashSet::with_capacity(lines.len());
    let mut fresh: Vec<(&Line, &Ready)> = Vec::with_capacity(lines.len());
    for line in lines {
        let ready = match &line.outcome {
            Ok(ready) => ready,
            Err(code) => {
                counts.invalid += 1;
                verdicts.push(Verdict { line, verdict: "invalid", code, dead: false });
                continue;
            }
        };
        let blind = ready.number_blind.as_slice();
        if blocked.contains(blind) {
            counts.blocked += 1;
            verdicts.push(Verdict { line, verdict: "blocked", code: "blacklisted", dead: false });
        } else if first_in_batch.insert(blind) {
            fresh.push((line, ready));
        } else {
            counts.duplicate += 1;
            verdicts.push(Verdict { line, verdict: "duplicate", code: "duplicate_in_file", dead: false });
        }
    }
    // The order of the index: pages are touched one after the other.
    fresh.sort_unstable_by(|a, b| a.1.number_blind.cmp(&b.1.number_blind));
    let inserted = insert_contacts(target, tx, &fresh, &dead).await?;
    let before = if inserted == fresh.len() as u64 { HashMap::new() } else { owners(target, tx, &fresh).await? };
    let mut members = Vec::with_capacity(fresh.len());
    for (line, ready) in fresh {
        let dead = dead.contains(ready.number_blind.as_slice());
        counts.dead += i64::from(dead);
        let Some(owner) = before.get(&ready.number_blind).filter(|owner| owner.id != ready.id.to_string()) else {
            counts.accepted += 1;
            members.push(ready.id.to_string());
            if dead {
                verdicts.push(Verdict { line, verdict: "accepted", code: "number_dead", dead });
            }
            continue;
        };
        counts.duplicate += 1;
        let code = match target.policy {
            _ if owner.import_id.as_deref() == Some(target.import_id) => "duplicate_in_file",
            Policy::Skip => "duplicate_in_tenant",
            Policy::Overwrite => {
                overwrite(target, tx, &owner.id, ready).await?;
                "duplicate_updated"
            }
        };
        if owner.archived {
            bring_back(target, tx, &owner.id).await?;
        }
        members.push(owner.id.clone());
        verdicts.push(Verdict { line, verdict: "duplicate", code, dead });
    }
    members.sort_unstable();
    insert_members(target, tx, &members).await?;
    Ok((counts, verdicts))
}

const COLUMNS: &str = "id, name, number_sealed, number_blind, number_masked, number_tail, number_type, province, city, \
    carrier, zone, remark, fields, others_sealed, synthetic, status, dead_at";

/// How many were new.
async fn insert_contacts(
    target: &Target<'_>,
    tx: &WriteTx,
    fresh: &[(&Line, &Ready)],
    dead: &HashSet<Vec<u8>>,
) -> Result<u64, DbErr> {
    static SQL: LazyLock<Sizes> = LazyLock::new(|| {
        Sizes::of("$1,$2,$2,$3", 3, 17, |rows| {
            format!(
                "INSERT INTO contacts (tenant_id, created_at, updated_at, import_id, {COLUMNS}) VALUES {rows} \
                 ON CONFLICT DO NOTHING"
            )
        })
    });
    let now = target.db.now_ms();
    let mut inserted = 0;
    for (sql, part) in SQL.cut(fresh) {
        let mut values: Vec<Value> = Vec::with_capacity(2 + part.len() * 17);
        values.push(now.into());
        values.push(target.import_id.into());
        for (_, ready) in part {
            let dead = dead.contains(ready.number_blind.as_slice());
            values.extend([
                ready.id.to_string().into(),
                ready.name.as_str().into(),
                ready.number_sealed.clone().into(),
                ready.number_blind.clone().into(),
                ready.number_masked.as_str().into(),
                ready.number_tail.as_str().into(),
                ready.number_type.into(),
                ready.province.into(),
                ready.city.into(),
                ready.carrier.into(),
                ready.zone.into(),
                ready.remark.as_str().into(),
                ready.fields.as_str().into(),
                ready.others_sealed.clone().into(),
                ready.synthetic.into(),
                if dead { "invalid" } else { "never" }.into(),
                dead.then_some(now).into(),
            ]);
        }
        inserted += tx.execute_raw(target.db.sql(sql, values)).await?.rows_affected();
    }
    Ok(inserted)
}

async fn insert_members(target: &Target<'_>, tx: &WriteTx, ids: &[String]) -> Result<(), DbErr> {
    static SQL: LazyLock<Sizes> = LazyLock::new(|| {
        Sizes::of("$1,$2,$3", 3, 1, |rows| {
            format!(
                "INSERT INTO contact_groups (tenant_id, group_id, import_id, contact_id) VALUES {rows} \
                 ON CONFLICT DO NOTHING"
            )
        })
    });
    for (sql, part) in SQL.cut(ids) {
        let shared = [Value::from(target.group_id), target.import_id.into()];
        let values = shared.into_iter().chain(part.iter().map(|id| id.as_str().into()));
        tx.execute_raw(target.db.sql(sql, values)).await?;
    }
    Ok(())
}

async fn insert_verdicts(target: &Target<'_>, tx: &WriteTx, verdicts: &[Verdict<'_>]) -> anyhow::Result<()> {
    static SQL: LazyLock<Sizes> = LazyLock::new(|| {
        Sizes::of("$1,$2", 2, 5, |rows| {
            format!(
                "INSERT INTO import_rows (tenant_id, import_id, row_number, verdict, code, dead, cells_sealed) VALUES {rows}"
            )
        })
    });
    for (sql, part) in SQL.cut(verdicts) {
        let mut values: Vec<Value> = vec![target.import_id.into()];
        for verdict in part {
            values.extend([
                i64::from(verdict.line.row).into(),
                verdict.verdict.into(),
                verdict.code.into(),
                verdict.dead.into(),
                target.sealer.seal_text(&verdict.line.cells)?.into(),
            ]);
        }
        tx.execute_raw(target.db.sql(sql, values)).await?;
    }
    Ok(())
}

/// Which of the numbers stand in `table` and count. Costs one look where the table is empty, as it mostly is.
async fn known(
    target: &Target<'_>,
    tx: &WriteTx,
    table: &'static str,
    counts: &'static str,
    blinds: &[&[u8]],
) -> Result<HashSet<Vec<u8>>, DbErr> {
    let mut found = HashSet::new();
    let any = format!("SELECT 1 AS one FROM {table} WHERE tenant_id = $1 LIMIT 1");
    if tx.query_one_raw(target.db.sql(&any, [])).await?.is_none() {
        return Ok(found);
    }
    for part in blinds.chunks(LOOK_UP) {
        let sql = format!(
            "SELECT number_blind FROM {table} WHERE tenant_id = $1 AND number_blind IN ({}) AND {counts}",
            *PLACES
        );
        for row in tx.query_all_raw(target.db.sql(&sql, padded(part))).await? {
            found.insert(row.try_get("", "number_blind")?);
        }
    }
    Ok(found)
}

#[derive(FromQueryResult)]
struct OwnerRow {
    id: String,
    number_blind: Vec<u8>,
    import_id: Option<String>,
    archived_at: Option<i64>,
}

struct Owner {
    id: String,
    import_id: Option<String>,
    archived: bool,
}

/// Who has these numbers now.
async fn owners(
    target: &Target<'_>,
    tx: &WriteTx,
    fresh: &[(&Line, &Ready)],
) -> Result<HashMap<Vec<u8>, Owner>, DbErr> {
    let blinds: Vec<&[u8]> = fresh.iter().map(|(_, ready)| ready.number_blind.as_slice()).collect();
    let sql = format!(
        "SELECT id, number_blind, import_id, archived_at FROM contacts WHERE tenant_id = $1 AND number_blind IN ({})",
        *PLACES
    );
    let mut owners = HashMap::with_capacity(fresh.len());
    for part in blinds.chunks(LOOK_UP) {
        for row in OwnerRow::find_by_statement(target.db.sql(&sql, padded(part))).all(&**tx).await? {
            let owner = Owner { id: row.id, import_id: row.import_id, archived: row.archived_at.is_some() };
            owners.insert(row.number_blind, owner);
        }
    }
    Ok(owners)
}

/// What the file says wins; what it leaves blank stays.
async fn overwrite(target: &Target<'_>, tx: &WriteTx, id: &str, ready: &Ready) -> anyhow::Result<()> {
    let sql = "SELECT fields FROM contacts WHERE tenant_id = $1 AND id = $2";
    let row = tx.query_one_raw(target.db.sql(sql, [id.into()])).await?;
    let before: String = row.map(|row| row.try_get("", "fields")).transpose()?.unwrap_or_default();
    let mut fields: serde_json::Map<String, serde_json::Value> = serde_json::from_str(&before).unwrap_or_default();
    fields.extend(serde_json::from_str::<serde_json::Map<_, _>>(&ready.fields)?);
    let sql = "UPDATE contacts SET name = CASE WHEN $3 = '' THEN name ELSE $3 END, \
               remark = CASE WHEN $4 = '' THEN remark ELSE $4 END, fields = $5, \
               others_sealed = COALESCE($6, others_sealed), updated_at = $7 WHERE tenant_id = $1 AND id = $2";
    let values: [Value; 6] = [
        id.into(),
        ready.name.as_str().into(),
        ready.remark.as_str().into(),
        serde_json::Value::Object(fields).to_string().into(),
        ready.others_sealed.clone().into(),
        target.db.now_ms().into(),
    ];
    tx.execute_raw(target.db.sql(sql, values)).await?;
    Ok(())
}

async fn bring_back(target: &Target<'_>, tx: &WriteTx, id: &str) -> Result<(), DbErr> {
    let sql = "UPDATE contacts SET archived_at = NULL WHERE tenant_id = $1 AND id = $2";
    tx.execute_raw(target.db.sql(sql, [id.into()])).await.map(|_| ())
}

const LOOK_UP: usize = 256;
static PLACES: LazyLock<String> =
    LazyLock::new(|| (2..LOOK_UP + 2).map(|place| format!("${place}")).collect::<Vec<_>>().join(","));

/// Always as many values, so that the statement is one; the last is repeated.
fn padded(part: &[&[u8]]) -> Vec<Value> {
    let last = part.last().copied().unwrap_or_default();
    let all = part.iter().copied().chain(std::iter::repeat(last)).take(LOOK_UP);
    all.map(|blind| Value::from(blind.to_vec())).collect()
}

/// An insert of many rows in sizes of powers of two. The first values of every row are shared.
struct Sizes(Vec<(usize, String)>);

impl Sizes {
    /// Sixteen rows: binding looks every numbered placeholder up by its place, so that its cost grows with
    /// the square of their count.
    const MOST: u32 = 4;

    /// `first` are the `shared` values that begin every row; `own` more follow, other ones in each.
    fn of(first: &str, shared: usize, own: usize, sql: impl Fn(&str) -> String) -> Self {
        let sizes = (0..=Self::MOST).rev().map(|power| {
            let size = 1usize << power;
            let mut rows = Vec::with_capacity(size);
            for row in 0..size {
                let from = shared + 1 + row * own;
                let places: Vec<String> = (from..from + own).map(|place| format!("${place}")).collect();
                rows.push(format!("({first},{})", places.join(",")));
            }
            (size, sql(&rows.join(",")))
        });
        Self(sizes.collect())
    }

    fn cut<'a, T>(&'a self, mut items: &'a [T]) -> impl Iterator<Item = (&'a str, &'a [T])> {
        std::iter::from_fn(move || {
            let (size, sql) = self.0.iter().find(|(size, _)| *size <= items.len())?;
            let (part, rest) = items.split_at(*size);
            items = rest;
            Some((sql.as_str(), part))
        })
    }
}
