//! The order's id: the client's key decides it, if there is one, together with who the client is.

use uuid::{Uuid, uuid};

use crate::problem::{IDEMPOTENCY_KEY, Problem, ProblemKind, Rejection};

/// Under which keys become ids. Changing it would make a client's retry a second order.
const NAMESPACE: Uuid = uuid!("5b0a7f6e-6a0c-4f0e-9d6b-3c1f0d0b9a51");

/// AWS's own idempotency tokens stop here too.
const MAX_LENGTH: usize = 255;

/// So many characters of a usual alphabet are as hard to guess as a UUID: 22 of base64 are 132 bits.
const UNGUESSABLE_LENGTH: usize = 22;

/// What makes a client's retry the same order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IdempotencyKey(String);

impl IdempotencyKey {
    /// A key for a request that has none: told with an answer that leaves its outcome open, it makes a retry safe after all.
    #[must_use]
    pub fn random() -> Self {
        Self(Uuid::new_v4().to_string())
    }

    /// Reads the values of the `Idempotency-Key` header, bare or quoted as the IETF's draft has it. A caller that nobody
    /// knows shares its keys with all others like it, so that its key must be one that nobody guesses.
    ///
    /// # Errors
    /// When there are two keys, or one that is too short, too long or no printable ASCII.
    pub fn read<'a>(
        values: impl IntoIterator<Item = &'a [u8]>,
        caller: Option<&str>,
    ) -> Result<Option<Self>, Rejection> {
        let mut keys = Vec::new();
        for value in values {
            let text =
                std::str::from_utf8(value).ok().filter(|text| text.chars().all(|c| matches!(c, ' '..='~' | '\t')));
            // What a proxy has joined, with commas, are several values all the same.
            keys.extend(members(text.ok_or_else(unprintable)?)?);
        }
        keys.sort_unstable();
        keys.dedup();
        match keys.as_slice() {
            [] => Ok(None),
            [key] if key.is_empty() || key.len() > MAX_LENGTH || key.contains('\t') => Err(unprintable()),
            [key] if caller.is_none() && key.len() < UNGUESSABLE_LENGTH => Err(refuse(
                "must be a UUID or have at least 22 characters: whoever guesses a shorter one could take its order",
            )),
            [key] => Ok(Some(Self(key.clone()))),
            _ => Err(refuse("must be given once, not with several values")),
        }
    }

    /// The order that a caller's key stands for.
    #[must_use]
    pub fn order_id(&self, caller: Option<&str>) -> Uuid {
        let caller = caller.unwrap_or_default();
        // With the caller's length, so that no two pairs run together into the same bytes.
        Uuid::new_v5(&NAMESPACE, format!("{}:{caller}{}", caller.len(), self.0).as_bytes())
    }

    /// As a header has it.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// The members of a list: bare, or a string of RFC 9651 in quotes, in which a comma is a comma.
fn members(value: &str) -> Result<Vec<String>, Rejection> {
    let (mut members, mut rest) = (Vec::new(), value.trim());
    loop {
        let (member, after) = match rest.strip_prefix('"') {
            Some(quoted) => string(quoted).ok_or_else(|| refuse("has a quote that nothing closes"))?,
            None => {
                let end = rest.find(',').unwrap_or(rest.len());
                (rest[..end].trim().to_owned(), &rest[end..])
            }
        };
        members.push(member);
        match after.trim_start() {
            "" => return Ok(members),
            more => {
                rest = more.strip_prefix(',').ok_or_else(|| refuse("has text after its closing quote"))?.trim_start()
            }
        }
    }
}

/// A string from behind its opening quote, and what follows the closing one.
fn string(quoted: &str) -> Option<(String, &str)> {
    let (mut text, mut escaped) = (String::new(), false);
    for (at, c) in quoted.char_indices() {
        match c {
            '"' | '\\' if escaped => text.push(c),
            _ if escaped => return None,
            '"' => return Some((text, &quoted[at + 1..])),
            '\\' => {}
            _ => text.push(c),
        }
        escaped = c == '\\' && !escaped;
    }
    None
}

fn unprintable() -> Rejection {
    refuse("must be 1 to 255 printable ASCII characters")
}

fn refuse(requirement: &str) -> Rejection {
    let message = format!("Invalid header: {IDEMPOTENCY_KEY} {requirement}");
    Rejection::one(Problem::new(IDEMPOTENCY_KEY, ProblemKind::Invalid, message))
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEY: &str = "8e03978e-40d5-43e8-bc93-6894a57f9324";

    fn read(values: &[&str], caller: Option<&str>) -> Result<Option<IdempotencyKey>, String> {
        let values = values.iter().map(|value| value.as_bytes());
        IdempotencyKey::read(values, caller).map_err(|rejection| rejection.message().to_owned())
    }

    #[test]
    fn the_same_key_of_the_same_caller_is_the_same_order() {
        let id = |key: &str, caller: Option<&str>| read(&[key], caller).unwrap().unwrap().order_id(caller);
        assert_eq!(id("cart-42", Some("a")), id("cart-42", Some("a")));
        assert_ne!(id("cart-42", Some("a")), id("cart-43", Some("a")));
        assert_ne!(id("cart-42", Some("a")), id("cart-42", Some("b")));
        assert_ne!(id(KEY, None), id(KEY, Some("a")));
        assert_ne!(id("acart-42", Some("")), id("cart-42", Some("a")));
    }

    #[test]
    fn quotes_and_blanks_are_no_part_of_a_key_and_the_same_value_twice_is_one() {
        let key = Some(IdempotencyKey(KEY.into()));
        let quoted = format!("\"{KEY}\"");
        for values in
            [&[KEY][..], &[&quoted], &[&format!("  {KEY}\t")], &[KEY, &quoted], &[&format!("{KEY}, {quoted}")]]
        {
            assert_eq!(read(values, None).unwrap(), key, "{values:?}");
        }
        assert_eq!(read(&[r#""a, \"b\" and \\ c""#], Some("a")).unwrap().unwrap().as_str(), r#"a, "b" and \ c"#);
        assert_eq!(read(&[], None).unwrap(), None);
    }

    #[test]
    fn two_keys_are_none() {
        let other = format!("{KEY}x");
        for values in [&[KEY, &other][..], &[&format!("{KEY},{other}")], &[&format!("\"{KEY}\", \"{other}\"")]] {
            assert!(
                read(values, None).unwrap_err().ends_with("must be given once, not with several values"),
                "{values:?}"
            );
        }
    }

    #[test]
    fn without_a_caller_a_key_must_be_hard_to_guess() {
        assert!(read(&["invoice-1001"], None).unwrap_err().contains("at least 22 characters"));
        assert!(read(&["invoice-1001"], Some("arn:aws:iam::1:user/shop")).is_ok());
        assert!(read(&["cart-0123456789abcdefgh"], None).is_ok());
    }

    #[test]
    fn a_key_that_no_header_should_hold_is_refused() {
        for key in ["", "\"\"", "caf\u{e9}", "\u{1}", "\"open", "\"a\"b", r#""\a""#, &"k".repeat(256)] {
            assert!(read(&[key], Some("a")).is_err(), "{key:?}");
        }
    }
}
