"""What Grafana makes of an alert rule: its queries' rows, compared, are the instances that fire."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from runtime.clickhouse import Store
from tests.grafana.expander import expand_on_server
from tests.grafana.span import Span

FOLDER = Path(__file__).parents[2] / "grafana" / "provisioning" / "alerting"
EXPRESSION = "__expr__"
_NUMBERS = ("Int", "UInt", "Float", "Decimal")


@dataclass(frozen=True)
class Instance:
    """One row of a rule: its labels, its number by the letter of each query, and whether it fires."""

    labels: Mapping[str, str]
    values: Mapping[str, float]
    fires: bool


def rules() -> dict[str, dict[str, Any]]:
    """The committed rules by their uid."""
    groups = yaml.safe_load((FOLDER / "rules.yaml").read_text("utf-8"))["groups"]
    return {rule["uid"]: rule for group in groups for rule in group["rules"]}


async def evaluate(store: Store, uid: str, at_s: int) -> list[Instance]:
    """The instances of a rule when it is evaluated at a moment, UTC epoch seconds.

    Raises:
        ValueError: Grafana would refuse what a query gives.
    """
    rule = rules()[uid]
    asked = [part for part in rule["data"] if part["datasourceUid"] != EXPRESSION]
    threshold = next(part for part in rule["data"] if part["refId"] == rule["condition"])["model"]
    (condition,) = threshold["conditions"]
    assert condition["evaluator"]["type"] == "gt"
    numbers = {part["refId"]: await _numbers(store, part, at_s) for part in asked}
    return [
        Instance(
            dict(labels),
            {letter: found[labels] for letter, found in numbers.items() if labels in found},
            fires=value > condition["evaluator"]["params"][0],
        )
        for labels, value in numbers[threshold["expression"]].items()
    ]


async def firing(store: Store, uid: str, at_s: int) -> list[Mapping[str, str]]:
    """The labels of the instances that fire."""
    return [one.labels for one in await evaluate(store, uid, at_s) if one.fires]


async def _numbers(store: Store, part: Mapping[str, Any], at_s: int) -> dict[frozenset[tuple[str, str]], float]:
    back = part["relativeTimeRange"]
    span = Span(1000 * (at_s - back["from"]), 1000 * (at_s - back["to"]))
    sql = expand_on_server(part["model"]["rawSql"], span)
    result = await store.run(lambda client: client.query(sql))
    if not result.result_rows:  # then chDB tells no columns
        return {}
    kinds = [kind.name.removeprefix("LowCardinality(") for kind in result.column_types]
    numeric = [at for at, kind in enumerate(kinds) if kind.startswith(_NUMBERS)]
    strings = [at for at, kind in enumerate(kinds) if kind.startswith("String")]
    if len(numeric) != 1 or len(numeric) + len(strings) != len(kinds):
        raise ValueError(f"query {part['refId']} gives {dict(zip(result.column_names, kinds, strict=True))}")
    found = {}
    for row in result.result_rows:
        labels = frozenset((result.column_names[at], row[at]) for at in strings)
        if labels in found:
            raise ValueError(f"query {part['refId']} gives two rows of {dict(labels)}")
        found[labels] = float(row[numeric[0]])
    return found
