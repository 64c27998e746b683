//! `bellbird run | control | edge | carrier | migrate | admin`.

use clap::Parser;

fn main() -> std::process::ExitCode {
    let arguments = bellbird::commands::Arguments::parse();
    match bellbird::commands::execute(arguments) {
        Ok(()) => std::process::ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("bellbird: {error:#}");
            std::process::ExitCode::FAILURE
        }
    }
}
