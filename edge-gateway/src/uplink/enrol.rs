//! How an edge gets its client certificates: the first for a one-time token, the next for the one before.
//! The keys never leave this machine.
//!
//! At first nothing vouches for the control plane but the CA fingerprint inside the token: the server's chain must end
//! in exactly that CA.

use super::frames::{self, FrameReader};
use super::identity::{Identity, quic};
use crate::config::EnrolmentToken;
use rustls::client::WebPkiServerVerifier;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{CryptoProvider, verify_tls12_signature, verify_tls13_signature};
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{DigitallySignedStruct, SignatureScheme};
use shared_proto::wire::{ALPN_ENROL, EnrolAsk, EnrolReply, SERVER_NAME};
use std::net::SocketAddr;
use std::sync::Arc;

#[derive(Debug, thiserror::Error)]
pub enum EnrolError {
    /// Trying again cannot help: the operator must fetch a new token.
    #[error("the control plane refused the enrolment token ({0}): create a new one for this edge in the portal")]
    Refused(String),
    #[error("this edge has no valid certificate and no enrolment token: create a token for it in the portal")]
    NoToken,
    /// The control plane could not be reached, or broke off.
    #[error(transparent)]
    Link(#[from] anyhow::Error),
}

/// Buys the first certificate with a token.
pub async fn enrol(
    endpoint: &quinn::Endpoint,
    server: SocketAddr,
    token: &EnrolmentToken,
    now_unix_ms: u64,
) -> Result<Identity, EnrolError> {
    ask(endpoint, server, by_token(token)?, token.as_str(), now_unix_ms).await
}

/// Trades a certificate that is about to run out for a new one with a new key.
pub async fn renew(
    endpoint: &quinn::Endpoint,
    server: SocketAddr,
    old: &Identity,
    now_unix_ms: u64,
) -> Result<Identity, EnrolError> {
    ask(endpoint, server, old.renewal()?, "", now_unix_ms).await
}

async fn ask(
    endpoint: &quinn::Endpoint,
    server: SocketAddr,
    tls: quinn::ClientConfig,
    token: &str,
    now_unix_ms: u64,
) -> Result<Identity, EnrolError> {
    let key = rcgen::KeyPair::generate().map_err(anyhow::Error::from)?;
    let request = rcgen::CertificateParams::default().serialize_request(&key).map_err(anyhow::Error::from)?;
    let csr_pem = request.pem().map_err(anyhow::Error::from)?;
    let ask = EnrolAsk { token: token.to_owned(), csr_pem };
    match exchange(endpoint, server, tls, &ask).await? {
        EnrolReply::Granted { edge, certificate_pem, ca_pem, expires_unix_ms } => Ok(Identity {
            edge,
            certificate_pem,
            key_pem: key.serialize_pem(),
            ca_pem,
            issued_unix_ms: now_unix_ms,
            expires_unix_ms,
        }),
        EnrolReply::Refused { code } => Err(EnrolError::Refused(code)),
    }
}

async fn exchange(
    endpoint: &quinn::Endpoint,
    server: SocketAddr,
    tls: quinn::ClientConfig,
    ask: &EnrolAsk,
) -> anyhow::Result<EnrolReply> {
    let connection = endpoint.connect_with(tls, server, SERVER_NAME)?.await?;
    let (mut send, receive) = connection.open_bi().await?;
    frames::write(&mut send, ask).await?;
    let reply = FrameReader::new(receive).next().await?;
    connection.close(0u32.into(), b"enrolled");
    reply.ok_or_else(|| anyhow::anyhow!("the control plane closed the enrolment without an answer"))
}

/// TLS that knows the server by the token alone.
fn by_token(token: &EnrolmentToken) -> anyhow::Result<quinn::ClientConfig> {
    let pinned = token.ca_fingerprint().ok_or_else(|| anyhow::anyhow!("the token names no CA"))?;
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let tls = rustls::ClientConfig::builder_with_provider(provider.clone())
        .with_protocol_versions(&[&rustls::version::TLS13])?
        .dangerous()
        .with_custom_certificate_verifier(Arc::new(PinnedCa { pinned, provider }))
        .with_no_client_auth();
    quic(tls, ALPN_ENROL)
}

/// Trusts a server whose chain is signed by the one CA with this fingerprint.
#[derive(Debug)]
struct PinnedCa {
    pinned: [u8; 32],
    provider: Arc<CryptoProvider>,
}

impl ServerCertVerifier for PinnedCa {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        server_name: &ServerName<'_>,
        ocsp_response: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        let is_pinned = |cert: &&CertificateDer<'_>| {
            ring::digest::digest(&ring::digest::SHA256, cert.as_ref()).as_ref() == self.pinned
        };
        let Some(ca) = intermediates.iter().find(is_pinned) else {
            return Err(rustls::Error::General("the server's CA is not the one the token names".into()));
        };
        let mut roots = rustls::RootCertStore::empty();
        roots.add(ca.clone().into_owned())?;
        WebPkiServerVerifier::builder_with_provider(Arc::new(roots), self.provider.clone())
            .build()
            .map_err(|error| rustls::Error::General(error.to_string()))?
            .verify_server_cert(end_entity, &[], server_name, ocsp_response, now)
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        verify_tls12_signature(message, cert, dss, &self.provider.signature_verification_algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        verify_tls13_signature(message, cert, dss, &self.provider.signature_verification_algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.provider.signature_verification_algorithms.supported_schemes()
    }
}
