use std::time::Duration;

use metrique::{
    emf::{HighStorageResolution, NoMetric},
    unit::Count,
    unit_of_work::metrics,
    writer::Entry,
};

use super::*;
use crate::metrics::{Counter, Millis, describe, describe_steps, entry, own};

#[metrics(rename_all = "PascalCase", emf::dimension_sets = [[], ["Outcome"]])]
#[derive(Default)]
struct Orders {
    outcome: &'static str,
    orders_accepted: Counter,
    orders_rejected: Counter,
    queue_wait: Millis,
}

fn line(emf: &Emf<'_>) -> serde_json::Value {
    let mut out = String::new();
    let mut object = Object::open(&mut out);
    emf.write("shop", 1, &mut object);
    object.close();
    serde_json::from_str(&out).unwrap_or_else(|error| panic!("{error}: {out}"))
}

fn write(entry: &impl Entry) -> Result<serde_json::Value, EmfError> {
    let mut emf = Emf::new(["messageId"]);
    emf.entry(entry)?;
    Ok(line(&emf))
}

#[test]
fn a_record_has_the_shape_of_the_specification() {
    let record = write(&entry(Orders {
        outcome: "accepted",
        orders_accepted: 1.into(),
        orders_rejected: 0.into(),
        queue_wait: [1, 2, 2].map(Duration::from_millis).into_iter().collect(),
    }))
    .unwrap();
    let directive = &record["_aws"]["CloudWatchMetrics"][0];
    assert_eq!(directive["Namespace"], "shop");
    assert_eq!(
        directive["Dimensions"],
        serde_json::json!([["Service", "Environment"], ["Service", "Environment", "Outcome"]])
    );
    assert_eq!(
        directive["Metrics"],
        serde_json::json!([{"Name": "OrdersAccepted", "Unit": "Count"}, {"Name": "QueueWait", "Unit": "Milliseconds"}])
    );
    assert_eq!(record["OrdersAccepted"], 1);
    assert!(record.get("OrdersRejected").is_none(), "none is left out");
    assert_eq!(record["QueueWait"], serde_json::json!([1, 2, 2]), "a plain array, as documented");
    assert_eq!(record["Outcome"], "accepted");
}

#[test]
fn a_description_names_every_metric_even_without_values() {
    let specs = describe(Orders { outcome: "accepted", ..Orders::default() }).unwrap();
    let names: Vec<_> = specs.iter().map(|spec| (spec.name.as_str(), spec.unit.as_str())).collect();
    assert_eq!(names, [("OrdersAccepted", "Count"), ("OrdersRejected", "Count"), ("QueueWait", "Milliseconds")]);
    assert_eq!(specs[0].dimension_sets, [vec!["Service", "Environment"], vec!["Service", "Environment", "Outcome"]]);
}

#[test]
fn this_crates_own_metrics_are_listed() {
    let specs = [own().unwrap(), describe_steps(&["handler", "dead-letter"]).unwrap()].concat();
    let listed: Vec<_> =
        specs.into_iter().map(|spec| (spec.name, spec.unit, spec.dimension_sets.concat().join(","))).collect();
    let expected = [
        ("ColdStart", "Count"),
        ("TelemetryDropped", "Count"),
        ("HandlerDuration", "Milliseconds"),
        ("DeadLetterDuration", "Milliseconds"),
    ];
    assert_eq!(
        listed,
        expected.map(|(name, unit)| (name.to_owned(), unit.to_owned(), "Service,Environment".to_owned()))
    );
}

#[test]
fn records_of_the_same_dimensions_share_a_directive() {
    let (first, second) = (entry(Orders { outcome: "ok", orders_accepted: 1.into(), ..Orders::default() }), Counted);
    let mut emf = Emf::new([]);
    emf.entry(&first).unwrap();
    emf.entry(&second).unwrap();
    emf.durations("ParseDuration".into(), &[Point { value: 0.5, count: 1 }], true).unwrap();
    let record = line(&emf);
    let directives = record["_aws"]["CloudWatchMetrics"].as_array().unwrap();
    assert_eq!(directives.len(), 2);
    assert_eq!(directives[1]["Metrics"].as_array().unwrap().len(), 2);
    assert_eq!(record["ParseDuration"], 0.5);
}

