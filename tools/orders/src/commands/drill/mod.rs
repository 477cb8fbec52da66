//! `orders drill`: break the local stack on purpose, to practise with the runbooks.

mod plan;

use std::{
    process::{Command, ExitCode, Stdio},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};

use anyhow::{Context as _, Result, bail};
use clap::Args;
use cli::{exit, output, progress::Waiting, table::Table, text, time};
use serde::Serialize;

use self::plan::{Drill, Drills};
use super::alarms;
use crate::environment::Environment;

#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  \
    orders drill --list             what there is, and by which pages\n  \
    orders drill fail-the-queue     breaks it, waits for the alarms, and for Enter\n  \
    orders drill fail-the-queue --fix    fixes it by itself\n\n\
    Only for the local stack: make local LOCAL_TIME_SCALE=60, where an alarm's minute passes in a second.\n\
    Exit codes: 0 the alarms fired and are OK again, 1 they did not, 2 the command could not run")]
pub(crate) struct DrillArgs {
    /// Which, as --list names them
    #[arg(required_unless_present = "list")]
    name: Option<String>,
    /// The drills there are, and the pages that they are for
    #[arg(long)]
    list: bool,
    /// Fix it as soon as the alarms fire, instead of waiting for Enter
    #[arg(long)]
    fix: bool,
}

/// Of the alarms' own minutes: the longest window that a drill fills is an hour.
const FIRES_WITHIN_MINUTES: f64 = 90.0;
const BETWEEN_LOOKS: Duration = Duration::from_secs(1);
/// Orders that one `orders send` sends while a drill lasts.
const TRAFFIC: &str = "40";
/// How fast a clock one sender is enough for.
const CLOCK_A_SENDER: f64 = 15.0;

pub(crate) async fn run(environment: &Environment, args: &DrillArgs, json: bool) -> Result<ExitCode> {
    let drills = Drills::read(environment.project())?;
    let Some(name) = args.name.as_ref().filter(|_| !args.list) else { return list(&drills, json) };
    let drill = drills.get(name)?;
    if !environment.is_local() {
        bail!("a drill breaks things: only the local stack is for that, not {}", environment.name());
    }
    if drill.breaks.is_empty() {
        bail!(
            "the drill {name} takes what no command does: only the tests run it. Others: {}",
            drills.by_hand().join(", ")
        );
    }
    environment.announce();
    let clock = environment.metric_clock().await?;
    if clock.scale < 2.0 {
        cli::note!(
            "the stack's clock runs as fast as the wall's: this takes many minutes. Faster: make destroy, then make local LOCAL_TIME_SCALE=60"
        );
    }
    let wanted = drills.alarms_of(name)?;
    let result = tokio::select! {
        result = practise(environment, drill, &wanted, clock.scale, args.fix, json) => result,
        _ = tokio::signal::ctrl_c() => Ok(false),
    };
    // Whatever has happened: what was broken is fixed.
    for command in &drill.fixes {
        call(environment, command)?;
    }
    if !result? {
        return Ok(ExitCode::FAILURE);
    }
    let well = wait(environment, &wanted, Wanted::Ok, json).await?;
    if well && !json {
        output::line("the alarms are OK again")?;
    }
    Ok(exit::of(well))
}

/// Breaks it, waits for the alarms, and for the person.
async fn practise(
    environment: &Environment,
    drill: &Drill,
    wanted: &[String],
    scale: f64,
    fix: bool,
    json: bool,
) -> Result<bool> {
    let over = Arc::new(AtomicBool::new(false));
    for command in &drill.breaks {
        call(environment, command)?;
    }
    let _ends = EndsWith(Arc::clone(&over));
    // A minute of a fast clock is over in a second, and must see as many orders: as many more senders.
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a few senders")]
    let senders = (scale / CLOCK_A_SENDER).ceil().max(1.0) as usize;
    for _ in 0..if drill.traffic > 0 { senders } else { 0 } {
        let (until, concurrency) = (Arc::clone(&over), drill.traffic.to_string());
        let arguments = environment.arguments();
        std::thread::spawn(move || {
            while !until.load(Ordering::Relaxed) {
                let mut send = program("orders");
                send.args(&arguments).args(["send", "--count", TRAFFIC, "--concurrency", &concurrency]);
                // Orders are refused: that is the drill.
                if send.stdout(Stdio::null()).stderr(Stdio::null()).status().is_err() {
                    return;
                }
            }
        });
    }
    if let Some(every) = drill.again_s {
        let (until, last, arguments) = (Arc::clone(&over), drill.breaks.last().cloned(), environment.arguments());
        std::thread::spawn(move || {
            while let (false, Some(command)) = (until.load(Ordering::Relaxed), &last) {
                std::thread::sleep(Duration::from_secs(every));
                if !until.load(Ordering::Relaxed) {
                    drop(
                        called(command, &arguments)
                            .and_then(|mut command| Ok(command.stderr(Stdio::null()).status()?)),
                    );
                }
            }
        });
    }
    if !wait(environment, wanted, Wanted::Alarm, json).await? {
        return Ok(false);
    }
    if !json {
        output::line("it is broken, and the alarms fire. The pages:")?;
        for page in &drill.pages {
            output::line(format_args!("  runbooks/{page}.md"))?;
        }
    }
    cli::note!("What fires: {}", environment.hint("alarms"));
    if !fix {
        cli::note!("Follow them in another terminal. Enter ends the drill, and puts right what is still broken.");
        tokio::task::spawn_blocking(|| std::io::stdin().read_line(&mut String::new())).await??;
    }
    Ok(true)
}

