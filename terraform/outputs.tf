# The names are a contract: make targets, tools/orders and the local stack's outputs file use the same ones.

# scripts/terraform compares these two before it plans: with others, every resource would be made anew.
output "project_name" {
  description = "Project that the environment was applied for"
  value       = var.project_name
}

output "aws_region" {
  description = "Region that the environment is in"
  value       = var.aws_region
}

output "api_url" {
  description = "Where orders are sent with POST"
  value = (
    local.emulated
    ? "${var.endpoint}/restapis/${aws_api_gateway_rest_api.orders.id}/${aws_api_gateway_stage.orders.stage_name}/_user_request_/orders"
    : "${aws_api_gateway_stage.orders.invoke_url}/orders"
  )
}

output "api_revision" {
  description = "Hash of everything the API serves; the stage is redeployed when it changes"
  value       = local.served_hash
}

output "orders_queue_url" {
  description = "Queue between the functions"
  value       = aws_sqs_queue.orders.url
}

output "orders_dlq_url" {
  description = "Dead-letter queue"
  value       = aws_sqs_queue.orders_dlq.url
}

output "validator_lambda_name" {
  description = "Function behind the API"
  value       = aws_lambda_function.this["validator"].function_name
}

output "processor_lambda_name" {
  description = "Function behind the queue"
  value       = aws_lambda_function.this["processor"].function_name
}

output "viewer_function_arn" {
  description = "Function behind the dashboard's custom widgets: who looks at them needs lambda:InvokeFunction on it; null where viewer_enabled is false"
  value       = local.viewer_enabled ? local.arns.viewer_function : null
}

output "orders_table_name" {
  description = "Table of stored orders"
  value       = aws_dynamodb_table.orders.name
}

output "dashboard_url" {
  description = "The orders dashboard in the console"
  value       = "${local.cloudwatch_console}#dashboards/dashboard/${aws_cloudwatch_dashboard.this["orders"].dashboard_name}"
}

output "xray_group" {
  description = "X-Ray group with the traces of the suite's orders"
  value       = local.names.xray_group
}

output "on_call_rota" {
  description = "Where the people on call are listed"
  value       = var.on_call_rota
}

output "page_topic_arn" {
  description = "Topic of the alarms somebody must act on now"
  value       = aws_sns_topic.this["page"].arn
}

output "ticket_topic_arn" {
  description = "Topic of the alarms that can wait for office hours"
  value       = aws_sns_topic.this["ticket"].arn
}
