"""For scripts/contract-cases: each generated order that comes with a usable Idempotency-Key gets a key of its own.

Generated keys repeat, and another order under a used key is refused with 422, whatever the order is.
"""

import json
import re
import uuid
from pathlib import Path

import schemathesis

DOCUMENT = json.loads((Path(__file__).parent.parent / "docs" / "openapi.json").read_text())
KEY = next(p for p in DOCUMENT["paths"]["/orders"]["post"]["parameters"] if p["name"] == "Idempotency-Key")
USABLE = re.compile(KEY["schema"]["pattern"])
LENGTH = len(str(uuid.uuid4()))


def unused(key):
    """Another key of the same form: its beginning, behind a quote if there is one, is new."""
    key = key.strip()
    fresh = str(uuid.uuid4())
    if len(key) + LENGTH > 255:
        return fresh
    return f'"{fresh}{key[1:]}' if key.startswith('"') else fresh + key


@schemathesis.hook
def before_call(context, case, kwargs):
    for name, value in list((case.headers or {}).items()):
        if name.lower() == "idempotency-key" and isinstance(value, str) and USABLE.fullmatch(value):
            case.headers[name] = unused(value)
