//! Ids as ids, not as text: an orderId in upper case is the same order.

use anyhow::{Result, bail};
use uuid::Uuid;

/// The form in which an orderId is stored, sent and traced.
pub(crate) fn parse(text: &str) -> Result<String, String> {
    let id: Uuid = text
        .trim()
        .parse()
        .map_err(|_| "an orderId has 32 hexadecimal digits, such as 7f000001-0000-4000-8000-000000000001".to_owned())?;
    Ok(id.to_string())
}

/// Any id that orders are looked for by: an order's, a trace's, a request's, a message's. It goes into filter expressions, patterns
/// and queries, in quotes.
pub fn any(text: &str) -> Result<String> {
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_');
    if text.is_empty() || text.len() > 128 || !text.chars().all(plain) {
        bail!("an orderId is letters, digits and hyphens, as `orders send` prints it");
    }
    // A trace id, or another system's id, is taken as it is.
    Ok(parse(text).unwrap_or_else(|_| text.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_can_not_leave_the_quotes_it_is_put_in() {
        assert!(any("6f9619ff-8b86-4d01-b42d-00cf4fc964ff").is_ok());
        assert!(any("1-65432100-0000000000000000000000a1").is_ok());
        for wrong in ["", "a\" OR fault", "a b", "ä", &"a".repeat(129)] {
            assert!(any(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn an_id_is_the_same_however_it_is_written() {
        let id = "7f00ab01-0000-4000-8000-000000000001";
        for text in [id.to_owned(), id.to_uppercase(), id.replace('-', ""), format!(" {id} ")] {
            assert_eq!(parse(&text).as_deref(), Ok(id), "{text}");
        }
        assert!(parse("invoice-1001").is_err());
    }
}
