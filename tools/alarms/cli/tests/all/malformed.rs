//! Whatever a file holds, reading it ends, soon, with alarms or with words.

use std::time::{Duration, Instant};

use alarms_cli::{
    scenario::File,
    sources::{self, Found, Given, Input},
};
use proptest::prelude::*;

fn read(bytes: &[u8]) -> Result<usize, String> {
    let mut found = Found::default();
    let input = Input { name: "f".into(), bytes: bytes.to_vec(), is_named: true };
    let read = sources::read(&input, &Given::default(), &mut found);
    found.settle();
    read.map(|_| found.len()).map_err(|error| error.to_string())
}

const PLAN: &str = r#"{"format_version":"1.2","planned_values":{"root_module":{"resources":[{"address":"a.a","type":"aws_cloudwatch_metric_alarm","values":{"alarm_name":"a","namespace":"n","metric_name":"x","statistic":"Sum","period":60,"evaluation_periods":1,"threshold":1,"comparison_operator":"GreaterThanThreshold","dimensions":{"D":"v"},"metric_query":[]}}]}}}"#;
const TEMPLATE: &str = "Resources:\n  A:\n    Type: AWS::CloudWatch::Alarm\n    Properties: { AlarmName: !Sub 'a-${AWS::Region}', Namespace: n, MetricName: x, Statistic: Sum, Period: 60, EvaluationPeriods: 1, Threshold: 1, ComparisonOperator: GreaterThanThreshold, Dimensions: [{ Name: D, Value: !GetAtt Q.QueueName }] }\n";
const DESCRIBED: &str = r#"{"MetricAlarms":[{"AlarmName":"a","AlarmArn":"arn:aws:cloudwatch:eu-west-1:1:alarm:a","Namespace":"n","MetricName":"x","Statistic":"Sum","Period":60,"EvaluationPeriods":1,"Threshold":1,"ComparisonOperator":"GreaterThanThreshold"}],"CompositeAlarms":[{"AlarmName":"c","AlarmRule":"ALARM(a) OR NOT OK(a)"}]}"#;
const CATALOGUE: &str = "alarms: { a: { summary: s, severity: page, comparison: GreaterThanThreshold, threshold: 1, period: 60, evaluation_periods: 1, metrics: [{ id: m, namespace: n, metric: x, stat: Sum }, { id: e, expression: 'IF(m > 1, FILL(m, 0), 1)' }] } }\ncomposites: { c: { summary: s, severity: page, rule: 'AT_LEAST(1, ALARM, (a))' } }\n";
const SCENARIOS: &str = "metrics: { m: { namespace: n, metric: x } }\nscenarios:\n  - name: s\n    series: { m: '0x5 1+2x3 {80#95,3#5}x2 _' }\n    expect: [{ at: 5m, a: OK }]\n";

/// One alarm's values with some put in other's place, and a part of the reason.
fn values(changes: &[(&str, serde_json::Value)]) -> String {
    let mut plan: serde_json::Value = serde_json::from_str(PLAN).unwrap();
    for (key, value) in changes {
        plan["planned_values"]["root_module"]["resources"][0]["values"][*key] = value.clone();
    }
    plan.to_string()
}

#[test]
fn sixty_five_malformed_inputs_end_with_words() {
    use serde_json::json;
    let deep = |open: &str, close: &str| format!("{}{}", open.repeat(20_000), close.repeat(20_000));
    let texts: Vec<String> = vec![
        "".into(),
        " \n\t ".into(),
        "{".into(),
        "[".into(),
        "}".into(),
        "null".into(),
        "true".into(),
        "42".into(),
        "\"text\"".into(),
        "[]".into(),
        "{}".into(),
        "{\"a\":}".into(),
        "{\"a\":1,}".into(),
        "{'a':1}".into(),
        "a: b: c".into(),
        "- a\n b".into(),
        "\t- a".into(),
        "a: [".into(),
        "a: {".into(),
        "&a *a".into(),
        "a: *nope".into(),
        "a: 1\na: 2".into(),
        "!!binary x".into(),
        "%YAML 9".into(),
        "--- a\n--- b".into(),
        "alarms:".into(),
        "alarms: []".into(),
        "alarms: 5".into(),
        "alarms: { a: }".into(),
        "alarms: { a: { summary: s } }".into(),
        "Resources: []".into(),
        "Resources: 5".into(),
        "Resources: { A: 5 }".into(),
        "Resources: { A: { Type: 5 } }".into(),
        "scenarios: 5".into(),
        "{\"planned_values\":5}".into(),
        "{\"planned_values\":{\"root_module\":[]}}".into(),
        "{\"MetricAlarms\":5}".into(),
        "{\"resources\":[],\"lineage\":5}".into(),
        "{\"@level\":\"info\"}".into(),
        deep("[", "]"),
        deep("{\"a\":", "}"),
        deep("a: [", "]"),
        "a: &x [*x, *x]".into(),
        "x".repeat(1_000_000),
    ];
    let billion = (0..40)
        .fold("a0: &a0 [x]\n".to_owned(), |text, n| text + &format!("a{}: &a{} [*a{n}, *a{n}, *a{n}]\n", n + 1, n + 1));
    let mut inputs: Vec<Vec<u8>> = texts.into_iter().map(String::into_bytes).collect();
    inputs.push(billion.into_bytes());
    inputs.extend([
        vec![0],
        vec![0xff],
        vec![0xff, 0xfe],
        vec![0xff, 0xfe, 0x00],
        vec![0xef, 0xbb, 0xbf],
        vec![0x1f, 0x8b],
        b"PK\x03\x04".to_vec(),
        b"\x00{\x00".to_vec(),
        b"{\x00\xd8".to_vec(),
        b"a: \xc3\x28".to_vec(),
    ]);
    let whole = [
        values(&[("evaluation_periods", json!(1.7))]),
        values(&[("evaluation_periods", json!(1e300))]),
        values(&[("period", json!(-60))]),
        values(&[("period", json!("soon"))]),
        values(&[("threshold", json!("NaN"))]),
        values(&[("statistic", json!("p99"))]),
        values(&[("dimensions", json!(["x"]))]),
        values(&[("dimensions", json!({"a": {}}))]),
        values(&[("comparison_operator", json!("Above"))]),
        values(&[("treat_missing_data", json!("maybe"))]),
        values(&[("metric_query", json!([{}]))]),
        values(&[(
            "metric_query",
            json!([{"id": "e", "expression": "(".repeat(10_000), "return_data": true, "period": 60}]),
        )]),
        values(&[("unit", json!("Furlongs"))]),
    ];
    let named = whole.len();
    for text in &whole {
        assert_eq!(read(text.as_bytes()), Ok(1), "named and counted, not lost: {text}");
    }
    for bytes in &inputs {
        let begun = Instant::now();
        // Words, or alarms that are named with a reason: no panic, no hang.
        if let Err(words) = read(bytes) {
            assert!(words.starts_with("f") && words.len() < 600, "{words}");
        }
        assert!(begun.elapsed() < Duration::from_secs(10), "{:?}", &bytes[..bytes.len().min(40)]);
    }
    assert!(inputs.len() + named >= 65, "{}", inputs.len() + named);
}

