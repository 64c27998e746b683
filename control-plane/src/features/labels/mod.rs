//! Intent labels: what a whole call is worth, as data of the tenant. Five are seeded and stay; more may be added.

use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::app::App;
use crate::tenant_db::TenantDb;
use crate::web::problem::Problem;

mod http;
mod rules;
pub mod store;

pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(http::list_labels, http::create_label))
        .routes(routes!(http::update_label, http::delete_label))
}

/// The key in a filter, where the tenant has such a label; a blank one asks for nothing.
pub async fn known(db: &TenantDb, key: Option<String>) -> Result<Option<String>, Problem> {
    let Some(key) = key.filter(|key| !key.is_empty()) else { return Ok(None) };
    let labels = store::all(db).await?;
    if labels.iter().any(|label| label.key == key) {
        return Ok(Some(key));
    }
    let allowed: Vec<&str> = labels.iter().map(|label| label.key.as_str()).collect();
    Err(Problem::bad_request("label_unknown").with("field", "label").with("allowed", allowed.join(", ")))
}
