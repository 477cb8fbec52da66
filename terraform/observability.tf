# Alarms, dashboards and saved queries are data (alarms.yaml, ../dashboards/*.json, queries.yaml); this file only binds them.

locals {
  catalogue = yamldecode(templatefile("${path.module}/${var.alarms_file}", local.placeholders))
  # A lean environment has the alarms that say so.
  alarms = { for key, alarm in local.catalogue.alarms : key => alarm if local.observability == "full" || try(alarm.observability, "full") == "lean" }

  composites = {
    for key, composite in try(local.catalogue.composites, {}) : key => merge(composite, {
      # A composite must be made after those it watches; metric alarms always are, other composites only if made in another step.
      outer = anytrue([
        for other in keys(local.catalogue.composites) :
        other != key && (strcontains(composite.rule, "\"${local.prefix}-${other}\"") || try(composite.suppressor, "") == other)
      ])
    }) if local.observability == "full" || try(composite.observability, "full") == "lean"
  }

  alarm_description = {
    for key, alarm in merge(local.alarms, local.composites) :
    key => "${trimsuffix(alarm.summary, ".")}. Severity: ${alarm.severity}. Runbook: ${var.runbooks_url}/${alarm.runbook}.md"
  }

  # `none` is a building block of a composite: it changes state and tells nobody.
  alarm_actions = {
    page   = [local.arns.page_topic]
    ticket = [local.arns.ticket_topic]
    none   = []
  }

  dashboards = {
    for file in fileset("${path.module}/../dashboards", "*.json") :
    trimsuffix(file, ".json") => jsondecode(templatefile("${path.module}/../dashboards/${file}", local.placeholders))
  }

  alarm_arns = [for key in concat(keys(local.alarms), keys(local.composites)) : "arn:${local.partition}:cloudwatch:${local.where}:alarm:${local.prefix}-${key}"]

  # An alarm widget shows the alarms that are there.
  dashboard_bodies = {
    for name, dashboard in local.dashboards : name => merge(dashboard, {
      widgets = [
        # Without the viewer nothing answers its widgets. They are the dashboard's last: no gap is left.
        for widget in dashboard.widgets : merge(widget, {
          properties = merge(widget.properties, {
            for property in ["alarms"] : property => [for arn in widget.properties[property] : arn if contains(local.alarm_arns, arn)] if can(widget.properties[property])
          })
        }) if local.viewer_enabled || try(widget.properties.endpoint, "") != local.arns.viewer_function
      ]
    })
  }

  topic_policies = {
    for key, topic in aws_sns_topic.this : key => jsondecode(templatefile("${path.module}/policies/topic.json", {
      topic_arn  = topic.arn
      alarms_arn = local.arns.alarms
      account_id = local.account_id
    }))
  }

  queries = yamldecode(file("${path.module}/queries.yaml"))
}

resource "aws_cloudwatch_metric_alarm" "this" {
  for_each = local.alarms

  alarm_name          = "${local.prefix}-${each.key}"
  alarm_description   = local.alarm_description[each.key]
  comparison_operator = each.value.comparison
  threshold           = each.value.threshold
  evaluation_periods  = each.value.evaluation_periods
  datapoints_to_alarm = each.value.datapoints_to_alarm
  treat_missing_data  = each.value.missing_data
  alarm_actions       = local.alarm_actions[each.value.severity]
  ok_actions          = local.alarm_actions[each.value.severity]

  dynamic "metric_query" {
    for_each = each.value.metrics

    content {
      id          = metric_query.value.id
      label       = try(metric_query.value.label, null)
      expression  = try(metric_query.value.expression, null)
      return_data = metric_query.key == length(each.value.metrics) - 1

      dynamic "metric" {
        for_each = try([metric_query.value.metric], [])

        content {
          namespace   = metric_query.value.namespace
          metric_name = metric.value
          dimensions  = metric_query.value.dimensions
          stat        = metric_query.value.stat
          period      = each.value.period
          unit        = try(metric_query.value.unit, null)
        }
      }
    }
  }

  depends_on = [aws_sns_topic.this]

  # A renamed alarm is made first, then its composites name it, then the old one goes: CloudWatch deletes none that a composite
  # still names.
  lifecycle {
    create_before_destroy = true
  }
}

