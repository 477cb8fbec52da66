//! The command: exit codes, what goes to stdout, and reports.

use std::{
    path::{Path, PathBuf},
    process::{Command, Output, Stdio},
};

fn root() -> PathBuf {
    crate::common::root()
}

fn fixture(name: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/all/fixtures/foreign").join(name);
    path.to_str().unwrap().to_owned()
}

fn alarms(folder: &Path, arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_alarms"))
        .args(arguments)
        .current_dir(folder)
        .env_remove("PROJECT_NAME")
        .env_remove("ENVIRONMENT")
        .env_remove("AWS_REGION")
        .output()
        .unwrap()
}

fn out(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).unwrap()
}

fn err(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).unwrap()
}

#[test]
fn lint_and_explain_need_no_arguments_from_the_root() {
    let output = alarms(&root(), &["lint"]);
    // A runbook page without its alarm, or the other way round, is the finding of another day.
    let other: Vec<_> = out(&output)
        .lines()
        .filter(|line| line.contains("] ") && !line.contains("[runbook]"))
        .map(str::to_owned)
        .collect();
    assert_eq!(other, Vec::<String>::new());
    assert!(out(&output).contains("USD a month"));
    let output = alarms(&root(), &["explain", "slo-freshness-fast-1h"]);
    assert_eq!(output.status.code(), Some(0), "{}", err(&output));
    assert!(out(&output).contains("PR(:60000) of ${namespace} EndToEndLatency"));
    assert!(out(&output).lines().count() < 40);
}

#[test]
fn some_scenarios_can_be_chosen() {
    let output = alarms(&root(), &["test", "--only", "Queue age: two minutes"]);
    assert_eq!(output.status.code(), Some(0), "{}{}", out(&output), err(&output));
    assert!(out(&output).contains("1 scenario,"), "{}", out(&output));
}

#[test]
fn a_plan_is_tested_and_untested_alarms_fail() {
    let folder = tempfile::tempdir().unwrap();
    let report = folder.path().join("report.xml");
    let (plan, scenarios) = (fixture("plan.json"), fixture("scenarios.yaml"));
    let arguments = ["test", "--plan", &plan, "--scenarios", &scenarios];
    let output = alarms(folder.path(), &[&arguments[..], &["--junit", report.to_str().unwrap()]].concat());
    assert_eq!(output.status.code(), Some(1));
    assert!(
        out(&output).contains("UNTESTED billing-maintenance: no scenario in which it fires, or recovers"),
        "{}",
        out(&output)
    );
    assert!(
        err(&output).contains("not evaluated: billing-anomaly: not supported without a scenario that gives the band")
    );
    let xml = std::fs::read_to_string(report).unwrap();
    assert!(xml.contains("name=\"the disk fills up\" classname=\"alarms.scenario\""), "{xml}");
    let output = alarms(folder.path(), &[&arguments[..], &["--allow-untested", "--json"]].concat());
    assert_eq!(output.status.code(), Some(0));
    let answer: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(answer["notEvaluated"][0]["alarm"], "billing-anomaly");
    assert_eq!(answer["outcomes"].as_array().unwrap().len(), 4);
}

#[test]
fn a_failure_shows_the_series_the_window_and_the_reason() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("wrong.yaml");
    let text = "metrics: { disk: { namespace: CWAgent, metric: disk_used_percent, dimensions: { host: billing-1, path: / } } }\n\
                scenarios: [{ name: wrong, step: 5m, series: { disk: 95x4 }, expect: [{ at: 16m, billing-disk-full: OK }] }]";
    std::fs::write(&file, text).unwrap();
    let output = alarms(
        folder.path(),
        &["test", "--plan", &fixture("plan.json"), "--scenarios", file.to_str().unwrap(), "--allow-untested"],
    );
    assert_eq!(output.status.code(), Some(1));
    let text = out(&output);
    for part in [
        "FAIL wrong",
        "at 16m: billing-disk-full should be OK and is ALARM",
        "series m1 (Average of CWAgent disk_used_percent {host=billing-1, path=/}): 95x4",
        "window (3 of 3 points must be >= 90): [-9m] - ",
        "why (ALARM since -3m): Threshold Crossed: ",
    ] {
        assert!(text.contains(part), "`{part}` is not in\n{text}");
    }
}

