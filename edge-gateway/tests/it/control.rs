//! A control plane for tests: a certificate authority, enrolment, and the uplink's frames in a test's hands.

use rcgen::{
    BasicConstraints, CertificateParams, CertificateSigningRequestParams, DnType, ExtendedKeyUsagePurpose, IsCa,
    Issuer, KeyPair, KeyUsagePurpose,
};
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use serde::de::DeserializeOwned;
use sha2::{Digest, Sha256};
use shared_proto::ids::EdgeId;
use shared_proto::wire::{
    ALPN_ENROL, ALPN_UPLINK, Down, EnrolAsk, EnrolReply, SERVER_NAME, Up, Upload, decode, encode,
};
use std::net::SocketAddr;
use std::sync::Arc;
use tokio::sync::mpsc;

const SECRET: &str = "bbe_secret";

pub struct Control {
    pub address: SocketAddr,
    pub fingerprint: String,
    links: mpsc::UnboundedReceiver<Link>,
    endpoint: quinn::Endpoint,
}

/// One uplink connection, from the control plane's side.
pub struct Link {
    connection: quinn::Connection,
    send: quinn::SendStream,
    up: mpsc::UnboundedReceiver<Up>,
    uploads: mpsc::UnboundedReceiver<(Upload, Vec<u8>)>,
}

impl Control {
    pub fn start() -> Self {
        let (ca, issuer) = authority();
        let endpoint = quinn::Endpoint::server(server(&ca, &issuer), "127.0.0.1:0".parse().unwrap()).unwrap();
        let address = endpoint.local_addr().unwrap();
        let fingerprint = hex::encode(Sha256::digest(ca.der()));
        let (tell, links) = mpsc::unbounded_channel();
        tokio::spawn(accept(endpoint.clone(), ca.pem(), Arc::new(issuer), tell));
        Self { address, fingerprint, links, endpoint }
    }

    pub fn token(&self) -> String {
        format!("{SECRET}.{}", self.fingerprint)
    }

    /// The edge's next connection, welcomed; with the live attempts it said Hello with.
    pub async fn welcome(&mut self) -> (Link, Vec<(shared_proto::ids::AttemptId, u64)>) {
        let mut link =
            tokio::time::timeout(super::world::GUARD, self.links.recv()).await.expect("the edge connects").unwrap();
        let Up::Hello { live, .. } = link.next().await else { panic!("Hello comes first") };
        link.send(Down::Welcome { edge: EdgeId::new(1, 1), server_unix_ms: 0, capacity_every_ms: 100 }).await;
        (link, live)
    }
}

impl Drop for Control {
    fn drop(&mut self) {
        self.endpoint.close(0u32.into(), b"");
    }
}

impl Link {
    pub async fn send(&mut self, down: Down) {
        self.send.write_all(&encode(&down).unwrap()).await.unwrap();
    }

    pub async fn next(&mut self) -> Up {
        tokio::time::timeout(super::world::GUARD, self.up.recv()).await.expect("a frame in time").expect("a frame")
    }

    /// The first frame that `pick` takes; the others are dropped.
    pub async fn find<T>(&mut self, mut pick: impl FnMut(Up) -> Option<T>) -> T {
        loop {
            if let Some(found) = pick(self.next().await) {
                return found;
            }
        }
    }

    pub async fn upload(&mut self) -> (Upload, Vec<u8>) {
        tokio::time::timeout(super::world::GUARD, self.uploads.recv()).await.expect("an upload in time").unwrap()
    }

    /// Cuts the link as a crash of the control plane would.
    pub fn cut(self) {
        self.connection.close(9u32.into(), b"cut");
    }
}

fn authority() -> (rcgen::Certificate, Issuer<'static, KeyPair>) {
    let key = KeyPair::generate().unwrap();
    let mut params = CertificateParams::default();
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign];
    params.distinguished_name.push(DnType::CommonName, "test authority");
    let ca = params.self_signed(&key).unwrap();
    (ca, Issuer::new(params, key))
}

