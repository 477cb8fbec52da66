use proptest::prelude::*;

use super::*;

const NOW: i64 = 1_767_571_200;

fn key() -> MetricKey {
    MetricKey::new("shop", "Latency").with("Service", "validator")
}

fn push(store: &mut Store, unit: &str, at: i64, value: f64) -> Result<(), Refused> {
    store.push(&Datapoint::new(key(), unit, at, Sample::value(value).unwrap()), NOW)
}

fn of(store: &Store, statistic: &str, start: i64, end: i64) -> Option<f64> {
    store.statistic(&key(), None, (start, end), &statistic.parse().unwrap())
}

#[test]
fn a_period_starts_inclusively_and_ends_exclusively() {
    let mut store = Store::default();
    for (at, value) in [(NOW, 1.0), (NOW + 59, 2.0), (NOW + 60, 4.0)] {
        push(&mut store, "Count", at, value).unwrap();
    }
    assert_eq!(of(&store, "Sum", NOW, NOW + 60), Some(3.0));
    assert_eq!(of(&store, "Sum", NOW, NOW + 120), Some(7.0));
    assert_eq!(of(&store, "Sum", NOW + 120, NOW + 180), None);
}

#[test]
fn another_dimension_set_is_another_metric() {
    let mut store = Store::default();
    push(&mut store, "Count", NOW, 1.0).unwrap();
    for other in [key().with("Outcome", "ok"), MetricKey::new("shop", "Latency")] {
        assert_eq!(store.statistic(&other, None, (NOW, NOW + 60), &Statistic::Sum), None);
    }
}

#[test]
fn units_are_streams_and_no_unit_means_all() {
    let mut store = Store::default();
    push(&mut store, "Seconds", NOW, 1.0).unwrap();
    push(&mut store, "Milliseconds", NOW, 5.0).unwrap();
    assert_eq!(store.statistic(&key(), Some("Seconds"), (NOW, NOW + 60), &Statistic::Sum), Some(1.0));
    assert_eq!(of(&store, "Sum", NOW, NOW + 60), Some(6.0));
    assert_eq!(store.units(&key()).collect::<Vec<_>>(), ["Milliseconds", "Seconds"]);
}

#[test]
fn what_cloudwatch_refuses_is_refused_and_counted() {
    let mut store = Store::new(Limits { metrics: 1, ..Limits::default() });
    assert_eq!(push(&mut store, "Count", NOW - 15 * 86_400, 1.0), Err(Refused::TooOld));
    assert_eq!(push(&mut store, "Count", NOW + 7_201, 1.0), Err(Refused::TooNew));
    push(&mut store, "Count", NOW, 1.0).unwrap();
    assert_eq!(push(&mut store, "Seconds", NOW, 1.0), Err(Refused::TooManyMetrics));
    assert_eq!(store.refused().map(|(_, count)| count).sum::<u64>(), 3);
}

#[test]
fn too_many_values_cost_the_percentiles_and_nothing_else() {
    let mut store = Store::new(Limits { values: 2, ..Limits::default() });
    for value in [1.0, 2.0, 3.0] {
        push(&mut store, "Count", NOW, value).unwrap();
    }
    assert_eq!((of(&store, "p50", NOW, NOW + 60), of(&store, "Sum", NOW, NOW + 60)), (None, Some(6.0)));
    assert_eq!(store.crowded(), 1);
}

#[test]
fn the_past_is_forgotten_and_seconds_become_minutes() {
    let mut store = Store::default();
    let mut point = Datapoint::new(key(), "Count", NOW + 7, Sample::value(3.0).unwrap());
    point.resolution = 1;
    store.push(&point, NOW).unwrap();
    assert_eq!(of(&store, "Sum", NOW + 7, NOW + 8), Some(3.0));
    let push_at = |store: &mut Store, now: i64| {
        store.push(&Datapoint::new(MetricKey::new("a", "b"), "Count", now, Sample::value(1.0).unwrap()), now).unwrap();
    };
    push_at(&mut store, NOW + 4 * 3_600);
    assert_eq!(of(&store, "Sum", NOW + 7, NOW + 8), None);
    assert_eq!(of(&store, "Sum", NOW, NOW + 60), Some(3.0));
    push_at(&mut store, NOW + 16 * 86_400);
    assert_eq!(store.metrics().count(), 1);
}

