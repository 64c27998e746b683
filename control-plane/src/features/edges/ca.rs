//! The certificate authority for edges: its key in the data folder, the server's certificate made
//! afresh at each start, client certificates for 24 hours. Knows no table and no connection.

use std::io::Write;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use rcgen::{
    BasicConstraints, CertificateParams, CertificateSigningRequestParams, DistinguishedName, DnType,
    ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair, KeyUsagePurpose, SanType,
};
use rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer, pem::PemObject};
use sha2::{Digest, Sha256};
use shared_proto::ids::EdgeId;
use shared_proto::wire::{ALPN_ENROL, ALPN_UPLINK, SERVER_NAME};

/// How long an edge's certificate is good for.
pub const CLIENT_DAYS: i64 = 1;
const CA_YEARS: i64 = 20;
const SERVER_DAYS: i64 = 365;
/// Clocks of edges may be behind.
const BACKDATE_MINUTES: i64 = 10;

#[derive(Debug, thiserror::Error)]
pub enum CaError {
    #[error("the certificate authority's file {path}: {source}")]
    File { path: String, source: std::io::Error },
    #[error("the certificate authority's files do not belong together or are damaged: {0}")]
    Broken(String),
    #[error("the certificate request cannot be read: {0}")]
    Request(String),
    #[error("a certificate cannot be made: {0}")]
    Make(#[from] rcgen::Error),
    #[error("TLS: {0}")]
    Tls(#[from] rustls::Error),
}

/// Issues and vouches for certificates.
pub struct Ca {
    certificate: CertificateDer<'static>,
    certificate_pem: String,
    issuer: Issuer<'static, KeyPair>,
}

/// A fresh client certificate.
pub struct Issued {
    pub certificate_pem: String,
    pub expires_unix_ms: i64,
}

impl Ca {
    /// Reads `ca.pem` and `ca.key` in `folder`, or makes both (the key mode 0600) where neither is there.
    pub fn load_or_create(folder: &Path, now_ms: i64) -> Result<Self, CaError> {
        let key_path = folder.join("ca.key");
        let certificate_path = folder.join("ca.pem");
        let file = |path: &Path| {
            let path = path.display().to_string();
            move |source| CaError::File { path, source }
        };
        if !key_path.exists() && !certificate_path.exists() {
            std::fs::create_dir_all(folder).map_err(file(folder))?;
            let key = KeyPair::generate()?;
            let params = ca_params(now_ms)?;
            let certificate = params.self_signed(&key)?;
            write_private(&key_path, key.serialize_pem().as_bytes()).map_err(file(&key_path))?;
            std::fs::write(&certificate_path, certificate.pem()).map_err(file(&certificate_path))?;
        }
        let key_pem = std::fs::read_to_string(&key_path).map_err(file(&key_path))?;
        let certificate_pem = std::fs::read_to_string(&certificate_path).map_err(file(&certificate_path))?;
        let key = KeyPair::from_pem(&key_pem)?;
        let certificate = CertificateDer::from_pem_slice(certificate_pem.as_bytes())
            .map_err(|error| CaError::Broken(error.to_string()))?;
        let issuer = Issuer::from_ca_cert_der(&certificate, key)?;
        Ok(Self { certificate, certificate_pem, issuer })
    }

    /// Hex SHA-256 of the certificate's DER: the second half of every enrolment token.
    pub fn fingerprint(&self) -> String {
        hex::encode(Sha256::digest(&self.certificate))
    }

    pub fn certificate_pem(&self) -> &str {
        &self.certificate_pem
    }

    /// Signs an edge's request. The name in it is ours, whatever the request says.
    pub fn issue(&self, edge: EdgeId, csr_pem: &str, now_ms: i64) -> Result<Issued, CaError> {
        let mut request =
            CertificateSigningRequestParams::from_pem(csr_pem).map_err(|error| CaError::Request(error.to_string()))?;
        let expires = now_ms + CLIENT_DAYS * 86_400_000;
        let mut params = CertificateParams::default();
        params.distinguished_name = name(&edge.to_string());
        params.not_before = moment(now_ms - BACKDATE_MINUTES * 60_000);
        params.not_after = moment(expires);
        params.is_ca = IsCa::ExplicitNoCa;
        params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ClientAuth];
        params.use_authority_key_identifier_extension = true;
        request.params = params;
        let certificate = request.signed_by(&self.issuer)?;
        Ok(Issued { certificate_pem: certificate.pem(), expires_unix_ms: expires })
    }

    /// The QUIC server's configuration: its own certificate, and client certificates of this authority.
    /// A client without one may connect, for enrolment; the uplink asks who it is.
    pub fn server_config(&self, now_ms: i64) -> Result<quinn::ServerConfig, CaError> {
        let key = KeyPair::generate()?;
        let mut params = CertificateParams::new(vec![SERVER_NAME.to_owned()])?;
        params.distinguished_name = name(SERVER_NAME);
        params.subject_alt_names = vec![SanType::DnsName(SERVER_NAME.try_into()?)];
        params.not_before = moment(now_ms - BACKDATE_MINUTES * 60_000);
        params.not_after = moment(now_ms + SERVER_DAYS * 86_400_000);
        params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
        params.use_authority_key_identifier_extension = true;
        let certificate = params.signed_by(&key, &self.issuer)?;

        let mut roots = rustls::RootCertStore::empty();
        roots.add(self.certificate.clone())?;
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let clients = rustls::server::WebPkiClientVerifier::builder_with_provider(Arc::new(roots), provider.clone())
            .allow_unauthenticated()
            .build()
            .map_err(|error| CaError::Broken(error.to_string()))?;
        let mut tls = rustls::ServerConfig::builder_with_provider(provider)
            .with_protocol_versions(&[&rustls::version::TLS13])?
            .with_client_cert_verifier(clients)
            .with_single_cert(
                vec![certificate.der().clone(), self.certificate.clone()],
                PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(key.serialize_der())),
            )?;
        tls.alpn_protocols = vec![ALPN_UPLINK.to_vec(), ALPN_ENROL.to_vec()];
        let crypto = quinn::crypto::rustls::QuicServerConfig::try_from(tls)
            .map_err(|error| CaError::Broken(error.to_string()))?;
        let mut config = quinn::ServerConfig::with_crypto(Arc::new(crypto));
        let mut transport = quinn::TransportConfig::default();
        transport
            .max_idle_timeout(Some(Duration::from_secs(10).try_into().expect("ten seconds fit")))
            .keep_alive_interval(Some(Duration::from_secs(3)))
            .max_concurrent_bidi_streams(4u32.into())
            .max_concurrent_uni_streams(16u32.into());
        config.transport_config(Arc::new(transport));
        Ok(config)
    }
}

