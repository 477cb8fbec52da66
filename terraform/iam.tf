# One role a function, which may touch that function's own resources and nothing else; the viewer's reads what the others leave.
# CloudWatch invokes the viewer with the rights of whoever looks at the dashboard: they need lambda:InvokeFunction on it, and it
# needs no permission of its own. The policies are files, so that the
# local stack enforces the very same ones.

resource "aws_iam_role" "function" {
  for_each = local.functions

  name               = local.names["${each.key}_function"]
  description        = "What the ${each.key} function may do"
  assume_role_policy = file("${path.module}/policies/assume-lambda.json")
}

resource "aws_iam_role_policy" "function" {
  for_each = local.functions

  name = each.key
  role = aws_iam_role.function[each.key].id

  policy = templatefile("${path.module}/policies/${each.key}.json", {
    orders_queue_arn      = local.arns.orders_queue
    orders_dlq_arn        = local.arns.orders_dlq
    orders_table_arn      = local.arns.orders_table
    idempotency_table_arn = local.arns.idempotency_table
    log_group_arn         = local.arns["${each.key}_log_group"]
    # What the viewer reads.
    validator_log_group_arn = local.arns.validator_log_group
    processor_log_group_arn = local.arns.processor_log_group
  })
}

# Sending dead letters back from the dashboard: whoever may invoke the viewer then may do it.
resource "aws_iam_role_policy" "viewer_actions" {
  count = local.viewer_actions ? 1 : 0

  name = "viewer-actions"
  role = aws_iam_role.function["viewer"].id

  policy = templatefile("${path.module}/policies/viewer-actions.json", {
    orders_queue_arn = local.arns.orders_queue
    orders_dlq_arn   = local.arns.orders_dlq
  })
}

# Messages, the table and a function's environment are decrypted with the caller's rights, and a message's data key is made with
# them: by the services, never by a function itself. What creates a table or a log group encrypts as whoever applies this.
resource "aws_iam_role_policy" "kms" {
  for_each = var.kms_key_arn == null ? [] : local.functions

  name = "kms"
  role = aws_iam_role.function[each.key].id

  policy = templatefile("${path.module}/policies/kms.json", {
    kms_key_arn = var.kms_key_arn
    region      = var.aws_region
    dns_suffix  = data.aws_partition.current.dns_suffix
  })
}

# The one method of the one stage may call the validator, nothing else of API Gateway.
resource "aws_lambda_permission" "api" {
  statement_id  = "AllowPostOrders"
  action        = "lambda:InvokeFunction"
  function_name = aws_lambda_function.this["validator"].function_name
  principal     = "apigateway.amazonaws.com"
  source_arn    = "${aws_api_gateway_rest_api.orders.execution_arn}/${var.environment}/POST/orders"
}

resource "aws_lambda_permission" "api_preflight" {
  count = local.served.preflight ? 1 : 0

  statement_id  = "AllowOptionsOrders"
  action        = "lambda:InvokeFunction"
  function_name = aws_lambda_function.this["validator"].function_name
  principal     = "apigateway.amazonaws.com"
  source_arn    = "${aws_api_gateway_rest_api.orders.execution_arn}/${var.environment}/OPTIONS/orders"
}

# API Gateway writes logs with one role per account and region. Setting it changes every API of the account, and deleting it
# with this stack would silence them, so it is only done when asked for.
resource "aws_iam_role" "api_logging" {
  count = var.api_access_log == "managed-role" ? 1 : 0

  name               = local.names.api_logging_role
  description        = "Lets API Gateway write access logs, for every API of this account and region"
  assume_role_policy = file("${path.module}/policies/assume-apigateway.json")
}

resource "aws_iam_role_policy_attachment" "api_logging" {
  count = var.api_access_log == "managed-role" ? 1 : 0

  role       = aws_iam_role.api_logging[0].name
  policy_arn = "arn:${local.partition}:iam::aws:policy/service-role/AmazonAPIGatewayPushToCloudWatchLogs"
}

resource "aws_api_gateway_account" "this" {
  count = var.api_access_log == "managed-role" ? 1 : 0

  cloudwatch_role_arn = aws_iam_role.api_logging[0].arn

  depends_on = [aws_iam_role_policy_attachment.api_logging]
}
