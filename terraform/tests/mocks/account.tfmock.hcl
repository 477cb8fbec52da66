# What a plan reads from AWS, and the ids and ARNs that others build on. They have real forms: the released provider checks
# those of the ARNs it is given, which a mock's random strings fail.

mock_data "aws_caller_identity" {
  defaults = {
    account_id = "111122223333"
  }
}

mock_data "aws_partition" {
  defaults = {
    partition  = "aws"
    dns_suffix = "amazonaws.com"
  }
}

mock_resource "aws_api_gateway_rest_api" {
  defaults = {
    id               = "a1b2c3d4e5"
    execution_arn    = "arn:aws:execute-api:us-east-1:111122223333:a1b2c3d4e5"
    root_resource_id = "r0"
  }
}

mock_resource "aws_cloudwatch_log_group" {
  defaults = {
    arn = "arn:aws:logs:us-east-1:111122223333:log-group:mocked"
  }
}

# Apart from each other: which function has which role, and which alarm tells which topic, is what tests and parity look at.
override_resource {
  target = aws_iam_role.function["validator"]
  values = {
    arn = "arn:aws:iam::111122223333:role/mocked-validator"
  }
}

override_resource {
  target = aws_iam_role.function["processor"]
  values = {
    arn = "arn:aws:iam::111122223333:role/mocked-processor"
  }
}

override_resource {
  target = aws_iam_role.function["viewer"]
  values = {
    arn = "arn:aws:iam::111122223333:role/mocked-viewer"
  }
}

override_resource {
  target = aws_iam_role.api_logging
  values = {
    arn = "arn:aws:iam::111122223333:role/mocked-api-logging"
  }
}

override_resource {
  target = aws_sns_topic.this["page"]
  values = {
    arn = "arn:aws:sns:us-east-1:111122223333:order-processing-dev-page"
  }
}

override_resource {
  target = aws_sns_topic.this["ticket"]
  values = {
    arn = "arn:aws:sns:us-east-1:111122223333:order-processing-dev-ticket"
  }
}
