//! A service on free ports, and AWS's own client for it.

use std::{
    future::IntoFuture,
    time::{Duration, UNIX_EPOCH},
};

use aws_sdk_xray::{
    config::{BehaviorVersion, Credentials, Region, retry::RetryConfig},
    primitives::DateTime,
};
use serde_json::{Value, json};
use tokio::net::TcpListener;
use xray::{Clock, Config, Store, router};

/// The service's clock stands here.
pub(crate) const NOW: f64 = 1_700_000_000.0;

pub(crate) struct Service {
    pub(crate) store: Store,
    pub(crate) client: aws_sdk_xray::Client,
    pub(crate) endpoint: String,
}

pub(crate) fn config() -> Config {
    Config { clock: Clock::new(|| UNIX_EPOCH + Duration::from_secs_f64(NOW)), ..Config::default() }
}

pub(crate) async fn service(config: Config) -> Service {
    let store = Store::new(config);
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let endpoint = format!("http://{}", listener.local_addr().unwrap());
    // Ends with the test's runtime.
    tokio::spawn(axum::serve(listener, router(store.clone())).into_future());
    let config = aws_sdk_xray::Config::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::new("us-east-1"))
        .credentials_provider(Credentials::new("local", "local", None, None, "test"))
        .endpoint_url(&endpoint)
        .retry_config(RetryConfig::disabled())
        .http_client(aws_smithy_http_client::Builder::new().build_http())
        .build();
    Service { store, client: aws_sdk_xray::Client::from_conf(config), endpoint }
}

pub(crate) fn time(seconds: f64) -> DateTime {
    DateTime::from_secs_f64(seconds)
}

pub(crate) fn trace_id(n: u64) -> String {
    format!("1-6553f100-{n:024x}")
}

/// A segment of one second, started `offset` seconds after [`NOW`].
pub(crate) fn segment(trace: u64, id: u64, offset: f64) -> Value {
    json!({"name": "orders", "id": format!("{id:016x}"), "trace_id": trace_id(trace),
           "start_time": NOW + offset, "end_time": NOW + offset + 1.0})
}

/// A client that knows nothing of AWS.
pub(crate) fn http() -> hyper_util::client::legacy::Client<hyper_util::client::legacy::connect::HttpConnector, String> {
    hyper_util::client::legacy::Client::builder(hyper_util::rt::TokioExecutor::new()).build_http()
}
