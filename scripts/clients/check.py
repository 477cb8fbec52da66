"""Says whether a client's data is on the stack, as AWS's own client reads it.

usage: check.py trace NAME ORDER | check.py metric NAME | check.py log NAME < lines
"""

import json
import sys
import time

import botocore.session

session = botocore.session.get_session()


def within_seconds(seconds, what, look):
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        found = look()
        if found:
            return found
        time.sleep(0.2)
    sys.exit(f"not within {seconds} s: {what}")


def trace(name, order):
    xray = session.create_client("xray")

    def look():
        found = xray.get_trace_summaries(StartTime=time.time() - 600, EndTime=time.time() + 60,
                                         FilterExpression=f'annotation.orderId = "{order}"')
        ids = [summary["Id"] for summary in found["TraceSummaries"]]
        return ids and xray.batch_get_traces(TraceIds=ids[:1])["Traces"]

    segments = within_seconds(10, f"a trace with orderId {order}", look)[0]["Segments"]
    spans, told = [json.loads(segment["Document"]) for segment in segments], []
    while spans:
        span = spans.pop(0)
        flags = "".join(f" {flag}" for flag in ("fault", "error") if span.get(flag))
        told.append(span["name"] + flags + (f" ({span['origin']})" if span.get("origin") else ""))
        spans = span.get("subsegments", []) + spans
    return " > ".join(told)


def metric(name):
    cloudwatch = session.create_client("cloudwatch")
    dimensions = [{"Name": "service", "Value": name}]

    def look():
        data = cloudwatch.get_metric_statistics(Namespace="clients", MetricName="OrdersStored", Dimensions=dimensions, Period=60,
                                                Statistics=["Sum"], StartTime=time.time() - 600, EndTime=time.time() + 60)
        return sum(point["Sum"] for point in data["Datapoints"])

    return f"OrdersStored {within_seconds(10, f'the metric of {name}', look):g}"


def log(name):
    logs = session.create_client("logs")
    group = f"/aws/lambda/{name}"
    logs.create_log_group(logGroupName=group)
    logs.create_log_stream(logGroupName=group, logStreamName="client")
    now = int(time.time() * 1000)
    events = [{"timestamp": now, "message": line} for line in sys.stdin.read().splitlines() if line]
    logs.put_log_events(logGroupName=group, logStreamName="client", logEvents=events)
    return f"{len(events)} lines"


print({"trace": trace, "metric": metric, "log": log}[sys.argv[1]](*sys.argv[2:]))
