//! `orders`: the operator's command line, the same on AWS and locally.

use std::process::ExitCode;

use clap::Parser as _;
use cli::exit;

#[tokio::main]
async fn main() -> ExitCode {
    exit::report("orders", orders::run(orders::Cli::parse()).await)
}
