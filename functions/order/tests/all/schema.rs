//! The schema is the contract, both ways: what it accepts is accepted, what it refuses is refused, and every property of it is
//! read, sent, hashed and told.

use std::sync::LazyLock;

use jsonschema::Validator;
use order::{Body, Order, QueueMessage};
use proptest::prelude::*;
use serde_json::{Value, json};

const SCHEMA: &str = include_str!("../../../../terraform/order.schema.json");

static SCHEMA_VALUE: LazyLock<Value> = LazyLock::new(|| serde_json::from_str(SCHEMA).unwrap());
static VALIDATOR: LazyLock<Validator> = LazyLock::new(|| jsonschema::draft202012::new(&SCHEMA_VALUE).unwrap());

fn read(text: &str) -> Result<Order, order::Rejection> {
    Body::parse(text.as_bytes()).and_then(Body::validate)
}

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

/// Pointers to every object, array and value that the schema names, in a body with one item.
fn places() -> Vec<String> {
    fn walk(schema: &Value, pointer: String, places: &mut Vec<String>) {
        for (name, property) in schema["properties"].as_object().into_iter().flatten() {
            let place = format!("{pointer}/{name}");
            walk(property, place.clone(), places);
            if property["items"].is_object() {
                places.push(format!("{place}/0"));
                walk(&property["items"], format!("{place}/0"), places);
            }
            places.push(place);
        }
    }
    let mut places = vec![String::new()];
    walk(&SCHEMA_VALUE, String::new(), &mut places);
    places
}

/// Texts near every border of the schema's patterns.
fn any_text() -> impl Strategy<Value = String> {
    let characters = prop::sample::select(vec![
        "a",
        "Z",
        "7",
        " ",
        "\t",
        "\n",
        "\r",
        "\u{0}",
        "\u{85}",
        "\u{a0}",
        "\u{ad}",
        "\u{200b}",
        "\u{200d}",
        "\u{200e}",
        "\u{202e}",
        "\u{2028}",
        "\u{2060}",
        "\u{2066}",
        "\u{2800}",
        "\u{3000}",
        "\u{3164}",
        "\u{feff}",
        "\u{ffff}",
        "\u{fe0f}",
        "\u{e0100}",
        "@",
        ".",
        "-",
        "*",
        "_",
        "\"",
        "(",
        ",",
        "\u{e9}",
        "\u{1f980}",
        "example",
        ".com",
        "GB",
        "Hong Kong",
        "qa",
    ]);
    prop_oneof![
        prop::collection::vec(characters.clone(), 0..7).prop_map(|parts| parts.concat()),
        (prop::collection::vec(characters.clone(), 0..3), prop::collection::vec(characters, 0..3))
            .prop_map(|(a, b)| format!("{}ada@example.com{}", a.concat(), b.concat())),
        any::<String>(),
        (prop::sample::select(vec!["x", " ", "\u{e9}", "\u{1f980}"]), 0usize..300).prop_map(|(s, n)| s.repeat(n)),
        (60usize..70, 60usize..70).prop_map(|(n, m)| format!("{}@{}.com", "x".repeat(n), "y".repeat(m))),
        "[a-z.@1-]{1,9}@[a-z0-9.-]{1,9}",
    ]
}

