# What the local stack would be if Terraform made it. tools/local/tests/parity.rs reads both runs with `terraform test -json
# -verbose`: of the plan, which attributes are declared; of the state, their values.

mock_provider "aws" {
  source = "./tests/mocks"

  # The account that the emulator plays.
  override_data {
    target = data.aws_caller_identity.current
    values = {
      account_id = "000000000000"
    }
  }

  override_resource {
    target = aws_api_gateway_rest_api.orders
    values = {
      execution_arn = "arn:aws:execute-api:us-east-1:000000000000:a1b2c3d4e5"
    }
  }
}

variables {
  package_dir    = "tests/packages"
  environment    = "local"
  endpoint       = "http://127.0.0.1:4566"
  api_access_log = "off"
}

run "declared" {
  command = plan
}

run "values" {
  command = apply
}
