//! `suite`: the whole suite on one machine, without an AWS account.

use std::process::ExitCode;

use clap::Parser as _;
use local::cli::Cli;

#[tokio::main]
async fn main() -> ExitCode {
    cli::exit::report("suite", local::cli::run(Cli::parse()).await.map(|()| ExitCode::SUCCESS))
}
