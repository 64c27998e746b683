//! Starting an import and following it.

use axum::extract::multipart::MultipartRejection;
use axum::extract::{Multipart, State};
use axum::http::StatusCode;
use sea_orm::ActiveValue::Set;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use shared_proto::ids::{GroupId, ImportId, UserId};
use utoipa::{IntoParams, ToSchema};

use super::plan::Mapping;
use super::rules::{mask_digits, shown};
use super::store::{self, Model, Rows};
use super::upload::{self, Upload};
use super::{jobs as import_jobs, store::RowVerdict};
use crate::app::App;
use crate::features::contacts::groups::store as groups;
use crate::features::contacts::{Named, number_search};
use crate::features::identity::Can;
use crate::features::identity::permissions::{ImportsManage, ImportsRead};
use crate::jobs::{self, NewJob};
use crate::tenant_db::TenantDb;
use crate::web::extract::{Json, Path, Query};
use crate::web::page::{Page, PageQuery, Time};
use crate::web::problem::{Problem, ProblemBody};
use crate::web::refusal;

#[derive(Serialize, ToSchema)]
pub struct ImportView {
    id: String,
    /// `queued`, `running`, `done` or `failed`
    state: String,
    group: Option<Named>,
    file_name: String,
    /// Whether the reader gave this file: its error file is for that person alone.
    own: bool,
    rows: ImportRows,
    /// Of the accepted and duplicate rows, those whose number was once found dead.
    dead: i64,
    /// Rows the file seems to have.
    rows_estimate: i64,
    rows_per_s: Option<i64>,
    eta_s: Option<i64>,
    /// Why it failed.
    error: Option<ImportError>,
    created_at: Time,
    finished_at: Option<Time>,
}

/// total = accepted + duplicate + invalid + blocked
#[derive(Serialize, ToSchema)]
struct ImportRows {
    total: i64,
    accepted: i64,
    duplicate: i64,
    invalid: i64,
    blocked: i64,
}

#[derive(Serialize, ToSchema)]
struct ImportError {
    code: String,
    params: Value,
}

impl ImportView {
    fn of(import: Model, group: Option<Named>, reader: UserId, now: i64) -> Self {
        let total = import.total();
        let running = import.state == "running";
        let took_ms = import.started_at.map(|start| (import.finished_at.unwrap_or(now) - start).max(1));
        let rate = took_ms.filter(|_| total > 0).map(|ms| total * 1000 / ms);
        let left = (import.rows_estimate - total).max(0);
        Self {
            eta_s: rate.filter(|rate| running && *rate > 0).map(|rate| (left + rate - 1) / rate),
            rows_per_s: rate,
            rows: ImportRows {
                total,
                accepted: import.accepted,
                duplicate: import.duplicate,
                invalid: import.invalid,
                blocked: import.blocked,
            },
            error: import.error_code.map(|code| ImportError {
                code,
                params: serde_json::from_str(&import.error_params).unwrap_or_default(),
            }),
            own: import.created_by == reader.to_string(),
            id: import.id,
            state: import.state,
            group,
            file_name: mask_digits(&import.file_name),
            dead: import.dead,
            rows_estimate: import.rows_estimate,
            created_at: Time(import.created_at),
            finished_at: import.finished_at.map(Time),
        }
    }
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct ImportsQuery {
    /// `queued`, `running`, `done` or `failed`
    state: Option<String>,
}

/// List imports, newest first
#[utoipa::path(get, path = "/v1/imports", tag = "contacts", params(ImportsQuery, PageQuery),
    responses((status = 200, body = Page<ImportView>), (status = 400, body = ProblemBody)))]
