"""What changed between two versions of a message's JSON Schema, and whether it may go out under the same name.

Messages outlive a release: they wait in outboxes and topics, and services are upgraded one after another. So
inside a version (``.v1``) a new service must understand old messages and an old service must understand new
ones. What breaks either of the two needs a new topic (``.v2``).
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

Schema = Mapping[str, Any]

_NOTHING: Schema = {}
# What decides which values are valid and cannot be compared as narrower or wider.
_OPAQUE = ("const", "pattern", "format", "default", "additionalProperties")
_LOWER_BOUNDS = ("minimum", "exclusiveMinimum", "minLength", "minItems", "minProperties")
_UPPER_BOUNDS = ("maximum", "exclusiveMaximum", "maxLength", "maxItems", "maxProperties")
_ABSENT = object()


class Effect(StrEnum):
    """What a change asks of those who run the services."""

    BREAKING = "breaking"
    """Needs a new topic."""
    CONSUMERS_FIRST = "consumers first"
    """Allowed: upgrade every consumer before the producer says the new value."""
    HARMLESS = "harmless"
    """Allowed in any order: a field that may be absent and that old consumers ignore."""


@dataclass(frozen=True, slots=True)
class Change:
    """One difference: where in the message (``data.acts[].reason``), what, and its effect."""

    path: str
    text: str
    effect: Effect

    def __str__(self) -> str:
        return f"{self.path or 'message'}: {self.text} ({self.effect})"


def breaking_changes(old: Schema, new: Schema) -> list[str]:
    """The differences that forbid publishing ``new`` under the name of ``old``, in words; empty when none."""
    return [str(change) for change in changes(old, new) if change.effect is Effect.BREAKING]


def changes(old: Schema, new: Schema) -> list[Change]:
    """Every difference between two JSON Schemas of a whole message (2020-12, ``$defs`` resolved)."""
    return list(_Comparison(old, new).nodes("", old, new))


@dataclass(frozen=True, slots=True)
class _Comparison:
    """Walks two schemas side by side; keeps their roots, where ``$ref`` points into."""

    old_root: Schema
    new_root: Schema

    def nodes(self, path: str, old: Schema, new: Schema) -> Iterator[Change]:
        old, new = _resolved(self.old_root, old), _resolved(self.new_root, new)
        old_kinds, new_kinds = _alternatives(self.old_root, old), _alternatives(self.new_root, new)
        for kind in sorted(old_kinds.keys() - new_kinds.keys()):
            yield Change(path, f"type {kind} is no longer allowed", Effect.BREAKING)
        for kind in sorted(new_kinds.keys() - old_kinds.keys()):
            yield Change(path, f"type {kind} is new; old consumers cannot read it", Effect.BREAKING)
        yield from _opaque(path, old, new)
        for kind in sorted(old_kinds.keys() & new_kinds.keys()):
            yield from self._same_kind(path, old_kinds[kind], new_kinds[kind])

    def _same_kind(self, path: str, old: Schema, new: Schema) -> Iterator[Change]:
        if "anyOf" in old or "anyOf" in new:
            yield from self.nodes(path, old, new)
            return
        yield from _opaque(path, old, new)
        yield from _enum(path, old, new)
        yield from _bounds(path, old, new)
        yield from self._properties(path, old, new)
        if "items" in old or "items" in new:
            yield from self.nodes(f"{path}[]", old.get("items", _NOTHING), new.get("items", _NOTHING))

    def _properties(self, path: str, old: Schema, new: Schema) -> Iterator[Change]:
        old_fields: Schema = old.get("properties", _NOTHING)
        new_fields: Schema = new.get("properties", _NOTHING)
        old_required, new_required = set(old.get("required", ())), set(new.get("required", ()))
        for name in sorted(old_fields.keys() | new_fields.keys()):
            at = f"{path}.{name}" if path else name
            if name not in new_fields:
                yield Change(at, "removed", Effect.BREAKING)
            elif name not in old_fields:
                required = name in new_required
                yield Change(
                    at,
                    "new and required; old messages lack it" if required else "new and optional",
                    Effect.BREAKING if required else Effect.HARMLESS,
                )
            else:
                if name in new_required - old_required:
                    yield Change(at, "now required; old messages may lack it", Effect.BREAKING)
                if name in old_required - new_required:
                    yield Change(at, "no longer required; old consumers need it", Effect.BREAKING)
                yield from self.nodes(at, old_fields[name], new_fields[name])


def _resolved(root: Schema, node: Schema) -> Schema:
    """A node with its ``$ref`` (``#/$defs/Name``) replaced by what it refers to; siblings of it stay."""
    while "$ref" in node:
        target: Schema = root["$defs"][str(node["$ref"]).removeprefix("#/$defs/")]
        node = {**target, **{key: value for key, value in node.items() if key != "$ref"}}
    return node


def _alternatives(root: Schema, node: Schema) -> dict[str, Schema]:
    """The kinds of value a node allows; a second alternative of the same type gets its own number."""
    found: dict[str, Schema] = {}
    for option in node.get("anyOf", (node,)):
        resolved = _resolved(root, option)
        kind = str(resolved.get("type", "any"))
        count = sum(1 for known in found if known.split(" ")[0] == kind)
        found[f"{kind} #{count + 1}" if count else kind] = resolved
    return found


def _opaque(path: str, old: Schema, new: Schema) -> Iterator[Change]:
    for word in _OPAQUE:
        if old.get(word, _ABSENT) != new.get(word, _ABSENT):
            yield Change(path, f"{word} changed", Effect.BREAKING)


def _enum(path: str, old: Schema, new: Schema) -> Iterator[Change]:
    if ("enum" in old) != ("enum" in new):
        yield Change(path, "enum appeared or disappeared", Effect.BREAKING)
        return
    before, after = set(old.get("enum", ())), set(new.get("enum", ()))
    for value in sorted(before - after):
        yield Change(path, f"enum value {value} removed", Effect.BREAKING)
    for value in sorted(after - before):
        yield Change(path, f"enum value {value} added", Effect.CONSUMERS_FIRST)


def _bounds(path: str, old: Schema, new: Schema) -> Iterator[Change]:
    for words, sign in ((_LOWER_BOUNDS, 1), (_UPPER_BOUNDS, -1)):
        for word in words:
            before, after = old.get(word), new.get(word)
            if before == after:
                continue
            narrower = before is None or (after is not None and (after - before) * sign > 0)
            effect = Effect.BREAKING if narrower else Effect.CONSUMERS_FIRST
            yield Change(path, f"{word} {'narrowed' if narrower else 'widened'}", effect)
