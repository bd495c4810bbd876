"""The one shape in which an index, and one in which its trend, is answered: by the API, in the stream, to the pages."""

from collections.abc import Collection, Iterable
from dataclasses import asdict, dataclass
from functools import lru_cache
from typing import Any

from ikm.closing import Closing
from ikm.figure import Figure, Headline, Tier, figure, mean_figure, tier
from ikm.frame import may_show, pooled_is_public
from ikm.index import INDICES, Index
from ikm.position import Position
from ikm.registry import Unit
from ikm.scorecard import LAYOUTS, Scorecard
from ikm.statistics import sample_progress
from ikm.steps import Step
from ikm.times import rfc3339_minute, rfc3339_ms

HIDDEN: Tier = "tertutup"
HIDDEN_FROM_PUBLIC = (
    *("n", "value", "mutu", "kinerja", "complete", "missing", "interval", "watermark", "sample"),
    *("conversions", "lines"),
)
"""What the public does not see of a unit with so few responses that one person's answers could be told."""


@dataclass(frozen=True, slots=True)
class Shown:
    """A figure, and its elements as they stand in a body."""

    figure: Figure
    elements: tuple[dict[str, Any], ...]


@lru_cache(maxsize=4096)
def shown(code: str, card: Scorecard) -> Shown:
    """The figure of a scorecard."""
    return _shown(figure(INDICES[code], card), card, code)


def shown_mean(index: Index, cards: Iterable[Scorecard]) -> Shown:
    """The simple mean of the figures of units."""
    return _shown(mean_figure(index, cards))


def shown_frozen(closing: Closing) -> Shown:
    """The figure of a closed period as it was frozen: it is not computed again."""
    if closing.scope == "mean":
        return _shown(closing.said)
    card = LAYOUTS[closing.index].from_json(closing.scorecard)
    return _shown(closing.said, card, closing.index)


def _shown(full: Figure, card: Scorecard | None = None, code: str = "") -> Shown:
    """With a scorecard, an element that one item feeds has its answers by score as `distribution`, lowest first."""
    elements = tuple(asdict(element) for element in full.elements)
    if card is not None:
        for element, said in zip(INDICES[code].elements, elements, strict=True):
            known = len(element.items) == 1 and said["n"]
            cells = LAYOUTS[code].cells[element.items[0].code]
            said["distribution"] = list(card.histogram[cells]) if known else None
    return Shown(full, elements)


def index_body(
    unit: Unit,
    index: Index,
    shown: Shown,
    *,
    label: tuple[str, str] | None,
    from_minute: int,
    to_minute: int,
    watermark: int | None,
    now_ms: int,
    public: bool,
    frame: Shown | None = None,
) -> dict[str, Any]:
    """The body of `GET /v1/units/{unit}/index`.

    Args:
        unit: the unit in force.
        index: which index.
        shown: the figure of what was counted in [from, to).
        label: `("window", "1h")`, `("period", "2026-S1")`, or None for a span that has no name.
        from_minute: first minute, UTC epoch minutes.
        to_minute: the minute after the last.
        watermark: greatest minute of submission among the counted responses.
        now_ms: time of the read, UTC epoch milliseconds.
        public: for whoever may not see everything: the headline, none of it below ten responses, and the elements of
            `frame`.
        frame: the public frame, if there is one.

    Returns:
        Numbers as published: value and interval with 2 decimals, the others with 4; times RFC 3339 in UTC.
    """
    full = shown.figure
    seen: Shown | None = shown
    if public:
        seen = frame if frame is not None and may_show(frame.figure.n, full.n) else None
    body: dict[str, Any] = {
        "unit": unit.code,
        "index": index.code,
        **({label[0]: label[1]} if label else {}),
        "from": rfc3339_minute(from_minute),
        "to": rfc3339_minute(to_minute),
        "n": full.n,
        "value": full.value,
        "mutu": full.mutu,
        "kinerja": full.kinerja,
        "complete": full.complete,
        "missing": list(full.missing),
        "tier": tier(full.n, unit.population),
        "interval": None if full.interval is None else list(full.interval),
        **(_of_period(unit, index, label[1], full.n) if label and label[0] == "period" else {}),
        "elements": [] if seen is None else list(seen.elements),
        "elements_n": None if seen is None else seen.figure.n,
        "reconciliation": None if public else full.reconciliation,
        **_ways(full),
        "as_of": rfc3339_ms(now_ms),
        "watermark": None if watermark is None else rfc3339_minute(watermark),
    }
    if public and body["tier"] == HIDDEN:
        hide(body)
    return body


def hide(body: dict[str, Any]) -> None:
    """Take out of a body what the public must not see."""
    body |= {field: None for field in HIDDEN_FROM_PUBLIC if field in body}
    body["tier"] = HIDDEN


def of_units(body: dict[str, Any], scope: str, responses: Collection[int], *, public: bool) -> dict[str, Any]:
    """The body of a figure of several units: hidden where it would tell of a hidden one, with how many units there are.

    Args:
        body: of all together.
        scope: pooled or mean.
        responses: n of each unit that counts.
        public: for whoever may not see everything.
    """
    if public and not pooled_is_public(responses):
        hide(body)
        body |= {"elements": [], "elements_n": None}
    empty = sum(n == 0 for n in responses)
    return body | {"scope": scope, "units": len(responses) - empty, "units_empty": empty}


def trend_body(
    unit: Unit,
    index: Index,
    steps: Iterable[tuple[Step, Headline | None]],
    *,
    scope: str,
    by: str,
    now_ms: int,
    position: Position,
) -> dict[str, Any]:
    """The body of `GET /v1/units/{unit}/trend`.

    Args:
        unit: the unit in force.
        index: which index.
        steps: each with the figure of what was counted in it; None hides it.
        scope: whose responses were counted.
        by: what they are.
        now_ms: time of the read, UTC epoch milliseconds.
        position: everything before it is in the figures.
    """
    return {
        "unit": unit.code,
        "index": index.code,
        "scope": scope,
        "by": by,
        "as_of": rfc3339_ms(now_ms),
        "position": position.encode(),
        "items": [_item(unit, step, short) for step, short in steps],
    }


def _item(unit: Unit, step: Step, short: Headline | None) -> dict[str, Any]:
    of_step = {"from": rfc3339_minute(step.from_minute), "to": rfc3339_minute(step.to_minute), "period": step.code}
    if short is None:
        return of_step | {"n": None, "value": None, "mutu": None, "tier": HIDDEN, "interval": None}
    return of_step | {
        "n": short.n,
        "value": short.value,
        "mutu": short.mutu,
        "tier": tier(short.n, unit.population),
        "interval": None if short.interval is None else list(short.interval),
    }


def _of_period(unit: Unit, index: Index, period: str, n: int) -> dict[str, Any]:
    """What a period's answers are measured by: the sample of the population, and what the register aims at."""
    sample, target = unit.population and sample_progress(unit.population, n), unit.target(period, index.code)
    return {
        "sample": asdict(sample) if sample else None,
        "target": {"n": target.n, "value": target.value} if target else None,
    }


def _ways(full: Figure) -> dict[str, Any]:
    """Ways to the value, and lines that it is compared with, for an index that has them."""
    if full.conversion is None and full.lines is None:
        return {}
    lines = None if full.lines is None else [asdict(line) for line in full.lines]
    return {"conversion": full.conversion, "conversions": full.conversions, "lines": lines}
