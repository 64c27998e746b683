//! The main loop through the public API with peers that are not ours: SIPp and baresip answer, play what an interested
//! customer says, and a lead comes out of it. In front of SIPp stands Kamailio as a carrier that asks who calls and stays
//! in the path of the dialog.

use crate::api::Api;
use crate::server::{Server, free_udp};
use audio_codec_algorithms::encode_ulaw;
use reqwest::{Method, StatusCode};
use rustix::process::{Pid, Signal, kill_process_group};
use serde_json::{Value, json};
use speech::{Speech, SpeechConfig, VoiceSettings, models_folder};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use tempfile::TempDir;

/// The contact, and with its country the user that baresip answers for.
const CALLEE: &str = "13812345678";

#[tokio::test]
async fn an_interested_callee_at_sipp_behind_kamailio_becomes_a_lead() {
    let folder = tempfile::tempdir().unwrap();
    let (carrier, callee) = (free_udp(), free_udp());
    let _callee = sipp(&folder, callee);
    let _carrier = kamailio(&folder, carrier, callee);
    a_lead_comes_from(carrier, Some(("trunkuser", "s3cret"))).await;
}

#[tokio::test]
async fn an_interested_callee_at_baresip_becomes_a_lead() {
    let folder = tempfile::tempdir().unwrap();
    let port = free_udp();
    let _callee = baresip(&folder, port);
    a_lead_comes_from(port, None).await;
}

/// One contact on a SIP trunk to this port: import, campaign, call, label with its reason, recording, lead, report.
async fn a_lead_comes_from(port: u16, account: Option<(&str, &str)>) {
    let server = Server::start();
    let admin = Api::sign_in(&server, "admin").await;
    let trunk = json!({ "name": "外部线路", "kind": "sip", "address": format!("127.0.0.1:{port}"),
        "username": account.map(|(user, _)| user), "password": account.map(|(_, password)| password), "caller_ids": ["02160000000"], "max_calls": 1, "calls_per_second": 1 });
    let trunk = admin.post("/v1/trunks", trunk).await;

    let operator = Api::sign_in(&server, "operator").await;
    let list = reqwest::multipart::Part::bytes(list()).file_name("名单.xlsx");
    let form = reqwest::multipart::Form::new().part("file", list).text("group", "外部线路");
    let request = operator.client.post(format!("{}/v1/imports", operator.base)).bearer_auth(&operator.token);
    let import: Value = request.multipart(form).send().await.unwrap().json().await.unwrap();
    let path = format!("/v1/imports/{}", import["id"].as_str().unwrap());
    let import = operator.until(&path, |import| import["state"] == "done").await;
    assert_eq!(import["rows"]["accepted"], 1, "{import}");
    let find = |list: &Value, key: &str, value: &str| {
        list["items"].as_array().unwrap().iter().find(|item| item[key] == value).unwrap()["id"].clone()
    };
    let campaign = json!({
        "name": "外部线路", "remark": "", "group_id": find(&operator.get("/v1/groups").await, "name", "外部线路"),
        "script_id": find(&operator.get("/v1/scripts").await, "category", "marketing"), "trunk_id": trunk["id"],
        "windows": [{ "weekdays": [1, 2, 3, 4, 5, 6, 7], "from": "00:00", "to": "24:00" }],
        "max_calls": 1, "retry": { "attempts": 1, "interval_s": 0 },
    });
    let campaign = operator.post("/v1/campaigns", campaign).await;
    let id = campaign["id"].as_str().unwrap();
    operator.post(&format!("/v1/campaigns/{id}/start"), Value::Null).await;
    let done = operator.until(&format!("/v1/campaigns/{id}"), |campaign| campaign["state"] == "completed").await;
    assert_eq!(done["counters"]["connected"], 1, "{done}");

    let calls = operator.get(&format!("/v1/calls?campaign_id={id}")).await;
    let path = format!("/v1/calls/{}", calls["items"][0]["id"].as_str().unwrap());
    let call = operator.until(&path, |call| call["recording"]["state"] == "ready").await;
    assert_eq!(call["disposition"], "answered", "{call}");
    assert_eq!(call["label"]["key"], "high", "{}", call["turns"]);
    assert!(call["label"]["quote"].as_str().is_some_and(|quote| !quote.is_empty()), "{call}");
    let recording = operator.ask(Method::GET, &format!("{path}/recording"), None).await;
    assert_eq!(recording.status(), StatusCode::OK);
    assert_eq!(&recording.bytes().await.unwrap()[..4], b"RIFF");

    let agent = Api::sign_in(&server, "agent").await;
    agent.ask(Method::PUT, "/v1/presence", Some(json!({ "state": "online" }))).await;
    let leads = agent.until("/v1/leads?status=offered", |leads| leads["items"][0]["id"].is_string()).await;
    let lead = leads["items"][0]["id"].as_str().unwrap();
    assert_eq!(agent.post(&format!("/v1/leads/{lead}/accept"), Value::Null).await["status"], "accepted");
    let report = operator.get(&format!("/v1/reports/campaigns?ids={id}")).await;
    assert!(report.to_string().contains("\"high\""), "{report}");
}

/// An Excel file as companies have them.
fn list() -> Vec<u8> {
    let mut book = rust_xlsxwriter::Workbook::new();
    let sheet = book.add_worksheet();
    for (row, cells) in (0..).zip([["姓名", "电话"], ["周女士", CALLEE]]) {
        sheet.write_row(row, 0, cells).unwrap();
    }
    book.save_to_buffer().unwrap()
}

