# Read by scripts/terraform if it is called like the environment: copy to ENVIRONMENT.tfvars and keep what differs.

api_access_log = "managed-role"          # this account has no API Gateway logging role yet (scripts/doctor --for aws)
page_emails    = ["on-call@example.com"] # each address has to confirm once
ticket_emails  = ["orders-team@example.com"]
runbooks_url   = "https://github.com/example/order-processing/blob/main/runbooks"
tags           = { CostCenter = "1234" }
