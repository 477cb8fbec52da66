//! Each rule finds what it is for, and is quiet about the nearest sound definition.

use std::collections::BTreeSet;

use alarms::evaluate::Options;
use alarms_cli::lint::{self, Emitted, Finding, Limits, Prices, Runbooks};

use crate::common::{emitted, read_catalogue};

/// The validator may take 10 s, a message is kept for 4 days, a dead letter for 14.
const SETTINGS: &str = include_str!("../../../../../terraform/settings.json");

/// The rules that find something in a metric alarm, given its fields and metrics.
fn rules(fields: &str, metrics: &str) -> Vec<&'static str> {
    rules_of(&one(fields, metrics))
}

/// What is found in it, and what mends that.
fn messages(fields: &str, metrics: &str) -> Vec<String> {
    findings(&one(fields, metrics))
        .into_iter()
        .map(|finding| format!("{} ({})", finding.message, finding.fix))
        .collect()
}

fn one(fields: &str, metrics: &str) -> String {
    format!(
        "alarms: {{ a: {{ summary: s, severity: page, runbook: a, drill: d, comparison: GreaterThanThreshold, {fields}, metrics: [{metrics}] }} }}"
    )
}

fn rules_of(text: &str) -> Vec<&'static str> {
    findings(text).iter().map(|finding| finding.rule).collect()
}

fn findings(text: &str) -> Vec<Finding> {
    let catalogue = read_catalogue(text).unwrap();
    let emitted = emitted();
    let settings: serde_json::Value = serde_json::from_str(SETTINGS).unwrap();
    lint::run(&lint::Context {
        catalogue: &catalogue,
        emitted: &emitted,
        limits: &Limits::of(&emitted, &settings),
        settings: Some(&settings),
        runbooks: None,
        pages: None,
        dashboards: None,
        options: &Options::default(),
        ours: true,
    })
}

const ONE: &str = "threshold: 1, period: 60, evaluation_periods: 3, missing_data: notBreaching";
const QUEUE: &str = "{ id: m, namespace: AWS/SQS, metric: NumberOfMessagesSent, stat: Sum, dimensions: { QueueName: '${orders_queue_name}' } }";
const NONE: [&str; 0] = [];

#[test]
fn a_sound_alarm_has_no_finding() {
    assert_eq!(rules(ONE, QUEUE), NONE);
}

#[test]
fn emitted_metrics() {
    for wrong in [
        ("NumberOfMessagesSent", "NumberOfMessageSent"),
        ("QueueName:", "Queue:"),
        ("{ QueueName: '${orders_queue_name}' }", "{}"),
        ("${orders_queue_name}", "${api_name}"),
        ("AWS/SQS", "AWS/Nothing"),
        ("stat: Sum", "stat: Sum, unit: Seconds"),
    ] {
        assert_eq!(rules(ONE, &QUEUE.replace(wrong.0, wrong.1)), ["emitted"], "{wrong:?}");
    }
    let ours = "{ id: m, namespace: '${namespace}', metric: OrdersStored, stat: Sum, dimensions: { Service: processor, Environment: '${environment}' } }";
    assert_eq!(rules(ONE, ours), NONE);
    assert_eq!(rules(ONE, &ours.replace("processor", "validator")), ["emitted"]);
    assert_eq!(rules(ONE, &ours.replace(", Environment: '${environment}'", "")), ["emitted"]);
    // Documented traps: account-wide, and per operation only.
    let table = |metric: &str| {
        format!(
            "{{ id: m, namespace: AWS/DynamoDB, metric: {metric}, stat: Sum, dimensions: {{ TableName: '${{orders_table_name}}' }} }}"
        )
    };
    assert_eq!(rules(ONE, &table("WriteThrottleEvents")), NONE);
    assert_eq!(rules(ONE, &table("UserErrors")), ["emitted"]);
    assert_eq!(rules(ONE, &table("SystemErrors")), ["emitted"]);
}

#[test]
fn window() {
    let fields = |text: &str| format!("threshold: 1, missing_data: notBreaching, {text}");
    let found = |text: &str| rules(&fields(text), QUEUE);
    assert_eq!(found("period: 60, evaluation_periods: 3, datapoints_to_alarm: 4"), ["window"]);
    assert_eq!(found("period: 60, evaluation_periods: 1440"), NONE);
    assert_eq!(found("period: 60, evaluation_periods: 1441"), ["window"]);
    assert_eq!(found("period: 3600, evaluation_periods: 168"), NONE);
    assert_eq!(found("period: 3600, evaluation_periods: 169"), ["window"]);
    assert_eq!(found("period: 10, evaluation_periods: 3"), ["window"]);
    let eleven: Vec<String> = (0..11).map(|n| QUEUE.replace("id: m", &format!("id: m{n}"))).collect();
    assert!(rules(ONE, &eleven.join(", ")).contains(&"window"));
}

