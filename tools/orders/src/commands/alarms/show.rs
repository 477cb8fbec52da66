//! Alarms on a screen of 80 columns: what fires first, the children under their composite, the rest as a number.

use std::collections::BTreeSet;

use anyhow::Result;
use cli::{colour::Paint, output, table::Table, text, time};
use jiff::Timestamp;

use super::{Alarm, Judged, value};

/// What a screen needs to know besides the alarms.
#[derive(Debug, Clone, Copy)]
pub(super) struct Screen<'a> {
    pub(super) prefix: &'a str,
    pub(super) now: Timestamp,
    /// Also what is well.
    pub(super) all: bool,
    pub(super) paint: Paint,
}

impl Screen<'_> {
    /// The screen's text, and its last line for those who wonder about the rest.
    pub(super) fn render(&self, alarms: &[Alarm]) -> (String, Option<String>) {
        let mut table = Table::new(["STATE", "ALARM", "FOR", "NOTIFIES", "DATAPOINTS, NEWEST FIRST"]);
        // What is only a suppressor says nothing new: it fires because what it waits for does.
        let (hidden, shown): (Vec<&Alarm>, Vec<&Alarm>) = alarms
            .iter()
            .filter(|alarm| self.all || alarm.fires())
            .partition(|alarm| !self.all && alarm.suppresses && !alarm.notifies());
        let children: BTreeSet<&str> = shown.iter().flat_map(|alarm| &alarm.children).map(String::as_str).collect();
        let mut below = Vec::new();
        for alarm in shown.iter().filter(|alarm| !children.contains(alarm.name.as_str())) {
            self.rows(alarm, &shown, 0, &mut table);
            if let Some(runbook) = alarm.runbook.as_deref().filter(|_| alarm.fires()) {
                let line = format!("{}: {}", self.short(&alarm.name), text::clean(runbook));
                below.push(line);
            }
        }
        let mut screen = if table.is_empty() { String::new() } else { table.render() };
        if !below.is_empty() {
            screen.push_str("\nRunbooks\n");
            below.iter().for_each(|line| screen.push_str(&format!("  {line}\n")));
        }
        let count = |state: &str| alarms.iter().filter(|alarm| alarm.state == state).count();
        let suppressors = if hidden.len() == 1 { "suppressor in ALARM" } else { "suppressors in ALARM" };
        let rest: Vec<String> =
            [("OK", count("OK")), ("INSUFFICIENT_DATA", count("INSUFFICIENT_DATA")), (suppressors, hidden.len())]
                .iter()
                .filter(|(_, count)| *count > 0)
                .map(|(state, count)| format!("{count} {state}"))
                .collect();
        let hint = if self.all || rest.is_empty() { "" } else { " (--all)" };
        (screen, (!rest.is_empty()).then(|| format!("{}{hint}", rest.join(", "))))
    }

    fn rows(&self, alarm: &Alarm, shown: &[&Alarm], depth: usize, table: &mut Table) {
        let indent = if depth == 0 { String::new() } else { format!("{}└ ", "  ".repeat(depth - 1)) };
        let name = format!("{indent}{}", self.short(&alarm.name));
        table.row([
            self.state(alarm),
            text::shorten(&name, 30),
            alarm.lasts(self.now.as_second()).unwrap_or_else(|| "-".into()),
            notifies(alarm, depth),
            alarm.judged.as_ref().map(Judged::to_string).unwrap_or_default(),
        ]);
        // A rule that leads in a circle can't be put, but may be read from somebody else's account.
        if depth < 3 {
            for child in shown.iter().filter(|child| alarm.children.contains(&child.name)) {
                self.rows(child, shown, depth + 1, table);
            }
        }
    }

    /// One line, for those who watch.
    pub(super) fn line(&self, alarm: &Alarm) -> Result<()> {
        output::line(format_args!(
            "{}  {}  {}  {}  {}",
            time::clock(self.now, self.now),
            self.state(alarm),
            self.short(&alarm.name),
            notifies(alarm, 0),
            alarm.judged.as_ref().map(Judged::to_string).unwrap_or_default(),
        ))
    }

    fn short<'n>(&self, name: &'n str) -> &'n str {
        name.strip_prefix(self.prefix).and_then(|rest| rest.strip_prefix('-')).unwrap_or(name)
    }

    fn state(&self, alarm: &Alarm) -> String {
        match alarm.state.as_str() {
            "ALARM" => self.paint.bad("ALARM"),
            "OK" => self.paint.good("OK"),
            "INSUFFICIENT_DATA" => self.paint.warn("NO DATA"),
            other => text::clean(other),
        }
    }
}