#[test]
fn what_is_told_has_its_place() {
    assert_eq!(read(b"{\n  \"a\": ,\n}").unwrap_err(), "f:2:8: expected value");
    assert!(read(b"a: 1\nb: [\n").unwrap_err().starts_with("f:"), "{:?}", read(b"a: 1\nb: [\n"));
    assert!(read(b"\xef\xbb\xbfalarms: { a: { summary: s, severity: loud } }").unwrap_err().starts_with("f:1:"));
}

/// A known file with some of its bytes changed, doubled or taken out.
fn mangled() -> impl Strategy<Value = Vec<u8>> {
    let whole = prop::sample::select(vec![PLAN, TEMPLATE, DESCRIBED, CATALOGUE, SCENARIOS]);
    let edits = prop::collection::vec((any::<prop::sample::Index>(), any::<u8>(), 0..5_u8, 1..40_usize), 0..8);
    (whole, edits).prop_map(|(text, edits)| {
        let mut bytes = text.as_bytes().to_vec();
        for (at, byte, how, length) in edits {
            let at = at.index(bytes.len().max(1)).min(bytes.len());
            let end = (at + length).min(bytes.len());
            match how {
                0 => bytes.insert(at, byte),
                1 => drop(bytes.drain(at..end)),
                2 => {
                    let part = bytes[at..end].to_vec();
                    bytes.splice(at..at, part);
                }
                3 if at < bytes.len() => bytes[at] = byte,
                _ => drop(bytes.splice(at..end, b"${[{\"!Sub(".iter().copied())),
            }
        }
        bytes
    })
}

/// `FUZZ_CASES=1000000 cargo test -p alarms-cli --test all fuzz` goes on for longer.
fn cases() -> ProptestConfig {
    let cases = std::env::var("FUZZ_CASES").ok().and_then(|cases| cases.parse().ok()).unwrap_or(400);
    ProptestConfig { cases, max_shrink_iters: 200, ..ProptestConfig::default() }
}

proptest! {
    #![proptest_config(cases())]

    #[test]
    fn fuzz_every_reader(bytes in mangled()) {
        let begun = Instant::now();
        let _ = read(&bytes);
        if let Ok(text) = std::str::from_utf8(&bytes)
            && let Ok(file) = File::parse("f", text)
        {
            let _ = file.scenarios(crate::common::shared());
        }
        prop_assert!(begun.elapsed() < Duration::from_secs(5));
    }

    #[test]
    fn fuzz_the_small_languages(text in "[A-Za-z0-9_(){}\\[\\]<>=!&|,.+*/^'\"%# $:;-]{0,80}") {
        let _ = cloudwatch::math::parse(&text);
        let _ = alarms::composite::parse(&text);
        let _ = alarms_cli::scenario::parse_series(&text);
        let _ = alarms::model::Schedule::parse(&format!("cron({text})"));
        let _ = text.parse::<cloudwatch::Statistic>();
        let _ = alarms_cli::project::Project::read(&text);
        let _ = alarms_cli::scenario::Baseline::read(&text);
    }

    #[test]
    fn fuzz_recordings(text in "[0-9,.\":/ Tideme\\-\\n{}\\[\\]A-Z]{0,200}") {
        let alarm = &crate::common::shared().catalogue.metric_alarms[0];
        let _ = alarms_cli::backtest::Recording::read(&text, alarm);
    }
}
