//! What of a log entry a reader is shown.

use serde_json::{Value, json};

use crate::features::identity::permissions::Key;

/// What a role must be allowed to read to see an object of this kind before and after a change. Kinds that nobody
/// has thought of show nothing.
pub fn reading(kind: &str) -> Option<Key> {
    Some(match kind {
        "user" | "session" => Key::UsersRead,
        "trunk" => Key::TrunksRead,
        "edge" => Key::EdgesRead,
        "alert" => Key::AlertsRead,
        "contact" | "group" => Key::ContactsRead,
        "import" => Key::ImportsRead,
        "blacklist" => Key::BlacklistRead,
        "label" => Key::LabelsRead,
        "script" => Key::ScriptsRead,
        "campaign" => Key::CampaignsRead,
        "call" => Key::CallsRead,
        "lead" => Key::LeadsRead,
        "report" => Key::ReportsRead,
        _ => return None,
    })
}

/// Why an access was made is for every reader of the log: who watches over accesses need not see what was read.
pub fn reason(state: &Value) -> Option<Value> {
    state.get("reason").map(|reason| json!({ "reason": reason }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::features::identity::permissions::Role;

    #[test]
    fn of_an_access_everybody_sees_the_reason_and_nothing_else() {
        let state = json!({"lead": "lead_1", "number": "138****8000", "reason": "asked"});
        assert_eq!(reason(&state), Some(json!({"reason": "asked"})));
        assert_eq!(reason(&json!({"lead": "lead_1"})), None);
    }

    #[test]
    fn the_log_shows_a_role_no_more_than_its_own_pages_do() {
        let kinds = ["user", "trunk", "edge", "alert", "contact", "group", "import", "blacklist", "label", "script"];
        let kinds = kinds.into_iter().chain(["campaign", "call", "lead", "report", "something new"]);
        let shown = |role: Role| move |kind: &&str| reading(kind).is_some_and(|key| role.may(key));
        let of_admin: Vec<&str> = kinds.clone().filter(shown(Role::Admin)).collect();
        assert_eq!(of_admin, ["user", "trunk", "edge", "alert"]);
        assert_eq!(kinds.filter(|kind| !shown(Role::Viewer)(kind)).collect::<Vec<_>>(), ["something new"]);
    }
}
