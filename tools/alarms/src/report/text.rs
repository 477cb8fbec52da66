use crate::lint::Finding;
use crate::scenario::Outcome;
use std::fmt::Write;

/// The scenarios that failed, each with its series, window and reason.
pub fn failures(outcomes: &[Outcome]) -> String {
    let mut text = String::new();
    for outcome in outcomes.iter().filter(|outcome| !outcome.failures.is_empty()) {
        let reading = outcome.reading.map(|reading| format!(" ({reading})")).unwrap_or_default();
        // Writing to a String cannot fail.
        let _ = writeln!(text, "FAIL {}{reading}", outcome.scenario);
        for failure in &outcome.failures {
            let _ = writeln!(text, "  {}", failure.message);
            for line in &failure.why {
                let _ = writeln!(text, "    {line}");
            }
        }
    }
    text
}

/// Findings, one a paragraph.
pub fn findings(findings: &[Finding]) -> String {
    let mut text = String::new();
    for finding in findings {
        let _ = writeln!(text, "{} [{}] {}\n  {}", finding.alarm, finding.rule, finding.message, finding.fix);
    }
    text
}
