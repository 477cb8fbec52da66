use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::Problem;

/// SARIF 2.1.0, as code scanning reads it.
pub fn sarif(problems: &[Problem]) -> Value {
    let rules: BTreeSet<&str> = problems.iter().map(|problem| problem.rule.as_str()).collect();
    let result = |problem: &Problem| {
        let mut result = json!({
            "ruleId": problem.rule,
            "level": if problem.is_failure { "error" } else { "note" },
            "message": { "text": problem.message },
        });
        if let Some(place) = &problem.place {
            result["locations"] = json!([{ "physicalLocation": {
                "artifactLocation": { "uri": place.file.replace('\\', "/") },
                "region": { "startLine": place.line.max(1) },
            } }]);
        }
        result
    };
    json!({
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [{
            "tool": { "driver": {
                "name": "alarms",
                "version": env!("CARGO_PKG_VERSION"),
                "rules": rules.into_iter().map(|rule| json!({ "id": rule })).collect::<Vec<_>>(),
            } },
            "results": problems.iter().map(result).collect::<Vec<_>>(),
        }],
    })
}
