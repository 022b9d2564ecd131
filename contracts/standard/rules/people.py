"""S01: the persons behind a batch are different where Article 12(2) wants different ones (校核与采集分离)."""

from contracts.standard.rules.context import Context, People, Stage
from contracts.standard.rules.rule import Branch, Example, OfBatch, Rule, Severity, Spot, Text


def _same_person(context: Context) -> tuple[Spot, ...]:
    people = context.people
    return (Spot(),) if people is not None and people.collected_by == people.checked_by else ()


S01 = Rule(
    id="S01",
    severity=Severity.ERROR,
    stages=frozenset({Stage.UNIT}),
    fields=("collector", "checker"),
    article="12(2)",
    evidence="REG 12(2)",
    message=Text("采集与校核不能由同一人完成", "Collecting and checking were done by the same person"),
    fix=Text("请由另一名工作人员校核", "Ask another member of staff to check"),
    branches=(
        Branch(
            "same-person",
            OfBatch(_same_person),
            (Example(given={"people": People("p1", "p2")}),),
            (Example(given={"people": People("p1", "p1")}),),
            needs=frozenset({"people"}),
        ),
    ),
)

RULES = (S01,)
