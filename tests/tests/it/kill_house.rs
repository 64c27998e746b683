//! What the two killing tests share: `bellbird control` and `bellbird edge` as real processes that can be killed and
//! started again on the same data, SIPp as the carrier that counts, and the public API to drive and to check them.

use crate::server::{binary, free_tcp, free_udp};
use reqwest::Client;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;
use tempfile::TempDir;

/// Longer than a whole test takes on a busy machine.
const GUARD: Duration = Duration::from_secs(240);
/// Contacts of the campaign: enough that some are waiting, some ringing and some talking when a process dies.
pub const CONTACTS: usize = 12;

pub struct KillHouse {
    folder: TempDir,
    http: u16,
    uplink: u16,
    sip: u16,
    rtp: u16,
    control: Option<Process>,
    edge: Option<Process>,
    carrier: Sipp,
    api: Client,
    token: String,
    campaign: String,
}

struct Process(Child);

impl KillHouse {
    /// Control plane, edge and carrier are up, and a campaign over twelve contacts is about to start.
    pub async fn open() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let carrier = Sipp::answering(folder.path());
        let mut house = Self {
            http: free_tcp(),
            uplink: free_udp(),
            sip: free_udp(),
            rtp: free_udp() & !1,
            control: None,
            edge: None,
            carrier,
            api: Client::builder().no_proxy().timeout(Duration::from_secs(10)).build().unwrap(),
            token: String::new(),
            campaign: String::new(),
            folder,
        };
        let password = house.create_tenant();
        house.start_control();
        house.furnish(&password).await;
        house
    }

    pub fn start_control(&mut self) {
        let child = self.bellbird(&["control"]).stdout(Stdio::piped()).spawn().unwrap();
        self.control = Some(Process::ready(child, "bellbird: ready"));
    }

    pub fn kill_control(&mut self) {
        self.control.take().expect("a control plane to kill").kill();
    }

    /// The first start enrols; later ones find the certificate in the folder.
    pub fn start_edge(&mut self) {
        let child = self.bellbird(&["edge", "--name", "killed"]).stdout(Stdio::piped()).spawn().unwrap();
        self.edge = Some(Process::ready(child, "bellbird: edge"));
    }

    pub fn kill_edge(&mut self) {
        self.edge.take().expect("an edge to kill").kill();
    }

    pub async fn start_campaign(&self) {
        self.post(&format!("/v1/campaigns/{}/start", self.campaign), json!({})).await;
    }

    /// Waits until the carrier was INVITEd so often.
    pub async fn until_invited(&self, calls: usize) {
        self.until("enough INVITEs", async || self.carrier.invites().len() >= calls).await;
    }

    /// Waits until every contact of the campaign has come to an end.
    pub async fn until_settled(&self) -> Value {
        let counters = async || {
            let answer = self.api.get(self.url(&format!("/v1/campaigns/{}", self.campaign))).bearer_auth(&self.token);
            // While the control plane is down there is no answer, and that is no failure of the test.
            answer.send().await.ok()?.json::<Value>().await.ok().map(|campaign| campaign["counters"].clone())
        };
        self.until("every contact settled", async || {
            counters().await.is_some_and(|now| {
                ["waiting", "in_call", "unknown"].iter().all(|key| now[*key] == 0) && now["total"] == CONTACTS
            })
        })
        .await;
        counters().await.unwrap()
    }

    /// At most one INVITE per attempt and per number, and a result for every INVITE.
    pub async fn check(&self) {
        let invites = self.carrier.invites();
        let mut numbers = BTreeSet::new();
        for (call_id, invite) in &invites {
            assert_eq!(invite.branches.len(), 1, "{call_id} was INVITEd more than once: {:?}", invite.branches);
            assert!(numbers.insert(invite.to.clone()), "a number was dialled by two attempts");
        }
        let calls = self.get(&format!("/v1/calls?campaign_id={}&limit=200", self.campaign)).await;
        let with_result: BTreeSet<String> = calls["items"]
            .as_array()
            .unwrap()
            .iter()
            .filter(|call| call["disposition"].is_string())
            .map(|call| call["id"].as_str().unwrap().replacen("cal_", "att_", 1))
            .collect();
        for call_id in invites.keys() {
            let attempt = call_id.split('@').next().unwrap();
            assert!(with_result.contains(attempt), "the result of {attempt} is lost; known are {with_result:?}");
        }
    }

    fn create_tenant(&self) -> String {
        let made = self.bellbird(&["admin", "tenant", "create", "kill", "admin@kill"]).output().unwrap();
        let said = String::from_utf8(made.stdout).unwrap();
        assert!(made.status.success(), "{said}{}", String::from_utf8_lossy(&made.stderr));
        said.lines().find_map(|line| line.strip_prefix("password ")).expect("a password").to_owned()
    }

    /// Users, contacts, a short script, a trunk to SIPp, an enrolled edge and a campaign.
    async fn furnish(&mut self, password: &str) {
        self.token = self.sign_in("admin@kill", password).await;
        for role in ["operator", "scripter"] {
            let user = json!({"email": format!("{role}@kill"), "name": role, "role": role, "password": PASSWORD});
            self.post("/v1/users", user).await;
        }
        let address = format!("127.0.0.1:{}", self.carrier.port);
        let trunk = json!({"name": "sipp", "kind": "sip", "address": address, "caller_ids": ["02160000000"],
            "max_calls": 4, "calls_per_second": 4});
        let trunk = self.post("/v1/trunks", trunk).await;
        let edge = self.post("/v1/edges", json!({"name": "killed"})).await;
        std::fs::write(self.token_file(), edge["token"].as_str().unwrap()).unwrap();

        self.token = self.sign_in("scripter@kill", PASSWORD).await;
        let script = self.post("/v1/scripts", json!({"name": "short", "flow": flow()})).await;
        self.post(&format!("/v1/scripts/{}/publish", script["id"].as_str().unwrap()), json!({})).await;

        self.token = self.sign_in("operator@kill", PASSWORD).await;
        let group = self.post("/v1/groups", json!({"name": "callees", "remark": ""})).await;
        for n in 0..CONTACTS {
            let contact = json!({"name": format!("客户{n}"), "number": format!("138001380{n:02}"), "remark": "",
                "group_ids": [group["id"]], "fields": {}});
            self.post("/v1/contacts", contact).await;
        }
        let all_day = json!([{"weekdays": [1, 2, 3, 4, 5, 6, 7], "from": "00:00", "to": "24:00"}]);
        let campaign = json!({"name": "killed", "remark": "", "group_id": group["id"], "script_id": script["id"],
            "trunk_id": trunk["id"], "windows": all_day, "max_calls": 4, "retry": {"attempts": 2, "interval_s": 0}});
        let campaign = self.post("/v1/campaigns", campaign).await;
        self.campaign = campaign["id"].as_str().unwrap().to_owned();
        self.start_edge();
        self.until("an edge online", async || {
            self.get(format!("/v1/campaigns/{}/check", self.campaign)).await["edge_online"] == true
        })
        .await;
    }

    async fn sign_in(&self, email: &str, password: &str) -> String {
        let session = self.post("/v1/sessions", json!({"email": email, "password": password})).await;
        session["token"].as_str().unwrap().to_owned()
    }

    async fn post(&self, path: &str, body: Value) -> Value {
        let request = self.api.post(self.url(path)).bearer_auth(&self.token).json(&body);
        answer(path, request.send().await.unwrap()).await
    }

    async fn get(&self, path: impl AsRef<str>) -> Value {
        let request = self.api.get(self.url(path.as_ref())).bearer_auth(&self.token);
        answer(path.as_ref(), request.send().await.unwrap()).await
    }

    fn url(&self, path: &str) -> String {
        format!("http://127.0.0.1:{}{path}", self.http)
    }

    /// Asks again and again until it holds; the guard is for a failing test only.
    async fn until(&self, what: &str, holds: impl AsyncFn() -> bool) {
        let mut again = tokio::time::interval(Duration::from_millis(100));
        let waiting = async {
            while !holds().await {
                again.tick().await;
            }
        };
        tokio::time::timeout(GUARD, waiting).await.unwrap_or_else(|_| panic!("waited in vain for {what}"));
    }

    fn token_file(&self) -> PathBuf {
        self.folder.path().join("token")
    }

    fn bellbird(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(binary());
        let data = self.folder.path().join(if arguments[0] == "edge" { "edge" } else { "control" });
        command
            .args(arguments)
            .env("BELLBIRD_DATA", data)
            .env("BELLBIRD_HTTP", format!("127.0.0.1:{}", self.http))
            .env("BELLBIRD_UPLINK", format!("127.0.0.1:{}", self.uplink))
            .env("BELLBIRD_SIP", format!("127.0.0.1:{}", self.sip))
            .env("BELLBIRD_RTP", format!("{}-{}", self.rtp, self.rtp.saturating_add(200)))
            .stdin(Stdio::null())
            .stderr(Stdio::inherit());
        if arguments[0] == "edge"
            && let Ok(token) = std::fs::read_to_string(self.token_file())
        {
            command.args(["--token", &token]);
        }
        command
    }
}

