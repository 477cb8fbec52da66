//! The command line: arguments in, text out; everything else is the library's.

mod backtest;
mod cost;
mod explain;
mod index;
mod input;
mod lint;
mod schema;
mod test;

use clap::{Args, CommandFactory as _, Parser, Subcommand, ValueEnum};
use cli::manual::{self, CompletionsArgs, ManualArgs};
use std::path::PathBuf;

/// Unit tests and lints for CloudWatch alarms, without an AWS account.
#[derive(Debug, Parser)]
#[command(
    version,
    propagate_version = true,
    after_help = "\
Examples:
  alarms test                                  every scenario against terraform/alarms.yaml
  alarms test --watch --only 'queue age'       again whenever a file changes
  alarms lint                                  metrics, windows, actions, runbooks, dashboards, thresholds, price
  alarms cost --json                           metrics, composites and USD a month, for scripts
  alarms test --observability lean             the alarms of an environment that has the pages only
  alarms index --check                         is runbooks/README.md up to date
  alarms explain queue-age                     one alarm on one screen
  alarms backtest queue-age --threshold 60 --threshold 120 --series ages.csv
  terraform show -json plan > plan.json && alarms test --plan plan.json --scenarios alarm-tests/
  alarms lint --plan plan.json --deny-unsupported

Exit codes: 0 all is well, 1 something failed or was found, 2 the command could not be carried out."
)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Replay scenarios and compare states and actions
    Test(test::Test),
    /// Check the alarms without data
    Lint(lint::Lint),
    /// Say what the alarms cost a month
    Cost(cost::Cost),
    /// Write the index of the runbooks
    Index(index::Index),
    /// Show one alarm in words
    Explain(explain::Explain),
    /// Count how often an alarm would have fired over recorded data
    Backtest(backtest::Backtest),
    /// Print what a shell sources to complete these commands
    Completions(CompletionsArgs),
    /// Write a manual page for each command into a folder
    Manual(ManualArgs),
}

/// How much an environment watches: terraform/variables.tf.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Observability {
    /// Every alarm
    Full,
    /// The pages and what they are made of
    Lean,
}

/// Which alarms, and how AWS's open points are read.
#[derive(Clone, Debug, Args)]
struct Source {
    /// The catalogue
    #[arg(long, value_name = "FILE", default_value = "terraform/alarms.yaml")]
    catalogue: PathBuf,
    /// Read the alarms from `terraform show -json` instead
    #[arg(long, value_name = "FILE", conflicts_with = "catalogue")]
    plan: Option<PathBuf>,
    /// Fills ${namespace} and, with the environment, ${prefix}
    #[arg(long, value_name = "NAME", env = "PROJECT_NAME", default_value = "order-processing")]
    project_name: String,
    /// Fills ${environment}
    #[arg(long, value_name = "NAME", env = "ENVIRONMENT", default_value = "dev")]
    environment: String,
    /// Fills ${region}
    #[arg(long, value_name = "REGION", env = "AWS_REGION", default_value = "us-east-1")]
    region: String,
    /// The alarms of an environment with this much observability
    #[arg(long, value_enum, default_value_t = Observability::Full, conflicts_with = "plan")]
    observability: Observability,
    /// The evaluation range is N plus this many periods
    #[arg(long, value_name = "PERIODS", default_value_t = 2)]
    range_beyond_n: usize,
    /// Minute of the hour at which alarms over more than a day are evaluated
    #[arg(long, value_name = "MINUTE", default_value_t = 3, value_parser = clap::value_parser!(u8).range(0..60))]
    hourly_minute: u8,
}

/// Runs a command; `false` when it found something.
pub(crate) fn run(arguments: &Arguments) -> anyhow::Result<bool> {
    match &arguments.command {
        Command::Test(command) => command.run(),
        Command::Lint(command) => command.run(),
        Command::Cost(command) => command.run(),
        Command::Index(command) => command.run(),
        Command::Explain(command) => command.run(),
        Command::Backtest(command) => command.run(),
        Command::Completions(args) => manual::completions(Arguments::command(), args).map(|()| true),
        Command::Manual(args) => manual::pages(Arguments::command(), args).map(|()| true),
    }
}
