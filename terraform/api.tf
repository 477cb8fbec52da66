# POST /orders. Everything the API serves is first put together in local.served, and the resources below take it from there:
# the deployment's trigger is the hash of that one value, so the stage is redeployed exactly when an answer changes.

locals {
  gateway      = jsondecode(file("${path.module}/gateway.json"))
  order_schema = jsondecode(file("${path.module}/order.schema.json"))

  # gateway.json's {"message": ...} as a template. A message that is nothing but $context.error.messageString stays
  # unquoted: API Gateway fills it in with its quotes.
  gateway_bodies = {
    for name, response in merge(local.gateway.responses, { METHOD_NOT_ALLOWED = local.gateway.method_not_allowed }) :
    name => replace(jsonencode({ message = response.message }), "\"$context.error.messageString\"", "$context.error.messageString")
  }

  cors_allow_origins = var.cors_allow_origins == null ? local.settings.api.cors_allow_origins : var.cors_allow_origins

  # The gateway's own answers can't depend on who asks: with more than one origin allowed, any page may read them. They hold
  # nothing but a message. The validator's answers name the one origin that asks.
  cors_headers = length(local.cors_allow_origins) == 0 ? {} : {
    "Access-Control-Allow-Origin"   = length(local.cors_allow_origins) == 1 ? local.cors_allow_origins[0] : "*"
    "Access-Control-Expose-Headers" = "Retry-After, X-Amzn-Trace-Id"
  }

  served = {
    # The gateway refuses only what is not a JSON object. Its refusals can't name the field that is wrong (a gateway response
    # knows no field), so everything inside the object is left to the validator, which can. Its models are of draft 4.
    model = jsonencode({ "$schema" = "http://json-schema.org/draft-04/schema#", title = local.order_schema.title, type = local.order_schema.type })
    # $default: also for a body that calls itself something other than JSON, as `curl -d` does.
    model_content_types = ["$default", "application/json"]

    authorization          = var.api_authorization
    integration_uri        = "arn:${local.partition}:apigateway:${var.aws_region}:lambda:path/2015-03-31/functions/${local.arns.validator_function}/invocations"
    integration_timeout_ms = local.settings.api.integration_timeout_ms

    method_not_allowed = {
      # A body of another content type finds no template and would be taken for the mock's own answer. Refused instead, it is
      # answered by the UNSUPPORTED_MEDIA_TYPE gateway response, which is the same 405: no other method can cause that response.
      passthrough = "NEVER"

      status  = tostring(local.gateway.method_not_allowed.status)
      body    = local.gateway_bodies.METHOD_NOT_ALLOWED
      headers = { for name, value in merge(local.gateway.method_not_allowed.headers, local.cors_headers) : name => "'${value}'" }
    }

    # Asked by a browser before it sends another origin's order; without an allowed origin nobody has to ask.
    preflight = length(local.cors_allow_origins) > 0

    gateway_responses = {
      for type, response in local.gateway.responses : type => {
        status  = try(tostring(response.status), null)
        body    = local.gateway_bodies[type]
        headers = { for name, value in merge(try(response.headers, {}), local.cors_headers) : name => "'${value}'" }
      }
      # With signed requests a missing token is no longer the sign of an unknown path: the gateway's own 403 is the truth.
      if !(var.api_authorization == "AWS_IAM" && type == "MISSING_AUTHENTICATION_TOKEN")
    }
  }

  served_hash = sha1(jsonencode(local.served))
}

resource "aws_api_gateway_rest_api" "orders" {
  #checkov:skip=CKV_AWS_237:a new REST API has another URL, so making it first saves nobody a failed call
  name        = local.names.api
  description = "Takes orders: POST /orders"

  endpoint_configuration {
    types = ["REGIONAL"]
  }
}

resource "aws_api_gateway_resource" "orders" {
  rest_api_id = aws_api_gateway_rest_api.orders.id
  parent_id   = aws_api_gateway_rest_api.orders.root_resource_id
  path_part   = "orders"
}

