"""Whether a key may do something, for the services that the stack answers in the emulator's place."""

from emulator.patch import Needed


def refusal(access_key, action, resource, region):
    """None if the key's policies allow it, else AWS's words."""
    from ministack.core import iam_evaluator, responses

    account = iam_evaluator.find_iam_access_key_account(access_key) or responses.get_account_id()
    principal = iam_evaluator.resolve_principal(access_key, account)
    if isinstance(principal, iam_evaluator.AuthError):
        return principal.message
    # The root user: the stack's own key.
    if principal.policies is None:
        return None
    context = iam_evaluator.EvalContext(
        principal_arn=principal.arn,
        principal_type=principal.type,
        principal_account=principal.account,
        action=action,
        resource_arn=resource,
        region=region,
        principal_keys=principal.keys,
    )
    if iam_evaluator.evaluate(context, principal.policies, *principal.limits).decision == "Allow":
        return None
    return f"User: {principal.arn} is not authorized to perform: {action} on resource: {resource}"


TABLE = [
    Needed("core.iam_evaluator", "resolve_principal"),
    Needed("core.iam_evaluator", "EvalContext"),
    Needed("core.iam_evaluator", "evaluate"),
    Needed("core.iam_evaluator", "AuthError"),
    Needed("core.responses", "get_account_id"),
]