#[test]
fn missing_data() {
    assert_eq!(rules("threshold: 1, period: 60, evaluation_periods: 3", QUEUE), ["missing-data"]);
}

#[test]
fn action() {
    let text = |severity: &str, rule: &str| {
        format!(
            "alarms: {{ a: {{ summary: s, severity: {severity}, runbook: a, drill: d, comparison: GreaterThanThreshold, {ONE}, metrics: [{QUEUE}] }} }}\n\
             composites: {{ c: {{ summary: s, severity: page, runbook: c, drill: d, rule: {rule} }} }}"
        )
    };
    assert_eq!(rules_of(&text("none", "'ALARM(\"${prefix}-a\")'")), NONE);
    assert_eq!(rules_of(&text("none", "'TRUE'")), ["action"]);
    assert_eq!(rules_of(&text("page", "'TRUE'")), NONE);
}

#[test]
fn threshold() {
    let duration = "{ id: m, namespace: AWS/Lambda, metric: Duration, stat: Maximum, dimensions: { FunctionName: '${validator_function_name}' } }";
    let at = |threshold: &str| {
        format!("threshold: {threshold}, period: 60, evaluation_periods: 3, missing_data: notBreaching")
    };
    assert_eq!(rules(&at("9999"), duration), NONE);
    assert_eq!(rules(&at("10000"), duration), ["threshold"]);
    assert_eq!(rules(&at("-1"), duration), ["threshold"]);
    let age = "{ id: m, namespace: AWS/SQS, metric: ApproximateAgeOfOldestMessage, stat: Maximum, dimensions: { QueueName: '${orders_queue_name}' } }";
    assert_eq!(rules(&at("345599"), age), NONE);
    assert_eq!(rules(&at("345600"), age), ["threshold"]);
    let rate = |expression: &str| format!("{QUEUE}, {{ id: e, expression: '{expression}' }}");
    assert_eq!(rules(&at("99"), &rate("IF(m >= 20, 100 * m / m, 0)")), NONE);
    assert_eq!(rules(&at("100"), &rate("IF(m >= 20, 100 * m / m, 0)")), ["threshold"]);
    assert_eq!(rules(&at("1"), &rate("m > 5")), ["threshold"]);
    assert_eq!(rules(&at("0"), &rate("m > 5")), NONE);
}

#[test]
fn a_threshold_follows_its_settings() {
    let at = |threshold: &str, follows: &str| {
        let fields = "period: 60, evaluation_periods: 3, missing_data: notBreaching";
        messages(&format!("threshold: {threshold}, {fields}, follows: {{ {follows} }}"), QUEUE)
    };
    let (timeout, both) = (
        "times: { functions.validator.timeout_s: 800 }",
        "times: { dead_letter_queue.retention_s: 1, queue.retention_s: -1 }, plus: -172800",
    );
    assert_eq!(at("8000", timeout), NONE);
    assert_eq!(at("691200", both), NONE);
    assert_eq!(
        at("9600", timeout),
        [
            "its threshold is 9600, and the settings make it 8000: 800 x functions.validator.timeout_s (write `threshold: 8000`)"
        ]
    );
    assert_eq!(
        at("1", both),
        [
            "its threshold is 1, and the settings make it 691200: 1 x dead_letter_queue.retention_s + -1 x queue.retention_s + -172800 (write `threshold: 691200`)"
        ]
    );
    let wrong = at("1", "times: { functions.validator: 1 }");
    assert!(wrong[0].starts_with("its threshold follows functions.validator, and no setting"), "{wrong:?}");
}

#[test]
fn low_traffic() {
    let found = |expression: &str| rules(ONE, &format!("{QUEUE}, {{ id: e, expression: '{expression}' }}"));
    assert_eq!(found("100 * m / m"), ["low-traffic"]);
    assert_eq!(found("IF(m > 0, 100 * m / m, 0)"), ["low-traffic"]);
    assert_eq!(found("IF(FILL(m, 0) >= 20, 100 * m / m, 0)"), NONE);
    assert_eq!(found("m / PERIOD(m)"), NONE);
    // Whether there is any at all is no question of traffic, and a level is no traffic.
    let any = ONE.replace("threshold: 1", "threshold: 0");
    let share = |stat: &str| format!("{}, {{ id: e, expression: '100 * m / (m + 1)' }}", QUEUE.replace("Sum", stat));
    assert_eq!(rules(&any, &share("Sum")), NONE);
    assert_eq!(rules(ONE, &share("Sum")), ["low-traffic"]);
    assert_eq!(rules(ONE, &share("Maximum")), NONE);
    let api = |stat: &str| {
        format!(
            "{{ id: m, namespace: AWS/ApiGateway, metric: 5XXError, stat: {stat}, dimensions: {{ ApiName: '${{api_name}}', Stage: '${{api_stage}}' }} }}"
        )
    };
    let half = ONE.replace("threshold: 1", "threshold: 0.5");
    assert_eq!(rules(&half, &api("Average")), ["low-traffic"]);
    assert_eq!(rules(&half, &api("Sum")), NONE);
}

