//! The command line.

use std::path::PathBuf;

use anyhow::Result;
use clap::{Args, Parser, Subcommand, ValueEnum};

use crate::{describe, down, facts::Facts, fault, outside, plane, state::State, up};

/// Where a stack keeps its state, and its plane's port, if nothing else is said.
pub(crate) const STATE: &str = ".local";
pub(crate) const PORT: u16 = 4566;

/// The whole suite on one machine, without an AWS account.
#[derive(Debug, Parser)]
#[command(version, after_help = "Exit codes: 0 done, 1 it failed and says why, 2 the command line is wrong")]
pub struct Cli {
    #[command(flatten)]
    stack: StackArgs,
    #[command(subcommand)]
    command: Command,
}

/// Which stack: two can run side by side with two folders and two ports.
#[derive(Debug, Clone, Args)]
pub struct StackArgs {
    /// Where the stack keeps its state
    #[arg(long, global = true, env = "LOCAL_DIR", default_value = STATE)]
    pub(crate) dir: PathBuf,
    /// The project's folder, the one that holds terraform/
    #[arg(long, global = true, default_value = ".")]
    pub(crate) project: PathBuf,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Start the stack, send one order through it, and return leaving it up
    Up(UpArgs),
    /// Stop the stack and whatever a crash has left of it
    Down,
    /// Take over a plane that somebody else has provisioned: reads `terraform output -json` from standard input
    Adopt(AdoptArgs),
    /// Provision a bare plane as `up` does, and print the outputs as `terraform output -json` does
    #[command(hide = true)]
    Provision(UpArgs),
    /// What the stack is made of, read back from its services, in the words of Terraform's provider: JSON
    Describe {
        /// The region that the emulator plays
        #[arg(long, env = "AWS_REGION", default_value = "us-east-1")]
        region: String,
    },
    /// Run the plane in the foreground: what `up` starts in the background
    Serve(ServeArgs),
    /// Make calls fail, to see what the suite does about it
    Fault(fault::FaultArgs),
}

/// What `up` takes.
#[derive(Debug, Clone, Args)]
pub struct UpArgs {
    /// The port of the plane (4566); 0 takes a free one
    #[arg(long, env = "LOCAL_PORT")]
    pub(crate) port: Option<u16>,
    /// The folder with validator.zip and processor.zip
    #[arg(long, default_value = "dist")]
    pub(crate) dist: PathBuf,
    /// The Python that has the emulator
    #[arg(long, env = "LOCAL_PYTHON", default_value = ".venv/bin/python")]
    pub(crate) python: PathBuf,
    /// The first part of every name
    #[arg(long, env = "PROJECT_NAME", default_value = "order-processing")]
    pub(crate) project_name: String,
    /// The region that the emulator plays
    #[arg(long, env = "AWS_REGION", default_value = "us-east-1")]
    pub(crate) region: String,
    /// How much faster than the machine's the time of metrics and alarms runs (1): at 60, a minute passes in a second
    #[arg(long, env = "LOCAL_TIME_SCALE", value_parser = time_scale)]
    pub(crate) time_scale: Option<f64>,
    /// Who provisions the stack
    #[arg(long, value_enum, default_value_t = Provision::Local)]
    pub(crate) provision: Provision,
}

fn time_scale(text: &str) -> Result<f64, String> {
    match text.parse() {
        Ok(scale) if (1.0..=600.0).contains(&scale) => Ok(scale),
        _ => Err("a number from 1 to 600".into()),
    }
}

/// Who provisions the stack.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Provision {
    /// This command, from the files that Terraform reads
    Local,
    /// Somebody else, through the endpoint that is printed; `adopt` completes it
    None,
}

/// What `adopt` takes.
#[derive(Debug, Clone, Args)]
pub struct AdoptArgs {
    /// The folder with validator.zip and processor.zip
    #[arg(long, default_value = "dist")]
    pub(crate) dist: PathBuf,
    /// The region that the emulator plays
    #[arg(long, env = "AWS_REGION", default_value = "us-east-1")]
    pub(crate) region: String,
}

/// What `serve` takes.
#[derive(Debug, Clone, Args)]
pub struct ServeArgs {
    /// The port of the plane; 0 takes a free one
    #[arg(long)]
    pub(crate) port: u16,
    /// The Python that has the emulator
    #[arg(long)]
    pub(crate) python: PathBuf,
    /// The first part of every name
    #[arg(long)]
    pub(crate) project_name: String,
    /// How fast the time of metrics and alarms runs
    #[arg(long, value_parser = time_scale)]
    pub(crate) time_scale: f64,
    /// The region that the emulator plays
    #[arg(long)]
    pub(crate) region: String,
}

/// Does what the command line says.
///
/// # Errors
/// When it could not be done: what happened, why, and the command that mends it.
pub async fn run(cli: Cli) -> Result<()> {
    let state = State::new(cli.stack.dir)?;
    match cli.command {
        Command::Up(args) if args.provision == Provision::None => {
            outside::start(&Facts::read(&cli.stack.project)?, &state, &args).await
        }
        Command::Up(args) => up::run(&Facts::read(&cli.stack.project)?, &state, &args).await,
        Command::Adopt(args) => outside::adopt(&state, &args).await,
        Command::Provision(args) => outside::provision(&Facts::read(&cli.stack.project)?, &state, &args).await,
        Command::Down => down::run(&state).await,
        Command::Describe { region } => describe::run(&state, &region).await,
        Command::Serve(args) => plane::serve(&Facts::read(&cli.stack.project)?, &state, &args).await,
        Command::Fault(args) => fault::run(&Facts::read(&cli.stack.project)?, &state, &args).await,
    }
}
