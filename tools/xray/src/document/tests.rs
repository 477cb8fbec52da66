use proptest::prelude::*;
use serde_json::json;

use super::*;

const TRACE: &str = "1-581cf771-a006649127e371903a2de979";

fn minimal() -> Value {
    json!({"name": "example.com", "id": "70de5b6f19ff9a0a", "start_time": 1.478293361271E9, "trace_id": TRACE,
           "end_time": 1.478293361449E9})
}

fn one(value: &Value) -> Result<Document, Rejection> {
    parse(&value.to_string()).remove(0)
}

fn code(change: impl FnOnce(&mut Value)) -> &'static str {
    let mut value = minimal();
    change(&mut value);
    one(&value).unwrap_err().code
}

#[test]
fn the_minimal_segment_of_the_documentation_is_taken() {
    let document = one(&minimal()).unwrap();
    assert_eq!(document.trace_id, TRACE);
    assert_eq!(document.spans.len(), 1);
    assert_eq!(document.spans[0].name, "example.com");
    assert!((document.spans[0].duration().unwrap() - 0.178).abs() < 1e-6);
}

#[test]
fn each_broken_required_field_has_its_code() {
    let remove = |field: &'static str| code(move |v| drop(v.as_object_mut().unwrap().remove(field)));
    let set = |field: &'static str, value: Value| code(move |v| v[field] = value);
    assert_eq!(remove("id"), "MissingId");
    assert_eq!(set("id", json!("12")), "InvalidId");
    assert_eq!(remove("name"), "MissingName");
    assert_eq!(set("name", json!("a{b}")), "InvalidName");
    assert_eq!(set("name", json!("x".repeat(201))), "InvalidName");
    assert_eq!(remove("trace_id"), "MissingTraceId");
    assert_eq!(set("trace_id", json!("1-581cf771-A006649127e371903a2de979")), "InvalidTraceId");
    assert_eq!(remove("start_time"), "MissingStartTime");
    assert_eq!(set("start_time", json!("now")), "InvalidStartTime");
    assert_eq!(remove("end_time"), "MissingEndTime");
    assert_eq!(set("end_time", json!(-1)), "InvalidEndTime");
    assert_eq!(set("in_progress", json!(true)), "InvalidInProgress");
    assert_eq!(set("parent_id", json!("x")), "InvalidParentId");
    assert_eq!(set("type", json!("subsegment")), "MissingParentId");
    assert_eq!(set("subsegments", json!({})), "InvalidSubsegments");
    assert_eq!(set("metadata", json!({"x": "y".repeat(MAX_DOCUMENT_BYTES)})), "DocumentTooLarge");
    assert_eq!(parse("{").remove(0).unwrap_err().code, "ParseError");
    assert_eq!(parse("[]").remove(0).unwrap_err().code, "MissingId");
}

#[test]
fn names_take_every_sign_that_aws_lists() {
    let mut value = minimal();
    value["name"] = json!("Größe 1_.:/%&#=+\\-@");
    one(&value).unwrap();
}

#[test]
fn a_bad_subsegment_refuses_its_segment_under_the_segments_id() {
    let mut value = minimal();
    value["subsegments"] = json!([{"id": "53995c3f42cd8ad8", "name": "x", "start_time": 1}]);
    let rejection = one(&value).unwrap_err();
    assert_eq!(rejection.code, "MissingEndTime");
    assert_eq!(rejection.id.as_deref(), Some("70de5b6f19ff9a0a"));
    assert!(rejection.to_string().starts_with("Invalid subsegment. ErrorCode: MissingEndTime, Cause: "));
}

#[test]
fn optional_fields_that_break_the_schema_are_removed_and_counted() {
    let mut value = minimal();
    value["fault"] = json!("yes");
    value["user"] = json!("u".repeat(251));
    value["surprise"] = json!(1);
    value["annotations"] = json!({"good": 1, "list": [1], "object": {}});
    // Absent in another spelling.
    value["origin"] = Value::Null;
    value["cause"] = json!("");
    let document = one(&value).unwrap();
    assert_eq!(document.removed_fields, 5);
    let span = &document.spans[0];
    assert!(!span.fault && span.body().get("user").is_none());
    assert_eq!(span.annotations().collect::<Vec<_>>(), [("good", &json!(1))]);
}

#[test]
fn embedded_subsegments_become_spans_with_parents() {
    let mut value = minimal();
    value["subsegments"] = json!([{"id": "0000000000000001", "name": "a", "start_time": 1, "end_time": 2, "namespace": "aws",
        "subsegments": [{"id": "0000000000000002", "name": "b", "start_time": 1, "in_progress": true}]}]);
    let document = one(&value).unwrap();
    let parents: Vec<_> = document.spans.iter().map(|s| s.parent_id.as_deref()).collect();
    assert_eq!(parents, [None, Some("70de5b6f19ff9a0a"), Some("0000000000000001")]);
    assert!(document.spans[2].in_progress());
}

#[test]
fn an_array_is_judged_element_by_element() {
    let text = json!([minimal(), {"name": "x"}, 3]).to_string();
    let outcome: Vec<_> = parse(&text).into_iter().map(|d| d.map(|_| ()).map_err(|r| r.code)).collect();
    assert_eq!(outcome, [Ok(()), Err("MissingTraceId"), Err("ParseError")]);
}

proptest! {
    #[test]
    fn no_text_panics(text in "\\PC{0,200}") {
        for document in parse(&text) {
            prop_assert!(document.is_err());
        }
    }

    #[test]
    fn one_wrong_field_is_refused_or_removed_never_kept(
        field in "name|id|trace_id|start_time|end_time|in_progress|parent_id|http|aws|annotations|metadata|subsegments|cause|user|origin|fault",
        wrong in prop_oneof![Just(json!([[]])), Just(json!(-7.5)), Just(json!({"a": {"b": []}})), Just(json!("\u{0}")), Just(json!(true))],
    ) {
        let mut value = minimal();
        value[&field] = wrong.clone();
        if let Ok(document) = one(&value) {
            // Whatever is kept has the form its readers expect.
            let span = &document.spans[0];
            prop_assert!(is_segment_id(&span.id));
            prop_assert!(span.body().get("http").is_none_or(Value::is_object));
            prop_assert!(span.body().get("fault").is_none_or(Value::is_boolean));
            prop_assert!(span.annotations().all(|(_, v)| !v.is_object() && !v.is_array()));
        }
    }
}
