//! `orders`: the operator's command line, the same on AWS and locally.

use std::process::ExitCode;

use clap::Parser as _;

mod cli;
mod commands;
mod environment;
mod item;
mod output;

#[tokio::main]
async fn main() -> ExitCode {
    match cli::run(cli::Cli::parse()).await {
        Ok(code) => code,
        Err(error) => {
            eprintln!("orders: {error:#}");
            ExitCode::from(2)
        }
    }
}
