"""The rules (校验规则) of the data standard, one module per group; RULES is all of them in order of their ids."""

from contracts.standard.rules import (
    award,
    columns,
    crossed,
    crossed_award,
    documents,
    people,
    person,
    sets,
    study,
    text,
)
from contracts.standard.rules.rule import Rule

_MODULES = (columns, text, person, award, study, crossed, crossed_award, sets, documents, people)
_GROUPS = "FCMDS"

RULES: tuple[Rule, ...] = tuple(
    sorted(
        (rule for module in _MODULES for rule in module.RULES),
        key=lambda rule: (_GROUPS.index(rule.group), rule.id),
    )
)
