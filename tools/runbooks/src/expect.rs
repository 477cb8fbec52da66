//! Does an output look as the page says?

/// Compares an output with what is expected; what is missing is told.
///
/// # Errors
/// The first expected line that the output does not have.
pub fn matches(expected: &str, output: &str) -> Result<(), String> {
    let (wanted, got) = (lines(expected), lines(output));
    if lines_match(&wanted, &got) {
        return Ok(());
    }
    let begins_so = |count: &usize| {
        let begin = wanted[..*count].iter().cloned().chain([ANY.to_owned()]);
        lines_match(&begin.collect::<Vec<_>>(), &got)
    };
    // What is missing is missing from there on.
    let found = (1..=wanted.len()).collect::<Vec<_>>().partition_point(begins_so);
    Err(wanted
        .get(found)
        .map_or_else(|| "the output goes on after what is expected".to_owned(), |line| format!("no line for `{line}`")))
}

const ANY: &str = "...";

/// Blanks at the ends, runs of blanks and empty lines make no difference.
fn lines(text: &str) -> Vec<String> {
    let lines = text.lines().map(|line| line.split_whitespace().collect::<Vec<_>>().join(" "));
    lines.filter(|line| !line.is_empty()).collect()
}

/// What lies between two places for anything is taken where it fits first: if what follows fits at all, it fits behind that too. So
/// nothing is tried again, however many such places there are.
fn lines_match(wanted: &[String], got: &[String]) -> bool {
    let fit = |wanted: &[String], got: &[String]| wanted.iter().zip(got).all(|(wanted, got)| line_matches(wanted, got));
    let mut runs = wanted.split(|line| line == ANY);
    let first = runs.next().unwrap_or_default();
    if got.len() < first.len() || !fit(first, got) {
        return false;
    }
    let mut left = &got[first.len()..];
    let Some(last) = runs.next_back() else { return left.is_empty() };
    for run in runs {
        match (0..=left.len().saturating_sub(run.len())).find(|at| left.len() >= run.len() && fit(run, &left[*at..])) {
            Some(at) => left = &left[at + run.len()..],
            None => return false,
        }
    }
    left.len() >= last.len() && fit(last, &left[left.len() - last.len()..])
}

/// As [`lines_match`], within a line.
fn line_matches(wanted: &str, got: &str) -> bool {
    let parts: Vec<&str> = wanted.split(ANY).collect();
    let [first, between @ .., last] = parts.as_slice() else { return wanted == got };
    let Some(mut left) = got.strip_prefix(first) else { return false };
    for part in between {
        match left.find(part) {
            Some(at) => left = &left[at + part.len()..],
            None => return false,
        }
    }
    left.ends_with(last)
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
    fn the_first_place_that_fits_is_as_good_as_any() {
        for (expected, output) in [
            ("...ab...ab", "xabxab"),
            ("a...a", "aa"),
            ("...\nb\n...\nb\nc", "b\na\nb\nb\nc"),
            ("...\na\n...\n...\nz", "x\na\nz"),
        ] {
            assert_eq!(matches(expected, output), Ok(()), "{expected:?} {output:?}");
        }
        for (expected, output) in
            [("a...a", "a"), ("ab...b", "ab"), ("a\n...\na", "a"), ("...\nb\n...\nb", "b"), ("...ab", "abc")]
        {
            assert!(matches(expected, output).is_err(), "{expected:?} {output:?}");
        }
    }

    /// Five such places took 6.8 seconds when each tried every split.
    #[test]
    fn many_places_for_anything_take_no_longer_than_few() {
        let (expected, output) = ("...\na\n".repeat(200) + "end", "a\n".repeat(20_000));
        let begun = std::time::Instant::now();
        assert_eq!(matches(&expected, &output).unwrap_err(), "no line for `end`");
        let line = "...a".repeat(200) + "b";
        assert!(matches(&line, &"a".repeat(100_000)).is_err());
        assert!(begun.elapsed() < std::time::Duration::from_secs(5), "{:?}", begun.elapsed());
    }

    #[test]
    fn what_is_missing_is_told() {
        assert_eq!(matches("a\nb ... d\nc", "a\nb c\nc").unwrap_err(), "no line for `b ... d`");
        assert_eq!(matches("a", "a\nb").unwrap_err(), "the output goes on after what is expected");
        assert_eq!(matches("a", "").unwrap_err(), "no line for `a`");
    }
}
