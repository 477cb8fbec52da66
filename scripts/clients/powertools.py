"""Powertools for Lambda (Python): a handler with a traced step, metrics and a log line, as a function runs it."""

import os
import secrets
import sys
import time

name, order = sys.argv[1:]
trace_id = f"1-{int(time.time()):08x}-{secrets.token_hex(12)}"
parent = secrets.token_hex(8)
# What Lambda gives a function.
os.environ |= {
    "AWS_LAMBDA_FUNCTION_NAME": name,
    "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "128",
    "LAMBDA_TASK_ROOT": "/var/task",
    "_X_AMZN_TRACE_ID": f"Root={trace_id};Parent={parent};Sampled=1",
    "POWERTOOLS_SERVICE_NAME": name,
    "POWERTOOLS_METRICS_NAMESPACE": "clients",
}

from aws_lambda_powertools import Logger, Metrics, Tracer  # noqa: E402
from aws_lambda_powertools.metrics import MetricUnit  # noqa: E402

tracer, metrics, logger = Tracer(), Metrics(), Logger()


class Context:
    function_name = name
    memory_limit_in_mb = 128
    invoked_function_arn = f"arn:aws:lambda:us-east-1:000000000000:function:{name}"
    aws_request_id = "00000000-0000-4000-8000-000000000001"


@tracer.capture_method
def store():
    tracer.put_annotation("orderId", order)


@logger.inject_lambda_context
@tracer.capture_lambda_handler
@metrics.log_metrics(capture_cold_start_metric=True)
def handler(event, context):
    store()
    metrics.add_metric(name="OrdersStored", unit=MetricUnit.Count, value=1)
    logger.info("stored", orderId=order)


handler({}, Context())
