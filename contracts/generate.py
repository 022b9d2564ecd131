"""Writes what is derived from the contracts, and checks that the committed copies are current.

``python -m contracts.generate``            writes schemas and docs/topics.md, adds new lines to the ledgers
``python -m contracts.generate --check``    writes nothing; exit code 1 when something is not current
``python -m contracts.generate --release``  also makes today's schemas the released baseline

A ledger (reasons.released, examples/DIGESTS, schemas/released) only ever grows: what was published once is
never taken back, so a lost or changed line is refused, never rewritten.
"""

import argparse
import hashlib
import json
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from contracts.compatibility import breaking_changes
from contracts.message import Message
from contracts.reasons import REASONS
from contracts.topics import TOPICS, ServiceName, Topic, dead_letters_of
from contracts.vocabulary import Published

CONTRACTS = Path(__file__).parent
PROJECT = CONTRACTS.parent
SCHEMAS = CONTRACTS / "schemas"
RELEASED_SCHEMAS = SCHEMAS / "released"
EXAMPLES = CONTRACTS / "examples"
EXAMPLE_DIGESTS = EXAMPLES / "DIGESTS"
RELEASED_REASONS = CONTRACTS / "reasons.released"
TOPICS_PAGE = PROJECT / "docs" / "topics.md"

_ALWAYS_SAID = ("specversion", "id", "source", "type", "subject", "time", "datacontenttype", "data")


def message_type(topic: Topic[Published]) -> type[Message[Published]]:
    """The model of a whole message on a topic: envelope and payload."""
    return Message.__class_getitem__(topic.payload)  # pyright: ignore[reportReturnType]


def schema_of(topic: Topic[Published]) -> dict[str, Any]:
    """The JSON Schema (2020-12) of a whole message on a topic.

    It says what a consumer accepts; besides, every attribute of the envelope that a sender always writes is
    required, and ``type`` is the topic's name.
    """
    schema = message_type(topic).model_json_schema(mode="validation")
    schema["required"] = list(_ALWAYS_SAID)
    schema["properties"]["type"] = {"const": topic.name, "title": "Type", "type": "string"}
    head = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": f"urn:xuewei:{topic.name}",
        "title": topic.name,
        "description": topic.about,
    }
    return head | {key: value for key, value in schema.items() if key not in head}


def json_text(document: Mapping[str, Any]) -> str:
    """A document as committed: readable, stable, one newline at the end."""
    return json.dumps(document, ensure_ascii=False, indent=2) + "\n"


def topics_page() -> str:
    """docs/topics.md: the table of topics for people."""
    head = "| topic | 说明 | key | said by | heard by | payload | partitions | kept (days) |"
    rows = [
        f"| [{t.name}](../contracts/schemas/{t.name}.json) | {t.about} | `{t.key}` | {t.producer} "
        f"| {', '.join(sorted(t.consumers))} | `{t.payload.__name__}` | {t.partitions} | {t.retention_days} |"
        for t in TOPICS
    ]
    dead = [dead_letters_of(service) for service in ServiceName]
    rows += [
        f"| {t.name} | 死信 | original key | {service} | operators | original bytes | {t.partitions} "
        f"| {t.retention_days} |"
        for service, t in zip(ServiceName, dead, strict=True)
    ]
    lines = [
        "# Topics",
        "",
        "Written by `python -m contracts.generate` from `contracts/topics.py`; do not edit.",
        "A topic's name is its message type, its schema and its folder of examples.",
        "",
        head,
        "|---|---|---|---|---|---|---|---|",
        *rows,
    ]
    return "\n".join(lines) + "\n"


def derived() -> dict[Path, str]:
    """Every derived document: where it is committed and what it must say."""
    schemas = {SCHEMAS / f"{topic.name}.json": json_text(schema_of(topic)) for topic in TOPICS}
    return schemas | {TOPICS_PAGE: topics_page()}


def grown(ledger: str, entries: Iterable[str]) -> tuple[str, list[str]]:
    """A ledger with the entries it lacked at its end, and the lines that were published but are gone."""
    lines, now = ledger.splitlines(), list(entries)
    gone = [line for line in lines if line not in now]
    return "".join(f"{line}\n" for line in [*lines, *(entry for entry in now if entry not in lines)]), gone


def example_digests() -> list[str]:
    """One line per committed example as ``sha256sum`` writes it: digest, two blanks, path."""
    return [
        f"{hashlib.sha256(path.read_bytes()).hexdigest()}  {path.relative_to(EXAMPLES).as_posix()}"
        for path in sorted(EXAMPLES.glob("*/*.json"))
    ]


def ledgers() -> dict[Path, list[str]]:
    """Every ledger and the entries it must hold."""
    return {RELEASED_REASONS: list(REASONS), EXAMPLE_DIGESTS: example_digests()}


def broken_promises() -> list[str]:
    """Where today's schemas break the released baseline; a topic that vanished breaks it too."""
    current = {topic.name: schema_of(topic) for topic in TOPICS}
    problems: list[str] = []
    for path in sorted(RELEASED_SCHEMAS.glob("*.json")):
        name = path.stem
        if name not in current:
            problems.append(f"{name}: the topic was released and is gone")
            continue
        released = json.loads(path.read_text(encoding="utf-8"))
        problems += [f"{name}: {change}" for change in breaking_changes(released, current[name])]
    return problems


def _settle(path: Path, text: str, *, check: bool) -> list[str]:
    if path.is_file() and path.read_text(encoding="utf-8") == text:
        return []
    if check:
        return [f"{path.relative_to(PROJECT)} is not current; run python -m contracts.generate"]
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return []


def settle(*, check: bool, release: bool = False) -> list[str]:
    """Writes (or with ``check`` only compares) everything; the problems found, empty when all is well."""
    problems = broken_promises()
    for path, entries in ledgers().items():
        text, gone = grown(path.read_text(encoding="utf-8") if path.is_file() else "", entries)
        problems += [f"{path.relative_to(PROJECT)}: published, now gone or changed: {line}" for line in gone]
        problems += [] if gone else _settle(path, text, check=check)
    for path, text in derived().items():
        problems += _settle(path, text, check=check)
    if release and not problems:
        for topic in TOPICS:
            _settle(RELEASED_SCHEMAS / f"{topic.name}.json", json_text(schema_of(topic)), check=False)
    return problems


def main(arguments: list[str] | None = None) -> int:
    """The command; 0 when all is current and no promise is broken, else 1 with the problems on stderr."""
    parser = argparse.ArgumentParser(prog="python -m contracts.generate", description=__doc__)
    parser.add_argument("--check", action="store_true", help="write nothing, fail when not current")
    parser.add_argument("--release", action="store_true", help="make today's schemas the released baseline")
    chosen = parser.parse_args(arguments)
    problems = settle(check=chosen.check, release=chosen.release)
    for problem in problems:
        sys.stderr.write(f"{problem}\n")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
