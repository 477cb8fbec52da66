"""CloudWatch Logs: whose stream a line is in, and events with metrics in them."""

import contextvars

from emulator.events import report
from emulator.invocations import LAMBDA, environment
from emulator.patch import Patch

# The id in the name of the stream that is written to.
_stream = contextvars.ContextVar("stream", default=None)


def _streams_of_environments(emit):
    """A stream is an execution environment's. The emulator makes one of each invocation: a minute of the logs then takes
    fifteen seconds to read after a hundred thousand of them."""

    def replacement(func, request_id, log_text, error, duration_ms, *, log_source=None):
        token = _stream.set(environment())
        try:
            emit(func, request_id, log_text, error, duration_ms, log_source=log_source)
        finally:
            _stream.reset(token)

    return replacement


def _named_by_environment(new_uuid):
    def replacement():
        return _stream.get() or new_uuid()

    return replacement


def _records_reported(fanout):
    def replacement(group_name, stream_name, events):
        records = [event["message"] for event in events if '"_aws"' in event.get("message", "")]
        if records:
            report("records", group=group_name, messages=records)
        return fanout(group_name, stream_name, events)

    return replacement


TABLE = [
    Patch(LAMBDA, "_emit_lambda_logs", ("func", "request_id", "log_text", "error", "duration_ms", "log_source"),
          _streams_of_environments, "a log stream is an environment's"),
    Patch(LAMBDA, "new_uuid", (), _named_by_environment, "a log stream is an environment's"),
    Patch("services.cloudwatch_logs", "_fanout_to_subscription_filters", ("group_name", "stream_name", "events"),
          _records_reported, "the functions' metrics are in their logs"),
]
