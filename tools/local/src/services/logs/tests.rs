//! The real SDK against the real wire; behind it what the emulator would answer.

use std::{sync::Arc, time::Duration};

use aws_sdk_cloudwatchlogs::{Client, error::ProvideErrorMetadata as _, types::QueryStatus};
use axum::{Json, Router, extract::State, http::StatusCode, response::IntoResponse as _};
use serde_json::json;

use super::*;
use crate::{clients::Clients, credentials::Credentials};

const LINES: [&str; 5] = [
    "START RequestId: 0b7b0a5c-1c39-4f0d-9d6b-1f5c0f3b7a11 Version: $LATEST",
    r#"{"level": "INFO", "step": "parse", "durationMs": 2}"#,
    r#"{"level": "ERROR", "step": "store", "durationMs": 9, "errorClass": "throttled"}"#,
    r#"{"level": "ERROR", "step": "store", "durationMs": 3, "errorClass": "conflict"}"#,
    "END RequestId: 0b7b0a5c-1c39-4f0d-9d6b-1f5c0f3b7a11",
];

/// As the emulator: all of a time, by time, without ids and pages; `/many` has more than one answer holds.
async fn emulator(Json(request): Json<Value>) -> Response<Body> {
    let (from, to) = (request["startTime"].as_i64().unwrap_or(0), request["endTime"].as_i64().unwrap_or(i64::MAX));
    let count = match request["logGroupName"].as_str() {
        Some("/aws/lambda/f") => LINES.len(),
        Some("/many") => 25_000,
        _ => {
            let body =
                json!({"__type": "ResourceNotFoundException", "message": "The specified log group does not exist: x"});
            return (StatusCode::BAD_REQUEST, Json(body)).into_response();
        }
    };
    let event = |n: usize| {
        let at = 1000 + i64::try_from(n).unwrap() / 3;
        (from..=to)
            .contains(&at)
            .then(|| json!({"timestamp": at, "ingestionTime": at + 1, "message": LINES[n % 5], "logStreamName": "s"}))
    };
    let events: Vec<_> = (0..count).filter_map(event).take(10_000).collect();
    Json(json!({"events": events, "searchedLogStreams": []})).into_response()
}

async fn serve(router: Router) -> Client {
    let listener = tokio::net::TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    let endpoint = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move { axum::serve(listener, router).await });
    {
        let http = aws_smithy_http_client::Builder::new().build_http();
        Clients::new(&endpoint, "us-east-1", &Credentials::new(), http).await.logs
    }
}

async fn client() -> Client {
    async fn handle(State(logs): State<Arc<Logs>>, request: Request) -> Response<Body> {
        logs.answer(request).await.unwrap_or_else(|_| StatusCode::NOT_IMPLEMENTED.into_response())
    }
    let behind = serve(Router::new().fallback(|request: Request| async {
        let body = request.into_body().collect().await.unwrap().to_bytes();
        emulator(Json(serde_json::from_slice(&body).unwrap())).await
    }))
    .await;
    serve(Router::new().fallback(handle).with_state(Arc::new(Logs::new(behind)))).await
}

