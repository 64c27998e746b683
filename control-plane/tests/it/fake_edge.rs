//! An edge without a telephone: it enrols, speaks wire frames over real QUIC, and does what a test tells it.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use rcgen::{CertificateParams, KeyPair};
use rustls::RootCertStore;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};
use shared_proto::ids::{AttemptId, EdgeId};
use shared_proto::outcome::{Cause, Disposition, Outcome, Side};
use shared_proto::wire::{
    self, ALPN_ENROL, ALPN_UPLINK, AttemptResult, DialJob, Down, EnrolAsk, EnrolReply, JobVerdict, Progress,
    SERVER_NAME, Up, Upload,
};

use crate::app::TestApp;

/// A test that waits longer than this has failed.
const PATIENCE: Duration = Duration::from_secs(20);

/// The uplink of a test app, served on a free port.
pub struct Uplink {
    pub address: SocketAddr,
}

impl Uplink {
    pub fn of(app: &TestApp) -> Self {
        let socket = std::net::UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let address = socket.local_addr().unwrap();
        let runtime = Arc::new(quinn::TokioRuntime);
        let endpoint = quinn::Endpoint::new(quinn::EndpointConfig::default(), None, socket, runtime).unwrap();
        let stop = app.app.tasks.stop.clone();
        tokio::spawn(control_plane::run_uplink(app.app.clone(), endpoint, stop));
        Self { address }
    }
}

/// What enrolment gave an edge; it can connect again and again.
pub struct Identity {
    pub edge: EdgeId,
    certificate: CertificateDer<'static>,
    ca: CertificateDer<'static>,
    key: Vec<u8>,
}

pub async fn enrol(uplink: &Uplink, token: &str) -> Result<Identity, String> {
    let key = KeyPair::generate().unwrap();
    let csr_pem = CertificateParams::default().serialize_request(&key).unwrap().pem().unwrap();
    let connection = connect(uplink, anyone(ALPN_ENROL)).await.unwrap();
    let (mut send, receive) = connection.open_bi().await.unwrap();
    send.write_all(&wire::encode(&EnrolAsk { token: token.to_owned(), csr_pem }).unwrap()).await.unwrap();
    match (Frames { receive, buffer: Vec::new() }).next::<EnrolReply>().await.unwrap() {
        EnrolReply::Granted { edge, certificate_pem, ca_pem, .. } => Ok(Identity {
            edge,
            certificate: CertificateDer::from_pem_slice(certificate_pem.as_bytes()).unwrap(),
            ca: CertificateDer::from_pem_slice(ca_pem.as_bytes()).unwrap(),
            key: key.serialize_der(),
        }),
        EnrolReply::Refused { code } => Err(code),
    }
}

pub struct FakeEdge {
    pub connection: quinn::Connection,
    send: quinn::SendStream,
    frames: Frames,
    seq: u64,
}

impl FakeEdge {
    /// Enrols with a fresh token and connects with room for `free` calls.
    pub async fn online(app: &TestApp, uplink: &Uplink, free: u32) -> Self {
        let admin = app.login("admin@demo").await;
        let token = app.post(&admin, "/v1/edges", serde_json::json!({"name": "edge"})).await.ok();
        let identity = enrol(uplink, token["token"].as_str().unwrap()).await.unwrap();
        Self::connect(uplink, &identity, vec![], free).await
    }

    pub async fn connect(uplink: &Uplink, identity: &Identity, live: Vec<(AttemptId, u64)>, free: u32) -> Self {
        let connection = connect(uplink, known(identity)).await.unwrap();
        let (send, receive) = connection.open_bi().await.unwrap();
        let mut edge = Self { connection, send, frames: Frames { receive, buffer: Vec::new() }, seq: 0 };
        edge.say(&Up::Hello { name: "edge".into(), software: "test".into(), live }).await;
        assert!(matches!(edge.hear().await, Down::Welcome { .. }));
        edge.capacity(free).await;
        edge
    }

    pub async fn say(&mut self, frame: &Up) {
        self.send.write_all(&wire::encode(frame).unwrap()).await.unwrap();
    }

    pub async fn hear(&mut self) -> Down {
        tokio::time::timeout(PATIENCE, self.frames.next()).await.expect("a frame comes").expect("the stream is open")
    }

    /// A frame, if one is on its way.
    pub async fn overhear(&mut self) -> Option<Down> {
        tokio::time::timeout(Duration::from_millis(15), self.frames.next()).await.ok()?
    }

    pub async fn capacity(&mut self, free: u32) {
        self.say(&Up::Capacity { free, live: 0, trunks: vec![], trouble: None }).await;
    }

    /// The next job; flow versions before it are taken note of.
    pub async fn job(&mut self) -> DialJob {
        loop {
            match self.hear().await {
                Down::Job(job) => return *job,
                Down::Flow { .. } => {}
                other => panic!("a job was expected: {other:?}"),
            }
        }
    }

    /// The next frame that is neither a job nor a flow.
    pub async fn other(&mut self) -> Down {
        loop {
            match self.hear().await {
                Down::Job(_) | Down::Flow { .. } => {}
                other => return other,
            }
        }
    }

    pub async fn verdict(&mut self, job: &DialJob, verdict: JobVerdict) {
        self.say(&Up::Verdict { attempt: job.attempt, fence: job.fence, verdict }).await;
    }

