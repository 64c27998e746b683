//! The second step of an import: what the first rows would become, cell by cell. Nothing is kept.

use std::path::PathBuf;

use axum::extract::multipart::MultipartRejection;
use axum::extract::{Multipart, State};
use serde::Serialize;
use shared_proto::ids::ImportId;
use sheets::Sheet;
use utoipa::ToSchema;

use super::plan::{Mapping, Plan, ROWS_SEEN, Refusal, SWALLOWED};
use super::reading;
use super::rules::{Field, NAME_MOST, TEXT_MOST, clean_text, mask_digits, numbers_in, shown};
use super::upload::{self, Upload};
use crate::app::App;
use crate::features::identity::Can;
use crate::features::identity::permissions::ImportsManage;
use crate::web::extract::Json;
use crate::web::problem::{Problem, ProblemBody};
use crate::web::xlsx;

const ROWS: usize = 20;

#[derive(Serialize, ToSchema)]
pub struct ImportPreview {
    columns: Vec<PreviewColumn>,
    rows: Vec<Vec<PreviewCell>>,
    total_estimate: u64,
    /// `xlsx`, `xls`, or the encoding of a text file
    encoding: String,
    sheet: Option<String>,
}

#[derive(Serialize, ToSchema)]
struct PreviewColumn {
    index: usize,
    header: String,
    /// `number`, `name`, `remark`, or the name of a custom field
    field: Option<String>,
}

#[derive(Serialize, ToSchema)]
struct PreviewCell {
    /// Long numbers are masked, long texts cut.
    value: String,
    /// `ok`, `warning` or `error`
    verdict: &'static str,
    code: Option<&'static str>,
}

/// The form of a preview.
#[derive(ToSchema)]
#[allow(dead_code, reason = "the shape in the description; the form is read part by part")]
pub struct PreviewForm {
    /// xlsx, xls or csv
    #[schema(value_type = String, format = Binary)]
    file: Vec<u8>,
    /// As in an import. Columns left out are guessed.
    mapping: Option<String>,
}

/// Look at a list before importing it
#[utoipa::path(post, path = "/v1/imports/preview", tag = "contacts",
    request_body(content = PreviewForm, content_type = "multipart/form-data"),
    responses((status = 200, body = ImportPreview), (status = 413, body = ProblemBody), (status = 422, body = ProblemBody)))]
pub async fn preview_import(
    can: Can<ImportsManage>,
    State(app): State<App>,
    form: Result<Multipart, MultipartRejection>,
) -> Result<Json<ImportPreview>, Problem> {
    let form = form.map_err(|_| Problem::bad_request("form_invalid"))?;
    let key = format!("imports/{}/preview-{}", can.db.tenant(), app.fresh(ImportId::new));
    let upload = Upload::take(&app, key, form).await?;
    let path = app.objects.local_path(&upload.object_key)?;
    let mapping = Mapping::parse(upload.text("mapping").unwrap_or_default());
    let turn = xlsx::turn().await;
    let read = tokio::task::spawn_blocking(move || {
        let mapping = mapping.ok_or_else(|| ("import_mapping_invalid", serde_json::json!({})))?;
        read(path, &mapping)
    });
    let read = read.await;
    drop(turn);
    upload::discard(&app, &upload.object_key).await;
    can.trail.heartbeat();
    let read = read.map_err(Problem::internal)?;
    let refused = |(code, params)| {
        let of_mapping = ["import_mapping_invalid", "import_unknown_column"].contains(&code);
        with_params(Problem::field(code, if of_mapping { "mapping" } else { "file" }), params)
    };
    let (sheet, plan, rows) = read.map_err(refused)?;

    // Of the rows alone: what the tenant knows of their numbers would make it a search that nobody counts or logs.
    let rows = rows.iter().map(|row| preview_row(&plan, row, sheet.delimiter())).collect();
    Ok(Json(ImportPreview {
        columns: plan
            .headers
            .iter()
            .zip(&plan.fields)
            .enumerate()
            .map(|(index, (header, field))| PreviewColumn {
                index,
                header: mask_digits(header),
                field: (*field != Field::Skip).then(|| mask_digits(field.as_str())),
            })
            .collect(),
        rows,
        total_estimate: sheet.rows_estimate.saturating_sub(u64::from(plan.header_row)),
        encoding: sheet.encoding().to_owned(),
        sheet: sheet.name,
    }))
}

/// A row to look at.
struct Seen {
    cells: Vec<String>,
    stray_mark: bool,
}

type Read = (Sheet, Plan, Vec<Seen>);

fn read(path: PathBuf, mapping: &Mapping) -> Result<Read, Refusal> {
    let sheet = Sheet::open(&path).map_err(|error| reading::refusal(&error))?;
    let (first, strays): (Vec<_>, Vec<_>) =
        reading::first_of(&sheet, ROWS_SEEN, &|row| ((row.number, row.cells.to_vec()), row.stray_mark))?
            .into_iter()
            .unzip();
    let plan = Plan::without_number(&first, mapping)?;
    let below = first.into_iter().zip(strays).filter(|((number, _), _)| *number > plan.header_row);
    let rows = below.take(ROWS).map(|((_, cells), stray_mark)| Seen { cells, stray_mark }).collect();
    Ok((sheet, plan, rows))
}

fn preview_row(plan: &Plan, row: &Seen, delimiter: Option<char>) -> Vec<PreviewCell> {
    let blank = String::new();
    let cell_of = |place: usize| row.cells.get(place).unwrap_or(&blank);
    plan.fields
        .iter()
        .enumerate()
        .map(|(place, field)| {
            let value = cell_of(place);
            let (verdict, code) = match field {
                _ if plan.swallowed(value, delimiter, row.stray_mark) => ("error", Some(SWALLOWED)),
                Field::Phone => match numbers_in(&[value]) {
                    Err(code) => ("error", Some(code)),
                    Ok(found) if !found.others.is_empty() => ("warning", Some("number_several")),
                    Ok(_) => ("ok", None),
                },
                Field::Skip => ("ok", None),
                Field::Name => judged_by_length(value, NAME_MOST),
                Field::Remark | Field::Custom(_) => judged_by_length(value, TEXT_MOST),
            };
            PreviewCell { value: shown(value), verdict, code }
        })
        .collect()
}

fn judged_by_length(value: &str, most: usize) -> (&'static str, Option<&'static str>) {
    if clean_text(value).chars().count() > most { ("error", Some("text_too_long")) } else { ("ok", None) }
}

fn with_params(mut problem: Problem, params: serde_json::Value) -> Problem {
    if let serde_json::Value::Object(params) = params {
        problem.params.extend(params);
    }
    problem
}
