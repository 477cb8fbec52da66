# Least privilege: each function reaches its own queue, table and log group by name; only X-Ray, which has no resources, by "*".

mock_provider "aws" {
  source = "./tests/mocks"
}

variables {
  package_dir = "tests/packages"
  kms_key_arn = "arn:aws:kms:us-east-1:111122223333:key/11111111-2222-3333-4444-555555555555"
}

run "functions_reach_only_what_is_theirs" {
  command = plan

  assert {
    condition = length(flatten([
      for policy in concat(values(aws_iam_role_policy.function), values(aws_iam_role_policy.kms)) : [
        for statement in jsondecode(policy.policy).Statement : statement
        if strcontains(jsonencode([statement.Action, statement.Resource]), "*") && !(
          # X-Ray's calls know no resource, and composite alarms are described with every alarm or not at all.
          alltrue([for action in flatten([statement.Action]) : contains(["xray:PutTraceSegments", "xray:PutTelemetryRecords", "xray:GetTraceSummaries", "xray:BatchGetTraces", "cloudwatch:DescribeAlarms"], action)])
          # The streams of named log groups.
          || (alltrue([for resource in flatten([statement.Resource]) : can(regex("^arn:aws:logs:us-east-1:111122223333:log-group:/aws/lambda/order-processing-dev-(validator|processor|viewer):\\*$", resource))]) && !strcontains(jsonencode(statement.Action), "*"))
        )
      ]
    ])) == 0
    error_message = "A wildcard in a function's policy: name the actions and the resource."
  }

  assert {
    condition = alltrue(flatten([
      for policy in concat(values(aws_iam_role_policy.function), values(aws_iam_role_policy.kms)) : [
        for statement in jsondecode(policy.policy).Statement :
        statement.Effect == "Allow" && !contains(keys(statement), "NotAction") && !contains(keys(statement), "NotResource")
      ]
    ]))
    error_message = "A function's policy allows named actions on named resources; NotAction and NotResource allow everything else."
  }

  assert {
    condition = {
      for name, policy in aws_iam_role_policy.function : name => sort(distinct(flatten([for statement in jsondecode(policy.policy).Statement : flatten([statement.Resource])])))
      } == {
      validator = sort([
        "*",
        "arn:aws:dynamodb:us-east-1:111122223333:table/order-processing-dev-idempotency",
        "arn:aws:logs:us-east-1:111122223333:log-group:/aws/lambda/order-processing-dev-validator:*",
        "arn:aws:sqs:us-east-1:111122223333:order-processing-dev-orders",
      ])
      processor = sort([
        "*",
        "arn:aws:dynamodb:us-east-1:111122223333:table/order-processing-dev-orders",
        "arn:aws:logs:us-east-1:111122223333:log-group:/aws/lambda/order-processing-dev-processor:*",
        "arn:aws:sqs:us-east-1:111122223333:order-processing-dev-orders",
        "arn:aws:sqs:us-east-1:111122223333:order-processing-dev-orders-dlq",
      ])
      viewer = sort([
        "*",
        "arn:aws:logs:us-east-1:111122223333:log-group:/aws/lambda/order-processing-dev-processor:*",
        "arn:aws:logs:us-east-1:111122223333:log-group:/aws/lambda/order-processing-dev-validator:*",
        "arn:aws:logs:us-east-1:111122223333:log-group:/aws/lambda/order-processing-dev-viewer:*",
        "arn:aws:sqs:us-east-1:111122223333:order-processing-dev-orders-dlq",
      ])
    }
    error_message = "A function may reach something else than its own queue, table and logs."
  }

  assert {
    condition = alltrue([for policy in aws_iam_role_policy.kms :
      [for statement in jsondecode(policy.policy).Statement : [statement.Action, statement.Resource, statement.Condition]] == [[
        ["kms:Decrypt", "kms:GenerateDataKey"],
        var.kms_key_arn,
        { StringEquals = { "kms:ViaService" = ["dynamodb.us-east-1.amazonaws.com", "lambda.us-east-1.amazonaws.com", "sqs.us-east-1.amazonaws.com"] } },
      ]]
    ])
    error_message = "A function uses the key through the services it calls, for what they do in its name, and not by itself."
  }

  assert {
    condition     = alltrue([for role in aws_iam_role.function : jsondecode(role.assume_role_policy).Statement[0].Principal.Service == "lambda.amazonaws.com"])
    error_message = "Only Lambda may take on a function's role."
  }
}

run "the_api_may_call_the_validator_by_one_method_of_one_stage" {
  command = apply

  assert {
    condition     = aws_lambda_permission.api.source_arn == "arn:aws:execute-api:us-east-1:111122223333:a1b2c3d4e5/dev/POST/orders"
    error_message = "The permission must name the API, the stage, the method and the path."
  }

  assert {
    condition     = aws_lambda_permission.api.function_name == "order-processing-dev-validator" && aws_lambda_permission.api.principal == "apigateway.amazonaws.com"
    error_message = "Only API Gateway may call the validator, and no other function."
  }
}

run "queues_and_topics_refuse_plain_http_and_topics_listen_to_alarms_only" {
  command = apply

  assert {
    condition = alltrue([
      for policy in concat([aws_sqs_queue.orders.policy, aws_sqs_queue.orders_dlq.policy], [for topic in aws_sns_topic_policy.this : topic.policy]) :
      anytrue([
        for statement in jsondecode(policy).Statement :
        statement.Effect == "Deny" && statement.Principal == "*" && try(statement.Condition.Bool["aws:SecureTransport"], "") == "false"
      ])
    ])
    error_message = "A queue or topic takes requests without TLS."
  }

  assert {
    condition     = jsondecode(aws_sqs_queue.orders_dlq.policy).Statement[0].Resource == "arn:aws:sqs:us-east-1:111122223333:order-processing-dev-orders-dlq"
    error_message = "Each queue's policy names that queue."
  }

  assert {
    condition = alltrue([
      for key, topic in aws_sns_topic_policy.this :
      [for statement in jsondecode(topic.policy).Statement : statement.Principal if statement.Effect == "Allow"] == [{ Service = "cloudwatch.amazonaws.com" }]
      && jsondecode(topic.policy).Statement[0].Resource == aws_sns_topic.this[key].arn
      && jsondecode(topic.policy).Statement[0].Condition.StringEquals["aws:SourceAccount"] == "111122223333"
      && jsondecode(topic.policy).Statement[0].Condition.ArnLike["aws:SourceArn"] == "arn:aws:cloudwatch:us-east-1:111122223333:alarm:order-processing-dev-*"
    ])
    error_message = "Only alarms of this environment and account may publish to a topic."
  }
}

run "without_a_key_of_ones_own_no_key_policy" {
  command = plan

  variables {
    kms_key_arn = null
  }

  assert {
    condition     = length(aws_iam_role_policy.kms) == 0 && aws_sqs_queue.orders.sqs_managed_sse_enabled && aws_sqs_queue.orders_dlq.sqs_managed_sse_enabled
    error_message = "Without kms_key_arn the queues use SQS's own keys."
  }
}
