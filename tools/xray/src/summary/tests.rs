use serde_json::{Value, json};

use super::*;
use crate::store::{Config, Store};

const TRACE: &str = "1-59602603-23fc5b688855d396af79b496";

fn summary(documents: &[Value]) -> Value {
    let store = Store::new(Config::default());
    for document in documents {
        let mut document = document.clone();
        document["trace_id"] = json!(TRACE);
        assert_eq!(store.put(&document.to_string()), []);
    }
    serde_json::to_value(TraceSummary::of(&store.trace(TRACE).unwrap())).unwrap()
}

fn order() -> Vec<Value> {
    vec![
        json!({"name": "api/dev", "id": "00000000000000a1", "start_time": 100.0, "end_time": 100.5, "origin": "AWS::ApiGateway::Stage",
            "http": {"request": {"method": "POST", "url": "http://x/orders", "user_agent": "curl", "client_ip": "127.0.0.1"}, "response": {"status": 202}},
            "subsegments": [{"id": "00000000000000a2", "name": "Lambda", "start_time": 100.1, "end_time": 100.4, "namespace": "aws"}]}),
        json!({"name": "validator", "id": "00000000000000b1", "parent_id": "00000000000000a2", "start_time": 100.1, "end_time": 100.4,
            "origin": "AWS::Lambda::Function", "annotations": {"orderId": "o-1"}, "user": "u1",
            "resource_arn": "arn:aws:lambda:us-east-1:000000000000:function:validator"}),
        json!({"name": "processor", "id": "00000000000000c1", "parent_id": "00000000000000b1", "start_time": 101.0, "end_time": 103.0,
            "origin": "AWS::Lambda::Function", "annotations": {"orderId": "o-1", "attempt": 2, "final": true, "bad key": 1}, "fault": true,
            "subsegments": [{"id": "00000000000000c2", "name": "store", "start_time": 101.0, "end_time": 102.5, "fault": true,
                "subsegments": [{"id": "00000000000000c3", "name": "DynamoDB", "start_time": 101.0, "end_time": 102.0, "namespace": "aws",
                    "fault": true, "throttle": true, "error": true, "aws": {"table_name": "orders"},
                    "cause": {"exceptions": [{"id": "00000000000000e1", "type": "ThrottlingException", "message": "slow down"}]}}]}]}),
    ]
}

#[test]
fn times_flags_and_request_are_the_roots_but_throttle_and_duration_the_whole_traces() {
    let summary = summary(&order());
    assert_eq!(summary["StartTime"], 100.0);
    assert_eq!(summary["Duration"], 3.0);
    assert_eq!(summary["ResponseTime"], 0.5);
    assert_eq!(summary["HasFault"], false);
    assert_eq!(summary["HasThrottle"], true);
    assert_eq!(summary["IsPartial"], false);
    assert_eq!(
        summary["Http"],
        json!({"HttpURL": "http://x/orders", "HttpStatus": 202, "HttpMethod": "POST", "UserAgent": "curl", "ClientIp": "127.0.0.1"})
    );
    assert_eq!(
        summary["EntryPoint"],
        json!({"Name": "api/dev", "Names": ["api/dev"], "Type": "AWS::ApiGateway::Stage"})
    );
    assert_eq!(summary["ResourceARNs"], json!([{"ARN": "arn:aws:lambda:us-east-1:000000000000:function:validator"}]));
    assert_eq!(summary["Revision"], 3);
}

#[test]
fn annotations_carry_their_type_and_every_service_that_set_them() {
    let annotations = &summary(&order())["Annotations"];
    let order_id = &annotations["orderId"];
    assert_eq!(order_id.as_array().unwrap().len(), 1);
    assert_eq!(order_id[0]["AnnotationValue"], json!({"StringValue": "o-1"}));
    let names: Vec<_> = order_id[0]["ServiceIds"].as_array().unwrap().iter().map(|s| &s["Name"]).collect();
    assert_eq!(names, ["validator", "processor"]);
    assert_eq!(annotations["attempt"][0]["AnnotationValue"], json!({"NumberValue": 2.0}));
    assert_eq!(annotations["final"][0]["AnnotationValue"], json!({"BooleanValue": true}));
    assert!(annotations.get("bad key").is_none());
}

#[test]
fn at_most_fifty_annotations_are_indexed() {
    let many: serde_json::Map<String, Value> = (0..60).map(|n| (format!("k{n:02}"), json!(n))).collect();
    let document = json!({"name": "s", "id": "0000000000000001", "start_time": 1, "end_time": 2, "annotations": many});
    assert_eq!(summary(&[document])["Annotations"].as_object().unwrap().len(), MAX_ANNOTATIONS);
}

#[test]
fn a_root_cause_is_the_path_from_the_first_failed_segment_to_the_callee() {
    let causes = &summary(&order())["FaultRootCauses"];
    assert_eq!(causes.as_array().unwrap().len(), 1);
    assert_eq!(causes[0]["ClientImpacting"], false);
    let exception = json!([{"Name": "ThrottlingException", "Message": "slow down"}]);
    assert_eq!(
        causes[0]["Services"],
        json!([
            {"Name": "processor", "Names": ["processor"], "Type": "AWS::Lambda::Function", "Inferred": false, "EntityPath": [
                {"Name": "processor", "Exceptions": [], "Remote": false},
                {"Name": "store", "Exceptions": [], "Remote": false},
                {"Name": "DynamoDB", "Exceptions": exception, "Remote": true}]},
            {"Name": "orders", "Names": ["orders"], "Type": "AWS::DynamoDB::Table", "Inferred": true, "EntityPath": [
                {"Name": "DynamoDB", "Exceptions": exception, "Remote": false}]},
        ])
    );
}

#[test]
fn a_cause_that_refers_to_an_exception_elsewhere_is_resolved() {
    let mut documents = order();
    documents[2]["cause"] = json!("00000000000000e1");
    let causes = &summary(&documents)["FaultRootCauses"];
    assert_eq!(causes[0]["Services"][0]["EntityPath"][0]["Exceptions"][0]["Name"], "ThrottlingException");
}

#[test]
fn an_unfinished_root_has_no_response_time() {
    let summary = summary(&[json!({"name": "s", "id": "0000000000000001", "start_time": 1, "in_progress": true})]);
    assert_eq!((&summary["IsPartial"], &summary["Duration"]), (&json!(true), &json!(0.0)));
    assert!(summary.get("ResponseTime").is_none());
}
