use cloudwatch::{MetricKey, Sample};

use super::*;

const START: i64 = 1_767_571_200;
const TOPIC: &str = "arn:aws:sns:us-east-1:000000000000:page";

fn service() -> AlarmService {
    let mut service = AlarmService::new("us-east-1", "000000000000", Store::default());
    service.tick(START);
    service
}

fn call(service: &mut AlarmService, operation: &str, input: Value) -> Result<Value, String> {
    let answer = service.run(operation, &input, START).expect("an operation on alarms");
    answer.result.map(|output| output.to_json()).map_err(|error| error.to_string())
}

fn plain(name: &str, threshold: u32) -> Value {
    json!({"AlarmName": name, "Namespace": "shop", "MetricName": "Errors", "Statistic": "Sum", "Period": 60,
        "Dimensions": [{"Name": "Service", "Value": "api"}], "EvaluationPeriods": 1, "Threshold": threshold,
        "ComparisonOperator": "GreaterThanThreshold", "TreatMissingData": "notBreaching", "AlarmActions": [TOPIC]})
}

fn math(name: &str) -> Value {
    let metric = |id: &str, metric: &str| {
        json!({"Id": id, "ReturnData": false, "MetricStat": {"Period": 60, "Stat": "Sum",
            "Metric": {"Namespace": "shop", "MetricName": metric, "Dimensions": [{"Name": "Service", "Value": "api"}]}}})
    };
    json!({"AlarmName": name, "EvaluationPeriods": 1, "Threshold": 10, "ComparisonOperator": "GreaterThanThreshold",
        "TreatMissingData": "notBreaching",
        "Metrics": [metric("e", "Errors"), metric("r", "Requests"), {"Id": "rate", "Expression": "100 * e / r"}]})
}

fn composite(name: &str, rule: &str) -> Value {
    json!({"AlarmName": name, "AlarmRule": rule, "AlarmActions": [TOPIC]})
}

fn record(service: &mut AlarmService, metric: &str, at: i64, value: f64) {
    let key = MetricKey::new("shop", metric).with("Service", "api");
    service.record(&Datapoint::new(key, "Count", at, Sample::value(value).unwrap()), at).unwrap();
}

fn three() -> AlarmService {
    let mut service = service();
    call(&mut service, "PutMetricAlarm", plain("plain", 1)).unwrap();
    call(&mut service, "PutMetricAlarm", math("math")).unwrap();
    call(&mut service, "PutCompositeAlarm", composite("both", "ALARM(plain) AND ALARM(math)")).unwrap();
    service
}

