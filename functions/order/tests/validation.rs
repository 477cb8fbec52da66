//! The bad input table, row by row: what is wrong, where, and the limit.

#![allow(clippy::unwrap_used, reason = "a test")]

use order::{Body, Order, Rejection};
use serde_json::{Value, json};

fn valid() -> Value {
    json!({
        "customerName": "Ada Lovelace",
        "customerEmail": "ada@example.com",
        "items": [{"productId": "p-1", "productName": "Notebook", "quantity": 2, "price": 19.99}],
        "shippingAddress": {"street": "12 St James's Square", "city": "London", "postalCode": "SW1Y 4JH", "country": "GB"},
        "paymentMethod": "credit_card"
    })
}

fn read(body: &str) -> Result<Order, Rejection> {
    Body::parse(body.as_bytes())?.validate()
}

fn message_for(field: &str, value: &str) -> String {
    let mut body = valid();
    *body.pointer_mut(field).unwrap() = json!("@@@");
    read(&body.to_string().replacen("\"@@@\"", value, 1)).unwrap_err().message().to_owned()
}

fn without(field: &str) -> Rejection {
    let mut body = valid();
    let (parent, name) = field.rsplit_once('/').unwrap();
    body.pointer_mut(parent).unwrap().as_object_mut().unwrap().remove(name).unwrap();
    read(&body.to_string()).unwrap_err()
}

#[test]
fn a_missing_field_is_named_with_its_path() {
    for (pointer, path) in [
        ("/customerName", "customerName"),
        ("/customerEmail", "customerEmail"),
        ("/items", "items"),
        ("/items/0/productId", "items[0].productId"),
        ("/items/0/productName", "items[0].productName"),
        ("/items/0/quantity", "items[0].quantity"),
        ("/items/0/price", "items[0].price"),
        ("/shippingAddress", "shippingAddress"),
        ("/shippingAddress/street", "shippingAddress.street"),
        ("/shippingAddress/city", "shippingAddress.city"),
        ("/shippingAddress/postalCode", "shippingAddress.postalCode"),
        ("/shippingAddress/country", "shippingAddress.country"),
        ("/paymentMethod", "paymentMethod"),
    ] {
        let rejection = without(pointer);
        assert_eq!(rejection.message(), format!("Missing required field: {path}"));
        assert_eq!(rejection.problems().len(), 1);
        assert_eq!(rejection.problems()[0].field, path);
    }
}

#[test]
fn a_body_that_is_no_json_object_says_so_and_where() {
    for (body, message) in [
        ("", "Request body is empty: it must be a JSON object"),
        (" \n", "Request body is empty: it must be a JSON object"),
        ("{\"customerName\": }", "Request body is not valid JSON: expected value at line 1 column 18"),
        ("{} {}", "Request body is not valid JSON: trailing characters at line 1 column 4"),
        ("[]", "Request body must be a JSON object, not an array (line 1, column 1)"),
        ("\"{}\"", "Request body must be a JSON object, not a string (line 1, column 1)"),
        ("null", "Request body must be a JSON object, not null (line 1, column 1)"),
    ] {
        assert_eq!(read(body).unwrap_err().message(), message, "{body:?}");
    }
    assert_eq!(
        Body::parse(b"{\"a\": \"\xff\"}").unwrap_err().message(),
        "Request body is not UTF-8: invalid byte at offset 7"
    );
}

#[test]
fn a_byte_order_mark_is_passed_over() {
    assert!(read(&format!("\u{feff}{}", valid())).is_ok());
}

