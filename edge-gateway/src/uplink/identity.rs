//! Who this edge is towards its control plane: key, certificate and CA in the data folder, and the TLS made from them.

use crate::config::write_whole;
use anyhow::Context;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use serde::{Deserialize, Serialize};
use shared_proto::ids::EdgeId;
use shared_proto::wire::{ALPN_ENROL, ALPN_UPLINK};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

const FILE: &str = "edge.json";
/// The link counts as broken after this long without a packet.
const IDLE: Duration = Duration::from_secs(6);
const KEEP_ALIVE: Duration = Duration::from_secs(2);

/// Proof of enrolment.
#[derive(Clone, Serialize, Deserialize)]
pub struct Identity {
    pub edge: EdgeId,
    pub certificate_pem: String,
    pub key_pem: String,
    pub ca_pem: String,
    pub issued_unix_ms: u64,
    pub expires_unix_ms: u64,
}

/// How a certificate stands at one moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    Fresh,
    /// Two thirds of its life are over: a new one is asked for.
    Due,
    Expired,
}

impl std::fmt::Debug for Identity {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Identity").field("edge", &self.edge).finish_non_exhaustive()
    }
}

impl Identity {
    /// `None` before the first enrolment.
    fn load(folder: &Path) -> anyhow::Result<Option<Self>> {
        let path = folder.join(FILE);
        let bytes = match std::fs::read(&path) {
            Ok(bytes) => bytes,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(error).with_context(|| format!("reading {}", path.display())),
        };
        let hint = || format!("{} is damaged: delete it and enrol this edge with a new token", path.display());
        serde_json::from_slice(&bytes).map(Some).with_context(hint)
    }

    fn store(&self, folder: &Path) -> anyhow::Result<()> {
        std::fs::create_dir_all(folder)?;
        let path = folder.join(FILE);
        write_whole(&path, &serde_json::to_vec(self)?).with_context(|| format!("writing {}", path.display()))
    }

    /// When a new certificate is asked for.
    pub fn due_unix_ms(&self) -> u64 {
        self.issued_unix_ms + self.expires_unix_ms.saturating_sub(self.issued_unix_ms) / 3 * 2
    }

    pub fn standing(&self, now_unix_ms: u64) -> Standing {
        match now_unix_ms {
            now if now >= self.expires_unix_ms => Standing::Expired,
            now if now >= self.due_unix_ms() => Standing::Due,
            _ => Standing::Fresh,
        }
    }

    /// Mutual TLS for the uplink proper.
    pub fn uplink(&self) -> anyhow::Result<quinn::ClientConfig> {
        self.tls(ALPN_UPLINK)
    }

    /// Mutual TLS for asking for the next certificate.
    pub fn renewal(&self) -> anyhow::Result<quinn::ClientConfig> {
        self.tls(ALPN_ENROL)
    }

    fn tls(&self, alpn: &[u8]) -> anyhow::Result<quinn::ClientConfig> {
        let mut roots = rustls::RootCertStore::empty();
        for ca in CertificateDer::pem_slice_iter(self.ca_pem.as_bytes()) {
            roots.add(ca.context("the stored CA certificate")?)?;
        }
        let chain = CertificateDer::pem_slice_iter(self.certificate_pem.as_bytes()).collect::<Result<Vec<_>, _>>();
        let key = PrivateKeyDer::from_pem_slice(self.key_pem.as_bytes()).context("the stored key")?;
        let tls = rustls::ClientConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
            .with_protocol_versions(&[&rustls::version::TLS13])?
            .with_root_certificates(roots)
            .with_client_auth_cert(chain.context("the stored certificate")?, key)?;
        quic(tls, alpn)
    }
}

/// QUIC over a TLS configuration, speaking one protocol.
pub(super) fn quic(mut tls: rustls::ClientConfig, alpn: &[u8]) -> anyhow::Result<quinn::ClientConfig> {
    tls.alpn_protocols = vec![alpn.to_vec()];
    let crypto = quinn::crypto::rustls::QuicClientConfig::try_from(tls)?;
    let mut config = quinn::ClientConfig::new(Arc::new(crypto));
    let mut transport = quinn::TransportConfig::default();
    transport.max_idle_timeout(Some(IDLE.try_into()?)).keep_alive_interval(Some(KEEP_ALIVE));
    config.transport_config(Arc::new(transport));
    Ok(config)
}

/// The identity in use, which the disk may not have yet.
#[derive(Debug)]
pub struct Papers {
    folder: PathBuf,
    identity: Option<Identity>,
    stored: bool,
}

impl Papers {
    /// What an earlier process left.
    pub fn find(folder: PathBuf) -> anyhow::Result<Self> {
        Ok(Self { identity: Identity::load(&folder)?, folder, stored: true })
    }

    pub fn identity(&self) -> Option<&Identity> {
        self.identity.as_ref()
    }

    /// Goes by a new certificate from now on, whatever the disk says.
    pub fn take_up(&mut self, fresh: Identity) {
        tracing::info!(edge = %fresh.edge, "the edge has a new certificate");
        self.identity = Some(fresh);
        self.stored = false;
        self.store();
    }

    /// Puts on disk what is not there yet; what fails is for the next time.
    pub fn store(&mut self) {
        let Some(identity) = self.identity.as_ref().filter(|_| !self.stored) else { return };
        match identity.store(&self.folder) {
            Ok(()) => self.stored = true,
            Err(error) => {
                let error = format!("{error:#}");
                tracing::error!(error, "the edge's certificate is in memory only: free the disk before a restart");
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn identity() -> Identity {
        Identity {
            edge: EdgeId::new(1, 1),
            certificate_pem: String::new(),
            key_pem: String::new(),
            ca_pem: String::new(),
            issued_unix_ms: 1_000,
            expires_unix_ms: 4_000,
        }
    }

    #[test]
    fn a_certificate_that_the_disk_refuses_is_used_and_stored_later() {
        let folder = tempfile::tempdir().unwrap();
        let (blocked, stored) = (folder.path().join("identity"), || Papers::find(folder.path().join("identity")));
        std::fs::write(&blocked, b"no folder").unwrap();
        let mut papers = Papers { folder: blocked.clone(), identity: None, stored: true };
        papers.take_up(identity());
        assert!(papers.identity().is_some() && stored().is_err());
        std::fs::remove_file(&blocked).unwrap();
        papers.store();
        assert_eq!(stored().unwrap().identity().map(|known| known.edge), Some(EdgeId::new(1, 1)));
    }

    #[test]
    fn a_certificate_is_renewed_in_the_last_third_of_its_life() {
        let identity = identity();
        let standings = [1_000, 2_999, 3_000, 3_999, 4_000].map(|now| identity.standing(now));
        use Standing::{Due, Expired, Fresh};
        assert_eq!(standings, [Fresh, Fresh, Due, Due, Expired]);
    }
}
