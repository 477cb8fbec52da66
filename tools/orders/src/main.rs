//! `orders`: the operator's command line, the same on AWS and locally.

use std::process::ExitCode;

use clap::Parser as _;
use cli::exit;

mod command;
mod commands;
mod environment;
mod id;
mod item;

use command::Cli;

#[tokio::main]
async fn main() -> ExitCode {
    exit::report("orders", command::run(Cli::parse()).await)
}
