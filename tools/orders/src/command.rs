//! The command line.

use std::{path::PathBuf, process::ExitCode};

use anyhow::Result;
use clap::{CommandFactory as _, Parser, Subcommand};
use cli::manual::{self, CompletionsArgs, ManualArgs};

use crate::{
    commands::{
        alarms, console, consumer, cost, dashboard, dlq, drill, find, logs, outputs, queue, scan, schema, send, slo,
        status, trace,
    },
    environment::Environment,
};

/// Send orders, and see what became of them: on AWS and on the local stack alike.
#[derive(Debug, Parser)]
#[command(
    version,
    after_help = "Data goes to stdout, everything else to stderr.\n\
        Exit codes: 0 done, 1 done and something is wrong (an order refused, a message in the dead-letter queue),\n\
        2 the command could not run\n\n\
        Every command has examples: orders COMMAND --help"
)]
pub struct Cli {
    /// The environment: `local`, or one that Terraform has made
    #[arg(short, long, value_name = "NAME", global = true, env = "ENVIRONMENT")]
    env: Option<String>,
    /// Where the local stack keeps its state
    #[arg(long, global = true, env = "LOCAL_DIR", default_value = ".local")]
    local_dir: PathBuf,
    /// JSON instead of text: one document, or a document a line, as `orders schema COMMAND` says
    #[arg(long, global = true)]
    json: bool,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// POST an order, or many of them
    Send(send::SendArgs),
    /// Show the environment's health: functions, consumer, queues, alarms
    Status(status::StatusArgs),
    /// A function's log lines
    Logs(logs::LogsArgs),
    /// Show firing alarms, since when, and their runbooks
    Alarms(alarms::AlarmsArgs),
    /// The dashboard: here, as a page, or as a picture
    Dashboard(dashboard::DashboardArgs),
    /// The console in a browser, with all of it
    Console(console::ConsoleArgs),
    /// Where an order is now: stored, waiting, dead-lettered, refused
    Find(find::FindArgs),
    /// What became of an order, step by step, with its log lines
    Trace(trace::TraceArgs),
    /// How many messages wait, are in flight, and have failed
    Queue(queue::QueueArgs),
    /// The environment's names and URLs
    Outputs(outputs::OutputsArgs),
    /// Stored orders, newest last
    Scan(scan::ScanArgs),
    /// Inspect, redrive or purge failed orders
    #[command(subcommand)]
    Dlq(dlq::DlqCommand),
    /// Objectives, error budget left, and how fast it burns
    Slo(slo::SloArgs),
    /// What a month costs, out of what was measured: in an environment, or by the benchmark
    Cost(cost::CostArgs),
    /// Break the local stack on purpose, to practise with the runbooks
    Drill(drill::DrillArgs),
    /// Stop or start taking orders from the queue
    #[command(subcommand)]
    Consumer(consumer::ConsumerCommand),
    /// The JSON Schema of what a command prints with --json
    Schema(schema::SchemaArgs),
    /// What a shell sources to complete these commands
    #[command(after_help = "Examples:\n  \
        orders completions bash > ~/.local/share/bash-completion/completions/orders\n  \
        orders completions zsh > ~/.zfunc/_orders         a folder of fpath\n  \
        orders completions fish > ~/.config/fish/completions/orders.fish")]
    Completions(CompletionsArgs),
    /// Write a manual page for each command into a folder
    #[command(after_help = "Examples:\n  orders manual ~/.local/share/man/man1    and then: man orders-find")]
    Manual(ManualArgs),
}

/// Runs a command.
pub async fn run(cli: Cli) -> Result<ExitCode> {
    let named = cli.env.as_deref().filter(|name| !name.is_empty());
    // What no environment is asked for.
    match &cli.command {
        Command::Dashboard(args) if args.is_offline() => {
            return dashboard::offline(args, cli.env.as_deref(), cli.json);
        }
        Command::Cost(args) if named.is_none() => return cost::run(None, args, cli.json).await,
        Command::Schema(args) => return schema::run(args, cli.json),
        Command::Completions(args) => {
            return manual::completions(Cli::command(), args).map(|()| ExitCode::SUCCESS);
        }
        Command::Manual(args) => return manual::pages(Cli::command(), args).map(|()| ExitCode::SUCCESS),
        _ => {}
    }
    let environment = Environment::read(cli.env.as_deref(), &cli.local_dir).await?;
    match cli.command {
        Command::Send(args) => send::run(&environment, args, cli.json).await,
        Command::Status(args) => status::run(&environment, &args, cli.json).await,
        Command::Logs(args) => logs::run(&environment, &args, cli.json).await,
        Command::Alarms(args) => alarms::run(&environment, &args, cli.json).await,
        Command::Dashboard(args) => dashboard::run(&environment, &args, cli.json).await,
        Command::Console(args) => console::run(&environment, &args, cli.json),
        Command::Find(args) => find::run(&environment, &args, cli.json).await,
        Command::Trace(args) => trace::run(&environment, &args, cli.json).await,
        Command::Queue(args) => queue::run(&environment, &args, cli.json).await,
        Command::Outputs(args) => outputs::run(&environment, &args, cli.json),
        Command::Scan(args) => scan::run(&environment, &args, cli.json).await,
        Command::Dlq(command) => dlq::run(&environment, command, cli.json).await,
        Command::Slo(args) => slo::run(&environment, &args, cli.json).await,
        Command::Cost(args) => cost::run(Some(&environment), &args, cli.json).await,
        Command::Drill(args) => drill::run(&environment, &args, cli.json).await,
        Command::Consumer(command) => consumer::run(&environment, command, cli.json).await,
        Command::Schema(_) | Command::Completions(_) | Command::Manual(_) => Ok(ExitCode::SUCCESS),
    }
}

