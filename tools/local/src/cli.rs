//! The command line.

use std::path::PathBuf;

use anyhow::Result;
use clap::{Args, CommandFactory as _, Parser, Subcommand};
use cli::manual::{self, CompletionsArgs, ManualArgs};
use suite::Suite;

use crate::{
    commands::{adopt, describe, down, fault, serve, up},
    stack::{DEFAULT_DIR, StackOptions, State},
};

/// The whole suite on one machine, without an AWS account.
#[derive(Debug, Parser)]
#[command(
    name = "suite",
    version,
    after_help = "Examples:\n  \
        suite up                                up, with one order through it; `make local` builds first\n  \
        suite up --time-scale 60                a minute of alarms and metrics passes in a second\n  \
        suite --dir .other up --port 0          a second one beside it\n  \
        suite fault sqs:SendMessage throttle    calls fail on purpose, until suite fault --clear\n  \
        suite down                              nothing of it is left\n\n\
        Exit codes: 0 done, 2 the command could not run: it says why, and what fixes it"
)]
pub struct Cli {
    #[command(flatten)]
    folders: Folders,
    #[command(subcommand)]
    command: Command,
}

/// Which stack: two can run side by side with two folders and two ports.
#[derive(Debug, Clone, Args)]
pub struct Folders {
    /// Where the stack keeps its state
    #[arg(long, global = true, env = "LOCAL_DIR", default_value = DEFAULT_DIR)]
    pub(crate) dir: PathBuf,
    /// The project's folder, the one that holds terraform/
    #[arg(long, global = true, default_value = ".")]
    pub(crate) project: PathBuf,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Start the stack, send one order through it, and return leaving it up
    #[command(after_help = "Examples:\n  \
        suite up                                   on port 4566, with the functions' zips of dist/\n  \
        suite up --port 0 --time-scale 60          on a free port, its metrics and alarms sixty times as fast\n  \
        suite --dir .other up --dist target/local  a second stack, of a quick build")]
    Up(up::UpArgs),
    /// Stop the stack and whatever a crash has left of it
    #[command(after_help = "Examples:\n  \
        suite down                the stack in .local\n  \
        suite --dir .other down   another one")]
    Down,
    /// Take over a stack that somebody else has provisioned: reads `terraform output -json` from standard input
    #[command(after_help = "Example:\n  \
        terraform -chdir=terraform output -json | suite adopt    `make local PROVISION=terraform` does it")]
    Adopt(adopt::AdoptArgs),
    /// What the stack is made of, read back from its services, in the words of Terraform's provider: JSON
    #[command(after_help = "Example:\n  suite describe | jq 'keys'")]
    Describe,
    /// Run the stack in the foreground: what `up` starts in the background
    #[command(after_help = "Example:\n  suite serve --port 0    until Ctrl-C; nothing is provisioned in it")]
    Serve(StackOptions),
    /// Make calls fail, to see what the suite does about it
    Fault(fault::FaultArgs),
    /// What a shell sources to complete these commands
    #[command(after_help = "Example:\n  source <(suite completions bash)")]
    Completions(CompletionsArgs),
    /// Write a manual page for each command into a folder
    #[command(after_help = "Example:\n  suite manual ~/.local/share/man/man1    and then: man suite-up")]
    Manual(ManualArgs),
}

/// Does what the command line says.
///
/// # Errors
/// When the command could not run: what happened, why, and the command that fixes it.
pub async fn run(cli: Cli) -> Result<()> {
    match &cli.command {
        Command::Completions(args) => return manual::completions(Cli::command(), args),
        Command::Manual(args) => return manual::pages(Cli::command(), args),
        _ => {}
    }
    let state = State::new(cli.folders.dir)?;
    let suite = || Suite::read(&cli.folders.project);
    match cli.command {
        Command::Up(args) => up::run(&suite()?, &state, &args).await,
        Command::Adopt(args) => adopt::run(&state, &args).await,
        Command::Down => down::run(&state).await,
        Command::Describe => describe::run(&state).await,
        Command::Serve(options) => serve::run(&suite()?, &state, &options).await,
        Command::Fault(args) => fault::run(&suite()?, &state, &args).await,
        Command::Completions(_) | Command::Manual(_) => Ok(()),
    }
}
