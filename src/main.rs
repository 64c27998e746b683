//! `bellbird run | control | edge | carrier | migrate | admin`.

use clap::Parser;

fn main() -> std::process::ExitCode {
    // What is written here is for this account alone: names, transcripts, recordings, keys.
    rustix::process::umask(rustix::fs::Mode::from_raw_mode(0o077));
    let arguments = bellbird::commands::Arguments::parse();
    match bellbird::commands::execute(arguments) {
        Ok(()) => std::process::ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("bellbird: {error:#}");
            std::process::ExitCode::FAILURE
        }
    }
}
