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
