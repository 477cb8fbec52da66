use std::sync::Arc;

use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;
use crate::{
    store::{Config, Store},
    trace::Trace,
};

const TRACE: &str = "1-59602603-23fc5b688855d396af79b496";

/// The samples of AWS's documentation (filter expressions, root cause analytics, API reference).
const DOCUMENTED: &[&str] = &[
    "responsetime > 5",
    "duration >= 5 AND duration <= 8",
    "ok",
    "!ok",
    "ok = false",
    "rootcause.fault.entity { last and name = \"deserialize\" }",
    "rootcause.responsetime.entity { remote and coverage > 0.7 and name = \"traces\" }",
    "rootcause.fault.service { inferred and name = traces and type = \"AWS::DynamoDB\" }",
    "service(\"data-plane\") {root = true and fault = true}",
    "http.status != 200",
    "ok !partial duration <3",
    "rootcause.fault.service { index > 5 }",
    "rootcause.responsetime.entity { last and coverage > 0.8 }",
    "http.url CONTAINS \"/api/game/\"",
    "user CONTAINS \"\"",
    "rootcause.fault.service { name = \"Auth\" }",
    "rootcause.responsetime.service { last and type = \"AWS::DynamoDB\" }",
    "rootcause.fault.exception { last and message = \"Access Denied for account_id: 1234567890\" }",
    "service(\"api.example.com\") { fault }",
    "service() { fault }",
    "service(){fault}",
    "service(\"x\")",
    "!service(\"x\")",
    "edge(\"api.example.com\", \"backend.example.com\") { error }",
    "http.url BEGINSWITH \"http://api.example.com/\" AND http.url CONTAINS \"/v2/\" AND !service(\"api.example.com\")",
    "http.url AND responseTime > 2",
    "annotation[gameid] = \"817DL6VO\"",
    "annotation[age]",
    "!annotation[age]",
    "annotation[age] > 29",
    "annotation.age > 30",
    "annotation.account = \"12345\"",
    "service { annotation[request.id] = \"917DL6VO\" }",
    "edge { source.annotation[request.id] = \"916DL6VO\" }",
    "edge { destination.annotation[request.id] = \"918DL6VO\" }",
    "group.name = \"high_response_time\" AND user = \"alice\"",
    "group.arn = \"arn:aws:xray:us-east-1:000000000000:group/x/1\"",
    "rootcause.json = #[{ \"Services\": [ { \"Name\": \"GetWeatherData\", \"EntityPath\": [{ \"Name\": \"GetWeatherData\" }, { \"Name\": \"get_temperature\" } ] }, { \"Name\": \"GetTemperature\", \"EntityPath\": [ { \"Name\": \"GetTemperature\" } ] } ] }]",
    "rootcause.json = #[{{{ \"Services\": [ { \"Name\": \"GetTemperature\" } ] }}}]",
    "service(id(name: \"random-name\", type: \"AWS::Lambda::Function\")) { error }",
    "service(id(type: \"AWS::Lambda::Function\")) { error }",
    "service(id(account.id: \"123456789012\"))",
    "edge(id(name: \"one\", type:\"service::type\"), id(name: \"two\", type:\"service::type\")) { fault }",
];

#[test]
fn every_documented_sample_parses() {
    for sample in DOCUMENTED {
        assert!(parse(sample).is_ok(), "{sample}: {:?}", parse(sample));
    }
}

/// POST /orders through an API stage and a function to a queue; a worker that failed at a table; a retry that did it.
fn order() -> Arc<Trace> {
    let documents = [
        json!({"name": "api/dev", "id": "00000000000000a1", "start_time": 100.0, "end_time": 100.5, "origin": "AWS::ApiGateway::Stage",
            "http": {"request": {"method": "POST", "url": "http://localhost/orders", "user_agent": "curl/8", "client_ip": "127.0.0.1"}, "response": {"status": 202}},
            "subsegments": [{"id": "00000000000000a2", "name": "Lambda", "start_time": 100.1, "end_time": 100.4, "namespace": "aws"}]}),
        json!({"name": "validator", "id": "00000000000000b1", "parent_id": "00000000000000a2", "start_time": 100.1, "end_time": 100.4,
            "origin": "AWS::Lambda::Function", "user": "alice", "annotations": {"orderId": "o-1", "vip": true, "total": 30.5}, "aws": {"account_id": "42"},
            "subsegments": [{"id": "00000000000000b2", "name": "SQS", "start_time": 100.2, "end_time": 100.3, "namespace": "aws", "aws": {"queue_url": "http://q/orders"}}]}),
        json!({"name": "processor", "id": "00000000000000c1", "parent_id": "00000000000000b2", "start_time": 101.0, "end_time": 103.0, "fault": true,
            "origin": "AWS::Lambda::Function", "annotations": {"orderId": "o-1", "step.name": "store", "final": false},
            "subsegments": [{"id": "00000000000000c3", "name": "DynamoDB", "start_time": 101.0, "end_time": 102.0, "namespace": "aws", "fault": true, "throttle": true,
                "aws": {"table_name": "orders"}, "cause": {"exceptions": [{"type": "Throttling", "message": "slow down"}]}}]}),
    ];
    let store = Store::new(Config::default());
    for mut document in documents {
        document["trace_id"] = json!(TRACE);
        assert_eq!(store.put(&document.to_string()), []);
    }
    store.trace(TRACE).unwrap()
}

