//! Saving an incident as a scenario: what was recorded, and the states that the alarm's evaluator makes of it, in a file that
//! `alarms test` runs.

use std::{fmt::Write as _, fs};

use alarms::{
    Catalogue,
    evaluate::Options,
    model::{MetricAlarm, Source},
};
use alarms_cli::{backtest::Backtest, project::Project, scenario, sources::Group};
use anyhow::{Context as _, Result, bail};
use jiff::Timestamp;
use maud::html;
use suite::Placeholders;
use views::{Point, Range};

use super::recorded::{self, Recorded};
use crate::{
    answer::{Answer, Shown},
    app::App,
    ask::Ask,
    parts,
};

pub(crate) async fn save(app: &App, ask: &Ask, name: &str) -> Result<Answer> {
    let environment = app.environment().await?;
    let clock = environment.metric_clock().await?;
    let since = ask.field("since").map(cli::time::since).transpose()?.context("since is missing")?;
    let end = clock.now.as_second().div_euclid(60) * 60;
    let full = format!("{}-{name}", environment.prefix()?);
    let (metric, _) = orders::alarms::definitions(&environment).await?;
    let definition = metric
        .iter()
        .find(|alarm| alarm.alarm_name() == Some(&full))
        .with_context(|| format!("there is no metric alarm {name}"))?;
    let model =
        recorded::model(&environment, name)?.with_context(|| format!("{name} is not in terraform/alarms.yaml"))?;
    let recorded = recorded::read(&environment, definition, Range { start: end - since.as_secs(), end }).await?;
    if let Some(why) = recorded::not_replayable(&model, &recorded) {
        bail!("this incident can't be replayed: {why}");
    }
    let tried = recorded::tried(&model, model.spec.threshold, &recorded)?;
    let at = clock.now.strftime("%Y-%m-%d-%H%M%S").to_string();
    let placeholders = recorded::names(&environment)?.placeholders();
    // With its end, where what came after it (often nothing at all) is enough for the alarm to recover.
    let whole = written(&model, &recorded, &tried, &at, &placeholders, Some(end))?;
    let text = match passes(&model, &whole, &placeholders)? {
        true => whole,
        false => written(&model, &recorded, &tried, &at, &placeholders, None)?,
    };
    let folder = Project::of(environment.project())?.scenarios.into_iter().next();
    let folder = folder.context(".alarms.yaml names no folder for scenarios")?;
    let path = folder.join(format!("incident-{name}-{at}.yaml"));
    let target = environment.project().join(&path);
    fs::write(&target, &text).with_context(|| format!("can't write {}", target.display()))?;
    let html = html! {
        div.card.done { p { strong { "✓ Saved as " code { (path.display()) } } } p { "From now on " code { "alarms test" } " replays this incident: it fails when a change of the alarm would judge it otherwise." } }
        section.card { h2 { "Try it" } (parts::command("bin/alarms test")) (parts::command(&format!("bin/alarms test --scenarios {}", path.display()))) p.quiet { "Not worth keeping? " code { "rm " (path.display()) } } }
        section.card { h2 { "The scenario" } pre tabindex="0" { (text) } }
        p { a href=(format!("/alarms/{name}")) { "Back to " (name) } }
    };
    let data = serde_json::json!({"file": path, "scenario": text});
    Ok(Shown::new(format!("{name}: saved as a scenario"), html, &data)?.into())
}

/// Before and behind what happened, so that the alarm is seen quiet, too.
const ROUND_S: i64 = 900;

fn written(
    model: &MetricAlarm,
    recorded: &Recorded,
    tried: &Backtest,
    at: &str,
    placeholders: &Placeholders,
    until: Option<i64>,
) -> Result<String> {
    let (key, period) = (&model.spec.key, model.spec.period);
    let (Some(first), Some(last)) = (tried.episodes.first(), tried.episodes.last()) else {
        bail!(
            "{key} would not have fired in this time: there is no incident to keep. Choose a longer time on its page"
        );
    };
    let window = period * i64::from(model.spec.evaluation_periods);
    let all = || recorded.parts.values().flatten().map(|point| point.0);
    let start = (first.from - window - ROUND_S).max(all().min().context("no datapoint")?).div_euclid(period) * period;
    let newest = all().max().context("no datapoint")?;
    let over = until.map(|until| until.min(newest + window + ROUND_S));
    let end = last.to.map_or(over.unwrap_or(newest), |to| (to + ROUND_S).min(newest));
    let mut text = format!(
        "# An incident as it was recorded, {at}: {} in ALARM.\nmetrics:\n",
        cli::text::count(tried.episodes.len(), "time")
    );
    let mut series = String::new();
    for query in &model.spec.queries {
        let Source::Metric { metric, .. } = &query.source else { continue };
        let dimensions: Vec<String> = metric
            .dimensions
            .iter()
            .map(|(name, value)| format!("{name}: {}", quoted(&placed(value, placeholders))))
            .collect();
        writeln!(
            text,
            "  {}: {{ namespace: {}, metric: {}, dimensions: {{ {} }} }}",
            query.id,
            quoted(&placed(&metric.namespace, placeholders)),
            quoted(&metric.name),
            dimensions.join(", ")
        )?;
        let points = recorded.parts.get(&query.id).map_or(&[][..], Vec::as_slice);
        writeln!(series, "      {}: {}", query.id, notation(points, start, end, period))?;
    }
    let span = |seconds: i64| cli::time::exact(seconds);
    writeln!(text, "\nscenarios:\n  - name: \"{key}: the incident of {at}\"")?;
    writeln!(text, "    start: {}", Timestamp::from_second(start)?)?;
    writeln!(text, "    step: {}\n    series:\n{series}    expect:", span(period))?;
    for episode in &tried.episodes {
        // Before it the alarm was quiet, once its window was full.
        if episode.from - 60 > start + window {
            writeln!(text, "      - {{ at: {}, {key}: OK }}", span(episode.from - 60 - start))?;
        }
        writeln!(text, "      - {{ at: {}, {key}: ALARM }}", span(episode.from - start))?;
        if let Some(to) = episode.to {
            writeln!(text, "      - {{ at: {}, {key}: OK }}", span(to - start))?;
        } else if over.is_some() {
            writeln!(text, "      - {{ at: {}, {key}: OK }}", span(end - start))?;
        }
    }
    Ok(text)
}

