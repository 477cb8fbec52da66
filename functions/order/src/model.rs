//! A valid order. The only ways to get one check it: [`Body::validate`](crate::Body::validate) and
//! [`QueueMessage::decode`](crate::QueueMessage::decode).

use rust_decimal::Decimal;
use serde::Serialize;
use sha2::{Digest, Sha256};

use crate::decimal;

/// An order as its customer placed it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Order {
    /// Who ordered.
    pub customer_name: String,
    /// Where to reach them.
    pub customer_email: String,
    /// What they ordered; at least one.
    pub items: Vec<Item>,
    /// Where it goes.
    pub shipping_address: ShippingAddress,
    /// How it is paid.
    pub payment_method: String,
}

/// One line of an order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Item {
    /// The shop's id of the product.
    pub product_id: String,
    /// The product's name when it was ordered.
    pub product_name: String,
    /// How many.
    pub quantity: u32,
    /// Of one piece, exact.
    #[serde(serialize_with = "decimal::as_json_number")]
    pub price: Decimal,
}

/// Where an order goes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ShippingAddress {
    /// Street and number.
    pub street: String,
    /// City.
    pub city: String,
    /// Postal code, as its country writes it; none where the country has none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub postal_code: Option<String>,
    /// Country.
    pub country: String,
}

impl Order {
    /// The exact sum of all lines.
    #[must_use]
    pub fn total(&self) -> Decimal {
        self.items.iter().map(|item| item.price * Decimal::from(item.quantity)).sum::<Decimal>().normalize()
    }

    /// The same for the same order, however its JSON was spelled: tells a client's retry from another order under the same key.
    #[must_use]
    pub fn payload_hash(&self) -> String {
        let mut hash = Sha256::new();
        // Each field goes in with its length, so that no two orders run together into the same bytes.
        let mut absorb = |field: &str| {
            hash.update((field.len() as u64).to_le_bytes());
            hash.update(field);
        };
        // Taken apart without `..`: a new field that is not hashed does not compile.
        let Self { customer_name, customer_email, items, shipping_address, payment_method } = self;
        absorb(customer_name);
        absorb(customer_email);
        absorb(&items.len().to_string());
        for Item { product_id, product_name, quantity, price } in items {
            absorb(product_id);
            absorb(product_name);
            absorb(&quantity.to_string());
            // Prices were normalised when they were read: 19.9 and 19.90 are one price.
            absorb(&price.to_string());
        }
        let ShippingAddress { street, city, postal_code, country } = shipping_address;
        // A postal code that is there is not empty.
        for field in [street, city, postal_code.as_deref().unwrap_or_default(), country, payment_method] {
            absorb(field);
        }
        hash.finalize().iter().fold(String::from("sha256:"), |mut hex, byte| {
            hex.push(char::from(HEX[usize::from(byte >> 4)]));
            hex.push(char::from(HEX[usize::from(byte & 15)]));
            hex
        })
    }
}

const HEX: &[u8; 16] = b"0123456789abcdef";
