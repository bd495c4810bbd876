"""What the core says a panel must show; here by time, window and element, and which function knows what."""

import re
from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Final

from ikm.figure import ElementFigure, Figure, tier
from ikm.index import INDICES
from ikm.times import MS_PER_HOUR, MS_PER_MINUTE, local_day, midnight_ms
from ikm.window import WINDOWS
from tests.grafana import expected_groups, expected_public
from tests.grafana.panel import Panel, Row, Wanted, headline, plain


def _figures(panel: Panel) -> Wanted:
    """Rows of one step of time of one unit."""
    grain = panel.view.rpartition("_")[2]
    names = {panel.version(code).name: code for code in panel.oracle.seed.versions}
    for row in panel.answer.records:
        code = row.get("unit") or names.get(row.get("name", "")) or panel.unit
        start, end = _step(panel, code, grain, row)
        said = panel.oracle.figure(code, panel.index, panel.scope, start, end)
        if "until" in row:
            yield f"{code} {grain} from {start} until", *_until(panel, end, round(row["until"].timestamp() * 1000))
        if "state" in row:
            yield f"{code} {grain} from {start} state", said.mutu or _line(said), row["state"]
        yield from headline(row, said, f"{code} {grain} from {start}")
        if "base" in row:
            base = panel.closed(code, panel.index, panel.scope) or panel.closed(code, panel.index, "self")
            yield f"{code} base", base.said.value if base else None, plain(row["base"])
        if "tier" in row and panel.scope == "self":
            yield f"{code} tier", tier(said.n, panel.version(code).population), row["tier"]


def _until(panel: Panel, end: int, found: int) -> tuple[int, int]:
    """A step ends where it ends; the running one at the present, some moments after everything was received."""
    now = panel.oracle.seed.now_ms
    return (end, found) if end <= now else (1, int(now <= found < end))


def _line(said: Figure) -> str | None:
    """Where no letter is, the highest line that a figure reaches stands for one."""
    if said.value is None:
        return None
    reached = [line for line in said.lines or () if line.above]
    highest = max((line.at for line in reached), default=0)
    names = " dan ".join(line.code.upper() for line in reached if line.at == highest)
    return f"di atas {names}" if names else "di bawah ambang"


def _step(panel: Panel, code: str, grain: str, row: Row) -> tuple[int, int]:
    zone = panel.version(code).zone
    if grain == "period":
        period = panel.version(code).period_called(row["period"]) if row.get("period") else panel.running(code)
        return period.from_minute * MS_PER_MINUTE, period.to_minute * MS_PER_MINUTE
    start = int(row["time"].timestamp() * 1000)
    if grain == "hour":
        return start, start + MS_PER_HOUR
    day = local_day(start, zone)
    after = day + timedelta(1) if grain == "day" else (day + timedelta(32)).replace(day=1)
    return start, midnight_ms(after, zone)


def _live(panel: Panel) -> Wanted:
    windows = list(WINDOWS) if len(panel.answer.rows) > 1 else re.findall(r"window = '(\w+)'", panel.answer.sql)
    yield "windows", len(windows), len(panel.answer.rows)
    for code, row in zip(windows, panel.answer.records, strict=False):
        yield from headline(row, panel.oracle.live(panel.unit, panel.index, code), f"{panel.unit} {code}")


def _coverage(panel: Panel) -> Wanted:
    (row,) = panel.answer.records
    own = [panel.figure(code, "ikm", "self", panel.running(code)) for code in panel.below()]
    people = [panel.version(code).population for code in panel.below()]
    yield "reporting", sum(one.n > 0 for one in own), row["reporting"]
    yield "units", len(own), row["units"]
    met = [tier(one.n, served) == "memenuhi_sampel" for one, served in zip(own, people, strict=True)]
    yield "sampled", sum(met), row["sampled"]


def _mean(panel: Panel) -> Wanted:
    (row,) = panel.answer.records
    yield from headline(row, panel.figure(panel.unit, "ikm", "mean", panel.running(panel.unit)), "mean")


def _letters(panel: Panel) -> Wanted:
    (row,) = panel.answer.records
    letters = [panel.figure(code, "ikm", "self", panel.running(code)).mutu for code in panel.below()]
    for letter in "ABCD":
        yield letter, letters.count(letter), row[letter]
    yield "none", letters.count(None), row["none"]


