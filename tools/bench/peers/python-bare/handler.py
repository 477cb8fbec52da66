"""The validator's job with boto3 and nothing else: checks, trace, metrics and log lines by hand."""

import json
import os
import re
import secrets
import socket
import time
import uuid
from datetime import datetime, timezone

import boto3

queue = boto3.client("sqs")
QUEUE_URL = os.environ["ORDERS_QUEUE_URL"]
SERVICE, NAMESPACE, ENVIRONMENT = (os.environ[name] for name in ("SERVICE_NAME", "PROJECT_NAME", "ENVIRONMENT"))

daemon = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
host, port = os.environ["AWS_XRAY_DAEMON_ADDRESS"].rsplit(":", 1)
daemon.connect((host, int(port)))

TEXTS = {"customerName": 200, "customerEmail": 254, "paymentMethod": 50}
ADDRESS = {"street": 200, "city": 100, "postalCode": 20, "country": 60}
EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")


class Refused(Exception):
    pass


def texts(value, limits):
    if not isinstance(value, dict):
        raise Refused
    for name, limit in limits.items():
        text = value.get(name)
        if not isinstance(text, str) or not 1 <= len(text) <= limit:
            raise Refused


def check(order):
    texts(order, TEXTS)
    texts(order.get("shippingAddress"), ADDRESS)
    if not EMAIL.fullmatch(order["customerEmail"]):
        raise Refused
    items = order.get("items")
    if not isinstance(items, list) or not 1 <= len(items) <= 100:
        raise Refused
    for item in items:
        texts(item, {"productId": 64, "productName": 200})
        quantity, price = item.get("quantity"), item.get("price")
        if type(quantity) is not int or not 1 <= quantity <= 10_000:
            raise Refused
        if type(price) not in (int, float) or not 0 <= price <= 1_000_000:
            raise Refused


def now():
    return datetime.now(timezone.utc).isoformat(timespec="milliseconds").replace("+00:00", "Z")


class Trace:
    """One document with the steps inside, sent when the work is done."""

    def __init__(self, order_id):
        fields = dict(part.split("=", 1) for part in os.environ.get("_X_AMZN_TRACE_ID", "").split(";") if "=" in part)
        self.sampled = fields.get("Sampled") == "1"
        self.document = {
            "id": secrets.token_hex(8), "name": "handler", "start_time": time.time(), "type": "subsegment",
            "trace_id": fields.get("Root"), "parent_id": fields.get("Parent"),
            "annotations": {"orderId": order_id}, "subsegments": [],
        }

    def step(self, name, run, *arguments):
        step = {"id": secrets.token_hex(8), "name": name, "start_time": time.time()}
        try:
            return run(*arguments)
        except Exception:
            step["fault"] = True
            raise
        finally:
            step["end_time"] = time.time()
            self.document["subsegments"].append(step)

    def send(self):
        self.document["end_time"] = time.time()
        if self.sampled:
            daemon.send(b'{"format": "json", "version": 1}\n' + json.dumps(self.document).encode())

    def durations(self):
        steps = self.document["subsegments"]
        return {step["name"].capitalize() + "Duration": (step["end_time"] - step["start_time"]) * 1000 for step in steps}


def measure(count, durations, request_id, order_id):
    metrics = [{"Name": count, "Unit": "Count"}, *({"Name": name, "Unit": "Milliseconds"} for name in durations)]
    directive = {"Namespace": NAMESPACE, "Dimensions": [["Service", "Environment"]], "Metrics": metrics}
    print(json.dumps({
        "_aws": {"Timestamp": int(time.time() * 1000), "CloudWatchMetrics": [directive]},
        "Service": SERVICE, "Environment": ENVIRONMENT, "requestId": request_id, "orderId": order_id, count: 1, **durations,
    }))


def log(level, message, request_id, trace, **fields):
    print(json.dumps({
        "timestamp": now(), "level": level, "message": message, "service": SERVICE, "requestId": request_id,
        "traceId": trace.document["trace_id"], **fields,
    }), flush=True)


def enqueue(order_id, order):
    message = {"orderId": order_id, "acceptedAt": now(), "order": order}
    header = os.environ.get("_X_AMZN_TRACE_ID")
    attributes = {"AWSTraceHeader": {"DataType": "String", "StringValue": header}} if header else {}
    queue.send_message(
        QueueUrl=QUEUE_URL, MessageBody=json.dumps(message, separators=(",", ":")), MessageSystemAttributes=attributes
    )


def answer(status, body):
    return {"statusCode": status, "headers": {"Content-Type": "application/json"}, "body": json.dumps(body)}


def handle(event, context):
    order_id, request_id = str(uuid.uuid4()), context.aws_request_id
    trace = Trace(order_id)
    try:
        order = trace.step("parse", json.loads, event["body"])
        trace.step("validate", check, order)
    except (json.JSONDecodeError, Refused) as error:
        log("WARNING", "order refused", request_id, trace, orderId=order_id, errorClass=type(error).__name__)
        measure("OrdersRejected", trace.durations(), request_id, order_id)
        trace.send()
        return answer(400, {"message": "Invalid order"})
    trace.step("enqueue", enqueue, order_id, order)
    measure("OrdersAccepted", trace.durations(), request_id, order_id)
    log("INFO", "order accepted", request_id, trace, orderId=order_id, outcome="accepted")
    trace.send()
    return answer(202, {"message": "Order accepted for processing", "orderId": order_id})
