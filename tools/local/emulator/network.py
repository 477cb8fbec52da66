"""The emulator calls nobody beyond this machine.

Subscriptions of topics, integrations of APIs and destinations of events may name any URL. An audit hook sees every connection
and every look-up of a name, whichever library makes it.
"""

import ipaddress
import socket
import sys

CONNECTS = {"socket.connect", "socket.sendto", "socket.sendmsg"}


class NotLoopback(ConnectionRefusedError):
    """A call that would have left this machine."""


def is_loopback(host):
    if isinstance(host, bytes):
        host = host.decode("ascii", "replace")
    name = host.rstrip(".").lower()
    if name in ("", "localhost") or name.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(name.split("%")[0]).is_loopback
    except ValueError:
        return False


def allow_loopback_only():
    def hook(event, arguments):
        if event in CONNECTS:
            connection, address = arguments[0], arguments[1]
            if getattr(connection, "family", None) in (socket.AF_INET, socket.AF_INET6) and address:
                host = address[0]
            else:
                return
        elif event == "socket.getaddrinfo":
            # A server that is to listen on every interface asks for no name.
            host = arguments[0]
            if host is None:
                return
        else:
            return
        if not is_loopback(host):
            print(f"refused: a call to {host!r}, which is not on this machine", file=sys.stderr)
            raise NotLoopback(f"the local stack calls loopback only, not {host!r}")

    sys.addaudithook(hook)
