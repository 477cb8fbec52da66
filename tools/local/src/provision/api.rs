//! POST /orders: model, validation, proxy integration, and the answers that no function gives.

use std::collections::HashMap;

use anyhow::{Context as _, Result};
use aws_sdk_apigateway::{
    Client,
    types::{EndpointConfiguration, EndpointType, GatewayResponseType, IntegrationType, Op, PatchOperation},
};
use serde_json::json;
use suite::{GatewayAnswer, Names, Suite};

use crate::clients::Clients;

pub(super) async fn create(suite: &Suite, names: &Names, validator_arn: &str, clients: &Clients) -> Result<String> {
    let api = &clients.apigateway;
    let regional = EndpointConfiguration::builder().types(EndpointType::Regional).build();
    let created = api.create_rest_api().name(names.api()).endpoint_configuration(regional).send().await?;
    let api_id = created.id.context("an API without an id")?;
    let root = created.root_resource_id.context("an API without a root")?;
    let orders = api
        .create_resource()
        .rest_api_id(&api_id)
        .parent_id(root)
        .path_part("orders")
        .send()
        .await?
        .id
        .context("a resource without an id")?;

    post_orders(suite, names, api, &api_id, &orders, validator_arn).await.context("POST /orders")?;
    if !suite.settings.api.cors_allow_origins.is_empty() {
        proxy(suite, names, api, &api_id, &orders, "OPTIONS", None, validator_arn).await.context("OPTIONS /orders")?;
    }
    any_orders(&suite.gateway.method_not_allowed, api, &api_id, &orders).await.context("ANY /orders")?;
    for (kind, answer) in &suite.gateway.responses {
        api.put_gateway_response()
            .rest_api_id(&api_id)
            .response_type(GatewayResponseType::from(kind.as_str()))
            .set_status_code(answer.status.map(|status| status.to_string()))
            .response_templates("application/json", answer.template())
            .set_response_parameters(Some(parameters("gatewayresponse", answer)))
            .send()
            .await
            .with_context(|| format!("gateway response {kind}"))?;
    }
    deploy(suite, names, api, &api_id).await.context("stage")?;
    let preflight = !suite.settings.api.cors_allow_origins.is_empty();
    let callers = [("AllowPostOrders", "POST", true), ("AllowOptionsOrders", "OPTIONS", preflight)];
    for (statement, method, _) in callers.into_iter().filter(|(_, _, allowed)| *allowed) {
        clients
            .lambda
            .add_permission()
            .function_name(names.function("validator"))
            .statement_id(statement)
            .action("lambda:InvokeFunction")
            .principal("apigateway.amazonaws.com")
            .source_arn(names.arn("execute-api", &format!("{api_id}/{}/{method}/orders", names.environment())))
            .send()
            .await?;
    }
    Ok(api_id)
}

async fn post_orders(
    suite: &Suite,
    names: &Names,
    api: &Client,
    api_id: &str,
    resource: &str,
    validator_arn: &str,
) -> Result<()> {
    let (model, schema) = suite.api_model();
    api.create_model().rest_api_id(api_id).name(&model).content_type("application/json").schema(schema).send().await?;
    let validator = api
        .create_request_validator()
        .rest_api_id(api_id)
        .name("body")
        .validate_request_body(true)
        .send()
        .await?
        .id
        .context("a request validator without an id")?;
    proxy(suite, names, api, api_id, resource, "POST", Some((&validator, &model)), validator_arn).await
}

/// A method that the validator answers; `checked` is the request validator and the model, if the gateway looks first.
#[expect(clippy::too_many_arguments, reason = "as many as the resource has")]
async fn proxy(
    suite: &Suite,
    names: &Names,
    api: &Client,
    api_id: &str,
    resource: &str,
    method: &str,
    checked: Option<(&str, &str)>,
    validator_arn: &str,
) -> Result<()> {
    let mut put =
        api.put_method().rest_api_id(api_id).resource_id(resource).http_method(method).authorization_type("NONE");
    if let Some((validator, model)) = checked {
        put = put.request_validator_id(validator).request_models("application/json", model);
        put = put.request_models("$default", model);
    }
    put.send().await?;
    api.put_integration()
        .rest_api_id(api_id)
        .resource_id(resource)
        .http_method(method)
        .r#type(IntegrationType::AwsProxy)
        .integration_http_method("POST")
        .uri(format!(
            "arn:aws:apigateway:{}:lambda:path/2015-03-31/functions/{validator_arn}/invocations",
            names.region()
        ))
        .timeout_in_millis(suite.settings.api.integration_timeout_ms)
        .send()
        .await?;
    Ok(())
}

/// Every other method: 405, and which one is allowed.
async fn any_orders(answer: &GatewayAnswer, api: &Client, api_id: &str, resource: &str) -> Result<()> {
    let status = answer.status.context("method_not_allowed has no status")?.to_string();
    api.put_method()
        .rest_api_id(api_id)
        .resource_id(resource)
        .http_method("ANY")
        .authorization_type("NONE")
        .send()
        .await?;
    api.put_integration()
        .rest_api_id(api_id)
        .resource_id(resource)
        .http_method("ANY")
        .r#type(IntegrationType::Mock)
        .passthrough_behavior("NEVER")
        .request_templates("application/json", json!({"statusCode": answer.status}).to_string())
        .send()
        .await?;
    let headers = answer.headers.keys().map(|name| (format!("method.response.header.{name}"), true)).collect();
    api.put_method_response()
        .rest_api_id(api_id)
        .resource_id(resource)
        .http_method("ANY")
        .status_code(&status)
        .set_response_parameters(Some(headers))
        .send()
        .await?;
    api.put_integration_response()
        .rest_api_id(api_id)
        .resource_id(resource)
        .http_method("ANY")
        .status_code(&status)
        .set_response_parameters(Some(parameters("method.response", answer)))
        .response_templates("application/json", answer.template())
        .send()
        .await?;
    Ok(())
}

fn parameters(kind: &str, answer: &GatewayAnswer) -> HashMap<String, String> {
    answer.headers.iter().map(|(name, value)| (format!("{kind}.header.{name}"), format!("'{value}'"))).collect()
}

async fn deploy(suite: &Suite, names: &Names, api: &Client, api_id: &str) -> Result<()> {
    let deployment =
        api.create_deployment().rest_api_id(api_id).send().await?.id.context("a deployment without an id")?;
    api.create_stage()
        .rest_api_id(api_id)
        .stage_name(names.environment())
        .deployment_id(deployment)
        .tracing_enabled(true)
        .send()
        .await?;
    let settings = [
        // As Terraform sets it: nothing reads the metrics of a method.
        ("/*/*/metrics/enabled", "false".to_owned()),
        ("/*/*/throttling/rateLimit", suite.settings.api.throttling_rate_per_s.to_string()),
        ("/*/*/throttling/burstLimit", suite.settings.api.throttling_burst.to_string()),
    ];
    let settings = settings
        .into_iter()
        .map(|(path, value)| PatchOperation::builder().op(Op::Replace).path(path).value(value).build())
        .collect();
    api.update_stage()
        .rest_api_id(api_id)
        .stage_name(names.environment())
        .set_patch_operations(Some(settings))
        .send()
        .await?;
    Ok(())
}
