//! `console`: the operator's console in a browser, the same on AWS and locally.

mod access;
mod answer;
mod app;
mod ask;
mod assets;
mod browse;
mod layout;
mod live;
mod local;
mod mutes;
mod pages;
mod parts;
mod serve;
mod stream;
mod traffic;

use std::{path::PathBuf, process::ExitCode};

use clap::Parser;

/// The operator's console, on this machine's loopback address only.
#[derive(Debug, Parser)]
#[command(
    version,
    after_help = "The URL on stdout has a token that is made anew at each start: whoever has it may use the console.\n\
        Exit codes: 0 ended by a signal, 2 it could not start"
)]
pub(crate) struct Cli {
    /// The environment: `local`, or one that Terraform has made
    #[arg(short, long, value_name = "NAME", env = "ENVIRONMENT")]
    env: Option<String>,
    /// Where the local stack keeps its state
    #[arg(long, env = "LOCAL_DIR", default_value = ".local")]
    local_dir: PathBuf,
    /// The port (4567, or a free one if that is taken); 0 takes a free one
    #[arg(long, env = "CONSOLE_PORT")]
    port: Option<u16>,
}

#[tokio::main]
async fn main() -> ExitCode {
    cli::exit::report("console", serve::run(&Cli::parse()).await)
}
