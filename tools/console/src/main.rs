//! `console`: the operator's console in a browser, the same on AWS and locally.

mod access;
mod answer;
mod app;
mod arguments;
mod ask;
mod assets;
mod browse;
mod guard;
mod layout;
mod live;
mod local;
mod memory;
mod mutes;
mod pages;
mod parts;
mod serve;
mod stream;
mod traffic;
mod watch;

use std::process::ExitCode;

use clap::Parser as _;

use crate::arguments::Arguments;

fn main() -> ExitCode {
    memory::bound();
    run()
}

#[tokio::main]
async fn run() -> ExitCode {
    cli::exit::report("console", serve::run(&Arguments::parse()).await)
}
