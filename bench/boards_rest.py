"""What Python makes beside the answers: the register, windows, closings and what processes measured."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC
from itertools import chain
from types import SimpleNamespace
from typing import Any, Final

from ikm.closing import Closing
from ikm.due import closes_at_ms
from ikm.figure import headline
from ikm.freeze import Act, Counted, Share, closing_of
from ikm.index import INDICES
from ikm.members import Members, alone, members_of
from ikm.partition import partition_of
from ikm.period import Period, period_of
from ikm.position import RULES_VERSION, Position
from ikm.registry import Service, Unit
from ikm.scorecard import Scorecard
from ikm.tree import Tree
from ikm.versions import Versions
from ikm.window import WINDOWS
from runtime.clickhouse import DATABASE, Columns, Store
from runtime.closer import scopes_of
from runtime.samples import Role, Samples
from runtime.topics import RESPONSES, SCORECARDS
from sinks import live, progress
from sinks.lineage import write_lineage
from sinks.periods import PeriodsTable
from sinks.table import Table
from sinks.units import UnitsTable

ZONE: Final = "Asia/Makassar"
OFFICES: Final = 40
"""Units with others below them, under the first of all."""
KINDS: Final = ("puskesmas", "kelurahan", "sekolah", "uptd")
OPS_DAYS: Final = 30
OPS_TICK_S: Final = 10
_SERVICES: Final = tuple(Service(code=code, name=code.upper()) for code in ("ktp", "kk", "umum"))
_CARD: Final = "sum(n), sum(sum_x), sum(sum_xx), sumForEach(histogram), sumForEach(parts), max(watermark)"


def register(count: int) -> list[Unit]:
    """A city of so many units in three levels."""
    return [_unit(number) for number in range(count)]


def _unit(number: int) -> Unit:
    is_office, code = 0 < number <= OFFICES, f"bench-{number:04}"
    parent = None if number == 0 else "bench-0000" if is_office else f"bench-{1 + number % OFFICES:04}"
    return Unit(
        code=code,
        name="Kota" if parent is None else f"Unit {number}",
        type="pemkot" if parent is None else "perangkat_daerah" if is_office else KINDS[number % len(KINDS)],
        parent=parent,
        zone=ZONE,
        period="triwulan" if is_office else "semester",
        services=_SERVICES,
        population=2_000 + number if number else None,
        location={"lat": -3.3 - number % 97 / 1000, "lon": 114.5 + number % 89 / 1000},
    )


async def put_register(store: Store, log: int, units: Sequence[Unit], now_ms: int) -> None:
    """Units and who stands below whom."""
    records = [SimpleNamespace(offset=at, value=unit.model_dump_json().encode()) for at, unit in enumerate(units)]
    await _insert(store, UnitsTable(log), records)
    await write_lineage(store, {unit.code: Versions([unit]) for unit in units}, now_ms)


async def put_progress(store: Store, log: int, end: int, now_ms: int) -> None:
    """Everything is stored."""
    for partition in range(RESPONSES.partitions):
        reached = [progress.Reached(topic, partition, end, end) for topic in (RESPONSES.name, SCORECARDS.name)]
        await progress.write(store, log, reached, now_ms)


async def put_windows(store: Store, log: int, now_ms: int) -> None:
    """The four windows of every unit and index; of whole hours, for hours are what there is."""
    rows = []
    for code, window in WINDOWS.items():
        start, end = window.bounds(now_ms)
        for (unit, index), share in (await _shares(store, start, end)).items():
            figure = headline(INDICES[index], share.card)
            low, high = figure.interval or (None, None)
            card = (share.card.n, share.card.sum_x, share.card.sum_xx, share.card.histogram, share.card.parts)
            said = (figure.value, figure.mutu, figure.kinerja, figure.complete, figure.missing, low, high)
            place = (log, RULES_VERSION, 1, end)
            span = (60 * start, 60 * end)
            rows.append((unit, index, code, 0, *span, *card, *said, 60 * share.watermark, *card, *place))
    await store.insert(f"{DATABASE}.live", Columns(live.COLUMNS, list(zip(*rows, strict=True))))


async def put_closings(store: Store, log: int, units: Sequence[Unit], now_ms: int) -> int:
    """What was due in the last year, of every unit, index and scope; returns how many closings that are."""
    by_code, tree = {unit.code: unit for unit in units}, Tree(units)
    counted: dict[Period, Mapping[tuple[str, str], Share]] = {}
    position, found = Position(log, dict.fromkeys(range(RESPONSES.partitions), 1)), []
    for unit in units:
        for period in _due(unit, now_ms):
            if period not in counted:
                counted[period] = await _shares(store, period.from_minute, period.to_minute)
            what = _What(unit, period, members_of(unit, period, tree, by_code.get), counted[period])
            found += [closing.model_dump_json().encode() for closing in _closings(what, position)]
    records = [SimpleNamespace(offset=at, value=value) for at, value in enumerate(found)]
    for at in range(0, len(records), 20_000):
        await _insert(store, PeriodsTable(log), records[at : at + 20_000])
    return len(found)


def _due(unit: Unit, now_ms: int) -> Iterator[Period]:
    period = period_of(unit.period, now_ms // 60_000, unit.zone)
    while now_ms // 60_000 - period.from_minute < 365 * 24 * 60:
        period = period_of(unit.period, period.from_minute - 1, unit.zone)
        if closes_at_ms(unit, period) <= now_ms:
            yield period


@dataclass(frozen=True)
class _What:
    """A period of a unit that is closed, who counts in it, and what was counted."""

    unit: Unit
    period: Period
    members: Members
    shares: Mapping[tuple[str, str], Share]


def _closings(what: _What, position: Position) -> Iterator[Closing]:
    unit, period, act = what.unit, what.period, Act("sink", closes_at_ms(what.unit, what.period))
    for index in INDICES:
        shares = {code: what.shares[code, index] for code in what.members if (code, index) in what.shares}
        found = Counted(shares, position)
        own = found.of(unit.code, partition_of(unit.code, RESPONSES.partitions))
        for scope in scopes_of(what.members):
            if scope == "self":
                yield closing_of(unit, index, period, own, act, members=alone(unit, period))
            else:
                yield closing_of(unit, index, period, found, act, members=what.members, scope=scope)


async def _shares(store: Store, start: int, end: int) -> Mapping[tuple[str, str], Share]:
    """By unit and index what was counted between two minutes."""
    rows = await store.rows(
        f"SELECT toString(unit), toString(`index`), {_CARD} FROM ikm.buckets FINAL "
        "WHERE hour >= toDateTime({from:UInt32}) AND hour < toDateTime({to:UInt32}) GROUP BY unit, `index`",
        {"from": 60 * start, "to": 60 * end},
    )
    return {
        (unit, index): Share(
            Scorecard(n, x, xx, tuple(cells), tuple(parts)), int(last.replace(tzinfo=UTC).timestamp()) // 60
        )
        for unit, index, n, x, xx, cells, parts, last in rows
    }


async def put_ops(store: Store, now_s: int) -> int:
    """What two processes said every 10 s for 30 days; returns how many rows that are."""
    total = 0
    roles: tuple[tuple[Role, frozenset[Role]], ...] = (
        ("worker", frozenset({"worker"})), ("api", frozenset({"api", "sink"})),
    )  # fmt: skip
    for role, parts in roles:
        samples = [(one.name, one.labels, one.metric, one.increase is not None) for one in Samples(parts).take()]
        said = ", ".join(
            f"({_text(name)}, {_labels(labels)}, {_text(metric)}, {int(counts)})"
            for name, labels, metric, counts in samples
        )
        for day in range(OPS_DAYS):
            await store.command(
                "INSERT INTO ikm.ops (at, role, instance, name, labels, metric, value, increase) "
                f"SELECT toDateTime64({now_s - day * 86_400} - number * {OPS_TICK_S}, 3, 'UTC'), '{role}', '{role}-1', "
                "one.1, one.2, one.3, toFloat64(number % 100), if(one.4 = 1, toFloat64(number % 7), NULL) "
                f"FROM numbers({86_400 // OPS_TICK_S}) ARRAY JOIN [{said}] AS one SETTINGS insert_deduplicate = 0"
            )
        total += len(samples) * OPS_DAYS * 86_400 // OPS_TICK_S
    return total


def _labels(labels: Mapping[str, str]) -> str:
    inside = ", ".join(chain.from_iterable((_text(name), _text(value)) for name, value in labels.items()))
    return f"CAST(map({inside}), 'Map(String, String)')"


def _text(value: str) -> str:
    return json.dumps(value)[1:-1].replace("'", "\\'").join("''")


async def _insert(store: Store, table: Table, records: Sequence[Any]) -> None:
    made = table.rows(records, 0)
    if made.unfit:
        raise RuntimeError(f"{table.name}: {made.unfit[0].message}")
    await store.insert(table.name, made.columns)