pub async fn list_imports(
    can: Can<ImportsRead>,
    Query(query): Query<ImportsQuery>,
    Query(page): Query<PageQuery>,
) -> Result<Json<Page<ImportView>>, Problem> {
    let state = refusal::one_of("state", query.state, &store::STATES)?;
    let rows = store::page(&can.db, state, page.after()?, page.limit() + 1).await?;
    let names = groups::names(&can.db, rows.iter().map(|import| import.group_id.clone())).await?;
    let now = can.db.now_ms();
    let named = |id: &str| names.get(id).map(|name| Named { id: id.to_owned(), name: name.clone() });
    Ok(Json(Page::cut(
        rows,
        page.limit(),
        |import| import.id.clone(),
        |import| {
            let group = named(&import.group_id);
            ImportView::of(import, group, can.actor.user_id, now)
        },
    )))
}

/// Read one import
#[utoipa::path(get, path = "/v1/imports/{id}", tag = "contacts", params(("id" = String, Path)),
    responses((status = 200, body = ImportView), (status = 404, body = ProblemBody)))]
pub async fn read_import(can: Can<ImportsRead>, Path(id): Path<ImportId>) -> Result<Json<ImportView>, Problem> {
    let import = store::find(&can.db, id).await?.ok_or_else(Problem::not_found)?;
    let mut names = groups::names(&can.db, [import.group_id.clone()]).await?;
    let group = names.remove(&import.group_id).map(|name| Named { id: import.group_id.clone(), name });
    Ok(Json(ImportView::of(import, group, can.actor.user_id, can.db.now_ms())))
}

/// The form of an import.
#[derive(ToSchema)]
#[allow(dead_code, reason = "the shape in the description; the form is read part by part")]
pub struct ImportForm {
    /// xlsx, xls or csv
    #[schema(value_type = String, format = Binary)]
    file: Vec<u8>,
    /// Id of a group, or the name of one, which is made where there is none
    group: String,
    /// JSON object: column number from 0, or header → `number`, `name`, `remark`, `skip` or a custom field. Columns left out are guessed.
    mapping: Option<String>,
    /// `skip` (default): contacts that exist stay as they are; `overwrite`: their fields are updated. Both join the group.
    policy: Option<String>,
}

#[derive(Serialize, ToSchema)]
pub struct StartedImport {
    id: String,
}

/// Import a list of contacts
#[utoipa::path(post, path = "/v1/imports", tag = "contacts",
    request_body(content = ImportForm, content_type = "multipart/form-data"),
    responses((status = 202, body = StartedImport), (status = 413, body = ProblemBody), (status = 422, body = ProblemBody),
        (status = 429, body = ProblemBody)))]
pub async fn start_import(
    can: Can<ImportsManage>,
    State(app): State<App>,
    form: Result<Multipart, MultipartRejection>,
) -> Result<(StatusCode, Json<StartedImport>), Problem> {
    let form = form.map_err(|_| Problem::bad_request("form_invalid"))?;
    number_search::count_file(&app, &can).await?;
    let id = app.fresh(ImportId::new);
    let upload = Upload::take(&app, format!("imports/{}/{id}", can.db.tenant()), form).await?;
    let begun = begin(&app, &can, id, &upload).await;
    if begun.is_err() {
        upload::discard(&app, &upload.object_key).await;
    }
    begun?;
    app.jobs.wake();
    Ok((StatusCode::ACCEPTED, Json(StartedImport { id: id.to_string() })))
}

async fn begin(app: &App, can: &Can<ImportsManage>, id: ImportId, upload: &Upload) -> Result<(), Problem> {
    let mapping = Mapping::parse(upload.text("mapping").unwrap_or_default())
        .ok_or_else(|| Problem::field("import_mapping_invalid", "mapping"))?;
    let policy = upload.text("policy").unwrap_or("skip");
    if !["skip", "overwrite"].contains(&policy) {
        return Err(Problem::field("import_policy_unknown", "policy"));
    }
    let wanted = upload.text("group").ok_or_else(|| Problem::field("group_missing", "group"))?;
    let tx = can.db.write().await?;
    let (group, group_is_new) = group(app, &can.db, &tx, wanted).await?;
    let row = store::ActiveModel {
        group_id: Set(group),
        group_is_new: Set(group_is_new),
        file_name: Set(upload.file_name.clone()),
        object_key: Set(upload.object_key.clone()),
        policy: Set(policy.to_owned()),
        mapping: Set(mapping.to_json()),
        created_by: Set(can.actor.user_id.to_string()),
        ..store::queued(id, app.now_ms())
    };
    store::insert(&can.db, &tx, row).await?;
    let order = serde_json::to_value(import_jobs::Order { import: id }).map_err(Problem::internal)?;
    jobs::enqueue(app, &tx, NewJob::now(can.db.tenant(), import_jobs::KIND, order)).await?;
    tx.commit().await?;
    can.trail.object("import", id);
    can.trail.after(&serde_json::json!({"file_name": mask_digits(&upload.file_name), "policy": policy}));
    Ok(())
}

