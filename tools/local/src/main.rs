//! `suite`: the whole suite on one machine, without an AWS account.

use std::process::ExitCode;

use clap::Parser as _;
use local::cli::Cli;

fn main() -> ExitCode {
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => {
            eprintln!("suite: can't start: {error}");
            return ExitCode::from(2);
        }
    };
    match runtime.block_on(local::cli::run(Cli::parse())) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("suite: {error:#}");
            ExitCode::FAILURE
        }
    }
}
