//! `orders`: the operator's command line, the same on AWS and locally.

use std::process::ExitCode;

use clap::Parser as _;

#[tokio::main]
async fn main() -> ExitCode {
    cli::exit::report("orders", orders::run(orders::Cli::parse()).await)
}
