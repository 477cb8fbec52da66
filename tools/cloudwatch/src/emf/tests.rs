use proptest::prelude::*;
use serde_json::json;

use super::*;
use crate::Statistic;

fn record(directive: &Value, members: Value) -> Extraction {
    let mut root = members;
    root["_aws"] = json!({"Timestamp": 1_767_571_261_999i64, "CloudWatchMetrics": [directive]});
    extract(&root.to_string()).expect("a record")
}

fn one(metric: Value, members: Value) -> Extraction {
    record(&json!({"Namespace": "shop", "Dimensions": [["Service"]], "Metrics": [metric]}), members)
}

#[test]
fn the_specification_s_example_is_one_metric() {
    let out = extract(r#"{"_aws":{"Timestamp":1700000000000,"CloudWatchMetrics":[{"Namespace":"orders","Dimensions":[["Service"]],"Metrics":[{"Name":"Processed","Unit":"Count"}]}]},"Service":"worker","Processed":3,"orderId":"a property"}"#).unwrap();
    assert!(out.problems.is_empty());
    let [point] = out.datapoints.as_slice() else { panic!("{out:?}") };
    assert_eq!(point.key, MetricKey::new("orders", "Processed").with("Service", "worker"));
    assert_eq!(
        (point.unit.as_str(), point.at, point.resolution, point.sample.sum()),
        ("Count", 1_700_000_000, 60, 3.0)
    );
}

#[test]
fn every_set_times_every_metric_of_every_directive() {
    let directive = json!({"Namespace": "a", "Dimensions": [["X"], ["X", "Y"], []],
        "Metrics": [{"Name": "M"}, {"Name": "N", "Unit": "Bytes", "StorageResolution": 1}]});
    let root = json!({"_aws": {"Timestamp": 0, "CloudWatchMetrics": [directive, {"Namespace": "b", "Dimensions": [[]], "Metrics": [{"Name": "M"}]}]},
        "X": "x", "Y": "y", "M": 1, "N": [2, 3]});
    let out = extract(&root.to_string()).unwrap();
    assert_eq!((out.datapoints.len(), out.problems.len()), (7, 0));
    assert_eq!(out.datapoints.iter().filter(|point| point.resolution == 1).count(), 3);
    assert_eq!(out.datapoints.iter().filter(|point| point.unit == NO_UNIT).count(), 4);
}

#[test]
fn arrays_and_histograms_are_distributions() {
    let out = one(json!({"Name": "M"}), json!({"Service": "s", "M": [1, 1, 4]}));
    assert_eq!(out.datapoints[0].sample.count(), 3.0);
    let out =
        one(json!({"Name": "M"}), json!({"Service": "s", "M": {"Values": [1, 10], "Counts": [99, 1], "Sum": 109}}));
    let sample = &out.datapoints[0].sample;
    assert_eq!((sample.count(), sample.sum(), Statistic::Percentile(99.0).of(sample)), (100.0, 109.0, Some(1.0)));
}

#[test]
fn a_name_with_a_dot_is_a_literal_key() {
    let out = one(json!({"Name": "A.a"}), json!({"Service": "s", "A": {"a": 1}}));
    assert_eq!((out.datapoints.len(), out.problems.len()), (0, 1));
    let out = one(json!({"Name": "A.a"}), json!({"Service": "s", "A.a": 1}));
    assert_eq!((out.datapoints.len(), out.problems.len()), (1, 0));
}

#[test]
fn the_smallest_part_is_dropped_and_told() {
    let directive = json!({"Namespace": "a", "Dimensions": [["X"], ["Gone"], ["Seven"], ["Empty"]],
        "Metrics": [{"Name": "M"}, {"Name": "Gone"}, {"Name": "X"}, {"Name": "M", "Unit": "Furlongs"}, {"Name": "M", "StorageResolution": 5}]});
    let out = record(&directive, json!({"X": "x", "Seven": 7, "Empty": "", "M": 1}));
    assert_eq!(out.datapoints.len(), 1);
    let parts: Vec<_> = out.problems.iter().map(|problem| problem.part.as_str()).collect();
    assert_eq!(
        parts,
        ["Dimensions[1]", "Dimensions[2]", "Dimensions[3]", "Metrics[1]", "Metrics[2]", "Metrics[3]", "Metrics[4]"]
            .map(|part| format!("CloudWatchMetrics[0].{part}"))
    );
    assert!(out.problems.iter().all(|problem| problem.kind == ProblemKind::Validation));
}

#[test]
fn limits_hold() {
    let many = |count: usize| json!(vec![1; count]);
    let points = |target: Value| one(json!({"Name": "M"}), json!({"Service": "s", "M": target})).datapoints.len();
    assert_eq!((points(many(100)), points(many(101)), points(many(0))), (1, 0, 0));
    assert_eq!((points(json!({"Values": many(150)})), points(json!({"Values": many(151)}))), (1, 0));
    assert_eq!(points(json!({"Values": [1, 2], "Counts": [1]})), 0);
    assert_eq!(points(json!({"Values": [1], "Counts": [0]})), 0);
    assert_eq!(points(json!("1")), 0);
    let metrics: Vec<_> = (0..101).map(|_| json!({"Name": "M"})).collect();
    let out = record(&json!({"Namespace": "a", "Dimensions": [[]], "Metrics": metrics}), json!({"M": 1}));
    assert_eq!((out.datapoints.len(), out.problems.len()), (0, 1));
    for wrong in [
        json!({"Namespace": ":a", "Dimensions": [[]], "Metrics": []}),
        json!({"Namespace": "a", "Dimensions": [], "Metrics": []}),
        json!(null),
    ] {
        assert_eq!(record(&wrong, json!({})).problems.len(), 1, "{wrong}");
    }
}

#[test]
fn a_line_that_is_no_record_is_left_alone_and_a_broken_one_is_told() {
    for line in ["START RequestId: 1", r#"{"message":"hello"}"#, r#"{"a":{"_aws":1}}"#, ""] {
        assert_eq!(extract(line), None, "{line}");
    }
    for line in [r#"{"_aws":{}"#, r#"{"_aws":1}"#, r#"{"_aws":{"Timestamp":"now"}}"#, r#"{"_aws":{"Timestamp":1}}"#] {
        let out = extract(line).unwrap();
        assert_eq!(out.problems.len(), 1, "{line}");
        assert_eq!(out.problems[0].kind.metric(), "EMFParsingErrors");
    }
}

proptest! {
    #[test]
    fn nothing_makes_it_panic(text in r#"\{"_aws":[\[\]{}":,a-zA-Z0-9 ]{0,60}\}?"#) {
        let _ = extract(&text);
    }
}
