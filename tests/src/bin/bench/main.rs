//! `bench NAME`: measures one thing on this machine and prints one JSON line.

mod barge_in;
mod calls;
mod campaign;
mod import;
mod labels;
mod numbers;
mod phrasings;
mod server;
mod stage;
mod turns;

use anyhow::bail;
use std::process::ExitCode;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let outcome = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(anyhow::Error::from)
        .and_then(|runtime| runtime.block_on(measure(&arguments)));
    match outcome {
        Ok(line) => {
            println!("{line}");
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("bench: {error:#}");
            ExitCode::FAILURE
        }
    }
}

async fn measure(arguments: &[String]) -> anyhow::Result<serde_json::Value> {
    let (name, options) = match arguments.split_first() {
        Some((name, options)) => (name.as_str(), options),
        None => ("", &[][..]),
    };
    match name {
        "import" => import::measure(options).await,
        "campaign" => campaign::measure(options).await,
        "turns" => turns::measure(options).await,
        "labels" => labels::measure(options).await,
        "calls" => calls::measure(options).await,
        "phrasings" => phrasings::measure(options),
        "barge-in" => barge_in::measure(),
        other => bail!("there is no bench \"{other}\": import, campaign, turns, calls, labels, phrasings, barge-in"),
    }
}

/// The value after `--name`.
fn option<'a>(options: &'a [String], name: &str) -> Option<&'a str> {
    options.iter().position(|one| one == name).and_then(|at| options.get(at + 1)).map(String::as_str)
}
