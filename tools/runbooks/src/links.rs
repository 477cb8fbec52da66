//! Links and inline code of a page.

/// `[text](target)`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Link {
    /// Between the square brackets.
    pub text: String,
    /// Between the round ones.
    pub target: String,
    /// From 1.
    pub line: usize,
}

/// The links of a line.
#[must_use]
pub fn links(text: &str, line: usize) -> Vec<Link> {
    let mut found = Vec::new();
    let mut rest = text;
    while let Some(at) = rest.find("](") {
        let (before, after) = (&rest[..at], &rest[at + 2..]);
        let Some(end) = after.find(')') else { break };
        if let Some(open) = before.rfind('[') {
            found.push(Link { text: before[open + 1..].to_owned(), target: after[..end].to_owned(), line });
        }
        rest = &after[end + 1..];
    }
    found
}

pub(crate) fn inline_code(text: &str) -> impl Iterator<Item = &str> {
    text.split('`').skip(1).step_by(2)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_and_code_are_found() {
        let text = "See [a](b.md) and [`c`](../d#e): `orders queue`, `make dlq`.";
        let found = links(text, 7);
        assert_eq!(
            found.iter().map(|l| (l.text.as_str(), l.target.as_str())).collect::<Vec<_>>(),
            [("a", "b.md"), ("`c`", "../d#e")]
        );
        assert_eq!(inline_code(text).collect::<Vec<_>>(), ["c", "orders queue", "make dlq"]);
    }
}
