//! `orders dashboard`: CloudWatch's dashboard, from the service or from files, in the terminal or as a page or a picture.

mod custom;
mod live;
mod replay;
mod write;

use std::{path::PathBuf, process::ExitCode};

use anyhow::{Context as _, Result, bail};
use clap::{Args, ValueEnum};
use cli::progress::Waiting;
pub use custom::{Placed, is_own};
use jiff::{SignedDuration, Timestamp};
pub(crate) use live::look;
pub use live::{AT_ONCE, Opened, names, open, rows};
use views::{AlarmState, Answer, Body, Range, Widget};
pub(crate) use write::{extension, png, save};

use crate::environment::Environment;

#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  \
    orders dashboard                        a line for each widget\n  \
    orders dashboard --since 3h --out orders.html\n  \
    orders dashboard --widget Orders --out orders.png\n  \
    orders dashboard --body dashboards/orders.json --out preview.svg\n\n\
    Without --out the dashboard is a line for each widget.\n\
    A file of series is JSON, {\"start\": TIME, \"step\": 60, \"series\": [{\"namespace\", \"metric\", \"dimensions\", \"points\"}]}, or a file of\n\
    scenarios as `alarms test` reads it, with --scenario.\n\
    On AWS each look asks GetMetricData for every metric (0.01 USD a 1,000) and runs every log widget's query.")]
pub(crate) struct DashboardArgs {
    /// Its name, or the end of it; the environment's only one if left out
    name: Option<String>,
    /// How far back, instead of the dashboard's own range: 30m, 3h, 7d
    #[arg(long, value_parser = cli::time::since)]
    since: Option<SignedDuration>,
    /// Only the widget with this title
    #[arg(long, value_name = "TITLE")]
    widget: Option<String>,
    /// A variable of the dashboard and its value
    #[arg(long = "set", value_name = "ID=VALUE", value_parser = assignment)]
    set: Vec<(String, String)>,
    /// Write a page (.html) or a picture (.svg, .png) there
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    /// Its colours
    #[arg(long, value_enum, default_value_t = ThemeArg::Auto)]
    theme: ThemeArg,
    /// A body from a file, without any service
    #[arg(long, value_name = "FILE")]
    body: Option<PathBuf>,
    /// What the metrics of that body are
    #[arg(long, value_name = "FILE", requires = "body")]
    series: Option<PathBuf>,
    /// Which scenario of the file
    #[arg(long, value_name = "NAME", requires = "series")]
    scenario: Option<String>,
    /// What a dashboard's body may have, and how much of it is drawn
    #[arg(long, exclusive = true)]
    checklist: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum ThemeArg {
    Light,
    Dark,
    /// As the reader's system has it; light in a .png
    Auto,
}

impl From<ThemeArg> for views::Theme {
    fn from(theme: ThemeArg) -> Self {
        match theme {
            ThemeArg::Light => Self::Light,
            ThemeArg::Dark => Self::Dark,
            ThemeArg::Auto => Self::Auto,
        }
    }
}

fn assignment(text: &str) -> Result<(String, String)> {
    let (id, value) = text.split_once('=').context("give a variable's id, =, and its value")?;
    Ok((id.to_owned(), value.to_owned()))
}

/// A dashboard with all that it asked for.
#[derive(Debug)]
pub(crate) struct Answered {
    pub name: String,
    pub body: Body,
    pub range: Range,
    pub now: i64,
    /// Of each widget.
    pub answers: Vec<Answer>,
    /// Alarms by the end of their name, as thresholds are labelled.
    pub states: Vec<(String, AlarmState)>,
}

/// Which dashboard, and how much of it.
#[derive(Debug, Clone, Default)]
pub struct Wanted {
    /// The environment's only one if there is none.
    pub name: Option<String>,
    /// Instead of the body's own range.
    pub since: Option<SignedDuration>,
    /// Only the widget of that title.
    pub widget: Option<String>,
    /// Variables and their values.
    pub set: Vec<(String, String)>,
}

impl DashboardArgs {
    fn wanted(&self) -> Wanted {
        let (name, widget) = (self.name.clone(), self.widget.clone());
        Wanted { name, since: self.since, widget, set: self.set.clone() }
    }

    /// Whether it needs no environment.
    pub(crate) fn is_offline(&self) -> bool {
        self.body.is_some() || self.checklist
    }
}

/// Out of files: no environment is asked.
pub(crate) fn offline(args: &DashboardArgs, environment: Option<&str>, json: bool) -> Result<ExitCode> {
    if args.checklist {
        return checklist(json);
    }
    let Some(path) = &args.body else { bail!("give --body FILE") };
    let answered = replay::answer(args, path, environment.unwrap_or("local"))?;
    write::write(args, answered, json)
}

pub(crate) async fn run(environment: &Environment, args: &DashboardArgs, json: bool) -> Result<ExitCode> {
    let waiting = Waiting::begin("the dashboard and what its widgets ask for");
    let answered = look(environment, &args.wanted()).await?;
    drop(waiting);
    write::write(args, answered, json)
}

/// The body's range, or the one that is asked for.
fn range(wanted: &Wanted, body: &Body, now: i64) -> Range {
    wanted.since.map_or_else(|| body.range(now), |since| Range { start: now - since.as_secs(), end: now })
}

/// Whether a widget is shown at all.
fn is_wanted(wanted: &Wanted, widget: &Widget) -> bool {
    let title = |title: &str| widget.title().is_some_and(|own| own.eq_ignore_ascii_case(title));
    wanted.widget.as_deref().is_none_or(title)
}

fn keep_wanted(wanted: &Wanted, body: &mut Body) -> Result<()> {
    let titles: Vec<String> = body.widgets.iter().filter_map(|widget| widget.title().map(str::to_owned)).collect();
    body.widgets.retain(|widget| is_wanted(wanted, widget));
    if body.widgets.is_empty() {
        match &wanted.widget {
            Some(title) => bail!("no widget is called {title:?}. There are: {}", titles.join(", ")),
            None => bail!("the dashboard has no widgets"),
        }
    }
    for unknown in &body.unknown {
        cli::note!("unknown to CloudWatch's documentation, left alone: {unknown}");
    }
    Ok(())
}

fn checklist(json: bool) -> Result<ExitCode> {
    let counts = views::checklist::counts();
    let entries = views::checklist::entries();
    if json {
        let sections: Vec<_> = counts
            .iter()
            .map(|(section, drawn, all)| serde_json::json!({"section": section, "drawn": drawn, "all": all}))
            .collect();
        cli::output::json(&sections)?;
        return Ok(ExitCode::SUCCESS);
    }
    let mut table = cli::table::Table::new(["part of the body", "drawn", "all"]).right([1, 2]);
    for (section, drawn, all) in counts {
        table.row([section, drawn.to_string(), all.to_string()]);
    }
    table.print()?;
    for entry in entries {
        if let Some(why) = entry.why {
            cli::output::line(format!("not drawn: {}: {}: {why}", entry.section, entry.field))?;
        }
    }
    Ok(ExitCode::SUCCESS)
}

fn now() -> i64 {
    Timestamp::now().as_second()
}
