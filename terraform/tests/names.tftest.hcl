# Everything is called PROJECT_NAME-ENVIRONMENT-something, so that two environments never meet in one account.

mock_provider "aws" {
  source = "./tests/mocks"
}

variables {
  package_dir    = "tests/packages"
  api_access_log = "managed-role"
  page_emails    = ["oncall@example.com"]
}

run "dev" {
  command = plan

  assert {
    condition = {
      api            = aws_api_gateway_rest_api.orders.name
      stage          = aws_api_gateway_stage.orders.stage_name
      validator      = aws_lambda_function.this["validator"].function_name
      processor      = aws_lambda_function.this["processor"].function_name
      validator_role = aws_iam_role.function["validator"].name
      processor_role = aws_iam_role.function["processor"].name
      validator_logs = aws_cloudwatch_log_group.function["validator"].name
      processor_logs = aws_cloudwatch_log_group.function["processor"].name
      queue          = aws_sqs_queue.orders.name
      dlq            = aws_sqs_queue.orders_dlq.name
      table          = aws_dynamodb_table.orders.name
      dashboard      = aws_cloudwatch_dashboard.this["orders"].dashboard_name
      } == {
      api            = "order-processing-dev-api"
      stage          = "dev"
      validator      = "order-processing-dev-validator"
      processor      = "order-processing-dev-processor"
      validator_role = "order-processing-dev-validator"
      processor_role = "order-processing-dev-processor"
      validator_logs = "/aws/lambda/order-processing-dev-validator"
      processor_logs = "/aws/lambda/order-processing-dev-processor"
      queue          = "order-processing-dev-orders"
      dlq            = "order-processing-dev-orders-dlq"
      table          = "order-processing-dev-orders"
      dashboard      = "order-processing-dev-orders"
    }
    error_message = "A name that the local stack, the tools and the alarms count on has changed."
  }

  assert {
    condition = length([for name in concat(
      [for function in aws_lambda_function.this : function.function_name],
      [for role in concat(values(aws_iam_role.function), aws_iam_role.api_logging) : role.name],
      [for group in concat(values(aws_cloudwatch_log_group.function), aws_cloudwatch_log_group.api_access) : group.name],
      [for queue in [aws_sqs_queue.orders, aws_sqs_queue.orders_dlq] : queue.name],
      [for topic in aws_sns_topic.this : topic.name],
      [for alarm in aws_cloudwatch_metric_alarm.this : alarm.alarm_name],
      [for alarm in merge(aws_cloudwatch_composite_alarm.this, aws_cloudwatch_composite_alarm.outer) : alarm.alarm_name],
      [for dashboard in aws_cloudwatch_dashboard.this : dashboard.dashboard_name],
      [for query in aws_cloudwatch_query_definition.this : query.name],
      [aws_xray_group.orders.group_name],
      [aws_xray_sampling_rule.orders.rule_name],
      [aws_dynamodb_table.orders.name, aws_api_gateway_rest_api.orders.name],
    ) : name if !can(regex("^(/aws/(lambda|apigateway)/)?order-processing-dev($|[-/])", name))]) == 0
    error_message = "A name is not by the rule: every one begins with order-processing-dev."
  }
}

run "another_project_and_environment" {
  command = plan

  variables {
    project_name = "shop"
    environment  = "staging"
  }

  assert {
    condition = length([for name in concat(
      [for function in aws_lambda_function.this : function.function_name],
      [for role in concat(values(aws_iam_role.function), aws_iam_role.api_logging) : role.name],
      [for group in concat(values(aws_cloudwatch_log_group.function), aws_cloudwatch_log_group.api_access) : group.name],
      [for queue in [aws_sqs_queue.orders, aws_sqs_queue.orders_dlq] : queue.name],
      [for topic in aws_sns_topic.this : topic.name],
      [for alarm in aws_cloudwatch_metric_alarm.this : alarm.alarm_name],
      [for alarm in merge(aws_cloudwatch_composite_alarm.this, aws_cloudwatch_composite_alarm.outer) : alarm.alarm_name],
      [for dashboard in aws_cloudwatch_dashboard.this : dashboard.dashboard_name],
      [for query in aws_cloudwatch_query_definition.this : query.name],
      [aws_xray_group.orders.group_name],
      [aws_xray_sampling_rule.orders.rule_name],
      [aws_dynamodb_table.orders.name, aws_api_gateway_rest_api.orders.name],
    ) : name if !can(regex("^(/aws/(lambda|apigateway)/)?shop-staging($|[-/])", name))]) == 0
    error_message = "A name is not by the rule: every one begins with shop-staging."
  }

  assert {
    condition     = aws_api_gateway_stage.orders.stage_name == "staging"
    error_message = "The stage is called like the environment."
  }

  assert {
    condition = alltrue([for function in aws_lambda_function.this :
      function.environment[0].variables.PROJECT_NAME == "shop" && function.environment[0].variables.ENVIRONMENT == "staging"
    ])
    error_message = "The functions must be told their project and environment: the metrics' namespace and dimension are made of them."
  }

  assert {
    condition     = local.tags == { Project = "shop", Environment = "staging", ManagedBy = "terraform" }
    error_message = "The default tags say project, environment and who manages the resource."
  }
}
