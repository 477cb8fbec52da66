//! A command's words, as a shell would split them; nothing is expanded.

/// Splits at blanks outside quotes, and takes the quotes away.
#[must_use]
pub fn words(command: &str) -> Vec<String> {
    let (mut words, mut quote) = (Vec::new(), None);
    let mut word: Option<String> = None;
    for c in command.chars() {
        match (c, quote) {
            (_, Some(open)) if c == open => quote = None,
            ('\'' | '"', None) => {
                quote = Some(c);
                word.get_or_insert_default();
            }
            (_, None) if c.is_whitespace() => words.extend(word.take()),
            _ => word.get_or_insert_default().push(c),
        }
    }
    words.extend(word);
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quotes_hold_words_together() {
        let command = r#"orders logs validator  --filter '"errorClass"' "$ORDER_ID" '' x'y z'"#;
        assert_eq!(
            words(command),
            ["orders", "logs", "validator", "--filter", "\"errorClass\"", "$ORDER_ID", "", "xy z"]
        );
    }
}
