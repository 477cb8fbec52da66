use super::Problem;

/// GitHub's workflow commands: each becomes an annotation at its line.
pub fn annotations(problems: &[Problem]) -> String {
    let mut text = String::new();
    for problem in problems {
        let level = if problem.is_failure { "error" } else { "notice" };
        let mut properties = vec![format!("title={}", property(&format!("alarms: {}", problem.rule)))];
        if let Some(place) = &problem.place {
            properties.push(format!("file={}", property(&place.file)));
            properties.push(format!("line={}", place.line.max(1)));
        }
        text.push_str(&format!("::{level} {}::{}\n", properties.join(","), message(&problem.message)));
    }
    text
}

fn message(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

fn property(text: &str) -> String {
    message(text).replace(':', "%3A").replace(',', "%2C")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scenario::Location;

    #[test]
    fn what_would_end_a_command_is_escaped() {
        let place = Some(Location { file: "a,b.yaml".into(), line: 3 });
        let problem = Problem { rule: "scenario".into(), is_failure: true, message: "50 %\n::set-env".into(), place };
        assert_eq!(
            annotations(&[problem]),
            "::error title=alarms%3A scenario,file=a%2Cb.yaml,line=3::50 %25%0A::set-env\n"
        );
    }
}