/// Whom it notifies; or what it is there for, if it notifies nobody.
fn notifies(alarm: &Alarm, depth: usize) -> String {
    let severity = alarm.severity.as_deref().unwrap_or("-");
    match (&alarm.suppressed_by, severity) {
        (Some(_), severity) => format!("{severity}, held"),
        (None, "none") if alarm.suppresses => "suppressor".into(),
        (None, "none") if depth > 0 => "feeds it".into(),
        (None, "none") => "feeds others".into(),
        (None, severity) => text::clean(severity),
    }
}

impl std::fmt::Display for Judged {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let shown: Vec<String> = self.datapoints.iter().take(5).map(|value| value::short(*value)).collect();
        let more = if self.datapoints.len() > 5 { " …" } else { "" };
        write!(f, "{}/{}: {}{more}, {}", self.breaching, self.periods, shown.join(" "), self.threshold)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn alarm(name: &str, state: &str, severity: &str, children: &[&str]) -> Alarm {
        Alarm {
            name: format!("shop-dev-{name}"),
            state: state.into(),
            since: Some("2026-11-25T10:00:00Z".into()),
            severity: Some(severity.into()),
            runbook: Some(format!("runbooks/{name}.md")),
            children: children.iter().map(|child| format!("shop-dev-{child}")).collect(),
            ..Alarm::default()
        }
    }

    #[test]
    fn what_fires_is_shown_with_its_children_under_it_and_the_rest_is_a_number() {
        let mut age = alarm("queue-age", "ALARM", "none", &[]);
        age.judged =
            Some(Judged { datapoints: vec![700.0, 640.0, 0.0], breaching: 2, periods: 3, threshold: "> 120".into() });
        // One that pages is shown, whatever it holds back besides.
        let mut failing = alarm("processing-failing", "ALARM", "page", &["queue-age", "record-failures"]);
        failing.suppresses = true;
        let mut hold = alarm("slo-hold", "ALARM", "none", &["queue-age", "validator-errors"]);
        hold.suppresses = true;
        let alarms = [
            age,
            failing,
            hold,
            alarm("validator-errors", "ALARM", "none", &[]),
            alarm("record-failures", "OK", "none", &[]),
            alarm("api-5xx", "OK", "none", &[]),
        ];
        let screen = Screen {
            prefix: "shop-dev",
            now: "2026-11-25T10:07:00Z".parse().unwrap(),
            all: false,
            paint: Paint::NEVER,
        };
        let (text, rest) = screen.render(&alarms);
        assert_eq!(
            text,
            "STATE  ALARM               FOR  NOTIFIES      DATAPOINTS, NEWEST FIRST\n\
             ALARM  processing-failing  7m   page\n\
             ALARM  └ queue-age         7m   feeds it      2/3: 700 640 0, > 120\n\
             ALARM  validator-errors    7m   feeds others\n\
             \nRunbooks\n  processing-failing: runbooks/processing-failing.md\n  validator-errors: runbooks/validator-errors.md\n"
        );
        assert_eq!(rest.as_deref(), Some("2 OK, 1 suppressor in ALARM (--all)"));
        let (text, rest) = Screen { all: true, ..screen }.render(&alarms);
        assert!(text.contains("OK     api-5xx") && text.contains("feeds others"), "{text}");
        assert_eq!(rest.as_deref(), Some("2 OK"));
    }
}
