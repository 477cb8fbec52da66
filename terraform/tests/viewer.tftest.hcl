# The viewer reads what it shows and nothing else, changes nothing unless it is said, and can be left out.

mock_provider "aws" {
  source = "./tests/mocks"
}

variables {
  package_dir = "tests/packages"
}

run "it_is_there_and_only_reads" {
  command = plan

  assert {
    condition = sort(distinct(flatten([
      for statement in jsondecode(aws_iam_role_policy.function["viewer"].policy).Statement : flatten([statement.Action])
      ]))) == sort([
      # What it shows.
      "cloudwatch:DescribeAlarms", "logs:FilterLogEvents", "sqs:GetQueueAttributes", "sqs:ReceiveMessage", "xray:BatchGetTraces", "xray:GetTraceSummaries",
      # Its own telemetry.
      "logs:CreateLogStream", "logs:PutLogEvents", "xray:PutTelemetryRecords", "xray:PutTraceSegments",
    ])
    error_message = "The viewer may do something else than read what its widgets show."
  }

  assert {
    condition     = length(aws_iam_role_policy.viewer_actions) == 0 && aws_lambda_function.this["viewer"].environment[0].variables.VIEWER_ACTIONS == "false"
    error_message = "Without viewer_actions the viewer must not be able to send anything back."
  }

  assert {
    condition = sort([for widget in jsondecode(aws_cloudwatch_dashboard.this["orders"].dashboard_body).widgets : widget.properties.params.widget if widget.type == "custom"]) == sort([
      "alarms", "dead-letters", "find-order",
    ])
    error_message = "The orders dashboard has the viewer's three widgets."
  }

  assert {
    condition = alltrue([
      for widget in jsondecode(aws_cloudwatch_dashboard.this["orders"].dashboard_body).widgets :
      widget.properties.endpoint == "arn:aws:lambda:us-east-1:111122223333:function:order-processing-dev-viewer" if widget.type == "custom"
    ])
    error_message = "A custom widget calls another function than the viewer."
  }

  assert {
    condition     = output.viewer_function_arn == "arn:aws:lambda:us-east-1:111122223333:function:order-processing-dev-viewer" && aws_lambda_function.this["viewer"].environment[0].variables.CONSOLE_URL == "https://us-east-1.console.aws.amazon.com/cloudwatch/home?region=us-east-1"
    error_message = "The viewer's ARN is told, and it links to the console of its partition and region."
  }

  assert {
    condition     = alltrue([for permission in [aws_lambda_permission.api] : permission.function_name != "order-processing-dev-viewer"])
    error_message = "CloudWatch calls the viewer with the rights of whoever looks: nobody else is permitted."
  }
}

run "its_actions_have_a_policy_of_their_own" {
  command = plan

  variables {
    viewer_actions = true
  }

  assert {
    condition = {
      for statement in jsondecode(aws_iam_role_policy.viewer_actions[0].policy).Statement : statement.Action => statement.Resource
      } == {
      "sqs:SendMessage"   = "arn:aws:sqs:us-east-1:111122223333:order-processing-dev-orders"
      "sqs:DeleteMessage" = "arn:aws:sqs:us-east-1:111122223333:order-processing-dev-orders-dlq"
    }
    error_message = "Sending back is sending to the orders queue and deleting from the dead-letter queue, no more."
  }

  assert {
    condition     = aws_lambda_function.this["viewer"].environment[0].variables.VIEWER_ACTIONS == "true"
    error_message = "The viewer must know that it may."
  }
}

run "it_can_be_left_out" {
  command = plan

  variables {
    viewer_enabled = false
    viewer_actions = true
  }

  assert {
    condition = (
      sort(keys(aws_lambda_function.this)) == sort(["validator", "processor"])
      && length(aws_iam_role.function) == 2 && length(aws_cloudwatch_log_group.function) == 2 && length(aws_iam_role_policy.viewer_actions) == 0
    )
    error_message = "viewer_enabled = false leaves neither function, role nor log group, whatever viewer_actions says."
  }

  assert {
    condition     = length([for widget in jsondecode(aws_cloudwatch_dashboard.this["orders"].dashboard_body).widgets : widget if widget.type == "custom"]) == 0
    error_message = "A widget whose function is not there would be an error on the dashboard."
  }

  assert {
    condition     = output.viewer_function_arn == null
    error_message = "There is no function to name."
  }
}

run "no_gap_is_left_where_its_widgets_were" {
  command = plan

  assert {
    condition = min([for widget in jsondecode(aws_cloudwatch_dashboard.this["orders"].dashboard_body).widgets : widget.y if widget.type == "custom"]...) >= max([
      for widget in jsondecode(aws_cloudwatch_dashboard.this["orders"].dashboard_body).widgets : widget.y + widget.height if widget.type != "custom"
    ]...)
    error_message = "The custom widgets are the dashboard's last."
  }
}
