use std::time::Duration;

use alarms::catalogue::NotEvaluated;
use quick_junit::{NonSuccessKind, Report, TestCase, TestCaseStatus, TestSuite, XmlString};

use crate::scenario::{Outcome, Untested};

/// Alarms that no scenario can be run against.
#[derive(Clone, Copy, Debug, Default)]
pub struct LeftOut<'a> {
    /// Which, and why.
    pub alarms: &'a [NotEvaluated],
    /// Whether that is a failure; they are skipped otherwise.
    pub denied: bool,
}

/// The outcomes as a JUnit report: a test case a scenario, with its file and time, and one for each alarm that is untested or left out.
///
/// # Errors
/// When it can't be written as XML.
pub fn junit(outcomes: &[Outcome], untested: &[Untested], left_out: LeftOut<'_>) -> anyhow::Result<String> {
    let mut suite = TestSuite::new("alarms");
    for outcome in outcomes {
        let reading = outcome.reading.as_ref().map(|reading| format!(" ({reading})")).unwrap_or_default();
        let mut status = match outcome.failures.first() {
            None => TestCaseStatus::success(),
            Some(_) => TestCaseStatus::non_success(NonSuccessKind::Failure),
        };
        if let Some(first) = outcome.failures.first() {
            let lines =
                outcome.failures.iter().flat_map(|failure| std::iter::once(&failure.message).chain(&failure.why));
            status.set_message(first.message.clone());
            status.set_description(lines.cloned().collect::<Vec<_>>().join("\n"));
        }
        let mut case = TestCase::new(format!("{}{reading}", outcome.scenario), status);
        case.set_classname("alarms.scenario").set_time(Duration::from_secs_f64(outcome.took_s.max(0.0)));
        case.extra.insert(XmlString::new("file"), XmlString::new(&outcome.place.file));
        case.extra.insert(XmlString::new("line"), XmlString::new(outcome.place.line.to_string()));
        if !outcome.depends.is_empty() {
            case.set_system_out(format!("holds, but not if: {}", outcome.depends.join("; ")));
        }
        suite.add_test_case(case);
    }
    for gap in untested {
        let mut status = TestCaseStatus::non_success(NonSuccessKind::Failure);
        status.set_message(gap.to_string());
        let mut case = TestCase::new(gap.alarm.clone(), status);
        case.set_classname("alarms.untested");
        suite.add_test_case(case);
    }
    for NotEvaluated { alarm, reason } in left_out.alarms {
        let mut status = if left_out.denied {
            TestCaseStatus::non_success(NonSuccessKind::Failure)
        } else {
            TestCaseStatus::skipped()
        };
        status.set_message(reason.clone());
        let mut case = TestCase::new(alarm.clone(), status);
        case.set_classname("alarms.unsupported");
        suite.add_test_case(case);
    }
    let mut report = Report::new("alarms");
    report.add_test_suite(suite);
    Ok(report.to_string()?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scenario::{Failure, Location};

    #[test]
    fn a_failure_is_counted_and_escaped() {
        let failure = Failure { message: "a < b & \"c\"".into(), why: vec!["x\u{1}".into()] };
        let outcome = Outcome {
            scenario: "s".into(),
            place: Location { file: "f.yaml".into(), line: 7 },
            reading: None,
            failures: vec![failure],
            fired: Vec::new(),
            checks: 1,
            took_s: 0.25,
            depends: Vec::new(),
        };
        let xml = junit(&[outcome], &[], LeftOut::default()).unwrap();
        assert!(xml.contains("tests=\"1\"") && xml.contains("failures=\"1\""), "{xml}");
        assert!(xml.contains("a &lt; b &amp; &quot;c&quot;"), "{xml}");
        assert!(xml.contains("file=\"f.yaml\"") && xml.contains("time=\"0.250\""), "{xml}");
        assert!(!xml.contains('\u{1}'), "{xml}");
    }

    #[test]
    fn what_is_left_out_is_skipped_or_denied() {
        let alarms = [NotEvaluated { alarm: "a".into(), reason: "r".into() }];
        let xml = |denied| junit(&[], &[], LeftOut { alarms: &alarms, denied }).unwrap();
        assert!(xml(false).contains("<skipped message=\"r\""), "{}", xml(false));
        assert!(xml(true).contains("<failure message=\"r\""), "{}", xml(true));
    }
}
