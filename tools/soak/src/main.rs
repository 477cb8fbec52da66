//! The program: see [`soak::Command`].

use std::process::ExitCode;

use clap::Parser as _;
use soak::Command;

#[tokio::main]
async fn main() -> ExitCode {
    cli::exit::report("soak", Command::parse().run().await)
}
