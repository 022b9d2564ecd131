"""Loopback ports: where the embedded stack listens, and nowhere else."""

import errno
import socket

LOOPBACK = "127.0.0.1"


def free_port() -> int:
    """A TCP port that is free on loopback at this moment (another process may still take it: be ready to retry)."""
    with socket.socket() as probe:
        probe.bind((LOOPBACK, 0))
        return probe.getsockname()[1]


def is_port_taken(port: int) -> bool:
    """Whether somebody already listens on this loopback port."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((LOOPBACK, port))
        except OSError as refused:
            if refused.errno in {errno.EADDRINUSE, errno.EACCES}:
                return True
            raise
        return False