#[test]
fn an_unpublished_duration_is_a_member_and_no_metric() {
    let mut emf = Emf::new([]);
    emf.durations("ParseDuration".into(), &[Point { value: 0.5, count: 1 }], false).unwrap();
    assert!(emf.is_empty() && emf.has_members());
    assert_eq!(line(&emf), serde_json::json!({"ParseDuration": 0.5}));
    emf.durations("StoreDuration".into(), &[Point { value: 2.0, count: 1 }], true).unwrap();
    let record = line(&emf);
    assert_eq!((&record["ParseDuration"], &record["StoreDuration"]), (&0.5.into(), &2.into()));
    let metrics = record["_aws"]["CloudWatchMetrics"][0]["Metrics"].as_array().unwrap();
    assert_eq!(metrics.len(), 1);
    assert_eq!(metrics[0]["Name"], "StoreDuration");
}

/// As many metrics as asked for.
struct Many(usize);

impl Entry for Many {
    fn write<'a>(&'a self, writer: &mut impl EntryWriter<'a>) {
        for at in 0..self.0 {
            writer.value(format!("Metric{at}"), &(at as u64));
        }
    }
}

#[test]
fn more_metrics_than_the_format_takes_are_refused_and_leave_nothing_behind() {
    assert!(write(&Many(100)).is_ok());
    let mut emf = Emf::new([]);
    assert!(matches!(emf.entry(&Many(101)), Err(EmfError::Limit { what: "metrics", .. })));
    emf.entry(&Many(1)).unwrap();
    assert_eq!(line(&emf).as_object().unwrap().len(), 2);
}

/// A member with a text of that length.
struct Text(usize);

impl Value for Text {
    fn write(&self, writer: impl ValueWriter) {
        writer.string(&"x".repeat(self.0));
    }
}

struct Big(usize);

impl Entry for Big {
    fn write<'a>(&'a self, writer: &mut impl EntryWriter<'a>) {
        writer.value("Metric", &1u64);
        writer.value("Text", &Text(self.0));
    }
}

#[test]
fn a_record_that_fills_a_log_event_is_refused() {
    assert!(write(&Big(1000)).is_ok());
    assert!(matches!(write(&Big(MAX_RECORD_BYTES)), Err(EmfError::Limit { what: "bytes", .. })));
}

/// A set of that many dimensions beside the two of every metric, all of this value.
struct Dimensioned(EntryDimensions, usize, &'static str);

fn dimensioned(count: usize, value: &'static str) -> Dimensioned {
    let names = (0..count).map(|at| format!("D{at}").into()).collect();
    Dimensioned(EntryDimensions::new(Cow::Owned(vec![Cow::Owned(names)])), count, value)
}

impl Entry for Dimensioned {
    fn write<'a>(&'a self, writer: &mut impl EntryWriter<'a>) {
        writer.config(&self.0);
        for at in 0..self.1 {
            writer.value(format!("D{at}"), self.2);
        }
        writer.value("Metric", &1u64);
    }
}

#[test]
fn more_dimensions_than_the_format_takes_are_refused() {
    assert!(write(&dimensioned(28, "x")).is_ok());
    assert!(matches!(write(&dimensioned(29, "x")), Err(EmfError::Limit { what: "dimensions", .. })));
}

#[test]
fn a_dimension_that_cloudwatch_refuses_is_refused() {
    for value in ["", " ", ":x", "a\nb", "gr\u{f6}\u{df}e"] {
        assert!(matches!(write(&dimensioned(1, value)), Err(EmfError::Dimension(_))), "{value:?}");
    }
}

#[metrics(rename_all = "PascalCase", emf::dimension_sets = [["Absent"]])]
struct Undimensioned {
    #[metrics(unit = Count)]
    orders: u64,
}

