"""What the core says each panel of the public's board must show: nothing of few answers, elements from frames."""

import json
from collections.abc import Iterator, Mapping
from typing import Any, Final, Protocol

from ikm.figure import Figure, Headline, figure, tier
from ikm.frame import may_show, pooled_is_public
from ikm.index import IKM, INDICES
from ikm.members import population_of
from ikm.period import period_of
from ikm.scorecard import LAYOUTS, Scorecard
from ikm.times import MS_PER_MINUTE
from ikm.window import WINDOWS
from tests.fold import scratch
from tests.grafana.oracle import Oracle
from tests.grafana.runner import Answer

MONTH: Final = "30d"
_SCOPE: Final = "pooled"
Wanted = Iterator[tuple[str, Any, Any]]


class Panel(Protocol):
    """Its answer, and the organisation that it is about."""

    @property
    def oracle(self) -> Oracle: ...

    @property
    def unit(self) -> str: ...

    @property
    def answer(self) -> Answer: ...


def wanted(panel: Panel) -> Wanted:
    """What is compared, what is wanted, what was found."""
    columns = set(panel.answer.columns)
    if "u" in columns:
        yield from _elements(panel)
    elif "behind" in columns:
        yield from _freshness(panel)
    elif "ipkp" in columns:
        yield from _perception(panel)
    elif columns & {"time", "period"}:
        yield from _periods(panel)
    else:
        yield from _windows(panel)


def _windows(panel: Panel) -> Wanted:
    """One unit, or those that stand directly below it, with all below them."""
    seed = panel.oracle.seed
    now = {code: versions.at(seed.now_ms) for code, versions in seed.versions.items()}
    names = {unit.name: code for code, unit in now.items() if panel.unit in {unit.parent, code}}
    of_one = len(panel.answer.rows) == 1
    if not of_one:
        shown = [row["name"] for row in panel.answer.records]
        answered = [name for name, code in names.items() if code != panel.unit and _cards(panel.oracle, code, "ikm")]
        yield "units", sorted(answered), sorted(shown)
    for row in panel.answer.records:
        code = panel.unit if of_one else names[row["name"]]
        cards = _cards(panel.oracle, code, "ikm")
        people = population_of((now[member].population, card.n) for member, card in cards.items())
        yield from _headline(row, _whole("ikm", cards), cards, people, code)


def _perception(panel: Panel) -> Wanted:
    (row,) = panel.answer.records
    for code in INDICES.keys() - {IKM.code}:
        cards = _cards(panel.oracle, panel.unit, code)
        said = _whole(code, cards)
        yield from _headline({"value": row[code], "n": row[f"{code}_n"]}, said, cards, None, code)


def _periods(panel: Panel) -> Wanted:
    seed = panel.oracle.seed
    unit = seed.versions[panel.unit].at(seed.now_ms)
    own = [one for one in seed.closings if (one.unit, one.index) == (panel.unit, "ikm")]
    closings = [one for one in own if one.scope == _SCOPE] or [one for one in own if one.scope == "self"]
    for row in panel.answer.records:
        at = int(row["time"].timestamp() * 1000) if "time" in row else seed.now_ms
        period = period_of(unit.period, at // MS_PER_MINUTE, unit.zone)
        closing = max((one for one in closings if one.period == period.code), key=lambda one: one.number, default=None)
        if closing is not None:
            yield from _headline(row, closing.said, closing.cards, None, period.code)
            continue
        start, end = period.from_minute * MS_PER_MINUTE, period.to_minute * MS_PER_MINUTE
        shares = panel.oracle.shares(panel.unit, start, end)
        cards = {code: panel.oracle.card("ikm", answers) for code, answers in shares.items()}
        yield from _headline(row, _whole("ikm", cards), cards, None, period.code)


def _freshness(panel: Panel) -> Wanted:
    (row,) = panel.answer.records
    seed = panel.oracle.seed
    start, end = (minute * MS_PER_MINUTE for minute in WINDOWS[MONTH].bounds(seed.now_ms))
    answers = panel.oracle.pooled(panel.unit, start, end)
    last = max(answer.submitted_at for answer in answers if scratch.counts_in(IKM, answer))
    yield "watermark", last // MS_PER_MINUTE, int(row["watermark"].timestamp()) // 60
    yield "behind", True, 0 <= row["behind"] < 600


def _elements(panel: Panel) -> Wanted:
    """Of the frames that may be seen of the units, as the workers took them."""
    live = _cards(panel.oracle, panel.unit, "ikm")
    frames = _frames(panel.oracle)
    seen = [frames[code] for code, card in live.items() if code in frames and may_show(frames[code].n, card.n)]
    if not pooled_is_public(card.n for card in live.values()):
        yield "elements", 0, len(panel.answer.rows)
        return
    said = figure(IKM, LAYOUTS["ikm"].total(seen))
    yield "elements", len(said.elements), len(panel.answer.rows)
    by_number = {element.u: element for element in said.elements}
    for row in panel.answer.records:
        element = by_number[row["u"]]
        for column, want in (("name", element.name), ("value", element.value), ("mutu", element.mutu), ("n", said.n)):
            yield f"{element.code} {column}", want, _plain(row[column])


def _frames(oracle: Oracle) -> Mapping[str, Scorecard]:
    """The last frame of each unit's month that a worker published."""
    found: dict[str, Scorecard] = {}
    for _, figures in oracle.seed.published.values():
        for key, value in figures:
            unit, _, index = (key or b"").decode().partition("|")
            frame = json.loads(value or b"null")["windows"][MONTH]["frame"] if index == "ikm" else None
            if frame is not None:
                found[unit] = LAYOUTS["ikm"].from_json(frame)
    return found


def _cards(oracle: Oracle, unit: str, index: str) -> Mapping[str, Scorecard]:
    """Of the unit and of each that stands below it now, in the month."""
    seed = oracle.seed
    start, end = (minute * MS_PER_MINUTE for minute in WINDOWS[MONTH].bounds(seed.now_ms))
    members = {unit, *seed.tree.descendants(unit, seed.now_ms)}
    return {code: oracle.card(index, oracle.answers(code, start, end)) for code in members}


def _whole(index: str, cards: Mapping[str, Scorecard]) -> Figure:
    return figure(INDICES[index], LAYOUTS[index].total(cards.values()))


def _headline(
    row: Mapping[str, Any], said: Headline, cards: Mapping[str, Scorecard], people: int | None, where: str
) -> Wanted:
    """Without its numbers where it, or what the others leave of it, has too few responses."""
    reached = tier(said.n, people)
    is_hidden = reached == "tertutup" or not pooled_is_public(card.n for card in cards.values())
    low, high = said.interval or (None, None)
    known = {"value": said.value, "n": said.n, "lo": low, "hi": high, "mutu": said.mutu}
    for column in known.keys() & row.keys():
        yield f"{where} {column}", None if is_hidden else known[column], _plain(row[column])
    if "tier" in row:
        yield f"{where} tier", "tertutup" if is_hidden else reached, row["tier"]


def _plain(value: Any) -> Any:
    return value if value is None or isinstance(value, str | int | bool) else float(value)
