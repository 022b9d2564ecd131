"""`xuewei up`, `down`, `status`, `clock` at the terminal: what they say and their exit codes."""

import json
import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from cli.main import COMMANDS
from cli.stack import Stack, StackExit

STAND_INS = [sys.executable, str(Path(__file__).with_name("stand_in_stack.py"))]


def _xuewei(*words: str | Path, cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "cli.main", *map(str, words)]
    environment = os.environ | {"PYTHONPATH": str(Path(__file__).parents[3])}
    return subprocess.run(
        command, capture_output=True, text=True, timeout=120, check=False, cwd=cwd, env=environment
    )


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    with Stack(tmp_path_factory.mktemp("commands") / "stack", command=STAND_INS) as stack:
        yield stack


def test_without_a_word_it_lists_its_commands() -> None:
    told = _xuewei()
    assert told.returncode == 2
    assert all(command.word in told.stdout and command.about_zh in told.stdout for command in COMMANDS)
    assert _xuewei("--help").returncode == 0


def test_a_command_that_is_none_is_told() -> None:
    told = _xuewei("upp")
    assert (told.returncode, told.stdout) == (2, "")
    assert "there is no command upp" in told.stderr


@pytest.mark.parametrize("word", [command.word for command in COMMANDS])
def test_every_command_explains_itself(word: str) -> None:
    assert f"xuewei {word}" in _xuewei(word, "--help").stdout


def test_status_shows_every_child_with_its_process_and_address(running: Stack) -> None:
    told = _xuewei("status", "--folder", running.folder.path)
    assert told.returncode == StackExit.DONE
    for name, child in running.state.children.items():
        (line,) = [line for line in told.stdout.splitlines() if line.split()[0] == name]
        assert f"process {child.process_id}" in line
        assert running.url(name) in line


def test_status_for_programs_has_no_secrets(running: Stack) -> None:
    shown = json.loads(_xuewei("status", "--json", "--folder", running.folder.path).stdout)
    assert shown["status"] == "ready"
    assert not {"databases", "client_secrets"} & set(shown)


def test_the_clock_is_shown_moved_and_reset(running: Stack) -> None:
    folder = ("--folder", running.folder.path)
    assert "31 days, 0:00:00 from real time" in _xuewei("clock", "+31d", *folder).stdout
    assert "31 days, 0:00:00 from real time" in _xuewei("clock", *folder).stdout
    wrong = _xuewei("clock", "tomorrow", *folder)
    assert (wrong.returncode, "tomorrow is no shift" in wrong.stderr) == (StackExit.WRONG_OPTION, True)
    assert "(0:00:00 from real time" in _xuewei("clock", "--reset", *folder).stdout


@pytest.mark.parametrize("way", ["--foreground", "--detach"])
def test_a_second_up_in_the_same_folder_is_refused_and_hurts_nothing(running: Stack, way: str) -> None:
    told = _xuewei("up", way, "--folder", running.folder.path)
    assert told.returncode == StackExit.ALREADY_RUNNING
    assert "already running" in told.stdout + told.stderr
    assert _xuewei("status", "--folder", running.folder.path).returncode == StackExit.DONE


@pytest.mark.parametrize("way", ["--foreground", "--detach"])
def test_a_taken_port_is_told_before_anything_starts(tmp_path: Path, way: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        told = _xuewei("up", way, "--folder", tmp_path, "--port", f"collector={port}")
    assert told.returncode == StackExit.PORT_TAKEN
    assert f"port {port}, wanted for collector, is taken" in told.stdout + told.stderr
    assert not list((tmp_path / "logs").glob("postgres*"))


@pytest.mark.parametrize("port", ["collector", "collector=x", "collector=70000", "nobody=8001"])
def test_a_port_that_is_none_is_told(tmp_path: Path, port: str) -> None:
    told = _xuewei("up", "--folder", tmp_path, "--port", port)
    assert told.returncode == StackExit.WRONG_OPTION
    assert port.split("=", maxsplit=1)[0] in told.stdout + told.stderr


@pytest.mark.parametrize("way", ["--foreground", "--detach"])
def test_an_unusable_folder_is_told(tmp_path: Path, way: str) -> None:
    (tmp_path / "file").touch()
    told = _xuewei("up", way, "--folder", tmp_path / "file" / "stack")
    assert told.returncode == StackExit.FOLDER_UNUSABLE
    assert "cannot keep a stack in" in told.stdout + told.stderr


def test_where_no_stack_runs_status_and_clock_say_so_and_down_has_nothing_to_do(tmp_path: Path) -> None:
    for word in ("status", "clock"):
        told = _xuewei(word, cwd=tmp_path)
        assert told.returncode == StackExit.NOT_RUNNING
        assert f"no stack is running in {tmp_path / '.xuewei'}" in told.stderr
    assert _xuewei("down", cwd=tmp_path).returncode == StackExit.DONE


def test_down_stops_a_running_stack(tmp_path: Path) -> None:
    stack = Stack(tmp_path, command=STAND_INS).start(outlive=True)
    told = _xuewei("down", "--folder", tmp_path)
    assert (told.returncode, told.stdout) == (StackExit.DONE, "stopped\n")
    assert not stack.is_running
    stack.stop()
