"""The table of everything that is changed in the emulator, and of what the changes rely on.

It was made for the version that scripts/requirements.in pins. Another version is checked against it before it is touched: what
is missing, or takes other parameters, is named.
"""

import importlib
import importlib.metadata
import inspect
import os
import sys

from emulator import credentials, gateway, invocations, logs, permissions, queues
from emulator.patch import Patch

TABLE = [*invocations.TABLE, *gateway.TABLE, *credentials.TABLE, *permissions.TABLE, *queues.TABLE, *logs.TABLE]


def problems():
    found = []
    for entry in TABLE:
        place = f"{entry.module}.{entry.name}"
        try:
            module = importlib.import_module(f"ministack.{entry.module}")
        except ImportError as error:
            found.append(f"{place}: {error}")
            continue
        original = getattr(module, entry.name, None)
        if original is None:
            found.append(f"{place} is not there")
        elif isinstance(entry, Patch):
            parameters = tuple(inspect.signature(original).parameters)
            if parameters != entry.parameters:
                found.append(f"{place} takes ({', '.join(parameters)}), not ({', '.join(entry.parameters)})")
            if entry.also and entry.also[1] not in getattr(module, entry.also[0], {}):
                found.append(f"{entry.module}.{entry.also[0]} has no {entry.also[1]}")
    return found


def explain(found):
    """For a person: what does not fit, and the way out."""
    version, pinned = importlib.metadata.version("ministack"), os.environ.get("EMULATOR_VERSION", "another version")
    lines = "\n".join(f"  {line}" for line in found)
    return (f"the emulator ministack {version} can't be used, the stack is made for {pinned}:\n{lines}\n"
            "`make install` installs the version that scripts/requirements.txt pins")


def apply():
    version, pinned = importlib.metadata.version("ministack"), os.environ.get("EMULATOR_VERSION")
    if pinned and version != pinned:
        print(f"ministack {version} is not the version that the stack is tested with, {pinned}; all that is patched is there",
              file=sys.stderr)
    for entry in TABLE:
        if isinstance(entry, Patch):
            module = importlib.import_module(f"ministack.{entry.module}")
            replacement = entry.make(getattr(module, entry.name))
            setattr(module, entry.name, replacement)
            if entry.also:
                getattr(module, entry.also[0])[entry.also[1]] = replacement
