//! The built portal's files: hashed assets for ever, `index.html` for every page address, and a
//! policy that runs only the portal's own scripts.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use axum::extract::Request;
use axum::http::{HeaderValue, Method, StatusCode, header};
use axum::response::{IntoResponse, Response};
use tower::ServiceExt;
use tower_http::services::ServeDir;

use super::problem::Problem;

/// antd writes style elements; recordings and canvases use blob and data addresses.
const POLICY: &str = "default-src 'self'; script-src 'self'; style-src 'self' 'unsafe-inline'; \
    img-src 'self' data: blob:; font-src 'self' data:; media-src 'self' blob:; connect-src 'self'; worker-src 'self' blob:; \
    frame-ancestors 'none'; base-uri 'self'; form-action 'self'";

#[derive(Clone)]
pub struct Portal {
    folder: Arc<PathBuf>,
}

impl Portal {
    pub fn open(folder: &Path) -> Self {
        Self { folder: Arc::new(folder.to_owned()) }
    }

    pub async fn serve(self, request: Request) -> Response {
        let path = request.uri().path().to_owned();
        if path == "/v1" || path.starts_with("/v1/") {
            return Problem::not_found().into_response();
        }
        if !matches!(*request.method(), Method::GET | Method::HEAD) {
            return StatusCode::METHOD_NOT_ALLOWED.into_response();
        }
        let is_asset = path.starts_with("/assets/");
        // No page of the portal has a point in its address.
        let is_file = is_asset || path.rsplit('/').next().is_some_and(|name| name.contains('.'));
        let files = ServeDir::new(&*self.folder).precompressed_br().precompressed_gzip();
        let found = match files.oneshot(request).await {
            Ok(response) => response.map(axum::body::Body::new).into_response(),
            Err(never) => match never {},
        };
        let mut response = match found.status() {
            StatusCode::NOT_FOUND if is_file => return StatusCode::NOT_FOUND.into_response(),
            StatusCode::NOT_FOUND => self.page().await,
            _ => found,
        };
        let headers = response.headers_mut();
        let keep = if is_asset { "public, max-age=31536000, immutable" } else { "no-cache" };
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static(keep));
        headers.insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(POLICY));
        response
    }

    /// Every other address is a page of the portal, which finds its way itself.
    async fn page(&self) -> Response {
        match tokio::fs::read(self.folder.join("index.html")).await {
            Ok(page) => ([(header::CONTENT_TYPE, "text/html; charset=utf-8")], page).into_response(),
            Err(_) => (StatusCode::NOT_FOUND, "the portal has not been built: npm run build in tenant-portal\n")
                .into_response(),
        }
    }
}
