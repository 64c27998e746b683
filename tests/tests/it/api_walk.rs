//! `docs/api.md` is run as it stands, against a real process with the demo tenant. A command that fails names its line.

use crate::server::{PASSWORD, Server};
use std::path::Path;
use std::process::Command;

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

#[test]
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
