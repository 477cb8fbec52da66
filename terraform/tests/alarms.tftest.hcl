# The catalogue is bound as it is written: every alarm once, in metric-math form, telling the topic its severity names.

mock_provider "aws" {
  source = "./tests/mocks"
}

variables {
  package_dir   = "tests/packages"
  observability = "full"
}

run "every_alarm_of_the_catalogue_exists_once_with_its_runbook" {
  command = plan

  variables {
    runbooks_url = "https://example.com/runbooks"
  }

  assert {
    condition = sort(concat(
      [for alarm in aws_cloudwatch_metric_alarm.this : alarm.alarm_name],
      [for alarm in aws_cloudwatch_composite_alarm.this : alarm.alarm_name],
      [for alarm in aws_cloudwatch_composite_alarm.outer : alarm.alarm_name],
      )) == sort([
      # Read from the file's lines, not from the locals that the binding uses: a key is what is indented by two.
      for line in split("\n", file("alarms.yaml")) : "order-processing-dev-${regex("[a-z0-9-]+", line)}" if can(regex("^  [a-z0-9-]+:\\s*(#.*)?$", line))
    ])
    error_message = "alarms.yaml and the alarms differ."
  }

  assert {
    condition = alltrue([
      for key, alarm in merge(aws_cloudwatch_metric_alarm.this, aws_cloudwatch_composite_alarm.this, aws_cloudwatch_composite_alarm.outer) :
      strcontains(alarm.alarm_description, "Runbook: https://example.com/runbooks/${merge(local.alarms, local.composites)[key].runbook}.md")
      && length(alarm.alarm_description) <= 1024
    ])
    error_message = "Whoever is called has to find the runbook in the alarm's description (1024 characters at most)."
  }

  assert {
    condition = alltrue([for alarm in aws_cloudwatch_metric_alarm.this :
      alarm.metric_name == null && length([for query in alarm.metric_query : query if query.return_data]) == 1
    ])
    error_message = "An alarm is in metric-math form and returns exactly one series."
  }

  assert {
    condition     = alltrue([for alarm in aws_cloudwatch_metric_alarm.this : !strcontains(jsonencode(alarm.metric_query), "$${")])
    error_message = "A placeholder of the catalogue was left unfilled."
  }
}

run "building_blocks_tell_nobody_and_composites_wait_for_their_suppressor" {
  # Planned: whoever reads a plan can tell a page from a ticket.
  command = plan

  variables {
    alarms_file = "tests/catalogues/every-feature.yaml"
  }

  assert {
    condition     = length(aws_cloudwatch_metric_alarm.this["block"].alarm_actions) == 0 && length(aws_cloudwatch_metric_alarm.this["block"].ok_actions) == 0
    error_message = "Severity none is a building block: no actions."
  }

  assert {
    condition = (
      aws_cloudwatch_metric_alarm.this["ticket-alarm"].alarm_actions == toset(["arn:aws:sns:us-east-1:111122223333:order-processing-dev-ticket"])
      && aws_cloudwatch_composite_alarm.this["inner"].alarm_actions == toset(["arn:aws:sns:us-east-1:111122223333:order-processing-dev-page"])
      && aws_cloudwatch_composite_alarm.this["inner"].ok_actions == toset(["arn:aws:sns:us-east-1:111122223333:order-processing-dev-page"])
    )
    error_message = "An alarm tells the topic of its severity, when it starts and when it ends."
  }

  assert {
    condition = (
      one([for query in aws_cloudwatch_metric_alarm.this["ticket-alarm"].metric_query : one(query.metric).unit]) == "Count"
      && alltrue([for query in aws_cloudwatch_metric_alarm.this["block"].metric_query : alltrue([for metric in query.metric : metric.unit == null])])
    )
    error_message = "A unit is bound where the catalogue has one, and only there."
  }

  assert {
    condition     = aws_cloudwatch_composite_alarm.this["inner"].alarm_rule == "ALARM(\"order-processing-dev-block\")"
    error_message = "A composite's rule names alarms by their full names."
  }

  assert {
    condition = (
      aws_cloudwatch_composite_alarm.outer["outer"].actions_suppressor[0].alarm == "order-processing-dev-inner"
      && aws_cloudwatch_composite_alarm.outer["outer"].actions_suppressor[0].wait_period == 120
      && aws_cloudwatch_composite_alarm.outer["outer"].actions_suppressor[0].extension_period == 300
    )
    error_message = "The suppressor and its periods come from the catalogue."
  }

  assert {
    condition     = length(aws_cloudwatch_composite_alarm.this["inner"].actions_suppressor) == 0
    error_message = "No suppressor where the catalogue has none."
  }

  assert {
    condition     = [for query in aws_cloudwatch_metric_alarm.this["block"].metric_query : query.expression if query.return_data] == ["100 * errors / invocations"]
    error_message = "The last entry is the series an alarm looks at."
  }

  assert {
    condition     = alltrue([for query in aws_cloudwatch_metric_alarm.this["block"].metric_query : query.metric[0].period == 300 if length(query.metric) > 0])
    error_message = "All metrics of an alarm share its period."
  }
}

run "a_lean_environment_has_the_pages" {
  command = plan

  variables {
    observability = null
  }

  assert {
    condition = sort(concat(keys(aws_cloudwatch_composite_alarm.this), keys(aws_cloudwatch_composite_alarm.outer))) == sort([
      "intake-failing", "processing-failing", "orders-dead-lettered", "slo-acceptance-fast", "slo-freshness-fast",
    ])
    error_message = "dev is lean: it has the pages, and nothing that only full environments have."
  }

  assert {
    condition = alltrue([
      for composite in concat(values(aws_cloudwatch_composite_alarm.this), values(aws_cloudwatch_composite_alarm.outer)) : alltrue([
        for name in concat(regexall("ALARM\\(\"order-processing-dev-([a-z0-9-]+)\"\\)", composite.alarm_rule), [for suppressor in composite.actions_suppressor : [trimprefix(suppressor.alarm, "order-processing-dev-")]]) :
        contains(concat(keys(aws_cloudwatch_metric_alarm.this), keys(aws_cloudwatch_composite_alarm.this)), name[0])
      ])
    ])
    error_message = "A lean composite names an alarm that is not there."
  }

  assert {
    condition = alltrue(flatten([for dashboard in aws_cloudwatch_dashboard.this : [
      for widget in jsondecode(dashboard.dashboard_body).widgets : [
        for arn in try(widget.properties.alarms, []) : contains(concat(keys(aws_cloudwatch_metric_alarm.this), keys(aws_cloudwatch_composite_alarm.this), keys(aws_cloudwatch_composite_alarm.outer)), trimprefix(arn, "arn:aws:cloudwatch:us-east-1:111122223333:alarm:order-processing-dev-"))
      ]
    ]]))
    error_message = "A dashboard shows an alarm that is not there."
  }

  assert {
    condition     = alltrue([for function in aws_lambda_function.this : function.environment[0].variables.OPTIONAL_METRICS == "none"])
    error_message = "A lean environment has no optional metrics."
  }
}

run "prod_is_full" {
  command = plan

  variables {
    observability = null
    environment   = "prod"
  }

  assert {
    condition     = contains(keys(aws_cloudwatch_metric_alarm.this), "api-latency") && aws_lambda_function.this["processor"].environment[0].variables.OPTIONAL_METRICS == "StoreDuration"
    error_message = "prod has every alarm, and the optional metrics."
  }
}
