"""For scripts/contract-cases: each generated order that comes with a usable Idempotency-Key gets a key of its own.

Generated keys repeat, and another order under a used key is refused with 422, whatever the order is.
"""

import re
import uuid

import schemathesis

USABLE = re.compile(r"[A-Za-z0-9_-]{22,255}")


@schemathesis.hook
def before_call(context, case, kwargs):
    for name, value in list((case.headers or {}).items()):
        if name.lower() == "idempotency-key" and isinstance(value, str) and USABLE.fullmatch(value):
            case.headers[name] = str(uuid.uuid4())
