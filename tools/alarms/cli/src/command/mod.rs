//! The command line: arguments in, text out; everything else is the library's.

mod backtest;
mod cost;
mod coverage;
mod diff;
mod explain;
mod index;
mod init;
mod input;
mod lint;
mod look;
mod output;
mod test;

use std::path::PathBuf;

use clap::{Args, CommandFactory as _, Parser, Subcommand, ValueEnum};
use cli::manual::{self, CompletionsArgs, ManualArgs};

/// Unit tests, lints and coverage for CloudWatch alarms, without an AWS account.
#[derive(Debug, Parser)]
#[command(
    version,
    propagate_version = true,
    after_help = "\
Files are known by what they hold: `terraform show -json` of a plan or a state, a state file, a template of
CloudFormation, SAM or CDK, the answer of `aws cloudwatch describe-alarms`, a catalogue. Without any, those that
.alarms.yaml names, or what lies in the folder.

Examples:
  alarms                                       what is here, and what to do next
  alarms init                                  first scenarios, into alarm-tests/
  alarms test                                  every scenario, under every reading of AWS's texts
  alarms test --watch --only 'queue age'       again whenever a file changes
  alarms lint template.yaml                    metrics, windows, missing data, actions, thresholds
  alarms coverage plan.json --markdown         which resources have no alarm on what matters
  alarms explain queue-age                     one alarm on one screen
  alarms backtest queue-age --threshold 60 --threshold 120 --series ages.csv
  alarms diff old.json new.json                what a change of the alarms changes
  terraform show -json plan | alarms lint -

Every command has examples: alarms COMMAND --help

Exit codes: 0 all is well, 1 something failed or was found, 2 the command could not be carried out."
)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Replay scenarios and compare states and actions
    Test(test::Test),
    /// Check the alarms without data
    Lint(lint::Lint),
    /// Write first scenarios
    Init(init::Init),
    /// Say which resources have no alarm on what matters
    Coverage(coverage::Coverage),
    /// Say what the alarms cost a month
    Cost(cost::Cost),
    /// Say what a change of the alarms changes
    Diff(diff::Diff),
    /// Show one alarm in words
    Explain(explain::Explain),
    /// Count how often an alarm would have fired over recorded data
    Backtest(backtest::Backtest),
    /// Write the index of the runbooks
    Index(index::Index),
    /// Print what a shell sources to complete these commands
    #[command(after_help = "Examples:\n  alarms completions bash > ~/.local/share/bash-completion/completions/alarms")]
    Completions(CompletionsArgs),
    /// Write a manual page for each command into a folder
    #[command(after_help = "Examples:\n  alarms manual ~/.local/share/man/man1    and then: man alarms-lint")]
    Manual(ManualArgs),
}

/// How much an environment watches, in a catalogue that says so.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Observability {
    /// Every alarm
    Full,
    /// The pages and what they are made of
    Lean,
}

/// Which alarms.
#[derive(Clone, Debug, Args)]
struct Source {
    /// Files and folders with alarms; `-` is standard input
    #[arg(value_name = "FILE")]
    files: Vec<PathBuf>,
    /// The same, for those who like a name
    #[arg(long, value_name = "FILE", visible_alias = "catalogue")]
    plan: Vec<PathBuf>,
    /// The alarms that are deployed, of the account and region that AWS_PROFILE, AWS_REGION and the like name; alone, or beside files
    #[arg(long)]
    live: bool,
    #[command(flatten)]
    how: How,
}

/// How they are read, and how AWS's open points are.
#[derive(Clone, Debug, Args)]
struct How {
    /// A value for a placeholder `${NAME}`, or for a parameter of a template
    #[arg(long, value_name = "NAME=VALUE", value_parser = pair)]
    set: Vec<(String, String)>,
    /// Of a catalogue, the alarms of an environment with this much observability
    #[arg(long, value_enum, default_value_t = Observability::Full)]
    observability: Observability,
    /// The evaluation range is N plus this many periods
    #[arg(long, value_name = "PERIODS", default_value_t = 2, value_parser = clap::value_parser!(u64).range(0..=100))]
    range_beyond_n: u64,
    /// Minute of the hour at which alarms over more than a day are evaluated
    #[arg(long, value_name = "MINUTE", default_value_t = 3, value_parser = clap::value_parser!(u8).range(0..60))]
    hourly_minute: u8,
}

fn pair(text: &str) -> Result<(String, String), String> {
    let (name, value) = text.split_once('=').ok_or("NAME=VALUE was expected")?;
    Ok((name.to_owned(), value.to_owned()))
}

/// Runs a command; `false` when it found something.
pub(crate) fn run(arguments: &Arguments) -> anyhow::Result<bool> {
    match &arguments.command {
        None => look::run(),
        Some(Command::Test(command)) => command.run(),
        Some(Command::Lint(command)) => command.run(),
        Some(Command::Init(command)) => command.run(),
        Some(Command::Coverage(command)) => command.run(),
        Some(Command::Cost(command)) => command.run(),
        Some(Command::Diff(command)) => command.run(),
        Some(Command::Explain(command)) => command.run(),
        Some(Command::Backtest(command)) => command.run(),
        Some(Command::Index(command)) => command.run(),
        Some(Command::Completions(args)) => manual::completions(Arguments::command(), args).map(|()| true),
        Some(Command::Manual(args)) => manual::pages(Arguments::command(), args).map(|()| true),
    }
}
