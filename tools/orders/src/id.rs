//! Ids as ids, not as text: an orderId in upper case is the same order.

use uuid::Uuid;

/// The form in which an orderId is stored, sent and traced.
pub(crate) fn parse(text: &str) -> Result<String, String> {
    let id: Uuid = text
        .trim()
        .parse()
        .map_err(|_| "an orderId has 32 hexadecimal digits, such as 7f000001-0000-4000-8000-000000000001".to_owned())?;
    Ok(id.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_is_the_same_however_it_is_written() {
        let id = "7f00ab01-0000-4000-8000-000000000001";
        for text in [id.to_owned(), id.to_uppercase(), id.replace('-', ""), format!(" {id} ")] {
            assert_eq!(parse(&text).as_deref(), Ok(id), "{text}");
        }
        assert!(parse("invoice-1001").is_err());
    }
}