#[test]
fn a_dimension_without_a_field_is_refused() {
    assert!(matches!(describe(Undimensioned { orders: 1 }), Err(EmfError::Dimension(name)) if name == "Absent"));
}

/// One metric of this name.
struct Named(&'static str);

impl Entry for Named {
    fn write<'a>(&'a self, writer: &mut impl EntryWriter<'a>) {
        writer.value(self.0, &1u64);
    }
}

#[test]
fn names_that_a_line_has_or_that_cloudwatch_refuses_are_refused() {
    for name in [
        "Service",
        "Environment",
        "requestId",
        "durationMs",
        "_aws",
        "messageId",
        "",
        " ",
        ":x",
        "gr\u{f6}\u{df}e",
        &"x".repeat(256),
    ] {
        let named = Named(name.to_owned().leak());
        assert!(matches!(write(&named), Err(EmfError::Name(_))), "{name:?}");
    }
    struct Twice;
    impl Entry for Twice {
        fn write<'a>(&'a self, writer: &mut impl EntryWriter<'a>) {
            writer.value("Metric", &1u64);
            writer.value("Metric", &2u64);
        }
    }
    assert!(matches!(write(&Twice), Err(EmfError::Name(_))));
}

/// A distribution of a type of the user's own.
struct Own(Vec<Observation>);

impl Value for Own {
    fn write(&self, writer: impl ValueWriter) {
        writer.metric(self.0.iter().copied(), Unit::None, [], MetricFlags::empty());
    }
}

impl Entry for Own {
    fn write<'a>(&'a self, writer: &mut impl EntryWriter<'a>) {
        writer.value("Metric", self);
    }
}

struct Counted;

impl Entry for Counted {
    fn write<'a>(&'a self, writer: &mut impl EntryWriter<'a>) {
        let observation = |total, occurrences| Observation::Repeated { total, occurrences };
        writer.value("Metric", &Own(vec![observation(6.0, 3), observation(4.0, 1)]));
    }
}

#[test]
fn real_counts_are_kept() {
    assert_eq!(write(&Counted).unwrap()["Metric"], serde_json::json!({"Values": [2, 4], "Counts": [3, 1]}));
}

#[test]
fn values_of_any_type_are_joined_beyond_a_hundred() {
    let own = Own((1..=250).map(Observation::Unsigned).collect());
    let record = write(&own).unwrap();
    let (values, counts) =
        (record["Metric"]["Values"].as_array().unwrap(), record["Metric"]["Counts"].as_array().unwrap());
    assert!(values.len() <= 100);
    let sum: f64 =
        values.iter().zip(counts).map(|(value, count)| value.as_f64().unwrap() * count.as_f64().unwrap()).sum();
    assert_eq!(sum.round(), 31_375.0);
}

#[test]
fn values_that_cloudwatch_does_not_take_are_left_out_and_counted() {
    let own = Own([f64::NAN, f64::INFINITY, 1e200, -1e109, 7.5].map(Observation::Floating).to_vec());
    let mut emf = Emf::new([]);
    emf.entry(&own).unwrap();
    assert_eq!((&line(&emf)["Metric"], emf.refused_values), (&7.5.into(), 4));
}

/// What metrique's own flags ask for.
struct Flagged;

impl Entry for Flagged {
    fn write<'a>(&'a self, writer: &mut impl EntryWriter<'a>) {
        writer.value("Fine", &HighStorageResolution::from(1u64));
        writer.value("Property", &NoMetric::from(2u64));
    }
}

#[test]
fn metriques_flags_are_honoured() {
    let record = write(&Flagged).unwrap();
    assert_eq!(
        record["_aws"]["CloudWatchMetrics"][0]["Metrics"],
        serde_json::json!([{"Name": "Fine", "StorageResolution": 1}])
    );
    assert_eq!((&record["Fine"], &record["Property"]), (&1.into(), &2.into()));
}
