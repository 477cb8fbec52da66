//! What must hold for every series, threshold and text.

use alarms::{
    Catalogue, Evaluator, composite,
    evaluate::{Options, Verdict, decide},
    model::{MissingData, State},
};
use alarms_cli::scenario::parse_series;
use cloudwatch::{Sample, math, stats::Statistic};
use proptest::prelude::*;

use crate::common::read_catalogue;

const TREATMENTS: [MissingData; 4] =
    [MissingData::Missing, MissingData::Ignore, MissingData::Breaching, MissingData::NotBreaching];

fn range() -> impl Strategy<Value = Vec<Option<bool>>> {
    prop::collection::vec(prop::option::of(any::<bool>()), 3..9)
}

/// Whether the verdict is ALARM.
fn alarms(range: &[Option<bool>], n: usize, m: usize, treatment: MissingData) -> bool {
    decide(range, n, m, treatment).verdict == Verdict::Is(State::Alarm)
}

fn catalogue(threshold: f64, m: u32, expression: &str) -> Catalogue {
    let text = format!(
        "alarms: {{ a: {{ summary: s, severity: page, comparison: GreaterThanThreshold, threshold: {threshold:?}, \
         period: 60, evaluation_periods: 4, datapoints_to_alarm: {m}, missing_data: notBreaching, \
         metrics: [{{ id: m, namespace: n, metric: x, stat: Sum }}, {{ id: e, expression: '{expression}' }}] }} }}"
    );
    read_catalogue(&text).unwrap()
}

/// The states of `a` after each minute.
fn states(catalogue: Catalogue, series: &[Option<f64>]) -> Vec<State> {
    let mut evaluator = Evaluator::new(catalogue);
    let metric = evaluator.metric(&alarms::model::MetricKey::new("n", "x")).unwrap();
    let mut states = Vec::new();
    for (minute, value) in series.iter().enumerate() {
        let at = minute as i64 * 60;
        if let Some(value) = value {
            evaluator.push_to(metric, None, at, &Sample::value(*value).unwrap());
        }
        evaluator.tick(at + 60);
        states.push(evaluator.state("a").unwrap());
    }
    states
}

