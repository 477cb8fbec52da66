# Read by scripts/terraform for ENVIRONMENT=prod. What is not said here has the defaults of variables.tf.

# Nothing is reserved for the functions: a new account has 10 concurrent executions in all, and AWS refuses to set any of them
# aside. `scripts/doctor --for aws` says what this account allows. With a share of its own the processor is not held up by busy
# neighbours:
# reserved_concurrency = { processor = 20 }
