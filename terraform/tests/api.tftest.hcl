# What the API answers by itself, and when it is deployed again.

mock_provider "aws" {
  source = "./tests/mocks"
}

variables {
  package_dir = "tests/packages"
}

run "answers" {
  command = plan

  assert {
    condition     = jsondecode(aws_api_gateway_model.order.schema).type == "object" && !contains(keys(jsondecode(aws_api_gateway_model.order.schema)), "properties")
    error_message = "The gateway refuses only what is not an object: its refusals name no field."
  }

  assert {
    condition     = toset(keys(aws_api_gateway_method.post_orders.request_models)) == toset(["$default", "application/json"])
    error_message = "A body is looked at whatever content type it claims."
  }

  assert {
    condition = alltrue([for type, response in aws_api_gateway_gateway_response.this :
      keys(jsondecode(replace(response.response_templates["application/json"], ":$context.error.messageString", ":\"\""))) == ["message"]
    ])
    error_message = "Every answer of the gateway has the body {\"message\": ...}."
  }

  assert {
    condition     = aws_api_gateway_gateway_response.this["BAD_REQUEST_BODY"].response_templates["application/json"] == "{\"message\":\"Request body must be a JSON object: $context.error.validationErrorString\"}"
    error_message = "A body that is not an object is refused in clear words."
  }

  assert {
    condition     = aws_api_gateway_gateway_response.this["DEFAULT_4XX"].response_templates["application/json"] == "{\"message\":$context.error.messageString}" && aws_api_gateway_gateway_response.this["DEFAULT_4XX"].status_code == null
    error_message = "Other refusals keep the gateway's status and words; messageString brings its own quotes."
  }

  assert {
    condition = { for type in ["BAD_REQUEST_BODY", "MISSING_AUTHENTICATION_TOKEN", "REQUEST_TOO_LARGE", "THROTTLED"] : type => aws_api_gateway_gateway_response.this[type].status_code } == {
      BAD_REQUEST_BODY             = "400"
      MISSING_AUTHENTICATION_TOKEN = "404"
      REQUEST_TOO_LARGE            = "413"
      THROTTLED                    = "429"
    }
    error_message = "Statuses of the gateway's own answers."
  }

  assert {
    condition = (
      aws_api_gateway_integration_response.any_orders.status_code == "405"
      && aws_api_gateway_integration_response.any_orders.response_parameters == tomap({ "method.response.header.Allow" = "'POST'" })
      && jsondecode(aws_api_gateway_integration_response.any_orders.response_templates["application/json"]).message == "Method not allowed: use POST"
      && jsondecode(aws_api_gateway_integration.any_orders.request_templates["application/json"]).statusCode == 405
    )
    error_message = "Other methods get 405 with Allow."
  }

  # A PUT with a body of another content type never reaches the mock's template.
  assert {
    condition = (
      aws_api_gateway_gateway_response.this["UNSUPPORTED_MEDIA_TYPE"].status_code == aws_api_gateway_integration_response.any_orders.status_code
      && aws_api_gateway_gateway_response.this["UNSUPPORTED_MEDIA_TYPE"].response_templates == aws_api_gateway_integration_response.any_orders.response_templates
      && values(aws_api_gateway_gateway_response.this["UNSUPPORTED_MEDIA_TYPE"].response_parameters) == values(aws_api_gateway_integration_response.any_orders.response_parameters)
    )
    error_message = "Other methods get the same 405 whatever content type they send."
  }
}

run "access_log_without_personal_data" {
  command = apply

  assert {
    condition     = length([for value in values(jsondecode(aws_api_gateway_stage.orders.access_log_settings[0].format)) : value if strcontains(value, "identity") || strcontains(value, "authorizer") || strcontains(value, "path}")]) == 0
    error_message = "The access log must not say who the caller is."
  }

  assert {
    condition = toset([for key in ["requestId", "traceId", "status", "latencyMs"] : jsondecode(aws_api_gateway_stage.orders.access_log_settings[0].format)[key]]) == toset([
      "$context.requestId", "$context.xrayTraceId", "$context.status", "$context.responseLatency",
    ])
    error_message = "The access log must lead from a request to its trace."
  }
}

run "applied" {
  command = apply
}

run "not_deployed_again_for_what_the_stage_does" {
  command = plan

  variables {
    api_access_log = "off"
    log_level      = "debug"
    architecture   = "arm64"
    alarms_file    = "tests/catalogues/every-feature.yaml"
  }

  assert {
    condition     = aws_api_gateway_deployment.orders.triggers.served == run.applied.api_revision
    error_message = "A redeploy although nothing it serves has changed."
  }
}

run "deployed_again_when_an_answer_changes" {
  command = plan

  variables {
    api_authorization = "AWS_IAM"
  }

  assert {
    condition     = aws_api_gateway_deployment.orders.triggers.served != run.applied.api_revision
    error_message = "What the API serves has changed, but it would not be deployed."
  }

  assert {
    condition     = aws_api_gateway_method.post_orders.authorization == "AWS_IAM" && !contains(keys(aws_api_gateway_gateway_response.this), "MISSING_AUTHENTICATION_TOKEN")
    error_message = "With signed requests an unsigned one must be told so, not 404."
  }
}

run "no_page_of_another_origin_by_default" {
  command = plan

  assert {
    condition = (
      length(aws_api_gateway_method.options_orders) == 0
      && length([for response in aws_api_gateway_gateway_response.this : response if contains(keys(response.response_parameters), "gatewayresponse.header.Access-Control-Allow-Origin")]) == 0
      && aws_lambda_function.this["validator"].environment[0].variables.CORS_ALLOW_ORIGINS == ""
    )
    error_message = "Without allowed origins nothing says that there is one."
  }
}

run "pages_of_an_allowed_origin" {
  command = plan

  variables {
    cors_allow_origins = ["https://shop.example"]
  }

  assert {
    condition = (
      aws_api_gateway_integration.options_orders[0].type == "AWS_PROXY"
      && aws_lambda_permission.api_preflight[0].action == "lambda:InvokeFunction"
      && aws_lambda_function.this["validator"].environment[0].variables.CORS_ALLOW_ORIGINS == "https://shop.example"
    )
    error_message = "A browser's OPTIONS is answered by the validator, which knows the origins."
  }

  assert {
    condition = alltrue([for response in aws_api_gateway_gateway_response.this :
      response.response_parameters["gatewayresponse.header.Access-Control-Allow-Origin"] == "'https://shop.example'"
    ])
    error_message = "The page may read the gateway's own answers too."
  }
}

run "an_origin_is_no_url" {
  command         = plan
  expect_failures = [var.cors_allow_origins]

  variables {
    cors_allow_origins = ["https://shop.example/cart"]
  }
}

# Without this, a resource could take a value from elsewhere, and a change of it would not be deployed.
run "everything_served_is_in_the_trigger" {
  command = plan

  assert {
    condition = length(local.served) > 0 && length([
      for block in regexall("(?s)resource \"aws_api_gateway_(?:method|integration|integration_response|method_response|gateway_response|model)\" .*?\n}\n", file("api.tf")) : block
      if length([
        for line in split("\n", block) : line
        if can(regex("= .*(local|var)\\.", line)) && !can(regex("local\\.served\\.|local\\.order_schema\\.title", line))
      ]) > 0
    ]) == 0
    error_message = "A resource of the API takes a value that is not in local.served."
  }
}
