//! Small changes of a metric-math expression, made in its text.

type Change = (&'static str, String, String);

pub fn changes(text: &str) -> Vec<Change> {
    let mut changes = without_fill(text);
    changes.extend(numbers(text));
    if let Some([_, then, _]) = conditional(text) {
        changes.push(("guard", format!("{then} without IF"), then.to_owned()));
    }
    let swaps = [
        ("guard", " >= ", " > "),
        ("guard", " > ", " >= "),
        ("guard", " == ", " != "),
        ("guard", " AND ", " OR "),
        ("operator", " - ", " + "),
        ("operator", " / ", " * "),
        ("operator", "MAX(", "SUM("),
        ("operator", "MAX(", "MIN("),
        ("operator", "SUM(", "MAX("),
        ("operator", "SUM(", "MIN("),
    ];
    for (kind, from, to) in swaps {
        for (at, _) in text.match_indices(from) {
            let what = format!("`{}` for `{}`{}", to.trim(), from.trim(), which(text, at, from));
            changes.push((kind, what, spliced(text, at, from, to)));
        }
    }
    changes
}

/// The condition and both branches of an expression that is an IF.
fn conditional(text: &str) -> Option<[&str; 3]> {
    let inner = text.strip_prefix("IF(")?.strip_suffix(')')?;
    let mut depth = 0;
    let parts: Vec<&str> = inner
        .split(|c| {
            depth += i32::from(c == '(') - i32::from(c == ')');
            c == ',' && depth == 0
        })
        .map(str::trim)
        .collect();
    parts.try_into().ok()
}

/// Which of several like parts: ` no. 2`.
fn which(text: &str, at: usize, part: &str) -> String {
    let before = text[..at].matches(part).count();
    if before == 0 { String::new() } else { format!(" no. {}", before + 1) }
}

fn spliced(text: &str, at: usize, from: &str, to: &str) -> String {
    format!("{}{to}{}", &text[..at], &text[at + from.len()..])
}

/// `x` for one `FILL(x, 0)` after the other, and for all of them.
fn without_fill(text: &str) -> Vec<Change> {
    let fills: Vec<(usize, &str)> = text.match_indices("FILL(").map(|(at, _)| (at, upto(&text[at..], ')'))).collect();
    let bare = |fill: &str| upto(&fill["FILL(".len()..], ',').trim_end_matches(',').to_owned();
    let one = |(at, fill): &(usize, &str)| {
        ("fill", format!("no FILL of {}{}", bare(fill), which(text, *at, fill)), spliced(text, *at, fill, &bare(fill)))
    };
    let mut changes: Vec<Change> = fills.iter().map(one).collect();
    if fills.len() > 1 {
        let all = fills.iter().fold(text.to_owned(), |text, (_, fill)| text.replace(fill, &bare(fill)));
        changes.push(("fill", "no FILL at all".to_owned(), all));
    }
    changes
}

fn upto(text: &str, end: char) -> &str {
    &text[..=text.find(end).unwrap()]
}

/// Every number but those that fill: limits a little lower and higher, factors and other branches by much.
fn numbers(text: &str) -> Vec<Change> {
    let mut changes = Vec::new();
    let mut at = 0;
    while at < text.len() {
        let rest = &text[at..];
        let inside_a_word = text[..at].ends_with(|c: char| c.is_ascii_alphanumeric() || c == '_');
        let length = rest.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(rest.len());
        if length == 0 || inside_a_word {
            at += 1;
            continue;
        }
        let number = &rest[..length];
        let before = &text[..at];
        at += length;
        if before.rsplit_once("FILL(").is_some_and(|(_, inside)| !inside.contains(')')) {
            continue;
        }
        let value: f64 = number.parse().unwrap();
        let guard = before.trim_end().ends_with(['<', '>', '=']);
        let others = match (guard, value) {
            (true, 0.0) => vec![1.0, -1.0],
            (true, small) if small < 1.0 => vec![small * 0.5, small * 1.5],
            (true, _) => vec![value - 1.0, value + 1.0, value * 0.5, value * 1.5],
            // The value of the other branch.
            (false, 0.0) => vec![1_000_000.0],
            (false, _) => vec![value * 0.5, value * 1.5],
        };
        let kind = if guard { "guard" } else { "factor" };
        for other in others {
            let what = format!("{other} for {number}{}", which(text, before.len(), number));
            changes.push((kind, what, spliced(text, before.len(), number, &other.to_string())));
        }
    }
    changes
}

#[test]
fn every_number_but_a_filling_one_is_changed() {
    let changed: Vec<String> = numbers("IF(FILL(m1, 0) >= 20, 100 * m1, 0)")
        .into_iter()
        .map(|(kind, what, _)| format!("{kind} {what}"))
        .collect();
    let expected = [
        "guard 19 for 20",
        "guard 21 for 20",
        "guard 10 for 20",
        "guard 30 for 20",
        "factor 50 for 100",
        "factor 150 for 100",
        "factor 1000000 for 0 no. 5",
    ];
    assert_eq!(changed, expected);
}
