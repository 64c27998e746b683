//! A whole Bellbird as its users start it.

use rustix::process::{Pid, Signal, kill_process};
use std::io::{BufRead, BufReader};
use std::net::{TcpListener, UdpSocket};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};

pub const PASSWORD: &str = "walk-through";

/// `bellbird run` with the demo tenant on free ports.
pub struct Server {
    process: Child,
    pub base: String,
    /// What it prints later must find somebody who could read it.
    _output: std::io::Lines<BufReader<std::process::ChildStdout>>,
    /// Thrown away with the server, unless the data is somebody else's.
    _data: Option<tempfile::TempDir>,
}

impl Server {
    pub fn start() -> Self {
        let data = tempfile::tempdir().unwrap();
        let mut server = Self::start_in(data.path(), &[]);
        server._data = Some(data);
        server
    }

    /// On data that outlives it.
    pub fn start_in(data: &Path, arguments: &[&str]) -> Self {
        let at = |port: u16| format!("127.0.0.1:{port}");
        let mut process = Command::new(binary())
            .arg("run")
            .args(arguments)
            .env("BELLBIRD_DATA", data)
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
        Self { process, base, _output: lines, _data: None }
    }

    /// As by Ctrl-C; returns once the process has ended by itself.
    pub fn interrupt(mut self) -> ExitStatus {
        kill_process(Pid::from_child(&self.process), Signal::INT).unwrap();
        self.process.wait().unwrap()
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
