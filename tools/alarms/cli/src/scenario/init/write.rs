use std::fmt::Write;

use cli::time::exact;
use serde_json::json;

use crate::scenario::{Scenario, Watched};

/// Scenarios as a file, each with its own metrics.
pub fn yaml(scenarios: &[Scenario]) -> String {
    let mut text = String::from(
        "# First scenarios, written by `alarms init`: each alarm fires, recovers and stays quiet. They pass as they are; make the\n\
         # series yours. A point lies at the start of its step; `5x3` is three points of 5.\n\
         scenarios:\n",
    );
    for scenario in scenarios {
        // Writing to a String cannot fail; JSON is YAML, whatever a name holds.
        let quoted = |text: &str| json!(text).to_string();
        let _ = writeln!(text, "  - name: {}", quoted(&scenario.name));
        if let Some(series) = scenario.series.first().filter(|series| series.step != 60) {
            let _ = writeln!(text, "    step: {}", exact(series.step));
        }
        let _ = writeln!(text, "    metrics:");
        for series in &scenario.series {
            if let Watched::By { alarm, id } = &series.of {
                let id = id.as_ref().map(|id| format!(", id: {}", quoted(id))).unwrap_or_default();
                let _ = writeln!(text, "      {}: {{ alarm: {}{id} }}", quoted(&series.alias), quoted(alarm));
            }
        }
        let _ = writeln!(text, "    series:");
        for series in &scenario.series {
            let _ = writeln!(text, "      {}: {}", quoted(&series.alias), quoted(&series.text));
        }
        let _ = writeln!(text, "    expect:");
        for expectation in &scenario.expect {
            for (alarm, state) in &expectation.states {
                let _ = writeln!(
                    text,
                    "      - {{ at: {}, states: {{ {}: {state} }} }}",
                    exact(expectation.at),
                    quoted(alarm)
                );
            }
        }
    }
    text
}