resource "aws_cloudwatch_composite_alarm" "this" {
  for_each = { for key, composite in local.composites : key => composite if !composite.outer }

  alarm_name        = "${local.prefix}-${each.key}"
  alarm_description = local.alarm_description[each.key]
  alarm_rule        = each.value.rule
  alarm_actions     = local.alarm_actions[each.value.severity]
  ok_actions        = local.alarm_actions[each.value.severity]

  dynamic "actions_suppressor" {
    for_each = try([each.value.suppressor], [])

    content {
      alarm            = "${local.prefix}-${actions_suppressor.value}"
      wait_period      = each.value.suppressor_wait_s
      extension_period = each.value.suppressor_extension_s
    }
  }

  depends_on = [aws_cloudwatch_metric_alarm.this]

  # As above: one may be another's suppressor.
  lifecycle {
    create_before_destroy = true
  }
}

# Composites of composites: one step deep.
resource "aws_cloudwatch_composite_alarm" "outer" {
  for_each = { for key, composite in local.composites : key => composite if composite.outer }

  alarm_name        = "${local.prefix}-${each.key}"
  alarm_description = local.alarm_description[each.key]
  alarm_rule        = each.value.rule
  alarm_actions     = local.alarm_actions[each.value.severity]
  ok_actions        = local.alarm_actions[each.value.severity]

  dynamic "actions_suppressor" {
    for_each = try([each.value.suppressor], [])

    content {
      alarm            = "${local.prefix}-${actions_suppressor.value}"
      wait_period      = each.value.suppressor_wait_s
      extension_period = each.value.suppressor_extension_s
    }
  }

  depends_on = [aws_cloudwatch_composite_alarm.this]
}

resource "aws_sns_topic" "this" {
  #checkov:skip=CKV_AWS_26:alarm texts hold no personal data, and a key that does not let CloudWatch in silences every page without a trace
  for_each = toset(["page", "ticket"])

  name = local.names["${each.key}_topic"]
}

resource "aws_sns_topic_policy" "this" {
  for_each = aws_sns_topic.this

  arn = each.value.arn

  policy = jsonencode(merge(local.topic_policies[each.key], {
    Statement = [
      for statement in local.topic_policies[each.key].Statement : statement if local.tls || statement.Sid != "RefuseWithoutTls"
    ]
  }))
}

resource "aws_sns_topic_subscription" "page" {
  for_each = var.page_emails

  topic_arn = aws_sns_topic.this["page"].arn
  protocol  = "email"
  endpoint  = each.key
}

resource "aws_sns_topic_subscription" "ticket" {
  for_each = var.ticket_emails

  topic_arn = aws_sns_topic.this["ticket"].arn
  protocol  = "email"
  endpoint  = each.key
}

resource "aws_cloudwatch_dashboard" "this" {
  for_each = local.dashboard_bodies

  dashboard_name = "${local.prefix}-${each.key}"
  dashboard_body = jsonencode(each.value)
}

resource "aws_cloudwatch_query_definition" "this" {
  for_each = local.queries

  name            = "${local.prefix}/${each.key}"
  query_string    = trimspace(each.value.query)
  log_group_names = [for name in local.order_functions : aws_cloudwatch_log_group.function[name].name]
}

resource "aws_xray_group" "orders" {
  group_name = local.names.xray_group

  filter_expression = join(" OR ", [
    for service in ["${local.names.api}/${var.environment}", local.names.validator_function, local.names.processor_function] : "service(\"${service}\")"
  ])

  insights_configuration {
    insights_enabled      = true
    notifications_enabled = false
  }
}

# Applied by API Gateway, the first to see an order; everybody after it keeps its decision.
resource "aws_xray_sampling_rule" "orders" {
  rule_name      = local.names.xray_sampling_rule
  priority       = 1000
  version        = 1
  fixed_rate     = local.settings.tracing.sampling_fixed_rate
  reservoir_size = local.settings.tracing.sampling_reservoir_per_s
  service_name   = "${local.names.api}/${var.environment}"
  service_type   = "AWS::ApiGateway::Stage"
  resource_arn   = "*"
  host           = "*"
  http_method    = "*"
  url_path       = "*"
}
