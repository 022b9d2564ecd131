"""The whole embedded stack: real PostgreSQL, broker, issuer, mail catcher and the four services."""

import json
import os
import pwd
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

import asyncpg
import httpx
import pytest

from cli.stack import Stack, StackExit, StackOptions
from cli.stack.kafka import RealKafka
from cli.stack.state import ChildStatus
from contracts.topics import ServiceName
from contracts.vocabulary import Role
from tests.cli.stack.ordinary_user import PYTHON_PATH, python_of_everybody

pytestmark = [pytest.mark.stack, pytest.mark.xdist_group("stack")]  # one stack for the journeys too


def _processes_of(folder: Path) -> set[int]:
    """Every process that was told about this folder, by its command line or its environment."""
    found: set[int] = set()
    for process in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            told = (process / "cmdline").read_bytes() + (process / "environ").read_bytes()
            if str(folder).encode() in told:
                found.add(int(process.name))
    return found - {os.getpid()}


def _wait_until_ready(stack: Stack) -> None:
    ready = {ChildStatus.READY}
    stack.wait_until(
        lambda state: {child.status for child in state.children.values()} == ready, "every child is ready"
    )


def test_every_service_is_ready_and_says_so(stack: Stack) -> None:
    for name in ServiceName:
        answer = httpx.get(f"{stack.url(name)}/health/ready", trust_env=False)
        assert (name, answer.status_code) == (name, 200)


def test_services_take_the_issuers_tokens_and_nothing_else(stack: Stack) -> None:
    reviews = f"{stack.url('provincial_review')}/v1/reviews"
    reviewer = stack.person_token("province:32", Role.REVIEWER)
    accepted = httpx.get(reviews, headers={"Authorization": f"Bearer {reviewer}"}, trust_env=False)
    assert accepted.status_code == 200
    for token, status in ((reviewer[:-8] + "AAAAAAAA", 401), (stack.client_token("unit:10284"), 403)):
        refused = httpx.get(reviews, headers={"Authorization": f"Bearer {token}"}, trust_env=False)
        assert refused.status_code == status


async def test_no_service_can_read_anothers_database(stack: Stack) -> None:
    own = stack.database_url("collector")
    others = own.rsplit("/", 1)[0] + "/notifier"
    connection = await asyncpg.connect(own)
    await connection.close()
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await asyncpg.connect(others)


def test_services_come_back_after_the_database_was_killed(stack: Stack) -> None:
    stack.wait_until_replaced("postgres", stack.kill_child("postgres"))
    _wait_until_ready(stack)


def test_services_come_back_after_the_broker_was_killed(stack: Stack) -> None:
    before = {name: stack.state.children[name].process_id for name in ServiceName}
    stack.wait_until_replaced("broker", stack.kill_child("broker"))
    for name, process_id in before.items():
        assert process_id is not None
        stack.wait_until_replaced(name, process_id)
    _wait_until_ready(stack)


def test_no_secret_is_in_a_log(stack: Stack) -> None:
    passwords = json.loads((stack.folder.path / "database-passwords.json").read_text()).values()
    superuser = (stack.folder.path / "postgres" / "superuser.password").read_text()
    secrets = [*passwords, superuser, *stack.state.client_secrets.values()]
    for log in stack.folder.logs.iterdir():
        text = log.read_text(errors="replace")
        assert not [secret for secret in secrets if secret in text], log.name


def _start_in_foreground(folder: Path) -> "subprocess.Popen[str]":
    command = [sys.executable, "-m", "cli.main", "up", "--folder", str(folder)]
    running = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, start_new_session=True)
    assert running.stdout is not None
    told: list[str] = []
    while "the stack is ready" not in "".join(told[-1:]):
        told.append(running.stdout.readline())
        assert told[-1], told
    assert len(_processes_of(folder)) >= 9
    return running


def test_a_killed_supervisor_and_then_ctrl_c_leave_nothing_behind(session_folder: Path) -> None:
    folder = session_folder / "foreground"
    with _start_in_foreground(folder) as killed:
        killed.kill()
        killed.communicate(timeout=60)
    deadline = time.monotonic() + 30
    while _processes_of(folder) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert _processes_of(folder) == set()
    with _start_in_foreground(folder) as interrupted:
        os.killpg(interrupted.pid, signal.SIGINT)  # what a terminal does on Ctrl-C
        interrupted.communicate(timeout=60)
    assert interrupted.returncode == StackExit.DONE
    assert _processes_of(folder) == set()


@pytest.mark.kafka
def test_the_same_services_run_on_a_real_kafka(real_kafka: RealKafka, session_folder: Path) -> None:
    with Stack(
        session_folder / "on-kafka", StackOptions(kafka=real_kafka.bootstrap, throwaway=True)
    ) as stack:
        assert "broker" not in stack.state.children
        assert stack.url("kafka") == real_kafka.bootstrap
        _wait_until_ready(stack)


def test_an_ordinary_user_starts_and_stops_it(session_folder: Path) -> None:
    home = session_folder / "home"
    home.mkdir()
    user_id = os.geteuid() or pwd.getpwnam("nobody").pw_uid
    os.chown(home, user_id, -1)

    def xuewei(*words: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [python_of_everybody(), "-m", "cli.main", *words],
            user=user_id,
            cwd=home,
            env=os.environ | {"PYTHONPATH": PYTHON_PATH, "HOME": str(home)},
            capture_output=True,
            text=True,
            timeout=150,
            check=False,
        )

    up = xuewei("up", "--detach")
    try:
        assert (up.returncode, up.stderr) == (StackExit.DONE, "")
        processes = _processes_of(home)
        assert len(processes) >= 9
        assert {Path(f"/proc/{each}").stat().st_uid for each in processes} == {user_id}
        assert xuewei("status").returncode == StackExit.DONE
    finally:
        assert xuewei("down").returncode == StackExit.DONE
    assert _processes_of(home) == set()
