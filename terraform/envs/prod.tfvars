# Read by scripts/terraform for ENVIRONMENT=prod. What is not said here has the defaults of variables.tf.

# The processor's share of the account's concurrency is kept for it; a busy neighbour can't delay orders.
reserved_concurrency = {
  processor = 20
}