fn filled(stat: &str, limits: Limits) -> (Store, MetricId, Statistic) {
    let mut store = Store::new(limits);
    let stat: Statistic = stat.parse().unwrap();
    let id = store.watch(&key(), 60, &stat);
    for minute in 0..300 {
        store.push_watched(id, None, minute * 60 + 7, &Sample::value(minute as f64).unwrap());
    }
    (store, id, stat)
}

#[test]
fn a_long_period_equals_the_sum_of_its_minutes() {
    let (store, id, sum) = filled("Sum", Limits::replay());
    for (from, to) in [(0, 300), (1, 299), (59, 61), (60, 120), (7, 8), (130, 290)] {
        let expected: i64 = (from..to).sum();
        let found = store.aggregate(id, None, (from * 60, to * 60), &sum);
        assert_eq!(found, Some((expected as f64, (to - from) as f64)), "{from}..{to}");
    }
}

#[test]
fn extended_statistics_see_every_value_of_a_long_period() {
    for limits in [Limits::replay(), Limits::default()] {
        let (store, id, p50) = filled("p50", limits);
        assert_eq!(store.aggregate(id, None, (0, 300 * 60), &p50), Some((149.0, 300.0)));
        let (store, id, rank) = filled("PR(:59)", limits);
        assert_eq!(store.aggregate(id, None, (0, 300 * 60), &rank), Some((20.0, 300.0)));
    }
}

#[test]
fn a_rank_that_is_watched_later_counts_what_is_there() {
    let (mut store, id, _) = filled("Sum", Limits::default());
    let rank: Statistic = "PR(:59)".parse().unwrap();
    let before = store.aggregate(id, None, (0, 300 * 60), &rank);
    store.watch(&key(), 60, &rank);
    assert_eq!(store.aggregate(id, None, (0, 300 * 60), &rank), before);
    assert_eq!(before, Some((20.0, 300.0)));
}

#[test]
fn values_that_nobody_asked_for_are_not_made_up() {
    let (store, id, _) = filled("Sum", Limits::replay());
    assert_eq!(store.aggregate(id, None, (0, 3_600), &"p50".parse().unwrap()), None);
}

#[test]
fn minutes_and_seconds_of_one_metric_add_up() {
    let mut store = Store::default();
    push(&mut store, "Count", NOW, 1.0).unwrap();
    push(&mut store, "Count", NOW + 60, 2.0).unwrap();
    for (second, value) in [(70, 4.0), (75, 8.0), (5, 16.0)] {
        let mut point = Datapoint::new(key(), "Count", NOW + second, Sample::value(value).unwrap());
        point.resolution = 1;
        store.push(&point, NOW).unwrap();
    }
    for (from, to, sum) in [(60, 70, 2.0), (70, 80, 12.0), (60, 120, 14.0), (0, 5, 1.0), (0, 10, 17.0), (3, 71, 22.0)] {
        assert_eq!(of(&store, "Sum", NOW + from, NOW + to), Some(sum), "{from}..{to}");
        assert_eq!(of(&store, "Maximum", NOW + from, NOW + to), of(&store, "p100", NOW + from, NOW + to));
    }
}

proptest! {
    #[test]
    fn the_order_and_the_grouping_of_datapoints_have_no_meaning(values in prop::collection::vec((0i64..300, 0u32..50), 1..60)) {
        let (mut forward, mut backward) = (Store::default(), Store::default());
        for (at, value) in &values {
            push(&mut forward, "Count", NOW + at, f64::from(*value)).unwrap();
        }
        for (at, value) in values.iter().rev() {
            push(&mut backward, "Count", NOW + at, f64::from(*value)).unwrap();
        }
        let mut sorted: Vec<f64> = values.iter().map(|(_, value)| f64::from(*value)).collect();
        sorted.sort_by(f64::total_cmp);
        for statistic in ["Sum", "SampleCount", "Minimum", "Maximum", "p50", "p99", "PR(:20)"] {
            let (one, other) = (of(&forward, statistic, NOW, NOW + 300), of(&backward, statistic, NOW, NOW + 300));
            prop_assert_eq!(one, other, "{}", statistic);
        }
        prop_assert_eq!(of(&forward, "Maximum", NOW, NOW + 300), sorted.last().copied());
        prop_assert_eq!(of(&forward, "p50", NOW, NOW + 300), sorted.get(sorted.len().div_ceil(2) - 1).copied());
    }
}
