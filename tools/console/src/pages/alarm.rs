//! `/alarms/{name}`: what it looks at, how it judges that, what another threshold would have done.

use alarms::evaluate::Options;
use alarms_cli::{backtest::Backtest, explain::explain, project::Project, scenario, sources::Group};
use anyhow::{Context as _, Result};
use aws_sdk_cloudwatch::types::{CompositeAlarm, MetricAlarm};
use maud::{Markup, html};
use orders::{Environment, MetricClock, alarms::Alarm};
use serde::Serialize;
use suite::Suite;
use views::{AlarmGraph, AlarmState, Lane, Range, Theme};

use super::{
    alarm_actions,
    alarms::{history, page_of, tells},
    recorded::{self, Recorded},
};
use crate::{answer::Shown, app::App, ask::Ask, parts};

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Data<'a> {
    alarm: &'a Alarm,
    points: &'a [views::Point],
    changes: &'a [(i64, AlarmState)],
    #[serde(skip_serializing_if = "Option::is_none")]
    tried: Option<&'a Backtest>,
}

pub(crate) async fn page(app: &App, ask: &Ask, name: &str) -> Result<Shown> {
    let environment = app.environment().await?;
    let clock = environment.metric_clock().await?;
    let prefix = format!("{}-", environment.prefix()?);
    let full = if name.starts_with(&prefix) { name.to_owned() } else { format!("{prefix}{name}") };
    let short = full.strip_prefix(&prefix).unwrap_or(&full);
    let (metric, composite) = orders::alarms::definitions(&environment).await?;
    let all = orders::alarms::all(&environment).await?;
    let alarm = all.iter().find(|alarm| alarm.name == full).with_context(|| format!("there is no alarm {name}"))?;
    let metric = metric.iter().find(|alarm| alarm.alarm_name() == Some(&full));
    let (since, range) = range(ask, metric, &clock)?;
    let lanes = history(&environment, range.start, range.end).await?;
    let lane = lanes.iter().find(|lane| lane.name == short).context("the alarm has no history")?;
    let page = Page { app, ask, environment: &environment, clock, short, alarm, lane, range, since };
    match metric {
        Some(metric) => page.of_metric(metric).await,
        None => {
            let definition = composite.iter().find(|alarm| alarm.alarm_name() == Some(&full));
            page.of_composite(definition.context("the alarm has no definition")?, &lanes)
        }
    }
}

/// As long as the alarm's window needs, or as asked.
fn range(ask: &Ask, metric: Option<&MetricAlarm>, clock: &MetricClock) -> Result<(String, Range)> {
    let window =
        metric.map_or(3600, |alarm| recorded::period(alarm) * i64::from(alarm.evaluation_periods().unwrap_or(1)));
    let default = match window {
        window if window > 6 * 3600 => "7d",
        window if window > 1800 => "1d",
        _ => "3h",
    };
    let since = ask.get("since").unwrap_or(default).to_owned();
    let end = clock.now.as_second();
    Ok((since, Range { start: end - ask.since(default)?.as_secs(), end }))
}

struct Page<'a> {
    app: &'a App,
    ask: &'a Ask,
    environment: &'a Environment,
    clock: MetricClock,
    short: &'a str,
    alarm: &'a Alarm,
    lane: &'a Lane,
    range: Range,
    since: String,
}

