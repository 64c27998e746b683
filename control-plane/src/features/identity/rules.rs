//! Decisions about accounts. Pure.

use super::permissions::Role;
use crate::features::contacts::imports::rules::clean_text;

/// Shorter passwords are refused; longer than the upper bound only costs hashing time.
pub const PASSWORD_LENGTH: std::ops::RangeInclusive<usize> = 8..=128;

/// The form in which an e-mail address is stored and compared, or `None` where it is none.
pub fn email(text: &str) -> Option<String> {
    let text = text.trim().to_lowercase();
    let (name, host) = text.split_once('@')?;
    // Letters that look like others would make two accounts look like one.
    let of = |part: &str, signs: &str| {
        !part.is_empty() && part.chars().all(|c| c.is_ascii_alphanumeric() || signs.contains(c))
    };
    (of(name, "._%+-") && of(host, ".-") && text.len() <= 200).then_some(text)
}

/// The display name of an account, or `None`.
pub fn name(text: &str) -> Option<String> {
    let name = clean_text(text);
    (1..=60).contains(&name.chars().count()).then_some(name)
}

#[derive(Debug, PartialEq, Eq)]
pub enum Unfit {
    Short,
    Long,
    Plain,
    Usual,
}

/// What is tried first, of those that are long enough and not digits alone.
const USUAL: [&str; 12] = [
    "password",
    "password1",
    "password12",
    "password123",
    "password1234",
    "passw0rd",
    "p@ssw0rd",
    "qwertyuiop",
    "1qaz2wsx",
    "qwer1234",
    "admin123",
    "admin1234",
];

/// Length, neither digits alone nor one sign repeated, and not what is tried first for this e-mail address: the throttle
/// does the rest.
pub fn password(text: &str, email: &str) -> Result<(), Unfit> {
    let lower = text.to_lowercase();
    let own = email.split('@').next().unwrap_or(email);
    let length = text.chars().count();
    let first = text.chars().next();
    match length {
        _ if length < *PASSWORD_LENGTH.start() => Err(Unfit::Short),
        _ if length > *PASSWORD_LENGTH.end() => Err(Unfit::Long),
        _ if text.chars().all(|c| Some(c) == first || c.is_ascii_digit()) => Err(Unfit::Plain),
        _ if USUAL.contains(&lower.as_str()) || lower == own || lower == email => Err(Unfit::Usual),
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
        assert_eq!(email("wang.wu+1@mail.example-a.cn"), Some("wang.wu+1@mail.example-a.cn".to_owned()));
    }

    #[test]
    fn an_email_has_no_sign_that_deceives() {
        for text in [
            "\"><script>@x",
            "admin@d\u{435}mo",
            "\u{430}dmin@demo",
            "\u{5f20}@demo",
            "a b@demo",
            "a@de_mo",
            "@demo",
            "a@",
        ] {
            assert_eq!(email(text), None, "{text}");
        }
    }

    #[test]
    fn the_last_admin_stays() {
        assert!(!leaves_an_admin(1, (Role::Admin, true), (Role::Admin, false)));
        assert!(!leaves_an_admin(1, (Role::Admin, true), (Role::Viewer, true)));
        assert!(leaves_an_admin(2, (Role::Admin, true), (Role::Admin, false)));
        assert!(leaves_an_admin(1, (Role::Agent, true), (Role::Agent, false)));
    }

    #[test]
    fn passwords_are_long_and_not_what_is_tried_first() {
        let password = |text: &str| password(text, "wangxiaoming@demo");
        assert_eq!(password("short"), Err(Unfit::Short));
        assert_eq!(password("aaaaaaaaaa"), Err(Unfit::Plain));
        assert_eq!(password("12345678"), Err(Unfit::Plain));
        assert_eq!(password("bellbird-demo"), Ok(()));
        for usual in ["password1234", "Password123", "WangXiaoming", "wangxiaoming@demo"] {
            assert_eq!(password(usual), Err(Unfit::Usual), "{usual}");
        }
    }
}
