//! The port to the table, and DynamoDB behind it.

use std::{collections::HashMap, sync::Arc};

use aws_sdk_dynamodb::{
    Client,
    operation::put_item::PutItemError,
    types::{AttributeValue, ReturnValuesOnConditionCheckFailure},
};
use function_config::{CallFailure, TellStep};
use order::{Item, ShippingAddress, StoredOrder};
use telemetry::AwsCall;

/// Where orders are kept.
pub trait Table {
    /// The call that `put` makes, for the trace.
    fn call(&self) -> AwsCall;

    /// Stores an order if none with its id is there yet.
    fn put(&self, order: &StoredOrder) -> impl Future<Output = Result<Put, TableError>> + Send;
}

/// What the table did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Put {
    /// The order is new and stored.
    Stored,
    /// An order with this id is there already, with this payload hash.
    Exists {
        /// Of the order that is there.
        payload_hash: String,
    },
}

/// The order is not known to be stored.
#[derive(Debug, thiserror::Error)]
pub enum TableError {
    /// The call failed.
    #[error("DynamoDB PutItem: {0}")]
    Call(CallFailure),
    /// There is an item under this id that no processor has written.
    #[error("an item with this orderId has no payloadHash")]
    ForeignItem,
}

/// A DynamoDB table with the key `orderId`.
#[derive(Debug, Clone)]
pub struct DynamoTable {
    client: Client,
    name: Arc<str>,
}

impl DynamoTable {
    /// The table of that name.
    pub fn new(sdk: &aws_config::SdkConfig, name: &str) -> Self {
        let config = aws_sdk_dynamodb::config::Builder::from(sdk).interceptor(TellStep).build();
        Self { client: Client::from_conf(config), name: name.into() }
    }
}

impl Table for DynamoTable {
    fn call(&self) -> AwsCall {
        AwsCall::dynamodb("PutItem", &self.name)
    }

    async fn put(&self, order: &StoredOrder) -> Result<Put, TableError> {
        let result = self
            .client
            .put_item()
            .table_name(&*self.name)
            .set_item(Some(item(order)))
            .condition_expression("attribute_not_exists(orderId)")
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld)
            .send()
            .await;
        match result {
            Ok(_) => Ok(Put::Stored),
            Err(error) => match error.as_service_error() {
                Some(PutItemError::ConditionalCheckFailedException(failed)) => {
                    let hash = failed.item().and_then(|item| item.get("payloadHash")?.as_s().ok());
                    hash.map(|hash| Put::Exists { payload_hash: hash.clone() }).ok_or(TableError::ForeignItem)
                }
                _ => Err(TableError::Call(CallFailure::of(&error))),
            },
        }
    }
}

fn item(stored: &StoredOrder) -> HashMap<String, AttributeValue> {
    let order = &stored.order;
    let ShippingAddress { street, city, postal_code, country } = &order.shipping_address;
    let mut item = HashMap::from([
        ("orderId".into(), text(stored.order_id)),
        ("status".into(), text(stored.status.as_str())),
        ("createdAt".into(), text(stored.created_at)),
        ("processedAt".into(), text(stored.processed_at)),
        ("customer".into(), map([("name", text(&order.customer_name)), ("email", text(&order.customer_email))])),
        ("items".into(), AttributeValue::L(order.items.iter().map(line).collect())),
        ("total".into(), number(stored.total)),
        (
            "shippingAddress".into(),
            map([
                ("street", text(street)),
                ("city", text(city)),
                ("postalCode", text(postal_code)),
                ("country", text(country)),
            ]),
        ),
        ("paymentMethod".into(), text(&order.payment_method)),
        ("payloadHash".into(), text(&stored.payload_hash)),
    ]);
    if let Some(trace_id) = &stored.trace_id {
        item.insert("traceId".into(), text(trace_id));
    }
    item
}

fn line(item: &Item) -> AttributeValue {
    map([
        ("productId", text(&item.product_id)),
        ("productName", text(&item.product_name)),
        ("quantity", number(item.quantity)),
        ("price", number(item.price)),
    ])
}

fn text(value: impl ToString) -> AttributeValue {
    AttributeValue::S(value.to_string())
}

fn number(value: impl ToString) -> AttributeValue {
    AttributeValue::N(value.to_string())
}

fn map<const N: usize>(fields: [(&str, AttributeValue); N]) -> AttributeValue {
    AttributeValue::M(fields.into_iter().map(|(name, value)| (name.to_owned(), value)).collect())
}
