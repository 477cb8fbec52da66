# Orders wait here; what can't be processed ends in the dead-letter queue, with the reason as message attributes.

resource "aws_sqs_queue" "orders" {
  name                       = local.names.orders_queue
  visibility_timeout_seconds = local.settings.queue.visibility_timeout_s
  message_retention_seconds  = local.settings.queue.retention_s
  max_message_size           = local.settings.queue.max_message_bytes
  receive_wait_time_seconds  = local.settings.queue.receive_wait_s
  sqs_managed_sse_enabled    = var.kms_key_arn == null ? true : null
  kms_master_key_id          = var.kms_key_arn
  policy                     = local.tls ? templatefile("${path.module}/policies/queue.json", { queue_arn = local.arns.orders_queue }) : null

  redrive_policy = jsonencode({
    deadLetterTargetArn = aws_sqs_queue.orders_dlq.arn
    maxReceiveCount     = local.settings.queue.max_receive_count
  })
}

resource "aws_sqs_queue" "orders_dlq" {
  name                       = local.names.orders_dlq
  visibility_timeout_seconds = local.settings.dead_letter_queue.visibility_timeout_s
  # A moved message keeps its first enqueue time, so this has to be longer than the queue's own retention.
  message_retention_seconds = local.settings.dead_letter_queue.retention_s
  # More than the queue's: a moved message gains the attributes that say why.
  max_message_size        = local.settings.dead_letter_queue.max_message_bytes
  sqs_managed_sse_enabled = var.kms_key_arn == null ? true : null
  kms_master_key_id       = var.kms_key_arn
  policy                  = local.tls ? templatefile("${path.module}/policies/queue.json", { queue_arn = local.arns.orders_dlq }) : null
}

resource "aws_sqs_queue_redrive_allow_policy" "orders_dlq" {
  queue_url = aws_sqs_queue.orders_dlq.id

  redrive_allow_policy = jsonencode({
    redrivePermission = "byQueue"
    sourceQueueArns   = [aws_sqs_queue.orders.arn]
  })
}
