//! Ten thousand alarms of a template, read and linted: `cargo run --release -p alarms-cli --example template`.
//!
//! Every tenth is a rate of metric math, every hundredth a composite of the nine before it; a share of each is wrong, so that findings
//! are made and sorted as well. The time for reading and for linting is printed.

use std::time::Instant;

use alarms::evaluate::Options;
use alarms_cli::{
    lint::{self, Emitted, Limits},
    sources::{self, Found, Given, Input},
};
use serde_json::{Map, Value, json};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let alarms: usize = std::env::args().nth(1).map_or(Ok(10_000), |text| text.parse())?;
    let resources: Map<String, Value> = (0..alarms).map(|n| (format!("Alarm{n}"), alarm(n))).collect();
    let bytes = serde_json::to_vec_pretty(&json!({ "Resources": resources }))?;
    let size = bytes.len();
    let began = Instant::now();
    let mut found = Found::default();
    let input = Input { name: "template.json".to_owned(), bytes, is_named: true };
    sources::read(&input, &Given::default(), &mut found)?;
    found.settle();
    let reading = began.elapsed().as_secs_f64();
    let began = Instant::now();
    let (emitted, options) = (Emitted::aws()?, Options::default());
    let mut findings = 0;
    for group in &found.groups {
        let context = lint::Context {
            catalogue: &group.whole(),
            emitted: &emitted,
            limits: &Limits::of_resources(&found.resources),
            settings: None,
            runbooks: None,
            pages: None,
            dashboards: None,
            options: &options,
            ours: false,
        };
        findings += lint::run(&context).len();
    }
    let linting = began.elapsed().as_secs_f64();
    println!(
        "{} alarms in {:.1} MB: {findings} findings; read in {reading:.3} s, linted in {linting:.3} s, {:.3} s in all",
        found.len(),
        size as f64 / 1e6,
        reading + linting
    );
    Ok(())
}

fn alarm(n: usize) -> Value {
    let dimensions = |name: &str| json!([{ "Name": name, "Value": { "Ref": format!("Function{n}") } }]);
    let mut properties = json!({
        "AlarmName": { "Fn::Sub": format!("${{AWS::StackName}}-alarm-{n}") },
        "AlarmActions": [{ "Ref": "Topic" }],
        "EvaluationPeriods": 3,
        "Threshold": 5,
        "ComparisonOperator": "GreaterThanThreshold",
    });
    let metric =
        |name: &str| json!({ "Namespace": "AWS/Lambda", "MetricName": name, "Dimensions": dimensions("FunctionName") });
    let more = match n {
        n if n % 100 == 99 => {
            let rule: Vec<String> = (n - 9..n).map(|child| format!("ALARM(\"${{Alarm{child}}}\")")).collect();
            let properties =
                json!({ "AlarmRule": { "Fn::Sub": rule.join(" OR ") }, "AlarmActions": [{ "Ref": "Topic" }] });
            return json!({ "Type": "AWS::CloudWatch::CompositeAlarm", "Properties": properties });
        }
        n if n % 10 == 0 => {
            let stat = |id: &str, name: &str| json!({ "Id": id, "ReturnData": false, "MetricStat": { "Metric": metric(name), "Period": 60, "Stat": "Sum" } });
            let rate = json!({ "Id": "rate", "Expression": "100 * errors / invocations" });
            json!({ "Metrics": [stat("errors", "Errors"), stat("invocations", "Invocations"), rate], "TreatMissingData": "notBreaching" })
        }
        n => json!({
            "Namespace": "AWS/Lambda",
            "MetricName": if n % 7 == 0 { "Throtles" } else { "Throttles" },
            "Dimensions": dimensions(if n % 11 == 0 { "functionName" } else { "FunctionName" }),
            "Statistic": "Sum",
            "Period": 60,
            "TreatMissingData": "notBreaching",
        }),
    };
    if let (Some(properties), Some(more)) = (properties.as_object_mut(), more.as_object()) {
        properties.extend(more.clone());
    }
    json!({ "Type": "AWS::CloudWatch::Alarm", "Properties": properties })
}
