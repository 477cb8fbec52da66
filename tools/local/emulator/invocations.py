"""Lambda: what runs, how it ends, and the trace it is part of."""

import contextvars
import threading
import time
import uuid
import weakref

from emulator.events import report
from emulator.patch import Needed, Patch

# The trace header of the request to the API that is being answered.
request_trace = contextvars.ContextVar("request_trace", default=None)
# What is known of the invocation that runs.
_current = contextvars.ContextVar("invocation", default=None)

_running = {}
_running_lock = threading.Lock()
# worker -> its generation, and the id of the execution environment that this is: after one that ended, a worker starts another.
_environments = weakref.WeakKeyDictionary()


def environment():
    """The id of the execution environment of the invocation that runs; None before it has one."""
    worker = (_current.get() or {}).get("worker")
    if worker is None:
        return None
    # Only workers of provided runtimes count their processes.
    generation = getattr(worker, "_generation", None)
    with _running_lock:
        known = _environments.get(worker)
        if known is None or known[0] != generation:
            known = _environments[worker] = (generation, str(uuid.uuid4()))
        return known[1]


def _reported(dispatch):
    """One event for an invocation, whoever caused it."""

    def replacement(func, config, event, request_id, started):
        name = config.get("FunctionName", "unknown")
        with _running_lock:
            _running[name] = concurrent = _running.get(name, 0) + 1
        current = {"function": name, "arn": config.get("FunctionArn"), "requestId": request_id, "start": time.time(),
                   "concurrent": concurrent, "failed": True}
        token = _current.set(current)
        try:
            result = dispatch(func, config, event, request_id, started)
            current["failed"] = not isinstance(result, dict) or bool(result.get("error"))
            if current["failed"]:
                # Its type only: a message may quote what it was given.
                body = result.get("body") if isinstance(result, dict) else None
                kind = body.get("errorType") if isinstance(body, dict) else None
                current["errorType"] = str(kind or "Unhandled")
            return result
        finally:
            _current.reset(token)
            with _running_lock:
                _running[name] -= 1
            current.pop("worker", None)
            report("invocation", **current, end=time.time())

    return replacement


def _environment_noted(acquire):
    def replacement(func_name, config, code_zip, qualifier="$LATEST", max_concurrency=None):
        worker, reason = acquire(func_name, config, code_zip, qualifier, max_concurrency)
        current = _current.get()
        if current is not None:
            current["worker"] = worker
        return worker, reason

    return replacement


def _throttles_reported(acquire):
    def replacement(func, config):
        slot, limit = acquire(func, config)
        if slot is None:
            report("throttle", function=config.get("FunctionName", "unknown"))
        return slot, limit

    return replacement


def _trace_handed_on(trace_header):
    """Lambda hands API Gateway's trace on to the function; the emulator makes up a new one for each invocation."""

    def replacement(config, inbound_trace_header=None):
        header = trace_header(config, inbound_trace_header or request_trace.get())
        current = _current.get()
        if current is not None:
            current["traceHeader"] = header
        return header

    return replacement


def _ends_logged(run):
    """Lambda's own line about a function that ended or ran out of time; what the function wrote at its start, too."""

    def replacement(func, event, request_id):
        result = run(func, event, request_id)
        body = result.get("body")
        kind = body.get("errorType") if result.get("error") and isinstance(body, dict) else None
        if kind and kind.startswith(("Sandbox.", "Runtime.")):
            what, _, written = (body.get("errorMessage") or "").partition(": ")
            lines = [result.get("log"), written, f"RequestId: {request_id} Error: {what}"]
            result["log"] = "\n".join(line.rstrip("\n") for line in lines if line)
        return result

    return replacement


def _waits_for_its_lines(worker):
    """A function writes its lines after its response. The emulator waits 50 ms for them: on a busy machine they would be told
    with the next invocation, or never."""
    drain = worker._drain_stderr_bounded

    def replacement(self, first_line_wait=1.0, idle_confirm=0.005, hard_cap=2.0):
        return drain(self, first_line_wait, idle_confirm, hard_cap)

    worker._drain_stderr_bounded = replacement
    return worker


LAMBDA = "services.lambda_svc"
TABLE = [
    Patch(LAMBDA, "_execute_function_provided_warm", ("func", "event", "request_id"), _ends_logged,
          "logs say how a function ended"),
    Patch(LAMBDA, "_execute_function_dispatch", ("func", "config", "event", "request_id", "started"), _reported,
          "invocations are counted and traced"),
    Patch(LAMBDA, "_acquire_execution_slot", ("func", "config"), _throttles_reported, "throttles are counted"),
    Patch(LAMBDA, "_xray_trace_id_for_invocation", ("config", "inbound_trace_header"), _trace_handed_on,
          "an order is one trace"),
    Patch(LAMBDA, "acquire_worker", ("func_name", "config", "code_zip", "qualifier", "max_concurrency"), _environment_noted,
          "a log stream is an environment's"),
    Patch("core.lambda_runtime", "ProvidedWorker", ("func_name", "config", "code_zip"), _waits_for_its_lines,
          "an invocation's lines are its own"),
    Needed(LAMBDA, "execution_credentials"),
]