fn any_value() -> impl Strategy<Value = Value> {
    prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        (-3i64..3).prop_map(Value::from),
        prop::sample::select(vec![
            9_999i64,
            10_000,
            10_001,
            999_999_999_999,
            1_000_000_000_000,
            1_000_000_000_001,
            i64::MIN,
            i64::MAX
        ])
        .prop_map(Value::from),
        prop::sample::select(vec![1.0, 2.0, 1e1, 1e4, 1e5, 1e12, 1e13, 0.5, -0.0]).prop_map(Value::from),
        (-1_000_000i64..1_000_000).prop_map(|n| json!(n as f64 / 100_000.0)),
        any::<f64>().prop_filter_map("JSON has no such number", |n| serde_json::Number::from_f64(n).map(Value::Number)),
        any_text().prop_map(Value::from),
        any_text().prop_map(Value::from),
        (0usize..3, 90usize..110).prop_map(|(_, n)| Value::Array(vec![valid()["items"][0].clone(); n])),
        Just(json!([])),
        Just(json!({})),
        Just(json!([[]])),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(4096))]

    #[test]
    fn the_schema_and_the_domain_decide_alike(changes in prop::collection::vec((prop::sample::select(places()), prop::option::weighted(0.85, any_value())), 1..4)) {
        let mut candidate = valid();
        for (place, value) in changes {
            match value {
                Some(value) => if let Some(place) = candidate.pointer_mut(&place) { *place = value; },
                None => if let Some((parent, name)) = place.rsplit_once('/')
                    && let Some(parent) = candidate.pointer_mut(parent).and_then(Value::as_object_mut) { parent.remove(name); },
            }
        }
        let text = candidate.to_string();
        let (schema, domain) = (VALIDATOR.validate(&candidate), read(&text));
        prop_assert_eq!(schema.is_ok(), domain.is_ok(), "schema: {:?}, domain: {:?}: {}", schema, domain, text);
    }

    #[test]
    fn an_accepted_price_is_a_multiple_of_the_step(n in any::<u64>(), scale in 0u32..8) {
        // Exact, where the validator of a schema may have binary floats.
        let price = rust_decimal::Decimal::from_i128_with_scale(i128::from(n % 10_000_000_000_000_000_000), scale);
        let body = valid().to_string().replacen("19.99", &price.to_string(), 1);
        let exact = price <= 1_000_000_000_000u64.into() && (price * rust_decimal::Decimal::from(10_000)).fract().is_zero();
        prop_assert_eq!(read(&body).is_ok(), exact, "{}", price);
    }

    #[test]
    fn no_body_makes_it_panic(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        let _refused = Body::parse(&bytes).and_then(Body::validate);
    }

    #[test]
    fn a_message_is_read_back_as_it_was(price in 0u64..10_000_000_000_000_000, quantity in 1u32..=10_000) {
        let price = rust_decimal::Decimal::new(i64::try_from(price).unwrap(), 4);
        let body = valid().to_string().replacen("19.99", &price.to_string(), 1).replacen("\"quantity\":2", &format!("\"quantity\":{quantity}"), 1);
        let order = Body::parse(body.as_bytes()).and_then(Body::validate).unwrap();
        prop_assert_eq!(order.items[0].price, price);
        let message = order::QueueMessage { order_id: uuid::Uuid::nil(), accepted_at: jiff::Timestamp::UNIX_EPOCH, order };
        prop_assert_eq!(order::QueueMessage::decode(&message.encode().unwrap()).unwrap(), message);
    }
}

#[test]
fn the_test_is_not_empty_both_accept_a_valid_order() {
    assert!(VALIDATOR.is_valid(&valid()));
    assert!(read(&valid().to_string()).is_ok());
}