proptest! {
    #[test]
    fn asking_for_fewer_breaching_points_never_silences(range in range(), n in 1usize..6, m in 1usize..6) {
        let (n, m) = (n.min(range.len()), m.min(n));
        for treatment in TREATMENTS {
            if m > 1 && alarms(&range, n, m, treatment) {
                prop_assert!(alarms(&range, n, m - 1, treatment), "{treatment:?}");
            }
        }
    }

    #[test]
    fn turning_a_point_bad_never_silences(range in range(), n in 1usize..6, m in 1usize..6, at in 0usize..9) {
        let (n, m, at) = (n.min(range.len()), m.min(n), at % range.len());
        let mut worse = range.clone();
        if worse[at].is_some() {
            worse[at] = Some(true);
        }
        for treatment in TREATMENTS {
            if alarms(&range, n, m, treatment) {
                prop_assert!(alarms(&worse, n, m, treatment), "{treatment:?} {range:?}");
            }
        }
    }

    #[test]
    fn a_new_bad_point_never_turns_alarm_into_ok(range in range(), n in 1usize..6, m in 1usize..6) {
        let (n, m) = (n.min(range.len()), m.min(n));
        // The newest slot was missing and its datapoint arrives late.
        let mut before = range.clone();
        *before.last_mut().unwrap() = None;
        let mut after = range;
        *after.last_mut().unwrap() = Some(true);
        for treatment in TREATMENTS {
            if alarms(&before, n, m, treatment) {
                prop_assert_ne!(decide(&after, n, m, treatment).verdict, Verdict::Is(State::Ok), "{:?}", treatment);
            }
        }
    }

    #[test]
    fn a_lower_threshold_never_silences(
        series in prop::collection::vec(prop::option::of(0.0f64..10.0), 1..30),
        low in 0.0f64..10.0, more in 0.0f64..5.0, m in 1u32..5,
    ) {
        let strict = states(catalogue(low, m, "m"), &series);
        let lenient = states(catalogue(low + more, m, "m"), &series);
        for (strict, lenient) in strict.iter().zip(&lenient) {
            prop_assert!(*lenient != State::Alarm || *strict == State::Alarm);
        }
    }

    #[test]
    fn points_kept_from_the_last_minute_equal_points_computed_anew(
        series in prop::collection::vec(prop::option::of(0.0f64..10.0), 1..40),
    ) {
        // RATE and the like look at the whole range, so they switch the cache off; x 0 leaves the value.
        let cached = states(catalogue(5.0, 2, "IF(m > 1, m * 2, 0)"), &series);
        let anew = states(catalogue(5.0, 2, "IF(m > 1, m * 2, 0) + 0 * RUNNING_SUM(m)"), &series);
        prop_assert_eq!(cached, anew);
    }

    #[test]
    fn data_before_the_clock_and_data_with_the_clock_end_in_the_same_state(
        series in prop::collection::vec(prop::option::of(0.0f64..10.0), 1..30),
    ) {
        let live = states(catalogue(5.0, 2, "FILL(m, 0)"), &series);
        let mut batch = Evaluator::with_options(catalogue(5.0, 2, "FILL(m, 0)"), Options::default());
        for (minute, value) in series.iter().enumerate() {
            if let Some(value) = value {
                let key = alarms::model::MetricKey::new("n", "x");
                batch.push(&key, None, minute as i64 * 60, &Sample::value(*value).unwrap());
            }
        }
        batch.tick(60);
        batch.tick(series.len() as i64 * 60);
        prop_assert_eq!(batch.state("a"), live.last().copied());
    }

    #[test]
    fn the_math_parser_never_panics(text in "\\PC{0,80}") {
        let _ = math::parse(&text);
    }

    #[test]
    fn the_math_parser_never_panics_on_what_looks_like_math(
        words in prop::collection::vec(prop::sample::select(vec![
            "m1", "e2", "SUM", "IF", "FILL", "SORT", "METRICS", "SLICE", "REPEAT", "LINEAR", "ASC", "(", ")", "[", "]", ",",
            "+", "-", "*", "/", "^", "==", "<", ">=", "AND", "||", "1", ".5", "1e9", "\"x\"", "'", "é",
        ]), 0..40),
    ) {
        let _ = math::parse(&words.join(" "));
    }

    #[test]
    fn the_rule_parser_never_panics(text in "\\PC{0,80}") {
        let _ = composite::parse(&text);
    }

    #[test]
    fn the_rule_parser_never_panics_on_what_looks_like_a_rule(
        words in prop::collection::vec(prop::sample::select(vec![
            "ALARM", "OK", "INSUFFICIENT_DATA", "TRUE", "FALSE", "AND", "OR", "NOT", "AT_LEAST", "(", ")", ",", "a", "\"b c\"", "2", "50%", "\"", "\\",
        ]), 0..40),
    ) {
        let _ = composite::parse(&words.join(" "));
    }

    #[test]
    fn the_series_and_statistic_parsers_never_panic(text in "\\PC{0,40}") {
        let _ = text.parse::<Statistic>();
        if let Ok(points) = parse_series(&text) {
            prop_assert!(points.len() <= 1_000_000);
        }
    }

    #[test]
    fn a_percentile_lies_between_minimum_and_maximum(values in prop::collection::vec(0.0f64..1e6, 1..50), p in 0.0f64..=100.0) {
        let pairs: Vec<_> = values.iter().map(|value| (*value, 1.0)).collect();
        let sample = Sample::values(&pairs).unwrap();
        let found = Statistic::Percentile(p).of(&sample).unwrap();
        prop_assert!(values.contains(&found) && sample.min() <= found && found <= sample.max());
    }
}
