//! The table, on demand, with the order's id as its key.

use anyhow::Result;
use aws_sdk_dynamodb::{
    Client,
    types::{
        AttributeDefinition, BillingMode, KeySchemaElement, KeyType, PointInTimeRecoverySpecification,
        ScalarAttributeType, SseSpecification,
    },
};
use suite::Names;

const KEY: &str = "orderId";

pub(super) async fn create(names: &Names, dynamodb: &Client) -> Result<()> {
    dynamodb
        .create_table()
        .table_name(names.table())
        .billing_mode(BillingMode::PayPerRequest)
        .attribute_definitions(
            AttributeDefinition::builder().attribute_name(KEY).attribute_type(ScalarAttributeType::S).build()?,
        )
        .key_schema(KeySchemaElement::builder().attribute_name(KEY).key_type(KeyType::Hash).build()?)
        .sse_specification(SseSpecification::builder().enabled(true).build())
        .send()
        .await?;
    dynamodb
        .update_continuous_backups()
        .table_name(names.table())
        .point_in_time_recovery_specification(
            PointInTimeRecoverySpecification::builder().point_in_time_recovery_enabled(true).build()?,
        )
        .send()
        .await?;
    Ok(())
}
