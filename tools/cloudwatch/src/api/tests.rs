use std::io::Write as _;

use aws_wire::Reply;
use http::{HeaderMap, HeaderValue};
use serde_json::json;

use super::*;
use crate::{
    metric::MetricKey,
    sample::Sample,
    store::{Datapoint, Store},
};

const NOW: i64 = 1_767_571_200;

fn answer(store: &mut Store, path: &str, headers: &HeaderMap, body: &[u8], now: EpochSeconds) -> Reply {
    let call = match SERVICE.read(path, headers, body) {
        Ok(call) => call,
        Err(refusal) => return refusal,
    };
    call.reply(run(store, &call.operation, &call.input, now).expect("an operation on metrics"))
}

/// One error in ten requests, each minute for five minutes.
fn store() -> Store {
    let mut store = Store::default();
    for minute in 0..5 {
        let at = NOW - 300 + minute * 60;
        for (name, unit, value, count) in
            [("Count", "Count", 1.0, 10.0), ("5XXError", "Count", 1.0, 1.0), ("Latency", "Milliseconds", 20.0, 10.0)]
        {
            let key = MetricKey::new("AWS/ApiGateway", name).with("ApiName", "shop-api").with("Stage", "local");
            store.push(&Datapoint::new(key, unit, at, Sample::values(&[(value, count)]).unwrap()), NOW).unwrap();
        }
    }
    store
}

fn json_call(store: &mut Store, operation: &str, input: &Value) -> (u16, Value) {
    let mut headers = HeaderMap::new();
    let target = format!("GraniteServiceVersion20100801.{operation}");
    headers.insert("x-amz-target", HeaderValue::from_str(&target).unwrap());
    let reply = answer(store, "/", &headers, input.to_string().as_bytes(), NOW);
    (reply.status, serde_json::from_slice(&reply.body).unwrap())
}

fn metric(name: &str) -> Value {
    json!({"Namespace": "AWS/ApiGateway", "MetricName": name,
        "Dimensions": [{"Name": "Stage", "Value": "local"}, {"Name": "ApiName", "Value": "shop-api"}]})
}

fn data_query() -> Value {
    let stat = |name: &str, stat: &str| json!({"Metric": metric(name), "Period": 60, "Stat": stat});
    json!({"StartTime": NOW - 300, "EndTime": NOW, "MetricDataQueries": [
        {"Id": "errors", "MetricStat": stat("5XXError", "Sum"), "ReturnData": false},
        {"Id": "requests", "MetricStat": stat("Count", "SampleCount"), "ReturnData": false},
        {"Id": "rate", "Label": "Errors in %", "Expression": "100 * errors / requests"},
        {"Id": "p99", "MetricStat": stat("Latency", "p99")}]})
}

#[test]
fn metric_data_have_statistics_math_labels_and_the_newest_first() {
    let (status, body) = json_call(&mut store(), "GetMetricData", &data_query());
    assert_eq!(status, 200, "{body}");
    let results = body["MetricDataResults"].as_array().unwrap();
    assert_eq!(results.len(), 2);
    assert_eq!((&results[0]["Id"], &results[0]["Label"]), (&json!("rate"), &json!("Errors in %")));
    assert_eq!(results[0]["Values"], json!([10.0, 10.0, 10.0, 10.0, 10.0]));
    assert_eq!(results[0]["Timestamps"][0], json!((NOW - 60) as f64));
    assert_eq!((&results[1]["Label"], &results[1]["Values"][4]), (&json!("Latency"), &json!(20.0)));
}

