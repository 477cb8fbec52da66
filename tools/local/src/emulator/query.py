"""CloudWatch's Query protocol for alarms, which Terraform's provider speaks up to 6.49. The emulator reads and tells but a part of it.

Runs after observe.py, in the same program. Both ways go by botocore's model of the service: a request becomes the JSON one, which
the emulator reads in full, and its answer becomes XML.
"""

import datetime
import functools
from xml.sax.saxutils import escape

import botocore.loaders
import botocore.model


@functools.cache
def operation(name):
    # Only when it is asked for: the model is large.
    service = botocore.loaders.Loader().load_service_model("cloudwatch", "service-2")
    return botocore.model.ServiceModel(service, "cloudwatch").operation_model(name)


def member(params, at, shape):
    """What a request has at a place such as Metrics.member.1.Id; None if it has nothing there."""
    if shape.type_name == "structure":
        inner = ((name, member(params, f"{at}.{name}" if at else name, of)) for name, of in shape.members.items())
        return {name: value for name, value in inner if value is not None} or None
    if shape.type_name == "list":
        values = []
        while (value := member(params, f"{at}.member.{len(values) + 1}", shape.member)) is not None:
            values.append(value)
        return values or ([] if at in params else None)
    if at not in params:
        return None
    text = params[at][0] if isinstance(params[at], list) else params[at]
    casts = {"boolean": lambda flag: flag == "true", "integer": int, "long": int, "float": float, "double": float}
    return casts.get(shape.type_name, str)(text)


def xml(value, shape):
    if shape.type_name == "structure":
        inner = ((name, value.get(name), of) for name, of in shape.members.items())
        return "".join(f"<{name}>{xml(part, of)}</{name}>" for name, part, of in inner if part is not None)
    if shape.type_name == "list":
        return "".join(f"<member>{xml(part, shape.member)}</member>" for part in value)
    if shape.type_name == "boolean":
        return "true" if value else "false"
    if shape.type_name == "timestamp" and not isinstance(value, str):
        value = datetime.datetime.fromtimestamp(value, datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    return escape(str(value))


def speak_query(name, handle):
    def handled(params, data, is_cbor, is_json=False):
        if is_cbor or is_json:
            return handle(params, data, is_cbor, is_json)
        shape = operation(name)
        answer = handle({}, member(params, "", shape.input_shape) or {}, False, True)
        if answer[0] != 200:
            # Again, as it came: what is wrong is then told in XML.
            return handle(params, data, is_cbor, is_json)
        result = ""
        if shape.output_shape is not None:
            result = f"<{name}Result>{xml(json.loads(answer[2]), shape.output_shape)}</{name}Result>"
        return cloudwatch._xml(200, f"{name}Response", result)

    return handled


cloudwatch._put_metric_alarm = speak_query("PutMetricAlarm", cloudwatch._put_metric_alarm)
cloudwatch._put_composite_alarm = speak_query("PutCompositeAlarm", cloudwatch._put_composite_alarm)
cloudwatch._describe_alarms = speak_query("DescribeAlarms", cloudwatch._describe_alarms)