def _elements(panel: Panel) -> Wanted:
    whole = panel.figure(panel.unit, panel.index, "pooled", panel.running(panel.unit))
    said = {element.name: element for element in whole.elements}
    if any(element.n for element in said.values()):
        yield "elements", len(said), len(panel.answer.rows)
    for row in panel.answer.records:
        element: ElementFigure = said[re.sub(r"^U?\d+\.? ", "", row["element"])]
        for column in ("value", "nrr", "low_share", "n"):
            yield f"{element.code} {column}", getattr(element, column), plain(row[column])


def _histogram(panel: Panel) -> Wanted:
    period = panel.running(panel.unit)
    start, end = period.from_minute * MS_PER_MINUTE, period.to_minute * MS_PER_MINUTE
    names = {item.code: element.name for element in INDICES["ikm"].elements for item in element.items}
    said = {name: [0] * 4 for name in names.values()}
    for answer in panel.oracle.pooled(panel.unit, start, end):
        for item, score in answer.scores.items():
            if item in names:
                said[names[item]][score - 1] += 1
    for row in panel.answer.records:
        yield row["element"], said[row["element"]], [row[f"score_{score}"] for score in range(1, 5)]


def _conversions(panel: Panel) -> Wanted:
    said = panel.figure(panel.unit, panel.index, "pooled", panel.running(panel.unit))
    for row in panel.answer.records:
        yield from headline(row, said, panel.index)
        for way in ("linear", "affine"):
            yield way, said.conversions[way] if said.conversions else None, plain(row[way])


def _lines(panel: Panel) -> Wanted:
    for row in panel.answer.records:
        code = row["name"].lower()
        said = panel.figure(panel.unit, code, "pooled", panel.running(panel.unit))
        yield from headline(row, said, code)
        line = next(one for one in said.lines or () if one.code == row["line"].lower())
        sides = {None: None, True: "di atas ambang", False: "di bawah ambang"}
        yield f"{code} {line.code} at", line.at, plain(row["at"])
        yield f"{code} {line.code} side", "diperdebatkan" if line.disputed else sides[line.above], row["side"]


def faults(panel: Panel) -> list[str] | None:
    """Where the answer differs from the core; None where it shows no figure that is known here."""
    columns = set(panel.answer.columns)
    for is_it, wanted in _KINDS:
        if is_it(columns, panel.view):
            return [f"{what}: wanted {want!r}, found {have!r}" for what, want, have in wanted(panel) if want != have]
    return None


def _nothing(_: Panel) -> Wanted:
    """How far the store lags behind is no figure of the core's."""
    yield from ()


_KINDS: Final[Sequence[tuple[Callable[[set[str], str], bool], Callable[[Panel], Wanted]]]] = (
    (lambda _, view: view.startswith("v_public"), expected_public.wanted),
    (lambda columns, _: columns == {"behind"}, _nothing),
    (lambda columns, _: {"reporting", "sampled"} <= columns, _coverage),
    (lambda _, view: view.startswith("v_unit_mean"), _mean),
    (lambda columns, _: "side" in columns, _lines),
    (lambda columns, _: {"linear", "affine"} <= columns, _conversions),
    (lambda columns, _: {"A", "B", "C", "D"} <= columns, _letters),
    (lambda columns, _: "h00" in columns, expected_groups.hours),
    (lambda _, view: view.startswith(("v_mover", "p_unit_mover")), expected_groups.movers),
    (lambda _, view: view.startswith("v_unit_element"), _elements),
    (lambda _, view: view.startswith("v_unit_histogram"), _histogram),
    (lambda _, view: view.startswith("v_unit_live"), _live),
    (lambda columns, _: "covers" in columns, expected_groups.periods),
    (
        lambda columns, view: view.startswith(("p_unit_service", "p_unit_cell")) and "value" in columns,
        expected_groups.groups,
    ),
    (
        lambda columns, view: (
            view.startswith(("v_unit_index", "v_unit_self")) and bool(columns & {"value", "lo", "mutu", *INDICES})
        ),
        _figures,
    ),
)
