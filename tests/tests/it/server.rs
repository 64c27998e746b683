//! A whole Bellbird as its users start it.

use std::io::{BufRead, BufReader};
use std::net::{TcpListener, UdpSocket};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

pub const PASSWORD: &str = "walk-through";

/// `bellbird run` with the demo tenant on a throw-away folder and free ports.
pub struct Server {
    process: Child,
    pub base: String,
    /// What it prints later must find somebody who could read it.
    _output: std::io::Lines<BufReader<std::process::ChildStdout>>,
    _data: tempfile::TempDir,
}

impl Server {
    pub fn start() -> Self {
        let data = tempfile::tempdir().unwrap();
        let at = |port: u16| format!("127.0.0.1:{port}");
        let mut process = Command::new(binary())
            .arg("run")
            .env("BELLBIRD_DATA", data.path())
            .env("BELLBIRD_HTTP", at(free_tcp()))
            .env("BELLBIRD_UPLINK", at(free_udp()))
            .env("BELLBIRD_SIP", at(free_udp()))
            .env("BELLBIRD_CARRIER", at(free_udp()))
            .env("BELLBIRD_DEMO_PASSWORD", PASSWORD)
            .env("BELLBIRD_LOG", "warn")
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(process.stdout.take().unwrap()).lines();
        let ready =
            |line: std::io::Result<String>| line.unwrap().strip_prefix("bellbird: ready on ").map(str::to_owned);
        let base = lines.by_ref().find_map(ready).expect("the process says where it is ready");
        Self { process, base, _output: lines, _data: data }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// The program that lies beside this test: `script/test` builds it first. `BELLBIRD_BINARY` names another.
pub fn binary() -> PathBuf {
    let beside = std::env::current_exe().unwrap().parent().and_then(Path::parent).unwrap().join("bellbird");
    let binary = std::env::var_os("BELLBIRD_BINARY").map_or(beside, PathBuf::from);
    assert!(binary.exists(), "{} is missing: build it with `cargo build -p bellbird`", binary.display());
    binary
}

pub fn free_udp() -> u16 {
    UdpSocket::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

pub fn free_tcp() -> u16 {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}
