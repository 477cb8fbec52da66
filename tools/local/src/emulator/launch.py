"""Starts the emulator for the plane, with two things it leaves out.

- It must not outlive the plane: its standard input is the plane's end of a pipe, and closing that is the signal.
- Lambda hands API Gateway's trace on to the function; the emulator makes up a new one for each invocation. The request's
  X-Amzn-Trace-Id is carried to where the emulator asks for the invocation's trace header.
"""

import contextvars
import os
import signal
import sys
import threading

from ministack import app
from ministack.services import apigateway_v1, lambda_svc

inbound_trace = contextvars.ContextVar("inbound_trace", default=None)


def end_with_the_plane():
    sys.stdin.buffer.read()
    # The function processes are in the same group; the plane that would have ended them is gone.
    os.killpg(os.getpgrp(), signal.SIGKILL)


def hand_on_the_trace():
    call_lambda, trace_header = apigateway_v1._call_lambda_raw, lambda_svc._xray_trace_id_for_invocation

    async def call_with_trace(function, event, **scope):
        headers = event.get("headers") or {} if isinstance(event, dict) else {}
        trace = next((value for name, value in headers.items() if name.lower() == "x-amzn-trace-id"), None)
        token = inbound_trace.set(trace)
        try:
            return await call_lambda(function, event, **scope)
        finally:
            inbound_trace.reset(token)

    def header_of_the_request(config, inbound=None):
        return trace_header(config, inbound or inbound_trace.get())

    apigateway_v1._call_lambda_raw = call_with_trace
    lambda_svc._xray_trace_id_for_invocation = header_of_the_request


threading.Thread(target=end_with_the_plane, daemon=True).start()
hand_on_the_trace()
app.main()
