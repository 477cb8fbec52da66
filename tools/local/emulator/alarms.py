"""CloudWatch's alarms: kept whole, on the stack's clock, evaluated by the stack alone; in the Query protocol, too."""

import datetime
import functools
import json
import os
import time
from xml.sax.saxutils import escape

from emulator.patches import Needed, Patch

CLOUDWATCH = "services.cloudwatch"
_CLOCK_START, _CLOCK_SCALE = (float(part) for part in os.environ.pop("LOCAL_CLOCK", "0,1").split(","))

# Of an alarm in the Metrics form, and of a composite, the emulator forgets these.
KEPT = ("Metrics", "EvaluateLowSampleCountPercentile", "ThresholdMetricId")
KEPT_OF_COMPOSITES = ("ActionsSuppressor", "ActionsSuppressorWaitPeriod", "ActionsSuppressorExtensionPeriod")
# And makes these up.
MADE_UP = ("MetricName", "Namespace", "Statistic", "ExtendedStatistic", "Period", "Dimensions", "Unit")


def _cloudwatch():
    from ministack.services import cloudwatch

    return cloudwatch


class _MetricTime:
    """The clock of CloudWatch: metric time, which may run faster than the machine's."""

    @staticmethod
    def time():
        return _CLOCK_START + (time.time() - _CLOCK_START) * _CLOCK_SCALE


def _put_metric(put):
    def replacement(params, cbor_data, is_cbor, is_json=False):
        answer = put(params, cbor_data, is_cbor, is_json)
        whole = answer[0] == 200 and cbor_data.get("Metrics")
        alarm = _cloudwatch()._alarms.get(cbor_data.get("AlarmName")) if whole else None
        if alarm is not None:
            for name in MADE_UP:
                alarm.pop(name, None)
            alarm.update({name: cbor_data[name] for name in KEPT if cbor_data.get(name) is not None})
        return answer

    return _speaking_query("PutMetricAlarm", replacement)


def _put_composite(put):
    def replacement(params, cbor_data, is_cbor, is_json=False):
        answer = put(params, cbor_data, is_cbor, is_json)
        alarm = _cloudwatch()._composite_alarms.get(cbor_data.get("AlarmName")) if answer[0] == 200 else None
        if alarm is not None:
            alarm.update({name: cbor_data[name] for name in KEPT_OF_COMPOSITES if cbor_data.get(name) is not None})
        return answer

    return _speaking_query("PutCompositeAlarm", replacement)


def _describe(describe):
    return _speaking_query("DescribeAlarms", describe)


def _dispatch_others(dispatch):
    def replacement(alarm, old_state, new_state, reason):
        # The stack knows about suppressors, and publishes CloudWatch's own message.
        if "Metrics" not in alarm and "AlarmRule" not in alarm:
            dispatch(alarm, old_state, new_state, reason)

    return replacement


def _never(evaluate):
    # The stack evaluates. The first patch that is asked for also moves CloudWatch to the stack's clock.
    _cloudwatch().time = _MetricTime
    return lambda child, seen=frozenset(): None


def _list_typed(list_dashboards):
    def replacement(params, cbor_data, is_cbor, is_json=False):
        # The emulator's time is text there, which no SDK takes in CBOR.
        if not is_cbor:
            return list_dashboards(params, cbor_data, is_cbor, is_json)
        entries = json.loads(list_dashboards(params, cbor_data, False, True)[2])["DashboardEntries"]
        for entry in entries:
            entry["LastModified"] = _cloudwatch()._cbor_timestamp(entry["LastModified"])
        return _cloudwatch()._cbor_ok({"DashboardEntries": entries})

    return replacement


@functools.cache
def _operation(name):
    import botocore.loaders
    import botocore.model

    service = botocore.loaders.Loader().load_service_model("cloudwatch", "service-2")
    return botocore.model.ServiceModel(service, "cloudwatch").operation_model(name)


def _member(params, at, shape):
    """What a request has at a place such as Metrics.member.1.Id; None if it has nothing there."""
    if shape.type_name == "structure":
        inner = ((name, _member(params, f"{at}.{name}" if at else name, of)) for name, of in shape.members.items())
        return {name: value for name, value in inner if value is not None} or None
    if shape.type_name == "list":
        values = []
        while (value := _member(params, f"{at}.member.{len(values) + 1}", shape.member)) is not None:
            values.append(value)
        return values or ([] if at in params else None)
    if at not in params:
        return None
    text = params[at][0] if isinstance(params[at], list) else params[at]
    casts = {"boolean": lambda flag: flag == "true", "integer": int, "long": int, "float": float, "double": float}
    return casts.get(shape.type_name, str)(text)


def _xml(value, shape):
    if shape.type_name == "structure":
        inner = ((name, value.get(name), of) for name, of in shape.members.items())
        return "".join(f"<{name}>{_xml(part, of)}</{name}>" for name, part, of in inner if part is not None)
    if shape.type_name == "list":
        return "".join(f"<member>{_xml(part, shape.member)}</member>" for part in value)
    if shape.type_name == "boolean":
        return "true" if value else "false"
    if shape.type_name == "timestamp" and not isinstance(value, str):
        value = datetime.datetime.fromtimestamp(value, datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    return escape(str(value))


def _speaking_query(name, handle):
    """Both ways go by botocore's model of the service: a request becomes the JSON one, which the emulator reads in full, and its
    answer becomes XML."""

    def replacement(params, cbor_data, is_cbor, is_json=False):
        if is_cbor or is_json:
            return handle(params, cbor_data, is_cbor, is_json)
        shape = _operation(name)
        answer = handle({}, _member(params, "", shape.input_shape) or {}, False, True)
        if answer[0] != 200:
            # Again, as it came: what is wrong is then told in XML.
            return handle(params, cbor_data, is_cbor, is_json)
        result = ""
        if shape.output_shape is not None:
            result = f"<{name}Result>{_xml(json.loads(answer[2]), shape.output_shape)}</{name}Result>"
        return _cloudwatch()._xml(200, f"{name}Response", result)

    return replacement


PARAMETERS = ("params", "cbor_data", "is_cbor", "is_json")
TABLE = [
    Patch(CLOUDWATCH, "_evaluate_parent_alarms", ("child", "seen"), _never, "alarms are evaluated once, by the stack"),
    Patch(CLOUDWATCH, "_dispatch_alarm_actions", ("alarm", "old_state", "new_state", "reason"), _dispatch_others,
          "the stack knows about suppressors"),
    Patch(CLOUDWATCH, "_put_metric_alarm", PARAMETERS, _put_metric, "an alarm is kept whole, in every protocol"),
    Patch(CLOUDWATCH, "_put_composite_alarm", PARAMETERS, _put_composite, "an alarm is kept whole, in every protocol"),
    Patch(CLOUDWATCH, "_describe_alarms", PARAMETERS, _describe, "an alarm is told whole, in every protocol"),
    Patch(CLOUDWATCH, "_list_dashboards", PARAMETERS, _list_typed, "SDKs read its answer"),
    *(Needed(CLOUDWATCH, name) for name in ("_alarms", "_composite_alarms", "_cbor_timestamp", "_cbor_ok", "_xml", "time")),
]
