//! What of a log entry a reader is shown.

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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::features::identity::permissions::Role;

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
