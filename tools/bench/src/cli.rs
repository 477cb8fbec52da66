//! The commands.

use std::{
    fs,
    path::{Path, PathBuf},
    process::ExitCode,
};

use anyhow::{Context as _, Result};
use clap::{Args, Parser, Subcommand};

use crate::{
    callgrind,
    check::{self, Verdict},
    contestants::{self, Contestant},
    cost,
    fates::{self, Left},
    figures::{Cost, Extent, Results},
    goals,
    machine::Machine,
    messages,
    project::{Project, read_json},
    report, run,
    stub::Surroundings,
    train,
};

/// Measures what the functions cost, beside others that do the same job
///
/// Harness and functions share one core; AWS and Lambda's Runtime API are played on loopback.
/// Exit: 0 done, 1 a ratio does not hold, 2 it could not be measured.
#[derive(Debug, Parser)]
#[command(version)]
pub(crate) struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Measure; the table goes to standard output
    Run {
        #[command(flatten)]
        how: How,
        /// Write docs/benchmark.{json,md,svg}, too
        #[arg(long)]
        write: bool,
        /// Write the figures as JSON to this file, too
        #[arg(long, value_name = "FILE")]
        save: Option<PathBuf>,
    },
    /// Measure little, and hold it against data/ratios.json
    Check {
        #[command(flatten)]
        how: How,
        /// Hold this file against them instead of measuring
        #[arg(long, value_name = "FILE")]
        results: Option<PathBuf>,
    },
    /// What an order writes, by its fate: log bytes, datagrams, custom metrics
    Fates {
        /// The folder with the functions' zips
        #[arg(long, value_name = "FOLDER")]
        packages: Option<PathBuf>,
        /// Print the log lines themselves, and the custom metrics
        #[arg(long)]
        show: bool,
    },
    /// Two runs beside each other
    Compare {
        /// Of `run --save`
        before: PathBuf,
        /// Of `run --save`
        after: PathBuf,
    },
    /// Send every fate through two programs that a profiler has instrumented, and let them end by themselves
    Train {
        /// The validator's program
        validator: PathBuf,
        /// The processor's program
        processor: PathBuf,
    },
    /// The table and the picture of figures that were saved
    Draw {
        /// Of `run --save`
        results: PathBuf,
        /// The folder to write benchmark.md and benchmark.svg to
        into: PathBuf,
    },
}

#[derive(Debug, Args)]
struct How {
    /// The folder with the functions' zips [default: dist]
    #[arg(long, value_name = "FOLDER")]
    packages: Option<PathBuf>,
    /// Only these, such as validator,processor,rust-sdk
    #[arg(long, value_delimiter = ',', value_parser = clap::builder::PossibleValuesParser::new(
        contestants::ids().chain(["processor", "rust-put"])))]
    only: Vec<String>,
    /// Each has everyone in turn
    #[arg(long, default_value_t = 9, value_parser = clap::value_parser!(u64).range(1..=1000))]
    rounds: u64,
    /// Starts with one order by TLS, in a round
    #[arg(long, default_value_t = 6, value_parser = clap::value_parser!(u64).range(1..=1000))]
    starts: u64,
    /// Orders of a warm process, in a round
    #[arg(long, default_value_t = 400, value_parser = clap::value_parser!(u64).range(1..=1_000_000))]
    orders: u64,
    /// The core to run on [default: the last]
    #[arg(long)]
    core: Option<usize>,
}

pub(crate) fn run(cli: Cli) -> Result<ExitCode> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().context("can't start")?;
    match cli.command {
        Command::Run { how, write, save } => {
            let results = measure(&runtime, &how)?;
            if let Some(file) = save {
                save_json(&results, &file)?;
            }
            if write {
                let docs = std::env::current_dir()?.join("docs");
                fs::create_dir_all(&docs)?;
                save_json(&results, &docs.join("benchmark.json"))?;
                draw(&results, &docs)?;
            }
            print!("{}", report::markdown(&results, &goals::judge(&results)?, None));
            Ok(ExitCode::SUCCESS)
        }
        Command::Check { how, results } => {
            let results = match results {
                Some(file) => read_json(&file)?,
                None => measure(&runtime, &how)?,
            };
            verdict(&results)
        }
        Command::Fates { packages, show } => {
            let project = Project::here(packages)?;
            let (contestants, _) = contestants::prepare(&project, &["validator".to_owned(), "processor-1".to_owned()])?;
            let left = runtime.block_on(async { leave(&contestants, &Surroundings::start().await?).await })?;
            show_fates(&left, show);
            Ok(ExitCode::SUCCESS)
        }
        Command::Compare { before, after } => {
            print!("{}", report::comparison(&read_json(&before)?, &read_json(&after)?));
            Ok(ExitCode::SUCCESS)
        }
        Command::Train { validator, processor } => {
            let suite = Project::here(None)?.suite()?;
            let validator = contestants::program(&suite, "validator", &validator)?;
            let processor = contestants::program(&suite, "processor", &processor)?;
            runtime.block_on(async { train::train(&validator, &processor, &Surroundings::start().await?).await })?;
            Ok(ExitCode::SUCCESS)
        }
        Command::Draw { results, into } => {
            draw(&read_json(&results)?, &into)?;
            Ok(ExitCode::SUCCESS)
        }
    }
}

