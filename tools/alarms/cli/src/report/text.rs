use std::fmt::Write;

use cli::text::clean;

use crate::{lint::Finding, scenario::Outcome};

/// The scenarios that failed, each with its place, series, window and reason; then those that hold under some readings only.
pub fn failures(outcomes: &[Outcome]) -> String {
    let mut text = String::new();
    for outcome in outcomes.iter().filter(|outcome| !outcome.failures.is_empty()) {
        let reading = outcome.reading.as_ref().map(|reading| format!(" ({reading})")).unwrap_or_default();
        // Writing to a String cannot fail.
        let _ = writeln!(text, "FAIL {}{reading}  {}", clean(&outcome.scenario), clean(&outcome.place.to_string()));
        for failure in &outcome.failures {
            let _ = writeln!(text, "  {}", clean(&failure.message));
            for line in &failure.why {
                let _ = writeln!(text, "    {}", clean(line));
            }
        }
    }
    for outcome in outcomes.iter().filter(|outcome| !outcome.depends.is_empty() && outcome.failures.is_empty()) {
        let readings = outcome.depends.join("; ");
        let _ = writeln!(text, "DEPENDS {}  {}", clean(&outcome.scenario), clean(&outcome.place.to_string()));
        let _ = writeln!(text, "  it would not hold if AWS's texts are read so: {readings}");
    }
    text
}

/// Findings, one a paragraph; then notes, which fail nothing.
pub fn findings(findings: &[Finding]) -> String {
    let mut text = String::new();
    for finding in findings {
        let place = finding.place.as_ref().map(|place| format!("  {}", clean(&place.to_string()))).unwrap_or_default();
        let note = if finding.is_note { "note: " } else { "" };
        let _ = writeln!(
            text,
            "{} [{}] {note}{}{place}\n  {}",
            clean(&finding.alarm),
            finding.rule,
            clean(&finding.message),
            clean(&finding.fix)
        );
    }
    text
}
