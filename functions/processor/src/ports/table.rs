//! The port to the table, and DynamoDB behind it.

use std::{collections::HashMap, sync::Arc};

use aws_sdk_dynamodb::{
    Client,
    operation::put_item::PutItemError,
    types::{AttributeValue, ReturnValuesOnConditionCheckFailure},
};
use function_config::{CallFailure, TellStep, rehearsing};
use jiff::Timestamp;
use order::{Item, Order, ShippingAddress, StoredOrder};
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
    /// An order with this id is there already.
    Exists(Existing),
}

/// What is known of an order that is there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Existing {
    /// Tells the same order from another one.
    pub payload_hash: String,
    /// When it was accepted: tells this acceptance of it from another one.
    pub created_at: Option<Timestamp>,
    /// When it was stored: tells this attempt to store it from another one.
    pub processed_at: Option<Timestamp>,
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

    /// Does the work that only a first call has, to nobody.
    pub async fn rehearse(sdk: &aws_config::SdkConfig, name: &str) {
        let Self { client, name } = Self::new(&rehearsing(sdk), name);
        // Should it fail, the first order does that work.
        let _nobody_heard = client.put_item().table_name(&*name).item("orderId", text("")).send().await;
    }
}

impl Table for DynamoTable {
    fn call(&self) -> AwsCall {
        AwsCall::dynamodb("PutItem", &self.name)
    }

    async fn put(&self, order: &StoredOrder) -> Result<Put, TableError> {
        let call = self
            .client
            .put_item()
            .table_name(&*self.name)
            .set_item(Some(item(order)))
            .condition_expression("attribute_not_exists(orderId)")
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld)
            .send();
        // On the heap: the SDK's future is kilobytes, which each future around it would carry, and move.
        match Box::pin(call).await {
            Ok(_) => Ok(Put::Stored),
            Err(error) => match error.as_service_error() {
                Some(PutItemError::ConditionalCheckFailedException(failed)) => {
                    let text = |name: &str| failed.item()?.get(name)?.as_s().ok();
                    let time = |name: &str| text(name)?.parse().ok();
                    let existing = text("payloadHash").map(|hash| Existing {
                        payload_hash: hash.clone(),
                        created_at: time("createdAt"),
                        processed_at: time("processedAt"),
                    });
                    existing.map(Put::Exists).ok_or(TableError::ForeignItem)
                }
                _ => Err(TableError::Call(CallFailure::of(&error))),
            },
        }
    }
}

/// Everything is taken apart without `..`: a new field that is not stored does not compile.
fn item(stored: &StoredOrder) -> HashMap<String, AttributeValue> {
    let StoredOrder { order_id, status, created_at, processed_at, order, total, payload_hash, trace_id } = stored;
    let Order { customer_name, customer_email, items, shipping_address, payment_method } = order;
    let mut item = HashMap::from([
        ("orderId".into(), text(order_id)),
        ("status".into(), text(status.as_str())),
        // Of one width each, so that times sort as text: a fraction without its zeros does not ("50Z" comes after "50.9Z").
        ("createdAt".into(), text(format_args!("{created_at:.3}"))),
        ("processedAt".into(), text(format_args!("{processed_at:.9}"))),
        ("customer".into(), map([("name", text(customer_name)), ("email", text(customer_email))])),
        ("items".into(), AttributeValue::L(items.iter().map(line).collect())),
        ("total".into(), number(total)),
        ("shippingAddress".into(), address(shipping_address)),
        ("paymentMethod".into(), text(payment_method)),
        ("payloadHash".into(), text(payload_hash)),
    ]);
    if let Some(trace_id) = trace_id {
        item.insert("traceId".into(), text(trace_id));
    }
    item
}

fn line(item: &Item) -> AttributeValue {
    let Item { product_id, product_name, quantity, price } = item;
    map([
        ("productId", text(product_id)),
        ("productName", text(product_name)),
        ("quantity", number(quantity)),
        ("price", number(price)),
    ])
}

fn address(address: &ShippingAddress) -> AttributeValue {
    let ShippingAddress { street, city, postal_code, country } = address;
    let mut fields = vec![("street", text(street)), ("city", text(city)), ("country", text(country))];
    fields.extend(postal_code.as_ref().map(|code| ("postalCode", text(code))));
    map(fields)
}

fn text(value: impl ToString) -> AttributeValue {
    AttributeValue::S(value.to_string())
}

