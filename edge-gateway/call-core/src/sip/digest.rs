//! Digest answers to 401 and 407 (RFC 2617, RFC 7616, RFC 8760): MD5 and SHA-256, with and without qop=auth.
use super::message::Message;
use super::parse::split_outside;
use super::uri::params;
use md5::{Digest as _, Md5};
use sha2::Sha256;
use std::fmt;

/// A trunk account. Does not print its password.
#[derive(Clone, PartialEq, Eq)]
pub struct Credentials {
    pub username: String,
    pub password: String,
}

impl fmt::Debug for Credentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Credentials").field("username", &self.username).finish_non_exhaustive()
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Algorithm {
    Md5,
    Md5Sess,
    Sha256,
    Sha256Sess,
}

impl Algorithm {
    fn hash(self, text: &str) -> String {
        match self {
            Self::Md5 | Self::Md5Sess => hex::encode(Md5::digest(text.as_bytes())),
            Self::Sha256 | Self::Sha256Sess => hex::encode(Sha256::digest(text.as_bytes())),
        }
    }

    const fn name(self) -> &'static str {
        match self {
            Self::Md5 => "MD5",
            Self::Md5Sess => "MD5-sess",
            Self::Sha256 => "SHA-256",
            Self::Sha256Sess => "SHA-256-sess",
        }
    }
}

/// What a server asked for, in the one form of it that we can answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Challenge {
    realm: String,
    nonce: String,
    opaque: Option<String>,
    algorithm: Algorithm,
    qop_auth: bool,
    /// The password was right, only the nonce was old.
    pub stale: bool,
    header: &'static str,
}

impl Challenge {
    /// The challenges of a 401 or 407 that can be answered, one for each realm; SHA-256 is preferred where both are offered.
    pub fn each(response: &Message, code: u16) -> Vec<Self> {
        let (asked, header) = match code {
            401 => ("www-authenticate", "Authorization"),
            407 => ("proxy-authenticate", "Proxy-Authorization"),
            _ => return Vec::new(),
        };
        let mut best: Vec<Self> = Vec::new();
        for challenge in response.headers.all(asked).filter_map(|value| Self::parse(value, header)) {
            match best.iter_mut().find(|known| known.is_by(&challenge)) {
                Some(known) if known.algorithm <= challenge.algorithm => *known = challenge,
                Some(_) => {}
                None => best.push(challenge),
            }
        }
        best
    }

    /// Whether both are the same server's.
    pub fn is_by(&self, other: &Self) -> bool {
        self.header == other.header && self.realm == other.realm
    }

    fn parse(value: &str, header: &'static str) -> Option<Self> {
        let (scheme, rest) = value.trim().split_once(char::is_whitespace)?;
        if !scheme.eq_ignore_ascii_case("Digest") {
            return None;
        }
        let fields: Vec<(String, String)> = split_outside(rest, ',')
            .flat_map(params)
            .filter_map(|(key, value)| Some((key, unquote(&value?))))
            .collect();
        let field = |name: &str| fields.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str());
        let algorithm = match field("algorithm").unwrap_or("MD5") {
            a if a.eq_ignore_ascii_case("MD5") => Algorithm::Md5,
            a if a.eq_ignore_ascii_case("MD5-sess") => Algorithm::Md5Sess,
            a if a.eq_ignore_ascii_case("SHA-256") => Algorithm::Sha256,
            a if a.eq_ignore_ascii_case("SHA-256-sess") => Algorithm::Sha256Sess,
            _ => return None,
        };
        let qop_auth = match field("qop") {
            None => false,
            Some(list) => {
                if !list.split(',').any(|q| q.trim().eq_ignore_ascii_case("auth")) {
                    return None;
                }
                true
            }
        };
        Some(Self {
            realm: field("realm")?.to_owned(),
            nonce: field("nonce")?.to_owned(),
            opaque: field("opaque").map(str::to_owned),
            algorithm,
            qop_auth,
            stale: field("stale").is_some_and(|s| s.eq_ignore_ascii_case("true")),
            header,
        })
    }

    /// The header to add to the repeated request: its name and value. `count` is the use of this nonce, from 1.
    pub fn answer(
        &self,
        who: &Credentials,
        method: &str,
        uri: &str,
        cnonce: &str,
        count: u32,
    ) -> (&'static str, String) {
        let hash = |text: &str| self.algorithm.hash(text);
        let mut a1 = hash(&format!("{}:{}:{}", who.username, self.realm, who.password));
        if matches!(self.algorithm, Algorithm::Md5Sess | Algorithm::Sha256Sess) {
            a1 = hash(&format!("{a1}:{}:{cnonce}", self.nonce));
        }
        let a2 = hash(&format!("{method}:{uri}"));
        let response = if self.qop_auth {
            hash(&format!("{a1}:{}:{count:08x}:{cnonce}:auth:{a2}", self.nonce))
        } else {
            hash(&format!("{a1}:{}:{a2}", self.nonce))
        };
        let mut value = format!(
            r#"Digest username="{}", realm="{}", nonce="{}", uri="{uri}", response="{response}", algorithm={}"#,
            quote(&who.username),
            quote(&self.realm),
            quote(&self.nonce),
            self.algorithm.name()
        );
        if self.qop_auth {
            value.push_str(&format!(r#", qop=auth, nc={count:08x}, cnonce="{cnonce}""#));
        }
        if let Some(opaque) = &self.opaque {
            value.push_str(&format!(r#", opaque="{}""#, quote(opaque)));
        }
        (self.header, value)
    }
}

fn unquote(value: &str) -> String {
    match value.strip_prefix('"').and_then(|v| v.strip_suffix('"')) {
        Some(inner) => inner.replace("\\\"", "\"").replace("\\\\", "\\"),
        None => value.to_owned(),
    }
}

fn quote(value: &str) -> String {
    value.replace('\\', "\\\\").replace('"', "\\\"")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn agrees_with_the_example_of_rfc_2617_section_3_5() {
        let challenge = Challenge::parse(
            r#"Digest realm="testrealm@host.com", qop="auth,auth-int", nonce="dcd98b7102dd2f0e8b11d0f600bfb0c093", opaque="5ccc069c403ebaf9f0171e9517f40e41""#,
            "Authorization",
        )
        .expect("challenge");
        let who = Credentials { username: "Mufasa".into(), password: "Circle Of Life".into() };
        let (_, value) = challenge.answer(&who, "GET", "/dir/index.html", "0a4f113b", 1);
        assert!(value.contains(r#"response="6629fae49393a05397450978507c4ef1""#), "{value}");
        assert!(value.contains("nc=00000001") && value.contains("opaque="));
    }

    #[test]
    fn agrees_with_the_sha_256_example_of_rfc_7616_section_3_9_1() {
        let challenge = Challenge::parse(
            r#"Digest realm="http-auth@example.org", qop="auth, auth-int", algorithm=SHA-256, nonce="7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v", opaque="FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS""#,
            "Authorization",
        )
        .expect("challenge");
        let who = Credentials { username: "Mufasa".into(), password: "Circle of Life".into() };
        let cnonce = "f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ";
        let (_, value) = challenge.answer(&who, "GET", "/dir/index.html", cnonce, 1);
        assert!(value.contains("753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1"), "{value}");
    }

    #[test]
    fn passwords_do_not_print() {
        let who = Credentials { username: "u".into(), password: "secret".into() };
        assert!(!format!("{who:?}").contains("secret"));
    }
}
