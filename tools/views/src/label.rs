//! Labels: those that the body gives, with what is dynamic in them, and those that nobody gave.

use crate::{
    body::{Query, QueryKind, Row},
    data::{Point, Series},
    scale::{exact_text, minute_text},
};

/// AWS's bound; what is over it stays as it is written.
const MAX_DYNAMIC: usize = 6;

/// What a line is called.
pub(crate) fn label(row: &Row, query: &Query, series: &Series, several: bool, now: i64, zone: i64) -> String {
    let own = automatic(query, series);
    let Some(given) = &row.label else { return own };
    let text = dynamic(given, &own, query, series, now, zone);
    // One expression, several lines: a label that is the same for all tells nothing.
    match &series.label {
        Some(theirs) if several && !given.contains("${") => format!("{text} {theirs}"),
        _ => text,
    }
}

/// The metric's name, and the last dimension, which tells it from its like.
fn automatic(query: &Query, series: &Series) -> String {
    match &query.kind {
        _ if series.label.is_some() => series.label.clone().unwrap_or_default(),
        QueryKind::Metric { name, dimensions, .. } => match dimensions.last() {
            Some((_, value)) => format!("{value} {name}"),
            None => name.clone(),
        },
        QueryKind::Expression(expression) => expression.clone(),
    }
}

fn dynamic(given: &str, own: &str, query: &Query, series: &Series, now: i64, zone: i64) -> String {
    let mut text = String::new();
    let (mut rest, mut count) = (given, 0);
    while let Some((before, after)) = rest.split_once("${") {
        text.push_str(before);
        let Some((name, behind)) = after.split_once('}') else {
            rest = after;
            text.push_str("${");
            break;
        };
        rest = behind;
        count += 1;
        match value(name.trim(), own, query, series, now, zone) {
            Some(value) if count <= MAX_DYNAMIC => text.push_str(&value),
            _ => text.extend(["${", name, "}"]),
        }
    }
    text.push_str(rest);
    text
}

fn value(name: &str, own: &str, query: &Query, series: &Series, now: i64, zone: i64) -> Option<String> {
    if let Some(property) = name.strip_prefix("PROP(").and_then(|rest| rest.strip_suffix(')')) {
        return property_of(property.trim_matches(['\'', '"']), query);
    }
    let points = &series.points;
    let by_value = |a: &&Point, b: &&Point| a.1.total_cmp(&b.1);
    let (first, last) = (points.first(), points.last());
    let (low, high) = (points.iter().min_by(by_value), points.iter().max_by(by_value));
    let sum: f64 = points.iter().map(|point| point.1).sum();
    // What is asked of a line without a point has no answer.
    let number = |value: Option<f64>| Some(value.map_or("–".into(), |value| exact_text(value, 3)));
    let of = |point: Option<&Point>| number(point.map(|point| point.1));
    let at = |point: Option<&Point>| Some(point.map_or("–".into(), |point| minute_text(point.0, zone)));
    let ago = |point: Option<&Point>| Some(point.map_or("–".into(), |point| relative(now - point.0)));
    let range = |a: Option<&Point>, b: Option<&Point>| {
        Some(a.zip(b).map_or("–".into(), |(a, b)| format!("{}-{}", exact_text(a.1, 3), exact_text(b.1, 3))))
    };
    let times = |a: Option<&Point>, b: Option<&Point>| {
        Some(a.zip(b).map_or("–".into(), |(a, b)| format!("{} to {}", minute_text(a.0, zone), minute_text(b.0, zone))))
    };
    #[expect(clippy::cast_precision_loss, reason = "no line has 2^53 points")]
    let count = points.len() as f64;
    match name {
        "LABEL" => Some(own.to_owned()),
        "AVG" => number((count > 0.0).then(|| sum / count)),
        "SUM" => number((count > 0.0).then_some(sum)),
        "DATAPOINT_COUNT" => Some(points.len().to_string()),
        "MIN" => of(low),
        "MAX" => of(high),
        "FIRST" => of(first),
        "LAST" => of(last),
        "MIN_MAX_RANGE" => range(low, high),
        "FIRST_LAST_RANGE" => range(first, last),
        "MIN_TIME" => at(low),
        "MAX_TIME" => at(high),
        "FIRST_TIME" => at(first),
        "LAST_TIME" => at(last),
        "MIN_TIME_RELATIVE" => ago(low),
        "MAX_TIME_RELATIVE" => ago(high),
        "FIRST_TIME_RELATIVE" => ago(first),
        "LAST_TIME_RELATIVE" => ago(last),
        "MIN_MAX_TIME_RANGE" => times(low, high),
        "FIRST_LAST_TIME_RANGE" => times(first, last),
        _ => None,
    }
}

