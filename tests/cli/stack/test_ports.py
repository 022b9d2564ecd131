"""Choosing ports: wanted ones are kept, the others are free and all different."""

import socket
import subprocess
import sys

import pytest

from cli.stack.embedded import PortTakenError, UnknownChildError, choose_ports
from cli.stack.ports import claim_port, free_port, free_ports, is_port_taken


def test_free_ports_are_different_and_below_those_of_outgoing_connections() -> None:
    ports = free_ports(50)
    assert len(set(ports)) == 50
    assert max(ports) < 32_768


def test_a_port_somebody_listens_on_is_taken() -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        assert is_port_taken(other.getsockname()[1])
    assert not is_port_taken(free_port())


def test_a_claimed_port_stays_ours_while_nobody_listens_on_it() -> None:
    """A killed service must find its port again, though another stack starts in the meantime."""
    port = free_port()
    asked = f"from cli.stack.ports import claim_port; print(claim_port({port}), claim_port({port + 20_000}))"
    other = subprocess.run(
        [sys.executable, "-c", asked], capture_output=True, text=True, timeout=60, check=True
    )
    assert other.stdout.split() == ["False", "True"]
    assert claim_port(port + 20_000), "a claim goes with its process"


def test_wanted_ports_are_kept_and_the_others_never_collide_with_them() -> None:
    wanted = {"collector": free_port(), "issuer": free_port()}
    chosen = choose_ports(wanted)
    assert {name: chosen[name] for name in wanted} == wanted
    assert len(set(chosen.values())) == len(chosen) == 9


def test_a_taken_port_and_an_unknown_child_are_refused() -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        with pytest.raises(PortTakenError, match=f"port {port}, wanted for smtp, is taken"):
            choose_ports({"smtp": port})
    with pytest.raises(UnknownChildError, match="there is no child archive"):
        choose_ports({"archive": free_port()})