fn names(answer: &Value, kind: &str) -> Vec<String> {
    answer[kind].as_array().unwrap().iter().map(|alarm| alarm["AlarmName"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn a_plain_a_math_and_a_composite_alarm_go_to_alarm_and_back() {
    let mut service = three();
    record(&mut service, "Errors", START, 5.0);
    record(&mut service, "Requests", START, 20.0);
    let events = service.tick(START + 60);
    let seen: Vec<_> = events.iter().map(|event| (event.transition.alarm.as_str(), event.transition.to)).collect();
    assert_eq!(seen, [("plain", State::Alarm), ("math", State::Alarm), ("both", State::Alarm)]);
    assert_eq!((&events[0].actions, &events[1].actions), (&vec![TOPIC.to_owned()], &Vec::new()));
    assert_eq!(events[0].notification.subject, "ALARM: \"plain\" in US East (N. Virginia)");
    assert_eq!(events[0].notification.message["Trigger"]["Statistic"], "SUM");
    assert_eq!(events[1].notification.message["Trigger"]["Metrics"][2]["Expression"], "100 * e / r");
    service.acted(&events[0], TOPIC, Ok(()));
    service.tick(START + 300);

    let all = call(
        &mut service,
        "DescribeAlarms",
        json!({"AlarmTypes": ["MetricAlarm", "CompositeAlarm"], "StateValue": "OK"}),
    );
    assert_eq!(names(all.as_ref().unwrap(), "MetricAlarms"), ["math", "plain"]);
    assert_eq!(names(all.as_ref().unwrap(), "CompositeAlarms"), ["both"]);
    let history = call(&mut service, "DescribeAlarmHistory", json!({"AlarmName": "plain"})).unwrap();
    let summaries: Vec<_> = history["AlarmHistoryItems"]
        .as_array()
        .unwrap()
        .iter()
        .map(|item| item["HistorySummary"].as_str().unwrap())
        .collect();
    assert_eq!(
        summaries,
        [
            "Alarm updated from ALARM to OK",
            &format!("Successfully executed action {TOPIC}"),
            "Alarm updated from INSUFFICIENT_DATA to ALARM",
            "Alarm \"plain\" created"
        ]
    );
}

#[test]
fn alarms_are_described_by_every_filter_and_page_by_page() {
    let mut service = three();
    let mut describe = |input: Value| call(&mut service, "DescribeAlarms", input).unwrap();
    let both = json!(["MetricAlarm", "CompositeAlarm"]);
    assert_eq!(names(&describe(json!({})), "CompositeAlarms"), [""; 0], "without a type only metric alarms");
    assert_eq!(names(&describe(json!({"AlarmNames": ["plain", "nope"]})), "MetricAlarms"), ["plain"]);
    assert_eq!(names(&describe(json!({"AlarmNamePrefix": "ma"})), "MetricAlarms"), ["math"]);
    assert_eq!(names(&describe(json!({"ActionPrefix": "arn:aws:sns"})), "MetricAlarms"), ["plain"]);
    assert_eq!(names(&describe(json!({"ChildrenOfAlarmName": "both"})), "MetricAlarms"), ["math", "plain"]);
    assert_eq!(names(&describe(json!({"ParentsOfAlarmName": "math"})), "CompositeAlarms"), ["both"]);
    assert_eq!(names(&describe(json!({"StateValue": "ALARM"})), "MetricAlarms"), [""; 0]);
    let first = describe(json!({"AlarmTypes": both, "MaxRecords": 2}));
    assert_eq!(
        (names(&first, "MetricAlarms"), names(&first, "CompositeAlarms")),
        (vec!["math".into()], vec!["both".into()])
    );
    let second = describe(json!({"AlarmTypes": both, "MaxRecords": 2, "NextToken": first["NextToken"]}));
    assert_eq!((names(&second, "MetricAlarms"), &second["NextToken"]), (vec!["plain".to_owned()], &Value::Null));
    let described = describe(json!({"AlarmNames": ["plain"]}))["MetricAlarms"][0].clone();
    for (member, value) in plain("plain", 1).as_object().unwrap() {
        let same = described[member] == *value || described[member].as_f64() == value.as_f64() && value.is_number();
        assert!(same, "{member}: {}", described[member]);
    }
}

#[test]
fn what_cannot_be_evaluated_is_kept_and_says_so() {
    let mut service = service();
    let mut band = math("band");
    band["Metrics"][2]["Expression"] = json!("ANOMALY_DETECTION_BAND(e, 2)");
    band["ComparisonOperator"] = json!("GreaterThanUpperThreshold");
    band["ThresholdMetricId"] = json!("rate");
    band["Threshold"].take();
    let mut insights = math("insights");
    insights["Metrics"] = json!([{"Id": "q", "Period": 60, "Expression": "SELECT SUM(Errors) FROM shop"}]);
    let promql = json!({"AlarmName": "promql", "EvaluationCriteria": {"PromQLCriteria": {"Query": "up == 0"}}});
    for (alarm, words) in [(band, "anomaly detection"), (insights, "Metrics Insights"), (promql, "PromQL")] {
        call(&mut service, "PutMetricAlarm", alarm.clone()).unwrap();
        let found = call(&mut service, "DescribeAlarms", json!({"AlarmNames": [alarm["AlarmName"]]})).unwrap();
        let found = &found["MetricAlarms"][0];
        assert_eq!(found["StateValue"], "INSUFFICIENT_DATA");
        assert!(found["StateReason"].as_str().unwrap().contains(words), "{found}");
    }
    call(&mut service, "PutMetricAlarm", plain("plain", 1)).unwrap();
    call(&mut service, "PutCompositeAlarm", composite("either", "ALARM(band) OR ALARM(plain)")).unwrap();
    service.tick(START + 60);
    let state = |service: &mut AlarmService| {
        let input = json!({"AlarmNames": ["either"], "AlarmTypes": ["CompositeAlarm"]});
        call(service, "DescribeAlarms", input).unwrap()["CompositeAlarms"][0]["StateValue"].clone()
    };
    assert_eq!(state(&mut service), "INSUFFICIENT_DATA", "undecided without the band");
    record(&mut service, "Errors", START + 60, 5.0);
    service.tick(START + 120);
    assert_eq!(state(&mut service), "ALARM", "decided by the plain alarm");
}

#[test]
fn what_cloudwatch_refuses_is_refused_with_its_words() {
    let mut service = three();
    let with = |mut alarm: Value, change: Value| {
        for (name, value) in change.as_object().unwrap() {
            alarm[name] = value.clone();
        }
        alarm
    };
    for (words, change) in [
        ("ComparisonOperator is invalid", json!({"ComparisonOperator": "Above"})),
        ("EvaluationPeriods", json!({"EvaluationPeriods": 1.7})),
        ("DatapointsToAlarm must be less", json!({"DatapointsToAlarm": 2})),
        ("Statistic is invalid", json!({"Statistic": "p99"})),
        ("exactly one of Statistic", json!({"ExtendedStatistic": "p99"})),
        ("Period must be", json!({"Period": 45})),
        ("EvaluationPeriods * Period must be <= 86400", json!({"EvaluationPeriods": 2000})),
        ("TreatMissingData is invalid", json!({"TreatMissingData": "ok"})),
        ("Unit is invalid", json!({"Unit": "Furlongs"})),
        ("Invalid arn syntax: page", json!({"AlarmActions": ["page"]})),
        ("Threshold", json!({"Threshold": null})),
        ("another type", json!({"AlarmName": "both"})),
        ("1 to 255", json!({"AlarmName": ""})),
        ("invalid type", json!({"Dimensions": ["x"]})),
    ] {
        let error = call(&mut service, "PutMetricAlarm", with(plain("plain", 1), change)).unwrap_err();
        assert!(error.contains(words), "{words}: {error}");
    }
    let mut search = math("search");
    search["Metrics"][2]["Expression"] = json!("SEARCH('{shop} Errors', 'Sum')");
    assert!(
        call(&mut service, "PutMetricAlarm", search).unwrap_err().contains("SEARCH is not supported on Metric Alarms")
    );
    let mut two = math("two");
    two["Metrics"][0]["ReturnData"] = json!(true);
    assert!(call(&mut service, "PutMetricAlarm", two).unwrap_err().contains("Exactly one element"));
    for (words, rule) in
        [("alarms [nope] in the alarm rule do not exist", "ALARM(nope)"), ("Invalid alarm rule", "ALARM(")]
    {
        assert!(call(&mut service, "PutCompositeAlarm", composite("c", rule)).unwrap_err().contains(words), "{rule}");
    }
    let lonely = json!({"AlarmName": "c", "AlarmRule": "ALARM(plain)", "ActionsSuppressor": "math"});
    assert!(
        call(&mut service, "PutCompositeAlarm", lonely)
            .unwrap_err()
            .contains("ActionsSuppressorWaitPeriod is required")
    );
    assert!(
        call(&mut service, "SetAlarmState", json!({"AlarmName": "x", "StateValue": "OK", "StateReason": "r"})).is_err()
    );
}

#[test]
fn states_are_set_actions_switched_and_alarms_deleted() {
    let mut service = three();
    let set = json!({"AlarmName": "plain", "StateValue": "ALARM", "StateReason": "a drill"});
    let event = service.run("SetAlarmState", &set, START).unwrap().event.unwrap();
    assert_eq!(event.actions, [TOPIC]);
    call(&mut service, "DisableAlarmActions", json!({"AlarmNames": ["plain"]})).unwrap();
    let set = json!({"AlarmName": "plain", "StateValue": "OK", "StateReason": "over"});
    service.run("SetAlarmState", &set, START).unwrap();
    let set = json!({"AlarmName": "plain", "StateValue": "ALARM", "StateReason": "again"});
    assert_eq!(service.run("SetAlarmState", &set, START).unwrap().event.unwrap().actions, [""; 0]);

    assert!(call(&mut service, "DeleteAlarms", json!({"AlarmNames": ["both", "plain"]})).is_ok());
    let left = call(&mut service, "DescribeAlarms", json!({"AlarmTypes": ["MetricAlarm", "CompositeAlarm"]})).unwrap();
    assert_eq!((names(&left, "MetricAlarms"), names(&left, "CompositeAlarms")), (vec!["math".to_owned()], Vec::new()));
}

#[test]
fn a_composite_that_another_depends_on_stays() {
    let mut service = three();
    call(&mut service, "PutCompositeAlarm", composite("over", "ALARM(both)")).unwrap();
    assert!(
        call(&mut service, "DeleteAlarms", json!({"AlarmNames": ["both"]})).unwrap_err().contains("over depends on it")
    );
    call(&mut service, "DeleteAlarms", json!({"AlarmNames": ["over"]})).unwrap();
    call(&mut service, "DeleteAlarms", json!({"AlarmNames": ["both"]})).unwrap();
}

#[test]
fn tags_come_with_the_alarm_and_change_by_its_arn() {
    let mut service = service();
    let mut alarm = plain("plain", 1);
    alarm["Tags"] = json!([{"Key": "team", "Value": "orders"}]);
    call(&mut service, "PutMetricAlarm", alarm).unwrap();
    let arn = "arn:aws:cloudwatch:us-east-1:000000000000:alarm:plain";
    call(&mut service, "TagResource", json!({"ResourceARN": arn, "Tags": [{"Key": "stage", "Value": "dev"}]})).unwrap();
    call(&mut service, "UntagResource", json!({"ResourceARN": arn, "TagKeys": ["team"]})).unwrap();
    let tags = call(&mut service, "ListTagsForResource", json!({"ResourceARN": arn})).unwrap();
    assert_eq!(tags, json!({"Tags": [{"Key": "stage", "Value": "dev"}]}));
    assert!(call(&mut service, "ListTagsForResource", json!({"ResourceARN": "arn:x"})).is_err());
}

#[test]
fn alarms_of_a_metric_are_those_of_the_plain_form_on_its_very_dimensions() {
    let mut service = three();
    let mut of = |dimensions: Value| {
        let input = json!({"Namespace": "shop", "MetricName": "Errors", "Dimensions": dimensions});
        names(&call(&mut service, "DescribeAlarmsForMetric", input).unwrap(), "MetricAlarms")
    };
    assert_eq!(of(json!([{"Name": "Service", "Value": "api"}])), ["plain"]);
    assert_eq!(of(json!([])), [""; 0]);
}
