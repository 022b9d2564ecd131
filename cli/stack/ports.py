"""Loopback ports: where the embedded stack listens, and nowhere else."""

import errno
import random
import socket

LOOPBACK = "127.0.0.1"
# Below the range Linux gives to outgoing connections: none of those can take a port between choice and use.
_LOWEST, _HIGHEST = 20_000, 31_999
_TRIES = 200


def free_port() -> int:
    """A free loopback port that no other stack of this machine takes while this process lives.

    Not even while nobody listens on it: a killed child finds it again.
    """
    for _ in range(_TRIES):
        port = random.randint(_LOWEST, _HIGHEST)  # noqa: S311 - not a secret
        if not is_port_taken(port) and claim_port(port):
            return port
    raise OSError(errno.EADDRINUSE, f"no free port between {_LOWEST} and {_HIGHEST}")


def free_ports(count: int) -> list[int]:
    """That many different free ports."""
    return sorted(free_port() for _ in range(count))


def claim_port(port: int) -> bool:
    """Claims a port among stacks until this process ends, however it ends; False when one has it already.

    The claim is a name in Linux's abstract socket namespace: like the port itself it belongs to the network
    namespace, needs no file and no user, and goes with the process.
    """
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as claim:
        try:
            claim.bind(f"\0xuewei-port-{port}")
        except OSError as refused:
            if refused.errno == errno.EADDRINUSE:
                return False
            raise
        claim.detach()  # stays open, and is not inherited by children
        return True


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
