//! Windows, schedules, reasons and actions of the evaluator as a whole.

use alarms::{
    Catalogue, Evaluator,
    composite::SuppressedBy,
    evaluate::{ActionOutcome, DynamoDbReading, Options, Put, Transition},
    model::{MetricKey, State},
};
use cloudwatch::Sample;

use crate::common::read_catalogue;

/// 2026-01-05T00:00:00Z.
const START: i64 = 1_767_571_200;

fn read(text: &str) -> Catalogue {
    read_catalogue(text).unwrap()
}

fn alarm(fields: &str, metric: &str) -> Catalogue {
    read(&format!(
        "alarms: {{ a: {{ summary: s, severity: page, comparison: GreaterThanThreshold, threshold: 31, {fields}, \
         metrics: [{{ id: m, {metric} }}] }} }}"
    ))
}

const METRIC: &str = "namespace: n, metric: x, stat: Maximum";

fn key() -> MetricKey {
    MetricKey::new("n", "x")
}

fn at(hour: i64, minute: i64) -> i64 {
    START + hour * 3_600 + minute * 60
}

fn push(evaluator: &mut Evaluator, time: i64, value: f64) {
    evaluator.push(&key(), None, time, &Sample::value(value).unwrap());
}

#[test]
fn a_sliding_window_is_aligned_to_the_minute_of_the_evaluation() {
    let mut evaluator = Evaluator::new(alarm("period: 300, evaluation_periods: 3, missing_data: missing", METRIC));
    let starts = |evaluator: &Evaluator| -> Vec<i64> {
        evaluator.window("a").unwrap().iter().map(|d| (d.slot.start - START) / 60).collect()
    };
    evaluator.tick(at(12, 15));
    // N = 3 and R = 5: the newest three are 12:00, 12:05 and 12:10.
    assert_eq!(starts(&evaluator), [710, 715, 720, 725, 730]);
    evaluator.tick(at(12, 16));
    assert_eq!(starts(&evaluator), [711, 716, 721, 726, 731]);
}

#[test]
fn more_than_a_day_is_evaluated_hourly_up_to_the_full_hour() {
    // AWS's example: a job fails at 10:02 and is mended at 11:43.
    let mut evaluator = Evaluator::new(alarm(
        "period: 3600, evaluation_periods: 25, datapoints_to_alarm: 1, missing_data: notBreaching",
        METRIC,
    ));
    evaluator.tick(at(9, 30));
    push(&mut evaluator, at(10, 2), 99.0);
    evaluator.tick(at(10, 3));
    assert_eq!(evaluator.state("a"), Some(State::Ok));
    evaluator.tick(at(11, 2));
    assert_eq!(evaluator.state("a"), Some(State::Ok));
    evaluator.tick(at(11, 3));
    assert_eq!(evaluator.state("a"), Some(State::Alarm));
    // The hour from 10 is one of 25, and 27 are looked at: the last time is at 12:03 the next day.
    evaluator.tick(at(24 + 12, 2));
    assert_eq!(evaluator.state("a"), Some(State::Alarm));
}

#[test]
fn the_reason_is_worded_as_cloudwatch_words_it() {
    let mut evaluator = Evaluator::new(alarm("period: 60, evaluation_periods: 3, missing_data: missing", METRIC));
    evaluator.tick(at(0, 0));
    let mut seen: Vec<Transition> = Vec::new();
    for (minute, value) in [40.0, 50.0, 60.5, 10.0].into_iter().enumerate() {
        push(&mut evaluator, at(0, minute as i64), value);
        seen.extend(evaluator.tick(at(0, minute as i64 + 1)));
    }
    // One bad point of three is not ALARM yet, nor is it unknown.
    assert_eq!(seen[0].to, State::Ok);
    assert_eq!(
        seen[1].reason,
        "Threshold Crossed: 3 out of the last 3 datapoints [60.5 (05/01/26 00:02:00), 50.0 (05/01/26 00:01:00), \
         40.0 (05/01/26 00:00:00)] were greater than the threshold (31.0) (minimum 3 datapoints for OK -> ALARM transition)."
    );
    assert_eq!(
        seen[2].reason,
        "Threshold Crossed: 1 out of the last 3 datapoints [10.0 (05/01/26 00:03:00)] was not greater than the \
         threshold (31.0) (minimum 1 datapoint for ALARM -> OK transition)."
    );
    let data: serde_json::Value = serde_json::from_str(&seen[1].reason_data).unwrap();
    assert_eq!(data["version"], "1.0");
    assert_eq!(data["queryDate"], "2026-01-05T00:03:00.000+0000");
    assert_eq!(data["startDate"], "2026-01-05T00:00:00.000+0000");
    assert_eq!(data["statistic"], "Maximum");
    assert_eq!(data["period"], 60);
    assert_eq!(data["recentDatapoints"], serde_json::json!([40.0, 50.0, 60.5]));
    assert_eq!(data["threshold"], 31.0);
    assert_eq!(data["evaluatedDatapoints"][0]["timestamp"], "2026-01-05T00:02:00.000+0000");
    assert_eq!(data["evaluatedDatapoints"][0]["value"], 60.5);
    assert_eq!(data["evaluatedDatapoints"][0]["sampleCount"], 1.0);
}

