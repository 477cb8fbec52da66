"""The emulator's one door: a unix socket in the stack's own folder, which only its user can open. No port."""

import asyncio
import json
import os
import urllib.parse

from emulator import credentials, permissions

SOCKET = "emulator.sock"
# The stack asks here for the secret of a key, to verify a signature by.
SECRETS = "/_suite/secrets/"
# And here whether a key may do something that the stack itself does.
PERMISSIONS = "/_suite/permissions/"


def serve():
    from hypercorn.asyncio import serve as hypercorn_serve
    from hypercorn.config import Config
    from ministack import app as ministack

    credentials.guard_runtime_api()

    async def app(scope, receive, send):
        if scope["type"] == "http" and scope["path"].startswith(SECRETS):
            await _answer_secret(scope["path"][len(SECRETS):], send)
        elif scope["type"] == "http" and scope["path"].startswith(PERMISSIONS):
            await _answer_permission(scope["path"][len(PERMISSIONS):], scope["query_string"].decode(), send)
        else:
            await ministack.app(scope, receive, send)

    config = Config()
    # Relative to the working folder: a socket's path may have 108 bytes, and the stack's folder may be anywhere.
    config.bind = [f"unix:{SOCKET}"]
    config.umask = 0o177
    config.keep_alive_timeout = 75
    config.loglevel = os.environ.get("LOG_LEVEL", "INFO")
    asyncio.run(hypercorn_serve(app, config))


async def _answer_secret(key, send):
    secret = credentials.secret_of(urllib.parse.unquote(key))
    await _answer(send, *((200, {"secret": secret}) if secret else (404, {})))


async def _answer_permission(key, query, send):
    asked = dict(urllib.parse.parse_qsl(query))
    refusal = permissions.refusal(urllib.parse.unquote(key), asked["action"], asked["resource"], asked["region"])
    await _answer(send, 200, {"refusal": refusal})


async def _answer(send, status, document):
    await send({"type": "http.response.start", "status": status, "headers": [(b"content-type", b"application/json")]})
    await send({"type": "http.response.body", "body": json.dumps(document).encode()})
