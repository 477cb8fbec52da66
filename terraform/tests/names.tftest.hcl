# Everything is called PROJECT_NAME-ENVIRONMENT-something, so that two environments never meet in one account.

mock_provider "aws" {
  source = "./tests/mocks"
}

variables {
  package_dir    = "tests/packages"
  api_access_log = "managed-role"
  page_emails    = ["oncall@example.com"]
}

run "dev_names" {
  command = plan

  assert {
    condition = toset(flatten([
      [for function in aws_lambda_function.this : function.function_name],
      [for role in aws_iam_role.function : role.name],
      aws_sqs_queue.orders.name,
      aws_sqs_queue.orders_dlq.name,
      aws_dynamodb_table.orders.name,
      aws_api_gateway_rest_api.orders.name,
      [for group in aws_cloudwatch_log_group.function : group.name],
      [for dashboard in aws_cloudwatch_dashboard.this : dashboard.dashboard_name if dashboard.dashboard_name == "order-processing-dev-orders"],
      ])) == toset([
      "order-processing-dev-validator",
      "order-processing-dev-processor",
      "order-processing-dev-orders",
      "order-processing-dev-orders-dlq",
      "order-processing-dev-api",
      "/aws/lambda/order-processing-dev-validator",
      "/aws/lambda/order-processing-dev-processor",
    ])
    error_message = "The names that other rooms and the local stack count on have changed."
  }

  assert {
    condition     = aws_api_gateway_stage.orders.stage_name == "dev"
    error_message = "The stage is called like the environment."
  }

  assert {
    condition = alltrue([for name in local.all_names :
      strcontains(name, "order-processing-dev")
      && (startswith(name, "order-processing-dev") || startswith(name, "/aws/lambda/order-processing-dev-") || startswith(name, "/aws/apigateway/order-processing-dev-"))
    ])
    error_message = "Not by the rule: ${join(", ", [for name in local.all_names : name if !strcontains(name, "order-processing-dev")])}."
  }
}
