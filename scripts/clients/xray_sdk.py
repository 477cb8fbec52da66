"""AWS's X-Ray SDK for Python: a segment, a call in it that fails, and by TCP the sampling rules."""

import sys

from aws_xray_sdk.core import xray_recorder
from aws_xray_sdk.core.daemon_config import DaemonConfig
from aws_xray_sdk.core.sampling.sampler import DefaultSampler

name, order = sys.argv[1:]
sampler = DefaultSampler()
xray_recorder.configure(service=name, sampler=sampler, context_missing="RUNTIME_ERROR")
sampler.load_settings(DaemonConfig(), xray_recorder.context)
rules = sampler._connector.fetch_sampling_rules()
if not any(rule.name == "Default" for rule in rules):
    sys.exit(f"the sampling rules have no Default: {rules}")

segment = xray_recorder.begin_segment(name, sampling=1)
segment.put_annotation("orderId", order)
with xray_recorder.in_subsegment("DynamoDB", namespace="aws") as call:
    call.set_aws({"operation": "PutItem", "table_name": "orders"})
    call.add_exception(TimeoutError("too slow"), [])
xray_recorder.end_segment()
