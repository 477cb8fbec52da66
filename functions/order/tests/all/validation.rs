//! The bad input table, row by row: what is wrong, where, and the limit.

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
        (
            "/customerName",
            "\"a\\u0007b\"",
            "Invalid field: customerName must not contain U+0007, a control character, as character 2",
        ),
        (
            "/customerName",
            "\"a\\u202eb\"",
            "Invalid field: customerName must not contain U+202E, a mark that turns the direction of text, as character 2",
        ),
        (
            "/customerName",
            "\" a\\uffffb\"",
            "Invalid field: customerName must not contain U+FFFF, no character of Unicode, as character 3",
        ),
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
        ("/items/0/price", "1e999", "Invalid field: items[0].price must be at most 1000000000000"),
        ("/items/0/price", "1000000000000.01", "Invalid field: items[0].price must be at most 1000000000000"),
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
fn one_problem_is_told_of_an_object_with_names_given_twice_and_twenty_of_all() {
    let twice = |n: usize| (0..n).map(|n| format!("\"f{n}\":1,\"f{n}\":2")).collect::<Vec<_>>().join(",");
    let rejection = read(&format!("{{{},{}", twice(15_000), &valid().to_string()[1..])).unwrap_err();
    assert_eq!(rejection.message(), "Request body must not have two fields of one name");
    assert_eq!(rejection.count(), 1);
    let all = r#"{"customerName":1,"items":1,"items":2,"customerName":1,"items":3}"#;
    assert_eq!(read(all).unwrap_err().message(), "Invalid field: items, customerName must not be given more than once");
    let rejection = read(&format!(r#"{{"items":[{}]}}"#, vec!["{}"; 100].join(","))).unwrap_err();
    assert_eq!((rejection.problems().len(), rejection.count()), (20, 404));
}

#[test]
fn a_name_that_is_half_a_character_is_told_and_the_rest_is_read() {
    let body = r#"{"caf\ud83d":1,"items":[{"\udc00x":2}]}"#;
    let messages: Vec<_> = read(body).unwrap_err().problems().iter().map(|p| p.message.clone()).take(3).collect();
    assert_eq!(
        messages,
        [
            "Request body must not have a field name with \\ud83d, half of a surrogate pair",
            "Missing required field: customerName",
            "Missing required field: customerEmail",
        ]
    );
    let mut inner = valid();
    inner["items"][0]["@@@"] = json!(1);
    assert_eq!(
        read(&inner.to_string().replace("@@@", "\\udfff")).unwrap_err().message(),
        "Invalid field: items[0] must not have a field name with \\udfff, half of a surrogate pair"
    );
}

fn with(changes: &[(&str, Value)]) -> Result<Order, Rejection> {
    let mut body = valid();
    for (pointer, value) in changes {
        *body.pointer_mut(pointer).unwrap() = value.clone();
    }
    read(&body.to_string())
}

#[test]
fn whole_numbers_are_whole_however_they_are_written() {
    for quantity in ["1.0", "1e0", "1E1", "10e-1", "1.00", "10000", "0.1e1"] {
        let order = read(&valid().to_string().replace("\"quantity\":2", &format!("\"quantity\":{quantity}"))).unwrap();
        assert_eq!(order.items[0].quantity, quantity.parse::<f64>().unwrap() as u32, "{quantity}");
    }
}

#[test]
fn a_currency_with_small_units_has_large_prices_and_totals_stay_exact() {
    let mut body = valid();
    body["items"] = json!(vec![
        json!({"productId": "a", "productName": "a", "quantity": 10_000, "price": 999_999_999_999.999_9_f64});
        100
    ]);
    assert_eq!(read(&body.to_string()).unwrap().total().to_string(), "999999999999999900");
    assert_eq!(with(&[("/items/0/price", json!(34_990_000))]).unwrap().total().to_string(), "69980000");
}

#[test]
fn what_is_around_a_text_is_dropped_and_lines_of_an_address_become_one() {
    let order = with(&[
        ("/customerName", json!("\u{2068} Ada Lovelace\u{2069}\n")),
        ("/customerEmail", json!(" ada@example.com\t")),
        ("/shippingAddress/street", json!("Flat 3\r\n12\tSquare")),
        ("/items/0/productId", json!("\u{202a}p-1\u{202c}")),
    ])
    .unwrap();
    assert_eq!(order.customer_name, "Ada Lovelace");
    assert_eq!(order.customer_email, "ada@example.com");
    assert_eq!(order.shipping_address.street, "Flat 3 12 Square");
    assert_eq!(order.items[0].product_id, "p-1");
    assert_eq!(
        with(&[("/customerName", json!("Ada\nLovelace"))]).unwrap_err().message(),
        "Invalid field: customerName must not contain U+000A, a control character, as character 4"
    );
}

#[test]
fn a_text_of_which_nothing_is_seen_is_blank() {
    for text in ["\u{200b}", "\u{2060}", "\u{3164}", "\u{2800}", "\u{ad}", " \u{200d}\u{fe0f} "] {
        let message = with(&[("/customerName", json!(text))]).unwrap_err().message().to_owned();
        assert_eq!(message, "Invalid field: customerName must not be blank", "{text:?}");
    }
}

#[test]
fn an_email_address_has_a_domain_that_can_be() {
    for email in ["jane@1.2.3.4", "jane@example.123", "jane@ex*mple.com"] {
        assert_eq!(
            with(&[("/customerEmail", json!(email))]).unwrap_err().message(),
            "Invalid field: customerEmail must be an e-mail address such as name@example.com",
            "{email}"
        );
    }
}

#[test]
fn a_postal_code_is_required_unless_the_country_has_none() {
    for country in ["HK", "hong kong", " Hong Kong ", "AE", "United Arab Emirates", "Qatar", "QAT"] {
        let mut body = valid();
        body["shippingAddress"]["country"] = json!(country);
        body["shippingAddress"].as_object_mut().unwrap().remove("postalCode");
        assert_eq!(read(&body.to_string()).unwrap().shipping_address.postal_code, None, "{country}");
        for blank in ["", " ", "\u{200b}"] {
            body["shippingAddress"]["postalCode"] = json!(blank);
            assert_eq!(read(&body.to_string()).unwrap().shipping_address.postal_code, None, "{country} {blank:?}");
        }
        body["shippingAddress"]["postalCode"] = json!("999077");
        assert_eq!(read(&body.to_string()).unwrap().shipping_address.postal_code.as_deref(), Some("999077"));
    }
    for country in ["GB", "Hongkong-on-Sea", ""] {
        let mut body = valid();
        body["shippingAddress"]["country"] = json!(country);
        body["shippingAddress"].as_object_mut().unwrap().remove("postalCode");
        assert_eq!(
            read(&body.to_string()).unwrap_err().message(),
            "Missing required field: shippingAddress.postalCode"
        );
    }
}

#[test]
fn a_long_number_in_a_field_of_no_interest_is_of_no_interest() {
    let body = valid().to_string().replacen('{', &format!("{{\"extra\":{},", "7".repeat(5_000)), 1);
    assert!(read(&body).is_ok());
}

#[test]
fn what_is_wrapped_around_an_order_in_the_queue_is_named() {
    let reason = |body: &str| order::QueueMessage::decode(body).unwrap_err().to_string();
    let none = "the message is no order envelope: no orderId";
    for (body, message) in [
        (
            r#"{"Type":"Notification","MessageId":"1","TopicArn":"arn","Message":"{}"}"#.to_owned(),
            format!("{none}: is this wrapped by SNS? Raw message delivery sends it bare"),
        ),
        (
            r#"{"version":"0","detail-type":"Order","source":"shop","detail":{}}"#.to_owned(),
            format!("{none}: is this wrapped by EventBridge? A rule's input path $.detail sends it bare"),
        ),
        (valid().to_string(), format!("{none}: is this an order without its envelope? Orders go to the API")),
        ("{}".to_owned(), none.to_owned()),
        (r#"{"orderId":"5b0a7f6e-6a0c-4f0e-9d6b-3c1f0d0b9a51"}"#.to_owned(), none.replace("orderId", "acceptedAt")),
        (
            "eyJvcmRlcklkIjoiNWIwYTdmNmUifQ==".to_owned(),
            "the message is no order envelope: syntax error at line 1, column 1: is this base64? Messages are JSON text".to_owned(),
        ),
        ("ada".to_owned(), "the message is no order envelope: syntax error at line 1, column 1".to_owned()),
    ] {
        assert_eq!(reason(&body), message);
    }
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