fn server(ca: &rcgen::Certificate, issuer: &Issuer<'_, KeyPair>) -> quinn::ServerConfig {
    let key = KeyPair::generate().unwrap();
    let params = CertificateParams::new(vec![SERVER_NAME.to_owned()]).unwrap();
    let own = params.signed_by(&key, issuer).unwrap();
    let mut roots = rustls::RootCertStore::empty();
    roots.add(ca.der().clone()).unwrap();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let clients = rustls::server::WebPkiClientVerifier::builder_with_provider(Arc::new(roots), provider.clone())
        .allow_unauthenticated()
        .build()
        .unwrap();
    let mut tls = rustls::ServerConfig::builder_with_provider(provider)
        .with_protocol_versions(&[&rustls::version::TLS13])
        .unwrap()
        .with_client_cert_verifier(clients)
        .with_single_cert(
            vec![own.der().clone(), ca.der().clone()],
            PrivateKeyDer::try_from(key.serialize_der()).unwrap(),
        )
        .unwrap();
    tls.alpn_protocols = vec![ALPN_UPLINK.to_vec(), ALPN_ENROL.to_vec()];
    quinn::ServerConfig::with_crypto(Arc::new(quinn::crypto::rustls::QuicServerConfig::try_from(tls).unwrap()))
}

async fn accept(
    endpoint: quinn::Endpoint,
    ca_pem: String,
    issuer: Arc<Issuer<'static, KeyPair>>,
    links: mpsc::UnboundedSender<Link>,
) {
    while let Some(incoming) = endpoint.accept().await {
        let (ca_pem, issuer, links) = (ca_pem.clone(), issuer.clone(), links.clone());
        tokio::spawn(async move {
            let connection = incoming.await.unwrap();
            let data = connection.handshake_data().unwrap();
            let alpn = data.downcast::<quinn::crypto::rustls::HandshakeData>().unwrap().protocol.unwrap();
            let (send, receive) = connection.accept_bi().await.unwrap();
            if alpn == ALPN_ENROL {
                enrol(send, receive, &ca_pem, &issuer).await;
                connection.closed().await;
                return;
            }
            let peer = connection.peer_identity().expect("an uplink has a client certificate");
            assert_eq!(peer.downcast::<Vec<CertificateDer<'static>>>().unwrap().len(), 1);
            let (up_in, up) = mpsc::unbounded_channel();
            let (uploads_in, uploads) = mpsc::unbounded_channel();
            tokio::spawn(frames(receive, up_in));
            tokio::spawn(take_uploads(connection.clone(), uploads_in));
            links.send(Link { connection, send, up, uploads }).ok();
        });
    }
}

async fn enrol(
    mut send: quinn::SendStream,
    mut receive: quinn::RecvStream,
    ca_pem: &str,
    issuer: &Issuer<'_, KeyPair>,
) {
    let mut buffer = Vec::new();
    let ask: EnrolAsk = loop {
        if let Some((ask, _)) = decode(&buffer).unwrap() {
            break ask;
        }
        buffer.extend_from_slice(&receive.read_chunk(4_096, true).await.unwrap().unwrap().bytes);
    };
    let reply = if ask.token.starts_with(SECRET) {
        let mut request = CertificateSigningRequestParams::from_pem(&ask.csr_pem).unwrap();
        request.params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ClientAuth];
        let certificate = request.signed_by(issuer).unwrap();
        EnrolReply::Granted {
            edge: EdgeId::new(1, 1),
            certificate_pem: certificate.pem(),
            ca_pem: ca_pem.to_owned(),
            expires_unix_ms: u64::MAX,
        }
    } else {
        EnrolReply::Refused { code: "token_unknown".to_owned() }
    };
    send.write_all(&encode(&reply).unwrap()).await.unwrap();
    send.finish().unwrap();
}

async fn frames<T: DeserializeOwned>(mut receive: quinn::RecvStream, frames: mpsc::UnboundedSender<T>) {
    let mut buffer = Vec::new();
    while let Ok(Some(chunk)) = receive.read_chunk(65_536, true).await {
        buffer.extend_from_slice(&chunk.bytes);
        while let Some((frame, used)) = decode(&buffer).unwrap() {
            buffer.drain(..used);
            if frames.send(frame).is_err() {
                return;
            }
        }
    }
}

async fn take_uploads(connection: quinn::Connection, uploads: mpsc::UnboundedSender<(Upload, Vec<u8>)>) {
    while let Ok(mut stream) = connection.accept_uni().await {
        let Ok(bytes) = stream.read_to_end(64 * 1024 * 1024).await else { continue };
        let (head, used) = decode::<Upload>(&bytes).unwrap().unwrap();
        uploads.send((head, bytes[used..].to_vec())).ok();
    }
}
