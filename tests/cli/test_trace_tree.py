"""The trace of a batch drawn as a tree, from span lines as the services write them."""

import json
from pathlib import Path

from rich.console import Console
from rich.tree import Tree

from cli.demo.trace_tree import draw, read_spans, services_of

TRACE = "a" * 32


def line(name: str, service: str, span: str, parent: str | None, second: int, **more: object) -> str:
    return json.dumps(
        {
            "name": name,
            "context": {"trace_id": f"0x{TRACE}", "span_id": f"0x{span * 16}"},
            "kind": "SpanKind.CONSUMER",
            "parent_id": f"0x{parent * 16}" if parent else None,
            "start_time": f"2026-06-15T04:00:{second:02}.000000Z",
            "end_time": f"2026-06-15T04:00:{second:02}.250000Z",
            "status": {"status_code": "UNSET"},
            "attributes": {},
            "resource": {"attributes": {"service.name": f"xuewei-{service}"}},
            **more,
        }
    )


def drawn(tree: Tree) -> list[str]:
    console = Console(width=100, no_color=True, highlight=False)
    with console.capture() as captured:
        console.print(tree)
    return captured.get().splitlines()


def write(folder: Path) -> None:
    refused = {"status": {"status_code": "ERROR", "description": "Problem"}}
    (folder / "collector.jsonl").write_text(
        "\n".join(
            (
                line("POST /v1/batches", "collector", "1", "9", 0),
                line("hear batch.filed.v1", "collector", "4", "3", 9),
                line("submit batch", "collector", "5", "1", 1, **refused),
                line("another trace", "collector", "6", None, 1).replace(TRACE, "b" * 32),
                '{"name": "cut off',
            )
        )
    )
    (folder / "provincial_review.jsonl").write_text(
        "\n".join(
            (
                line("sign opinion", "provincial-review", "3", "2", 5, attributes={"xuewei.records": 58}),
                line("hear batch.submitted.v1", "provincial-review", "2", "1", 3),
            )
        )
    )


def test_spans_of_all_services_make_one_tree_in_order_of_time(tmp_path: Path) -> None:
    write(tmp_path)
    spans = read_spans(tmp_path, TRACE)
    assert drawn(draw(spans, "the batch")) == [
        "the batch",
        "└── ✉ POST /v1/batches collector 250 ms +0.0 s",
        "    ├── ✉ submit batch collector 250 ms +1.0 s · refused",
        "    └── ✉ hear batch.submitted.v1 provincial-review 250 ms +3.0 s",
        "        └── ✉ sign opinion provincial-review 250 ms +5.0 s · 58 records",
        "            └── ✉ hear batch.filed.v1 collector 250 ms +9.0 s",
    ]
    assert services_of(spans) == ["collector", "provincial-review"]


def test_a_trace_nobody_wrote_is_an_empty_tree(tmp_path: Path) -> None:
    write(tmp_path)
    assert drawn(draw(read_spans(tmp_path, "c" * 32), "nothing")) == ["nothing"]