fn measure(runtime: &tokio::runtime::Runtime, how: &How) -> Result<Results> {
    let project = Project::here(how.packages.clone())?;
    let (contestants, left_out) = contestants::prepare(&project, &how.only)?;
    let extent = Extent {
        rounds: usize::try_from(how.rounds)?,
        starts: usize::try_from(how.starts)?,
        invocations: usize::try_from(how.orders)?,
    };
    let machine = Machine::pin(how.core)?;
    if machine.is_busy() {
        eprintln!("others keep this machine {} % busy: trust the ratios, not the times", machine.busy_percent);
    }
    let date = jiff::Timestamp::now().strftime("%Y-%m-%d").to_string();
    let mut results = Results {
        date,
        commit: project.commit(),
        machine,
        extent,
        contestants: Vec::new(),
        further_record_us: None,
        further_put_us: None,
        left_out,
        fates: Vec::new(),
        cost: None,
    };
    runtime.block_on(async {
        let around = Surroundings::start().await?;
        (results.contestants, [results.further_record_us, results.further_put_us]) =
            run::measure(&contestants, extent, &around).await?;
        count_instructions(&contestants, &mut results, &around).await?;
        if ["validator", "processor-1"].iter().all(|id| results.of(id).is_some()) {
            let left = leave(&contestants, &around).await?;
            results.cost = costs(&project, &results, &left)?;
            results.fates = left.figures;
        }
        Ok::<_, anyhow::Error>(())
    })?;
    Ok(results)
}

async fn count_instructions(contestants: &[Contestant], results: &mut Results, around: &Surroundings) -> Result<()> {
    if !callgrind::is_there() {
        eprintln!("no valgrind on this machine: instructions are not counted");
        return Ok(());
    }
    eprintln!("counting instructions");
    let messages = messages::messages(contestants, around).await?;
    for (contestant, figures) in contestants.iter().zip(&mut results.contestants) {
        if contestant.native {
            figures.instructions = Some(callgrind::instructions(contestant, messages.as_ref(), around).await?);
            figures.first_instructions = Some(callgrind::first(contestant, messages.as_ref(), around).await?);
        }
    }
    Ok(())
}

async fn leave(contestants: &[Contestant], around: &Surroundings) -> Result<Left> {
    let of = |id: &str| contestants.iter().find(|contestant| contestant.id == id).context("both functions are needed");
    fates::measure(of("validator")?, of("processor-1")?, around).await
}

fn costs(project: &Project, results: &Results, left: &Left) -> Result<Option<Cost>> {
    let suite = project.suite()?;
    let function = |id: &str, name: &str| {
        let memory = suite.function(name).ok()?.memory_mb;
        Some((results.of(id)?, u64::try_from(memory).ok()?))
    };
    Ok(function("validator", "validator")
        .zip(function("processor-1", "processor"))
        .and_then(|(validator, processor)| cost::of(validator, processor, left)))
}

fn verdict(results: &Results) -> Result<ExitCode> {
    let mut code = ExitCode::SUCCESS;
    for verdict in check::check(results)? {
        match verdict {
            Verdict::Holds(line) => println!("ok    {line}"),
            Verdict::Skipped(line) => println!("skip  {line}"),
            Verdict::Fails(line) => {
                println!("FAIL  {line}");
                code = ExitCode::FAILURE;
            }
        }
    }
    Ok(code)
}

fn show_fates(left: &Left, show: bool) {
    print!("{}", report::fates(&left.figures));
    println!("\n{} custom metrics", left.metrics.len());
    if show {
        for metric in &left.metrics {
            println!("  {metric}");
        }
        for (figures, lines) in left.figures.iter().zip(&left.lines) {
            let sampled = if figures.sampled { "sampled" } else { "not sampled" };
            println!("\n{}: {}, {sampled}\n{lines}", figures.function, figures.fate);
        }
    }
}

fn save_json(results: &Results, file: &Path) -> Result<()> {
    fs::write(file, serde_json::to_string_pretty(results)? + "\n")
        .with_context(|| format!("can't write {}", file.display()))
}

fn draw(results: &Results, into: &Path) -> Result<()> {
    for (name, text) in [
        ("benchmark.md", report::markdown(results, &goals::judge(results)?, Some("benchmark.svg"))),
        ("benchmark.svg", report::svg(results)),
    ] {
        let file = into.join(name);
        fs::write(&file, text).with_context(|| format!("can't write {}", file.display()))?;
    }
    Ok(())
}