#[test]
fn the_reason_says_what_missing_data_were_taken_for() {
    let mut evaluator = Evaluator::new(alarm("period: 60, evaluation_periods: 2, missing_data: breaching", METRIC));
    let created = evaluator.tick(at(0, 0));
    assert_eq!(
        created[0].reason,
        "Threshold Crossed: no datapoints were received for 2 periods and 2 missing datapoints were treated as [Breaching]."
    );
    let mut evaluator = Evaluator::new(alarm("period: 60, evaluation_periods: 2, missing_data: missing", METRIC));
    assert_eq!(evaluator.tick(at(0, 0)), []);
    assert_eq!(evaluator.status("a").unwrap().reason, "Unchecked: Initial alarm creation");
    push(&mut evaluator, at(0, 0), 1.0);
    evaluator.tick(at(0, 1));
    let gone = evaluator.tick(at(0, 10));
    assert_eq!(gone[0].to, State::InsufficientData);
    assert_eq!(gone[0].reason, "Insufficient Data: 2 datapoints were unknown.");
}

#[test]
fn a_late_datapoint_changes_what_was_already_computed() {
    let mut evaluator = Evaluator::new(alarm("period: 300, evaluation_periods: 1, missing_data: notBreaching", METRIC));
    push(&mut evaluator, at(0, 1), 1.0);
    evaluator.tick(at(0, 5));
    assert_eq!(evaluator.state("a"), Some(State::Ok));
    push(&mut evaluator, at(0, 2), 99.0);
    evaluator.tick(at(0, 6));
    assert_eq!(evaluator.state("a"), Some(State::Alarm));
}

#[test]
fn a_clock_that_jumps_evaluates_every_minute_on_its_way() {
    let mut evaluator = Evaluator::new(alarm("period: 60, evaluation_periods: 1, missing_data: notBreaching", METRIC));
    for (minute, value) in [(0, 1.0), (1, 99.0), (2, 1.0)] {
        push(&mut evaluator, at(0, minute), value);
    }
    evaluator.tick(at(0, 0));
    let seen = evaluator.tick(at(0, 10));
    let times: Vec<_> = seen.iter().map(|t| ((t.at - START) / 60, t.to)).collect();
    assert_eq!(times, [(2, State::Alarm), (3, State::Ok)]);
    // A clock that runs back does nothing.
    assert_eq!(evaluator.tick(at(0, 5)), []);
}

#[test]
fn ten_second_alarms_are_evaluated_every_ten_seconds() {
    let mut evaluator = Evaluator::new(alarm("period: 10, evaluation_periods: 1, missing_data: notBreaching", METRIC));
    evaluator.tick(START);
    push(&mut evaluator, START + 3, 99.0);
    assert_eq!(evaluator.tick(START + 9), []);
    assert_eq!(evaluator.tick(START + 10)[0].to, State::Alarm);
    assert_eq!(evaluator.state("a"), Some(State::Alarm));
}

#[test]
fn dynamodb_alarms_differ_by_reading_when_data_stop() {
    let metric = "namespace: AWS/DynamoDB, metric: WriteThrottleEvents, stat: Sum, dimensions: { TableName: t }";
    let run = |treatment: &str, reading| {
        let fields = format!("period: 60, evaluation_periods: 1{treatment}");
        let options = Options { dynamodb: reading, ..Options::default() };
        let mut evaluator = Evaluator::with_options(alarm(&fields, metric), options);
        let key = MetricKey::new("AWS/DynamoDB", "WriteThrottleEvents").with("TableName", "t");
        evaluator.tick(at(0, 0));
        evaluator.push(&key, None, at(0, 0), &Sample::value(99.0).unwrap());
        evaluator.tick(at(0, 1));
        assert_eq!(evaluator.state("a"), Some(State::Alarm));
        evaluator.tick(at(1, 0));
        evaluator.state("a").unwrap()
    };
    let explicit = ", missing_data: notBreaching";
    assert_eq!(run(explicit, DynamoDbReading::IgnoreByDefault), State::Ok);
    assert_eq!(run(explicit, DynamoDbReading::IgnoreAlways), State::Alarm);
    assert_eq!(run("", DynamoDbReading::IgnoreByDefault), State::Alarm);
    assert_eq!(run("", DynamoDbReading::IgnoreAlways), State::Alarm);
}

