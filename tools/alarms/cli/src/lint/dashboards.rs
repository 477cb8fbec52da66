//! Dashboards show what exists: metrics that are emitted, every alarm, and each threshold where its metric is drawn.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::{Path, PathBuf},
};

use alarms::model::{MetricAlarmSpec, MetricKey, Source};
use serde_json::Value;

use super::{Context, Findings, guide::Absent};

const RULE: &str = "dashboard";
const COLUMNS: u64 = 24;

/// Holes that only a deployment fills; what they are filled with makes no difference here.
const UNKNOWN: [(&str, &str); 2] = [("${account_id}", "000000000000"), ("${runbooks_url}", "runbooks")];

/// The bodies of the dashboards, filled, by their file's name.
#[derive(Clone, Debug, Default)]
pub struct Dashboards(pub BTreeMap<String, Value>);

/// The JSON files of a folder; one that is not there has none.
pub(super) fn files(folder: &Path) -> std::io::Result<Vec<PathBuf>> {
    let entries = match std::fs::read_dir(folder) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
        entries => entries?,
    };
    let mut files = entries.map(|entry| Ok(entry?.path())).collect::<std::io::Result<Vec<_>>>()?;
    files.retain(|path| path.extension().is_some_and(|extension| extension == "json"));
    files.sort();
    Ok(files)
}

/// Why a dashboard can't be read.
#[derive(Debug, thiserror::Error)]
#[error("{file}: {reason}")]
pub struct DashboardError {
    file: String,
    reason: String,
}

impl Dashboards {
    /// Reads a folder's bodies, their placeholders filled.
    pub fn read(folder: &Path, fill: &dyn Fn(&str) -> String) -> Result<Self, DashboardError> {
        let error = |file: &Path, reason: String| DashboardError { file: file.display().to_string(), reason };
        let mut bodies = BTreeMap::new();
        for file in files(folder).map_err(|e| error(folder, e.to_string()))? {
            let text = std::fs::read_to_string(&file).map_err(|e| error(&file, e.to_string()))?;
            let (name, body) = Self::body(&file, &text, fill).map_err(|reason| error(&file, reason))?;
            bodies.insert(name, body);
        }
        Ok(Self(bodies))
    }

    /// Every metric that a widget draws.
    pub(super) fn metrics(&self) -> impl Iterator<Item = MetricKey> {
        let widgets = self.0.values().filter_map(|body| body["widgets"].as_array()).flatten();
        widgets.filter_map(|widget| widget["properties"]["metrics"].as_array()).flatten().filter_map(metric)
    }

    fn body(file: &Path, text: &str, fill: &dyn Fn(&str) -> String) -> Result<(String, Value), String> {
        let text =
            UNKNOWN.iter().fold(text.to_owned(), |text, (placeholder, stand_in)| text.replace(placeholder, stand_in));
        let text = fill(&text);
        let body = serde_json::from_str(&text).map_err(|e| e.to_string())?;
        Ok((file.file_name().unwrap_or_default().to_string_lossy().into_owned(), body))
    }
}

pub(super) fn check(context: &Context<'_>, findings: &mut Findings) {
    let Some(Dashboards(bodies)) = context.dashboards.filter(|dashboards| !dashboards.0.is_empty()) else { return };
    let mut shown = BTreeSet::new();
    let mut drawn = BTreeSet::new();
    for (file, body) in bodies {
        let widgets: Vec<Widget> =
            body["widgets"].as_array().into_iter().flatten().map(|w| Widget::of(file, w)).collect();
        check_grid(&widgets, findings);
        for widget in &widgets {
            check_metrics(context, widget, findings);
            check_alarms(context, widget, &mut shown, findings);
            check_thresholds(context, widget, &mut drawn, findings);
            check_links(context, widget, findings);
        }
    }
    for alarm in context.catalogue.alarms().filter(|alarm| !shown.contains(alarm.name())) {
        let what = "no dashboard shows its state".to_owned();
        findings.add(RULE, alarm.key(), what, "add its ARN to an `alarm` widget");
    }
    for alarm in context.catalogue.metric_alarms.iter().filter(|alarm| !drawn.contains(&alarm.spec.key)) {
        let what = "no dashboard draws its threshold over its metric".to_owned();
        let fix = format!(
            "annotate the widget: {{ \"label\": \"{}\", \"value\": {} }}",
            alarm.spec.key, alarm.spec.threshold
        );
        findings.add(RULE, &alarm.spec.key, what, fix);
    }
}

struct Widget<'a> {
    /// File and title, for a person to find it.
    name: String,
    /// x, y, width, height.
    place: Option<[u64; 4]>,
    properties: &'a Value,
    metrics: Vec<MetricKey>,
}

impl<'a> Widget<'a> {
    fn of(file: &str, widget: &'a Value) -> Self {
        let properties = &widget["properties"];
        let side = |name: &str| widget[name].as_u64();
        let title = properties["title"].as_str().or(widget["type"].as_str()).unwrap_or("widget");
        let place = (|| Some([side("x")?, side("y")?, side("width")?, side("height")?]))();
        let rows = properties["metrics"].as_array().into_iter().flatten();
        Self {
            name: format!("dashboards/{file} \"{title}\""),
            place,
            properties,
            metrics: rows.filter_map(metric).collect(),
        }
    }
}