#[cfg(test)]
mod tests {
    use std::{collections::BTreeSet, fs, path::Path};

    use clap::Command;
    use runbooks::{Kind, Page};

    use super::*;
    use crate::commands::schema;

    #[test]
    fn the_command_line_is_sound() {
        Cli::command().debug_assert();
    }

    /// Those that do something, with their whole names: `dlq list`.
    fn leaves(command: &Command, name: &str) -> Vec<(String, Command)> {
        let below: Vec<_> = command.get_subcommands().filter(|below| below.get_name() != "help").collect();
        if below.is_empty() {
            return vec![(name.to_owned(), command.clone())];
        }
        let named = |below: &Command| format!("{name} {}", below.get_name()).trim_start().to_owned();
        below.into_iter().flat_map(|below| leaves(below, &named(below))).collect()
    }

    #[test]
    fn every_commands_help_has_examples_and_each_is_a_command() {
        for (name, command) in leaves(&Cli::command(), "") {
            let help = command.get_after_help().map(ToString::to_string).unwrap_or_default();
            let examples: Vec<&str> = help.lines().filter(|line| line.starts_with("  orders ")).collect();
            assert!(!examples.is_empty(), "orders {name} --help has no example:\n{help}");
            for example in examples {
                // What it is for stands behind it.
                let line = example.trim().split("  ").next().unwrap();
                let line = line.split(['>', '|']).next().unwrap();
                if let Err(error) = Cli::try_parse_from(shell_words::split(line).unwrap()) {
                    panic!("orders {name} --help: `{line}`: {error}");
                }
            }
        }
    }

    #[test]
    fn what_every_command_prints_as_json_is_documented() {
        let documented: BTreeSet<String> = schema::tests::commands().into_iter().collect();
        let commands: BTreeSet<String> = leaves(&Cli::command(), "").into_iter().map(|(name, _)| name).collect();
        let without = ["schema", "completions", "manual"].map(str::to_owned);
        assert_eq!(documented, commands.into_iter().filter(|name| !without.contains(name)).collect());
    }

    /// A page's placeholders, as somebody would set them.
    fn filled(command: &str) -> String {
        let id = "7f000001-0000-4000-8000-000000000001";
        command.replace("$ORDER_ID", id).replace("$MESSAGE_ID", id).replace("$ALARM", "queue-age")
    }

    #[test]
    fn every_command_of_every_runbook_is_one_of_ours() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../runbooks");
        let (mut commands, mut wrong) = (0, Vec::new());
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            let (page, _) = Page::parse("", &fs::read_to_string(&path).unwrap());
            for (line, command) in page.commands().filter(|(_, command)| command.starts_with("orders ")) {
                commands += 1;
                if let Err(error) = Cli::try_parse_from(shell_words::split(&filled(command)).unwrap()) {
                    wrong.push(format!("{}:{line}: `{command}`: {error}", path.display()));
                }
            }
        }
        assert!(wrong.is_empty(), "{}", wrong.join("\n"));
        assert!(commands > 100, "only {commands} commands found");
    }

    #[test]
    fn every_runbook_is_verified_by_its_own_alarms() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../runbooks");
        let mut pages = 0;
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            let name = match path.file_stem().unwrap().to_str().unwrap() {
                "README" => continue,
                "_template" => "ALARM",
                name => name,
            };
            let (page, _) = Page::parse(name, &fs::read_to_string(&path).unwrap());
            if page.is_for_a_question {
                continue;
            }
            let looks = [format!("orders alarms --runbook {name}"), "orders alarms \"$ALARM\"".to_owned()];
            let found = page.commands().any(|(_, command)| looks.iter().any(|look| look == command));
            assert!(found, "{}: no `{}`", path.display(), looks[0]);
            pages += 1;
        }
        assert!(pages > 10, "only {pages} pages found");
    }

    /// Of `orders`: they change nothing, and show no customer's data.
    const READING: [&str; 11] = [
        "alarms",
        "consumer status",
        "dlq list",
        "dlq show",
        "find",
        "logs",
        "outputs",
        "queue",
        "scan",
        "status",
        "trace",
    ];

    #[test]
    fn diagnosis_and_verification_only_read_and_say_what_is_to_be_seen() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../runbooks");
        let mut wrong = Vec::new();
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            let (page, _) = Page::parse("", &fs::read_to_string(&path).unwrap());
            for block in page.blocks.iter().filter(|block| matches!(block.kind, Kind::Run | Kind::Verify)) {
                let at = format!("{}:{}", path.display(), block.line);
                for command in &block.commands {
                    let reads = READING.iter().any(|read| {
                        let rest = command.strip_prefix("orders ").and_then(|rest| rest.strip_prefix(read));
                        rest.is_some_and(|rest| rest.is_empty() || rest.starts_with(' ')) && !command.contains("--body")
                    });
                    if !reads {
                        wrong.push(format!("{at}: `{command}` does more than read"));
                    }
                }
                if block.kind == Kind::Run && block.expected.is_none() && !path.ends_with("_template.md") {
                    wrong.push(format!("{at}: what is to be seen?"));
                }
            }
        }
        assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    }
}