/// Does the alarm as it is do what a scenario says?
fn passes(model: &MetricAlarm, text: &str, placeholders: &Placeholders) -> Result<bool> {
    let catalogue = Catalogue { metric_alarms: vec![model.clone()], ..Catalogue::default() };
    let group = Group::of(catalogue);
    let scenarios = scenario::read(&placeholders.fill(text)?)?;
    Ok(scenarios.iter().all(|scenario| scenario::run(&group, scenario, &Options::default()).failures.is_empty()))
}

/// The same in any environment, where the name is one that the rule for names makes.
fn placed(text: &str, placeholders: &Placeholders) -> String {
    let found = placeholders.iter().find(|(_, value)| *value == text);
    found.map_or_else(|| text.to_owned(), |(name, _)| format!("${{{name}}}"))
}

fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

/// In the notation of scenarios: runs of a value are counted, what is missing is `_`.
fn notation(points: &[Point], start: i64, end: i64, period: i64) -> String {
    let mut runs: Vec<(String, usize)> = Vec::new();
    let mut at = start;
    while at <= end {
        let value = points.iter().find(|point| (at..at + period).contains(&point.0)).map(|point| point.1);
        let word = value.map_or("_".to_owned(), |value| format!("{value}"));
        match runs.last_mut() {
            Some((last, count)) if *last == word => *count += 1,
            _ => runs.push((word, 1)),
        }
        at += period;
    }
    let words: Vec<String> =
        runs.into_iter().map(|(word, count)| if count == 1 { word } else { format!("{word}x{count}") }).collect();
    words.join(" ")
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use alarms_cli::sources;

    use super::*;

    const CATALOGUE: &str = "alarms: { age: { summary: s, severity: page, comparison: GreaterThanThreshold, threshold: 120, \
        period: 60, evaluation_periods: 5, datapoints_to_alarm: 3, missing_data: notBreaching, \
        metrics: [{ id: m, namespace: AWS/SQS, metric: Age, stat: Maximum, dimensions: { QueueName: q } }] } }";

    fn catalogue(text: &str) -> Catalogue {
        sources::catalogue::read(text, None).unwrap()
    }

    #[test]
    fn a_saved_incident_passes_and_fails_with_the_threshold_doubled() {
        let model = catalogue(CATALOGUE).metric_alarms.remove(0);
        let start = 1_767_571_200;
        let values = [0.0; 20].into_iter().chain([130.0, 190.0, 200.0, 210.0, 220.0, 180.0]).chain([0.0; 20]);
        let points: Vec<Point> =
            (0..).map(|n| start + n * 60).zip(values).map(|(at, value)| Point(at, value)).collect();
        let recorded = Recorded { parts: BTreeMap::from([("m".into(), points)]), period: 60, ..Recorded::default() };
        let tried = recorded::tried(&model, 120.0, &recorded).unwrap();
        let text = written(&model, &recorded, &tried, "2026-01-05-0000", &Placeholders::none(), None).unwrap();
        let read = scenario::read(&text).unwrap();
        let failures =
            |catalogue: Catalogue| scenario::run(&Group::of(catalogue), &read[0], &Options::default()).failures.len();
        assert_eq!(failures(catalogue(CATALOGUE)), 0, "{text}");
        assert!(failures(catalogue(&CATALOGUE.replace("threshold: 120", "threshold: 240"))) > 0, "{text}");
    }

    #[test]
    fn runs_are_counted_and_gaps_are_told() {
        let points = [Point(0, 1.0), Point(60, 1.0), Point(180, 2.5)];
        assert_eq!(notation(&points, 0, 240, 60), "1x2 _ 2.5 _");
    }
}
