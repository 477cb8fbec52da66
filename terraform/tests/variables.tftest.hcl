# What can't work is refused before anything is made.

mock_provider "aws" {
  source = "./tests/mocks"
}

variables {
  package_dir = "tests/packages"
}

run "upper_case_project" {
  command = plan

  variables {
    project_name = "Orders"
  }

  expect_failures = [var.project_name]
}

run "environment_ends_with_a_dash" {
  command = plan

  variables {
    environment = "dev-"
  }

  expect_failures = [var.environment]
}

run "names_too_long_for_x_ray" {
  command = plan

  variables {
    project_name = "order-processing-platform"
    environment  = "production"
  }

  expect_failures = [var.environment]
}

run "region_that_is_no_code" {
  command = plan

  variables {
    aws_region = "Frankfurt"
  }

  expect_failures = [var.aws_region]
}

run "endpoint_with_a_path" {
  command = plan

  variables {
    endpoint = "http://127.0.0.1:4566/"
  }

  expect_failures = [var.endpoint]
}

run "tag_of_ours" {
  command = plan

  variables {
    tags = { Environment = "other" }
  }

  expect_failures = [var.tags]
}

run "unknown_architecture" {
  command = plan

  variables {
    architecture = "arm"
  }

  expect_failures = [var.architecture]
}

run "unknown_log_level" {
  command = plan

  variables {
    log_level = "verbose"
  }

  expect_failures = [var.log_level]
}

run "function_stopped_by_its_reservation" {
  command = plan

  variables {
    reserved_concurrency = { validator = 0 }
  }

  expect_failures = [var.reserved_concurrency]
}

run "reservation_for_nobody" {
  command = plan

  variables {
    reserved_concurrency = { procesor = 25 }
  }

  expect_failures = [var.reserved_concurrency]
}

run "web_acl_of_cloudfront" {
  command = plan

  variables {
    web_acl_arn = "arn:aws:wafv2:us-east-1:111122223333:global/webacl/orders/11111111-2222-3333-4444-555555555555"
  }

  expect_failures = [var.web_acl_arn]
}

run "processor_throttled_by_its_reservation" {
  command = plan

  variables {
    reserved_concurrency = { processor = 5 }
  }

  expect_failures = [var.reserved_concurrency]
}

run "unknown_authorization" {
  command = plan

  variables {
    api_authorization = "CUSTOM"
  }

  expect_failures = [var.api_authorization]
}

run "unknown_access_log" {
  command = plan

  variables {
    api_access_log = "on"
  }

  expect_failures = [var.api_access_log]
}

run "key_alias" {
  command = plan

  variables {
    kms_key_arn = "alias/orders"
  }

  expect_failures = [var.kms_key_arn]
}

run "page_to_nobody" {
  command = plan

  variables {
    page_emails = ["on-call"]
  }

  expect_failures = [var.page_emails]
}

run "ticket_to_nobody" {
  command = plan

  variables {
    ticket_emails = [""]
  }

  expect_failures = [var.ticket_emails]
}

run "runbooks_with_a_slash" {
  command = plan

  variables {
    runbooks_url = "https://example.com/"
  }

  expect_failures = [var.runbooks_url]
}

run "missing_catalogue" {
  command = plan

  variables {
    alarms_file = "no-such-file.yaml"
  }

  expect_failures = [var.alarms_file]
}

run "packages_not_built" {
  command = plan

  variables {
    package_dir = "tests/no-such-folder"
  }

  expect_failures = [aws_lambda_function.this]
}
