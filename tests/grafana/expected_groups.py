"""What the core says of changes, of periods and of groups of answers, as panels show them."""

import re
from collections import defaultdict
from collections.abc import Sequence
from datetime import timedelta
from typing import Final

from ikm.attention import Change, Standing, change
from ikm.events import Response
from ikm.figure import Headline
from ikm.frame import SMALL_CELL
from ikm.index import INDICES
from ikm.times import MS_PER_HOUR, ZONES, local_day, midnight_ms
from tests.fold.scratch import counts_in
from tests.grafana.panel import Panel, Wanted, headline, plain

NOTHING: Final = "Tidak ada"
MOST_MOVERS: Final = 8
DAYS: Final = ("Senin", "Selasa", "Rabu", "Kamis", "Jumat", "Sabtu", "Minggu")


def movers(panel: Panel) -> Wanted:
    """The running period against the last closed one."""
    scope = panel.scope
    rows = panel.answer.records
    if "verdict" not in panel.answer.columns:
        yield "movers", _movers(panel), [(row["unit"], row["name"]) for row in rows]
        rows = [row for row in rows if row["name"] != NOTHING]
    for row in rows:
        code = row.get("unit", panel.unit)
        stands_alone = panel.view.startswith("p_unit_mover") and not panel.oracle.seed.tree.descendants(
            code, panel.oracle.seed.now_ms
        )
        base = panel.closed(code, "ikm", "self" if stands_alone else scope)
        now = panel.figure(code, "ikm", scope, panel.running(code))
        moved = change(_standing(base.said if base else None), _standing(now))
        if "base_value" in row:
            yield f"{code} base_value", base.said.value if base else None, plain(row["base_value"])
        if "base_mutu" in row:
            yield f"{code} base_mutu", base.said.mutu if base else None, row["base_mutu"]
        yield f"{code} difference", moved.difference if moved else None, plain(row["difference"])
        if "value" in row:
            yield from headline({name: row[name] for name in ("value", "mutu", "n")}, now, code)
        if "verdict" in row:
            yield f"{code} verdict", _verdict(moved), row["verdict"]


def _movers(panel: Panel) -> list[tuple[str, str]]:
    """Those open units that moved, the deepest fall first; without any a word, and nothing where none can tell."""
    changes = {}
    for code in panel.below():
        base, now = panel.closed(code, "ikm", "self"), panel.figure(code, "ikm", "self", panel.running(code))
        changes[code] = change(_standing(base.said if base else None), _standing(now))
    told = {code: moved for code, moved in changes.items() if moved}
    moved = sorted((one.difference, panel.version(code).name, code) for code, one in told.items() if one.moved)
    nothing = [(panel.unit, NOTHING)] if told else []
    return [(code, name) for _, name, code in moved][:MOST_MOVERS] or nothing


def _verdict(moved: Change | None) -> str | None:
    if moved is None or not moved.moved:
        return None if moved is None else "tidak nyata"
    return "turun nyata" if moved.difference < 0 else "naik nyata"


def _standing(said: Headline | None) -> Standing | None:
    if said is None or said.value is None or said.interval is None:
        return None
    return Standing(said.n, said.value, said.interval, said.mutu)


def periods(panel: Panel) -> Wanted:
    """Frozen numbers as they were closed, running ones as they are."""
    for row in panel.answer.records:
        scope = {"unit sendiri": "self", "beserta di bawahnya": "pooled"}[row["covers"]]
        period = panel.version(panel.unit).period_called(row["period"])
        said: Headline = panel.figure(panel.unit, "ikm", scope, period)
        if row["status"] == "beku":
            keys = (panel.unit, "ikm", scope, row["period"])
            frozen = [one for one in panel.oracle.seed.closings if (one.unit, one.index, one.scope, one.period) == keys]
            newest = max(frozen, key=lambda one: one.number)
            said = newest.said
            yield f"{row['period']} number", newest.number, row["number"]
        yield from headline(row, said, f"{row['period']} {row['status']}")


def groups(panel: Panel) -> Wanted:
    """Services and cells: the figures of groups are those of all, and small ones are hidden."""
    asked = re.search(r"dimensions = \[(.*?)\]", panel.answer.sql)
    kinds = re.findall(r"\w+", asked[1]) if asked else ["service"]
    figures = [one for kind in kinds for one in panel.oracle.groups(panel.index, kind, _in_days(panel))]
    shown = [(row["n"], plain(row["value"])) for row in panel.answer.records]
    yield "groups", sorted(figures, key=str), sorted(shown, key=str)


def hours(panel: Panel) -> Wanted:
    """By weekday and hour, by the unit's own clock."""
    zone_ms = ZONES[panel.version(panel.unit).zone] * MS_PER_HOUR
    said: dict[tuple[int, int], list[Response]] = defaultdict(list)
    for answer in _in_days(panel):
        if counts_in(INDICES[panel.index], answer):
            days, rest = divmod(answer.submitted_at + zone_ms, 24 * MS_PER_HOUR)
            said[(days + 3) % 7, rest // MS_PER_HOUR].append(answer)
    for row in panel.answer.records:
        day = DAYS.index(row["day"])
        yield f"{row['day']} answers", sum(len(said[day, hour]) for hour in range(24)), row["answers"]
        for hour in range(24):
            of_hour = said[day, hour]
            value = panel.oracle.of(panel.index, of_hour).value if len(of_hour) >= SMALL_CELL else None
            yield f"{row['day']} {hour}", value, plain(row[f"h{hour:02}"])


def _in_days(panel: Panel) -> Sequence[Response]:
    """What was submitted on the unit's days that the range, in whole seconds, touches."""
    zone = panel.version(panel.unit).zone
    last = local_day(panel.to_ms // 1000 * 1000 - 1, zone)
    start, end = local_day(panel.from_ms, zone), last + timedelta(1)
    return panel.oracle.pooled(panel.unit, midnight_ms(start, zone), midnight_ms(end, zone))
