"""Who may call: the stack's own key and those that IAM and STS have given out. Nothing that can be guessed."""

import http.server
import secrets
import threading

from emulator import network
from emulator.patch import Needed, Patch

_sessions = {}
_sessions_lock = threading.Lock()


def _random_per_function(execution_credentials):
    """The emulator derives a function's secret from its name, which anybody can do."""

    def replacement(config):
        from ministack.services import sts

        place = (config.get("FunctionArn", ""), config.get("Role", ""))
        with _sessions_lock:
            if place not in _sessions:
                made = execution_credentials(config)
                known = sts._sessions.pop(made["AWS_ACCESS_KEY_ID"])
                key, secret, token = "ASIA" + secrets.token_hex(8).upper(), secrets.token_hex(20), secrets.token_hex(32)
                session = {**known, "SecretAccessKey": secret, "SessionToken": token}
                _sessions[place] = key, secret, token, session
            key, secret, token, session = _sessions[place]
            if sts._sessions.get(key) is None:
                sts.register_session(key, session)
        return {"AWS_ACCESS_KEY_ID": key, "AWS_SECRET_ACCESS_KEY": secret, "AWS_SESSION_TOKEN": token}

    return replacement


def _configured_only(is_root_access_key):
    """The emulator takes no key, `test` and any account's number for the root user's."""

    def replacement(access_key_id):
        from os import environ

        return secrets.compare_digest(access_key_id or "", environ["AWS_ACCESS_KEY_ID"])

    return replacement


def secret_of(access_key):
    """The secret of a key that is known, or None."""
    from ministack.core import iam_evaluator

    try:
        account = iam_evaluator.find_iam_access_key_account(access_key)
        found = iam_evaluator.resolve_credential(access_key, account)
    except iam_evaluator.AmbiguousAccessKeyError:
        return None
    return getattr(found, "secret_access_key", None)


def guard_runtime_api():
    """The Lambda Runtime API that each function polls listens on loopback: a function's runtime sends no Origin, a page does."""
    parse = http.server.BaseHTTPRequestHandler.parse_request

    def parse_request(self):
        if not parse(self):
            return False
        host = self.headers.get("Host", "").rsplit(":", 1)[0]
        foreign = any(name.lower() == "origin" or name.lower().startswith("sec-fetch-") for name in self.headers)
        if foreign or not host or not network.is_loopback(host.strip("[]")):
            self.send_error(403, "for the function's runtime only")
            return False
        return True

    http.server.BaseHTTPRequestHandler.parse_request = parse_request


TABLE = [
    Patch("core.lambda_runtime", "execution_credentials", ("config",), _random_per_function, "a function's secret is one"),
    Patch("services.lambda_svc", "execution_credentials", ("config",), _random_per_function, "a function's secret is one"),
    Patch("core.iam_evaluator", "is_root_access_key", ("access_key_id",), _configured_only, "only the stack's key is root"),
    Patch("services.sts", "is_root_access_key", ("access_key_id",), _configured_only, "only the stack's key is root"),
    Needed("core.iam_evaluator", "find_iam_access_key_account"),
    Needed("core.iam_evaluator", "resolve_credential"),
    Needed("core.iam_evaluator", "AmbiguousAccessKeyError"),
    Needed("services.sts", "_sessions"),
    Needed("services.sts", "register_session"),
]
