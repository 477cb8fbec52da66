//! CloudWatch's limits on windows, lists and names.

use alarms::model::{MetricAlarm, Source};

use super::{Context, Findings};

const RULE: &str = "window";
const DAY: i64 = 86_400;

pub(super) fn check(context: &Context<'_>, findings: &mut Findings) {
    for alarm in context.catalogue.alarms() {
        if alarm.name().chars().count() > 255 {
            findings.add(RULE, alarm.key(), "an alarm's name has at most 255 characters".into(), "shorten it");
        }
        if alarm.about().summary.chars().count() > 1_024 {
            findings.add(RULE, alarm.key(), "an alarm's description has at most 1024 characters".into(), "shorten it");
        }
        let actions = alarm.actions();
        if [&actions.alarm, &actions.ok, &actions.insufficient_data].iter().any(|list| list.len() > 5) {
            findings.add(
                RULE,
                alarm.key(),
                "an action list holds at most 5 actions".into(),
                "fan out behind one topic",
            );
        }
    }
    for alarm in &context.catalogue.metric_alarms {
        periods(alarm, findings);
        queries(alarm, findings);
    }
}

fn periods(alarm: &MetricAlarm, findings: &mut Findings) {
    let spec = &alarm.spec;
    let (n, m) = (spec.evaluation_periods, spec.datapoints_to_alarm);
    if m > n {
        findings.add(
            RULE,
            &spec.key,
            format!("{m} of {n} datapoints can never breach: the alarm cannot fire"),
            format!("set datapoints_to_alarm to {n} or less"),
        );
    }
    let window = spec.period * i64::from(n);
    let limit = if spec.period >= 3_600 { 7 * DAY } else { DAY };
    if window > limit {
        findings.add(
            RULE,
            &spec.key,
            format!("period x evaluation periods is {window} s, CloudWatch accepts {limit} s"),
            "use fewer periods, or a period of at least 3600 s for up to 7 days",
        );
    }
    if spec.period < 60 && alarm.metrics().any(|(_, metric, _)| metric.namespace.starts_with("AWS/")) {
        findings.add(
            RULE,
            &spec.key,
            format!(
                "a period of {} s needs a high-resolution metric; AWS services emit one point a minute",
                spec.period
            ),
            "use a period of 60 s",
        );
    }
}

fn queries(alarm: &MetricAlarm, findings: &mut Findings) {
    let spec = &alarm.spec;
    let metrics = alarm.metrics().count();
    if metrics > 10 || spec.queries.len() > 20 {
        findings.add(
            RULE,
            &spec.key,
            format!("{metrics} metrics of {} entries: CloudWatch accepts 10 of 20", spec.queries.len()),
            "split the alarm",
        );
    }
    for query in &spec.queries {
        let mut characters = query.id.chars();
        let id = characters.next().is_some_and(|c| c.is_ascii_lowercase())
            && characters.all(|c| c.is_ascii_alphanumeric() || c == '_')
            && query.id.len() <= 255;
        if !id {
            findings.add(
                RULE,
                &spec.key,
                format!("`{}` is no id", query.id),
                "begin with a lower-case letter, then letters, digits and _",
            );
        }
        if let Source::Expression(text) = &query.source
            && text.chars().count() > 2_048
        {
            findings.add(
                RULE,
                &spec.key,
                "an expression has at most 2048 characters".into(),
                "split it over several ids",
            );
        }
    }
}