/// Ends traffic however a drill ends.
struct EndsWith(Arc<AtomicBool>);

impl Drop for EndsWith {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

/// The state that a drill waits for.
#[derive(Debug, Clone, Copy, Serialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
enum Wanted {
    Alarm,
    Ok,
}

impl Wanted {
    fn state(self) -> &'static str {
        match self {
            Self::Alarm => "ALARM",
            Self::Ok => "OK",
        }
    }

    fn words(self) -> &'static str {
        match self {
            Self::Alarm => "to fire",
            Self::Ok => "to be OK again",
        }
    }
}

/// An alarm has come into the state that is waited for.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Reached<'a> {
    alarm: &'a str,
    state: Wanted,
    /// Since the wait began, on the stack's clock.
    alarm_minutes: f64,
    wall_seconds: f64,
}

impl Reached<'_> {
    fn tell(&self, json: bool) -> Result<()> {
        if json {
            return output::json_line(self);
        }
        #[expect(clippy::cast_possible_truncation, reason = "seconds for people")]
        let took = time::exact(self.wall_seconds as i64);
        let (alarm, minutes) = (self.alarm, self.alarm_minutes);
        output::line(format_args!("{alarm}: after {minutes:.0} minutes of alarm time ({took} of wall time)"))
    }
}

/// Until all of those alarms are in a state; says each.
async fn wait(environment: &Environment, wanted: &[String], state: Wanted, json: bool) -> Result<bool> {
    let what = state.words();
    let begun = Instant::now();
    let from = environment.metric_clock().await?.now;
    let mut left: Vec<&String> = wanted.iter().collect();
    let mut waiting = Some(Waiting::begin(format!("{} alarms {what}", left.len())));
    while !left.is_empty() {
        let clock = environment.metric_clock().await?;
        let minutes = clock.now.duration_since(from).as_secs_f64() / 60.0;
        let states = alarms::states(environment).await?;
        let there: Vec<&String> =
            left.iter().copied().filter(|name| states.get(*name).is_some_and(|is| is == state.state())).collect();
        for name in there {
            drop(waiting.take());
            left.retain(|other| *other != name);
            let (alarm_minutes, wall_seconds) = (rounded(minutes), rounded(begun.elapsed().as_secs_f64()));
            Reached { alarm: name, state, alarm_minutes, wall_seconds }.tell(json)?;
        }
        if waiting.is_none() && !left.is_empty() {
            waiting = Some(Waiting::begin(format!("{} alarms {what}", left.len())));
        }
        if minutes > FIRES_WITHIN_MINUTES {
            drop(waiting.take());
            let left: Vec<&str> = left.iter().map(|name| name.as_str()).collect();
            cli::note!("after {minutes:.0} minutes still waiting for {} {what}", left.join(", "));
            return Ok(false);
        }
        tokio::time::sleep(BETWEEN_LOOKS).await;
    }
    Ok(true)
}

fn rounded(value: f64) -> f64 {
    (value * 10.0).round() / 10.0
}

fn call(environment: &Environment, command: &str) -> Result<()> {
    cli::note!("$ {command}");
    // An order that is refused is no reason to stop.
    let status = called(command, &environment.arguments())?.stdout(Stdio::null()).stderr(Stdio::null()).status();
    match status.with_context(|| format!("can't run {command}"))?.code() {
        Some(0 | 1) => Ok(()),
        code => bail!("`{command}` ended with {code:?}"),
    }
}

/// A drill's command, for this stack.
fn called(command: &str, arguments: &[String]) -> Result<Command> {
    let words = shell_words::split(command).with_context(|| command.to_owned())?;
    let (name, rest) = words.split_first().context("an empty command")?;
    let mut command = program(name);
    match name.as_str() {
        "orders" => command.args(arguments),
        _ => command.args(["--dir", arguments.last().map_or(".local", String::as_str)]),
    };
    command.args(rest);
    Ok(command)
}

/// The tools stand beside each other.
fn program(name: &str) -> Command {
    let here = std::env::current_exe().ok().map(|path| path.with_file_name(name)).filter(|path| path.is_file());
    Command::new(here.unwrap_or_else(|| name.into()))
}

fn list(drills: &Drills, json: bool) -> Result<ExitCode> {
    if json {
        output::json(drills)?;
        return Ok(ExitCode::SUCCESS);
    }
    let mut table = Table::new(["DRILL", "WHAT BREAKS", "BY HAND"]);
    if let Some(width) = text::terminal_width() {
        table = table.wrap(1, width);
    }
    for (name, drill) in &drills.0 {
        table.row([name.as_str(), &drill.summary, if drill.breaks.is_empty() { "no: tests only" } else { "yes" }]);
    }
    table.print()?;
    Ok(ExitCode::SUCCESS)
}