struct Slow;
impl ResolveGroup for Slow {
    fn by_name(&self, name: &str) -> Option<String> {
        match name {
            "slow" => Some("duration > 2".to_owned()),
            "nested" => Some("group.name = \"slow\"".to_owned()),
            "all" => Some(String::new()),
            _ => None,
        }
    }
    fn by_arn(&self, arn: &str) -> Option<String> {
        self.by_name(arn.strip_prefix("arn:")?)
    }
}

#[test]
fn each_keyword_is_answered_from_the_level_it_belongs_to() {
    let trace = order();
    let yes = [
        "",
        "ok",
        "OK",
        "!fault",
        "fault = false",
        "fault != true",
        "ok = \"true\"",
        "throttle",
        "!partial",
        "inferred",
        "!error",
        "responsetime = 0.5",
        "responseTime < 1",
        "duration = 3",
        "duration>=3",
        "http.status = 202",
        "http.status != 200",
        "http.status",
        "http.url ENDSWITH \"/orders\"",
        "http.url beginswith \"http://\"",
        "http.method = POST",
        "http.useragent CONTAINS \"curl\"",
        "http.clientip = \"127.0.0.1\"",
        "user",
        "user = \"alice\"",
        "user CONTAINS \"\"",
        "user != \"bob\"",
        "!instance.id",
        "!resource.arn",
        "annotation.orderId = \"o-1\"",
        "annotation[orderId] BEGINSWITH \"o\"",
        "annotation[\"orderId\"]",
        "annotation[step.name] = store",
        "annotation.step.name = \"store\"",
        "annotation.vip",
        "annotation.vip = true",
        "annotation.vip != false",
        "annotation.total > 30",
        "annotation.total != 31",
        "!annotation.final",
        "!annotation.missing",
        "!annotation.orderId > 3",
        "annotation.orderId != \"x\"",
        "!annotation.missing != \"x\"",
        "service(\"validator\")",
        "!service(\"Validator\")",
        "service(\"processor\") { fault }",
        "!service(\"validator\") { fault }",
        "service() { fault and throttle }",
        "service { root and ok }",
        "service { name = \"orders\" and type = \"AWS::DynamoDB::Table\" and inferred }",
        "service(\"processor\") { annotation.orderId = \"o-1\" duration = 2 }",
        "service(id(type: \"AWS::DynamoDB::Table\"))",
        "service(id(name: \"validator\", account.id: \"42\"))",
        "!service(id(account.id: \"43\"))",
        "edge(\"api/dev\", \"validator\") { ok }",
        "edge(\"validator\", \"processor\") { fault }",
        "!edge(\"processor\", \"validator\")",
        "edge(\"processor\", \"orders\") { throttle and responsetime = 1 }",
        "edge { source.annotation[vip] and destination.annotation[step.name] = \"store\" }",
        "!edge { source.annotation[vip] and destination.annotation[vip] }",
        "rootcause.fault.service { first and name = \"processor\" }",
        "rootcause.fault.service { last and inferred and type = \"AWS::DynamoDB::Table\" }",
        "rootcause.fault.entity { remote and name = \"DynamoDB\" and index = 1 }",
        "rootcause.fault.exception { name = \"Throttling\" and message CONTAINS \"slow\" }",
        "!rootcause.error.entity",
        "rootcause.fault.entity",
        "group.name = \"slow\"",
        "group.arn = \"arn:slow\"",
        "group.name != \"slow\" OR ok",
        "group.name = \"all\"",
        "(fault OR ok) AND throttle",
        "fault OR ok throttle",
        "fault AND throttle OR ok",
        "ok !partial duration <5",
        "!(fault error)",
        "!!ok",
    ];
    for text in yes {
        let filter = Filter::new(text, &Slow).unwrap_or_else(|error| panic!("{text}: {error}"));
        assert!(filter.matches(&trace), "{text}");
        if !text.is_empty() {
            assert!(!Filter::new(&format!("!({text})"), &Slow).unwrap().matches(&trace), "!({text})");
        }
    }
}

