//! The command line.

use std::{path::PathBuf, process::ExitCode};

use anyhow::Result;
use clap::{Parser, Subcommand};

use crate::{
    commands::{alarms, logs, outputs, queue, scan, send, status, trace},
    environment::Environment,
};

/// Send orders, and see what became of them: on AWS and on the local stack alike.
#[derive(Debug, Parser)]
#[command(
    version,
    after_help = "Data goes to stdout, everything else to stderr.\n\
        Exit codes: 0 done, 1 done and something is wrong (an order refused, a message in the dead-letter queue),\n\
        2 it could not be done"
)]
pub(crate) struct Cli {
    /// The environment: `local`, or one that Terraform has made
    #[arg(short, long, global = true, env = "ENVIRONMENT", default_value = "local")]
    env: String,
    /// Where the local stack keeps its state
    #[arg(long, global = true, env = "LOCAL_DIR", default_value = ".local")]
    local_dir: PathBuf,
    /// One JSON document instead of text
    #[arg(long, global = true)]
    json: bool,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// POST an order, or many of them
    Send(send::SendArgs),
    /// Is the environment well: functions, queues, table
    Status,
    /// A function's log lines
    Logs(logs::LogsArgs),
    /// Which alarms fire, since when, and their runbooks
    Alarms(alarms::AlarmsArgs),
    /// What became of an order, step by step, with its log lines
    Trace(trace::TraceArgs),
    /// How many messages wait, are in flight, and have failed
    Queue,
    /// The environment's names and URLs
    Outputs(outputs::OutputsArgs),
    /// Stored orders, newest last
    Scan(scan::ScanArgs),
}

pub(crate) async fn run(cli: Cli) -> Result<ExitCode> {
    let environment = Environment::read(&cli.env, &cli.local_dir).await?;
    match cli.command {
        Command::Send(args) => send::run(&environment, args, cli.json).await,
        Command::Status => status::run(&environment, cli.json).await,
        Command::Logs(args) => logs::run(&environment, &args, cli.json).await,
        Command::Alarms(args) => alarms::run(&environment, &args, cli.json).await,
        Command::Trace(args) => trace::run(&environment, &args, cli.json).await,
        Command::Queue => queue::run(&environment, cli.json).await,
        Command::Outputs(args) => outputs::run(&environment, &args, cli.json),
        Command::Scan(args) => scan::run(&environment, &args, cli.json).await,
    }
}
