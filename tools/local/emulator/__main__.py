"""Checks that the emulator is one that can be patched, patches it, and serves it on a unix socket."""

import sys

from emulator import events, network, patches, server


def main():
    # Before anything of the emulator is imported: what it opens at import time is held to the same rule.
    network.allow_loopback_only()
    problems = patches.problems()
    if problems:
        print(patches.explain(problems), file=sys.stderr)
        return 1
    # Whatever the emulator prints from here on goes to its log: standard output is the events'.
    events.open_channel()
    patches.apply()
    server.serve()
    return 0


if __name__ == "__main__":
    sys.exit(main())