impl Process {
    /// Waits for the line that says it is up.
    fn ready(mut child: Child, line: &str) -> Self {
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let said = lines.find(|said| said.as_ref().is_ok_and(|said| said.starts_with(line)));
        assert!(said.is_some(), "the process ended before it said {line:?}");
        // Keeps the pipe open and empty for as long as the process lives.
        std::thread::spawn(move || lines.for_each(drop));
        Self(child)
    }

    /// As by `kill -9`: no handler runs, nothing is flushed.
    fn kill(mut self) {
        self.0.kill().unwrap();
        self.0.wait().unwrap();
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// SIPp as the callee of every call, with every message in a file.
struct Sipp {
    port: u16,
    messages: PathBuf,
    _process: Process,
}

#[derive(Debug, Default)]
struct Invite {
    /// The number, as dialled.
    to: String,
    /// Repeats of one INVITE share its branch (RFC 3261 section 17.1.1.2).
    branches: BTreeSet<String>,
}

impl Sipp {
    fn answering(folder: &Path) -> Self {
        let (port, media) = (free_udp(), free_udp() & !1);
        let messages = folder.join("sipp-messages.log");
        let scenario = Path::new(env!("CARGO_MANIFEST_DIR")).join("peers/sipp/uas_answer.xml");
        let process = Command::new("sipp")
            .args(["-sf", &scenario.to_string_lossy(), "-i", "127.0.0.1", "-p", &port.to_string()])
            .args(["-mi", "127.0.0.1", "-mp", &media.to_string(), "-nostdin", "-trace_msg"])
            .args(["-message_file", &messages.to_string_lossy()])
            .current_dir(folder)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("sipp runs: install the package sip-tester");
        Self { port, messages, _process: Process(process) }
    }

    /// Every INVITE received so far, by Call-ID.
    fn invites(&self) -> BTreeMap<String, Invite> {
        let log = std::fs::read(&self.messages).unwrap_or_default();
        let log = String::from_utf8_lossy(&log);
        let mut invites: BTreeMap<String, Invite> = BTreeMap::new();
        for message in log.split("UDP message ").filter(|message| message.starts_with("received")) {
            let mut lines = message.lines().map(str::trim).skip_while(|line| !line.contains(" SIP/2.0"));
            let Some(to) = lines.next().and_then(|line| line.strip_prefix("INVITE ")) else { continue };
            let header = |name: &str| {
                let found = message.lines().find_map(|line| line.trim().strip_prefix(name));
                found.map(str::trim).unwrap_or_default().to_owned()
            };
            let invite = invites.entry(header("Call-ID:")).or_default();
            invite.to = to.to_owned();
            let via = header("Via:");
            let branch = via.split(';').find_map(|part| part.strip_prefix("branch="));
            invite.branches.insert(branch.unwrap_or_default().to_owned());
        }
        invites
    }
}

const PASSWORD: &str = "a long enough passphrase 7";

/// Opening, a moment of silence, goodbye: about four seconds.
fn flow() -> Value {
    json!({
        "schema": 1, "start": "hello",
        "nodes": [
            {"kind": "opening", "key": "hello", "text": "您好，这里是铃鸟。", "wait_ms": 1000,
             "branches": [{"intents": ["affirm"], "next": "bye"}], "otherwise": "bye"},
            {"kind": "closing", "key": "bye", "text": "再见。"}
        ],
        "silence": {"replies": [], "then": "bye"},
        "not_understood": {"replies": [], "then": "bye"},
        "opt_out": {"reply": "好的，不再打扰。"},
        "limits": {"max_turns": 5, "max_duration_s": 60, "wait_ms": 1000, "goodbye": "bye"},
        "labels": [{"label": "low", "name": "没有表态", "when": []}]
    })
}

async fn answer(path: &str, response: reqwest::Response) -> Value {
    let status = response.status();
    let body = response.text().await.unwrap();
    assert!(status.is_success(), "{path}: {status} {body}");
    serde_json::from_str(&body).unwrap_or(Value::Null)
}