fn number(value: impl ToString) -> AttributeValue {
    AttributeValue::N(value.to_string())
}

fn map<'a>(fields: impl IntoIterator<Item = (&'a str, AttributeValue)>) -> AttributeValue {
    AttributeValue::M(fields.into_iter().map(|(name, value)| (name.to_owned(), value)).collect())
}

#[cfg(test)]
mod tests {
    use order::{Body, QueueMessage};
    use serde_json::{Value, json};

    use super::*;

    fn stored(body: &Value) -> HashMap<String, AttributeValue> {
        let order = Body::parse(body.to_string().as_bytes()).and_then(Body::validate).unwrap();
        let message = QueueMessage { order_id: uuid::Uuid::nil(), accepted_at: jiff::Timestamp::UNIX_EPOCH, order };
        let mut item = item(&StoredOrder::new(message, jiff::Timestamp::UNIX_EPOCH, None));
        // Made of the order: they would differ also for a field that is not stored.
        item.remove("payloadHash");
        item.remove("total");
        item
    }

    /// Pointers to the values that the schema names, in a body with one item.
    fn leaves(schema: &Value, pointer: &str, leaves: &mut Vec<String>) {
        for (name, property) in schema["properties"].as_object().unwrap() {
            let place = format!("{pointer}/{name}");
            match (property["properties"].is_object(), property["items"].is_object()) {
                (true, _) => self::leaves(property, &place, leaves),
                (_, true) => self::leaves(&property["items"], &format!("{place}/0"), leaves),
                _ => leaves.push(place),
            }
        }
    }

    fn order() -> Order {
        let body = json!({"customerName": "Ada", "customerEmail": "ada@example.com", "items": [{"productId": "p", "productName": "P", "quantity": 1, "price": 1}],
            "shippingAddress": {"street": "S", "city": "London", "postalCode": "SW1Y 4JH", "country": "GB"}, "paymentMethod": "card"});
        Body::parse(body.to_string().as_bytes()).and_then(Body::validate).unwrap()
    }

    #[test]
    fn the_moment_of_storing_is_kept_whole() {
        let order = order();
        let message = QueueMessage { order_id: uuid::Uuid::nil(), accepted_at: jiff::Timestamp::UNIX_EPOCH, order };
        let at = jiff::Timestamp::new(1_764_460_800, 123_456_789).unwrap();
        let stored = item(&StoredOrder::new(message, at, None));
        let kept = stored["processedAt"].as_s().unwrap();
        assert_eq!(kept.parse::<jiff::Timestamp>().unwrap(), at, "{kept}");
    }

    #[test]
    fn stored_times_sort_as_text() {
        let order = order();
        let times = [0, 5, 90, 100, 101, 999].map(|ms| jiff::Timestamp::new(1_764_460_800, ms * 1_000_000).unwrap());
        let stored = times.map(|at| {
            let message = QueueMessage { order_id: uuid::Uuid::nil(), accepted_at: at, order: order.clone() };
            let item = item(&StoredOrder::new(message, at, None));
            ["createdAt", "processedAt"].map(|name| item[name].as_s().unwrap().clone())
        });
        assert!(stored.is_sorted_by(|a, b| a[0] < b[0] && a[1] < b[1]), "{stored:?}");
    }

    #[test]
    fn every_property_of_the_schema_is_stored() {
        let schema = include_str!("../../../../terraform/order.schema.json");
        let mut places = Vec::new();
        leaves(&serde_json::from_str(schema).unwrap(), "", &mut places);
        let whole = json!({
            "customerName": "Ada", "customerEmail": "ada@example.com",
            "items": [{"productId": "p-1", "productName": "Notebook", "quantity": 2, "price": 19.99}],
            "shippingAddress": {"street": "S", "city": "London", "postalCode": "SW1Y 4JH", "country": "GB"},
            "paymentMethod": "card"
        });
        assert!(places.len() >= 11, "{places:?}");
        for place in places {
            let mut body = whole.clone();
            let value = body.pointer_mut(&place).unwrap_or_else(|| unreachable!("the test's order has no {place}"));
            *value = match value.as_str() {
                Some(text) => json!(format!("x{text}")),
                None => json!(value.as_f64().unwrap() + 1.0),
            };
            assert_ne!(stored(&body), stored(&whole), "{place} is not stored");
        }
    }
}
