"""Loopback ports: where the embedded stack listens, and nowhere else."""

import errno
import random
import socket

LOOPBACK = "127.0.0.1"
# Below the range Linux gives to outgoing connections: none of those can take a port between choice and use.
_LOWEST, _HIGHEST = 20_000, 31_999
_TRIES = 200


def free_port() -> int:
    """A TCP port that is free on loopback at this moment (another process may still take it: be ready to retry)."""
    for _ in range(_TRIES):
        port = random.randint(_LOWEST, _HIGHEST)  # noqa: S311 - not a secret
        if not is_port_taken(port):
            return port
    raise OSError(errno.EADDRINUSE, f"no free port between {_LOWEST} and {_HIGHEST}")


def free_ports(count: int) -> list[int]:
    """That many different free ports."""
    chosen: set[int] = set()
    while len(chosen) < count:
        chosen.add(free_port())
    return sorted(chosen)


def is_port_taken(port: int) -> bool:
    """Whether this loopback port cannot be listened on (somebody does already, or we may not)."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((LOOPBACK, port))
        except OSError as refused:
            if refused.errno in {errno.EADDRINUSE, errno.EACCES}:
                return True
            raise
        return False


def is_listening(port: int, *, patience_seconds: float = 0.2) -> bool:
    """Whether something takes connections on this loopback port."""
    with socket.socket() as probe:
        probe.settimeout(patience_seconds)
        return probe.connect_ex((LOOPBACK, port)) == 0
