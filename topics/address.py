"""Where a broker is: `host:port`, several separated by commas."""

from __future__ import annotations

from topics.errors import Unreachable


def checked(address: str) -> str:
    """The address itself, if each part is `host:port` or `host`. Raises `Unreachable`."""
    for part in address.split(","):
        host, colon, port = part.strip().rpartition(":")
        if not part.strip() or (colon and (not host or not port.isascii() or not port.isdigit() or int(port) > 65535)):
            raise Unreachable(address, f"{part.strip()!r} is not host:port")
    return address
