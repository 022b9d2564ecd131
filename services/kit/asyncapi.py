"""AsyncAPI 3.0: what each service hears and says, read from the services themselves.

``python -m services.kit.asyncapi``          writes docs/asyncapi/<service>.json
``python -m services.kit.asyncapi --check``  writes nothing; exit code 1 when a document is not current

Hearing is read from the handlers of ``services.<name>.app.SERVICE``, saying from the calls of ``publish`` in
the service's code: so a forgotten handler and an event nobody says show in the documents, and a test
compares them with the topic table. Why not FastStream's own: docs/adr (one subscriber of raw bytes).
"""

import argparse
import ast
import importlib
import inspect
import json
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from contracts import topics
from contracts.generate import json_text
from contracts.topics import BY_NAME, DeadLetterTopic, ServiceName, Topic, dead_letters_of
from services.kit.consumer import Handler, group_of
from services.kit.kafka import DAY_MS
from services.kit.service import Service

SERVICES = Path(__file__).parent.parent
DOCUMENTS = SERVICES.parent / "docs" / "asyncapi"
SCHEMAS = "../../contracts/schemas"
CLOUD_EVENT = "application/cloudevents+json"
BINDING_VERSION = "0.5.0"

Document = dict[str, Any]


class UnreadablePublish(Exception):
    """A call of ``publish`` whose first argument is not a topic of the table; says where."""


def load(name: ServiceName) -> Service:
    """The Service value of a service; imported by name, because the kit stands below the services."""
    return importlib.import_module(f"services.{name}.app").SERVICE


def said_in(folder: Path) -> tuple[Topic[Any], ...]:
    """The topics a service's code publishes: the first argument of every ``….publish(…)``, by name."""
    said = {
        topic
        for path in sorted(folder.rglob("*.py"))
        for topic in _published(path, ast.parse(path.read_text(encoding="utf-8")))
    }
    return tuple(topic for topic in topics.TOPICS if topic in said)


def _published(path: Path, tree: ast.Module) -> Iterator[Topic[Any]]:
    for call in ast.walk(tree):
        if not (isinstance(call, ast.Call) and isinstance(call.func, ast.Attribute)):
            continue
        if call.func.attr != "publish":
            continue
        word = ast.unparse(call.args[0]).removeprefix("topics.") if call.args else ""
        topic = getattr(topics, word, None) if word.isidentifier() else None
        if not isinstance(topic, Topic):
            raise UnreadablePublish(f"{path.name}:{call.lineno}: publish names no topic of the table")
        yield topic


def document(service: Service, said: Iterable[Topic[Any]]) -> Document:
    """The AsyncAPI 3.0 document of one service."""
    said, heard = tuple(said), service.handlers
    used = [topic for topic in topics.TOPICS if topic in heard or topic in said]
    dead = dead_letters_of(service.name)
    operations = {f"receive {topic.name}": _receive(service, topic, heard[topic]) for topic in heard}
    operations |= {f"send {topic.name}": _operation("send", topic.name) for topic in said}
    operations |= {f"send {dead.name}": _operation("send", dead.name)}
    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": f"xuewei {service.name}",
            "version": "1",
            "description": service.title_zh or service.name.value,
        },
        "defaultContentType": CLOUD_EVENT,
        "channels": {topic.name: _channel(topic, topic.about) for topic in used}
        | {dead.name: _channel(dead, "死信: original bytes of messages this service could not handle")},
        "operations": dict(sorted(operations.items())),
        "components": {
            "messages": {topic.name: _message(topic) for topic in used} | {dead.name: _dead_letter(dead)}
        },
    }


def _channel(topic: Topic[Any] | DeadLetterTopic, about: str) -> Document:
    return {
        "address": topic.name,
        "description": about,
        "messages": {topic.name: {"$ref": f"#/components/messages/{topic.name}"}},
        "bindings": {
            "kafka": {
                "topic": topic.name,
                "partitions": topic.partitions,
                "topicConfiguration": {
                    "cleanup.policy": ["delete"],
                    "retention.ms": topic.retention_days * DAY_MS,
                },
                "bindingVersion": BINDING_VERSION,
            }
        },
    }


def _operation(action: str, name: str) -> Document:
    return {
        "action": action,
        "channel": {"$ref": f"#/channels/{name}"},
        "messages": [{"$ref": f"#/channels/{name}/messages/{name}"}],
    }


def _receive(service: Service, topic: Topic[Any], handler: Handler) -> Document:
    summary = (inspect.getdoc(handler) or topic.about).splitlines()[0]
    group = {"groupId": {"type": "string", "enum": [group_of(service.name)]}}
    return {
        **_operation("receive", topic.name),
        "summary": summary,
        "bindings": {"kafka": {**group, "bindingVersion": BINDING_VERSION}},
    }


def _message(topic: Topic[Any]) -> Document:
    return {
        "name": topic.name,
        "title": topic.payload.__name__,
        "summary": topic.about,
        "contentType": CLOUD_EVENT,
        "payload": {
            "schemaFormat": "application/schema+json;version=2020-12",
            "schema": {"$ref": f"{SCHEMAS}/{topic.name}.json"},
        },
        "bindings": {
            "kafka": {
                "key": {"type": "string", "description": f"`data.{topic.key}`, as in `subject`"},
                "bindingVersion": BINDING_VERSION,
            }
        },
    }


def _dead_letter(dead: DeadLetterTopic) -> Document:
    key = {"type": "string", "description": "the original key"}
    return {
        "name": dead.name,
        "contentType": "application/octet-stream",
        "bindings": {"kafka": {"key": key, "bindingVersion": BINDING_VERSION}},
    }


def operations_in(path: Path, action: str) -> set[str]:
    """The topics a committed document sends to or receives from (dead letters apart)."""
    committed: Document = json.loads(path.read_text(encoding="utf-8"))
    addresses = {
        committed["channels"][str(operation["channel"]["$ref"]).removeprefix("#/channels/")]["address"]
        for operation in committed["operations"].values()
        if operation["action"] == action
    }
    return addresses & BY_NAME.keys()


def main(arguments: list[str] | None = None) -> int:
    """The command; 0 when every document is current (or was written), else 1 with their names on stderr."""
    parser = argparse.ArgumentParser(prog="python -m services.kit.asyncapi", description=__doc__)
    parser.add_argument("--check", action="store_true", help="write nothing, fail when not current")
    check = parser.parse_args(arguments).check
    stale: list[str] = []
    for name in ServiceName:
        text = json_text(document(load(name), said_in(SERVICES / name)))
        path = DOCUMENTS / f"{name}.json"
        if path.is_file() and path.read_text(encoding="utf-8") == text:
            continue
        if check:
            stale.append(path.name)
        else:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
    for each in stale:
        sys.stderr.write(f"docs/asyncapi/{each} is not current; run python -m services.kit.asyncapi\n")
    return 1 if stale else 0


if __name__ == "__main__":
    sys.exit(main())
