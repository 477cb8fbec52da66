//! Does an output look as the page says?

/// Compares an output with what is expected; what is missing is told.
///
/// # Errors
/// The first expected line that the output does not have.
pub fn matches(expected: &str, output: &str) -> Result<(), String> {
    let (wanted, got) = (lines(expected), lines(output));
    match lines_match(&wanted, &got) {
        true => Ok(()),
        false => {
            let culprit = (1..=wanted.len()).find(|n| {
                let mut prefix = wanted[..*n].to_vec();
                prefix.push(ANY.to_owned());
                !lines_match(&prefix, &got)
            });
            Err(culprit.map_or_else(
                || "the output goes on after what is expected".to_owned(),
                |n| format!("no line for `{}`", wanted[n - 1]),
            ))
        }
    }
}

const ANY: &str = "...";

/// Blanks at the ends, runs of blanks and empty lines make no difference.
fn lines(text: &str) -> Vec<String> {
    let lines = text.lines().map(|line| line.split_whitespace().collect::<Vec<_>>().join(" "));
    lines.filter(|line| !line.is_empty()).collect()
}

fn lines_match(wanted: &[String], got: &[String]) -> bool {
    match wanted.split_first() {
        None => got.is_empty(),
        Some((line, rest)) if line == ANY => (0..=got.len()).any(|skip| lines_match(rest, &got[skip..])),
        Some((line, rest)) => {
            got.split_first().is_some_and(|(first, left)| line_matches(line, first) && lines_match(rest, left))
        }
    }
}

fn line_matches(wanted: &str, got: &str) -> bool {
    match wanted.split_once(ANY) {
        None => wanted == got,
        Some((before, after)) => got.strip_prefix(before).is_some_and(|left| {
            left.char_indices().map(|(at, _)| at).chain([left.len()]).any(|at| line_matches(after, &left[at..]))
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dots_stand_for_text_in_a_line_and_for_lines() {
        for (expected, output) in [
            ("a  b", "a b\n"),
            ("order ... stored", "order 17 stored"),
            ("...problem...", "big problem here"),
            ("a\n...\nz", "a\nb\nc\nz"),
            ("a\n...", "a"),
            ("...", ""),
        ] {
            assert_eq!(matches(expected, output), Ok(()), "{expected:?} {output:?}");
        }
    }

    #[test]
    fn what_is_missing_is_told() {
        assert_eq!(matches("a\nb ... d\nc", "a\nb c\nc").unwrap_err(), "no line for `b ... d`");
        assert_eq!(matches("a", "a\nb").unwrap_err(), "the output goes on after what is expected");
        assert_eq!(matches("a", "").unwrap_err(), "no line for `a`");
    }
}
