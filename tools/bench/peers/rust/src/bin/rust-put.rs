//! The Lambda runtime and the SDK alone: stores each record's message as it came, unchecked.

use aws_config::BehaviorVersion;
use aws_lambda_events::sqs::{SqsBatchResponse, SqsEvent, SqsMessage};
use aws_sdk_dynamodb::{Client, types::AttributeValue};
use aws_smithy_http_client::{
    Builder,
    tls::{Provider, rustls_provider::CryptoMode},
};
use futures::future::try_join_all;
use lambda_runtime::{Error, LambdaEvent, service_fn};
use serde_json::Value;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    let http = Builder::new().tls_provider(Provider::Rustls(CryptoMode::Ring)).build_https();
    let sdk = aws_config::defaults(BehaviorVersion::latest()).http_client(http).load().await;
    let (client, table) = (&Client::new(&sdk), &std::env::var("ORDERS_TABLE_NAME")?);
    lambda_runtime::run(service_fn(|event: LambdaEvent<SqsEvent>| async move {
        try_join_all(event.payload.records.iter().map(|message| put(client, table, message))).await?;
        Ok::<_, Error>(SqsBatchResponse::default())
    }))
    .await
}

/// Under the same condition as the processor, and about as many bytes.
async fn put(client: &Client, table: &str, message: &SqsMessage) -> Result<(), Error> {
    let body: Value = serde_json::from_str(message.body.as_deref().unwrap_or_default())?;
    let AttributeValue::M(item) = attribute(body) else { return Err("the message is no object".into()) };
    let put = client.put_item().table_name(table).set_item(Some(item));
    Box::pin(put.condition_expression("attribute_not_exists(orderId)").send()).await?;
    Ok(())
}

fn attribute(value: Value) -> AttributeValue {
    match value {
        Value::Null => AttributeValue::Null(true),
        Value::Bool(value) => AttributeValue::Bool(value),
        Value::Number(value) => AttributeValue::N(value.to_string()),
        Value::String(value) => AttributeValue::S(value),
        Value::Array(values) => AttributeValue::L(values.into_iter().map(attribute).collect()),
        Value::Object(values) => {
            AttributeValue::M(values.into_iter().map(|(name, value)| (name, attribute(value))).collect())
        }
    }
}
