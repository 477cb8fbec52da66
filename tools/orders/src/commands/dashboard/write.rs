//! Into the terminal, or into a file by its ending.

use std::{fs, path::Path, process::ExitCode};

use anyhow::{Context as _, Result, bail};
use cli::{colour::Paint, table::Table};
use views::{AlarmState, Drawn, Page, Picture, Theme, draw};

use super::{Answered, DashboardArgs, ThemeArg};

/// Pixels of a PNG for each of the picture: sharp on today's screens.
const SCALE: f32 = 2.0;
const SPARK: usize = 30;
const TITLE: usize = 44;

pub(super) fn write(args: &DashboardArgs, answered: Answered, json: bool) -> Result<ExitCode> {
    let Some(path) = &args.out else { return terminal(&answered, json) };
    let Answered { name, body, range, now, answers, .. } = &answered;
    let widgets: Vec<((u32, u32, u32, u32), Drawn)> = body
        .widgets
        .iter()
        .zip(answers)
        .map(|(widget, answer)| {
            ((widget.x, widget.y, widget.width, widget.height), draw(widget, answer, *range, body.period, *now))
        })
        .collect();
    let theme = args.theme.into();
    let alone = args.widget.is_some() && widgets.len() == 1;
    let picture = |theme: Theme| match widgets.as_slice() {
        [((_, _, width, height), drawn)] if alone => views::single(drawn, width * 56, height * 50, theme),
        widgets => views::dashboard(name, *range, widgets, theme),
    };
    let bytes = match extension(path) {
        "html" => views::page(&Page { name, range: *range, widgets: &widgets, variables: &body.variables, theme })
            .into_bytes(),
        "svg" => picture(theme).svg.into_bytes(),
        "png" => png(args.theme, picture)?,
        _ => bail!("{}: the file's name ends with .html, .svg or .png", path.display()),
    };
    save(path, &bytes)?;
    for (widget, answer) in body.widgets.iter().zip(answers) {
        if let views::Answer::Failed(reason) = answer {
            cli::note!("not drawn: {}: {reason}", widget.title().unwrap_or("a widget"));
        }
    }
    Ok(ExitCode::SUCCESS)
}

/// Pixels know no reader's system: they are light unless they are asked to be dark.
pub(crate) fn png(theme: ThemeArg, draw: impl Fn(Theme) -> Picture) -> Result<Vec<u8>> {
    let theme = if theme == ThemeArg::Dark { Theme::Dark } else { Theme::Light };
    Ok(views::png(&draw(theme), SCALE)?)
}

pub(crate) fn extension(path: &Path) -> &str {
    path.extension().and_then(|extension| extension.to_str()).unwrap_or_default()
}

pub(crate) fn save(path: &Path, bytes: &[u8]) -> Result<()> {
    fs::write(path, bytes).with_context(|| format!("can't write {}", path.display()))?;
    cli::note!("{} ({} kB)", path.display(), bytes.len().div_ceil(1024));
    Ok(())
}

fn terminal(answered: &Answered, json: bool) -> Result<ExitCode> {
    let Answered { name, body, range, now, answers, states } = answered;
    let widgets: Vec<_> = body.widgets.iter().zip(answers).collect();
    let state = |label: &str| states.iter().find(|(name, _)| name == label).map(|(_, state)| *state);
    let lines = views::lines(&widgets, *range, body.period, *now, SPARK, &state);
    if json {
        cli::output::json(&lines)?;
        return Ok(ExitCode::SUCCESS);
    }
    let at = |at: i64| {
        jiff::Timestamp::from_second(at).map(|at| at.strftime("%Y-%m-%d %H:%M").to_string()).unwrap_or_default()
    };
    cli::note!("{name}, {} to {} UTC", at(range.start), at(range.end));
    let paint = Paint::stdout();
    let mut table = Table::new(["widget", "line", "", "newest", "threshold", "alarm"]).right([3, 4]);
    for line in lines {
        // A heading of the dashboard is one here as well.
        if line.newest.is_empty() {
            table.row([
                paint.bold(&heading(&line.title)),
                String::new(),
                String::new(),
                String::new(),
                String::new(),
                String::new(),
            ]);
            continue;
        }
        let word = line.state.map(|state| {
            let word = format!("{} {}", state.symbol(), state.word());
            match state {
                AlarmState::Alarm => paint.bad(&word),
                AlarmState::InsufficientData => paint.dim(&word),
                AlarmState::Ok => paint.good(&word),
            }
        });
        table.row([
            cli::text::shorten(&cli::text::clean(&line.title), TITLE),
            cli::text::shorten(&cli::text::clean(&line.label.unwrap_or_default()), 28),
            line.spark,
            cli::text::shorten(&cli::text::clean(&line.newest), 60),
            line.threshold.unwrap_or_default(),
            word.unwrap_or_default(),
        ]);
    }
    table.print()?;
    Ok(ExitCode::SUCCESS)
}

/// A heading up to the first dot in the middle of its line: links to pages follow it there.
fn heading(title: &str) -> String {
    let title = title.split('·').next().unwrap_or(title).trim();
    cli::text::shorten(&cli::text::clean(title), TITLE)
}
