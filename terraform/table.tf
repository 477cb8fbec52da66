resource "aws_dynamodb_table" "orders" {
  name                        = local.names.orders_table
  billing_mode                = "PAY_PER_REQUEST"
  hash_key                    = "orderId"
  deletion_protection_enabled = local.deletion_protection

  attribute {
    name = "orderId"
    type = "S"
  }

  point_in_time_recovery {
    enabled = true
  }

  # With no key of one's own: aws/dynamodb, whose uses CloudTrail shows. Its requests cost a few cents a month (prices.json).
  server_side_encryption {
    enabled     = true
    kms_key_arn = var.kms_key_arn
  }
}

# Which order an Idempotency-Key stands for, for as long as clients retry. A table of its own: the validator may write here and
# not to the orders, a scan of the orders finds orders only, and what expires here can't be an order. It has no key of a client in
# it, only the id that is made of it, and nothing to recover.
resource "aws_dynamodb_table" "idempotency" {
  #checkov:skip=CKV_AWS_28:records of a day, which the next request makes anew; there is nothing to recover
  name         = local.names.idempotency_table
  billing_mode = "PAY_PER_REQUEST"
  hash_key     = "orderId"

  attribute {
    name = "orderId"
    type = "S"
  }

  ttl {
    attribute_name = "expiresAt"
    enabled        = true
  }

  server_side_encryption {
    enabled     = true
    kms_key_arn = var.kms_key_arn
  }
}
