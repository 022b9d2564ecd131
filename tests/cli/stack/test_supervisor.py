"""The supervisor, over stand-in children: starts in order, restarts what falls, tells clearly, leaves nothing behind."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest

from cli.stack import Stack, StackExit, StackFailedError
from cli.stack.layout import FolderUnusableError
from cli.stack.state import ChildStatus, StackStatus

COMMAND = [sys.executable, str(Path(__file__).with_name("stand_in_stack.py"))]


def _is_alive(process_id: int) -> bool:
    stat = Path(f"/proc/{process_id}/stat")
    try:
        return stat.read_text().rsplit(")", 1)[1].split()[0] not in "ZX"
    except (FileNotFoundError, ProcessLookupError):
        return False


def _all_end(process_ids: set[int], seconds: float = 10) -> bool:
    deadline = time.monotonic() + seconds
    while any(_is_alive(each) for each in process_ids) and time.monotonic() < deadline:
        time.sleep(0.02)
    return not any(_is_alive(each) for each in process_ids)


def _processes(stack: Stack) -> set[int]:
    helper = int((stack.folder.path / "helper.pid").read_text())
    children = {child.process_id for child in stack.state.children.values()}
    return {helper, *(each for each in children if each is not None)}


@pytest.fixture
def stack(tmp_path: Path) -> Iterator[Stack]:
    stack = Stack(tmp_path / "stack", command=COMMAND)
    yield stack
    stack.stop()


def test_every_child_answers_when_it_is_up_and_is_gone_when_it_is_down(stack: Stack) -> None:
    stack.start()
    assert stack.state.status is StackStatus.READY
    for name in ("store", "broker", "worker"):
        assert httpx.get(stack.url(name), trust_env=False).status_code == 200
    processes = _processes(stack)
    assert len(processes) == 4
    stack.stop()
    assert not any(_is_alive(each) for each in processes)
    assert (stack.is_running, stack.state.status) == (False, StackStatus.STOPPED)
    stack.stop()


def test_what_needs_others_starts_after_them(stack: Stack) -> None:
    stack.start()
    born = {
        name: Path(f"/proc/{child.process_id}").stat().st_ctime_ns
        for name, child in stack.state.children.items()
    }
    assert born["worker"] == max(born.values())


def test_a_killed_child_is_started_again_alone(stack: Stack) -> None:
    stack.start()
    before = {name: child.process_id for name, child in stack.state.children.items()}
    killed = stack.kill_child("worker")
    stack.wait_until_replaced("worker", killed)
    after = stack.state.children
    assert (after["store"].process_id, after["broker"].process_id) == (before["store"], before["broker"])
    assert after["worker"].restarts == 1
    assert httpx.get(stack.url("worker"), trust_env=False).status_code == 200


def test_a_killed_child_takes_along_what_it_had_started(stack: Stack) -> None:
    stack.start()
    helper = int((stack.folder.path / "helper.pid").read_text())
    stack.wait_until_replaced("worker", stack.kill_child("worker"))
    assert _all_end({helper})


def test_what_falls_with_the_broker_is_started_again_after_it(stack: Stack) -> None:
    stack.start()
    before = stack.state.children
    stack.kill_child("broker")
    assert before["worker"].process_id is not None
    stack.wait_until_replaced("worker", before["worker"].process_id)
    after = stack.state.children
    assert after["broker"].process_id != before["broker"].process_id
    assert after["store"].process_id == before["store"].process_id
    assert (after["broker"].restarts, after["worker"].restarts) == (1, 0)


def test_a_child_can_be_held_and_released(stack: Stack) -> None:
    stack.start()
    stack.hold("worker")
    assert stack.state.children["worker"].status is ChildStatus.HELD
    with pytest.raises(httpx.ConnectError):
        httpx.get(stack.url("worker"), trust_env=False)
    stack.release("worker")
    assert httpx.get(stack.url("worker"), trust_env=False).status_code == 200
    assert stack.state.children["worker"].restarts == 0


def test_a_killed_supervisor_leaves_no_child(stack: Stack) -> None:
    stack.start()
    processes = _processes(stack)
    os.kill(stack.state.supervisor_process_id, signal.SIGKILL)
    helper = int((stack.folder.path / "helper.pid").read_text())
    assert _all_end(processes - {helper})
    os.kill(helper, signal.SIGKILL)  # a grandchild is its parent's to tie; this stand-in does not
    assert not stack.is_running
    stack.start()
    assert stack.state.status is StackStatus.READY


def test_a_killed_runner_leaves_neither_supervisor_nor_children(tmp_path: Path) -> None:
    script = "import sys; from pathlib import Path; from cli.stack import Stack\n"
    script += (
        "Stack(Path(sys.argv[1]), command=sys.argv[2:]).start(); print('up', flush=True); sys.stdin.read()"
    )
    command = [sys.executable, "-c", script, str(tmp_path), *COMMAND]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as runner:
        assert runner.stdout is not None
        assert runner.stdout.readline() == b"up\n"
        stack = Stack(tmp_path)
        processes = {*_processes(stack), stack.state.supervisor_process_id}
        runner.kill()
    assert _all_end(processes)


def test_a_second_stack_in_the_same_folder_is_told_about_the_first(stack: Stack) -> None:
    stack.start()
    with pytest.raises(StackFailedError, match=r"already running .*process \d+.*xuewei down") as refused:
        Stack(stack.folder.path, command=COMMAND).start()
    assert refused.value.exit_code is StackExit.ALREADY_RUNNING
    assert stack.state.status is StackStatus.READY


def test_a_child_that_will_not_start_is_named_with_the_end_of_its_log(stack: Stack) -> None:
    stack.folder.path.mkdir()
    (stack.folder.path / "broken-worker").touch()
    with pytest.raises(StackFailedError) as refused:
        stack.start()
    told = str(refused.value)
    assert "worker ended with exit code 1" in told
    assert "worker cannot open its book" in told
    assert str(stack.folder.log_path("worker")) in told
    assert refused.value.exit_code is StackExit.FAILED
    assert not stack.is_running
    assert all(child.process_id is None for child in stack.state.children.values())


def test_a_child_that_cannot_be_prepared_is_named(stack: Stack) -> None:
    stack.folder.path.mkdir()
    (stack.folder.path / "unprepared").touch()
    with pytest.raises(StackFailedError, match=r"^(store|broker) could not be .*: the book has no pages"):
        stack.start()
    assert not stack.is_running


def test_a_folder_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(
        FolderUnusableError, match=f"cannot keep a stack in {tmp_path / 'file' / 'stack'}: Not a dir"
    ):
        Stack(tmp_path / "file" / "stack", command=COMMAND).start()


def test_the_state_and_the_logs_are_for_their_owner_only(stack: Stack) -> None:
    stack.start()
    private = [stack.folder.state_path, *stack.folder.logs.iterdir()]
    assert len(private) == 5
    assert {path.stat().st_mode & 0o077 for path in private} == {0}


def test_the_clock_of_a_stack_is_moved_and_reset(stack: Stack) -> None:
    stack.folder.make()
    stack.move_clock(timedelta(days=31))
    shown = stack.move_clock(timedelta(hours=-1))
    assert abs(shown - datetime.now(UTC) - timedelta(days=31, hours=-1)) < timedelta(seconds=5)
    assert float(stack.folder.clock_offset_path.read_text()) == 31 * 86400 - 3600
    assert abs(stack.reset_clock() - datetime.now(UTC)) < timedelta(seconds=5)
