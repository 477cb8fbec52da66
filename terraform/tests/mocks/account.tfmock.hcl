# What a plan reads from AWS, and the ids and ARNs others build on.

mock_data "aws_caller_identity" {
  defaults = {
    account_id = "111122223333"
  }
}

mock_data "aws_partition" {
  defaults = {
    partition = "aws"
  }
}

mock_resource "aws_api_gateway_rest_api" {
  defaults = {
    id               = "a1b2c3d4e5"
    execution_arn    = "arn:aws:execute-api:us-east-1:111122223333:a1b2c3d4e5"
    root_resource_id = "r0"
  }
}
