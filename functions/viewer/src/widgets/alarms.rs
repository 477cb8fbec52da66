//! "What fires and its runbook".

use maud::{Markup, html};
use telemetry::Step;

use super::runbook;
use crate::{
    html,
    ports::{Alarm, Alarms, AwsError},
    viewer::{Asked, Viewer},
};

pub(crate) const STEP: &str = runbook::WIDGET;

pub(crate) async fn show<P: Alarms>(viewer: &Viewer<P>, asked: &Asked<'_>) -> Result<Markup, AwsError> {
    let page = &asked.event.page;
    if !page.is_empty() {
        return Ok(match runbook::find(page) {
            Some(text) => runbook::draw(asked.endpoint, text),
            None => html! {
                (html::problem("There is no such runbook", "There are:"))
                ul { @for name in runbook::names() { li { (runbook::call(asked.endpoint, name).link(name)) } } }
            },
        });
    }
    let prefix = format!("{}-", viewer.prefix);
    let mut alarms = Step::new(STEP).run(viewer.ports.alarms(&prefix)).await?;
    let silent = alarms.iter().filter(|alarm| alarm.state == "INSUFFICIENT_DATA").count();
    let all = alarms.len();
    alarms.retain(|alarm| alarm.state == "ALARM");
    if alarms.is_empty() {
        let known = format!("Nothing fires: {} of {all} alarms are OK, {silent} have no data", all - silent);
        return Ok(html! {
            (html::good(&known))
            details { summary { "Runbooks" } ul { @for name in runbook::names() { li { (runbook::call(asked.endpoint, name).link(name)) } } } }
        });
    }
    // What wakes somebody first, and of those what began first: the cause, as often as not.
    alarms.sort_by_key(|alarm| (rank(alarm), alarm.since));
    let first = alarms.first().and_then(page_of).and_then(|name| Some((name, runbook::find(name)?)));
    Ok(html! {
        table {
            thead { tr { th { "Alarm" } th { "Severity" } th { "Since" } th { "What it means" } th { "Runbook" } } }
            tbody { @for alarm in &alarms { tr {
                td { "▲ " strong { (alarm.name.strip_prefix(&prefix).unwrap_or(&alarm.name)) } }
                td { (severity(alarm)) }
                td { @match alarm.since { Some(at) => (asked.event.widget_context.moment(at)), None => "–" } }
                td title=(alarm.reason) { (meaning(alarm)) }
                td { @match page_of(alarm) { Some(page) => (runbook::call(asked.endpoint, page).button(page, false)), None => "none" } }
            } } }
        }
        @if let Some((name, text)) = first { h2 { "Runbook: " (name) } (runbook::draw(asked.endpoint, text)) }
    })
}

/// `Orders wait. Severity: page. Runbook: https://…/queue-age.md`, as the catalogue's entries are described.
fn part<'a>(alarm: &'a Alarm, name: &str) -> Option<&'a str> {
    alarm.description.split_once(&format!("{name}: ")).map(|(_, rest)| rest.split(". ").next().unwrap_or(rest))
}

fn severity(alarm: &Alarm) -> &str {
    part(alarm, "Severity").unwrap_or("none")
}

fn page_of(alarm: &Alarm) -> Option<&str> {
    part(alarm, "Runbook")?.rsplit('/').next()?.strip_suffix(".md")
}

fn meaning(alarm: &Alarm) -> &str {
    alarm.description.split(". Severity: ").next().unwrap_or_default()
}

fn rank(alarm: &Alarm) -> usize {
    ["page", "ticket"].iter().position(|severity| *severity == self::severity(alarm)).unwrap_or(2)
}
