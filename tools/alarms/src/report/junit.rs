use crate::catalogue::NotEvaluated;
use crate::scenario::{Outcome, Untested};
use std::fmt::Write;

/// Alarms that no scenario can be run against.
#[derive(Clone, Copy, Debug, Default)]
pub struct LeftOut<'a> {
    /// Which, and why.
    pub alarms: &'a [NotEvaluated],
    /// Whether that is a failure; they are skipped otherwise.
    pub denied: bool,
}

/// The outcomes as a JUnit report: a test case a scenario, and one for each alarm that is untested or left out.
pub fn junit(outcomes: &[Outcome], untested: &[Untested], left_out: LeftOut<'_>) -> String {
    let failed = outcomes.iter().filter(|outcome| !outcome.failures.is_empty()).count();
    let LeftOut { alarms, denied } = left_out;
    let mut xml = String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
    let tests = outcomes.len() + untested.len() + alarms.len();
    let (denied, skipped) = if denied { (alarms.len(), 0) } else { (0, alarms.len()) };
    let failures = failed + untested.len() + denied;
    // Writing to a String cannot fail.
    let _ = writeln!(
        xml,
        "<testsuites><testsuite name=\"alarms\" tests=\"{tests}\" failures=\"{failures}\" skipped=\"{skipped}\">"
    );
    for outcome in outcomes {
        let reading = outcome.reading.map(|reading| format!(" ({reading})")).unwrap_or_default();
        let name = escape(&format!("{}{reading}", outcome.scenario));
        let _ = write!(xml, "<testcase classname=\"alarms.scenario\" name=\"{name}\">");
        for failure in &outcome.failures {
            let message = escape(&failure.message);
            let body = escape(&failure.why.join("\n"));
            let _ = write!(xml, "<failure message=\"{message}\">{body}</failure>");
        }
        let _ = writeln!(xml, "</testcase>");
    }
    for gap in untested {
        let _ = writeln!(
            xml,
            "<testcase classname=\"alarms.untested\" name=\"{}\"><failure message=\"{}\"/></testcase>",
            escape(&gap.alarm),
            escape(&gap.to_string())
        );
    }
    for NotEvaluated { alarm, reason } in alarms {
        let _ = writeln!(
            xml,
            "<testcase classname=\"alarms.unsupported\" name=\"{}\"><{} message=\"{}\"/></testcase>",
            escape(alarm),
            if denied > 0 { "failure" } else { "skipped" },
            escape(reason)
        );
    }
    xml.push_str("</testsuite></testsuites>\n");
    xml
}

fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            // XML 1.0 has no other control characters.
            c if c.is_control() && !matches!(c, '\n' | '\t') => escaped.push('\u{fffd}'),
            c => escaped.push(c),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scenario::Failure;

    #[test]
    fn a_failure_is_counted_and_escaped() {
        let failure = Failure { message: "a < b & \"c\"".into(), why: vec!["x\u{1}".into()] };
        let outcome =
            Outcome { scenario: "s".into(), reading: None, failures: vec![failure], fired: Vec::new(), checks: 1 };
        let xml = junit(&[outcome], &[], LeftOut::default());
        assert!(xml.contains("tests=\"1\" failures=\"1\""), "{xml}");
        assert!(xml.contains("a &lt; b &amp; &quot;c&quot;"), "{xml}");
        assert!(xml.contains("x\u{fffd}"), "{xml}");
    }

    #[test]
    fn what_is_left_out_is_skipped_or_denied() {
        let alarms = [NotEvaluated { alarm: "a".into(), reason: "r".into() }];
        let xml = |denied| junit(&[], &[], LeftOut { alarms: &alarms, denied });
        assert!(xml(false).contains("tests=\"1\" failures=\"0\" skipped=\"1\""), "{}", xml(false));
        assert!(xml(false).contains("name=\"a\"><skipped message=\"r\"/>"), "{}", xml(false));
        assert!(xml(true).contains("failures=\"1\" skipped=\"0\""), "{}", xml(true));
        assert!(xml(true).contains("<failure message=\"r\"/>"), "{}", xml(true));
    }
}
