use anyhow::{Context as _, Result};
use aws_sdk_apigateway::{
    Client,
    types::{Integration, IntegrationType, Method, RestApi},
};
use serde_json::{Value, json};
use suite::LOCAL_ACCOUNT;

use super::{Resources, set};
use crate::clients::Clients;

pub(super) async fn describe(clients: &Clients, region: &str, resources: &mut Resources) -> Result<()> {
    let api = &clients.apigateway;
    let mut apis = api.get_rest_apis().into_paginator().items().send();
    while let Some(found) = apis.next().await {
        let found = found?;
        let id = found.id().context("an API without an id")?;
        resources.entry("aws_api_gateway_rest_api").or_default().push(rest_api(&found, id, region));
        paths(api, id, resources).await.context("paths")?;
        for model in api.get_models().rest_api_id(id).send().await?.items() {
            // Every API has these two.
            if !matches!(model.name(), Some("Empty" | "Error")) {
                let model = json!({
                    "rest_api_id": id,
                    "name": model.name(),
                    "description": model.description(),
                    "content_type": model.content_type(),
                    "schema": model.schema(),
                });
                resources.entry("aws_api_gateway_model").or_default().push(set(model));
            }
        }
        for validator in api.get_request_validators().rest_api_id(id).send().await?.items() {
            let validator = json!({
                "rest_api_id": id,
                "id": validator.id(),
                "name": validator.name(),
                "validate_request_body": validator.validate_request_body(),
                "validate_request_parameters": validator.validate_request_parameters(),
            });
            resources.entry("aws_api_gateway_request_validator").or_default().push(set(validator));
        }
        for response in api.get_gateway_responses().rest_api_id(id).send().await?.items() {
            if !response.default_response() {
                let response = json!({
                    "rest_api_id": id,
                    "response_type": response.response_type().map(|kind| kind.as_str()),
                    "status_code": response.status_code(),
                    "response_templates": response.response_templates(),
                    "response_parameters": response.response_parameters(),
                });
                resources.entry("aws_api_gateway_gateway_response").or_default().push(set(response));
            }
        }
        stages(api, id, resources).await.context("stages")?;
    }
    Ok(())
}

fn rest_api(api: &RestApi, id: &str, region: &str) -> Value {
    let types = api
        .endpoint_configuration()
        .map(|endpoint| json!([{"types": endpoint.types().iter().map(|kind| kind.as_str()).collect::<Vec<_>>()}]));
    set(json!({
        "name": api.name(),
        "id": id,
        "root_resource_id": api.root_resource_id(),
        "execution_arn": format!("arn:aws:execute-api:{region}:{LOCAL_ACCOUNT}:{id}"),
        "description": api.description(),
        "endpoint_configuration": types,
    }))
}

async fn paths(api: &Client, id: &str, resources: &mut Resources) -> Result<()> {
    for resource in api.get_resources().rest_api_id(id).send().await?.items() {
        let resource_id = resource.id().context("a resource without an id")?;
        if resource.parent_id().is_some() {
            resources.entry("aws_api_gateway_resource").or_default().push(json!({
                "rest_api_id": id,
                "id": resource_id,
                "parent_id": resource.parent_id(),
                "path_part": resource.path_part(),
            }));
        }
        for name in resource.resource_methods().into_iter().flatten().map(|(name, _)| name) {
            let get = api.get_method().rest_api_id(id).resource_id(resource_id).http_method(name).send().await?;
            let at = json!({"rest_api_id": id, "resource_id": resource_id, "http_method": name});
            let method = Method::builder()
                .set_authorization_type(get.authorization_type)
                .set_request_validator_id(get.request_validator_id)
                .set_request_models(get.request_models)
                .set_method_responses(get.method_responses)
                .build();
            describe_method(&at, &method, resources);
            if let Some(integration) = get.method_integration {
                describe_integration(&at, &integration, resources);
            }
        }
    }
    Ok(())
}

fn describe_method(at: &Value, method: &Method, resources: &mut Resources) {
    resources.entry("aws_api_gateway_method").or_default().push(with(
        at,
        json!({
            "authorization": method.authorization_type(),
            "request_validator_id": method.request_validator_id(),
            "request_models": method.request_models(),
        }),
    ));
    for (status, response) in method.method_responses().into_iter().flatten() {
        resources.entry("aws_api_gateway_method_response").or_default().push(with(
            at,
            json!({
                "status_code": status,
                "response_parameters": response.response_parameters(),
            }),
        ));
    }
}

fn describe_integration(at: &Value, integration: &Integration, resources: &mut Resources) {
    resources.entry("aws_api_gateway_integration").or_default().push(with(
        at,
        json!({
            "type": integration.r#type().map(|kind| kind.as_str()),
            "integration_http_method": integration.http_method().filter(|_| integration.r#type() != Some(&IntegrationType::Mock)),
            "uri": integration.uri(),
            "timeout_milliseconds": Some(integration.timeout_in_millis()).filter(|ms| *ms != 29_000),
            "passthrough_behavior": integration.passthrough_behavior().filter(|behavior| *behavior != "WHEN_NO_MATCH"),
            "request_templates": integration.request_templates(),
        }),
    ));
    for (status, response) in integration.integration_responses().into_iter().flatten() {
        resources.entry("aws_api_gateway_integration_response").or_default().push(with(
            at,
            json!({
                "status_code": status,
                "response_parameters": response.response_parameters(),
                "response_templates": response.response_templates(),
            }),
        ));
    }
}

async fn stages(api: &Client, id: &str, resources: &mut Resources) -> Result<()> {
    for deployment in api.get_deployments().rest_api_id(id).send().await?.items() {
        let deployment = json!({"rest_api_id": id, "id": deployment.id()});
        resources.entry("aws_api_gateway_deployment").or_default().push(deployment);
    }
    for stage in api.get_stages().rest_api_id(id).send().await?.item() {
        let name = stage.stage_name();
        resources.entry("aws_api_gateway_stage").or_default().push(set(json!({
            "rest_api_id": id,
            "stage_name": name,
            "deployment_id": stage.deployment_id(),
            "xray_tracing_enabled": stage.tracing_enabled(),
        })));
        for (path, settings) in stage.method_settings().into_iter().flatten() {
            resources.entry("aws_api_gateway_method_settings").or_default().push(json!({
                "rest_api_id": id,
                "stage_name": name,
                "method_path": path,
                "settings": [set(json!({
                    "metrics_enabled": settings.metrics_enabled(),
                    "logging_level": settings.logging_level(),
                    "throttling_rate_limit": settings.throttling_rate_limit(),
                    "throttling_burst_limit": settings.throttling_burst_limit(),
                }))],
            }));
        }
    }
    Ok(())
}

fn with(at: &Value, more: Value) -> Value {
    let mut all = set(more);
    if let (Some(all), Some(at)) = (all.as_object_mut(), at.as_object()) {
        all.extend(at.clone());
    }
    all
}