    pub async fn progress(&mut self, job: &DialJob, progress: Progress) {
        self.say(&Up::Progress { attempt: job.attempt, fence: job.fence, at_unix_ms: 1_772_416_801_000, progress })
            .await;
    }

    /// Journals a result and repeats it until it is acknowledged; frames before that are returned.
    pub async fn result(&mut self, result: AttemptResult) -> Vec<Down> {
        self.seq += 1;
        let seq = self.seq;
        self.say(&Up::Result { seq, result: Box::new(result) }).await;
        let mut before = Vec::new();
        loop {
            match self.hear().await {
                Down::ResultAck { seq: acked } if acked == seq => return before,
                other => before.push(other),
            }
        }
    }

    /// Sends the same result again under its old number.
    pub async fn repeat(&mut self, result: AttemptResult) {
        self.seq -= 1;
        self.result(result).await;
    }

    pub async fn upload(&mut self, head: &Upload, bytes: &[u8]) {
        let mut stream = self.connection.open_uni().await.unwrap();
        stream.write_all(&wire::encode(head).unwrap()).await.unwrap();
        stream.write_all(bytes).await.unwrap();
        stream.finish().unwrap();
    }
}

/// How a call ended, from its job.
pub fn ended(job: &DialJob, disposition: Disposition, cause: Cause) -> AttemptResult {
    let start = 1_772_416_800_000;
    let answered = disposition == Disposition::Answered;
    AttemptResult {
        attempt: job.attempt,
        fence: job.fence,
        outcome: Outcome { disposition, cause, side: Side::Customer, sip_code: Some(200), q850: None },
        dialed_unix_ms: Some(start),
        ringing_unix_ms: Some(start + 200),
        answered_unix_ms: answered.then_some(start + 3_200),
        ended_unix_ms: start + 23_200,
        turns: vec![],
        label: None,
        opt_out: None,
        slots: Default::default(),
        recording: None,
    }
}

struct Frames {
    receive: quinn::RecvStream,
    buffer: Vec<u8>,
}

impl Frames {
    async fn next<T: serde::de::DeserializeOwned>(&mut self) -> Option<T> {
        loop {
            if let Some((frame, used)) = wire::decode(&self.buffer).unwrap() {
                self.buffer.drain(..used);
                return Some(frame);
            }
            let chunk = self.receive.read_chunk(65_536, true).await.ok()??;
            self.buffer.extend_from_slice(&chunk.bytes);
        }
    }
}

async fn connect(uplink: &Uplink, tls: rustls::ClientConfig) -> Result<quinn::Connection, quinn::ConnectionError> {
    let endpoint = quinn::Endpoint::client((Ipv4Addr::LOCALHOST, 0).into()).unwrap();
    let crypto = quinn::crypto::rustls::QuicClientConfig::try_from(tls).unwrap();
    let config = quinn::ClientConfig::new(Arc::new(crypto));
    endpoint.connect_with(config, uplink.address, SERVER_NAME).unwrap().await
}

fn builder() -> rustls::ConfigBuilder<rustls::ClientConfig, rustls::WantsVerifier> {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    rustls::ClientConfig::builder_with_provider(provider).with_protocol_versions(&[&rustls::version::TLS13]).unwrap()
}

fn known(identity: &Identity) -> rustls::ClientConfig {
    let mut roots = RootCertStore::empty();
    roots.add(identity.ca.clone()).unwrap();
    let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(identity.key.clone()));
    let builder = builder().with_root_certificates(roots);
    let mut tls = builder.with_client_auth_cert(vec![identity.certificate.clone()], key).unwrap();
    tls.alpn_protocols = vec![ALPN_UPLINK.to_vec()];
    tls
}

/// Before enrolment there is nothing to check the server by but the token's fingerprint; that check
/// is the real edge's and tested there.
fn anyone(alpn: &[u8]) -> rustls::ClientConfig {
    let mut tls =
        builder().dangerous().with_custom_certificate_verifier(Arc::new(trusting::Anyone)).with_no_client_auth();
    tls.alpn_protocols = vec![alpn.to_vec()];
    tls
}

mod trusting {
    use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
    use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
    use rustls::{DigitallySignedStruct, Error, SignatureScheme};

    #[derive(Debug)]
    pub struct Anyone;

    impl ServerCertVerifier for Anyone {
        fn verify_server_cert(
            &self,
            _: &CertificateDer<'_>,
            _: &[CertificateDer<'_>],
            _: &ServerName<'_>,
            _: &[u8],
            _: UnixTime,
        ) -> Result<ServerCertVerified, Error> {
            Ok(ServerCertVerified::assertion())
        }

        fn verify_tls12_signature(
            &self,
            _: &[u8],
            _: &CertificateDer<'_>,
            _: &DigitallySignedStruct,
        ) -> Result<HandshakeSignatureValid, Error> {
            Ok(HandshakeSignatureValid::assertion())
        }

        fn verify_tls13_signature(
            &self,
            _: &[u8],
            _: &CertificateDer<'_>,
            _: &DigitallySignedStruct,
        ) -> Result<HandshakeSignatureValid, Error> {
            Ok(HandshakeSignatureValid::assertion())
        }

        fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
            rustls::crypto::ring::default_provider().signature_verification_algorithms.supported_schemes()
        }
    }
}
