# What differs between environments, on AWS and on an emulator.

mock_provider "aws" {
  source = "./tests/mocks"
}

variables {
  package_dir = "tests/packages"
}

run "dev_can_be_thrown_away" {
  command = plan

  assert {
    condition     = !aws_dynamodb_table.orders.deletion_protection_enabled
    error_message = "dev is made to be destroyed."
  }
}

run "prod_can_not" {
  command = plan

  variables {
    environment = "prod"
  }

  assert {
    condition     = aws_dynamodb_table.orders.deletion_protection_enabled && aws_dynamodb_table.orders.point_in_time_recovery[0].enabled && aws_dynamodb_table.orders.server_side_encryption[0].enabled
    error_message = "prod's orders are protected from deletion, recoverable and encrypted."
  }
}

run "unless_it_is_said" {
  command = plan

  variables {
    environment         = "prod"
    deletion_protection = false
  }

  assert {
    condition     = !aws_dynamodb_table.orders.deletion_protection_enabled
    error_message = "deletion_protection = false must open the way to a wanted destroy."
  }
}

run "the_account_s_logging_role_is_left_alone" {
  command = plan

  assert {
    condition     = length(aws_api_gateway_account.this) == 0 && length(aws_cloudwatch_log_group.api_access) == 1
    error_message = "One environment must not change how every API of the account logs, unless asked to."
  }
}

run "the_account_s_logging_role_on_demand" {
  command = plan

  variables {
    api_access_log = "managed-role"
  }

  assert {
    condition     = length(aws_api_gateway_account.this) == 1 && jsondecode(aws_iam_role.api_logging[0].assume_role_policy).Statement[0].Principal.Service == "apigateway.amazonaws.com"
    error_message = "managed-role sets the account's role."
  }
}

run "an_emulator_gets_all_of_it" {
  command = apply

  variables {
    endpoint = "http://127.0.0.1:4566"
  }

  assert {
    condition     = output.api_url != "" && length(aws_cloudwatch_query_definition.this) == 4
    error_message = "What is left out on an emulator is never tried before AWS."
  }

  assert {
    condition     = alltrue([for queue in [aws_sqs_queue.orders, aws_sqs_queue.orders_dlq] : !strcontains(queue.policy, "SecureTransport")])
    error_message = "A queue that refuses requests without TLS refuses all of an emulator's."
  }

  assert {
    condition     = !aws_dynamodb_table.orders.deletion_protection_enabled
    error_message = "An emulator's table is made to be destroyed."
  }

  assert {
    condition     = output.api_url == "http://127.0.0.1:4566/restapis/a1b2c3d4e5/dev/_user_request_/orders"
    error_message = "On an emulator the API is reached through its endpoint."
  }
}

run "another_partition_has_another_console" {
  command = apply

  override_data {
    target = data.aws_partition.current
    values = {
      partition  = "aws-cn"
      dns_suffix = "amazonaws.com.cn"
    }
  }

  variables {
    aws_region = "cn-north-1"
  }

  assert {
    condition     = startswith(output.dashboard_url, "https://cn-north-1.console.amazonaws.cn/cloudwatch/home?region=cn-north-1#dashboards/dashboard/order-processing-dev-orders")
    error_message = "The console of China's regions has its own address."
  }
}

run "a_firewall_on_demand" {
  command = apply

  variables {
    web_acl_arn = "arn:aws:wafv2:us-east-1:111122223333:regional/webacl/orders/11111111-2222-3333-4444-555555555555"
  }

  assert {
    condition     = aws_wafv2_web_acl_association.orders[0].resource_arn == aws_api_gateway_stage.orders.arn
    error_message = "web_acl_arn is put in front of the API's stage."
  }
}

run "what_the_wrapper_compares" {
  command = apply

  variables {
    project_name = "shop"
    aws_region   = "eu-west-1"
  }

  assert {
    condition     = output.project_name == "shop" && output.aws_region == "eu-west-1"
    error_message = "scripts/terraform refuses another project or region by these outputs."
  }
}

run "saved_queries_and_sampling" {
  command = plan

  assert {
    condition     = toset(keys(aws_cloudwatch_query_definition.this)) == toset(["by-order", "by-trace", "failures-by-reason", "slowest-steps"])
    error_message = "Every saved query of queries.yaml exists."
  }

  assert {
    condition     = aws_xray_sampling_rule.orders.service_name == "order-processing-dev-api/dev"
    error_message = "The sampling rule is for this API's stage: other services of the account keep theirs."
  }
}
