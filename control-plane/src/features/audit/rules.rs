//! How a request is named in the operation log. Pure.

/// The logs: what was changed, who signed in, what personal data was seen.
pub const KINDS: [&str; 3] = ["operation", "login", "access"];

/// `POST` on `/v1/campaigns/{id}/start` is `campaigns.start`, `PATCH` on `/v1/users/{id}` is `users.update`.
pub fn action(method: &str, route: &str) -> String {
    let segments: Vec<&str> = route.split('/').filter(|segment| !segment.is_empty() && *segment != "v1").collect();
    let ends_with_id = segments.last().is_some_and(|segment| segment.starts_with('{'));
    let mut words: Vec<&str> = segments.iter().copied().filter(|segment| !segment.starts_with('{')).collect();
    let below_an_object = words.len() > 1 && !ends_with_id;
    match method {
        "PATCH" => words.push("update"),
        "PUT" => words.push("set"),
        "DELETE" => words.push("delete"),
        "GET" => words.push("read"),
        _ if below_an_object => {}
        _ => words.push("create"),
    }
    words.join(".")
}

/// The id that the path names: the last segment of `path` where `route` has a parameter.
pub fn object_id(route: &str, path: &str) -> Option<String> {
    let pairs = route.split('/').zip(path.split('/'));
    pairs.filter(|(name, _)| name.starts_with('{')).map(|(_, value)| value.to_owned()).last()
}

/// The kind of object that the first word of the route names: `campaigns` is `campaign`.
pub fn object_type(route: &str) -> Option<String> {
    let first = route.split('/').find(|segment| !segment.is_empty() && *segment != "v1")?;
    Some(match first {
        "me" | "presence" => "user".to_owned(),
        "blacklist" => first.to_owned(),
        plural => plural.strip_suffix('s').unwrap_or(plural).to_owned(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn actions_are_named_by_route_and_method() {
        let cases = [
            ("POST", "/v1/users", "users.create"),
            ("PATCH", "/v1/users/{id}", "users.update"),
            ("POST", "/v1/users/{id}/password", "users.password"),
            ("DELETE", "/v1/groups/{id}", "groups.delete"),
            ("POST", "/v1/campaigns/{id}/start", "campaigns.start"),
            ("POST", "/v1/leads/{id}/follow-ups", "leads.follow-ups"),
            ("POST", "/v1/me/password", "me.password"),
            ("PUT", "/v1/presence", "presence.set"),
            ("GET", "/v1/calls/{id}/recording", "calls.recording.read"),
        ];
        for (method, route, expected) in cases {
            assert_eq!(action(method, route), expected);
        }
    }

    #[test]
    fn the_object_is_the_last_id_in_the_path() {
        assert_eq!(object_id("/v1/users/{id}", "/v1/users/usr_1").as_deref(), Some("usr_1"));
        assert_eq!(object_id("/v1/users", "/v1/users"), None);
        assert_eq!(object_type("/v1/users/{id}").as_deref(), Some("user"));
    }
}
