//! What CloudWatch has to say about a dashboard's body: where, and what. The structure is that of its page "Dashboard body structure
//! and syntax".

use aws_wire::Output;
use serde_json::{Map, Value};

const MAX_WIDGETS: usize = 500;
const MAX_METRICS: usize = 500;
const TYPES: [&str; 7] = ["metric", "text", "log", "alarm", "explorer", "custom", "trace"];
const VIEWS: [&str; 6] = ["timeSeries", "singleValue", "gauge", "bar", "pie", "table"];
const LOG_VIEWS: [&str; 4] = ["table", "timeSeries", "bar", "pie"];

/// Something CloudWatch finds in a body.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Finding {
    /// `/widgets/0/properties/region`.
    pub(super) path: String,
    pub(super) message: String,
    /// Whether it refuses the dashboard for it; otherwise it only says so.
    pub(super) refused: bool,
}

impl Finding {
    pub(super) fn output(&self) -> Output {
        Output::Map(vec![("DataPath", Output::from(&self.path)), ("Message", Output::from(&self.message))])
    }
}

#[derive(Default)]
struct Findings(Vec<Finding>);

impl Findings {
    fn error(&mut self, path: impl Into<String>, message: impl Into<String>) {
        self.0.push(Finding { path: path.into(), message: message.into(), refused: true });
    }

    fn warning(&mut self, path: impl Into<String>, message: impl Into<String>) {
        self.0.push(Finding { path: path.into(), message: message.into(), refused: false });
    }

    fn required<'v>(&mut self, path: &str, object: &'v Map<String, Value>, name: &str) -> Option<&'v Value> {
        let found = object.get(name);
        if found.is_none() {
            self.error(path, format!("Should have required property '{name}'"));
        }
        found
    }

    fn text(&mut self, path: &str, object: &Map<String, Value>, name: &str) {
        if object.get(name).is_some_and(|value| !value.is_string()) {
            self.error(format!("{path}/{name}"), "Should be string");
        }
    }

    fn one_of(&mut self, path: &str, object: &Map<String, Value>, name: &str, allowed: &[&str]) {
        if object.get(name).is_some_and(|value| value.as_str().is_none_or(|text| !allowed.contains(&text))) {
            self.error(format!("{path}/{name}"), "Should be equal to one of the allowed values");
        }
    }

    fn whole(&mut self, path: &str, object: &Map<String, Value>, name: &str, (least, most): (i64, i64)) {
        let Some(value) = object.get(name) else { return };
        let path = format!("{path}/{name}");
        match value.as_i64() {
            None => self.error(path, "Should be integer"),
            Some(value) if value < least => self.error(path, format!("Should be >= {least}")),
            Some(value) if value > most => self.error(path, format!("Should be <= {most}")),
            Some(_) => {}
        }
    }
}

pub(super) fn check(body: &str) -> Vec<Finding> {
    let mut findings = Findings::default();
    let Ok(Value::Object(root)) = serde_json::from_str::<Value>(body) else {
        findings.error("/", "The field DashboardBody must be a valid JSON object");
        return findings.0;
    };
    match root.get("widgets") {
        None => findings.warning("/", "The dashboard has no widgets"),
        Some(Value::Array(widgets)) => {
            if widgets.len() > MAX_WIDGETS {
                findings.error("/widgets", format!("Should NOT have more than {MAX_WIDGETS} items"));
            }
            for (index, widget) in widgets.iter().enumerate() {
                check_widget(&mut findings, &format!("/widgets/{index}"), widget);
            }
        }
        Some(_) => findings.error("/widgets", "Should be array"),
    }
    findings.text("", &root, "start");
    findings.text("", &root, "end");
    findings.one_of("", &root, "periodOverride", &["auto", "inherit"]);
    findings.0
}

