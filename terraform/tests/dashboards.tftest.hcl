# Dashboards and saved queries are bodies CloudWatch takes as they are: mistakes in them would only be seen by whoever looks.

mock_provider "aws" {
  source = "./tests/mocks"
}

variables {
  package_dir = "tests/packages"
  aws_region  = "eu-west-1"
}

run "every_dashboard_is_filled_for_its_environment" {
  command = plan

  assert {
    condition     = length(aws_cloudwatch_dashboard.this) == length(fileset("../dashboards", "*.json")) && contains(keys(aws_cloudwatch_dashboard.this), "orders")
    error_message = "Every file in dashboards/ is a dashboard, and the orders dashboard is the one that dashboard_url leads to."
  }

  assert {
    condition     = alltrue([for dashboard in aws_cloudwatch_dashboard.this : !strcontains(dashboard.dashboard_body, "$${")])
    error_message = "A placeholder of a dashboard was left unfilled."
  }

  assert {
    condition = alltrue(flatten([for dashboard in aws_cloudwatch_dashboard.this : [
      for widget in jsondecode(dashboard.dashboard_body).widgets :
      contains(["text", "alarm", "custom"], widget.type) || try(widget.properties.region, "") == "eu-west-1"
    ]]))
    error_message = "A widget looks at another region than the suite is in."
  }

  assert {
    condition = alltrue(flatten([for dashboard in aws_cloudwatch_dashboard.this : [
      for widget in jsondecode(dashboard.dashboard_body).widgets : try(widget.x + widget.width <= 24, !contains(keys(widget), "x"))
    ]]))
    error_message = "A widget does not fit the grid of 24 columns."
  }
}

run "saved_queries_look_at_both_functions_and_at_fields_they_log" {
  command = plan

  assert {
    condition = alltrue([for query in aws_cloudwatch_query_definition.this :
      toset(query.log_group_names) == toset(["/aws/lambda/order-processing-dev-validator", "/aws/lambda/order-processing-dev-processor"])
    ])
    error_message = "A saved query must look at both functions' logs."
  }

  assert {
    condition = length(setsubtract(
      toset(flatten([for query in aws_cloudwatch_query_definition.this : regexall("[A-Za-z0-9_@]+", replace(query.query_string, "/\"[^\"]*\"/", ""))])),
      toset(concat(
        ["@timestamp", "timestamp", "level", "message", "Service", "Environment", "requestId", "traceId", "spanId", "orderId", "step", "outcome", "durationMs", "errorClass", "error"],
        ["HandlerDuration", "RecordDuration", "ParseDuration", "ValidateDuration", "EnqueueDuration", "DecodeDuration", "StoreDuration"],
        # Words of the query language, and names the queries give.
        split(" ", "fields filter sort stats limit by as and asc desc ispresent or count count_distinct latest pct 99 1000"),
        split(" ", "failures orders lastError runs parseMs validateMs enqueueMs decodeMs storeMs"),
      ))
    )) == 0
    error_message = "A saved query uses a field that is not in the functions' log lines."
  }
}
