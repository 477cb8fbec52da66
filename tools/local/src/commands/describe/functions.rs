use anyhow::{Context as _, Result};
use serde_json::{Value, json};

use super::{Resources, set};
use crate::clients::Clients;

pub(super) async fn roles(clients: &Clients, resources: &mut Resources) -> Result<()> {
    let mut roles = clients.iam.list_roles().into_paginator().items().send();
    while let Some(role) = roles.next().await {
        let role = role?;
        // AWS's own: nobody declares them.
        if role.path.starts_with("/aws-service-role/") {
            continue;
        }
        let name = role.role_name;
        let trust = role.assume_role_policy_document.as_deref().map(decoded).transpose()?;
        resources.entry("aws_iam_role").or_default().push(set(json!({
            "name": name,
            "id": name,
            "arn": role.arn,
            "description": role.description,
            "assume_role_policy": trust,
        })));
        for policy in clients.iam.list_role_policies().role_name(&name).send().await?.policy_names {
            let document = clients.iam.get_role_policy().role_name(&name).policy_name(&policy).send().await?;
            let document = json!({"role": name, "name": policy, "policy": decoded(&document.policy_document)?});
            resources.entry("aws_iam_role_policy").or_default().push(document);
        }
        for policy in clients.iam.list_attached_role_policies().role_name(&name).send().await?.attached_policies() {
            let attached = json!({"role": name, "policy_arn": policy.policy_arn});
            resources.entry("aws_iam_role_policy_attachment").or_default().push(attached);
        }
    }
    Ok(())
}

/// IAM gives its documents back URL-encoded.
fn decoded(document: &str) -> Result<String> {
    let mut bytes = Vec::with_capacity(document.len());
    let mut rest = document.bytes();
    while let Some(byte) = rest.next() {
        bytes.push(match byte {
            b'%' => {
                let digits: String = rest.by_ref().take(2).map(char::from).collect();
                u8::from_str_radix(&digits, 16).with_context(|| format!("a policy holds %{digits}"))?
            }
            byte => byte,
        });
    }
    Ok(String::from_utf8(bytes)?)
}

pub(super) async fn describe(clients: &Clients, resources: &mut Resources) -> Result<()> {
    let mut functions = clients.lambda.list_functions().into_paginator().items().send();
    while let Some(function) = functions.next().await {
        let function = function?;
        let name = function.function_name().context("a function without a name")?;
        let strings = |list: Vec<&str>| list.into_iter().map(str::to_owned).collect::<Vec<_>>();
        let logging = function.logging_config().map(|logging| {
            json!([set(json!({
                "log_format": logging.log_format().map(|format| format.as_str()),
                "log_group": logging.log_group(),
                "application_log_level": logging.application_log_level().map(|level| level.as_str()),
                "system_log_level": logging.system_log_level().map(|level| level.as_str()),
            }))])
        });
        let environment = function.environment().and_then(|environment| environment.variables());
        let concurrency = clients.lambda.get_function_concurrency().function_name(name).send().await?;
        resources.entry("aws_lambda_function").or_default().push(set(json!({
            "function_name": name,
            "arn": function.function_arn(),
            "description": function.description(),
            "role": function.role(),
            "runtime": function.runtime().map(|runtime| runtime.as_str()),
            "handler": function.handler(),
            "architectures": strings(function.architectures().iter().map(|it| it.as_str()).collect()),
            "memory_size": function.memory_size(),
            "timeout": function.timeout(),
            "kms_key_arn": function.kms_key_arn(),
            "environment": environment.map(|variables| json!([{"variables": variables}])),
            "tracing_config": function.tracing_config().and_then(|tracing| tracing.mode()).map(|mode| json!([{"mode": mode.as_str()}])),
            "logging_config": logging,
            // The provider's word for no reservation.
            "reserved_concurrent_executions": concurrency.reserved_concurrent_executions().unwrap_or(-1),
        })));
        permissions(clients, name, resources).await?;
    }
    let mut mappings = clients.lambda.list_event_source_mappings().into_paginator().items().send();
    while let Some(mapping) = mappings.next().await {
        let mapping = mapping?;
        let responses: Vec<_> = mapping.function_response_types().iter().map(|it| it.as_str()).collect();
        let scaling = mapping.scaling_config().and_then(|scaling| scaling.maximum_concurrency());
        resources.entry("aws_lambda_event_source_mapping").or_default().push(set(json!({
            "event_source_arn": mapping.event_source_arn(),
            "function_name": mapping.function_arn(),
            "batch_size": mapping.batch_size(),
            "maximum_batching_window_in_seconds": mapping.maximum_batching_window_in_seconds(),
            "function_response_types": responses,
            "scaling_config": scaling.map(|most| json!([{"maximum_concurrency": most}])),
        })));
    }
    Ok(())
}

/// A function without permissions has no policy, which is an error to ask for.
async fn permissions(clients: &Clients, function: &str, resources: &mut Resources) -> Result<()> {
    let policy = match clients.lambda.get_policy().function_name(function).send().await {
        Ok(answer) => answer.policy.unwrap_or_default(),
        Err(error) if error.as_service_error().is_some_and(|error| error.is_resource_not_found_exception()) => {
            return Ok(());
        }
        Err(error) => return Err(error.into()),
    };
    let policy: Value = serde_json::from_str(&policy).context("a function's policy")?;
    for statement in policy["Statement"].as_array().into_iter().flatten() {
        resources.entry("aws_lambda_permission").or_default().push(set(json!({
            "statement_id": statement["Sid"],
            "function_name": function,
            "action": statement["Action"],
            "principal": statement["Principal"]["Service"],
            "source_arn": statement["Condition"]["ArnLike"]["AWS:SourceArn"],
        })));
    }
    Ok(())
}
