//! Sheets made for importing people: the template, and the rows that were refused with why.

use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::Response;
use shared_proto::ids::ImportId;
use sheets::{Cell, Table};

use super::http::cells;
use super::store::{self, Rows};
use crate::app::App;
use crate::features::identity::Can;
use crate::features::identity::permissions::{ImportsManage, ImportsRead};
use crate::web::extract::Path;
use crate::web::problem::{Problem, ProblemBody};
use crate::web::xlsx::{self, attachment};

const AT_ONCE: u64 = 2_000;

/// The rows that were not accepted, as they stood in the file, with the reason; for whoever imported the file
#[utoipa::path(get, path = "/v1/imports/{id}/errors.xlsx", tag = "contacts", params(("id" = String, Path)),
    responses((status = 200, content_type = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", body = Vec<u8>),
        (status = 404, body = ProblemBody)))]
pub async fn download_errors(
    can: Can<ImportsManage>,
    State(app): State<App>,
    headers: HeaderMap,
    Path(id): Path<ImportId>,
) -> Result<Response, Problem> {
    let import = store::find(&can.db, id).await?.ok_or_else(Problem::not_found)?;
    // It holds whole numbers, which nobody else has given.
    if import.created_by != can.actor.user_id.to_string() {
        return Err(Problem::not_found());
    }
    let _turn = xlsx::turn().await;
    let language = xlsx::language(&headers);
    let text = |key: &str| language.find("sheet", key).unwrap_or(key).to_owned();
    let mut columns: Vec<String> = serde_json::from_str(&import.headers).unwrap_or_default();
    let sealer = app.keys.sealer(can.db.tenant()).await?;
    let mut refused = Vec::new();
    let mut after = 0;
    loop {
        let rows = store::rows(&can.db, &import.id, Rows::Refused, after, AT_ONCE).await?;
        for row in &rows {
            refused.push((cells(&sealer, row)?, row.code.clone()));
        }
        match rows.last() {
            Some(last) if rows.len() as u64 == AT_ONCE => after = last.row_number,
            _ => break,
        }
    }
    // A row may be wider than the header: the reason stands behind the widest.
    let width = refused.iter().map(|(cells, _)| cells.len()).max().unwrap_or(0).max(columns.len());
    columns.resize(width, String::new());
    columns.extend([text("error_reason"), text("error_code")]);
    let mut table = Table::new(&text("errors_sheet"), columns);
    for (cells, code) in refused {
        let mut line: Vec<Cell> = cells.into_iter().map(Cell::Text).collect();
        line.resize_with(width, || Cell::Empty);
        let reason = language.find("ui", &format!("rowError.{code}")).unwrap_or(&code).to_owned();
        line.extend([Cell::Text(reason), Cell::Text(code)]);
        table.push(line);
    }
    // The file holds numbers as they were uploaded.
    can.trail.access();
    let stem = import.file_name.rsplit_once('.').map_or(import.file_name.as_str(), |(stem, _)| stem);
    attachment(&format!("{}-{stem}.xlsx", text("errors_file")), table).await
}

/// A sheet to fill in
#[utoipa::path(get, path = "/v1/contacts/template.xlsx", tag = "contacts",
    responses((status = 200, content_type = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", body = Vec<u8>)))]
pub async fn download_template(_can: Can<ImportsRead>, headers: HeaderMap) -> Result<Response, Problem> {
    let language = xlsx::language(&headers);
    let text = |key: &str| language.find("sheet", key).unwrap_or(key).to_owned();
    let columns = ["name", "number", "remark"].map(|key| text(&format!("template_{key}")));
    let mut table = Table::new(&text("template_sheet"), columns.to_vec());
    table.fill_in_rows(1_000);
    table.note(&text("notes_sheet"), text("template_notes").lines().map(str::to_owned).collect());
    attachment(&format!("{}.xlsx", text("template_file")), table).await
}