/// The group's id, and whether it was made now: a name that is new makes a group.
async fn group(app: &App, db: &TenantDb, tx: &platform::WriteTx, wanted: &str) -> Result<(String, bool), Problem> {
    if let Ok(id) = wanted.parse::<GroupId>() {
        let found = groups::find(db, &**tx, id).await?;
        return Ok((found.ok_or_else(|| Problem::field("group_unknown", "group"))?.id, false));
    }
    let name = groups::rules_name(wanted).ok_or_else(|| Problem::field("group_name_invalid", "group"))?;
    match groups::find_by_name(db, &**tx, &name).await? {
        Some(group) => Ok((group.id, false)),
        None => {
            let id = app.fresh(GroupId::new);
            groups::insert(db, tx, id, &name, "").await?;
            Ok((id.to_string(), true))
        }
    }
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct RowsQuery {
    /// `duplicate`, `invalid`, `blocked`, or `dead`; left out: every row that was not accepted
    verdict: Option<String>,
}

#[derive(Serialize, ToSchema)]
pub struct RowView {
    /// As the spreadsheet program counts, the header included.
    row: i64,
    /// Long numbers are masked, long texts cut.
    cells: Vec<String>,
    verdict: String,
    code: String,
    dead: bool,
}

/// The rows of one bucket, in the order of the file
#[utoipa::path(get, path = "/v1/imports/{id}/rows", tag = "contacts", params(("id" = String, Path), RowsQuery, PageQuery),
    responses((status = 200, body = Page<RowView>), (status = 400, body = ProblemBody), (status = 404, body = ProblemBody)))]
pub async fn list_rows(
    can: Can<ImportsRead>,
    State(app): State<App>,
    Path(id): Path<ImportId>,
    Query(query): Query<RowsQuery>,
    Query(page): Query<PageQuery>,
) -> Result<Json<Page<RowView>>, Problem> {
    let import = store::find(&can.db, id).await?.ok_or_else(Problem::not_found)?;
    let which = match query.verdict.as_deref().filter(|word| !word.is_empty()) {
        None => Rows::Refused,
        Some(word) => Rows::parse(word).ok_or_else(|| refusal::value_unknown("verdict", &Rows::WORDS))?,
    };
    let after = match page.after()? {
        None => 0,
        Some(text) => text.parse().map_err(|_| Problem::bad_request("cursor_invalid"))?,
    };
    let sealer = app.keys.sealer(can.db.tenant()).await?;
    let rows = store::rows(&can.db, &import.id, which, after, page.limit() + 1).await?;
    let rows: Vec<(RowVerdict, Vec<String>)> = rows
        .into_iter()
        .map(|row| {
            let cells = cells(&sealer, &row)?;
            Ok((row, cells))
        })
        .collect::<Result<_, Problem>>()?;
    Ok(Json(Page::cut(
        rows,
        page.limit(),
        |(row, _)| row.row_number.to_string(),
        |(row, cells)| RowView {
            row: row.row_number,
            cells: cells.iter().map(|cell| shown(cell)).collect(),
            verdict: row.verdict,
            code: row.code,
            dead: row.dead,
        },
    )))
}

/// The cells as they stood in the file.
pub fn cells(sealer: &crate::sealing::Sealer, row: &RowVerdict) -> Result<Vec<String>, Problem> {
    let json = sealer.open_text(&row.cells_sealed)?;
    serde_json::from_str(&json).map_err(Problem::internal)
}