#[test]
fn a_percentile_of_too_few_samples_keeps_the_state_when_told_so() {
    let plan = |low: &str| {
        let text = serde_json::json!({ "planned_values": { "root_module": { "resources": [{
            "address": "x.y", "type": "aws_cloudwatch_metric_alarm", "values": {
                "alarm_name": "a", "comparison_operator": "GreaterThanThreshold", "threshold": 31, "period": 60,
                "evaluation_periods": 1, "namespace": "n", "metric_name": "x", "extended_statistic": "p90",
                "treat_missing_data": "notBreaching", "evaluate_low_sample_count_percentiles": low,
            }
        }] } } });
        crate::plan::read(&text.to_string()).unwrap().catalogue
    };
    let run = |low: &str, samples: f64| {
        let mut evaluator = Evaluator::new(plan(low));
        evaluator.tick(at(0, 0));
        evaluator.push(&key(), None, at(0, 0), &Sample::values(&[(99.0, samples)]).unwrap());
        evaluator.tick(at(0, 1));
        evaluator.state("a").unwrap()
    };
    assert_eq!(run("evaluate", 99.0), State::Alarm);
    // p90 needs 100 samples.
    assert_eq!(run("ignore", 99.0), State::Ok);
    assert_eq!(run("ignore", 100.0), State::Alarm);
}

const COMPOSITE: &str = "
alarms:
  child: { summary: s, severity: none, comparison: GreaterThanThreshold, threshold: 0, period: 60, evaluation_periods: 1, missing_data: notBreaching, metrics: [{ id: m, namespace: n, metric: x, stat: Sum }] }
  cause: { summary: s, severity: none, comparison: GreaterThanThreshold, threshold: 0, period: 60, evaluation_periods: 1, missing_data: notBreaching, metrics: [{ id: m, namespace: n, metric: cause, stat: Sum }] }
composites:
  c: { summary: s, severity: page, rule: ALARM(child), suppressor: cause, suppressor_wait_s: 120, suppressor_extension_s: 180 }
";

#[test]
fn a_suppressed_composite_changes_its_state_and_acts_later() {
    let mut evaluator = Evaluator::new(read(COMPOSITE));
    evaluator.tick(at(0, 0));
    evaluator.tick(at(0, 10));
    for minute in 10..20 {
        push(&mut evaluator, at(0, minute), 1.0);
    }
    for minute in 10..20 {
        let value = if minute < 13 { 1.0 } else { 0.0 };
        let sample = Sample::value(value).unwrap();
        evaluator.push(&MetricKey::new("n", "cause"), None, at(0, minute), &sample);
    }
    let seen = evaluator.tick(at(0, 20));
    let of_c: Vec<_> = seen.iter().filter(|t| t.alarm == "c").collect();
    assert_eq!(of_c[0].at, at(0, 11));
    assert_eq!(of_c[0].to, State::Alarm);
    assert_eq!(of_c[0].actions, ActionOutcome::Suppressed(SuppressedBy::Alarm));
    // The cause ends at 14, the extension three minutes later.
    assert_eq!((of_c[1].at, of_c[1].from), (at(0, 17), State::Alarm));
    assert_eq!(of_c[1].fired(), ["page"]);
    assert_eq!(of_c.len(), 2);
}

#[test]
fn a_composite_in_a_circle_or_on_an_unknown_alarm_has_no_state() {
    let text = "
composites:
  a: { summary: s, severity: page, rule: ALARM(b) }
  b: { summary: s, severity: page, rule: ALARM(a) }
  c: { summary: s, severity: page, rule: ALARM(elsewhere) }
  d: { summary: s, severity: page, rule: 'TRUE' }
";
    let mut evaluator = Evaluator::new(read(text));
    let mut left_out: Vec<_> = evaluator.not_evaluated().iter().map(|n| n.alarm.clone()).collect();
    left_out.sort();
    assert_eq!(left_out, ["a", "b", "c"]);
    evaluator.tick(START);
    for undecided in ["a", "c"] {
        assert_eq!(evaluator.state(undecided), None);
        assert_eq!(evaluator.status(undecided).unwrap().state, State::InsufficientData);
    }
    assert!(evaluator.status("c").unwrap().reason.contains("`elsewhere`"));
    assert_eq!(evaluator.state("d"), Some(State::Alarm));
}

