//! The tables, on demand, with the order's id as their key: of orders, and of what is known of clients' keys.

use anyhow::Result;
use aws_sdk_dynamodb::{
    Client,
    types::{
        AttributeDefinition, BillingMode, KeySchemaElement, KeyType, PointInTimeRecoverySpecification,
        ScalarAttributeType, SseSpecification, TimeToLiveSpecification,
    },
};
use suite::Names;

const KEY: &str = "orderId";

pub(super) async fn create(names: &Names, dynamodb: &Client) -> Result<()> {
    create_table(&names.table(), dynamodb).await?;
    dynamodb
        .update_continuous_backups()
        .table_name(names.table())
        .point_in_time_recovery_specification(
            PointInTimeRecoverySpecification::builder().point_in_time_recovery_enabled(true).build()?,
        )
        .send()
        .await?;
    create_table(&names.idempotency_table(), dynamodb).await?;
    dynamodb
        .update_time_to_live()
        .table_name(names.idempotency_table())
        .time_to_live_specification(
            TimeToLiveSpecification::builder().attribute_name("expiresAt").enabled(true).build()?,
        )
        .send()
        .await?;
    Ok(())
}

async fn create_table(name: &str, dynamodb: &Client) -> Result<()> {
    dynamodb
        .create_table()
        .table_name(name)
        .billing_mode(BillingMode::PayPerRequest)
        .attribute_definitions(
            AttributeDefinition::builder().attribute_name(KEY).attribute_type(ScalarAttributeType::S).build()?,
        )
        .key_schema(KeySchemaElement::builder().attribute_name(KEY).key_type(KeyType::Hash).build()?)
        .sse_specification(SseSpecification::builder().enabled(true).build())
        .send()
        .await?;
    Ok(())
}
