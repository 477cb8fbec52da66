//! The command line.

use std::{path::PathBuf, process::ExitCode};

use clap::Parser;

use crate::{options::Options, run};

/// Sends orders through a local stack of its own while it breaks it in every way, and accounts for each of them
///
/// Exit: 0 nothing was lost, duplicated or unexpected, and client, queue, table, metrics, logs, traces and alarms agree;
/// 1 something of that does not hold; 2 it could not run.
#[derive(Debug, Parser)]
#[command(version)]
pub struct Command {
    /// How many orders
    #[arg(long, env = "ORDERS", default_value_t = 2000, value_parser = clap::value_parser!(u32).range(100..))]
    orders: u32,
    /// Makes the orders and the faults: the same seed makes the same ones
    #[arg(long, env = "SEED", default_value_t = 1)]
    seed: u64,
    /// How many clients send at once
    #[arg(long, default_value_t = 16, value_parser = clap::value_parser!(u32).range(1..=256))]
    clients: u32,
    /// How much faster than the machine's the time of metrics and alarms runs. To 20 the alarm is judged by its history, above
    /// that by its state in the end and by its equation; 20 from 10,000 orders on, else 240
    #[arg(long)]
    time_scale: Option<u32>,
    /// The project's folder
    #[arg(long, default_value = ".")]
    project: PathBuf,
    /// The folder with validator.zip and processor.zip
    #[arg(long, default_value = "dist")]
    dist: PathBuf,
    /// Where the history is kept, and the stack while it runs
    #[arg(long, default_value = "target/soak")]
    dir: PathBuf,
    /// Also write the report to FILE.md and FILE.json
    #[arg(long, value_name = "FILE")]
    report: Option<PathBuf>,
}

impl Command {
    /// Runs it, and says what was found.
    ///
    /// # Errors
    /// When the run can't be made, or its report can't be written.
    pub async fn run(self) -> anyhow::Result<ExitCode> {
        let tools = std::env::current_exe()?.parent().map(PathBuf::from).unwrap_or_default();
        let report = run::run(&Options {
            orders: self.orders,
            seed: self.seed,
            clients: self.clients,
            time_scale: self.time_scale.unwrap_or(if self.orders < 10_000 { 240 } else { 20 }),
            project: self.project,
            dist: self.dist,
            dir: self.dir,
            tools,
        })
        .await?;
        let markdown = report.markdown();
        if let Some(path) = self.report {
            std::fs::write(path.with_extension("md"), &markdown)?;
            std::fs::write(path.with_extension("json"), report.json()? + "\n")?;
        }
        cli::output::text(&markdown)?;
        Ok(cli::exit::of(report.is_well()))
    }
}