impl Page<'_> {
    async fn of_metric(&self, definition: &MetricAlarm) -> Result<Shown> {
        let recorded = recorded::read(self.environment, definition, self.range).await?;
        let now = self.clock.now.as_second();
        let window = recorded::window(definition, &recorded, now);
        let model = recorded::model(self.environment, self.short)?;
        let hindered = match &model {
            Some(model) => recorded::not_replayable(model, &recorded),
            None => Some("it is not in terraform/alarms.yaml, whose alarms can be replayed".to_owned()),
        };
        let own = definition.threshold().unwrap_or_default();
        let wish = self
            .ask
            .get("threshold")
            .map(|text| text.parse::<f64>().with_context(|| format!("threshold={text} is no number")))
            .transpose()?;
        let tried = match (&model, &hindered) {
            (Some(model), None) => Some(recorded::tried(model, wish.unwrap_or(own), &recorded)?),
            _ => None,
        };
        let episodes: Vec<(i64, Option<i64>)> = match (&tried, wish) {
            (Some(tried), Some(_)) => tried.episodes.iter().map(|episode| (episode.from, episode.to)).collect(),
            _ => in_alarm(self.lane),
        };
        let threshold = self.alarm.threshold.clone().unwrap_or_default();
        let graph = AlarmGraph {
            name: self.short,
            label: &recorded.label,
            range: self.range,
            period: recorded.period,
            points: &recorded.points,
            threshold: (own, &threshold),
            tried: wish,
            window: &window,
            episodes: &episodes,
        };
        let breaching = window
            .iter()
            .filter(|slot| matches!(slot.judgement, views::Judgement::Breaching | views::Judgement::FilledBreaching))
            .count();
        let wants = definition.datapoints_to_alarm().or(definition.evaluation_periods()).unwrap_or(1);
        let html = html! {
            (parts::live("alarm-head", "alarm metric", &self.head()))
            section.card {
                div.row.between { h2 { "What it looks at" } (parts::ranges(self.ask, &self.since, &["1h", "3h", "12h", "1d", "7d"])) }
                (parts::live("alarm-graph", "alarm metric", &html! { div.scroll.wide { (graph.draw(1180, 320, Theme::Auto).inline()) }
                    p.quiet { "Dots are the periods of the last evaluation: ▲ red breaches, ✓ green does not, a hollow one has no datapoint and counts as the alarm says. Red ground: in alarm" @if wish.is_some() { " at the threshold that is tried" } "." } }))
            }
            div.columns {
                (parts::live("alarm-window", "alarm metric", &html! { section.card { h2 { (breaching) " of " (window.len()) " periods breach; " (wants) " are needed" } div.scroll { (graph.table().html(&|_, _| None, "The window of the last evaluation")) } } }))
                section.card { h2 { "Why" } p { (self.alarm.reason) } (self.words(model.is_some())) }
            }
            (parts::live("alarm-actions", "alarm", &alarm_actions::card(self.app, self.short, definition.actions_enabled() != Some(false), &self.alarm.state, self.clock.now)))
            (self.slider(own, wish, tried.as_ref(), &recorded, hindered.as_deref()))
            (self.changes())
            (parts::command(&self.app.command(&format!("alarms {}", self.short))))
        };
        let data =
            Data { alarm: self.alarm, points: &recorded.points, changes: &self.lane.changes, tried: tried.as_ref() };
        Shown::new(self.short, html, &data)
    }

    fn of_composite(&self, definition: &CompositeAlarm, lanes: &[Lane]) -> Result<Shown> {
        let prefix = self.alarm.name.strip_suffix(self.short).unwrap_or_default();
        let children: Vec<&str> =
            self.alarm.children.iter().map(|child| child.strip_prefix(prefix).unwrap_or(child)).collect();
        let shown: Vec<Lane> = std::iter::once(self.lane)
            .chain(lanes.iter().filter(|lane| children.contains(&lane.name.as_str())))
            .cloned()
            .collect();
        let marks: Vec<_> =
            self.app.deeds().into_iter().map(|deed| views::Mark { at: deed.at, says: deed.what }).collect();
        let html = html! {
            (parts::live("alarm-head", "alarm metric", &self.head()))
            section.card { div.row.between { h2 { "It and what it is made of" } (parts::ranges(self.ask, &self.since, &["1h", "3h", "12h", "1d", "7d"])) }
                (parts::live("alarm-graph", "alarm metric", &html! { div.scroll.wide { (views::lanes(&shown, &marks, self.range, 1180, Theme::Auto).inline()) } })) }
            div.columns {
                section.card { h2 { "Its rule" } pre tabindex="0" { (definition.alarm_rule().unwrap_or_default().replace(prefix, "")) }
                    p { @for child in &children { a href=(format!("/alarms/{child}")) { (child) } " " } } }
                section.card { h2 { "Why" } p { (self.alarm.reason) } (self.words(true)) }
            }
            (parts::live("alarm-actions", "alarm", &alarm_actions::card(self.app, self.short, definition.actions_enabled() != Some(false), &self.alarm.state, self.clock.now)))
            (self.changes())
            (parts::command(&self.app.command(&format!("alarms {}", self.short))))
        };
        Shown::new(self.short, html, &Data { alarm: self.alarm, points: &[], changes: &self.lane.changes, tried: None })
    }

    fn head(&self) -> Markup {
        let alarm = self.alarm;
        let class = match alarm.state.as_str() {
            "ALARM" => "bad",
            "OK" => "good",
            _ => "warn",
        };
        html! { div.verdict.(class) { (parts::state(&alarm.state))
            span { "for " (alarm.lasts(self.clock.now.as_second()).unwrap_or_else(|| "–".into())) ". " (alarm.summary) }
            span.quiet { (tells(alarm)) @if let Some(by) = &alarm.suppressed_by { ", held back (" (by) ")" } }
            @if let Some(page) = alarm.runbook.as_deref().and_then(page_of) { a.action.primary[alarm.fires()] href=(format!("/runbooks/{page}")) { "Runbook" } }
        } }
    }

    /// In the words of `alarms explain`, with the scenarios that cover it.
    fn words(&self, known: bool) -> Markup {
        match self.explained().filter(|_| known) {
            Some(text) => {
                html! { details #alarm-words { summary { "Its definition in words, and its scenarios" } pre tabindex="0" { (text) } } }
            }
            None => html! {},
        }
    }

    fn explained(&self) -> Option<String> {
        let suite = Suite::read(self.environment.project()).ok()?;
        let names = recorded::names(self.environment).ok()?;
        let group = Group::of(recorded::catalogue(&suite, &names).ok()?);
        let project = Project::of(suite.folder()).ok()?;
        let folder = std::fs::read_dir(suite.folder().join(project.scenarios.first()?)).ok()?;
        let mut scenarios = Vec::new();
        for entry in folder.flatten() {
            let text = std::fs::read_to_string(entry.path()).ok()?;
            let filled = names.placeholders().fill(&text).ok()?;
            // Templates are over many alarms: what they say of this one is theirs to tell.
            scenarios.extend(scenario::read(&filled).unwrap_or_default());
        }
        Some(explain(&group, group.catalogue.find(self.short)?, &scenarios, None, &Options::default()))
    }

    fn slider(
        &self,
        own: f64,
        wish: Option<f64>,
        tried: Option<&Backtest>,
        recorded: &Recorded,
        hindered: Option<&str>,
    ) -> Markup {
        let highest = recorded.points.iter().map(|point| point.1).fold(own.abs(), f64::max);
        let max = if highest > 0.0 { highest * 1.5 } else { 10.0 };
        let step = if max > 50.0 { 1.0 } else { max / 100.0 };
        let value = wish.unwrap_or(own);
        html! { section.card aria-labelledby="try-title" {
            h2 #try-title { "Try another threshold" }
            @if let Some(why) = hindered { p.quiet { "It can't be tried: " (why) "." } }
            @else {
                form.slider method="get" action=(self.ask.with(&[]).split('?').next().unwrap_or("/")) {
                    input type="hidden" name="since" value=(self.since);
                    label.hidden for="slide" { "Threshold, by sliding" }
                    input #slide type="range" min="0" max=(max) step=(step) value=(value) data-for="threshold" data-shows="alarm-graph tried";
                    label.hidden for="threshold" { "Threshold" }
                    input #threshold name="threshold" type="number" step="any" value=(value);
                    button { "Try" }
                }
                div #tried { @if let Some(tried) = tried {
                    p { "At " strong { (tried.threshold) } " it would have fired " strong { (cli::text::count(tried.episodes.len(), "time")) } " in " (self.since) ", " (cli::time::about(tried.seconds_in_alarm)) " in alarm." @if wish.is_some() { " " a href=(self.ask.with(&[("threshold", None)])) { "Back to " (own) } } }
                    @for episode in tried.episodes.iter().take(10) { p.quiet { "from " (parts::moment_s(episode.from, self.clock.now)) @if let Some(to) = episode.to { " to " (parts::moment_s(to, self.clock.now)) } ": " (episode.reason) } }
                } }
                @if self.app.is_local() { div.row { (parts::button(self.app, &format!("/alarms/{}/scenario", self.short), "Save this incident as a scenario", &[("since", &self.since)], "")) span.quiet { "a file that " code { "alarms test" } " runs from then on" } } }
            }
        } }
    }

    fn changes(&self) -> Markup {
        html! { section.card { h2 { "Changes" }
            @if self.lane.changes.is_empty() { p.quiet { "None in " (self.since) "." } }
            @else { ul { @for (at, state) in self.lane.changes.iter().rev().take(50) { li { (parts::moment_s(*at, self.clock.now)) " " (parts::state(state.api())) } } } }
        } }
    }
}

/// When it was in ALARM.
fn in_alarm(lane: &Lane) -> Vec<(i64, Option<i64>)> {
    let mut episodes: Vec<(i64, Option<i64>)> = Vec::new();
    if lane.first == AlarmState::Alarm {
        episodes.push((i64::MIN, None));
    }
    for (at, state) in &lane.changes {
        match (state, episodes.last_mut()) {
            (AlarmState::Alarm, Some((_, None))) => {}
            (AlarmState::Alarm, _) => episodes.push((*at, None)),
            (_, Some((_, end @ None))) => *end = Some(*at),
            _ => {}
        }
    }
    episodes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_in_alarm_are_from_change_to_change() {
        let lane = Lane {
            name: "a".into(),
            first: AlarmState::Alarm,
            changes: vec![
                (10, AlarmState::Ok),
                (20, AlarmState::Alarm),
                (30, AlarmState::InsufficientData),
                (40, AlarmState::Alarm),
            ],
        };
        assert_eq!(in_alarm(&lane), [(i64::MIN, Some(10)), (20, Some(30)), (40, None)]);
    }
}
