//! The README's table of bad input, by HTTP.

use crate::common::{ORDER, Stack};

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
        (
            &with("Lovelace", "\\u0000"),
            format!("{field}customerName must not contain U+0000, a control character, as character 5"),
        ),
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
        (&with("19.99", "1e13"), format!("{field}items[0].price must be at most 1000000000000")),
        (&with("19.99", "1e999"), format!("{field}items[0].price must be at most 1000000000000")),
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
async fn what_is_too_large_is_413_at_every_door_and_the_message_decides_not_the_body() {
    let stack = Stack::up().await;
    // As two languages spell it by default: 248 kB as sent, a third of that as a message.
    let name = "\\u00e9".repeat(200);
    let item = format!(
        r#"{{"productId": "p", "productName": "{name}", "quantity": 1, "price": 1, "ignored": "{}"}}"#,
        "x".repeat(1200)
    );
    let items = |n: usize| format!("\"items\": [{}], \"rest\": [", vec![item.as_str(); n].join(","));
    let large = ORDER.replacen("\"items\": [", &items(100), 1);
    assert!(large.len() > 245_760, "{}", large.len());
    assert_eq!(stack.post(large).status, 202);

    let street = "\u{1f980}".repeat(200);
    let heavy = format!(
        r#"{{"productId": "{}", "productName": "{street}", "quantity": 1, "price": 1}}"#,
        "\u{1f980}".repeat(64)
    );
    let answer = stack.post(ORDER.replacen(
        "\"items\": [",
        &format!("\"items\": [{}], \"rest\": [", vec![heavy.as_str(); 100].join(",")),
        1,
    ));
    if answer.status != 202 {
        assert_eq!(answer.status, 413);
    }
    let answer = stack.post(vec![b' '; 11 * 1024 * 1024]);
    assert_eq!(answer.status, 413);
    assert!(answer.body["message"].is_string());
}

#[tokio::test]
async fn a_refusal_comes_to_who_is_still_sending() {
    let stack = Stack::up().await;
    // More than a connection buffers.
    let body = vec![b' '; 64 * 1024 * 1024];
    let long = "x".repeat(11_000);
    for (headers, status) in [
        (JSON, 413),
        // Sent only when it is asked for, and refused behind that.
        (&[("expect", "100-continue")], 413),
        (&[("host", "shop.example")], 421),
        (&[("origin", "https://shop.example")], 403),
        (&[("x-long", &long)], 431),
    ] {
        let answer = stack.request("POST", "", &body, headers);
        assert_eq!(answer.status, status, "{headers:?}");
        assert!(answer.body["message"].is_string(), "{headers:?}: {}", answer.body);
    }
}

#[tokio::test]
async fn what_clients_send_by_habit_is_accepted_and_stored_in_its_own_form() {
    let stack = Stack::up().await;
    let with = |from: &str, to: &str| {
        assert!(ORDER.contains(from), "{from}");
        ORDER.replacen(from, to, 1)
    };
    for body in [
        with("\"quantity\": 1", "\"quantity\": 1.0"),
        with("\"quantity\": 1", "\"quantity\": 1E1"),
        with("19.99", "34990000"),
        with("{", &format!("{{\"extra\": {},", "7".repeat(5_000))),
        with("Ada Lovelace", "\\u2068 Ada Lovelace\\u2069"),
        with("ada@example.com", " ada@example.com\\n"),
    ] {
        let answer = stack.post(&body);
        assert_eq!(answer.status, 202, "{}: {}", answer.body, &body[..body.len().min(300)]);
    }
    let pasted = with("\"city\": \"London\"", "\"city\": \" Hong\\r\\n Kong\"").replacen("\"GB\"", "\"HK\"", 1);
    let mut body: serde_json::Value = serde_json::from_str(&pasted).unwrap();
    body["shippingAddress"].as_object_mut().unwrap().remove("postalCode");
    let answer = stack.post(body.to_string());
    let item = stack.stored(answer.body["orderId"].as_str().unwrap()).await;
    let address = item["shippingAddress"].as_m().unwrap();
    assert_eq!((address["city"].as_s().unwrap().as_str(), address.get("postalCode")), ("Hong Kong", None));
}

#[tokio::test]
async fn compressed_bodies_are_taken_as_api_gateway_takes_them() {
    let stack = Stack::up().await;
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    std::io::Write::write_all(&mut gzip, ORDER.as_bytes()).unwrap();
    let gzip = gzip.finish().unwrap();
    let post = |body: &[u8], encoding: &str| {
        stack.request("POST", "", body, &[("content-type", "application/json"), ("content-encoding", encoding)])
    };
    assert_eq!(post(&gzip, "gzip").status, 202);
    for (body, encoding) in [(&gzip[..], "br"), (&gzip[..20], "gzip"), (ORDER.as_bytes(), "gzip")] {
        let answer = post(body, encoding);
        assert_eq!(answer.status, 415, "{encoding}: {}", answer.body);
        assert!(answer.body["message"].as_str().unwrap().ends_with("as it is, or with gzip or deflate"));
    }
}

#[tokio::test]
async fn a_page_of_an_allowed_origin_may_send_orders_and_by_default_none_may() {
    const ORIGIN: &[(&str, &str)] = &[
        ("origin", "https://shop.example"),
        ("access-control-request-method", "POST"),
        ("content-type", "application/json"),
    ];
    let stack = Stack::up().await;
    assert_eq!(stack.request("OPTIONS", "", b"", &[]).status, 405);
    // The local stack takes nothing from a page that its API does not declare.
    assert_eq!(stack.request("OPTIONS", "", b"", &ORIGIN[..2]).status, 403);
    assert!(!stack.request("POST", "", b"{}", &ORIGIN[2..]).headers.contains_key("access-control-allow-origin"));

    let allow = |settings: &mut serde_json::Value| {
        settings["api"]["cors_allow_origins"] = serde_json::json!(["https://shop.example"]);
    };
    let stack = Stack::up_changed(allow, &[]).await;
    let origin = "https://shop.example".parse::<ureq::http::HeaderValue>().unwrap();
    let answer = stack.ask("OPTIONS", b"", ORIGIN);
    assert_eq!((answer.0, answer.1.get("access-control-allow-origin")), (204, Some(&origin)));
    // The validator's answers, and the gateway's own.
    for (body, status) in [(ORDER, 202), ("{}", 400), ("[]", 400)] {
        let (found, headers) = stack.ask("POST", body.as_bytes(), ORIGIN);
        assert_eq!((found, headers.get("access-control-allow-origin")), (status, Some(&origin)), "{body}");
    }
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
