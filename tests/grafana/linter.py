"""What boards and alert rules may not do: Grafana's traps and the house's rules, each a function that finds faults."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Any

from tests.grafana import lint_alerts, lint_board, lint_links, lint_look, lint_sql
from tests.grafana.files import Boards

BoardRule = Callable[[str, Boards], Iterator[str]]
"""Of a board (its file's name without ending) among all boards: what is wrong, and where."""
AlertRule = Callable[[Mapping[str, Any], Boards], Iterator[str]]
"""Likewise of one alert rule."""

BOARD_RULES: Sequence[BoardRule] = (
    *lint_board.RULES,
    *lint_sql.RULES,
    *lint_look.RULES,
    *lint_links.RULES,
)
ALERT_RULES: Sequence[AlertRule] = lint_alerts.RULES


@dataclass(frozen=True, slots=True)
class Fault:
    """The name of the rule that is broken, and how."""

    rule: str
    message: str


def board_faults(boards: Boards) -> list[Fault]:
    """Of all boards."""
    return [
        Fault(rule.__name__, f"{file}: {message}")
        for rule in BOARD_RULES
        for file in boards
        for message in rule(file, boards)
    ]


def alert_faults(groups: Sequence[Mapping[str, Any]], boards: Boards) -> list[Fault]:
    """Of the rules of provisioned groups."""
    rules = list(chain.from_iterable(group["rules"] for group in groups))
    found = [
        Fault(rule.__name__, f"{one.get('title')}: {message}")
        for rule in ALERT_RULES
        for one in rules
        for message in rule(one, boards)
    ]
    uids = [one.get("uid") for one in rules]
    twice = sorted({str(uid) for uid in uids if uids.count(uid) > 1})
    return found + [Fault("unique_alert_uids", f"uid {uid} is there twice") for uid in twice]
