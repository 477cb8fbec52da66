//! The API as AWS's own client sees it.

use aws_sdk_xray::{
    error::ProvideErrorMetadata,
    types::{InsightsConfiguration, SamplingRule, SamplingRuleUpdate, SamplingStatisticsDocument, Tag, TimeRangeType},
};
use serde_json::{Value, json};
use xray::Config;

use crate::common::{NOW, Service, config, segment, service, time, trace_id};

async fn put(service: &Service, documents: &[Value]) {
    let answer = service
        .client
        .put_trace_segments()
        .set_trace_segment_documents(Some(documents.iter().map(Value::to_string).collect()))
        .send()
        .await
        .unwrap();
    assert_eq!(answer.unprocessed_trace_segments(), []);
}

/// Code and message of a refusal.
fn refusal<T, E>(answer: Result<T, E>) -> (String, String)
where
    T: std::fmt::Debug,
    E: ProvideErrorMetadata,
{
    match answer {
        Err(error) => (error.code().unwrap_or_default().to_owned(), error.message().unwrap_or_default().to_owned()),
        Ok(answer) => panic!("not refused: {answer:?}"),
    }
}

async fn found(service: &Service, filter: &str) -> Vec<String> {
    let answer = service
        .client
        .get_trace_summaries()
        .start_time(time(NOW - 60.0))
        .end_time(time(NOW + 60.0))
        .filter_expression(filter)
        .send()
        .await
        .unwrap();
    answer.trace_summaries().iter().filter_map(|s| s.id()).map(str::to_owned).collect()
}

#[tokio::test]
async fn an_order_is_found_by_its_annotation_and_read_in_full() {
    let service = service(config()).await;
    let mut order = segment(1, 1, 0.0);
    order["annotations"] = json!({"orderId": "o-1", "attempt": 1, "final": true});
    order["http"] = json!({"request": {"method": "POST", "url": "http://x/orders"}, "response": {"status": 202}});
    order["subsegments"] = json!([{"id": "00000000000000aa", "name": "DynamoDB", "namespace": "aws", "start_time": NOW, "end_time": NOW + 0.5,
        "fault": true, "cause": {"exceptions": [{"type": "T", "message": "m"}]}, "aws": {"table_name": "orders", "operation": "PutItem"}}]);
    put(&service, &[order, segment(2, 1, 0.0)]).await;

    let answer = service
        .client
        .get_trace_summaries()
        .start_time(time(NOW))
        .end_time(time(NOW + 1.0))
        .filter_expression("annotation.orderId = \"o-1\"")
        .send()
        .await
        .unwrap();
    assert_eq!(answer.traces_processed_count(), Some(2));
    let [summary] = answer.trace_summaries() else { panic!("{answer:?}") };
    assert_eq!(summary.id(), Some(trace_id(1).as_str()));
    assert_eq!(summary.duration(), Some(1.0));
    assert_eq!(summary.http().and_then(|h| h.http_status()), Some(202));
    assert_eq!(summary.is_partial(), Some(false));
    assert_eq!(summary.start_time(), Some(&time(NOW)));
    let value = summary.annotations().unwrap()["orderId"][0].annotation_value().unwrap();
    assert_eq!(value.as_string_value().unwrap(), "o-1");
    assert_eq!(summary.service_ids().len(), 2);
    let cause = &summary.fault_root_causes()[0].services()[0].entity_path()[1];
    assert_eq!((cause.name(), cause.exceptions()[0].message()), (Some("DynamoDB"), Some("m")));

    let full = service.client.batch_get_traces().trace_ids(trace_id(1)).trace_ids(trace_id(9)).send().await.unwrap();
    assert_eq!(full.unprocessed_trace_ids(), [trace_id(9)]);
    let [trace] = full.traces() else { panic!("{full:?}") };
    assert_eq!((trace.duration(), trace.limit_exceeded()), (Some(1.0), Some(false)));
    let documents: Vec<Value> =
        trace.segments().iter().map(|s| serde_json::from_str(s.document().unwrap()).unwrap()).collect();
    assert_eq!(documents[0]["subsegments"][0]["aws"]["operation"], "PutItem");
    assert_eq!((&documents[1]["inferred"], &documents[1]["origin"]), (&json!(true), &json!("AWS::DynamoDB::Table")));
    assert_eq!(trace.segments()[1].id(), documents[1]["id"].as_str());
}