/// What is heard of the customer, over and over: silence while the bot speaks, then interest that fits every question.
fn customer() -> Vec<i16> {
    let voices = SpeechConfig { workers: 1, deaf: true, ..SpeechConfig::real(models_folder().unwrap()) };
    let speech = Speech::open(voices).unwrap();
    let voice = VoiceSettings { speed: 0.95, pitch: 1.1, ..VoiceSettings::default() };
    [vec![0; 4 * 8_000], speech.synthesize("我想办理，让客户经理联系我吧。", voice).unwrap(), vec![0; 8 * 8_000]]
        .concat()
}

fn sipp(folder: &TempDir, port: u16) -> Peer {
    let sound: Vec<u8> = customer().into_iter().map(encode_ulaw).collect();
    std::fs::write(folder.path().join("greeting.ulaw"), sound).unwrap();
    let media = free_udp() & !1;
    Peer::start(
        Command::new("sipp")
            .arg("-sf")
            .arg(peers().join("sipp/uas_play.xml"))
            .args(["-i", "127.0.0.1", "-p", &port.to_string(), "-mi", "127.0.0.1", "-mp", &media.to_string()])
            .args(["-nostdin"])
            .current_dir(folder.path())
            .stdout(Stdio::null())
            .stderr(Stdio::null()),
    )
}

/// A carrier that answers the first INVITE with 407 and relays the one that knows the password to the callee.
fn kamailio(folder: &TempDir, port: u16, callee: u16) -> Peer {
    let modules = library_folder("kamailio/modules");
    let config = std::fs::read_to_string(peers().join("kamailio/trunk-407.cfg"))
        .unwrap()
        .replace("@MODULES@", modules.to_str().unwrap())
        .replace("@PORT@", &port.to_string())
        .replace("@CALLEE@", &callee.to_string());
    let file = folder.path().join("kamailio.cfg");
    std::fs::write(&file, config).unwrap();
    let log = std::fs::File::create(folder.path().join("kamailio.log")).unwrap();
    Peer::start(
        Command::new("kamailio")
            .arg("-f")
            .arg(file)
            .args(["-DD", "-E", "-m", "32", "-M", "8", "-Y"])
            .arg(folder.path())
            .stdin(Stdio::null())
            .stdout(log.try_clone().unwrap())
            .stderr(log),
    )
}

fn baresip(folder: &TempDir, port: u16) -> Peer {
    let sound = folder.path().join("customer.wav");
    std::fs::write(&sound, wav(&customer())).unwrap();
    let modules = library_folder("baresip/modules");
    let config = format!(
        "sip_listen 127.0.0.1:{port}\nnet_interface 127.0.0.1\naudio_player aufile,{player}\naudio_source aufile,{source}\n\
         audio_channels 1\nmodule_path {modules}\nmodule g711.so\nmodule aufile.so\nmodule_app account.so\nmodule_app menu.so\n",
        player = folder.path().join("heard.wav").display(),
        source = sound.display(),
        modules = modules.display(),
    );
    std::fs::write(folder.path().join("config"), config).unwrap();
    let account =
        format!("<sip:+86{CALLEE}@127.0.0.1:{port}>;regint=0;answermode=auto;audio_codecs=PCMU/8000/1,PCMA/8000/1\n");
    std::fs::write(folder.path().join("accounts"), account).unwrap();
    let log = std::fs::File::create(folder.path().join("log")).unwrap();
    Peer::start(
        Command::new("baresip")
            .args(["-4", "-f"])
            .arg(folder.path())
            .args(["-v", "-t", "300"])
            .stdin(Stdio::null())
            .stdout(log.try_clone().unwrap())
            .stderr(log),
    )
}

fn peers() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("peers")
}

/// Debian keeps such a folder under the architecture's libraries.
fn library_folder(name: &str) -> PathBuf {
    let known = ["/usr/lib/x86_64-linux-gnu", "/usr/lib/aarch64-linux-gnu", "/usr/lib"];
    known.map(|libraries| Path::new(libraries).join(name)).into_iter().find(|folder| folder.is_dir()).expect(name)
}

/// Mono 16-bit linear PCM at 8 kHz in a RIFF file (IBM and Microsoft, Multimedia Programming Interface 1.0, 1991).
fn wav(samples: &[i16]) -> Vec<u8> {
    let bytes = (samples.len() * 2) as u32;
    let mut out = Vec::with_capacity(44 + samples.len() * 2);
    out.extend(b"RIFF");
    out.extend((36 + bytes).to_le_bytes());
    out.extend(b"WAVEfmt ");
    out.extend(16u32.to_le_bytes());
    out.extend([1u16, 1].into_iter().flat_map(u16::to_le_bytes));
    out.extend([8_000u32, 16_000].into_iter().flat_map(u32::to_le_bytes));
    out.extend([2u16, 16].into_iter().flat_map(u16::to_le_bytes));
    out.extend(b"data");
    out.extend(bytes.to_le_bytes());
    out.extend(samples.iter().flat_map(|sample| sample.to_le_bytes()));
    out
}

/// A peer that ends with its test, and its own children with it.
struct Peer(Child);

impl Peer {
    fn start(command: &mut Command) -> Self {
        let program = command.get_program().to_string_lossy().into_owned();
        let started = command.process_group(0).spawn();
        Self(started.unwrap_or_else(|error| panic!("{program}: {error}; script/setup --tests installs it")))
    }
}

impl Drop for Peer {
    fn drop(&mut self) {
        let _ = kill_process_group(Pid::from_child(&self.0), Signal::KILL);
        let _ = self.0.wait();
    }
}
