//! `orders console`: the console in a browser, for any environment. The one that runs with the local stack is told, not started twice.

use std::{
    fs,
    net::{SocketAddr, TcpStream},
    os::unix::process::CommandExt as _,
    process::{Command, ExitCode},
    time::Duration,
};

use anyhow::{Context as _, Result};
use clap::Args;
use cli::output;
use suite::StateFiles;

use crate::environment::Environment;

#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  \
    orders --env local console               the URL of the one that `make local` has started, or a new one\n  \
    orders --env prod console --port 8080    for an environment on AWS, until Ctrl-C\n\n\
    On AWS it only looks, and asks nothing by itself: each page is loaded when you load it.\n\
    Exit codes: 0 told or ended, 2 it could not start")]
pub(crate) struct ConsoleArgs {
    /// The port (4567, or a free one if that is taken); 0 takes a free one
    #[arg(long, env = "CONSOLE_PORT")]
    port: Option<u16>,
}

pub(crate) fn run(environment: &Environment, args: &ConsoleArgs, json: bool) -> Result<ExitCode> {
    if let Some(url) = running(environment) {
        if json {
            output::json(&serde_json::json!({"url": url}))?;
        } else {
            output::line(url)?;
        }
        return Ok(ExitCode::SUCCESS);
    }
    // The tools stand beside each other.
    let beside = std::env::current_exe().ok().map(|path| path.with_file_name("console")).filter(|path| path.is_file());
    let mut console = Command::new(beside.unwrap_or_else(|| "console".into()));
    console.args(environment.arguments());
    if let Some(port) = args.port {
        console.args(["--port", &port.to_string()]);
    }
    Err(console.exec()).context("can't start the console: `make tools` puts it into bin/")
}

/// The URL of the one that runs with the local stack, if something listens there.
fn running(environment: &Environment) -> Option<String> {
    let path = StateFiles::in_folder(environment.local_dir()).console();
    let url = fs::read_to_string(path).ok().filter(|_| environment.is_local())?.trim().to_owned();
    let address: SocketAddr = url.strip_prefix("http://")?.split('/').next()?.parse().ok()?;
    TcpStream::connect_timeout(&address, Duration::from_secs(1)).ok()?;
    Some(url)
}