#[tokio::test]
async fn bad_documents_come_back_and_good_ones_beside_them_stay() {
    let service = service(config()).await;
    let mut bad = segment(1, 2, 0.0);
    bad["name"] = json!("a{b}");
    let answer = service
        .client
        .put_trace_segments()
        .trace_segment_documents(segment(1, 1, 0.0).to_string())
        .trace_segment_documents(bad.to_string())
        .trace_segment_documents("nonsense")
        .send()
        .await
        .unwrap();
    let [name, parse] = answer.unprocessed_trace_segments() else { panic!("{answer:?}") };
    assert_eq!((name.id(), name.error_code()), (Some("0000000000000002"), Some("InvalidName")));
    assert!(name.message().unwrap().contains("'{'"));
    assert_eq!((parse.id(), parse.error_code()), (None, Some("ParseError")));
    assert_eq!(found(&service, "").await, [trace_id(1)]);
}

#[tokio::test]
async fn pages_run_from_the_newest_and_hold_still_while_traces_arrive() {
    let service = service(Config { page_size: 3, ..config() }).await;
    // Two traces each second: the id decides between them.
    let documents: Vec<Value> = (0..8).map(|n| segment(n, 1, (n / 2) as f64)).collect();
    put(&service, &documents).await;
    let mut seen = Vec::new();
    let mut token = None;
    loop {
        let answer = service
            .client
            .get_trace_summaries()
            .start_time(time(NOW))
            .end_time(time(NOW + 60.0))
            .set_next_token(token)
            .send()
            .await
            .unwrap();
        assert!(answer.trace_summaries().len() <= 3);
        seen.extend(answer.trace_summaries().iter().filter_map(|s| s.id()).map(str::to_owned));
        put(&service, &[segment(100 + seen.len() as u64, 1, 30.0)]).await;
        token = answer.next_token().map(str::to_owned);
        if token.is_none() {
            break;
        }
    }
    assert_eq!(seen, (0..8).rev().map(trace_id).collect::<Vec<_>>());
    let answer =
        service.client.get_trace_summaries().start_time(time(NOW)).end_time(time(NOW)).next_token("x").send().await;
    assert!(refusal(answer).1.contains("NextToken"));
}

#[tokio::test]
async fn a_time_range_is_half_open_and_looks_at_what_it_is_told_to() {
    let service = service(config()).await;
    let mut long = segment(1, 1, 0.0);
    long["end_time"] = json!(NOW + 100.0);
    put(&service, &[long]).await;
    let hits = |kind: TimeRangeType, from: f64, to: f64| {
        let request = service
            .client
            .get_trace_summaries()
            .time_range_type(kind)
            .start_time(time(NOW + from))
            .end_time(time(NOW + to));
        async move { request.send().await.unwrap().trace_summaries().len() }
    };
    assert_eq!(hits(TimeRangeType::TraceId, 0.0, 1.0).await, 1);
    assert_eq!(hits(TimeRangeType::TraceId, -1.0, 0.0).await, 0);
    assert_eq!(hits(TimeRangeType::TraceId, 1.0, 200.0).await, 0);
    assert_eq!(hits(TimeRangeType::Event, 50.0, 51.0).await, 1);
    assert_eq!(hits(TimeRangeType::Event, 101.0, 200.0).await, 0);
    assert_eq!(hits(TimeRangeType::Service, 0.0, 100.0).await, 0);
    assert_eq!(hits(TimeRangeType::Service, 100.0, 101.0).await, 1);
}

#[tokio::test]
async fn refusals_are_invalid_requests_that_say_why() {
    let service = service(config()).await;
    let summaries = |from: f64, to: f64, filter: &str| {
        service.client.get_trace_summaries().start_time(time(from)).end_time(time(to)).filter_expression(filter).send()
    };
    for (answer, text) in [
        (summaries(NOW, NOW + 86_401.0, "").await, "Time range cannot be longer than 24 hours"),
        (summaries(NOW, NOW - 1.0, "").await, "StartTime must be before EndTime"),
        (
            summaries(NOW, NOW + 1.0, "rootcause.responsetime.entity { last }").await,
            "\"rootcause.responsetime\" is not supported",
        ),
        (summaries(NOW, NOW + 1.0, "colour = \"red\"").await, "unknown keyword \"colour\""),
    ] {
        let (code, message) = refusal(answer);
        assert_eq!(code, "InvalidRequestException");
        assert!(message.contains(text), "{message}");
    }
    let ids = (0..6).map(trace_id).collect::<Vec<_>>();
    let answer = service.client.batch_get_traces().set_trace_ids(Some(ids)).send().await;
    assert_eq!(refusal(answer).1, "Exceeding maximum query size: 5");
    let answer = service.client.get_service_graph().start_time(time(NOW)).end_time(time(NOW + 21_601.0)).send().await;
    assert!(refusal(answer).1.contains("6 hours"));
    assert_eq!(refusal(service.client.get_encryption_config().send().await).0, "UnknownOperationException");
}