/// Character by character: alone, inside a text and around one, in a field of each kind.
#[test]
fn every_character_of_unicode_is_taken_alike() {
    for field in ["/customerName", "/shippingAddress/street", "/shippingAddress/postalCode", "/customerEmail"] {
        let mut schema = &*SCHEMA_VALUE;
        for name in field[1..].split('/') {
            schema = &schema["properties"][name];
        }
        let definition = schema["$ref"].as_str().unwrap().rsplit('/').next().unwrap();
        let schema = json!({"$ref": format!("#/$defs/{definition}"), "$defs": SCHEMA_VALUE["$defs"]});
        let validator = jsonschema::draft202012::new(&schema).unwrap();
        // The blank code itself is taken only where the country has none.
        let country = if definition == "lineOrBlank" { "QA" } else { "GB" };
        let mut body = valid();
        body["shippingAddress"]["country"] = json!(country);
        for c in (0..=0x0010_ffff).filter_map(char::from_u32) {
            // Beyond the planes that the patterns name, one of a hundred characters.
            if u32::from(c) > 0x3000
                && !matches!(u32::from(c), 0x3100..=0x3200 | 0xfd00..=0x1_0000 | 0x1_bc90..=0x1_bcb0 | 0x1_d170..=0x1_d180 | 0xd_fff0..=0xe_000f | 0xe_0ff0..=0xe_1010)
                && u32::from(c) % 101 != 0
            {
                continue;
            }
            let texts = match definition {
                "email" => vec![
                    format!("a{c}b@example.com"),
                    format!("{c}a@b.co{c}"),
                    format!("a@b{c}c.com"),
                    format!("a@b.{c}o"),
                ],
                _ => vec![c.to_string(), format!("a{c}b"), format!("{c}ab{c}")],
            };
            for text in texts {
                *body.pointer_mut(field).unwrap() = json!(text);
                let domain = read(&body.to_string());
                assert_eq!(
                    validator.is_valid(&json!(text)),
                    domain.is_ok(),
                    "{definition} U+{:04X} {text:?}: {domain:?}",
                    u32::from(c)
                );
            }
        }
    }
}

/// Another valid value of the same field.
fn other(value: &Value) -> Value {
    match value {
        Value::String(text) => json!(format!("x{text}")),
        Value::Number(number) => json!(number.as_f64().unwrap() + 1.0),
        other => unreachable!("a leaf: {other}"),
    }
}

#[test]
fn every_property_of_the_schema_is_read_sent_and_hashed() {
    let whole = read(&valid().to_string()).unwrap();
    let leaves: Vec<_> = places()
        .into_iter()
        .filter(|place| valid().pointer(place).is_none_or(|value| !value.is_object() && !value.is_array()))
        .collect();
    assert!(leaves.len() >= 11, "{leaves:?}");
    for leaf in leaves {
        let mut body = valid();
        let value =
            body.pointer_mut(&leaf).unwrap_or_else(|| unreachable!("`valid()` has no {leaf}, which the schema names"));
        *value = other(value);
        let changed = read(&body.to_string()).unwrap();
        assert_ne!(changed, whole, "{leaf} is not read");
        assert_ne!(changed.payload_hash(), whole.payload_hash(), "{leaf} is not hashed");
        let message = QueueMessage { order_id: uuid::Uuid::nil(), accepted_at: order::now(), order: changed };
        assert_eq!(QueueMessage::decode(&message.encode().unwrap()).unwrap(), message, "{leaf} is not sent");
        // What is wrong with it is told by its name.
        *body.pointer_mut(&leaf).unwrap() = json!([]);
        let rejection = read(&body.to_string()).unwrap_err();
        assert_eq!(rejection.problems()[0].name, leaf.rsplit('/').next().unwrap());
    }
}

/// What the API's document says of a key's header.
static KEY: LazyLock<Validator> = LazyLock::new(|| {
    let document: Value = serde_json::from_str(include_str!("../../../../docs/openapi.json")).unwrap();
    jsonschema::validator_for(&document["paths"]["/orders"]["post"]["parameters"][0]["schema"]).unwrap()
});

proptest! {
    #[test]
    fn a_key_is_taken_if_the_document_has_it(
        key in prop_oneof![
            "[ -~]{18,30}", "[ \\t]{0,2}\"[ -~]{18,30}\"[ \\t]{0,2}", "\"(\\\\[\"\\\\]|[a-z]){20,24}\"", "[ -~\\t]{0,8}", "[!-~]{250,260}",
        ],
    ) {
        let taken = order::IdempotencyKey::read([key.as_bytes()], None).is_ok_and(|key| key.is_some());
        let documented = KEY.is_valid(&json!(key));
        // The same value twice, with a comma between, is one: no pattern says so.
        prop_assume!(documented || !taken || !key.contains(','));
        prop_assert_eq!(taken, documented, "{:?}", key);
    }
}