async fn ask(client: &Client, query: &str) -> Vec<Vec<String>> {
    let started = client
        .start_query()
        .log_group_name("/aws/lambda/f")
        .start_time(0)
        .end_time(10)
        .query_string(query)
        .send()
        .await;
    let id = started.unwrap().query_id.unwrap();
    loop {
        let answer = client.get_query_results().query_id(&id).send().await.unwrap();
        if answer.status() == Some(&QueryStatus::Complete) {
            let row = |row: &Vec<aws_sdk_cloudwatchlogs::types::ResultField>| {
                row.iter()
                    .filter(|cell| cell.field() != Some("@ptr"))
                    .map(|cell| cell.value().unwrap().to_owned())
                    .collect()
            };
            return answer.results().iter().map(row).collect();
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

#[tokio::test]
async fn a_query_is_answered_with_its_own_rows() {
    let client = client().await;
    let rows = ask(&client, "filter ispresent(step) | stats count(*) by step | sort step").await;
    assert_eq!(rows, [["parse", "1"], ["store", "2"]]);
    let rows = ask(&client, "fields errorClass | filter level = 'ERROR' | sort durationMs desc").await;
    assert_eq!(rows, [["throttled"], ["conflict"]]);
    let queries = client.describe_queries().send().await.unwrap();
    assert_eq!(queries.queries().len(), 2);
    assert_eq!(queries.queries()[0].log_group_name(), Some("/aws/lambda/f"));
    let page = client.describe_queries().max_results(1).send().await.unwrap();
    let rest = client.describe_queries().max_results(1).next_token(page.next_token().unwrap()).send().await.unwrap();
    assert_eq!((page.queries().len(), rest.queries().len(), rest.next_token()), (1, 1, None));
}

#[tokio::test]
async fn sources_in_the_query_take_the_place_of_groups() {
    let client = client().await;
    let ask = client.start_query().start_time(0).end_time(10).query_string("SOURCE '/aws/lambda/f' | stats count(*)");
    let id = ask.clone().send().await.unwrap().query_id.unwrap();
    assert!(client.get_query_results().query_id(id).send().await.is_ok());
    let both = ask.log_group_name("/aws/lambda/f").send().await.unwrap_err();
    assert_eq!(both.code(), Some("InvalidParameterException"));
}

#[tokio::test]
async fn what_can_not_be_asked_is_malformed_with_its_place() {
    let client = client().await;
    let ask = |query: &str| {
        client.start_query().log_group_name("/aws/lambda/f").start_time(0).end_time(10).query_string(query)
    };
    let error = ask("fields a | pattern @message").send().await.unwrap_err().into_service_error();
    let aws_sdk_cloudwatchlogs::operation::start_query::StartQueryError::MalformedQueryException(error) = error else {
        panic!("{error:?}")
    };
    let place = error.query_compile_error().unwrap().location().unwrap();
    assert_eq!((place.start_char_offset(), place.end_char_offset()), (Some(11), Some(18)));
    assert!(error.message().unwrap().contains("pattern is not supported here (line 1, column 12)"), "{error:?}");
    let absent = client
        .start_query()
        .log_group_name("/nowhere")
        .start_time(0)
        .end_time(10)
        .query_string("fields a")
        .send()
        .await;
    assert_eq!(absent.unwrap_err().code(), Some("ResourceNotFoundException"));
    let backwards = client
        .start_query()
        .log_group_name("/aws/lambda/f")
        .start_time(10)
        .end_time(0)
        .query_string("fields a")
        .send()
        .await;
    assert_eq!(backwards.unwrap_err().code(), Some("InvalidParameterException"));
}

#[tokio::test]
async fn a_query_that_has_ended_can_not_be_stopped() {
    let client = client().await;
    ask(&client, "fields a").await;
    let id = client.describe_queries().send().await.unwrap().queries()[0].query_id().unwrap().to_owned();
    assert_eq!(client.stop_query().query_id(id).send().await.unwrap_err().code(), Some("InvalidParameterException"));
    assert_eq!(
        client.stop_query().query_id("none").send().await.unwrap_err().code(),
        Some("ResourceNotFoundException")
    );
    assert_eq!(
        client.get_query_results().query_id("none").send().await.unwrap_err().code(),
        Some("ResourceNotFoundException")
    );
}

/// The emulator answered this pattern with START lines.
#[tokio::test]
async fn a_pattern_returns_what_it_says() {
    let client = client().await;
    let found =
        |pattern: &str| client.filter_log_events().log_group_name("/aws/lambda/f").filter_pattern(pattern).send();
    for (pattern, count) in
        [("{ $.level = \"ERROR\" }", 2), ("RequestId", 2), ("?conflict ?throttled", 2), ("", 5), ("-RequestId", 3)]
    {
        assert_eq!(found(pattern).await.unwrap().events().len(), count, "{pattern}");
    }
    assert_eq!(found("{ $.level").await.unwrap_err().code(), Some("InvalidParameterException"));
}

#[tokio::test]
async fn pages_hold_every_event_once_also_where_the_emulator_has_no_pages() {
    let client = client().await;
    let call = client.filter_log_events().log_group_name("/many").filter_pattern("?START ?END").limit(997);
    let mut pages = call.into_paginator().send();
    let mut ids = std::collections::BTreeSet::new();
    let mut count = 0;
    while let Some(page) = pages.next().await {
        for event in page.unwrap().events() {
            ids.insert(event.event_id().unwrap().to_owned());
            count += 1;
        }
    }
    assert_eq!((count, ids.len()), (10_000, 10_000));
}

#[tokio::test]
async fn any_other_call_is_left_to_the_emulator() {
    let logs = Logs::new(client().await);
    let request = Request::post("/").header("x-amz-target", "Logs_20140328.PutLogEvents").body(Body::empty());
    assert!(logs.answer(request.unwrap()).await.is_err());
}