#[test]
fn what_cannot_be_answered_is_refused_by_name() {
    let refusal = |text: &str| Filter::new(text, &Slow).unwrap_err();
    let unsupported = |keyword: &str| FilterError::Unsupported(keyword.to_owned());
    assert_eq!(refusal("rootcause.responsetime.entity { last }"), unsupported("rootcause.responsetime"));
    assert_eq!(refusal("rootcause.fault.entity { coverage > 0.5 }"), unsupported("coverage"));
    assert_eq!(refusal("rootcause.json = #[{\"Services\": []}]"), unsupported("rootcause.json"));
    assert_eq!(refusal("colour = \"red\""), FilterError::UnknownKeyword("colour".to_owned()));
    assert_eq!(refusal("group.name = \"none\""), FilterError::UnknownGroup("none".to_owned()));
    for (text, keyword) in [
        ("last", "last"),
        ("root", "root"),
        ("name = \"x\"", "name"),
        ("service { service(\"x\") }", "service"),
        ("edge { http.url }", "http.url"),
        ("source.annotation[a]", "source.annotation"),
        ("service { group.name = \"slow\" }", "group.name"),
        ("group.name = \"nested\"", "group.name"),
        ("rootcause.fault.service { annotation.a }", "annotation"),
        ("rootcause.fault.service { message = \"x\" }", "message"),
    ] {
        assert!(matches!(refusal(text), FilterError::Misplaced { keyword: k, .. } if k == keyword), "{text}");
        assert!(refusal(text).to_string().contains(keyword));
    }
    for text in [
        "fault > 1",
        "fault = 3",
        "duration = \"x\"",
        "duration CONTAINS 3",
        "http.url > \"a\"",
        "http.url = 3",
        "group.name",
        "group.name CONTAINS \"s\"",
        "annotation.a CONTAINS 3",
        "annotation.a > true",
    ] {
        assert!(matches!(refusal(text), FilterError::Type { .. }), "{text}: {:?}", refusal(text));
    }
}

#[test]
fn a_syntax_error_says_where() {
    for (text, at) in [
        ("ok AND", 6),
        ("(ok", 3),
        ("ok)", 2),
        ("duration >", 10),
        ("http.url = \"x", 11),
        ("service(x)", 8),
        ("service(\"x\" {", 12),
        ("annotation", 10),
        ("annotation[] = 1", 13),
        ("ok § fault", 3),
        ("id(name: \"x\")", 2),
        ("and ok", 0),
        ("rootcause.json = 3", 17),
        ("rootcause.json = #[{]", 17),
        ("duration < 3x", 11),
        ("{ok}", 0),
    ] {
        match parse(text) {
            Err(FilterError::Syntax { at: found, .. }) => assert_eq!(found, at, "{text}"),
            Err(FilterError::UnknownKeyword(word)) => assert_eq!(word, "id", "{text}"),
            other => panic!("{text}: {other:?}"),
        }
    }
}

#[test]
fn nesting_is_bounded() {
    for open in ["(", "!(", "service{", "edge{"] {
        assert!(matches!(parse(&open.repeat(100_000)), Err(FilterError::Syntax { .. })));
    }
    assert!(parse(&format!("{}ok", "!".repeat(100_001))).is_ok());
    assert!(parse(&vec!["ok"; 10_000].join(" AND ")).is_ok());
}

proptest! {
    #[test]
    fn no_text_panics(text in "\\PC{0,80}") {
        drop(Filter::new(&text, &Slow));
    }

    #[test]
    fn no_soup_of_tokens_panics(words in proptest::collection::vec(
        proptest::sample::select(vec!["ok", "!", "(", ")", "{", "}", "[", "]", "#[", "\"", "=", "!=", "<", ">=", "and", "OR", "annotation", "annotation.a", "service", "edge",
            "id", "name", ":", ",", "1", "-2.5e3", "true", "CONTAINS", "\"x\"", "rootcause.fault.entity", "rootcause.json", "group.name", "source.annotation", "é", "\\", "last", "http.url"]), 0..20),
    ) {
        let trace = order();
        for joined in [words.join(" "), words.concat()] {
            if let Ok(filter) = Filter::new(&joined, &Slow) {
                filter.matches(&trace);
            }
        }
    }

    #[test]
    fn a_cut_sample_never_panics(sample in proptest::sample::select(DOCUMENTED), from in 0_usize..40, to in 0_usize..200) {
        drop(parse(sample.get(from..to.min(sample.len())).unwrap_or_default()));
    }

    #[test]
    fn any_text_survives_quoting(value in "\\PC{0,20}") {
        let text = format!("user = {}", Value::from(value.replace('\\', "")));
        let expected = Literal::Text(value.replace('\\', ""));
        prop_assert_eq!(parse(&text).unwrap(), Expression::Keyword { name: "user".into(), test: Some((Operator::Equal, expected)) });
    }
}
