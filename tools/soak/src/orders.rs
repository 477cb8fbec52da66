//! The orders, each of which can be told from all others wherever it turns up.

use anyhow::{Result, anyhow};
use order::Body;
use serde_json::json;
use uuid::Uuid;

use crate::random::Random;

/// What a client wants with an order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Intent {
    /// Sent without a key.
    Plain,
    /// With one.
    Keyed,
    /// With one, two times.
    Twice,
    /// With one, and then another order with the same.
    KeyReused,
    /// One that must be refused.
    Invalid,
}

/// A body, and what it is known by.
#[derive(Debug, Clone)]
pub(crate) struct Sample {
    /// The customer's name: in the body, the message and the item alike.
    pub(crate) name: String,
    pub(crate) body: String,
    /// As the table must have it.
    pub(crate) hash: String,
}

/// Before the number in each name.
pub(crate) const NAME: &str = "Soak ";

/// The choices of one order.
pub(crate) fn choices(seed: u64, n: u32) -> Random {
    Random::new(seed, 1000 + u64::from(n))
}

pub(crate) fn intent(random: &mut Random) -> Intent {
    match random.between(0, 20) {
        0..12 => Intent::Plain,
        12..16 => Intent::Keyed,
        16 | 17 => Intent::Twice,
        18 => Intent::KeyReused,
        _ => Intent::Invalid,
    }
}

/// `role` tells apart the orders of one client.
pub(crate) fn sample(n: u32, role: &str, random: &mut Random) -> Result<Sample> {
    let name = format!("{NAME}{n}{role}");
    let items: Vec<_> = (0..random.between(1, 4))
        .map(|line| {
            json!({
                "productId": format!("p-{line}"),
                "productName": "Notebook",
                "quantity": random.between(1, 20),
                "price": format!("{}.{:02}", random.between(1, 500), random.between(0, 100)).parse::<f64>().unwrap_or(1.0),
            })
        })
        .collect();
    let body = json!({
        "customerName": name,
        "customerEmail": "soak@example.com",
        "items": items,
        "shippingAddress": {"street": "1 Main St", "city": "Springfield", "postalCode": "12345", "country": "US"},
        "paymentMethod": "card",
    })
    .to_string();
    let order = Body::parse(body.as_bytes()).and_then(Body::validate);
    let hash = order.map_err(|refused| anyhow!("the order of a sample: {}", refused.message()))?.payload_hash();
    Ok(Sample { name, body, hash })
}

/// The same without a customer's address.
pub(crate) fn invalid(sample: Sample) -> Sample {
    Sample { body: sample.body.replace("soak@example.com", "nobody"), ..sample }
}

/// A version 4 UUID of the seed.
pub(crate) fn key(random: &mut Random) -> String {
    let bits = u128::from(random.next()) << 64 | u128::from(random.next());
    uuid::Builder::from_random_bytes(bits.to_be_bytes()).into_uuid().to_string()
}

/// The order that an answer names.
pub(crate) fn id(text: &str) -> Option<Uuid> {
    text.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_order_is_its_seed_and_number() {
        let of = |seed, n| sample(n, "", &mut choices(seed, n)).unwrap();
        assert_eq!(of(1, 7).body, of(1, 7).body);
        assert_ne!(of(1, 7).hash, of(1, 8).hash);
        assert_ne!(of(1, 7).hash, of(2, 7).hash);
        assert_eq!(key(&mut choices(1, 7)), key(&mut choices(1, 7)));
    }

    #[test]
    fn an_invalid_order_is_one() {
        let invalid = invalid(sample(1, "", &mut choices(1, 1)).unwrap());
        assert!(Body::parse(invalid.body.as_bytes()).and_then(Body::validate).is_err());
    }
}
