"""Starts the emulator for the stack, with three things it leaves out.

- It must not outlive the stack: its standard input is the stack's end of a pipe, and closing that is the signal.
- Lambda hands API Gateway's trace on to the function; the emulator makes up a new one for each invocation. The request's
  X-Amzn-Trace-Id is carried to where the emulator asks for the invocation's trace header.
- Lambda and API Gateway tell X-Ray of their part. The emulator tells the stack, which writes their segments: for a request
  of the API in a header of its answer, for any other invocation (a queue's batch) by a POST.
"""

import contextvars
import json
import os
import queue
import signal
import sys
import threading
import time
import urllib.request

from ministack import app
from ministack.services import apigateway_v1, lambda_svc

ANSWER_HEADER = "X-Local-Invocations"
INVOCATIONS_URL = os.environ["AWS_ENDPOINT_URL"] + "/_local/invocations"

# Of the request to the API that is being answered: its trace header, and the invocations it caused.
request = contextvars.ContextVar("request", default=None)
# What is known of the invocation that runs.
invocation = contextvars.ContextVar("invocation", default=None)
reports = queue.SimpleQueue()


def end_with_the_stack():
    sys.stdin.buffer.read()
    # The function processes are in the same group; the stack that would have ended them is gone.
    os.killpg(os.getpgrp(), signal.SIGKILL)


def report_to_the_stack():
    while True:
        body = json.dumps(reports.get()).encode()
        post = urllib.request.Request(INVOCATIONS_URL, body, {"Content-Type": "application/json"})
        try:
            urllib.request.urlopen(post, timeout=10).close()
        except OSError as error:
            print(f"the stack did not take an invocation's report: {error}", file=sys.stderr)


def follow_requests():
    execute = apigateway_v1.handle_execute

    async def followed(api_id, stage, method, path, headers, *rest):
        trace = next((value for name, value in headers.items() if name.lower() == "x-amzn-trace-id"), None)
        told = {"trace": trace, "invocations": []}
        token = request.set(told)
        try:
            status, answer_headers, body = await execute(api_id, stage, method, path, headers, *rest)
        finally:
            request.reset(token)
        api = next((api for (_, _, key), api in apigateway_v1._rest_apis.all_items() if key == api_id), {})
        header = json.dumps({"api": api.get("name"), "invocations": told["invocations"]})
        return status, {**answer_headers, ANSWER_HEADER: header}, body

    apigateway_v1.handle_execute = followed


def follow_invocations():
    dispatch, trace_header = lambda_svc._execute_function_dispatch, lambda_svc._xray_trace_id_for_invocation

    def header_of(config, inbound=None):
        of_request, current = request.get(), invocation.get()
        header = trace_header(config, inbound or (of_request and of_request["trace"]))
        if current is not None:
            current["traceHeader"] = header
        return header

    def followed(function, config, event, request_id, started):
        current = {"function": config["FunctionName"], "arn": config.get("FunctionArn"), "requestId": request_id,
                   "start": time.time()}
        token = invocation.set(current)
        try:
            result = dispatch(function, config, event, request_id, started)
        finally:
            invocation.reset(token)
        current["end"] = time.time()
        if result.get("error"):
            # Its type only: a message may quote what it was given.
            body = result.get("body")
            current["errorType"] = str((body.get("errorType") if isinstance(body, dict) else None) or "Unhandled")
        of_request = request.get()
        if of_request:
            of_request["invocations"].append(current)
        else:
            reports.put(current)
        return result

    lambda_svc._xray_trace_id_for_invocation = header_of
    lambda_svc._execute_function_dispatch = followed


threading.Thread(target=end_with_the_stack, daemon=True).start()
threading.Thread(target=report_to_the_stack, daemon=True).start()
follow_requests()
follow_invocations()
app.main()
