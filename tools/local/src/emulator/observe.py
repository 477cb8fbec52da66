"""Reports to the stack what only the emulator sees: invocations, queue traffic, log events.

Runs before launch.py, in the same program. Events go to the stack as JSON lines over a loopback connection (LOCAL_OBSERVER);
the stack asks for the state of the queues over the same connection.
"""

import json
import os
import queue
import socket
import threading
import time

from ministack.services import apigateway_v1, cloudwatch_logs, lambda_svc, sqs

ACCOUNT = "000000000000"
REGION = os.environ.get("MINISTACK_REGION", "us-east-1")
# The functions inherit the environment and have no business with these.
OBSERVER = os.environ.pop("LOCAL_OBSERVER")

outbox = queue.SimpleQueue()


def report(event, **details):
    details["event"] = event
    details["at"] = time.time()
    outbox.put(details)


def queue_name(url):
    return url.rstrip("/").rsplit("/", 1)[-1]


# ---- Lambda ------------------------------------------------------------------------------------------------------

running = {}
running_lock = threading.Lock()


def watch_invocations():
    execute, acquire = lambda_svc._execute_function_dispatch, lambda_svc._acquire_execution_slot

    def execute_watched(func, config, event, request_id, started):
        name = config.get("FunctionName", "unknown")
        with running_lock:
            running[name] = concurrent = running.get(name, 0) + 1
        begun, failed = time.perf_counter(), True
        try:
            result = execute(func, config, event, request_id, started)
            failed = not isinstance(result, dict) or bool(result.get("error"))
            return result
        finally:
            with running_lock:
                running[name] -= 1
            report("invocation", function=name, started=started, ms=(time.perf_counter() - begun) * 1000,
                 failed=failed, concurrent=concurrent)

    def acquire_watched(func, config):
        slot, limit = acquire(func, config)
        if slot is None:
            report("throttle", function=config.get("FunctionName", "unknown"))
        return slot, limit

    run = lambda_svc._execute_function_provided_warm

    def run_logged(func, event, request_id):
        """Lambda's own line about a function that ended or ran out of time; what the function wrote at its start, too."""
        result = run(func, event, request_id)
        body = result.get("body")
        kind = body.get("errorType") if result.get("error") and isinstance(body, dict) else None
        if kind and kind.startswith(("Sandbox.", "Runtime.")):
            what, _, written = (body.get("errorMessage") or "").partition(": ")
            lines = [result.get("log"), written, f"RequestId: {request_id} Error: {what}"]
            result["log"] = "\n".join(line.rstrip("\n") for line in lines if line)
        return result

    lambda_svc._execute_function_provided_warm = run_logged
    lambda_svc._execute_function_dispatch = execute_watched
    lambda_svc._acquire_execution_slot = acquire_watched


def watch_integrations():
    call = apigateway_v1._call_lambda_raw

    async def call_watched(function, event, **scope):
        begun = time.perf_counter()
        try:
            return await call(function, event, **scope)
        finally:
            context = event.get("requestContext") or {} if isinstance(event, dict) else {}
            if context.get("apiId"):
                report("integration", api=context["apiId"], stage=context.get("stage"), path=context.get("resourcePath"),
                     method=context.get("httpMethod"), ms=(time.perf_counter() - begun) * 1000)

    apigateway_v1._call_lambda_raw = call_watched


# ---- SQS ---------------------------------------------------------------------------------------------------------


def size(data):
    """Of a message as SQS bills it: body and attributes."""
    total = len((data.get("MessageBody") or "").encode())
    for name, attribute in (data.get("MessageAttributes") or {}).items():
        value = attribute.get("StringValue")
        total += len(name.encode()) + len((attribute.get("DataType") or "").encode())
        total += len(value.encode()) if value is not None else len(attribute.get("BinaryValue") or "") * 3 // 4
    return total


