//! An edge in a folder of its own, between a test's control plane and a test's carrier.

use super::carrier::{Callee, Carrier};
use super::control::{Control, Link};
use edge_gateway::{Clock, EdgeConfig, EdgeStats, EnrolmentToken, Limits};
use serde_json::json;
use shared_proto::ids::{AttemptId, CampaignId, TenantId, TrunkId, VersionId};
use shared_proto::phone::Phone;
use shared_proto::wire::{AttemptResult, DialJob, Down, JobVerdict, TrunkSpec, Up};
use speech::{Script, Speech, SpeechConfig};
use std::collections::BTreeMap;
use std::net::UdpSocket;
use std::ops::RangeInclusive;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::AtomicU64;
use std::time::Duration;
use tempfile::TempDir;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

/// Longer than anything here takes; reached only by a failing test.
pub const GUARD: Duration = Duration::from_secs(40);

/// The edge's time, unix milliseconds.
pub const NOW: u64 = 1_700_000_000_000;

pub struct World {
    pub control: Control,
    pub carrier: Carrier,
    pub folder: TempDir,
    pub edge: Edge,
}

pub struct Edge {
    pub stats: EdgeStats,
    pub shutdown: CancellationToken,
    pub running: JoinHandle<anyhow::Result<()>>,
}

impl World {
    pub async fn with(callee: Callee, limits: Limits, script: Script) -> Self {
        let control = Control::start();
        let folder = tempfile::tempdir().unwrap();
        let edge = Edge::hearing(&control, folder.path(), Some(control.token()), limits, script).await;
        Self { control, carrier: Carrier::start(callee), folder, edge }
    }

    /// A connected edge that knows the flow.
    pub async fn ready(callee: Callee) -> (Self, Link) {
        Self::ready_with(callee, limits(), script()).await
    }

    pub async fn ready_with(callee: Callee, limits: Limits, script: Script) -> (Self, Link) {
        let mut world = Self::with(callee, limits, script).await;
        let (mut link, _) = world.control.welcome().await;
        link.send(Down::Flow { version: version(), flow: flow() }).await;
        (world, link)
    }

    pub fn job(&self, n: u128) -> DialJob {
        DialJob {
            attempt: attempt(n),
            fence: 3,
            tenant: TenantId::new(1, 1),
            campaign: CampaignId::new(1, 1),
            lease_ms: 30_000,
            dial_before_unix_ms: None,
            number: Phone::from_e164("+8613800138000").unwrap(),
            caller_id: "02512345678".to_owned(),
            trunk: TrunkSpec {
                id: TrunkId::new(1, 1),
                address: self.carrier.address.to_string(),
                username: None,
                password: None,
                max_calls: 10,
                calls_per_second: 10,
            },
            version: version(),
            variables: BTreeMap::from([("姓名".to_owned(), "王先生".to_owned())]),
            ring_limit_ms: 30_000,
            max_duration_ms: 60_000,
        }
    }
}

impl Edge {
    pub async fn start_with(control: &Control, folder: &Path, token: Option<String>) -> Self {
        Self::hearing(control, folder, token, limits(), script()).await
    }

    async fn hearing(control: &Control, folder: &Path, token: Option<String>, limits: Limits, script: Script) -> Self {
        let config = EdgeConfig {
            name: "edge under test".to_owned(),
            control: control.address.to_string(),
            enrolment: token.as_deref().and_then(EnrolmentToken::parse),
            data: folder.to_owned(),
            sip: "127.0.0.1:0".parse().unwrap(),
            advertised: None,
            rtp: free_ports(8),
            limits,
        };
        let speech = Speech::open(SpeechConfig::scripted(script)).unwrap();
        let endpoint = quinn::Endpoint::client("127.0.0.1:0".parse().unwrap()).unwrap();
        let (stats, shutdown) = (EdgeStats::default(), CancellationToken::new());
        let clock = Clock::Set(Arc::new(AtomicU64::new(NOW)));
        let running = edge_gateway::run(config, speech, endpoint, stats.clone(), clock, shutdown.clone());
        let running = tokio::spawn(running);
        Self { stats, shutdown, running }
    }

    pub async fn stop(self) {
        self.shutdown.cancel();
        tokio::time::timeout(GUARD, self.running).await.expect("the edge leaves").unwrap().unwrap();
    }
}

/// What its customers say.
pub fn script() -> Script {
    Script::lines(["可以的", "好的"])
}

/// What an edge under test takes on, on however full a disk.
pub fn limits() -> Limits {
    let drain = Duration::from_secs(20);
    Limits { shards: 1, calls: 8, drain, room_for_jobs: 0, room_for_recordings: 0 }
}

/// A free even start with ports above it that were free a moment ago.
fn free_ports(pairs: u16) -> RangeInclusive<u16> {
    loop {
        let start = UdpSocket::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port() & !1;
        let Some(end) = start.checked_add(2 * pairs - 1) else { continue };
        if (start..=end).all(|port| UdpSocket::bind(("127.0.0.1", port)).is_ok()) {
            return start..=end;
        }
    }
}

pub fn attempt(n: u128) -> AttemptId {
    AttemptId::new(NOW, n)
}

pub fn version() -> VersionId {
    VersionId::new(1, 1)
}

/// Opening question, goodbye; whoever agrees is of high intent.
pub fn flow() -> serde_json::Value {
    json!({
        "schema": 1, "start": "hello",
        "nodes": [
            {"kind": "opening", "key": "hello", "text": "{姓名}您好，方便吗？",
             "branches": [{"intents": ["affirm"], "next": "bye"}]},
            {"kind": "closing", "key": "bye", "text": "好，再见。"}
        ],
        "variables": [{"name": "姓名", "fallback": "您"}],
        "silence": {"replies": ["您还在吗？"], "then": "bye"},
        "not_understood": {"replies": [], "then": "bye"},
        "opt_out": {"reply": "好的。"},
        "limits": {"max_turns": 5, "max_duration_s": 60, "wait_ms": 5000, "goodbye": "bye"},
        "labels": [{"label": "high", "name": "同意了", "when": [{"is": "heard", "intents": ["affirm"]}]}]
    })
}

pub async fn verdict(link: &mut Link, n: u128) -> JobVerdict {
    link.find(|up| match up {
        Up::Verdict { attempt: of, verdict, .. } if of == attempt(n) => Some(verdict),
        _ => None,
    })
    .await
}

pub async fn result(link: &mut Link) -> (u64, AttemptResult) {
    link.find(|up| match up {
        Up::Result { seq, result } => Some((seq, *result)),
        _ => None,
    })
    .await
}
