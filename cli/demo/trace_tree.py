"""The trace of one batch (受理号) drawn as a tree, from the spans the services wrote as JSON lines."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from rich.markup import escape
from rich.tree import Tree

_COLOURS = {
    "collector": "cyan",
    "provincial-review": "magenta",
    "national-filing": "green",
    "notifier": "yellow",
}
_MARKS = {"SERVER": "⇢", "CONSUMER": "✉", "INTERNAL": "·"}
_PLATFORM = "xuewei-"
_REFUSAL = "Problem"
"""How the services mark a span in which the business said no."""
_STILL_TODAY_MS = 60_000


@dataclass(frozen=True, slots=True)
class Span:
    """One step of a trace: who did what, from when to when, called by which other step."""

    trace_id: str
    span_id: str
    parent_id: str | None
    name: str
    service: str
    kind: str
    began_at: datetime
    ended_at: datetime
    attributes: Mapping[str, Any]
    error: str | None = None

    @property
    def duration_ms(self) -> float:
        """How long it took, in milliseconds."""
        return (self.ended_at - self.began_at) / timedelta(milliseconds=1)


def read_spans(folder: Path, trace_id: str) -> list[Span]:
    """The spans of one trace in all files of a folder, in order of time; a line cut off by a crash is let pass."""
    spans = [
        span
        for path in sorted(folder.glob("*.jsonl"))
        for line in path.read_text("utf-8").splitlines()
        if trace_id in line and (span := _read(line)) is not None and span.trace_id == trace_id
    ]
    return sorted(spans, key=lambda span: span.began_at)


def draw(spans: Sequence[Span], title: str) -> Tree:
    """The tree of a trace. A span whose caller wrote no span itself (the client) hangs at the root."""
    known = {span.span_id for span in spans}
    children: dict[str | None, list[Span]] = {}
    for span in spans:
        parent = span.parent_id if span.parent_id in known else None
        children.setdefault(parent, []).append(span)
    tree = Tree(title, guide_style="dim")
    if spans:
        _hang(tree, None, children, spans[0].began_at)
    return tree


def services_of(spans: Sequence[Span]) -> list[str]:
    """The services that took part, in order of appearance."""
    return list(dict.fromkeys(span.service for span in spans))


def _hang(
    branch: Tree, parent: str | None, children: Mapping[str | None, Sequence[Span]], began_at: datetime
) -> None:
    for span in children.get(parent, ()):
        _hang(branch.add(_label(span, began_at)), span.span_id, children, began_at)


def _label(span: Span, began_at: datetime) -> str:
    colour = _COLOURS.get(span.service, "white")
    after_ms = (span.began_at - began_at) / timedelta(milliseconds=1)
    # The clock of a development stack may have been moved: real time tells nothing there.
    after = f"+{after_ms / 1000:.1f} s" if after_ms < _STILL_TODAY_MS else "later"
    facts = "".join(f" · {fact}" for fact in _facts(span))
    return (
        f"[dim]{_MARKS.get(span.kind, '·')}[/] {escape(span.name)} [{colour}]{span.service}[/] "
        f"{span.duration_ms:.0f} ms[dim] {after}{facts}[/]"
    )


def _facts(span: Span) -> Iterator[str]:
    if "xuewei.records" in span.attributes:
        yield f"{span.attributes['xuewei.records']} records"
    if "http.response.status_code" in span.attributes:
        yield f"HTTP {span.attributes['http.response.status_code']}"
    if span.error is not None:
        yield "refused" if span.error == _REFUSAL else f"failed: {span.error}"


def _read(line: str) -> Span | None:
    try:
        said = json.loads(line)
    except ValueError:
        return None
    return Span(
        trace_id=_hex(said["context"]["trace_id"]),
        span_id=_hex(said["context"]["span_id"]),
        parent_id=_hex(said["parent_id"]) if said.get("parent_id") else None,
        name=said["name"],
        service=str(said["resource"]["attributes"].get("service.name", "")).removeprefix(_PLATFORM),
        kind=str(said.get("kind", "")).removeprefix("SpanKind."),
        began_at=datetime.fromisoformat(said["start_time"]),
        ended_at=datetime.fromisoformat(said["end_time"]),
        attributes=said.get("attributes") or {},
        error=said["status"].get("description", "") if _is_error(said) else None,
    )


def _is_error(said: Mapping[str, Any]) -> bool:
    return said.get("status", {}).get("status_code") == "ERROR"


def _hex(text: str) -> str:
    return text.removeprefix("0x")
