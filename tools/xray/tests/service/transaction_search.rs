//! An account with Transaction Search: segments go to CloudWatch Logs, and traces are retrieved from there.

use aws_sdk_xray::types::{RetrievalStatus, TraceFormatType, TraceSegmentDestination};
use serde_json::{Value, json};
use xray::{Destination, record};

use crate::common::{NOW, Service, config, segment, service, time, trace_id};

async fn switch(service: &Service, destination: TraceSegmentDestination) {
    let answer =
        service.client.update_trace_segment_destination().destination(destination.clone()).send().await.unwrap();
    assert_eq!(answer.destination(), Some(&destination));
    let told = service.client.get_trace_segment_destination().send().await.unwrap();
    assert_eq!((told.destination(), told.status().unwrap().as_str()), (Some(&destination), "ACTIVE"));
}

async fn start(service: &Service, id: u64) -> String {
    let call = service.client.start_trace_retrieval().trace_ids(trace_id(id)).trace_ids(trace_id(99));
    let answer = call.start_time(time(NOW - 60.0)).end_time(time(NOW + 60.0)).send().await.unwrap();
    answer.retrieval_token().unwrap().to_owned()
}

#[tokio::test]
async fn with_the_destination_switched_the_index_finds_nothing_and_a_retrieval_does() {
    let service = service(config()).await;
    service.store.put(&segment(1, 1, 0.0).to_string());
    switch(&service, TraceSegmentDestination::CloudWatchLogs).await;
    assert_eq!(service.store.destination(), Destination::CloudWatchLogs);
    service.store.put(&segment(2, 2, 0.0).to_string());

    let client = &service.client;
    let found =
        client.get_trace_summaries().start_time(time(NOW - 60.0)).end_time(time(NOW + 60.0)).send().await.unwrap();
    let ids: Vec<_> = found.trace_summaries().iter().filter_map(|summary| summary.id()).collect();
    assert_eq!(ids, [trace_id(1)], "what came before stays in the index");
    let traces = client.batch_get_traces().trace_ids(trace_id(2)).send().await.unwrap();
    assert_eq!((traces.traces().len(), traces.unprocessed_trace_ids()), (0, &[trace_id(2)][..]));

    let token = start(&service, 2).await;
    let running = client.list_retrieved_traces().retrieval_token(&token).send().await.unwrap();
    assert_eq!((running.retrieval_status(), running.traces().len()), (Some(&RetrievalStatus::Running), 0));
    let done = client.list_retrieved_traces().retrieval_token(&token).send().await.unwrap();
    assert_eq!(done.retrieval_status(), Some(&RetrievalStatus::Complete));
    assert_eq!((done.traces().len(), done.traces()[0].id()), (1, Some(trace_id(2).as_str())));
    let document: Value = serde_json::from_str(done.traces()[0].spans()[0].document().unwrap()).unwrap();
    assert_eq!((&document["name"], &document["trace_id"]), (&json!("orders"), &json!(trace_id(2))));

    let otel = client
        .list_retrieved_traces()
        .retrieval_token(&token)
        .trace_format(TraceFormatType::Otel)
        .send()
        .await
        .unwrap();
    let span: Value = serde_json::from_str(otel.traces()[0].spans()[0].document().unwrap()).unwrap();
    assert_eq!((&span["kind"], &span["durationNano"]), (&json!("SERVER"), &json!(1_000_000_000_u64)));

    let graph = client.get_retrieved_traces_graph().retrieval_token(&token).send().await.unwrap();
    let names: Vec<_> = graph.services().iter().filter_map(|service| service.service()?.name()).collect();
    assert!(names.contains(&"orders"), "{names:?}");

    switch(&service, TraceSegmentDestination::XRay).await;
    let refused = client.start_trace_retrieval().trace_ids(trace_id(2)).start_time(time(NOW)).end_time(time(NOW));
    assert!(refused.send().await.unwrap_err().into_service_error().is_invalid_request_exception());
}

#[tokio::test]
async fn a_long_trace_is_retrieved_in_pages_and_a_cancelled_retrieval_has_none() {
    let service = service(config()).await;
    service.store.set_destination(Destination::CloudWatchLogs);
    for id in 1..=250 {
        service.store.put(&segment(1, id, 0.0).to_string());
    }
    let token = start(&service, 1).await;
    let ask = || service.client.list_retrieved_traces().retrieval_token(&token);
    ask().send().await.unwrap();
    let (mut next, mut counts) = (None, Vec::new());
    loop {
        let page = ask().set_next_token(next).send().await.unwrap();
        counts.push(page.traces().iter().map(|trace| trace.spans().len()).sum::<usize>());
        next = page.next_token().map(str::to_owned);
        if next.is_none() {
            break;
        }
    }
    assert_eq!(counts, [100, 100, 50]);

    let token = start(&service, 1).await;
    service.client.cancel_trace_retrieval().retrieval_token(&token).send().await.unwrap();
    let answer = service.client.list_retrieved_traces().retrieval_token(&token).send().await.unwrap();
    assert_eq!((answer.retrieval_status(), answer.traces().len()), (Some(&RetrievalStatus::Cancelled), 0));
    let unknown = service.client.list_retrieved_traces().retrieval_token("t").send().await.unwrap_err();
    assert!(unknown.into_service_error().is_resource_not_found_exception());
}

#[tokio::test]
async fn every_whole_span_is_a_record_for_the_log_group() {
    let service = service(config()).await;
    let mut records = service.store.records();
    service.store.put(&segment(1, 1, 0.0).to_string());
    service.store.set_destination(Destination::CloudWatchLogs);
    let mut whole = segment(2, 2, 0.0);
    whole["annotations"] = json!({"orderId": "o-2"});
    whole["fault"] = json!(true);
    whole["cause"] = json!({"exceptions": [{"id": "00000000000000e1", "type": "Timeout", "message": "late"}]});
    whole["subsegments"] = json!([{"name": "DynamoDB", "id": "00000000000000d1", "namespace": "aws", "start_time": NOW, "end_time": NOW + 0.5,
        "aws": {"operation": "PutItem", "table_name": "orders"}}]);
    service.store.put(&whole.to_string());
    let mut running = segment(2, 3, 0.0);
    running.as_object_mut().unwrap().remove("end_time");
    running["in_progress"] = json!(true);
    service.store.put(&running.to_string());

    let first = records.recv().await.unwrap();
    assert_eq!(
        (&first["attributes"]["orderId"], &first["attributes"]["aws.xray.annotations"]),
        (&json!("o-2"), &json!(["orderId"]))
    );
    assert_eq!(
        (&first["status"]["code"], &first["events"][0]["attributes"]["exception.type"]),
        (&json!("ERROR"), &json!("Timeout"))
    );
    assert_eq!(first["traceId"], trace_id(2).replace("1-", "").replace('-', ""));
    let second = records.recv().await.unwrap();
    assert_eq!(
        (&second["kind"], &second["parentSpanId"], &second["attributes"]["aws.table.name"]),
        (&json!("CLIENT"), &first["spanId"], &json!("orders"))
    );
    assert!(records.try_recv().is_err(), "what is in progress comes again when it is done");
    assert_eq!((service.store.stats().unlogged, record::LOG_GROUP), (0, "aws/spans"));
}