#[tokio::test]
async fn the_service_graph_shows_clients_services_and_edges() {
    let service = service(config()).await;
    let mut api = segment(1, 1, 0.0);
    api["subsegments"] = json!([{"id": "00000000000000aa", "name": "DynamoDB", "namespace": "aws", "start_time": NOW, "end_time": NOW + 0.25,
        "error": true, "throttle": true, "aws": {"table_name": "orders"}}]);
    put(&service, &[api]).await;
    let answer = service.client.get_trace_graph().trace_ids(trace_id(1)).send().await.unwrap();
    let node = |kind: Option<&str>| answer.services().iter().find(|s| s.r#type() == kind).unwrap();
    let (client, api, table) = (node(Some("client")), node(None), node(Some("AWS::DynamoDB::Table")));
    assert_eq!((client.name(), api.root(), table.state()), (Some("orders"), Some(true), Some("unknown")));
    assert_eq!(client.edges()[0].reference_id(), api.reference_id());
    assert_eq!(api.edges()[0].reference_id(), table.reference_id());
    let statistics = api.edges()[0].summary_statistics().unwrap();
    assert_eq!(
        (statistics.ok_count(), statistics.total_count(), statistics.total_response_time()),
        (Some(0), Some(1), Some(0.25))
    );
    assert_eq!(statistics.error_statistics().and_then(|e| e.throttle_count()), Some(1));
    assert_eq!(table.response_time_histogram()[0].value(), 0.25);

    let graph = |group: Option<&str>| {
        let request = service
            .client
            .get_service_graph()
            .start_time(time(NOW - 1.0))
            .end_time(time(NOW + 60.0))
            .set_group_name(group.map(str::to_owned));
        async move { request.send().await.map(|g| g.services().len()) }
    };
    service.client.create_group().group_name("faulty").filter_expression("service() { fault }").send().await.unwrap();
    assert_eq!(graph(None).await.unwrap(), 3);
    assert_eq!(graph(Some("faulty")).await.unwrap(), 0);
    assert_eq!(refusal(graph(Some("none")).await).1, "Group not found");
}

#[tokio::test]
async fn groups_live_as_terraform_needs_them_to() {
    let service = service(config()).await;
    let client = &service.client;
    let tag = |key: &str| Tag::builder().key(key).value("v").build().unwrap();
    let created =
        client.create_group().group_name("slow").filter_expression("duration > 5").tags(tag("a")).send().await.unwrap();
    let arn = created.group().and_then(|g| g.group_arn()).unwrap().to_owned();
    assert!(arn.starts_with("arn:aws:xray:us-east-1:000000000000:group/slow/"), "{arn}");
    assert!(refusal(client.create_group().group_name("slow").send().await).1.contains("already exists"));
    assert!(refusal(client.create_group().group_name("Default").send().await).1.contains("reserved"));
    assert!(
        refusal(client.create_group().group_name("x").filter_expression("nonsense >").send().await)
            .1
            .contains("filter expression")
    );
    // One that AWS takes and the service cannot answer is kept.
    client
        .create_group()
        .group_name("json")
        .filter_expression("rootcause.responsetime.entity { last }")
        .send()
        .await
        .unwrap();

    let insights = InsightsConfiguration::builder().insights_enabled(true).build();
    client
        .update_group()
        .group_arn(&arn)
        .filter_expression("duration > 6")
        .insights_configuration(insights)
        .send()
        .await
        .unwrap();
    let group = client.get_group().group_arn(&arn).send().await.unwrap();
    let group = group.group().unwrap();
    assert_eq!(group.filter_expression(), Some("duration > 6"));
    assert_eq!(group.insights_configuration().and_then(|i| i.insights_enabled()), Some(true));
    assert_eq!(client.get_groups().send().await.unwrap().groups().len(), 2);

    client.tag_resource().resource_arn(&arn).tags(tag("b")).send().await.unwrap();
    client.untag_resource().resource_arn(&arn).tag_keys("a").send().await.unwrap();
    let tags = client.list_tags_for_resource().resource_arn(&arn).send().await.unwrap();
    assert_eq!(tags.tags().iter().map(|t| t.key()).collect::<Vec<_>>(), ["b"]);

    client.delete_group().group_arn(&arn).send().await.unwrap();
    assert_eq!(
        refusal(client.get_group().group_arn(&arn).send().await),
        ("InvalidRequestException".to_owned(), "Group not found".to_owned())
    );
    assert_eq!(refusal(client.list_tags_for_resource().resource_arn(&arn).send().await).0, "ResourceNotFoundException");
}

#[tokio::test]
async fn sampling_rules_live_as_terraform_and_the_sdks_need_them_to() {
    let service = service(config()).await;
    let client = &service.client;
    let rule = SamplingRule::builder()
        .rule_name("orders")
        .resource_arn("*")
        .priority(100)
        .fixed_rate(0.5)
        .reservoir_size(4)
        .service_name("*")
        .service_type("*")
        .host("*")
        .http_method("*")
        .url_path("/orders")
        .version(1)
        .attributes("k", "v")
        .build()
        .unwrap();
    let created = client.create_sampling_rule().sampling_rule(rule.clone()).send().await.unwrap();
    let record = created.sampling_rule_record().unwrap();
    assert_eq!(record.created_at(), Some(&time(NOW)));
    let arn = record.sampling_rule().and_then(|r| r.rule_arn()).unwrap();
    assert_eq!(arn, "arn:aws:xray:us-east-1:000000000000:sampling-rule/orders");
    assert!(refusal(client.create_sampling_rule().sampling_rule(rule).send().await).1.contains("already exists"));

    let update = SamplingRuleUpdate::builder().rule_name("orders").fixed_rate(0.25).build();
    client.update_sampling_rule().sampling_rule_update(update).send().await.unwrap();
    let rules = client.get_sampling_rules().send().await.unwrap();
    let rates: Vec<_> = rules
        .sampling_rule_records()
        .iter()
        .filter_map(|r| r.sampling_rule())
        .map(|r| (r.rule_name().unwrap(), r.fixed_rate()))
        .collect();
    assert_eq!(rates, [("Default", 0.05), ("orders", 0.25)]);

    let report = |name: &str| {
        SamplingStatisticsDocument::builder()
            .rule_name(name)
            .client_id("0".repeat(24))
            .timestamp(time(NOW))
            .request_count(10)
            .sampled_count(3)
            .borrow_count(1)
            .build()
            .unwrap()
    };
    let answer = client
        .get_sampling_targets()
        .sampling_statistics_documents(report("orders"))
        .sampling_statistics_documents(report("none"))
        .send()
        .await
        .unwrap();
    let [target] = answer.sampling_target_documents() else { panic!("{answer:?}") };
    assert_eq!((target.fixed_rate(), target.reservoir_quota(), target.interval()), (0.25, Some(4), Some(10)));
    assert_eq!(answer.unprocessed_statistics()[0].rule_name(), Some("none"));
    let summaries = client.get_sampling_statistic_summaries().send().await.unwrap();
    assert_eq!(summaries.sampling_statistic_summaries()[0].request_count(), 10);

    let tags = client.list_tags_for_resource().resource_arn(arn).send().await.unwrap();
    assert_eq!(tags.tags(), []);
    client.delete_sampling_rule().rule_arn(arn).send().await.unwrap();
    assert!(refusal(client.delete_sampling_rule().rule_name("orders").send().await).1.contains("does not exist"));
    assert!(refusal(client.delete_sampling_rule().rule_name("Default").send().await).1.contains("cannot be deleted"));
}

#[tokio::test]
async fn an_unsigned_request_without_a_body_is_answered_as_by_the_daemon() {
    use http_body_util::{BodyExt, Full};
    let service = service(config()).await;
    let client = hyper_util::client::legacy::Client::builder(hyper_util::rt::TokioExecutor::new())
        .build_http::<Full<axum::body::Bytes>>();
    let request =
        axum::http::Request::post(format!("{}/GetSamplingRules", service.endpoint)).body(Full::default()).unwrap();
    let answer = client.request(request).await.unwrap();
    assert_eq!(answer.status(), 200);
    let body = answer.into_body().collect().await.unwrap().to_bytes();
    let body: Value = serde_json::from_slice(&body).unwrap();
    assert_eq!(body["SamplingRuleRecords"][0]["SamplingRule"]["RuleName"], "Default");
}