#[test]
fn a_request_that_makes_no_sense_is_told_so() {
    let mut store = store();
    let with = |change: &dyn Fn(&mut Value)| {
        let mut query = data_query();
        change(&mut query);
        query
    };
    for (what, query) in [
        ("expression", with(&|query| query["MetricDataQueries"][2]["Expression"] = json!("errors /"))),
        ("Stat", with(&|query| query["MetricDataQueries"][3]["MetricStat"]["Stat"] = json!("p101"))),
        ("Period", with(&|query| query["MetricDataQueries"][3]["MetricStat"]["Period"] = json!(61))),
        ("Id", with(&|query| query["MetricDataQueries"][3]["Id"] = json!("P99"))),
        ("different periods", with(&|query| query["MetricDataQueries"][0]["MetricStat"]["Period"] = json!(300))),
        ("EndTime", with(&|query| query["EndTime"] = json!(NOW - 300))),
        ("datapoints", with(&|query| query["MaxDatapoints"] = json!(3))),
        ("timestamp", with(&|query| query["EndTime"] = json!("yesterday"))),
    ] {
        let (status, body) = json_call(&mut store, "GetMetricData", &query);
        assert_eq!(status, 400, "{what}: {body}");
        assert!(body["message"].as_str().unwrap().contains(what), "{what}: {body}");
    }
}

#[test]
fn statistics_come_with_their_unit() {
    let input = json!({"Namespace": "AWS/ApiGateway", "MetricName": "Latency", "Dimensions": metric("")["Dimensions"],
        "StartTime": NOW - 300, "EndTime": NOW, "Period": 300, "Statistics": ["Average", "Sum", "SampleCount"], "ExtendedStatistics": ["p50"]});
    let (status, body) = json_call(&mut store(), "GetMetricStatistics", &input);
    assert_eq!(status, 200, "{body}");
    assert_eq!(
        body["Datapoints"],
        json!([{"Timestamp": (NOW - 300) as f64, "Unit": "Milliseconds", "Average": 20.0, "Sum": 1000.0, "SampleCount": 50.0, "ExtendedStatistics": {"p50": 20.0}}])
    );
    let mut fine = input;
    fine["Period"] = json!(60);
    fine["StartTime"] = json!(NOW - 86_400 * 2);
    assert_eq!(
        json_call(&mut store(), "GetMetricStatistics", &fine).1["__type"],
        "InvalidParameterCombinationException"
    );
}

#[test]
fn what_is_put_is_listed_and_answered() {
    let mut store = store();
    let put = json!({"Namespace": "mine", "MetricData": [
        {"MetricName": "M", "Value": 2, "Unit": "Count", "Dimensions": [{"Name": "A", "Value": "a"}]},
        {"MetricName": "M", "Values": [1, 5], "Counts": [9, 1], "Unit": "Count", "Timestamp": NOW, "Dimensions": [{"Name": "A", "Value": "a"}]},
        {"MetricName": "S", "StatisticValues": {"SampleCount": 2, "Sum": 3, "Minimum": 1, "Maximum": 2}}]});
    assert_eq!(json_call(&mut store, "PutMetricData", &put).0, 200);
    let (_, listed) =
        json_call(&mut store, "ListMetrics", &json!({"Namespace": "mine", "Dimensions": [{"Name": "A"}]}));
    assert_eq!(
        listed["Metrics"],
        json!([{"Namespace": "mine", "MetricName": "M", "Dimensions": [{"Name": "A", "Value": "a"}]}])
    );
    let key = MetricKey::new("mine", "M").with("A", "a");
    assert_eq!(store.statistic(&key, None, (NOW, NOW + 60), &"Sum".parse().unwrap()), Some(16.0));
}

#[test]
fn an_impossible_datum_refuses_the_whole_call() {
    let datum = |change: Value| {
        let mut datum = json!({"MetricName": "M", "Value": 1});
        for (name, value) in change.as_object().unwrap() {
            datum[name] = value.clone();
        }
        json!({"Namespace": "mine", "MetricData": [{"MetricName": "Good", "Value": 1}, datum]})
    };
    let mut store = Store::default();
    for input in [
        datum(json!({"Unit": "Furlongs"})),
        datum(json!({"Values": [1]})),
        datum(json!({"Value": null, "Values": [1, 2], "Counts": [1]})),
        datum(json!({"Value": "NaN"})),
        datum(json!({"Timestamp": "yesterday"})),
        datum(json!({"StorageResolution": 5})),
        datum(json!({"Dimensions": [{"Name": "A", "Value": ""}]})),
        json!({"Namespace": "AWS/SQS", "MetricData": [{"MetricName": "M", "Value": 1}]}),
        json!({"Namespace": "mine"}),
    ] {
        let (status, body) = json_call(&mut store, "PutMetricData", &input);
        assert_eq!(status, 400, "{input}: {body}");
    }
    assert_eq!(store.metrics().count(), 0);
}

