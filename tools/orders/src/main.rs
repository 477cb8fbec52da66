//! `orders`: the operator's command line, the same on AWS and locally.

use std::process::ExitCode;

use clap::Parser as _;

mod command;
mod commands;
mod environment;
mod id;
mod item;

#[tokio::main]
async fn main() -> ExitCode {
    cli::exit::report("orders", command::run(command::Cli::parse()).await)
}
