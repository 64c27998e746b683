//! Decisions about accounts. Pure.

use super::permissions::Role;

/// Shorter passwords are refused; longer than the upper bound only costs hashing time.
pub const PASSWORD_LENGTH: std::ops::RangeInclusive<usize> = 8..=128;

/// The form in which an e-mail address is stored and compared, or `None` where it is none.
pub fn email(text: &str) -> Option<String> {
    let text = text.trim().to_lowercase();
    let (name, domain) = text.split_once('@')?;
    let plain = !name.is_empty() && !domain.is_empty() && !domain.contains('@');
    let fits = text.chars().count() <= 200 && !text.chars().any(|c| c.is_whitespace() || c.is_control());
    (plain && fits).then_some(text)
}

/// The display name of an account, or `None`.
pub fn name(text: &str) -> Option<String> {
    let text = text.trim();
    let fits = (1..=60).contains(&text.chars().count()) && !text.chars().any(char::is_control);
    fits.then(|| text.to_owned())
}

#[derive(Debug, PartialEq, Eq)]
pub enum Unfit {
    Short,
    Long,
    Plain,
}

/// Length, and neither digits alone nor one sign repeated: the throttle does the rest.
pub fn password(text: &str) -> Result<(), Unfit> {
    let length = text.chars().count();
    let first = text.chars().next();
    match length {
        _ if length < *PASSWORD_LENGTH.start() => Err(Unfit::Short),
        _ if length > *PASSWORD_LENGTH.end() => Err(Unfit::Long),
        _ if text.chars().all(|c| Some(c) == first || c.is_ascii_digit()) => Err(Unfit::Plain),
        _ => Ok(()),
    }
}

/// A tenant must keep one enabled admin, or nobody can let anybody in.
pub fn leaves_an_admin(enabled_admins: u64, was: (Role, bool), becomes: (Role, bool)) -> bool {
    let counts = |(role, enabled): (Role, bool)| role == Role::Admin && enabled;
    !(counts(was) && !counts(becomes) && enabled_admins <= 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn emails_are_compared_in_one_form() {
        assert_eq!(email("  Admin@Demo "), Some("admin@demo".to_owned()));
        assert_eq!(email("admin"), None);
        assert_eq!(email("a@b@c"), None);
    }

    #[test]
    fn the_last_admin_stays() {
        assert!(!leaves_an_admin(1, (Role::Admin, true), (Role::Admin, false)));
        assert!(!leaves_an_admin(1, (Role::Admin, true), (Role::Viewer, true)));
        assert!(leaves_an_admin(2, (Role::Admin, true), (Role::Admin, false)));
        assert!(leaves_an_admin(1, (Role::Agent, true), (Role::Agent, false)));
    }

    #[test]
    fn passwords_are_long_and_not_one_sign() {
        assert_eq!(password("short"), Err(Unfit::Short));
        assert_eq!(password("aaaaaaaaaa"), Err(Unfit::Plain));
        assert_eq!(password("12345678"), Err(Unfit::Plain));
        assert_eq!(password("bellbird-demo"), Ok(()));
    }
}