#[test]
fn the_query_protocol_says_the_same_in_xml() {
    let mut form = form_urlencoded::Serializer::new(String::new());
    form.append_pair("Action", "GetMetricStatistics").append_pair("Version", "2010-08-01");
    for (name, value) in [
        ("Namespace", "AWS/ApiGateway"),
        ("MetricName", "Count"),
        ("Dimensions.member.1.Name", "ApiName"),
        ("Dimensions.member.1.Value", "shop-api"),
        ("Dimensions.member.2.Name", "Stage"),
        ("Dimensions.member.2.Value", "local"),
        ("StartTime", "2026-01-04T23:55:00Z"),
        ("EndTime", "2026-01-05T00:00:00Z"),
        ("Period", "300"),
        ("Statistics.member.1", "Sum"),
        ("ExtendedStatistics.member.1", "p50"),
    ] {
        form.append_pair(name, value);
    }
    let reply = answer(&mut store(), "/", &HeaderMap::new(), form.finish().as_bytes(), NOW);
    let xml = String::from_utf8(reply.body).unwrap();
    assert_eq!(reply.status, 200, "{xml}");
    let datapoint = "<Datapoints><member><Timestamp>2026-01-04T23:55:00Z</Timestamp><Unit>Count</Unit><Sum>50.0</Sum>\
        <ExtendedStatistics><entry><key>p50</key><value>1.0</value></entry></ExtendedStatistics></member></Datapoints>";
    assert!(xml.contains(datapoint), "{xml}");

    let reply = answer(&mut store(), "/", &HeaderMap::new(), b"Action=PutMetricData&Namespace=%3Ca%26", NOW);
    let xml = String::from_utf8(reply.body).unwrap();
    assert!(reply.status == 400 && xml.contains("<Code>MissingParameter</Code>"), "{xml}");
}

#[test]
fn a_compressed_body_is_read_and_a_bomb_is_not() {
    let gzip = |text: &[u8]| {
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        encoder.write_all(text).unwrap();
        encoder.finish().unwrap()
    };
    let mut headers = HeaderMap::new();
    headers.insert("x-amz-target", HeaderValue::from_static("GraniteServiceVersion20100801.PutMetricData"));
    headers.insert("content-encoding", HeaderValue::from_static("gzip"));
    let mut store = Store::default();
    let body = gzip(json!({"Namespace": "a", "MetricData": [{"MetricName": "M", "Value": 1}]}).to_string().as_bytes());
    assert_eq!(answer(&mut store, "/", &headers, &body, NOW).status, 200);
    assert_eq!(answer(&mut store, "/", &headers, &gzip(&vec![b' '; 5 << 20]), NOW).status, 413);
    assert_eq!(answer(&mut store, "/", &headers, b"plain", NOW).status, 400);
}

#[test]
fn errors_over_cbor_carry_their_code_for_both_kinds_of_client() {
    let mut store = Store::default();
    let path = "/service/GraniteServiceVersion20100801/operation/GetMetricData";
    let reply = answer(&mut store, path, &HeaderMap::new(), &[0xa0], NOW);
    assert_eq!(reply.status, 400);
    let header = |name: &str| reply.headers.iter().find(|(header, _)| *header == name).map(|(_, value)| value.as_str());
    assert_eq!(header("x-amzn-query-error"), Some("ValidationError;Sender"));
    assert_eq!(header("smithy-protocol"), Some("rpc-v2-cbor"));
}