def watch_queues():
    send, receive, delete = sqs._act_send_message, sqs._act_receive_message, sqs._act_delete_message
    delete_batch = sqs._act_delete_message_batch
    esm_receive, esm_delete, sweep = sqs._receive_messages_for_esm, sqs._delete_messages_for_esm, sqs._dlq_sweep

    def send_watched(data, url):
        answer = send(data, url)
        report("sent", queue=queue_name(data.get("QueueUrl", url)), bytes=size(data))
        return answer

    async def receive_watched(data, url):
        answer = await receive(data, url)
        report("received", queue=queue_name(data.get("QueueUrl", url)), count=len(answer.get("Messages", ())))
        return answer

    def delete_watched(data, url):
        answer = delete(data, url)
        report("deleted", queue=queue_name(data.get("QueueUrl", url)), count=1)
        return answer

    def delete_batch_watched(data, url):
        answer = delete_batch(data, url)
        report("deleted", queue=queue_name(data.get("QueueUrl", url)), count=len(answer["Successful"]))
        return answer

    def esm_receive_watched(url, most):
        messages = esm_receive(url, most)
        report("received", queue=queue_name(url), count=len(messages))
        return messages

    def esm_delete_watched(url, handles):
        esm_delete(url, handles)
        if handles:
            report("deleted", queue=queue_name(url), count=len(handles))

    def sweep_watched(q):
        """A dead-letter queue's age counts from the move, which the emulator does not keep."""
        before = q["messages"]
        sweep(q)
        if len(q["messages"]) == len(before):
            return
        left = {m["id"] for m in q["messages"]}
        moved = {m["id"] for m in before} - left
        target = json.loads(q["attributes"]["RedrivePolicy"])["deadLetterTargetArn"]
        for m in sqs._queue_by_arn(target)["messages"]:
            if m["id"] in moved and "moved_at" not in m:
                m["moved_at"], m["moved_receives"] = time.time(), m["receive_count"]

    sqs._act_send_message = send_watched
    sqs._receive_messages_for_esm = esm_receive_watched
    sqs._delete_messages_for_esm = esm_delete_watched
    sqs._dlq_sweep = sweep_watched
    sqs._HANDLERS.update({
        "SendMessage": send_watched,
        "ReceiveMessage": receive_watched,
        "DeleteMessage": delete_watched,
        "DeleteMessageBatch": delete_batch_watched,
    })


def queues():
    """What SQS tells of each queue once a minute."""
    now, states = time.time(), []
    for q in list(sqs._queues._data.values()):
        visible = delayed = in_flight = 0
        oldest = None
        for m in list(q["messages"]):
            if m["visible_at"] <= now:
                visible += 1
            elif m["receive_count"] == 0:
                delayed += 1
            else:
                in_flight += 1
            # After three receives a message leaves the metric, as a poison message does on AWS.
            if m["receive_count"] - m.get("moved_receives", 0) < 3:
                since = m.get("moved_at", m["sent_at"])
                oldest = since if oldest is None else min(oldest, since)
        states.append({"queue": q["attributes"]["QueueArn"].rsplit(":", 1)[-1], "visible": visible,
                       "inFlight": in_flight, "delayed": delayed, "oldest": oldest})
    return states


# ---- CloudWatch Logs ---------------------------------------------------------------------------------------------


def watch_logs():
    fanout = cloudwatch_logs._fanout_to_subscription_filters

    def fanout_watched(group, stream, events):
        records = [event["message"] for event in events if '"_aws"' in event.get("message", "")]
        if records:
            report("records", group=group, messages=records)
        return fanout(group, stream, events)

    cloudwatch_logs._fanout_to_subscription_filters = fanout_watched


# ---- The connection ----------------------------------------------------------------------------------------------


def connect():
    host, port = OBSERVER.rsplit(":", 1)
    connection = socket.create_connection((host, int(port)))

    def send():
        while True:
            connection.sendall(json.dumps(outbox.get()).encode() + b"\n")

    def answer():
        for _ in connection.makefile("r"):
            report("queues", queues=queues())

    threading.Thread(target=send, daemon=True).start()
    threading.Thread(target=answer, daemon=True).start()


connect()
watch_invocations()
watch_integrations()
watch_queues()
watch_logs()
