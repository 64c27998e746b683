//! The contact card: everything that is known of one contact on one page.

use serde::Serialize;
use shared_proto::ids::ContactId;
use utoipa::ToSchema;

use super::store;
use super::views::{self, Contact};
use crate::features::identity::Can;
use crate::features::identity::permissions::ContactsRead;
use crate::web::extract::{Json, Path};
use crate::web::problem::{Problem, ProblemBody};

#[derive(Serialize, ToSchema)]
pub struct ContactCard {
    #[serde(flatten)]
    contact: Contact,
}

/// Read a contact's card
#[utoipa::path(get, path = "/v1/contacts/{id}", tag = "contacts", params(("id" = String, Path)),
    responses((status = 200, body = ContactCard), (status = 404, body = ProblemBody)))]
pub async fn read_contact(can: Can<ContactsRead>, Path(id): Path<ContactId>) -> Result<Json<ContactCard>, Problem> {
    let row = store::find(&can.db, id).await?.ok_or_else(Problem::not_found)?;
    let contact = views::contacts(&can.db, vec![row]).await?.pop().ok_or_else(Problem::not_found)?;
    Ok(Json(ContactCard { contact }))
}
