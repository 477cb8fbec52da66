"""CloudWatch Logs: events with metrics in them."""

from emulator.events import report
from emulator.patch import Patch


def _records_reported(fanout):
    def replacement(group_name, stream_name, events):
        records = [event["message"] for event in events if '"_aws"' in event.get("message", "")]
        if records:
            report("records", group=group_name, messages=records)
        return fanout(group_name, stream_name, events)

    return replacement


TABLE = [
    Patch("services.cloudwatch_logs", "_fanout_to_subscription_filters", ("group_name", "stream_name", "events"),
          _records_reported, "the functions' metrics are in their logs"),
]
