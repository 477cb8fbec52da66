"""A client like any other puts alarms that are in no catalogue, and sees them fire and recover. Run by tests/alarms.rs, with the stack's
address in the environment; each step says what it saw."""

import copy
import json
import time

import botocore.loaders
import botocore.session


def client(protocol=None):
    session = botocore.session.get_session()
    if protocol:
        loader = botocore.loaders.create_loader()
        load = loader.load_service_model

        def load_as(service, kind, **version):
            model = copy.deepcopy(load(service, kind, **version))
            if "metadata" in model:
                model["metadata"].update(protocol=protocol, protocols=[protocol])
            return model

        loader.load_service_model = load_as
        session.register_component("data_loader", loader)
    return session.create_client("cloudwatch")


def states(cloudwatch, **filters):
    kinds = ["MetricAlarm", "CompositeAlarm"]
    found = cloudwatch.describe_alarms(AlarmTypes=kinds, AlarmNamePrefix="any-", **filters)
    return {alarm["AlarmName"]: alarm["StateValue"] for kind in ("MetricAlarms", "CompositeAlarms") for alarm in found[kind]}


def wait_for(wanted):
    until = time.monotonic() + 60
    while (seen := states(cbor)) != wanted:
        assert time.monotonic() < until, f"waited 60 s for {wanted}, there is {seen}"
        time.sleep(0.1)
    print(json.dumps(seen))


def put(value, requests):
    data = [{"MetricName": "Failed", "Value": value}, {"MetricName": "Requests", "Value": requests}]
    cbor.put_metric_data(Namespace="any", MetricData=data)


def stat(name):
    return {"Metric": {"Namespace": "any", "MetricName": name}, "Period": 60, "Stat": "Sum"}


cbor, query = client(), client("query")
common = {"EvaluationPeriods": 1, "ComparisonOperator": "GreaterThanThreshold", "TreatMissingData": "notBreaching"}
cbor.put_metric_alarm(
    AlarmName="any-plain", Namespace="any", MetricName="Failed", Statistic="Sum", Period=60, Threshold=1, **common
)
query.put_metric_alarm(
    AlarmName="any-math",
    Threshold=10,
    Metrics=[
        {"Id": "failed", "MetricStat": stat("Failed"), "ReturnData": False},
        {"Id": "requests", "MetricStat": stat("Requests"), "ReturnData": False},
        {"Id": "rate", "Expression": "100 * failed / requests", "Label": "Failed in %", "ReturnData": True},
    ],
    **common,
)
cbor.put_composite_alarm(AlarmName="any-both", AlarmRule="ALARM(any-plain) AND ALARM(any-math)")
wait_for({"any-math": "OK", "any-plain": "OK", "any-both": "OK"})
put(5, 20)
wait_for({"any-math": "ALARM", "any-plain": "ALARM", "any-both": "ALARM"})
wait_for({"any-math": "OK", "any-plain": "OK", "any-both": "OK"})

assert states(query) == states(cbor), (states(query), states(cbor))
assert states(cbor, StateValue="ALARM") == {}
children = query.describe_alarms(ChildrenOfAlarmName="any-both")["MetricAlarms"]
assert sorted(alarm["AlarmName"] for alarm in children) == ["any-math", "any-plain"], children
parents = cbor.describe_alarms(ParentsOfAlarmName="any-math")["CompositeAlarms"]
assert [alarm["AlarmName"] for alarm in parents] == ["any-both"], parents
for seen_by in (cbor, query):
    alarm = seen_by.describe_alarms(AlarmNames=["any-math"])["MetricAlarms"][0]
    assert alarm["Metrics"][2]["Expression"] == "100 * failed / requests", alarm
    assert (alarm["Threshold"], alarm["EvaluationPeriods"], alarm["ActionsEnabled"]) == (10.0, 1, True), alarm
    history = seen_by.describe_alarm_history(AlarmName="any-math", HistoryItemType="StateUpdate", ScanBy="TimestampAscending")
    print(json.dumps([item["HistorySummary"] for item in history["AlarmHistoryItems"]]))
    of_metric = seen_by.describe_alarms_for_metric(Namespace="any", MetricName="Failed")["MetricAlarms"]
    assert [alarm["AlarmName"] for alarm in of_metric] == ["any-plain"], of_metric

# What one protocol puts, both tell whole.
whole = {
    "AlarmName": "any-whole", "AlarmDescription": "a < b & c", "ActionsEnabled": False, "EvaluationPeriods": 3, "DatapointsToAlarm": 2,
    "Threshold": 1.5, "ComparisonOperator": "LessThanThreshold", "TreatMissingData": "breaching",
    "AlarmActions": ["arn:aws:sns:us-east-1:000000000000:a"],
    "Metrics": [{"Id": "a", "MetricStat": {**stat("Failed"), "Unit": "Milliseconds"}, "ReturnData": False},
                {"Id": "b", "Expression": "a<2", "ReturnData": True}],
}
query.put_metric_alarm(**whole)
query.put_composite_alarm(AlarmName="any-held", AlarmRule="ALARM(any-whole)", ActionsSuppressor="any-whole",
                          ActionsSuppressorWaitPeriod=60, ActionsSuppressorExtensionPeriod=120)
for seen_by in (cbor, query):
    alarm = seen_by.describe_alarms(AlarmNames=["any-whole"])["MetricAlarms"][0]
    alarm["Metrics"][0]["MetricStat"]["Metric"].pop("Dimensions", None)
    assert {name: alarm[name] for name in whole} == whole, alarm
    held = seen_by.describe_alarms(AlarmNames=["any-held"], AlarmTypes=["CompositeAlarm"])["CompositeAlarms"][0]
    assert (held["ActionsSuppressorWaitPeriod"], held["ActionsSuppressorExtensionPeriod"]) == (60, 120), held
cbor.delete_alarms(AlarmNames=["any-held", "any-whole"])

try:
    query.put_composite_alarm(AlarmName="any-lost", AlarmRule="ALARM(nobody)")
    raise AssertionError("a composite on nothing was taken")
except query.exceptions.ClientError as error:
    print(error)
cbor.delete_alarms(AlarmNames=["any-both"])
query.delete_alarms(AlarmNames=["any-plain", "any-math"])
assert states(query) == {}
