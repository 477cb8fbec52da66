//! The patterns of `parse`.

use std::sync::Arc;

use regex::Regex;

use super::ast::Extract;

/// A text with stars, and how many it has. Each takes as little as it can, the last one of the pattern all that is left.
pub(super) fn glob(pattern: &str) -> (Extract, usize) {
    let parts: Vec<_> = pattern.split('*').collect();
    let stars = parts.len() - 1;
    let mut regex = String::from("(?s)");
    for (index, part) in parts.iter().enumerate() {
        if index > 0 {
            let last = index == stars && part.is_empty();
            regex.push_str(if last { "(.*)" } else { "(.*?)" });
        }
        regex.push_str(&regex::escape(part));
    }
    // Escaped text and groups: it compiles, however odd the pattern is, unless it is as large as a query can't be.
    let regex = Regex::new(&regex).unwrap_or_else(|_| never());
    (Extract { regex: Arc::new(regex), by_name: false }, stars)
}

#[expect(clippy::expect_used, reason = "a constant that compiles")]
fn never() -> Regex {
    Regex::new("[^\\s\\S]").expect("a valid expression")
}

/// A regular expression's groups, by their own names or by those after `as`.
pub(super) fn regex(regex: Arc<Regex>, names: Option<Vec<String>>) -> Result<(Extract, Vec<String>), String> {
    let groups = regex.captures_len() - 1;
    match names {
        Some(names) if names.len() == groups => Ok((Extract { regex, by_name: false }, names)),
        Some(names) => Err(format!("the pattern has {groups} groups and {} names", names.len())),
        None => {
            let names: Vec<_> = regex.capture_names().flatten().map(str::to_owned).collect();
            if names.is_empty() {
                return Err("the pattern names no group: (?<name>…), or as and a name for each".into());
            }
            Ok((Extract { regex, by_name: true }, names))
        }
    }
}