#[test]
fn a_composite_that_is_decided_without_the_unknown_alarm_has_a_state() {
    let text = "
alarms:
  child: { summary: s, severity: none, comparison: GreaterThanThreshold, threshold: 0, period: 60, evaluation_periods: 1, missing_data: notBreaching, metrics: [{ id: m, namespace: n, metric: x, stat: Sum }] }
composites:
  c: { summary: s, severity: page, rule: ALARM(elsewhere) OR ALARM(child) }
";
    let mut evaluator = Evaluator::new(read(text));
    evaluator.tick(START);
    assert_eq!(evaluator.state("c"), None);
    push(&mut evaluator, START, 1.0);
    evaluator.tick(START + 60);
    assert_eq!(evaluator.state("c"), Some(State::Alarm));
}

#[test]
fn a_suppressor_s_periods_are_seconds() {
    let text = COMPOSITE.replace("suppressor_wait_s: 120", "suppressor_wait_s: 10");
    let mut evaluator = Evaluator::new(read(&text));
    evaluator.tick(START);
    push(&mut evaluator, START, 1.0);
    let seen: Vec<_> =
        evaluator.tick(START + 120).into_iter().filter(|t| t.alarm == "c" && t.to == State::Alarm).collect();
    assert_eq!((seen[0].at, seen[0].fired().len()), (START + 60, 0));
    assert_eq!((seen[1].at, seen[1].fired()), (START + 70, &["page".to_owned()][..]));
}

#[test]
fn alarms_come_change_and_go_while_the_clock_runs() {
    let put = |text: &str| {
        let mut catalogue = read(text);
        match catalogue.metric_alarms.pop() {
            Some(alarm) => Put::Metric(Box::new(alarm)),
            None => Put::Composite(Box::new(catalogue.composites.remove(0))),
        }
    };
    let child = |threshold: u32| {
        put(&format!(
            "alarms: {{ child: {{ summary: s, severity: page, comparison: GreaterThanThreshold, threshold: {threshold}, period: 60, \
             evaluation_periods: 1, missing_data: notBreaching, metrics: [{{ id: m, namespace: n, metric: x, stat: Sum }}] }} }}"
        ))
    };
    let mut evaluator = Evaluator::live(cloudwatch::Store::default());
    evaluator.tick(START);
    let record = |evaluator: &mut Evaluator, at: i64| {
        let point = cloudwatch::Datapoint::new(key(), "Count", at, Sample::value(5.0).unwrap());
        evaluator.record(&point, at).unwrap();
    };
    // What is recorded before anybody watches counts too.
    record(&mut evaluator, START);
    evaluator.put(child(1));
    evaluator.put(put("composites: { c: { summary: s, severity: page, rule: ALARM(child) } }"));
    assert_eq!(evaluator.status("child").unwrap().reason, "Unchecked: Initial alarm creation");
    let names: Vec<_> = evaluator.tick(START + 60).into_iter().map(|seen| (seen.alarm, seen.to)).collect();
    assert_eq!(names, [("child".to_owned(), State::Alarm), ("c".to_owned(), State::Alarm)]);
    assert_eq!(evaluator.dependents("child").map(|alarm| alarm.name.as_str()).collect::<Vec<_>>(), ["c"]);

    evaluator.put(child(9));
    assert_eq!(evaluator.state("child"), Some(State::Alarm), "until the next evaluation");
    record(&mut evaluator, START + 60);
    assert_eq!(evaluator.tick(START + 120).len(), 2);
    assert_eq!(evaluator.state("c"), Some(State::Ok));

    assert!(evaluator.remove("child") && !evaluator.remove("child"));
    evaluator.tick(START + 180);
    assert_eq!((evaluator.state("child"), evaluator.statuses().len()), (None, 1));
}

#[test]
fn set_alarm_state_holds_until_the_next_evaluation() {
    let mut evaluator = Evaluator::new(alarm("period: 60, evaluation_periods: 1, missing_data: notBreaching", METRIC));
    evaluator.tick(START);
    let set = evaluator.set_state("a", State::Alarm, "drill", "").unwrap();
    assert_eq!((set.from, set.to, set.fired()), (State::Ok, State::Alarm, &["page".to_owned()][..]));
    assert_eq!(evaluator.tick(START + 60)[0].to, State::Ok);
}

#[test]
fn a_dimension_too_many_is_another_metric() {
    let mut evaluator = Evaluator::new(alarm("period: 60, evaluation_periods: 1, missing_data: notBreaching", METRIC));
    let other = key().with("Service", "x");
    assert!(!evaluator.push(&other, None, START, &Sample::value(99.0).unwrap()));
    assert!(evaluator.push(&key(), Some("Count"), START, &Sample::value(1.0).unwrap()));
}
