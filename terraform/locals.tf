# Names and ARNs are worked out here instead of being read from resources: a plan then shows every policy and alarm in full,
# and the keys of for_each are known before anything exists.

locals {
  settings = jsondecode(file("${path.module}/settings.json"))
  emulated = var.endpoint != ""
  # Queues and topics refuse requests without TLS, which would be all of an emulator's own.
  tls = !startswith(var.endpoint, "http://")

  # The one rule for names: everything begins with the prefix.
  prefix = "${var.project_name}-${var.environment}"

  names = {
    api                 = "${local.prefix}-api"
    api_access_log      = "/aws/apigateway/${local.prefix}-api"
    api_logging_role    = "${local.prefix}-api-logging"
    orders_queue        = "${local.prefix}-orders"
    orders_dlq          = "${local.prefix}-orders-dlq"
    orders_table        = "${local.prefix}-orders"
    idempotency_table   = "${local.prefix}-idempotency"
    page_topic          = "${local.prefix}-page"
    ticket_topic        = "${local.prefix}-ticket"
    xray_group          = local.prefix
    xray_sampling_rule  = local.prefix
    validator_function  = "${local.prefix}-validator"
    processor_function  = "${local.prefix}-processor"
    validator_log_group = "/aws/lambda/${local.prefix}-validator"
    viewer_function     = "${local.prefix}-viewer"
    processor_log_group = "/aws/lambda/${local.prefix}-processor"
    viewer_log_group    = "/aws/lambda/${local.prefix}-viewer"
  }

  tags = merge(var.tags, {
    Project     = var.project_name
    Environment = var.environment
    ManagedBy   = "terraform"
  })

  account_id = data.aws_caller_identity.current.account_id
  partition  = data.aws_partition.current.partition
  console    = lookup({ aws-cn = "console.amazonaws.cn", aws-us-gov = "console.amazonaws-us-gov.com" }, local.partition, "console.aws.amazon.com")
  where      = "${var.aws_region}:${local.account_id}"

  cloudwatch_console = "https://${var.aws_region}.${local.console}/cloudwatch/home?region=${var.aws_region}"

  arns = {
    orders_queue        = "arn:${local.partition}:sqs:${local.where}:${local.names.orders_queue}"
    orders_dlq          = "arn:${local.partition}:sqs:${local.where}:${local.names.orders_dlq}"
    orders_table        = "arn:${local.partition}:dynamodb:${local.where}:table/${local.names.orders_table}"
    idempotency_table   = "arn:${local.partition}:dynamodb:${local.where}:table/${local.names.idempotency_table}"
    validator_function  = "arn:${local.partition}:lambda:${local.where}:function:${local.names.validator_function}"
    validator_log_group = "arn:${local.partition}:logs:${local.where}:log-group:${local.names.validator_log_group}"
    processor_log_group = "arn:${local.partition}:logs:${local.where}:log-group:${local.names.processor_log_group}"
    viewer_function     = "arn:${local.partition}:lambda:${local.where}:function:${local.names.viewer_function}"
    viewer_log_group    = "arn:${local.partition}:logs:${local.where}:log-group:${local.names.viewer_log_group}"
    page_topic          = "arn:${local.partition}:sns:${local.where}:${local.names.page_topic}"
    ticket_topic        = "arn:${local.partition}:sns:${local.where}:${local.names.ticket_topic}"
    alarms              = "arn:${local.partition}:cloudwatch:${local.where}:alarm:${local.prefix}-*"
  }

  # Those on an order's way; the viewer only looks at it.
  order_functions = ["validator", "processor"]
  functions       = toset(concat(local.order_functions, local.viewer_enabled ? ["viewer"] : []))
  viewer_enabled  = coalesce(var.viewer_enabled, local.settings.viewer.enabled)
  viewer_actions  = local.viewer_enabled && coalesce(var.viewer_actions, local.settings.viewer.actions)

  # What fills the placeholders of alarms.yaml and dashboards/*.json; tools/suite fills the same ones.
  placeholders = {
    prefix                  = local.prefix
    namespace               = var.project_name
    environment             = var.environment
    region                  = var.aws_region
    account_id              = local.account_id
    api_name                = local.names.api
    api_stage               = var.environment
    orders_queue_name       = local.names.orders_queue
    orders_dlq_name         = local.names.orders_dlq
    orders_table_name       = local.names.orders_table
    validator_function_name = local.names.validator_function
    processor_function_name = local.names.processor_function
    viewer_function_arn     = local.arns.viewer_function
    runbooks_url            = var.runbooks_url
  }

  observability       = coalesce(var.observability, contains(["prod", "local"], var.environment) ? "full" : "lean")
  deletion_protection = coalesce(var.deletion_protection, !(local.emulated || var.environment == "dev"))
}
