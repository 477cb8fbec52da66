use std::time::Duration;

use metrique::unit::Count;
use metrique::unit_of_work::metrics;
use metrique::writer::value::{MetricFlags, ValueWriter};
use metrique::writer::{Unit, Value};

use super::*;
use crate::metrics::{Millis, describe, entry, own};

#[metrics(rename_all = "PascalCase", emf::dimension_sets = [[], ["Outcome"]])]
#[derive(Default)]
struct Orders {
    outcome: &'static str,
    #[metrics(unit = Count)]
    orders_accepted: u64,
    queue_wait: Millis,
}

fn write(entry: &impl Entry) -> Result<serde_json::Value, EmfError> {
    let mut out = String::new();
    let properties = Properties { texts: vec![("requestId", "r\"1".to_owned())] };
    EmfWriter::new("shop", "validator", "dev").write(entry, &properties, &mut out)?;
    assert_eq!(out.lines().count(), 1, "one record is one line");
    Ok(serde_json::from_str(&out).unwrap())
}

#[test]
fn a_record_has_the_shape_of_the_specification() {
    let record = write(&entry(Orders {
        outcome: "accepted",
        orders_accepted: 1,
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
    assert_eq!(record["QueueWait"].as_array().unwrap().len(), 3, "a plain array, as documented");
    assert_eq!(
        (&record["Service"], &record["Environment"], &record["Outcome"]),
        (&"validator".into(), &"dev".into(), &"accepted".into())
    );
    assert_eq!(record["requestId"], "r\"1");
}

#[test]
fn a_description_names_every_metric_even_without_values() {
    let specs = describe(Orders::default()).unwrap();
    let names: Vec<_> = specs.iter().map(|spec| (spec.name.as_str(), spec.unit.as_str())).collect();
    assert_eq!(names, [("OrdersAccepted", "Count"), ("QueueWait", "Milliseconds")]);
    assert_eq!(specs[0].dimension_sets, [vec!["Service", "Environment"], vec!["Service", "Environment", "Outcome"]]);
}

#[test]
fn this_crates_own_metrics_are_listed() {
    let own: Vec<_> =
        own().unwrap().into_iter().map(|spec| (spec.name, spec.unit, spec.dimension_sets.concat().join(","))).collect();
    let expected = [
        ("ColdStart", "Count", "Service,Environment"),
        ("TelemetryDropped", "Count", "Service,Environment"),
        ("StepDuration", "Milliseconds", "Service,Environment,Step"),
    ];
    assert_eq!(own, expected.map(|(name, unit, sets)| (name.to_owned(), unit.to_owned(), sets.to_owned())));
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
fn more_metrics_than_the_format_takes_are_refused() {
    assert!(write(&Many(100)).is_ok());
    assert!(matches!(write(&Many(101)), Err(EmfError::Limit { what: "metrics", .. })));
}

/// A value that writes as many observations as asked for.
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
fn a_record_over_a_megabyte_is_refused() {
    assert!(write(&Big(1000)).is_ok());
    assert!(matches!(write(&Big(MAX_RECORD_BYTES)), Err(EmfError::Limit { what: "bytes", .. })));
}

#[test]
fn more_dimensions_than_the_format_takes_are_refused() {
    let record = |names: usize| {
        let names: Vec<String> = (0..names).map(|at| format!("\"D{at}\"")).collect();
        format!("{{\"_aws\":{{\"CloudWatchMetrics\":[{{\"Dimensions\":[[\"A\"],[{}]]}}]}}}}", names.join(","))
    };
    assert!(check(record(30).as_bytes()).is_ok());
    assert!(matches!(check(record(31).as_bytes()), Err(EmfError::Limit { what: "dimensions", .. })));
}

/// A distribution with real counts.
struct Repeated;

impl Value for Repeated {
    fn write(&self, writer: impl ValueWriter) {
        let observation = |total, occurrences| metrique::writer::Observation::Repeated { total, occurrences };
        writer.metric([observation(6.0, 3), observation(4.0, 1)], Unit::None, [], MetricFlags::empty());
    }
}

struct Counted;

impl Entry for Counted {
    fn write<'a>(&'a self, writer: &mut impl EntryWriter<'a>) {
        writer.value("Metric", &Repeated);
    }
}

#[test]
fn real_counts_are_kept() {
    let record = write(&Counted).unwrap();
    assert_eq!(record["Metric"], serde_json::json!({"Values": [2, 4], "Counts": [3, 1]}));
}

#[test]
fn eleven_is_not_two_ones() {
    let mut out = Vec::new();
    plain_arrays(br#"{"M":{"Values":[1,2],"Counts":[1,11]},"N":{"Values":[3],"Counts":[1]}}"#, &mut out);
    assert_eq!(String::from_utf8(out).unwrap(), r#"{"M":{"Values":[1,2],"Counts":[1,11]},"N":[3]}"#);
}
