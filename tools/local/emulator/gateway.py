"""API Gateway: its requests and integrations reported, its answers as AWS gives them, and no CORS but an API's own."""

import contextlib
import json
import time

from emulator.events import report
from emulator.invocations import request_trace
from emulator.patch import Needed, Patch

GATEWAY = "services.apigateway_v1"


def _reported(execute):
    """A request's end, after the invocations that it caused."""

    async def replacement(api_id, stage_name, method, path, headers, body, query_params):
        from ministack.services import apigateway_v1

        trace = next((value for name, value in headers.items() if name.lower() == "x-amzn-trace-id"), None)
        token = request_trace.set(trace)
        try:
            return await execute(api_id, stage_name, method, path, headers, body, query_params)
        finally:
            request_trace.reset(token)
            api = next((api for (_, _, key), api in apigateway_v1._rest_apis.all_items() if key == api_id), {})
            report("request", traceHeader=trace, api=api.get("name"))

    return replacement


def _timed(call):
    async def replacement(function_ref, event, *, account_id=None, region=None):
        begun = time.perf_counter()
        try:
            return await call(function_ref, event, account_id=account_id, region=region)
        finally:
            context = event.get("requestContext") or {} if isinstance(event, dict) else {}
            if context.get("apiId"):
                report("integration", api=context["apiId"], stage=context.get("stage"), path=context.get("resourcePath"),
                       method=context.get("httpMethod"), ms=(time.perf_counter() - begun) * 1000)

    return replacement


def _as_sent(put):
    """A MOCK integration has no method: the emulator makes one up, and Terraform then replaces the integration."""

    def replacement(api_id, resource_id, http_method, data):
        answer = put(api_id, resource_id, http_method, data)
        if "httpMethod" in data or answer[0] >= 300:
            return answer
        from ministack.services import apigateway_v1

        method = apigateway_v1._resources[api_id][resource_id]["resourceMethods"][http_method]
        method["methodIntegration"].pop("httpMethod", None)
        return answer[0], answer[1], _without(answer[2], "httpMethod")

    return replacement


def _without_empty_access_log(answer):
    """AWS leaves the access log's settings out when there are none; `{}` reads as a log without a destination."""
    status, headers, body = answer
    if status >= 300:
        return answer
    document = json.loads(body)
    for stage in [document, *document.get("item", [])]:
        if stage.get("accessLogSettings") == {}:
            del stage["accessLogSettings"]
    return status, headers, json.dumps(document).encode()


def _stage_as_aws(call):
    def replacement(*arguments):
        return _without_empty_access_log(call(*arguments))

    return replacement


def _without(body, name):
    document = json.loads(body)
    document.pop(name, None)
    return json.dumps(document).encode()


def _nothing_to_authorize(authorization_type):
    """A path that the API does not have asks for no credentials: API Gateway's own answer to it comes later."""

    def replacement(api_id, stage, method, execute_path):
        return authorization_type(api_id, stage, method, execute_path) or "NONE"

    return replacement


def _numbers_of_any_length(check):
    """API Gateway's model looks at a number's value; Python refuses to read one of more than 4300 digits."""

    def replacement(method_obj, api_id, request, headers, body, query_params):
        # What can't be read the check itself refuses.
        with contextlib.suppress(ValueError, TypeError, RecursionError):
            body = json.dumps(json.loads(body, parse_int=lambda digits: int(digits[:4000])))
        return check(method_obj, api_id, request, headers, body, query_params)

    return replacement


def _no_preflight(handle):
    """An OPTIONS request is the API's, as any other; what the emulator would allow, it would allow to every page."""

    def replacement(method, path, headers, query_params, request_id):
        return None

    return replacement


def _stage(name, *parameters):
    return Patch(GATEWAY, name, parameters, _stage_as_aws, "Terraform's second plan is empty")


TABLE = [
    Patch(GATEWAY, "handle_execute", ("api_id", "stage_name", "method", "path", "headers", "body", "query_params"),
          _reported, "the stack writes API Gateway's segment"),
    Patch(GATEWAY, "_call_lambda_raw", ("function_ref", "event", "account_id", "region"), _timed,
          "IntegrationLatency is what the call took"),
    Patch("app", "_execute_api_authorization_type", ("api_id", "stage", "method", "execute_path"), _nothing_to_authorize,
          "a path that there is not is told so"),
    Patch(GATEWAY, "_check_request_validation",
          ("method_obj", "api_id", "request", "headers", "body", "query_params"), _numbers_of_any_length,
          "a long number is valid JSON"),
    Patch(GATEWAY, "_put_integration", ("api_id", "resource_id", "http_method", "data"), _as_sent,
          "Terraform's second plan is empty"),
    _stage("_create_stage", "api_id", "data"),
    _stage("_get_stage", "api_id", "stage_name"),
    _stage("_get_stages", "api_id"),
    _stage("_update_stage", "api_id", "stage_name", "data"),
    Needed(GATEWAY, "_rest_apis"),
    Needed(GATEWAY, "_resources"),
    Patch("app", "_handle_options_request", ("method", "path", "headers", "query_params", "request_id"), _no_preflight,
          "no page of another origin is let in"),
]