fn property_of(property: &str, query: &Query) -> Option<String> {
    let own = || Some("–".to_owned());
    match (property, &query.kind) {
        ("Period", _) => Some(query.period.to_string()),
        ("Region", _) => query.region.clone().or_else(own),
        ("AccountId" | "AccountLabel", _) => query.account.clone().or_else(own),
        ("MetricName", QueryKind::Metric { name, .. }) => Some(name.clone()),
        ("Namespace", QueryKind::Metric { namespace, .. }) => Some(namespace.clone()),
        ("Stat", QueryKind::Metric { stat, .. }) => Some(stat.clone()),
        ("MetricName" | "Namespace" | "Stat", QueryKind::Expression(_)) => own(),
        (property, kind) => {
            let wanted = property.strip_prefix("Dim.")?;
            match kind {
                QueryKind::Metric { dimensions, .. } => {
                    dimensions.iter().find(|(name, _)| name == wanted).map(|(_, value)| value.clone()).or_else(own)
                }
                QueryKind::Expression(_) => own(),
            }
        }
    }
}

/// `3h 5m ago`: the two largest units.
fn relative(seconds: i64) -> String {
    let seconds = seconds.max(0);
    let (a, b) = match seconds {
        0..60 => return format!("{seconds}s ago"),
        60..3600 => ((seconds / 60, "m"), (seconds % 60, "s")),
        3600..86_400 => ((seconds / 3600, "h"), (seconds % 3600 / 60, "m")),
        _ => ((seconds / 86_400, "d"), (seconds % 86_400 / 3600, "h")),
    };
    if b.0 == 0 { format!("{}{} ago", a.0, a.1) } else { format!("{}{} {}{} ago", a.0, a.1, b.0, b.1) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::body::Side;

    #[test]
    fn every_dynamic_value_of_the_documentation_has_an_answer() {
        let kind = QueryKind::Metric {
            namespace: "AWS/SQS".into(),
            name: "Age".into(),
            dimensions: vec![("QueueName".into(), "q".into())],
            stat: "Sum".into(),
        };
        let query =
            Query { id: "m1".into(), kind, period: 60, region: Some("eu-west-1".into()), account: None, visible: true };
        let row = |label: &str| Row {
            query: query.clone(),
            label: Some(label.into()),
            color: None,
            side: Side::Left,
            visible: true,
        };
        let points = vec![Point(0, 2.0), Point(60, 8.0), Point(120, 5.0)];
        let series = Series { id: "m1".into(), points, ..Series::default() };
        for (given, text) in [
            ("${LABEL}", "q Age"),
            ("${AVG}", "5"),
            ("${DATAPOINT_COUNT}", "3"),
            ("${FIRST}", "2"),
            ("${LAST}", "5"),
            ("${MIN}", "2"),
            ("${MAX}", "8"),
            ("${SUM}", "15"),
            ("${FIRST_LAST_RANGE}", "2-5"),
            ("${MIN_MAX_RANGE}", "2-8"),
            ("${FIRST_TIME}", "1970-01-01 00:00"),
            ("${LAST_TIME}", "1970-01-01 00:02"),
            ("${MIN_TIME}", "1970-01-01 00:00"),
            ("${MAX_TIME}", "1970-01-01 00:01"),
            ("${FIRST_TIME_RELATIVE}", "10m ago"),
            ("${LAST_TIME_RELATIVE}", "8m ago"),
            ("${MIN_TIME_RELATIVE}", "10m ago"),
            ("${MAX_TIME_RELATIVE}", "9m ago"),
            ("${FIRST_LAST_TIME_RANGE}", "1970-01-01 00:00 to 1970-01-01 00:02"),
            ("${MIN_MAX_TIME_RANGE}", "1970-01-01 00:00 to 1970-01-01 00:01"),
            ("${PROP('AccountId')}", "–"),
            ("${PROP('AccountLabel')}", "–"),
            ("${PROP('Dim.QueueName')}", "q"),
            ("${PROP('MetricName')}", "Age"),
            ("${PROP('Namespace')}", "AWS/SQS"),
            ("${PROP('Period')}", "60"),
            ("${PROP('Region')}", "eu-west-1"),
            ("${PROP('Stat')}", "Sum"),
            ("a ${MAX} b ${MIN}!", "a 8 b 2!"),
            ("${NOPE}", "${NOPE}"),
            ("${MAX", "${MAX"),
            ("${MAX}${MAX}${MAX}${MAX}${MAX}${MAX}${MAX}", "888888${MAX}"),
        ] {
            assert_eq!(label(&row(given), &query, &series, false, 600, 0), text, "{given}");
        }
        let empty = Series { id: "m1".into(), ..Series::default() };
        assert_eq!(label(&row("${MAX} at ${MAX_TIME}"), &query, &empty, false, 600, 0), "– at –");
    }
}