fn check_widget(findings: &mut Findings, path: &str, widget: &Value) {
    let Value::Object(widget) = widget else { return findings.error(path, "Should be object") };
    for (name, bounds) in [("x", (0, 23)), ("y", (0, i64::MAX)), ("width", (1, 24)), ("height", (1, 1_000))] {
        findings.whole(path, widget, name, bounds);
    }
    if widget.contains_key("x") != widget.contains_key("y") {
        findings.error(path, "Should have both of the properties 'x' and 'y', or none");
    }
    let Some(kind) = findings.required(path, widget, "type") else { return };
    findings.one_of(path, widget, "type", &TYPES);
    let at = format!("{path}/properties");
    let properties = match findings.required(path, widget, "properties") {
        None => return,
        Some(Value::Object(properties)) => properties,
        Some(_) => return findings.error(at, "Should be object"),
    };
    findings.text(&at, properties, "title");
    match kind.as_str() {
        Some("metric") => metric(findings, &at, properties),
        Some("text") => {
            findings.required(&at, properties, "markdown");
            findings.text(&at, properties, "markdown");
        }
        Some("log") => {
            findings.required(&at, properties, "region");
            findings.required(&at, properties, "query");
            findings.text(&at, properties, "query");
            findings.one_of(&at, properties, "view", &LOG_VIEWS);
        }
        Some("alarm") => match findings.required(&at, properties, "alarms") {
            Some(Value::Array(alarms)) => {
                for (index, _) in alarms.iter().enumerate().filter(|(_, alarm)| !alarm.is_string()) {
                    findings.error(format!("{at}/alarms/{index}"), "Should be string");
                }
            }
            Some(_) => findings.error(format!("{at}/alarms"), "Should be array"),
            None => {}
        },
        _ => {}
    }
}

fn metric(findings: &mut Findings, at: &str, properties: &Map<String, Value>) {
    findings.one_of(at, properties, "view", &VIEWS);
    findings.text(at, properties, "stat");
    findings.whole(at, properties, "period", (1, 2_592_000));
    if let Some(stat) = properties.get("stat").and_then(Value::as_str)
        && stat.parse::<crate::stats::Statistic>().is_err()
    {
        findings.warning(format!("{at}/stat"), format!("\"{stat}\" is not a statistic"));
    }
    match properties.get("metrics") {
        None if properties.contains_key("annotations") => {}
        None => findings.error(at, "Should have required property 'metrics'"),
        Some(Value::Array(metrics)) => {
            findings.required(at, properties, "region");
            if metrics.len() > MAX_METRICS {
                findings.error(format!("{at}/metrics"), format!("Should NOT have more than {MAX_METRICS} items"));
            }
            for (index, entry) in metrics.iter().enumerate() {
                metric_entry(findings, &format!("{at}/metrics/{index}"), entry);
            }
        }
        Some(_) => findings.error(format!("{at}/metrics"), "Should be array"),
    }
}

/// `[namespace, metric, dimension, value, ..., {options}]`, or `[{expression}]`.
fn metric_entry(findings: &mut Findings, at: &str, entry: &Value) {
    let Value::Array(parts) = entry else { return findings.error(at, "Should be array") };
    let (options, names): (&[Value], &[Value]) = match parts.as_slice() {
        [names @ .., last] if last.is_object() => (std::slice::from_ref(last), names),
        names => (&[], names),
    };
    if let Some(index) = names.iter().position(|name| !name.is_string()) {
        return findings.error(format!("{at}/{index}"), "Should be string");
    }
    let options = options.first().and_then(Value::as_object);
    let is_expression = options.is_some_and(|options| options.contains_key("expression"));
    match names.len() {
        0 if is_expression => {}
        0 => findings.error(at, "Should have a metric or an expression"),
        1 => findings.error(at, "Should NOT have fewer than 2 items"),
        _ if is_expression => findings.error(at, "Should have a metric or an expression, not both"),
        names if names % 2 == 1 => findings.error(at, "Each dimension should have a name and a value"),
        names if names > 2 + 2 * 30 => findings.error(at, "Should NOT have more than 30 dimensions"),
        _ => {}
    }
    if let Some(options) = options {
        let at = format!("{at}/{}", names.len());
        for name in ["expression", "id", "label", "stat", "color"] {
            findings.text(&at, options, name);
        }
        findings.one_of(&at, options, "yAxis", &["left", "right"]);
        findings.whole(&at, options, "period", (1, 2_592_000));
    }
}
