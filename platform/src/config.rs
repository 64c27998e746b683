//! Configuration: one commented default file, a file beside it where given, `BELLBIRD_*` from the
//! environment. An unknown key refuses to start. Decides nothing about what the values are for.

use std::net::{IpAddr, SocketAddr};
use std::num::NonZeroU16;
use std::ops::RangeInclusive;
use std::path::{Path, PathBuf};

use serde::Deserialize;

use crate::secret::Secret;

/// The defaults, with a comment for each key.
pub const DEFAULT: &str = include_str!("../bellbird.default.toml");

#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    #[error("the configuration file {path}: {source}")]
    File { path: String, source: std::io::Error },
    #[error("configuration from {origin}: {message}")]
    Value { origin: String, message: String },
    #[error("{variable} is not a setting of Bellbird; the settings are listed in bellbird.default.toml")]
    UnknownVariable { variable: String },
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    pub http: SocketAddr,
    pub uplink: SocketAddr,
    pub sip: SocketAddr,
    pub sip_public: OptionalIp,
    pub rtp: PortRange,
    pub shards: NonZeroU16,
    pub carrier: SocketAddr,
    pub carrier_rtp: PortRange,
    pub data: PathBuf,
    pub cache: PathBuf,
    pub models: PathBuf,
    pub portal: PathBuf,
    pub public_url: String,
    pub trusted_proxies: Addresses,
    pub database_url: String,
    pub bus_url: String,
    pub cache_url: String,
    pub objects_url: String,
    pub demo_password: Secret,
    pub edge_token_file: PathBuf,
    pub metrics_token: Secret,
    pub log: String,
    pub log_json: bool,
}

impl Config {
    /// The defaults, then `file` where given, then the `BELLBIRD_*` of `environment`.
    pub fn load(
        file: Option<&Path>,
        environment: impl IntoIterator<Item = (String, String)>,
    ) -> Result<Self, ConfigError> {
        let defaults: toml::Table = DEFAULT.parse().expect("the default configuration is part of the build");
        let mut table = defaults.clone();
        if let Some(path) = file {
            let text = std::fs::read_to_string(path)
                .map_err(|source| ConfigError::File { path: path.display().to_string(), source })?;
            let given: toml::Table = text.parse().map_err(|e: toml::de::Error| value_error(path.display(), e))?;
            table.extend(given);
        }
        for (variable, value) in environment {
            let Some(key) = variable.strip_prefix("BELLBIRD_").map(str::to_ascii_lowercase) else { continue };
            let Some(default) = table.get(&key) else {
                return Err(ConfigError::UnknownVariable { variable });
            };
            let parsed = typed_like(default, value).map_err(|e| value_error(&variable, e))?;
            // Read beside the defaults alone, so that an error names the variable that it comes from.
            let mut alone = defaults.clone();
            alone.insert(key.clone(), parsed.clone());
            Self::of(alone).map_err(|e| value_error(&variable, e.message()))?;
            table.insert(key, parsed);
        }
        let origin = file.map_or_else(|| "the environment".to_owned(), |path| path.display().to_string());
        Self::of(table).map_err(|e| value_error(origin, e.message()))
    }

    fn of(table: toml::Table) -> Result<Self, toml::de::Error> {
        toml::Value::Table(table).try_into()
    }

    /// From the process: `BELLBIRD_CONFIG` names a file.
    pub fn from_process() -> Result<Self, ConfigError> {
        let mut environment: Vec<_> = std::env::vars().collect();
        let file = environment.iter().position(|(key, _)| key == "BELLBIRD_CONFIG");
        let file = file.map(|at| PathBuf::from(environment.swap_remove(at).1));
        Self::load(file.as_deref(), environment)
    }

    /// Where the database is; by default a file in the data folder.
    pub fn database_url(&self) -> String {
        if self.database_url.is_empty() {
            format!("sqlite:{}", self.data.join("bellbird.db").display())
        } else {
            self.database_url.clone()
        }
    }

    /// Where the objects are; by default a folder in the data folder.
    pub fn objects_url(&self) -> String {
        if self.objects_url.is_empty() {
            format!("folder:{}", self.data.join("objects").display())
        } else {
            self.objects_url.clone()
        }
    }

    /// The folder of downloaded models; by default below the home folder.
    pub fn cache_folder(&self) -> PathBuf {
        if !self.cache.as_os_str().is_empty() {
            return self.cache.clone();
        }
        std::env::home_dir().unwrap_or_else(|| PathBuf::from(".")).join(".cache/bellbird")
    }

