"""A domain never waits, never reads the clock, never knows Kafka, HTTP or SQL: it gets and returns values."""

import ast
import sys
from pathlib import Path

import pytest

from contracts.topics import ServiceName

PROJECT = Path(__file__).parent.parent
IMPURE = {
    *("asyncio", "concurrent", "http", "logging", "multiprocessing", "os", "random", "secrets", "select"),
    *("selectors", "signal", "smtplib", "socket", "sqlite3", "ssl", "subprocess", "tempfile", "threading"),
    *("time", "urllib", "shutil", "sched", "queue"),
}
VALUES = {"contracts", "polars"}
"""Besides the standard library: the shared words, and tables as values (docs/adr/0023)."""
STORES = ("scan_", "sink_", "write_")
CLOCKS = {"now", "utcnow", "today"}


def modules_of(service):
    """A domain is one module or a package of them."""
    folder = PROJECT / "services" / service
    return sorted([*folder.glob("domain.py"), *folder.glob("domain/**/*.py")])


ALL = [(service, path) for service in ServiceName for path in modules_of(service)]


def is_allowed(module, service):
    top = module.split(".")[0]
    if top in sys.stdlib_module_names:
        return top not in IMPURE
    return top in VALUES or f"{module}.".startswith(f"services.{service}.domain.")


def imported(node, service):
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names]
    if isinstance(node, ast.ImportFrom):
        if node.module == f"services.{service}":
            return [f"{node.module}.{alias.name}" for alias in node.names]
        return ["." * node.level + (node.module or "")]
    return []


def faults_of(tree, service):
    """What a domain module does that a domain never does, with the line."""
    for node in ast.walk(tree):
        for module in imported(node, service):
            if not is_allowed(module, service):
                yield f"line {node.lineno}: imports {module}"
        if isinstance(node, ast.AsyncFunctionDef | ast.Await | ast.AsyncFor | ast.AsyncWith):
            yield f"line {node.lineno}: waits"
        if isinstance(node, ast.Call):
            called = node.func
            if isinstance(called, ast.Attribute) and called.attr in CLOCKS:
                yield f"line {node.lineno}: reads the clock"
            if isinstance(called, ast.Attribute) and called.attr.startswith(STORES):
                yield f"line {node.lineno}: {called.attr}()"
            if isinstance(called, ast.Name) and called.id in {"open", "print", "input"}:
                yield f"line {node.lineno}: {called.id}()"


def test_every_service_has_a_domain():
    assert {service for service, _ in ALL} == set(ServiceName)


@pytest.mark.parametrize(("service", "path"), ALL, ids=lambda value: getattr(value, "stem", str(value)))
def test_a_domain_gets_values_and_returns_values(service, path):
    assert list(faults_of(ast.parse(path.read_text(encoding="utf-8")), service)) == []


@pytest.mark.parametrize(
    "line",
    [
        "import asyncpg",
        "from services.kit import work",
        "from services.collector import store",
        "from services.collector.store import load_batch",
        "from services.notifier.domain import ladder",
        "from . import store",
        "import time",
        "async def f(): pass",
        "x = datetime.now(UTC)",
        "x = date.today()",
        "open('x')",
        "pl.scan_parquet('x')",
        "frame.write_csv('x')",
    ],
)
def test_a_planted_fault_is_found(line):
    assert list(faults_of(ast.parse(line), "collector"))


@pytest.mark.parametrize(
    "line",
    [
        "from dataclasses import dataclass",
        "from contracts.deadlines import due_date",
        "import polars as pl",
        "from services.collector.domain import states",
        "from services.collector.domain.states import State",
        "def decide(now): return now.date()",
    ],
)
def test_what_a_domain_may_do_is_not_a_fault(line):
    assert list(faults_of(ast.parse(line), "collector")) == []