/// `[Namespace, Name, Dimension, Value, ..., {..}]`; an expression is none.
fn metric(row: &Value) -> Option<MetricKey> {
    let words: Vec<&str> = row.as_array()?.iter().map_while(Value::as_str).collect();
    let (namespace, name) = (words.first()?, words.get(1)?);
    let pairs = words[2..].chunks(2).filter_map(|pair| Some((pair.first()?, pair.get(1)?)));
    Some(pairs.fold(MetricKey::new(*namespace, *name), |key, (dimension, value)| key.with(*dimension, *value)))
}

fn check_grid(widgets: &[Widget<'_>], findings: &mut Findings) {
    for (n, widget) in widgets.iter().enumerate() {
        let Some([x, y, width, height]) = widget.place else {
            let what = "it has no place: x, y, width and height".to_owned();
            findings.add(RULE, &widget.name, what, "give all four");
            continue;
        };
        if x + width > COLUMNS || width == 0 || height == 0 {
            findings.add(RULE, &widget.name, format!("it does not fit {COLUMNS} columns"), "move it");
        }
        for other in &widgets[..n] {
            let Some([left, top, across, down]) = other.place else { continue };
            if x < left + across && left < x + width && y < top + down && top < y + height {
                findings.add(RULE, &widget.name, format!("it lies over {}", other.name), "move it");
            }
        }
    }
}

fn check_metrics(context: &Context<'_>, widget: &Widget<'_>, findings: &mut Findings) {
    for key in &widget.metrics {
        let what = match context.emitted.absent(key) {
            None if context.emitted.knows(&key.namespace) => continue,
            None => format!("nothing is known of the namespace {}", key.namespace),
            Some(Absent::Unlisted) => continue,
            Some(Absent::Metric(_) | Absent::Misspelt(_)) => format!("{} emits no metric {}", key.namespace, key.name),
            Some(Absent::Dimensions(_) | Absent::Dimension(..)) => {
                format!("{key} is not emitted with these dimensions")
            }
            Some(Absent::Value(dimension, _)) => format!("{key} is never emitted with this {dimension}"),
        };
        findings.add(RULE, &widget.name, what, "name a metric that is emitted (--emitted lists them)");
    }
}

fn check_alarms(context: &Context<'_>, widget: &Widget<'_>, shown: &mut BTreeSet<String>, findings: &mut Findings) {
    for arn in widget.properties["alarms"].as_array().into_iter().flatten().filter_map(Value::as_str) {
        let name = arn.rsplit(':').next().unwrap_or(arn);
        if context.catalogue.find(name).is_none() {
            findings.add(RULE, &widget.name, format!("there is no alarm {name}"), "name one of terraform/alarms.yaml");
        }
        shown.insert(name.to_owned());
    }
}

/// A link to a runbook leads to one that an alarm names.
fn check_links(context: &Context<'_>, widget: &Widget<'_>, findings: &mut Findings) {
    for link in runbooks::links(widget.properties["markdown"].as_str().unwrap_or_default(), 1) {
        let Some(page) = link.target.strip_prefix("runbooks/").and_then(|page| page.strip_suffix(".md")) else {
            continue;
        };
        let named = context.catalogue.alarms().any(|alarm| alarm.about().runbook.as_deref() == Some(page));
        if !named && page != "README" {
            findings.add(RULE, &widget.name, format!("there is no runbook {page}"), "link one that an alarm names");
        }
    }
}

/// A line's label names the alarms whose threshold it is, or says `objective`.
fn check_thresholds(context: &Context<'_>, widget: &Widget<'_>, drawn: &mut BTreeSet<String>, findings: &mut Findings) {
    for line in widget.properties["annotations"]["horizontal"].as_array().into_iter().flatten() {
        let (label, value) = (line["label"].as_str().unwrap_or_default(), line["value"].as_f64());
        for key in label.split(", ").filter(|key| !key.starts_with("objective")) {
            let Some(alarm) = context.catalogue.metric_alarms.iter().find(|alarm| alarm.spec.key == key) else {
                let fix = "label it with alarms' keys, or with `objective`";
                findings.add(RULE, &widget.name, format!("the line `{label}` names no alarm"), fix);
                continue;
            };
            if value != Some(alarm.spec.threshold) {
                let what = format!(
                    "the line `{key}` is drawn at {}, the threshold is {}",
                    line["value"], alarm.spec.threshold
                );
                findings.add(RULE, &widget.name, what, "draw it at the threshold");
            } else if shows(widget, &alarm.spec) {
                drawn.insert(alarm.spec.key.clone());
            } else {
                let what = format!("it draws the threshold of {key} without any metric of that alarm");
                findings.add(RULE, &widget.name, what, "draw them in one widget");
            }
        }
    }
}

fn shows(widget: &Widget<'_>, alarm: &MetricAlarmSpec) -> bool {
    alarm
        .queries
        .iter()
        .any(|query| matches!(&query.source, Source::Metric { metric, .. } if widget.metrics.contains(metric)))
}