    /// Where the speech models are; by default in the cache folder.
    pub fn models_folder(&self) -> PathBuf {
        if self.models.as_os_str().is_empty() { self.cache_folder().join("models") } else { self.models.clone() }
    }

    pub fn master_key_file(&self) -> PathBuf {
        self.data.join("master.key")
    }
}

/// An address, or empty for none.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(try_from = "String")]
pub struct OptionalIp(pub Option<IpAddr>);

impl TryFrom<String> for OptionalIp {
    type Error = String;
    fn try_from(text: String) -> Result<Self, String> {
        match text.trim() {
            "" => Ok(Self(None)),
            ip => ip.parse().map(|ip| Self(Some(ip))).map_err(|_| format!("\"{ip}\" is not an IP address")),
        }
    }
}

/// Addresses parted by commas.
#[derive(Clone, Debug, Deserialize)]
#[serde(try_from = "String")]
pub struct Addresses(pub Vec<IpAddr>);

impl TryFrom<String> for Addresses {
    type Error = String;
    fn try_from(text: String) -> Result<Self, String> {
        let parts = text.split(',').map(str::trim).filter(|part| !part.is_empty());
        let read = |part: &str| part.parse().map_err(|_| format!("\"{part}\" is not an IP address"));
        parts.map(read).collect::<Result<_, _>>().map(Self)
    }
}

/// Ports from-to, both included, written `20000-29999`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub struct PortRange {
    pub first: u16,
    pub last: u16,
}

impl PortRange {
    pub fn ports(self) -> RangeInclusive<u16> {
        self.first..=self.last
    }
}

impl TryFrom<String> for PortRange {
    type Error = String;
    fn try_from(text: String) -> Result<Self, String> {
        let parsed = text.split_once('-').and_then(|(a, b)| Some((a.trim().parse().ok()?, b.trim().parse().ok()?)));
        match parsed {
            Some((first, last)) if 1024 <= first && first < last => Ok(Self { first, last }),
            _ => Err(format!("\"{text}\" is not a port range such as \"20000-29999\" (from 1024 up)")),
        }
    }
}

/// An environment variable is text; the default's type says how it is meant.
fn typed_like(default: &toml::Value, text: String) -> Result<toml::Value, String> {
    match default {
        toml::Value::Boolean(_) => match text.as_str() {
            "true" | "1" => Ok(true.into()),
            "false" | "0" => Ok(false.into()),
            other => Err(format!("\"{other}\" is not true or false")),
        },
        toml::Value::Integer(_) => text.parse::<i64>().map(Into::into).map_err(|e| e.to_string()),
        _ => Ok(text.into()),
    }
}

fn value_error(origin: impl ToString, message: impl ToString) -> ConfigError {
    ConfigError::Value { origin: origin.to_string(), message: message.to_string() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn load(environment: &[(&str, &str)]) -> Result<Config, ConfigError> {
        Config::load(None, environment.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())))
    }

    #[test]
    fn the_defaults_are_complete() {
        let config = load(&[("HOME", "/root")]).unwrap();
        assert_eq!(config.http.to_string(), "127.0.0.1:8080");
        assert_eq!(config.database_url(), "sqlite:./var/bellbird.db");
        assert_eq!(config.rtp, PortRange { first: 20000, last: 29999 });
    }

    #[test]
    fn the_environment_overrides() {
        let config = load(&[("BELLBIRD_HTTP", "127.0.0.1:0"), ("BELLBIRD_LOG_JSON", "true")]).unwrap();
        assert_eq!(config.http.port(), 0);
        assert!(config.log_json);
    }

    #[test]
    fn an_unknown_key_refuses_to_start() {
        let error = load(&[("BELLBIRD_HTPP", "x")]).unwrap_err();
        assert!(error.to_string().starts_with("BELLBIRD_HTPP is not a setting"), "{error}");
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("b.toml");
        std::fs::write(&file, "htpp = \"x\"").unwrap();
        let error = Config::load(Some(&file), []).unwrap_err();
        assert!(error.to_string().contains("htpp"), "{error}");
    }

    #[test]
    fn a_bad_value_names_what_is_expected() {
        let error = load(&[("BELLBIRD_RTP", "9-1")]).unwrap_err();
        assert!(error.to_string().contains("20000-29999"), "{error}");
        let error = load(&[("BELLBIRD_HTTP", "nonsense"), ("BELLBIRD_LOG_JSON", "true")]).unwrap_err();
        assert!(error.to_string().contains("BELLBIRD_HTTP"), "{error}");
        let error = load(&[("BELLBIRD_SHARDS", "0")]).unwrap_err();
        assert!(error.to_string().contains("nonzero"), "{error}");
    }
}
