//! Spreadsheets made on the server: a table in, a download out.

use axum::body::Body;
use axum::http::{HeaderMap, HeaderValue, header};
use axum::response::Response;
use sheets::Table;
use tokio::sync::{Semaphore, SemaphorePermit};

use super::problem::Problem;
use crate::text::Language;

const MIME: &str = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";

/// A sheet may be large in memory while it is read or made: so many at once, the others wait.
pub async fn turn() -> SemaphorePermit<'static> {
    static TURNS: Semaphore = Semaphore::const_new(2);
    TURNS.acquire().await.expect("the turns are never closed")
}

/// The answer that downloads the table. Big ones are made on a thread of their own.
pub async fn attachment(file_name: &str, table: Table) -> Result<Response, Problem> {
    let made = tokio::task::spawn_blocking(move || table.to_bytes()).await.map_err(Problem::internal)?;
    let bytes = made.map_err(Problem::internal)?;
    let mut response = Response::new(Body::from(bytes));
    let disposition =
        format!("attachment; filename=\"bellbird.xlsx\"; filename*=UTF-8''{}", percent_encoded(file_name));
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static(MIME));
    response
        .headers_mut()
        .insert(header::CONTENT_DISPOSITION, HeaderValue::from_str(&disposition).map_err(Problem::internal)?);
    Ok(response)
}

/// The language that the caller reads sheets in.
pub fn language(headers: &HeaderMap) -> Language {
    Language::accepted(headers.get(header::ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok()))
}

/// RFC 8187, section 3.2.
fn percent_encoded(text: &str) -> String {
    let mut out = String::new();
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            out.push(char::from(byte));
        } else {
            out.push_str(&format!("%{byte:02X}"));
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_name_in_chinese_travels_in_a_header() {
        assert_eq!(percent_encoded("错误 a.xlsx"), "%E9%94%99%E8%AF%AF%20a.xlsx");
    }
}