resource "aws_api_gateway_model" "order" {
  rest_api_id  = aws_api_gateway_rest_api.orders.id
  name         = local.order_schema.title
  description  = "What a request's body must be for the validator to look at it"
  content_type = "application/json"
  schema       = local.served.model
}

resource "aws_api_gateway_request_validator" "body" {
  rest_api_id           = aws_api_gateway_rest_api.orders.id
  name                  = "body"
  validate_request_body = true
}

resource "aws_api_gateway_method" "post_orders" {
  #checkov:skip=CKV_AWS_59:open by default because it is a shop's front door, throttled by stage; api_authorization = "AWS_IAM" closes it
  rest_api_id          = aws_api_gateway_rest_api.orders.id
  resource_id          = aws_api_gateway_resource.orders.id
  http_method          = "POST"
  authorization        = local.served.authorization
  request_validator_id = aws_api_gateway_request_validator.body.id
  request_models       = { for type in local.served.model_content_types : type => aws_api_gateway_model.order.name }
}

resource "aws_api_gateway_integration" "post_orders" {
  rest_api_id             = aws_api_gateway_rest_api.orders.id
  resource_id             = aws_api_gateway_resource.orders.id
  http_method             = aws_api_gateway_method.post_orders.http_method
  type                    = "AWS_PROXY"
  integration_http_method = "POST"
  uri                     = local.served.integration_uri
  timeout_milliseconds    = local.served.integration_timeout_ms
}

# OPTIONS goes to the validator, which knows the allowed origins; a mock could name only one.
resource "aws_api_gateway_method" "options_orders" {
  #checkov:skip=CKV_AWS_59:a browser asks before it has anything to sign with
  #checkov:skip=CKV2_AWS_53:reads nothing of the request but its origin
  count = local.served.preflight ? 1 : 0

  rest_api_id   = aws_api_gateway_rest_api.orders.id
  resource_id   = aws_api_gateway_resource.orders.id
  http_method   = "OPTIONS"
  authorization = "NONE"
}

resource "aws_api_gateway_integration" "options_orders" {
  count = local.served.preflight ? 1 : 0

  rest_api_id             = aws_api_gateway_rest_api.orders.id
  resource_id             = aws_api_gateway_resource.orders.id
  http_method             = aws_api_gateway_method.options_orders[0].http_method
  type                    = "AWS_PROXY"
  integration_http_method = "POST"
  uri                     = local.served.integration_uri
  timeout_milliseconds    = local.served.integration_timeout_ms
}

# Every other method on /orders: 405, and which one is allowed.
resource "aws_api_gateway_method" "any_orders" {
  #checkov:skip=CKV_AWS_59:only says which method is allowed, the same to everybody
  #checkov:skip=CKV2_AWS_53:reads nothing of the request, so there is nothing to validate
  rest_api_id   = aws_api_gateway_rest_api.orders.id
  resource_id   = aws_api_gateway_resource.orders.id
  http_method   = "ANY"
  authorization = "NONE"
}

resource "aws_api_gateway_integration" "any_orders" {
  rest_api_id = aws_api_gateway_rest_api.orders.id
  resource_id = aws_api_gateway_resource.orders.id
  http_method = aws_api_gateway_method.any_orders.http_method
  type        = "MOCK"

  passthrough_behavior = local.served.method_not_allowed.passthrough

  request_templates = {
    "application/json" = jsonencode({ statusCode = tonumber(local.served.method_not_allowed.status) })
  }
}

resource "aws_api_gateway_method_response" "any_orders" {
  rest_api_id         = aws_api_gateway_rest_api.orders.id
  resource_id         = aws_api_gateway_resource.orders.id
  http_method         = aws_api_gateway_method.any_orders.http_method
  status_code         = local.served.method_not_allowed.status
  response_parameters = { for name in keys(local.served.method_not_allowed.headers) : "method.response.header.${name}" => true }
}

resource "aws_api_gateway_integration_response" "any_orders" {
  rest_api_id         = aws_api_gateway_rest_api.orders.id
  resource_id         = aws_api_gateway_resource.orders.id
  http_method         = aws_api_gateway_integration.any_orders.http_method
  status_code         = aws_api_gateway_method_response.any_orders.status_code
  response_parameters = { for name, value in local.served.method_not_allowed.headers : "method.response.header.${name}" => value }
  response_templates  = { "application/json" = local.served.method_not_allowed.body }
}

