# settings.json holds numbers that have to fit each other; here is what fits means.

mock_provider "aws" {
  source = "./tests/mocks"
}

variables {
  package_dir = "tests/packages"
}

run "time_outs_nest" {
  command = plan

  assert {
    condition     = aws_sqs_queue.orders.visibility_timeout_seconds >= 6 * aws_lambda_function.this["processor"].timeout + aws_lambda_event_source_mapping.orders.maximum_batching_window_in_seconds
    error_message = "A message must stay hidden for six time-outs of the processor and the batching window, or throttled batches are handed out twice."
  }

  assert {
    condition = alltrue([for function in aws_lambda_function.this :
      tonumber(function.environment[0].variables.SDK_OPERATION_TIMEOUT_MS) < 1000 * function.timeout
    ])
    error_message = "A call to AWS must give up before the function does, or its failure is never told."
  }

  assert {
    condition = alltrue([for function in aws_lambda_function.this :
      tonumber(function.environment[0].variables.SDK_CONNECT_TIMEOUT_MS) < tonumber(function.environment[0].variables.SDK_ATTEMPT_TIMEOUT_MS)
      && tonumber(function.environment[0].variables.SDK_ATTEMPT_TIMEOUT_MS) < tonumber(function.environment[0].variables.SDK_OPERATION_TIMEOUT_MS)
    ])
    error_message = "Connect, attempt and operation time-outs must grow in that order, or a retry never fits."
  }

  assert {
    condition     = aws_api_gateway_integration.post_orders.timeout_milliseconds > 1000 * aws_lambda_function.this["validator"].timeout && aws_api_gateway_integration.post_orders.timeout_milliseconds <= 29000
    error_message = "API Gateway must wait longer than the validator may run (and can wait 29 s at most), or a stored order is answered with 504."
  }

  assert {
    condition     = tonumber(aws_lambda_function.this["processor"].environment[0].variables.RETRY_MAX_S) <= aws_sqs_queue.orders.visibility_timeout_seconds
    error_message = "A retry's delay must not be longer than the visibility time-out it replaces."
  }
}

run "nothing_expires_before_it_was_seen" {
  # Applied (to the mock): the redrive policy names the dead-letter queue's ARN.
  command = apply

  assert {
    condition     = aws_sqs_queue.orders_dlq.message_retention_seconds > aws_sqs_queue.orders.message_retention_seconds
    error_message = "A moved message keeps its first enqueue time: the dead-letter queue must keep messages longer than the queue."
  }

  assert {
    condition     = jsondecode(aws_sqs_queue.orders.redrive_policy).maxReceiveCount >= 5
    error_message = "Under 5 receives a throttled function alone can send orders to the dead-letter queue."
  }
}

run "partial_batches_concurrency_and_tracing" {
  command = plan

  assert {
    condition     = contains(aws_lambda_event_source_mapping.orders.function_response_types, "ReportBatchItemFailures")
    error_message = "Without ReportBatchItemFailures one bad record sends its whole batch back."
  }

  assert {
    condition     = aws_lambda_event_source_mapping.orders.scaling_config[0].maximum_concurrency >= 2 && aws_lambda_event_source_mapping.orders.scaling_config[0].maximum_concurrency <= 1000
    error_message = "The event source mapping's maximum concurrency is 2 to 1000."
  }

  assert {
    condition     = alltrue([for function in aws_lambda_function.this : function.tracing_config[0].mode == "Active"]) && aws_api_gateway_stage.orders.xray_tracing_enabled
    error_message = "An order's trace starts at the API and goes through both functions."
  }

  assert {
    condition = alltrue([for name, function in aws_lambda_function.this :
      function.runtime == "provided.al2023" && function.logging_config[0].log_format == "JSON" && function.logging_config[0].log_group == "/aws/lambda/${function.function_name}"
    ])
    error_message = "Functions log JSON to the group made for them."
  }

  assert {
    condition     = alltrue([for group in concat(values(aws_cloudwatch_log_group.function), aws_cloudwatch_log_group.api_access) : group.retention_in_days > 0])
    error_message = "A log group without retention keeps its lines for ever."
  }

  assert {
    condition     = alltrue([for group in concat(values(aws_cloudwatch_log_group.function), aws_cloudwatch_log_group.api_access) : group.log_group_class == "STANDARD"])
    error_message = "Embedded metrics are taken out of a STANDARD log group only."
  }

  assert {
    condition     = aws_lambda_function.this["validator"].environment[0].variables.SERVICE_NAME == "validator" && aws_lambda_function.this["processor"].environment[0].variables.SERVICE_NAME == "processor"
    error_message = "SERVICE_NAME is the metrics' Service dimension."
  }
}

run "metric_lines_are_never_filtered_out" {
  command = plan

  variables {
    log_level = "error"
  }

  assert {
    condition     = alltrue([for function in aws_lambda_function.this : function.logging_config[0].application_log_level == "INFO"])
    error_message = "Lambda takes a line without a level for INFO: filtering above it drops the metrics."
  }
}

run "debug_lines_get_through_when_asked_for" {
  command = plan

  variables {
    log_level = "debug"
  }

  assert {
    condition     = alltrue([for function in aws_lambda_function.this : function.logging_config[0].application_log_level == "DEBUG"])
    error_message = "Lambda must let the debug lines through."
  }
}