#[test]
fn a_wrong_value_is_told_with_its_path_and_limit() {
    let long = |n: usize| format!("\"{}\"", "x".repeat(n));
    for (field, value, message) in [
        ("/customerName", "7", "Invalid field: customerName must be a string, not a number"),
        ("/customerName", "null", "Invalid field: customerName must be a string, not null"),
        ("/customerName", "\"\"", "Invalid field: customerName must not be empty"),
        ("/customerName", "\"  \"", "Invalid field: customerName must not be blank"),
        ("/customerName", "\"a\\u0007b\"", "Invalid field: customerName must not contain control characters"),
        ("/customerName", "\"a\\u202eb\"", "Invalid field: customerName must not contain control characters"),
        ("/customerName", "\"a\\uffffb\"", "Invalid field: customerName must not contain control characters"),
        ("/customerName", "\"\\ud800\"", "Invalid field: customerName must be a string of valid Unicode"),
        ("/customerName", &long(201), "Invalid field: customerName must be at most 200 characters long, not 201"),
        (
            "/customerEmail",
            "\"ada\"",
            "Invalid field: customerEmail must be an e-mail address such as name@example.com",
        ),
        (
            "/customerEmail",
            "\"a@b\"",
            "Invalid field: customerEmail must be an e-mail address such as name@example.com",
        ),
        (
            "/customerEmail",
            "\"a b@example.com\"",
            "Invalid field: customerEmail must be an e-mail address such as name@example.com",
        ),
        (
            "/customerEmail",
            "\"a@b@example.com\"",
            "Invalid field: customerEmail must be an e-mail address such as name@example.com",
        ),
        ("/items", "{}", "Invalid field: items must be an array, not an object"),
        ("/items", "[]", "Invalid field: items must hold at least 1 item"),
        (
            "/items",
            &format!("[{}]", vec!["{}"; 101].join(",")),
            "Invalid field: items must hold at most 100 items, not 101",
        ),
        ("/items", "[3]", "Invalid field: items[0] must be an object, not a number"),
        ("/items/0/quantity", "0", "Invalid field: items[0].quantity must be a whole number from 1 to 10000"),
        ("/items/0/quantity", "-1", "Invalid field: items[0].quantity must be a whole number from 1 to 10000"),
        ("/items/0/quantity", "1.5", "Invalid field: items[0].quantity must be a whole number from 1 to 10000"),
        ("/items/0/quantity", "10001", "Invalid field: items[0].quantity must be a whole number from 1 to 10000"),
        ("/items/0/quantity", "\"2\"", "Invalid field: items[0].quantity must be a number, not a string"),
        ("/items/0/price", "-0.01", "Invalid field: items[0].price must be at least 0"),
        ("/items/0/price", "1e999", "Invalid field: items[0].price must be at most 1000000"),
        ("/items/0/price", "1000000.01", "Invalid field: items[0].price must be at most 1000000"),
        ("/items/0/price", "1.00001", "Invalid field: items[0].price must have at most 4 decimals"),
        ("/items/0/price", "true", "Invalid field: items[0].price must be a number, not a boolean"),
        ("/shippingAddress", "\"London\"", "Invalid field: shippingAddress must be an object, not a string"),
        (
            "/shippingAddress/postalCode",
            &long(21),
            "Invalid field: shippingAddress.postalCode must be at most 20 characters long, not 21",
        ),
        ("/paymentMethod", "[]", "Invalid field: paymentMethod must be a string, not an array"),
    ] {
        assert_eq!(message_for(field, value), message);
    }
}

#[test]
fn json_has_no_infinity() {
    assert!(message_for("/items/0/price", "Infinity").starts_with("Request body is not valid JSON"));
}

#[test]
fn a_name_that_stands_twice_is_refused_whichever_value_was_meant() {
    let body = valid().to_string().replacen("\"paymentMethod\"", "\"paymentMethod\":\"cash\",\"paymentMethod\"", 1);
    let rejection = read(&body).unwrap_err();
    assert_eq!(rejection.message(), "Invalid field: paymentMethod must not be given more than once");
}

#[test]
fn deep_nesting_neither_overflows_nor_hides_the_order() {
    let deep = format!("{}{}", "[".repeat(100_000), "]".repeat(100_000));
    let body = valid().to_string().replacen('{', &format!("{{\"extra\":{deep},"), 1);
    assert!(read(&body).is_ok());
    assert_eq!(message_for("/items", &deep), "Invalid field: items[0] must be an object, not an array");
}

#[test]
fn all_problems_are_listed_in_the_order_of_the_contract() {
    let rejection = read(r#"{"paymentMethod": "", "items": [{"price": -1}, {}], "customerName": 3}"#).unwrap_err();
    let fields: Vec<_> = rejection.problems().iter().map(|p| p.field.as_str()).collect();
    assert_eq!(
        fields,
        [
            "customerName",
            "customerEmail",
            "items[0].productId",
            "items[0].productName",
            "items[0].quantity",
            "items[0].price",
            "items[1].productId",
            "items[1].productName",
            "items[1].quantity",
            "items[1].price",
            "shippingAddress",
            "paymentMethod",
        ]
    );
}

#[test]
fn a_total_is_exact() {
    let mut body = valid();
    body["items"] = json!([
        {"productId": "a", "productName": "a", "quantity": 3, "price": 0.1},
        {"productId": "b", "productName": "b", "quantity": 1, "price": 19.69}
    ]);
    assert_eq!(read(&body.to_string()).unwrap().total().to_string(), "19.99");
}

#[test]
fn the_hash_knows_an_order_by_its_content_not_by_its_spelling() {
    let hash = |body: &str| read(body).unwrap().payload_hash();
    let plain = valid().to_string();
    assert_eq!(hash(&plain), hash(&plain.replace("19.99", "1.9990e1").replace(':', ": ")));
    assert_ne!(hash(&plain), hash(&plain.replace("19.99", "19.98")));
    assert_ne!(hash(&plain), hash(&plain.replace("credit_card", "invoice")));
}

#[test]
fn no_problem_repeats_what_the_client_sent() {
    let mut body = valid();
    for field in ["/customerName", "/customerEmail", "/shippingAddress/street", "/paymentMethod"] {
        *body.pointer_mut(field).unwrap() = json!("secret\u{1}");
    }
    body["secret"] = json!(1);
    let text = body.to_string().replacen("\"secret\":1", "\"secret\":1,\"secret\":2", 1);
    let rejection = read(&text).unwrap_err();
    assert_eq!(rejection.problems().len(), 5);
    assert!(rejection.problems().iter().all(|p| !format!("{p:?}").contains("secret")), "{rejection:?}");
}
