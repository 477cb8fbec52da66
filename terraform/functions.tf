locals {
  packages = { for name in local.functions : name => "${path.module}/${var.package_dir}/${name}.zip" }

  # What each function gets besides its own `environment` of settings.json.
  function_environment = {
    validator = {
      ORDERS_QUEUE_URL       = aws_sqs_queue.orders.url
      IDEMPOTENCY_TABLE_NAME = aws_dynamodb_table.idempotency.name
      MAX_MESSAGE_BYTES      = tostring(local.settings.queue.max_message_bytes)
      CORS_ALLOW_ORIGINS     = join(",", local.cors_allow_origins)
    }
    processor = {
      ORDERS_QUEUE_URL  = aws_sqs_queue.orders.url
      ORDERS_DLQ_URL    = aws_sqs_queue.orders_dlq.url
      ORDERS_TABLE_NAME = aws_dynamodb_table.orders.name
      MAX_RECEIVE_COUNT = tostring(local.settings.queue.max_receive_count)
    }
    viewer = merge({
      ORDERS_QUEUE_URL = aws_sqs_queue.orders.url
      ORDERS_DLQ_URL   = aws_sqs_queue.orders_dlq.url
      LOG_GROUP_NAMES  = join(",", [for name in local.order_functions : local.names["${name}_log_group"]])
      VIEWER_ACTIONS   = tostring(local.viewer_actions)
    }, local.emulated ? {} : { CONSOLE_URL = local.cloudwatch_console })
  }

  function_description = {
    validator = "POST /orders to the queue"
    processor = "Queue batches to the table"
    viewer    = "Custom widgets of the orders dashboard"
  }
}

# Made here and not by Lambda on first use: Lambda's own would keep the logs for ever.
resource "aws_cloudwatch_log_group" "function" {
  for_each = local.functions

  name              = local.names["${each.key}_log_group"]
  retention_in_days = local.settings.functions[each.key].log_retention_days
  kms_key_id        = var.kms_key_arn
  log_group_class   = "STANDARD" # The other class makes no metrics of embedded ones.
}

resource "aws_lambda_function" "this" {
  #checkov:skip=CKV_AWS_117:calls AWS services only, by their public TLS endpoints; a VPC would add NAT cost and nothing to protect
  #checkov:skip=CKV_AWS_116:the validator and the viewer are called synchronously and the processor's failures go to the queue's dead-letter queue; neither is invoked asynchronously
  #checkov:skip=CKV_AWS_272:a signing profile belongs to whoever builds the packages; the deployed package's hash is in the state
  for_each = local.functions

  function_name    = local.names["${each.key}_function"]
  description      = local.function_description[each.key]
  role             = aws_iam_role.function[each.key].arn
  runtime          = "provided.al2023"
  handler          = "bootstrap"
  architectures    = [var.architecture]
  filename         = local.packages[each.key]
  source_code_hash = fileexists(local.packages[each.key]) ? filebase64sha256(local.packages[each.key]) : null
  memory_size      = local.settings.functions[each.key].memory_mb
  timeout          = local.settings.functions[each.key].timeout_s
  kms_key_arn      = var.kms_key_arn

  reserved_concurrent_executions = lookup(var.reserved_concurrency, each.key, -1)

  environment {
    variables = merge(local.settings.functions[each.key].environment, local.function_environment[each.key], {
      PROJECT_NAME = var.project_name
      ENVIRONMENT  = var.environment
      SERVICE_NAME = each.key
      LOG_LEVEL    = var.log_level
    }, { for name in ["OPTIONAL_METRICS"] : name => "none" if local.observability == "lean" })
  }

  tracing_config {
    mode = "Active"
  }

  logging_config {
    log_group  = aws_cloudwatch_log_group.function[each.key].name
    log_format = "JSON"
    # Never above INFO: Lambda takes a line without a level, as metrics are, for INFO, and would drop it.
    application_log_level = contains(["trace", "debug"], var.log_level) ? upper(var.log_level) : "INFO"
    system_log_level      = "INFO"
  }

  # Without its policy a function's first calls would fail.
  depends_on = [aws_iam_role_policy.function, aws_iam_role_policy.kms]

  lifecycle {
    precondition {
      condition     = fileexists(local.packages[each.key])
      error_message = "${local.packages[each.key]} is missing: build the packages first (make package)."
    }

    # The wrapper selects the workspace; this stops a plain `terraform apply` from turning one environment into another.
    precondition {
      condition     = contains(["default", var.environment], terraform.workspace)
      error_message = "Workspace ${terraform.workspace} holds another environment than ${var.environment}: use scripts/terraform, or `terraform workspace select -or-create ${var.environment}`."
    }
  }
}

resource "aws_lambda_event_source_mapping" "orders" {
  event_source_arn                   = aws_sqs_queue.orders.arn
  function_name                      = aws_lambda_function.this["processor"].arn
  batch_size                         = local.settings.event_source.batch_size
  maximum_batching_window_in_seconds = local.settings.event_source.batching_window_s
  function_response_types            = ["ReportBatchItemFailures"]

  scaling_config {
    maximum_concurrency = local.settings.event_source.maximum_concurrency
  }
}
