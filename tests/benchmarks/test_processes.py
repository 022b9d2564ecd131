"""What processes cost, read of this very process and a child of it."""

import os
import subprocess
import sys

from benchmarks.machine import circumstances
from benchmarks.processes import (
    cpu_seconds,
    family_cpu_seconds,
    family_memory_bytes,
    family_of,
    memory_bytes,
)


def test_a_child_belongs_to_the_family_of_its_parent() -> None:
    child = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    try:
        assert child.pid in family_of(os.getpid())
        assert family_of(child.pid) == (child.pid,)
    finally:
        child.communicate(b"\n")


def test_work_costs_cpu_time_and_memory() -> None:
    before = cpu_seconds(os.getpid())
    held = b"x" * (64 << 20)
    sum(range(5_000_000))
    assert cpu_seconds(os.getpid()) > before
    assert family_cpu_seconds(os.getpid()) >= cpu_seconds(os.getpid())
    assert memory_bytes(os.getpid())["VmRSS"] > len(held)


def test_processes_that_share_the_pages_of_files_need_less_together_than_each_alone() -> None:
    child = subprocess.Popen(
        [sys.executable, "-c", "print(flush=True); input()"], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    try:
        assert child.stdout is not None
        child.stdout.readline()  # now it is a Python, no longer a process about to become one
        family = (os.getpid(), child.pid)
        alone = [memory_bytes(member)["VmRSS"] for member in family]
        assert max(alone) < family_memory_bytes(family) < sum(alone)
    finally:
        child.communicate(b"\n")


def test_a_process_that_is_gone_costs_nothing() -> None:
    gone = subprocess.Popen([sys.executable, "-c", ""])
    gone.wait()
    assert (cpu_seconds(gone.pid), memory_bytes(gone.pid)) == (0.0, {})


def test_the_circumstances_name_no_machine() -> None:
    told = str(circumstances())
    assert os.uname().nodename not in told
    assert "/" not in told.replace("://", "")
