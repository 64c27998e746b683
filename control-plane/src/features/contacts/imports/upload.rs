//! An upload on its way into the objects part: streamed, bounded, and gone again when it is refused.

use std::collections::HashMap;

use axum::extract::multipart::{Field, Multipart, MultipartError};
use axum::http::StatusCode;
use bytes::Bytes;
use futures_util::TryStreamExt;
use tokio::io::AsyncRead;
use tokio_util::io::StreamReader;

use crate::app::App;
use crate::web::problem::Problem;

/// The largest file that is taken, in MiB.
pub const FILE_MOST_MIB: usize = 64;
/// The file and its form around it.
pub const BODY_MOST: usize = (FILE_MOST_MIB << 20) + (1 << 20);
/// All texts of a form together.
const TEXT_MOST: usize = 64 << 10;

/// A form whose file lies in the objects part.
pub struct Upload {
    pub object_key: String,
    pub file_name: String,
    texts: HashMap<String, String>,
}

impl Upload {
    /// Takes the whole form. The order of its parts does not matter.
    pub async fn take(app: &App, object_key: String, form: Multipart) -> Result<Self, Problem> {
        let taken = Self::take_parts(app, &object_key, form).await;
        if taken.is_err() {
            discard(app, &object_key).await;
        }
        let (file_name, texts) = taken?;
        Ok(Self { object_key, file_name, texts })
    }

    async fn take_parts(
        app: &App,
        object_key: &str,
        mut form: Multipart,
    ) -> Result<(String, HashMap<String, String>), Problem> {
        let mut file_name = None;
        let mut texts = HashMap::new();
        let mut left = TEXT_MOST;
        while let Some(part) = form.next_field().await.map_err(refused)? {
            let name = part.name().unwrap_or_default().to_owned();
            if name == "file" && file_name.is_none() {
                file_name = Some(plain_name(part.file_name().unwrap_or_default()));
                store(app, object_key, part).await?;
            } else {
                texts.insert(name, text(part, &mut left).await?);
            }
        }
        let file_name = file_name.ok_or_else(|| Problem::field("import_file_missing", "file"))?;
        Ok((file_name, texts))
    }

    /// A text of the form; none where it is left out or blank.
    pub fn text(&self, name: &str) -> Option<&str> {
        self.texts.get(name).map(|text| text.trim()).filter(|text| !text.is_empty())
    }
}

pub async fn discard(app: &App, object_key: &str) {
    if let Err(error) = app.objects.delete(object_key).await {
        tracing::warn!(%error, "a refused upload could not be removed");
    }
}

async fn store(app: &App, object_key: &str, part: Field<'_>) -> Result<(), Problem> {
    let mut broke_off = None;
    let result = {
        let bytes = part.map_err(|error| {
            broke_off = Some(refused(error));
            std::io::Error::other("the upload broke off")
        });
        let mut reader: std::pin::Pin<Box<dyn AsyncRead + Send + '_>> = Box::pin(StreamReader::<_, Bytes>::new(bytes));
        app.objects.put_reader(object_key, &mut reader).await
    };
    match (result, broke_off) {
        (_, Some(problem)) => Err(problem),
        (Ok(0), None) => Err(Problem::field("import_empty", "file")),
        (Ok(_), None) => Ok(()),
        (Err(error), None) => Err(error.into()),
    }
}

/// Never holds more than is left for all texts of the form together.
async fn text(mut part: Field<'_>, left: &mut usize) -> Result<String, Problem> {
    let mut bytes = Vec::new();
    while let Some(chunk) = part.chunk().await.map_err(refused)? {
        *left = left.checked_sub(chunk.len()).ok_or_else(|| Problem::too_large("body_too_large"))?;
        bytes.extend_from_slice(&chunk);
    }
    String::from_utf8(bytes).map_err(|_| Problem::bad_request("form_invalid"))
}

fn refused(error: MultipartError) -> Problem {
    if error.status() == StatusCode::PAYLOAD_TOO_LARGE {
        Problem::too_large("import_file_too_large").with("most_mib", FILE_MOST_MIB)
    } else {
        Problem::bad_request("form_invalid")
    }
}

/// The file's name without folders, at most a hundred characters.
fn plain_name(name: &str) -> String {
    let last = name.rsplit(['/', '\\']).next().unwrap_or_default();
    last.chars().filter(|sign| !sign.is_control()).take(100).collect()
}
