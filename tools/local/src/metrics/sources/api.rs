//! AWS/ApiGateway, from the calls that the proxy hands to the API.

use std::collections::HashMap;

use cloudwatch::Datapoint;
use tokio::sync::Mutex;

use super::Points;

const NAMESPACE: &str = "AWS/ApiGateway";

/// What the emulator knows of its APIs, asked once each.
#[derive(Debug)]
pub(in crate::metrics) struct Apis {
    client: aws_sdk_apigateway::Client,
    known: Mutex<HashMap<String, Api>>,
}

#[derive(Debug, Clone, Default)]
struct Api {
    name: String,
    /// The methods of each resource.
    resources: HashMap<String, Vec<String>>,
}

/// What a request's metrics are published under.
#[derive(Debug)]
pub(in crate::metrics) struct Place {
    api: String,
    stage: Option<String>,
    /// Resource and method; none for a request that meets no resource.
    method: Option<(String, String)>,
}

impl Place {
    pub(super) fn add(&self, points: &mut Points, name: &str, unit: &str, value: f64) {
        points.add(NAMESPACE, name, unit, &[("ApiName", &self.api)], value);
        let Some(stage) = &self.stage else { return };
        points.add(NAMESPACE, name, unit, &[("ApiName", &self.api), ("Stage", stage)], value);
        let Some((resource, method)) = &self.method else { return };
        let dimensions = [("ApiName", self.api.as_str()), ("Stage", stage), ("Resource", resource), ("Method", method)];
        points.add(NAMESPACE, name, unit, &dimensions, value);
    }
}

impl Apis {
    pub(in crate::metrics) fn new(client: aws_sdk_apigateway::Client) -> Self {
        Self { client, known: Mutex::default() }
    }

    pub(in crate::metrics) async fn place(
        &self,
        id: &str,
        stage: Option<&str>,
        path: Option<&str>,
        method: Option<&str>,
    ) -> Place {
        let mut known = self.known.lock().await;
        if !known.contains_key(id) {
            match self.ask(id).await {
                Ok(api) => drop(known.insert(id.to_owned(), api)),
                Err(error) => eprintln!("metrics: the API {id} can't be read: {error:#}"),
            }
        }
        let api = known.get(id).cloned().unwrap_or_default();
        let method = path.zip(method).and_then(|(path, method)| {
            let methods = api.resources.get(path)?;
            let named = |name: &str| methods.iter().any(|method| method == name).then(|| name.to_owned());
            Some((path.to_owned(), named(method).or_else(|| named("ANY"))?))
        });
        Place {
            api: if api.name.is_empty() { id.to_owned() } else { api.name },
            stage: stage.map(str::to_owned),
            method,
        }
    }

    async fn ask(&self, id: &str) -> anyhow::Result<Api> {
        let api = self.client.get_rest_api().rest_api_id(id).send().await?;
        let resources = self.client.get_resources().rest_api_id(id).limit(500).send().await?;
        let methods = |resource: aws_sdk_apigateway::types::Resource| {
            Some((resource.path?, resource.resource_methods.unwrap_or_default().into_keys().collect()))
        };
        Ok(Api {
            name: api.name.unwrap_or_default(),
            resources: resources.items.unwrap_or_default().into_iter().filter_map(methods).collect(),
        })
    }
}

/// A request and its answer.
pub(in crate::metrics) fn call(at: f64, place: &Place, status: u16, ms: f64) -> Vec<Datapoint> {
    let mut points = Points::at(at);
    place.add(&mut points, "Count", "Count", 1.0);
    // Every request is a sample, so that the average is the rate.
    for (name, range) in [("4XXError", 400..500), ("5XXError", 500..600)] {
        place.add(&mut points, name, "Count", f64::from(u8::from(range.contains(&status))));
    }
    place.add(&mut points, "Latency", "Milliseconds", ms.round());
    points.points
}