resource "aws_api_gateway_gateway_response" "this" {
  for_each = local.served.gateway_responses

  rest_api_id         = aws_api_gateway_rest_api.orders.id
  response_type       = each.key
  status_code         = each.value.status
  response_templates  = { "application/json" = each.value.body }
  response_parameters = { for name, value in each.value.headers : "gatewayresponse.header.${name}" => value }
}

resource "aws_api_gateway_deployment" "orders" {
  rest_api_id = aws_api_gateway_rest_api.orders.id
  triggers    = { served = local.served_hash }

  # A deployment is a snapshot: everything in local.served must be there before it is taken.
  depends_on = [
    aws_api_gateway_integration.post_orders,
    aws_api_gateway_integration.options_orders,
    aws_api_gateway_integration_response.any_orders,
    aws_api_gateway_gateway_response.this,
  ]

  lifecycle {
    create_before_destroy = true
  }
}

resource "aws_cloudwatch_log_group" "api_access" {
  count = var.api_access_log == "off" ? 0 : 1

  name              = local.names.api_access_log
  retention_in_days = local.settings.api.log_retention_days
  kms_key_id        = var.kms_key_arn
  log_group_class   = "STANDARD"
}

resource "aws_api_gateway_stage" "orders" {
  #checkov:skip=CKV_AWS_120:every order is a new POST, there is nothing to cache
  #checkov:skip=CKV2_AWS_51:callers are the public or signed with IAM (api_authorization); client certificates would be for a backend this API does not have
  #checkov:skip=CKV2_AWS_29:a web application firewall has a fixed price and rules of its owner's making: web_acl_arn puts one in front
  #checkov:skip=CKV2_AWS_4:execution logs go to a group of API Gateway's own naming; the access log has each request's status, error and integration error
  rest_api_id          = aws_api_gateway_rest_api.orders.id
  deployment_id        = aws_api_gateway_deployment.orders.id
  stage_name           = var.environment
  xray_tracing_enabled = true

  dynamic "access_log_settings" {
    for_each = aws_cloudwatch_log_group.api_access

    content {
      destination_arn = access_log_settings.value.arn
      # No caller's address, user agent or identity: a request is found by its ids.
      format = jsonencode({
        timestamp            = "$context.requestTime"
        requestId            = "$context.requestId"
        traceId              = "$context.xrayTraceId"
        stage                = "$context.stage"
        method               = "$context.httpMethod"
        resource             = "$context.resourcePath"
        status               = "$context.status"
        latencyMs            = "$context.responseLatency"
        integrationStatus    = "$context.integration.status"
        integrationLatencyMs = "$context.integration.latency"
        integrationRequestId = "$context.integration.requestId"
        integrationError     = "$context.integration.error"
        errorType            = "$context.error.responseType"
        responseBytes        = "$context.responseLength"
      })
    }
  }

  depends_on = [aws_api_gateway_account.this]
}

# The stage's throttling is one bucket for all callers: whoever fills it shuts the others out. API Gateway keeps callers apart only
# by API keys, which a shop's front door does not have; by address is a firewall's business (a rate-based rule).
resource "aws_wafv2_web_acl_association" "orders" {
  count = var.web_acl_arn == null ? 0 : 1

  resource_arn = aws_api_gateway_stage.orders.arn
  web_acl_arn  = var.web_acl_arn
}

resource "aws_api_gateway_method_settings" "all" {
  #checkov:skip=CKV_AWS_225:every order is a new POST, there is nothing to cache
  rest_api_id = aws_api_gateway_rest_api.orders.id
  stage_name  = aws_api_gateway_stage.orders.stage_name
  method_path = "*/*"

  settings {
    # Metrics of API and stage are there without; those of each method and resource cost, and no alarm or widget reads them.
    metrics_enabled        = false
    logging_level          = "OFF"
    throttling_rate_limit  = local.settings.api.throttling_rate_per_s
    throttling_burst_limit = local.settings.api.throttling_burst
  }
}
