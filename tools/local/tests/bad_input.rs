//! The README's table of bad input, by HTTP.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test")]

mod common;

use common::{ORDER, Stack};

const JSON: &[(&str, &str)] = &[("content-type", "application/json")];

#[tokio::test]
async fn every_bad_request_is_answered_with_what_is_wrong_and_never_with_a_fault() {
    let stack = Stack::up().await;
    let with = |from: &str, to: &str| {
        assert!(ORDER.contains(from), "{from}");
        ORDER.replacen(from, to, 1)
    };
    let too_many = format!("\"items\": [{}], \"rest\": [", vec!["{}"; 101].join(","));
    let field = "Invalid field: ";
    for (body, message) in [
        // Not JSON, empty, no object: the gateway's own answer.
        ("", "Request body must be a JSON object: the body is empty".into()),
        ("{\"customerName\": }", "Request body must be a JSON object: expected value at line 1 column 18".into()),
        (
            "[1]",
            "Request body must be a JSON object: instance type (array) does not match any allowed primitive type \
             (allowed: [\"object\"]) at line 1 column 1"
                .into(),
        ),
        // An object: the validator's.
        ("{}", "Missing required field: customerName".into()),
        (&with("\"customerEmail\": \"ada@example.com\",", ""), "Missing required field: customerEmail".into()),
        (&with("\"city\": \"London\",", ""), "Missing required field: shippingAddress.city".into()),
        (&with(", \"price\": 19.99", ""), "Missing required field: items[0].price".into()),
        (&with("\"Ada Lovelace\"", "7"), format!("{field}customerName must be a string, not a number")),
        (&with("\"Ada Lovelace\"", "\"\""), format!("{field}customerName must not be empty")),
        (&with("\"Ada Lovelace\"", "\" \""), format!("{field}customerName must not be blank")),
        (&with("Lovelace", "\\u0000"), format!("{field}customerName must not contain control characters")),
        (
            &with("Lovelace", &"x".repeat(300)),
            format!("{field}customerName must be at most 200 characters long, not 304"),
        ),
        (
            &with("ada@example.com", "ada"),
            format!("{field}customerEmail must be an e-mail address such as name@example.com"),
        ),
        (
            &with("\"quantity\": 1", "\"quantity\": 0"),
            format!("{field}items[0].quantity must be a whole number from 1 to 10000"),
        ),
        (
            &with("\"quantity\": 1", "\"quantity\": -1"),
            format!("{field}items[0].quantity must be a whole number from 1 to 10000"),
        ),
        (
            &with("\"quantity\": 1", "\"quantity\": 1.5"),
            format!("{field}items[0].quantity must be a whole number from 1 to 10000"),
        ),
        (&with("19.99", "-1"), format!("{field}items[0].price must be at least 0")),
        (&with("19.99", "1e999"), format!("{field}items[0].price must be at most 1000000")),
        (&with("19.99", "19.98765"), format!("{field}items[0].price must have at most 4 decimals")),
        (&with("\"items\": [", &too_many), format!("{field}items must hold at most 100 items, not 101")),
        (
            &with("\"paymentMethod\"", "\"paymentMethod\": \"cash\", \"paymentMethod\""),
            format!("{field}paymentMethod must not be given more than once"),
        ),
        (
            &with("\"items\": [", &format!("\"items\": [{}{}, ", "[".repeat(500), "]".repeat(500))),
            format!("{field}items[0] must be an object, not an array"),
        ),
    ] {
        let answer = stack.post(body);
        assert_eq!((answer.status, answer.body["message"].as_str().unwrap()), (400, message.as_str()));
    }
}

#[tokio::test]
async fn a_body_too_large_for_a_message_is_413_at_every_door() {
    let stack = Stack::up().await;
    let answer = stack.post(ORDER.replacen('{', &format!("{{\"filler\": \"{}\",", "x".repeat(300_000)), 1));
    assert_eq!(answer.status, 413);
    assert!(answer.body["message"].as_str().unwrap().ends_with("at most 245760 fit into a message"));
    let answer = stack.post(vec![b' '; 11 * 1024 * 1024]);
    assert_eq!(answer.status, 413);
    assert!(answer.body["message"].is_string());
}

#[tokio::test]
async fn an_order_in_an_unusual_wrapping_is_accepted() {
    let stack = Stack::up().await;
    let with_mark = format!("\u{feff}{ORDER}");
    for (body, headers) in [
        (ORDER.as_bytes(), &[("content-type", "application/json; charset=utf-8")][..]),
        (ORDER.as_bytes(), &[("content-type", "APPLICATION/JSON")]),
        (with_mark.as_bytes(), &[("content-type", "text/plain")]),
    ] {
        let answer = stack.request("POST", "", body, headers);
        assert_eq!(answer.status, 202, "{headers:?}: {}", answer.body);
    }
}

#[tokio::test]
async fn another_method_or_path_is_told_in_the_same_form() {
    let stack = Stack::up().await;
    for method in ["GET", "PUT", "DELETE", "PATCH"] {
        let answer = stack.request(method, "", b"", JSON);
        assert_eq!((answer.status, &answer.headers["allow"]), (405, &"POST".parse().unwrap()), "{method}");
        assert_eq!(answer.body["message"], "Method not allowed: use POST");
    }
    let answer = stack.request("POST", "/7", ORDER.as_bytes(), JSON);
    assert_eq!(answer.status, 404);
    assert!(answer.body["message"].as_str().unwrap().starts_with("Not found: "), "{}", answer.body);
}
