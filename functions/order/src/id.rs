//! The order's id: the client's key decides it, if there is one.

use uuid::{Uuid, uuid};

use crate::problem::{IDEMPOTENCY_KEY, Problem, ProblemKind, Rejection};

/// Under which keys become ids. Changing it would make a client's retry a second order.
const NAMESPACE: Uuid = uuid!("5b0a7f6e-6a0c-4f0e-9d6b-3c1f0d0b9a51");

/// AWS's own idempotency tokens stop here too.
const MAX_KEY_LENGTH: usize = 255;

/// The id of a new order: random, or derived from the client's `Idempotency-Key`, so that a retry is the same order.
///
/// # Errors
/// When the key is empty, longer than 255 characters or not printable ASCII.
pub fn order_id(idempotency_key: Option<&str>) -> Result<Uuid, Rejection> {
    let Some(key) = idempotency_key else {
        return Ok(Uuid::new_v4());
    };
    if key.is_empty() || key.len() > MAX_KEY_LENGTH || !key.bytes().all(|b| b.is_ascii_graphic() || b == b' ') {
        return Err(Rejection::one(Problem::new(
            IDEMPOTENCY_KEY,
            ProblemKind::Invalid,
            format!("Invalid header: Idempotency-Key must be 1 to {MAX_KEY_LENGTH} printable ASCII characters"),
        )));
    }
    Ok(Uuid::new_v5(&NAMESPACE, key.as_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_key_is_the_same_order() {
        assert_eq!(order_id(Some("cart-42")), order_id(Some("cart-42")));
        assert_ne!(order_id(Some("cart-42")), order_id(Some("cart-43")));
    }

    #[test]
    fn without_a_key_every_order_is_new() {
        assert_ne!(order_id(None), order_id(None));
    }

    #[test]
    fn a_key_that_no_header_should_hold_is_refused() {
        for key in ["", "caf\u{e9}", "tab\there", &"k".repeat(256)] {
            assert_eq!(order_id(Some(key)).unwrap_err().problems()[0].field, "Idempotency-Key");
        }
    }
}
