//! Whatever the API's model rejects, `order` rejects too: the two never drift.

#![allow(clippy::unwrap_used, reason = "a test")]

use order::Body;
use proptest::prelude::*;
use serde_json::{Value, json};

const SCHEMA: &str = include_str!("../../../terraform/order.schema.json");

fn valid() -> Value {
    json!({
        "customerName": "Ada Lovelace",
        "customerEmail": "ada@example.com",
        "items": [
            {"productId": "p-1", "productName": "Notebook", "quantity": 2, "price": 19.99},
            {"productId": "p-2", "productName": "Pencil", "quantity": 1, "price": 0.5}
        ],
        "shippingAddress": {"street": "12 St James's Square", "city": "London", "postalCode": "SW1Y 4JH", "country": "GB"},
        "paymentMethod": "credit_card"
    })
}

const FIELDS: [&str; 16] = [
    "",
    "/customerName",
    "/customerEmail",
    "/items",
    "/items/0",
    "/items/0/productId",
    "/items/0/productName",
    "/items/0/quantity",
    "/items/0/price",
    "/items/1/price",
    "/shippingAddress",
    "/shippingAddress/street",
    "/shippingAddress/city",
    "/shippingAddress/postalCode",
    "/shippingAddress/country",
    "/paymentMethod",
];

fn any_value() -> impl Strategy<Value = Value> {
    prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        (-3i64..3).prop_map(Value::from),
        prop::sample::select(vec![9_999i64, 10_000, 10_001, 999_999, 1_000_000, 1_000_001, i64::MIN, i64::MAX])
            .prop_map(Value::from),
        (-1_000_000i64..1_000_000).prop_map(|n| json!(n as f64 / 100_000.0)),
        any::<f64>().prop_filter_map("JSON has no such number", |n| serde_json::Number::from_f64(n).map(Value::Number)),
        "[ a@.\u{e9}\t]{0,6}".prop_map(Value::from),
        (prop::sample::select(vec!["x", "\u{e9}", "\u{1f980}"]), 0usize..300)
            .prop_map(|(s, n)| Value::from(s.repeat(n))),
        (0usize..3, 90usize..110).prop_map(|(_, n)| Value::Array(vec![valid()["items"][0].clone(); n])),
        Just(json!([])),
        Just(json!({})),
        Just(json!([[]])),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(4096))]

    #[test]
    fn whatever_the_model_rejects_is_rejected(changes in prop::collection::vec((prop::sample::select(&FIELDS[..]), any_value()), 1..4)) {
        let schema = jsonschema::draft4::new(&serde_json::from_str(SCHEMA).unwrap()).unwrap();
        let mut candidate = valid();
        for (field, value) in changes {
            if let Some(place) = candidate.pointer_mut(field) {
                *place = value;
            }
        }
        let text = candidate.to_string();
        let accepted = Body::parse(text.as_bytes()).and_then(Body::validate).is_ok();
        prop_assert!(schema.is_valid(&candidate) || !accepted, "the model rejects what `order` accepts: {text}");
    }

    #[test]
    fn no_body_makes_it_panic(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        let _ = Body::parse(&bytes).and_then(Body::validate);
    }

    #[test]
    fn a_message_is_read_back_as_it_was(price in 0u64..10_000_000_000, quantity in 1u32..=10_000) {
        let price = rust_decimal::Decimal::new(i64::try_from(price).unwrap(), 4);
        let body = valid().to_string().replacen("19.99", &price.to_string(), 1).replacen("\"quantity\":2", &format!("\"quantity\":{quantity}"), 1);
        let order = Body::parse(body.as_bytes()).and_then(Body::validate).unwrap();
        prop_assert_eq!(order.items[0].price, price);
        let message = order::QueueMessage { order_id: order::order_id(None).unwrap(), accepted_at: jiff::Timestamp::UNIX_EPOCH, order };
        prop_assert_eq!(order::QueueMessage::decode(&message.encode().unwrap()).unwrap(), message);
    }
}

#[test]
fn the_test_is_not_empty_the_model_accepts_a_valid_order_and_so_does_the_domain() {
    let schema = jsonschema::draft4::new(&serde_json::from_str(SCHEMA).unwrap()).unwrap();
    assert!(schema.is_valid(&valid()));
    assert!(Body::parse(valid().to_string().as_bytes()).and_then(Body::validate).is_ok());
}