#[test]
fn composite() {
    let text = |c: &str, d: &str| {
        format!(
            "alarms: {{ a: {{ summary: s, severity: page, runbook: a, drill: d, comparison: GreaterThanThreshold, {ONE}, metrics: [{QUEUE}] }} }}\n\
             composites: {{ c: {{ summary: s, severity: page, runbook: c, drill: d, {c} }}, d: {{ summary: s, severity: page, runbook: c, drill: d, {d} }} }}"
        )
    };
    let held = |by: &str| {
        format!("rule: 'ALARM(\"${{prefix}}-a\")', suppressor: {by}, suppressor_wait_s: 1, suppressor_extension_s: 1")
    };
    assert_eq!(rules_of(&text("rule: 'TRUE'", &held("c"))), NONE);
    assert_eq!(rules_of(&text("rule: 'ALARM(nobody)'", "rule: 'TRUE'")), ["composite"]);
    // The third wave.
    assert_eq!(rules_of(&text(&held("a"), &held("c"))), ["composite"]);
    assert_eq!(rules_of(&text("rule: 'TRUE'", "rule: 'ALARM(\"${prefix}-c\")'")), ["composite"]);
}

#[test]
fn an_alarm_of_another_stack_is_a_note_to_strangers() {
    let text = "alarms: {}\ncomposites: { c: { summary: s, severity: page, rule: 'ALARM(elsewhere)' } }";
    let catalogue = read_catalogue(text).unwrap();
    let findings = lint::run(&lint::Context {
        catalogue: &catalogue,
        emitted: &emitted(),
        limits: &Limits::default(),
        settings: None,
        runbooks: None,
        pages: None,
        dashboards: None,
        options: &Options::default(),
        ours: false,
    });
    let [found] = &findings[..] else { panic!("{findings:?}") };
    assert!(found.is_note && found.message.contains("`elsewhere`, which is not among the alarms"), "{found:?}");
}

#[test]
fn runbook_pages_and_alarms_belong_together() {
    let text = format!(
        "alarms: {{ a: {{ summary: s, severity: page, runbook: page-a, drill: d, comparison: GreaterThanThreshold, {ONE}, metrics: [{QUEUE}] }} }}"
    );
    let catalogue = read_catalogue(&text).unwrap();
    let emitted = Emitted::aws().unwrap();
    let found = |pages: &[&str]| {
        let pages: BTreeSet<String> = pages.iter().map(|page| (*page).to_owned()).collect();
        let findings = lint::run(&lint::Context {
            catalogue: &catalogue,
            emitted: &emitted,
            limits: &Limits::default(),
            settings: None,
            runbooks: Some(&Runbooks(pages)),
            pages: None,
            dashboards: None,
            options: &Options::default(),
            ours: true,
        });
        findings.into_iter().map(|finding| finding.message).collect::<Vec<_>>()
    };
    assert_eq!(found(&["page-a"]), NONE);
    assert_eq!(found(&[]), NONE, "no page is written yet");
    assert_eq!(found(&["page-b"]), ["its runbook runbooks/page-a.md does not exist", "no alarm names this page"]);
}

#[test]
fn runbook_folders_are_listed_without_index_and_template() {
    let folder = tempfile::tempdir().unwrap();
    for file in ["queue-age.md", "README.md", "_template.md", "notes.txt"] {
        std::fs::write(folder.path().join(file), "").unwrap();
    }
    assert_eq!(Runbooks::of(folder.path()).unwrap().0, BTreeSet::from(["queue-age".to_owned()]));
    assert_eq!(Runbooks::of(&folder.path().join("none")).unwrap(), Runbooks::default());
}

#[test]
fn the_price_counts_metrics_and_composites() {
    let text = format!(
        "alarms: {{ a: {{ summary: s, severity: page, runbook: a, comparison: GreaterThanThreshold, {ONE}, metrics: [{QUEUE}, {}] }} }}\n\
         composites: {{ c: {{ summary: s, severity: page, rule: 'TRUE' }} }}",
        QUEUE.replace("id: m", "id: n")
    );
    let prices = Prices::read(Prices::BUILT_IN).unwrap();
    let elsewhere = Prices::read(&Prices::BUILT_IN.replace("us-east-1", "eu-west-1")).unwrap();
    assert_eq!((elsewhere.region.as_str(), elsewhere.composite), ("eu-west-1", prices.composite));
    let price = prices.of(&read_catalogue(&text).unwrap());
    assert_eq!((price.standard_metrics, price.high_resolution_metrics, price.composites), (2, 0, 1));
    assert_eq!(price.usd_a_month, 2.0 * prices.standard_metric + prices.composite);
}
