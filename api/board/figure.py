"""A GET body, worded and placed for a page."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

from api.board import words
from api.board.reader import Body
from api.board.scale import Scale
from ikm.figure import TIER_NAMES
from ikm.index import Index
from ikm.times import local_day, midnight_ms

NO_TONE = "none"


@dataclass(frozen=True, slots=True)
class Tier:
    """A publishing tier: its code, its name and what it means."""

    code: str
    name: str
    note: str


@dataclass(frozen=True, slots=True)
class ElementView:
    """One element, as its row shows it; `place` is the bar's length in percent."""

    code: str
    u: int
    name: str
    mutu: str | None
    tone: str
    value: str
    place: float
    nrr: str
    n: str
    low: str
    spread: tuple[tuple[int, str, float, float], ...]
    """Score, count, and place of its share (left, width in percent); empty where it is not known."""


@dataclass(frozen=True, slots=True)
class FigureView:
    """One figure; `place` and `whisker` (left, width) are percent of the scale."""

    raw: float | None
    value: str
    mutu: str | None
    kinerja: str | None
    tone: str
    n: str
    tier: Tier
    interval: str
    place: float | None
    whisker: tuple[float, float]
    watermark: str
    missing: tuple[str, ...]
    elements: tuple[ElementView, ...]
    elements_n: str
    reconciliation: tuple[tuple[str, str], ...]

    @property
    def sentence(self) -> str:
        """What the drawn scale says, for those who do not see it."""
        if self.raw is None:
            return words.say("Skala IKM: {tier}.", tier=self.tier.name)
        return words.say(
            "Skala IKM: {value}, mutu {mutu} ({kinerja}), selang kepercayaan 95 % {interval}.",
            value=self.value,
            mutu=self.mutu,
            kinerja=self.kinerja,
            interval=self.interval,
        )


def figure_view(body: Body, index: Index, scale: Scale, zone: str, now_ms: int) -> FigureView:
    """Words and places of one GET body, its elements worst first and the unanswered ones last."""
    names = {element.code: element.name for element in index.elements}
    elements = sorted(body["elements"], key=lambda e: (e["value"] is None, e["value"], e["u"]))
    return replace(
        headline_view(body, scale, zone, now_ms),
        missing=tuple(words.say(names[code]) for code in body["missing"] or ()),
        elements=tuple(_element(element, scale) for element in elements),
        elements_n=words.count(body["elements_n"]),
        reconciliation=_reconciliation(body["reconciliation"]),
    )


def headline_view(body: Body, scale: Scale, zone: str, now_ms: int) -> FigureView:
    """Words and places of a GET body without its parts, for pages that show many."""
    said = (body["value"], body["n"], body["tier"], body["mutu"], body["kinerja"], body["watermark"])
    bounds = None if body["interval"] is None else tuple(body["interval"])
    return _headline(words.spoken(), said, bounds, scale, zone, midnight_ms(local_day(now_ms, zone), zone))


@lru_cache(maxsize=4096)
def _headline(
    _language: words.Language,
    said: tuple[Any, ...],
    bounds: tuple[float, float] | None,
    scale: Scale,
    zone: str,
    today_ms: int,
) -> FigureView:
    """Remembered for every language and day: of a thousand units few have changed since a moment ago."""
    value, n, tier, mutu, kinerja, watermark = said
    return FigureView(
        raw=value,
        value=words.decimal(value),
        mutu=mutu,
        kinerja=kinerja and words.say(kinerja),
        tone=mutu or NO_TONE,
        n=words.count(n),
        tier=Tier(tier, words.say(TIER_NAMES[tier]), words.say(words.TIER_NOTES[tier])),
        interval=words.interval(bounds),
        place=None if value is None else scale.at(value),
        whisker=(0.0, 0.0) if bounds is None else scale.span(bounds),
        watermark=words.moment(watermark, zone, today_ms),
        missing=(),
        elements=(),
        elements_n=words.NOTHING,
        reconciliation=(),
    )


def _spread(counts: Sequence[int] | None) -> tuple[tuple[int, str, float, float], ...]:
    total = sum(counts or ())
    if not counts or not total:
        return ()
    edges = [round(100 * sum(counts[:at]) / total, 2) for at in range(len(counts) + 1)]
    return tuple(
        (score, words.count(count), edges[score - 1], round(edges[score] - edges[score - 1], 2))
        for score, count in enumerate(counts, 1)
    )


def _element(element: Mapping[str, Any], scale: Scale) -> ElementView:
    return ElementView(
        code=element["code"],
        u=element["u"],
        name=words.say(element["name"]),
        mutu=element["mutu"],
        tone=element["mutu"] or NO_TONE,
        value=words.decimal(element["value"]),
        place=0.0 if element["value"] is None else scale.at(element["value"]),
        nrr=words.decimal(element["nrr"], 4),
        n=words.count(element["n"]),
        low=words.percent(element["low_share"]),
        spread=_spread(element.get("distribution")),
    )


def _reconciliation(values: Mapping[str, float] | None) -> tuple[tuple[str, str], ...]:
    if values is None:
        return ()
    return tuple((weight.replace(".", ","), words.decimal(value, 4)) for weight, value in values.items())