#[test]
fn what_cannot_be_carried_out_ends_with_2_and_says_what_helps() {
    let folder = tempfile::tempdir().unwrap();
    let output = alarms(folder.path(), &["test"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(err(&output).contains("name a plan, a template"), "{}", err(&output));
    assert_eq!(out(&output), "");
    let output = alarms(&root(), &["explain", "queue"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(err(&output).contains("there is no alarm `queue`; there are queue-age"), "{}", err(&output));
    assert_eq!(alarms(&root(), &["nonsense"]).status.code(), Some(2));
}

#[test]
fn a_recording_is_replayed_with_other_thresholds() {
    let folder = tempfile::tempdir().unwrap();
    let lines: String =
        (0..60).map(|minute| format!("{},{}\n", minute * 60, if minute % 20 < 5 { 200 } else { 5 })).collect();
    std::fs::write(folder.path().join("ages.csv"), format!("time,value\n{lines}")).unwrap();
    let series = folder.path().join("ages.csv");
    let output = alarms(
        &root(),
        &["backtest", "queue-age", "--threshold", "120", "--threshold", "250", "--series", series.to_str().unwrap()],
    );
    assert_eq!(output.status.code(), Some(0), "{}", err(&output));
    let text = out(&output);
    assert!(text.contains("queue-age > 120: fired 3 times"), "{text}");
    assert!(text.contains("queue-age > 250: fired 0 times"), "{text}");
}

#[test]
fn a_setting_that_changes_alone_is_found_with_the_threshold_to_write() {
    let folder = tempfile::tempdir().unwrap();
    let settings = folder.path().join("settings.json");
    let text = std::fs::read_to_string(root().join("terraform/settings.json")).unwrap();
    let mut changed: serde_json::Value = serde_json::from_str(&text).unwrap();
    changed["functions"]["processor"]["timeout_s"] = 20.into();
    std::fs::write(&settings, changed.to_string()).unwrap();
    let output = alarms(&root(), &["lint", "--settings", settings.to_str().unwrap()]);
    assert_eq!(output.status.code(), Some(1));
    assert!(out(&output).contains("processor-duration [follows]"), "{}", out(&output));
    assert!(out(&output).contains("write `threshold: 16000`"), "{}", out(&output));
}

#[test]
fn a_reader_that_goes_away_changes_nothing_about_the_end() {
    let folder = tempfile::tempdir().unwrap();
    let (plan, scenarios) = (fixture("plan.json"), fixture("scenarios.yaml"));
    for (arguments, code) in [
        (&["test", "--only", "Queue age", "--json"][..], 0),
        (&["lint"], 0),
        (&["explain", "queue-age"], 0),
        (&["test", "--plan", &plan, "--scenarios", &scenarios], 1),
        (&["test", "--only", "Queue age", "--watch"], 0),
    ] {
        let mut command = Command::new(env!("CARGO_BIN_EXE_alarms"));
        let error = std::fs::File::create(folder.path().join("stderr")).unwrap();
        command.args(arguments).current_dir(root()).stdout(Stdio::piped()).stderr(error);
        let mut child = command.spawn().unwrap();
        drop(child.stdout.take());
        assert_eq!(child.wait().unwrap().code(), Some(code), "{arguments:?}");
        let told = std::fs::read_to_string(folder.path().join("stderr")).unwrap();
        assert!(!told.contains("panicked") && !told.contains("pipe"), "{told}");
    }
}

#[test]
fn what_is_not_supported_can_be_denied() {
    let folder = tempfile::tempdir().unwrap();
    let (plan, scenarios) = (fixture("plan.json"), fixture("scenarios.yaml"));
    let test = ["test", "--allow-untested", "--plan", &plan, "--scenarios", &scenarios];
    assert_eq!(alarms(folder.path(), &test).status.code(), Some(0));
    let denied = alarms(folder.path(), &[&test[..], &["--deny-unsupported"]].concat());
    assert_eq!(denied.status.code(), Some(1));
    assert!(err(&denied).contains("not evaluated: billing-anomaly"), "{}", err(&denied));
    // A lint needs no data: only what nothing understands is not supported.
    let lint = alarms(folder.path(), &["lint", "--deny-unsupported", "--plan", &plan]);
    assert_eq!((lint.status.code(), err(&lint).contains("not evaluated")), (Some(0), false), "{}", out(&lint));
    let text = std::fs::read_to_string(&plan)
        .unwrap()
        .replace("\"threshold_metric_id\": \"band\"", "\"evaluation_criteria\": [{}]");
    std::fs::write(folder.path().join("prom.json"), text).unwrap();
    let lint = alarms(folder.path(), &["lint", "--deny-unsupported", "prom.json"]);
    assert_eq!(lint.status.code(), Some(1), "{}", out(&lint));
    assert!(err(&lint).contains("billing-anomaly: not supported: PromQL"), "{}", err(&lint));
    for command in [&["test", "--only", "Queue age"][..], &["lint"]] {
        let output = alarms(&root(), &[command, &["--deny-unsupported"]].concat());
        assert_eq!(output.status.code(), Some(0), "the project's own: {}{}", out(&output), err(&output));
    }
}

#[test]
fn every_command_has_examples_and_each_is_one() {
    let folder = tempfile::tempdir().unwrap();
    let help = |command: &str| out(&alarms(folder.path(), &[command, "--help"]));
    let commands: Vec<String> = out(&alarms(folder.path(), &["--help"]))
        .lines()
        .skip_while(|line| *line != "Commands:")
        .skip(1)
        .take_while(|line| !line.is_empty())
        .filter(|line| line.starts_with("  ") && !line.starts_with("   "))
        .filter_map(|line| line.split_whitespace().next().map(str::to_owned))
        .filter(|command| command != "help")
        .collect();
    assert!(commands.len() > 8, "{commands:?}");
    for command in commands {
        let help = help(&command);
        let examples: Vec<&str> = help.lines().filter_map(|line| line.strip_prefix("  alarms ")).collect();
        assert!(!examples.is_empty(), "alarms {command} --help has no example:\n{help}");
        for example in examples {
            // What it is for stands behind it; `--help` at the end parses the rest and runs nothing.
            let line = example.split("  ").next().unwrap().split(['>', '|']).next().unwrap();
            let mut words = shell_words::split(line).unwrap();
            words.push("--help".to_owned());
            let words: Vec<&str> = words.iter().map(String::as_str).collect();
            let output = alarms(folder.path(), &words);
            assert_eq!(output.status.code(), Some(0), "alarms {line}: {}", err(&output));
        }
    }
}
