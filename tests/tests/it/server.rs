//! A whole Bellbird as its users start it.

use std::io::{BufRead, BufReader};
use std::net::{TcpListener, UdpSocket};
use std::path::PathBuf;
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
        let tcp = || TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().to_string();
        let udp = || UdpSocket::bind("127.0.0.1:0").unwrap().local_addr().unwrap().to_string();
        let mut process = Command::new(binary())
            .arg("run")
            .env("BELLBIRD_DATA", data.path())
            .env("BELLBIRD_HTTP", tcp())
            .env("BELLBIRD_UPLINK", udp())
            .env("BELLBIRD_SIP", udp())
            .env("BELLBIRD_CARRIER", udp())
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

/// The program lies beside the folder of this test's own.
fn binary() -> PathBuf {
    let mut path = std::env::current_exe().unwrap();
    path.pop();
    path.pop();
    path.push("bellbird");
    assert!(path.exists(), "{} is not built: cargo build -p bellbird", path.display());
    path
}
