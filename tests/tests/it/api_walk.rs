//! `docs/api.md` is run as it stands, against a real process with the demo tenant. A command that fails names its line.

use std::io::{BufRead, BufReader};
use std::net::{TcpListener, UdpSocket};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

const PASSWORD: &str = "walk-through";

/// The page with everything but its commands blanked, so that line numbers stay those of the page.
fn commands(page: &str) -> String {
    let mut inside = false;
    let mut script = String::new();
    for line in page.lines() {
        match line {
            "```sh" => inside = true,
            "```" => inside = false,
            command if inside => script.push_str(command),
            _ => {}
        }
        script.push('\n');
    }
    script
}

struct Server {
    process: Child,
    base: String,
    /// What it prints later must find somebody who could read it.
    _output: std::io::Lines<BufReader<std::process::ChildStdout>>,
    _data: tempfile::TempDir,
}

impl Server {
    fn start() -> Self {
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

#[test]
#[ignore = "needs a quiet machine: the lead in it comes from a real conversation; run with --run-ignored all"]
fn the_page_about_the_api_runs_from_login_to_an_exported_report() {
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/api.md");
    let script = commands(&std::fs::read_to_string(page).unwrap());
    let server = Server::start();
    let output = Command::new("bash")
        .args(["-eu", "-c"])
        .arg(format!("trap 'echo \"docs/api.md line $LINENO: $BASH_COMMAND\" >&2' ERR; {script}"))
        .env("BELLBIRD", &server.base)
        .env("PASSWORD", PASSWORD)
        .env("no_proxy", "*")
        .output()
        .unwrap();
    assert!(
        output.status.success(),
        "{}\n{}",
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    );
}

#[test]
fn the_walk_keeps_the_line_numbers_of_its_page() {
    assert_eq!(commands("# a\n```sh\nls\n```\nb\n```\nx\n```"), "\n\nls\n\n\n\n\n\n");
}
