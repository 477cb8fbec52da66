"""The validator's job with boto3 and Powertools, as their documentation shows it."""

import json
import os
import uuid
from datetime import datetime, timezone
from pathlib import Path
from time import perf_counter

import boto3
import fastjsonschema
from aws_lambda_powertools import Logger, Metrics, Tracer
from aws_lambda_powertools.metrics import MetricUnit

from schema import complete

logger = Logger()
metrics = Metrics()
metrics.set_default_dimensions(Environment=os.environ["ENVIRONMENT"])
tracer = Tracer()
queue = boto3.client("sqs")

# Powertools' own `validate` uses it too, but compiles the schema anew for every order: five times the time of all the rest.
check_schema = fastjsonschema.compile(complete(json.loads((Path(__file__).parent / "order.schema.json").read_text())))
QUEUE_URL = os.environ["ORDERS_QUEUE_URL"]


def timed(name):
    """A step: its duration is a metric; `capture_method` makes a subsegment of it."""

    def decorate(step):
        captured = tracer.capture_method(step, capture_response=False)

        def run(*arguments):
            begin = perf_counter()
            try:
                return captured(*arguments)
            finally:
                metrics.add_metric(name, MetricUnit.Milliseconds, (perf_counter() - begin) * 1000)

        return run

    return decorate


@timed("ParseDuration")
def parse(body):
    return json.loads(body)


@timed("ValidateDuration")
def check(order):
    check_schema(order)


@timed("EnqueueDuration")
def enqueue(order_id, order):
    now = datetime.now(timezone.utc).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    message = {"orderId": order_id, "acceptedAt": now, "order": order}
    queue.send_message(QueueUrl=QUEUE_URL, MessageBody=json.dumps(message, separators=(",", ":")))


def answer(status, body):
    return {"statusCode": status, "headers": {"Content-Type": "application/json"}, "body": json.dumps(body)}


@logger.inject_lambda_context
@tracer.capture_lambda_handler(capture_response=False)
@metrics.log_metrics
def handle(event, _context):
    order_id = str(uuid.uuid4())
    logger.append_keys(orderId=order_id)
    tracer.put_annotation("orderId", order_id)
    try:
        order = parse(event["body"])
        check(order)
    except (json.JSONDecodeError, fastjsonschema.JsonSchemaValueException) as error:
        metrics.add_metric("OrdersRejected", MetricUnit.Count, 1)
        logger.warning("order refused", extra={"errorClass": type(error).__name__})
        return answer(400, {"message": "Invalid order"})
    enqueue(order_id, order)
    metrics.add_metric("OrdersAccepted", MetricUnit.Count, 1)
    logger.info("order accepted", extra={"outcome": "accepted"})
    return answer(202, {"message": "Order accepted for processing", "orderId": order_id})
