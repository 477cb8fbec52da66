"""API Gateway's answers without what nobody sent. AWS leaves it out, and Terraform's provider plans to change what it did not expect.

Runs after observe.py, in the same program.
"""

from ministack.services import apigateway_v1 as gateway


def leave_out_methods_of_integrations():
    put = gateway._put_integration

    def put_as_sent(api_id, resource_id, http_method, data):
        answer = put(api_id, resource_id, http_method, data)
        # A MOCK has no back end, so no method for it; the emulator makes it a POST.
        if answer[0] == 201 and "httpMethod" not in data:
            integration = gateway._resources[api_id][resource_id]["resourceMethods"][http_method]["methodIntegration"]
            integration.pop("httpMethod", None)
            return gateway._v1_response(integration, 201)
        return answer

    gateway._put_integration = put_as_sent


def leave_out_empty_access_logs():
    create, update, get, get_all = gateway._create_stage, gateway._update_stage, gateway._get_stage, gateway._get_stages

    def drop(api_id):
        for stage in gateway._stages_v1.get(api_id, {}).values():
            if not stage.get("accessLogSettings"):
                stage.pop("accessLogSettings", None)

    def after(change, succeeded):
        def changed(api_id, *what):
            answer = change(api_id, *what)
            drop(api_id)
            if answer[0] != succeeded:
                return answer
            name = what[0] if isinstance(what[0], str) else what[0]["stageName"]
            return (succeeded, *get(api_id, name)[1:])

        return changed

    def before(read):
        def answered(api_id, *what):
            drop(api_id)
            return read(api_id, *what)

        return answered

    gateway._create_stage, gateway._update_stage = after(create, 201), after(update, 200)
    gateway._get_stage, gateway._get_stages = before(get), before(get_all)


leave_out_methods_of_integrations()
leave_out_empty_access_logs()
