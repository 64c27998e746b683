//! What an edge is told at start: where the control plane is, which addresses and ports are its own, where it keeps its data.

use std::net::{IpAddr, SocketAddr};
use std::ops::RangeInclusive;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// The settings of one edge.
#[derive(Debug, Clone)]
pub struct EdgeConfig {
    /// The name operators see.
    pub name: String,
    /// `host:port` of the control plane's uplink.
    pub control: String,
    /// Needed once, as long as the data folder holds no certificate.
    pub enrolment: Option<EnrolmentToken>,
    /// The edge's own folder; nothing else writes here.
    pub data: PathBuf,
    /// Where SIP is sent from and received.
    pub sip: SocketAddr,
    /// The address told to carriers where `sip` is a wildcard or behind a one-to-one NAT.
    pub advertised: Option<IpAddr>,
    /// Even ports carry RTP, the odd port above each its RTCP.
    pub rtp: RangeInclusive<u16>,
    pub limits: Limits,
}

/// How much the edge takes on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Limits {
    /// Threads that own calls.
    pub shards: usize,
    /// Live calls over all shards.
    pub calls: u32,
    /// How long a drain waits for live calls before it hangs them up.
    pub drain: Duration,
    /// Bytes that must be free on the data folder's disk for new jobs to be taken.
    pub room_for_jobs: u64,
    /// Below so many free bytes nothing is recorded any more, so that the journal keeps its room.
    pub room_for_recordings: u64,
}

const MIB: u64 = 1024 * 1024;

impl Default for Limits {
    fn default() -> Self {
        Self {
            shards: 1,
            calls: 500,
            drain: Duration::from_secs(120),
            room_for_jobs: 256 * MIB,
            room_for_recordings: 64 * MIB,
        }
    }
}

/// `bbe_<secret>.<hex SHA-256 of the CA certificate>`. Does not print.
#[derive(Clone, PartialEq, Eq)]
pub struct EnrolmentToken(String);

impl EnrolmentToken {
    /// Reads a token as the portal shows it.
    pub fn parse(text: &str) -> Option<Self> {
        let token = Self(text.trim().to_owned());
        (token.0.starts_with("bbe_") && token.ca_fingerprint().is_some()).then_some(token)
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// SHA-256 of the CA certificate's DER.
    pub fn ca_fingerprint(&self) -> Option<[u8; 32]> {
        let (_, digits) = self.0.rsplit_once('.')?;
        hex::decode(digits).ok()?.try_into().ok()
    }
}

impl std::fmt::Debug for EnrolmentToken {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("EnrolmentToken")
    }
}

impl EdgeConfig {
    pub(crate) fn journal(&self) -> PathBuf {
        self.data.join("journal")
    }
    pub(crate) fn spool(&self) -> PathBuf {
        self.data.join("spool")
    }
    pub(crate) fn prompts(&self) -> PathBuf {
        self.data.join("prompts")
    }
    pub(crate) fn identity(&self) -> PathBuf {
        self.data.join("identity")
    }
}

/// Writes a whole file or none: a reader never sees half of it, a crash leaves the old one, and a failure no litter.
pub(crate) fn write_whole(path: &Path, bytes: &[u8]) -> std::io::Result<()> {
    let fresh = path.with_extension("new");
    let written = write_durable(&fresh, bytes).and_then(|()| std::fs::rename(&fresh, path));
    if written.is_err() {
        // Where even this fails, a sweep at the next start finds it.
        let _ = std::fs::remove_file(&fresh);
    }
    written
}

fn write_durable(path: &Path, bytes: &[u8]) -> std::io::Result<()> {
    use std::io::Write;
    use std::os::unix::fs::OpenOptionsExt;
    let mut options = std::fs::OpenOptions::new();
    let mut file = options.write(true).create(true).truncate(true).mode(0o600).open(path)?;
    file.write_all(bytes)?;
    file.sync_all()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_carries_the_fingerprint_it_pins() {
        let text = format!("bbe_secret.{}", "ab".repeat(32));
        let token = EnrolmentToken::parse(&text).unwrap();
        assert_eq!(token.ca_fingerprint(), Some([0xab; 32]));
        assert_eq!(format!("{token:?}"), "EnrolmentToken");
        for wrong in ["", "bbe_secret", "bbe_secret.abcd", &text[1..]] {
            assert!(EnrolmentToken::parse(wrong).is_none(), "{wrong}");
        }
    }

    #[test]
    fn a_file_that_cannot_be_put_in_place_leaves_nothing_behind() {
        let folder = tempfile::tempdir().unwrap();
        let taken = folder.path().join("taken.json");
        std::fs::create_dir(&taken).unwrap();
        write_whole(&taken, b"{}").unwrap_err();
        let left: Vec<_> = std::fs::read_dir(folder.path()).unwrap().map(|entry| entry.unwrap().path()).collect();
        assert_eq!(left, [taken]);
    }
}