/// Which edge a verified client certificate names.
pub fn edge_of(certificate: &CertificateDer<'_>) -> Option<EdgeId> {
    let (_, parsed) = x509_parser::parse_x509_certificate(certificate).ok()?;
    let name = parsed.subject().iter_common_name().next()?;
    name.as_str().ok()?.parse().ok()
}

fn ca_params(now_ms: i64) -> Result<CertificateParams, CaError> {
    let mut params = CertificateParams::default();
    params.distinguished_name = name("Bellbird edge authority");
    params.not_before = moment(now_ms - BACKDATE_MINUTES * 60_000);
    params.not_after = moment(now_ms + CA_YEARS * 365 * 86_400_000);
    params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign, KeyUsagePurpose::DigitalSignature];
    Ok(params)
}

fn name(common: &str) -> DistinguishedName {
    let mut name = DistinguishedName::new();
    name.push(DnType::CommonName, common);
    name
}

fn moment(unix_ms: i64) -> time::OffsetDateTime {
    time::OffsetDateTime::from_unix_timestamp(unix_ms / 1000).unwrap_or(time::OffsetDateTime::UNIX_EPOCH)
}

fn write_private(path: &Path, bytes: &[u8]) -> std::io::Result<()> {
    use std::os::unix::fs::OpenOptionsExt;
    let mut file = std::fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)?;
    file.write_all(bytes)?;
    file.sync_all()
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: i64 = 1_795_000_000_000;

    fn csr() -> String {
        let key = KeyPair::generate().unwrap();
        let mut params = CertificateParams::default();
        params.distinguished_name = name("edg_whatever I like");
        params.serialize_request(&key).unwrap().pem().unwrap()
    }

    #[test]
    fn the_authority_survives_a_restart_and_its_key_is_private() {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().unwrap();
        let first = Ca::load_or_create(folder.path(), NOW).unwrap();
        let second = Ca::load_or_create(folder.path(), NOW + 1).unwrap();
        assert_eq!(first.fingerprint(), second.fingerprint());
        let mode = std::fs::metadata(folder.path().join("ca.key")).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    }

    #[test]
    fn a_certificate_names_the_edge_we_say_for_one_day() {
        let folder = tempfile::tempdir().unwrap();
        let ca = Ca::load_or_create(folder.path(), NOW).unwrap();
        let edge = EdgeId::new(NOW as u64, 7);
        let issued = ca.issue(edge, &csr(), NOW).unwrap();
        let der = CertificateDer::from_pem_slice(issued.certificate_pem.as_bytes()).unwrap();
        assert_eq!(edge_of(&der), Some(edge));
        assert_eq!(issued.expires_unix_ms - NOW, 86_400_000);
        assert!(ca.issue(edge, "not a request", NOW).is_err());
    }
}
