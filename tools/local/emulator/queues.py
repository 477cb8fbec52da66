"""SQS: every send, receive and delete, the event source mapping's included, and the state of each queue when asked."""

import json
import time

from emulator.events import answers, report
from emulator.patch import Needed, Patch

SQS = "services.sqs"


def _name(url):
    return url.rstrip("/").rsplit("/", 1)[-1]


def _size(data):
    """Of a message as SQS bills it: body and attributes."""
    total = len((data.get("MessageBody") or "").encode())
    for name, attribute in (data.get("MessageAttributes") or {}).items():
        value = attribute.get("StringValue")
        total += len(name.encode()) + len((attribute.get("DataType") or "").encode())
        total += len(value.encode()) if value is not None else len(attribute.get("BinaryValue") or "") * 3 // 4
    return total


def _send(send):
    def replacement(data, qurl):
        answer = send(data, qurl)
        report("sent", queue=_name(data.get("QueueUrl", qurl)), bytes=_size(data))
        return answer

    return replacement


def _receive(receive):
    async def replacement(data, qurl):
        answer = await receive(data, qurl)
        report("received", queue=_name(data.get("QueueUrl", qurl)), count=len(answer.get("Messages", ())))
        return answer

    return replacement


def _delete(delete):
    def replacement(data, qurl):
        answer = delete(data, qurl)
        report("deleted", queue=_name(data.get("QueueUrl", qurl)), count=1)
        return answer

    return replacement


def _delete_batch(delete_batch):
    def replacement(data, qurl):
        answer = delete_batch(data, qurl)
        report("deleted", queue=_name(data.get("QueueUrl", qurl)), count=len(answer["Successful"]))
        return answer

    return replacement


def _mapping_receive(receive):
    def replacement(queue_url, max_number):
        messages = receive(queue_url, max_number)
        report("received", queue=_name(queue_url), count=len(messages))
        return messages

    return replacement


def _mapping_delete(delete):
    def replacement(queue_url, receipt_handles):
        delete(queue_url, receipt_handles)
        if receipt_handles:
            report("deleted", queue=_name(queue_url), count=len(receipt_handles))

    return replacement


def _sweep(sweep):
    """A dead-letter queue's age counts from the move, which the emulator does not keep."""

    def replacement(q):
        from ministack.services import sqs

        before = q["messages"]
        sweep(q)
        if len(q["messages"]) == len(before):
            return
        left = {message["id"] for message in q["messages"]}
        moved = {message["id"] for message in before} - left
        target = json.loads(q["attributes"]["RedrivePolicy"])["deadLetterTargetArn"]
        for message in sqs._queue_by_arn(target)["messages"]:
            if message["id"] in moved and "moved_at" not in message:
                message["moved_at"], message["moved_receives"] = time.time(), message["receive_count"]

    return replacement


def _states():
    """What SQS tells of each queue once a minute."""
    from ministack.services import sqs

    now, states = time.time(), []
    for q in list(sqs._queues._data.values()):
        visible = delayed = in_flight = 0
        oldest = None
        for message in list(q["messages"]):
            if message["visible_at"] <= now:
                visible += 1
            elif message["receive_count"] == 0:
                delayed += 1
            else:
                in_flight += 1
            # After three receives a message leaves the metric, as a poison message does on AWS.
            if message["receive_count"] - message.get("moved_receives", 0) < 3:
                since = message.get("moved_at", message["sent_at"])
                oldest = since if oldest is None else min(oldest, since)
        states.append({"queue": q["attributes"]["QueueArn"].rsplit(":", 1)[-1], "visible": visible,
                       "inFlight": in_flight, "delayed": delayed, "oldest": oldest})
    return states


answers("queues", lambda: report("queues", queues=_states()))

COUNTED = "AWS/SQS counts it"
TABLE = [
    Patch(SQS, "_act_send_message", ("data", "qurl"), _send, COUNTED, ("_HANDLERS", "SendMessage")),
    Patch(SQS, "_act_receive_message", ("data", "qurl"), _receive, COUNTED, ("_HANDLERS", "ReceiveMessage")),
    Patch(SQS, "_act_delete_message", ("data", "qurl"), _delete, COUNTED, ("_HANDLERS", "DeleteMessage")),
    Patch(SQS, "_act_delete_message_batch", ("data", "qurl"), _delete_batch, COUNTED, ("_HANDLERS", "DeleteMessageBatch")),
    Patch(SQS, "_receive_messages_for_esm", ("queue_url", "max_number"), _mapping_receive, COUNTED),
    Patch(SQS, "_delete_messages_for_esm", ("queue_url", "receipt_handles"), _mapping_delete, COUNTED),
    Patch(SQS, "_dlq_sweep", ("q",), _sweep, "a dead letter's age counts from the move"),
    Needed(SQS, "_queues"),
    Needed(SQS, "_queue_by_arn"),
]
