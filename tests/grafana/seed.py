"""A store as it is after two years of a city, for boards to be run on.

Nothing in it is written by hand: events are what `ikm.wire` makes of them, a `Book` folds them and publishes as a
worker does, `ikm.freeze` closes periods, and each table's rows are those that its pipe makes of these records.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from types import SimpleNamespace

from ikm import wire
from ikm.closing import Closing
from ikm.errors import Refused
from ikm.events import Event, Response
from ikm.registry import Unit
from ikm.times import local_day
from ikm.tree import Tree
from ikm.versions import Versions
from runtime.clickhouse import Store
from runtime.topics import INDEX, PERIODS, RESPONSES, SCORECARDS, UNITS, new_epoch, states_of
from sinks import frames_read, progress, quality
from sinks.buckets import BucketsTable
from sinks.cells import Cells
from sinks.events import EventsTable
from sinks.lineage import write_lineage
from sinks.live import LiveTable
from sinks.ops import OpsTable
from sinks.periods import PeriodsTable
from sinks.rejections import RejectionsTable
from sinks.responses import ResponsesTable
from sinks.sums import add_up
from sinks.table import Table
from sinks.units import UnitsTable
from tests.fold import scratch
from tests.grafana import seed_answers, seed_city, seed_closings, seed_ops, seed_worker
from tests.grafana.seed_answers import Record
from tests.grafana.seed_city import WITA, register
from tests.store.registered import Register


@dataclass(frozen=True)
class Seed:
    """What the store is filled with.

    Attributes:
        now_ms: when everything was received that there is, UTC epoch ms.
        log: the log's epoch.
        units: all versions of all units.
        records: of `responses.v1` by partition, in their order.
    """

    now_ms: int
    log: int
    units: Sequence[Unit]
    records: Mapping[int, Sequence[Record]]

    @cached_property
    def received(self) -> Sequence[tuple[int, Event]]:
        """Every valid event with the time of its receipt."""
        found = []
        for record in (record for records in self.records.values() for record in records):
            try:
                found.append((record.timestamp, wire.decode_record(record, RESPONSES.partitions)))
            except Refused:
                continue
        return found

    @cached_property
    def published(self) -> Mapping[int, tuple[list[seed_worker.KeyAndValue], list[seed_worker.KeyAndValue]]]:
        """By partition what its worker said on `scorecards.v1` and on `index.v1`."""
        return {
            partition: seed_worker.published(self.log, partition, records, self.now_ms)
            for partition, records in self.records.items()
        }

    @cached_property
    def responses(self) -> Sequence[Response]:
        """What counts now."""
        return scratch.counted(event for _, event in self.received)

    @cached_property
    def versions(self) -> Mapping[str, Versions]:
        """Of each unit."""
        by_code: dict[str, list[Unit]] = {}
        for unit in self.units:
            by_code.setdefault(unit.code, []).append(unit)
        return {code: Versions(versions) for code, versions in by_code.items()}

    @cached_property
    def tree(self) -> Tree:
        """Who stands below whom."""
        return Tree(self.units)

    @cached_property
    def closings(self) -> Sequence[Closing]:
        """Every period that was due, closed when it was, and some corrected; in the order of the log."""
        return seed_closings.closings(self)


def make(now_ms: int) -> Seed:
    """The city up to a moment; it differs from another moment's only in its times."""
    units = register(local_day(now_ms, WITA))
    return Seed(now_ms, new_epoch(), units, seed_answers.log(units, now_ms))


def make_alone(now_ms: int) -> Seed:
    """One unit that is all there is."""
    units = (seed_city.alone(),)
    return Seed(now_ms, new_epoch(), units, seed_answers.log(units, now_ms, 600))


async def fill(store: Store, seed: Seed) -> None:
    """Bring all of it into a migrated, empty store."""
    events = EventsTable(seed.log, RESPONSES.partitions)
    states = ResponsesTable(seed.log, RESPONSES.partitions)
    buckets, live = BucketsTable(seed.log), LiveTable(seed.log)
    for partition, records in seed.records.items():
        scorecards, figures = seed.published[partition]
        end = len(records)
        for topic, table, rows in (
            (RESPONSES.name, events, records),
            (states_of(RESPONSES.name), states, records),
            (SCORECARDS.name, buckets, _numbered(scorecards)),
            (INDEX.name, live, _numbered(figures)),
        ):
            await _insert(store, table, rows, partition)
            reached = progress.Reached(topic, partition, len(rows), end)
            await progress.write(store, seed.log, [reached], seed.now_ms)
        touched = buckets.rows(_numbered(scorecards), partition).touched
        await add_up(store, seed.log, touched)
    await _insert(store, UnitsTable(seed.log), _numbered(unit.model_dump_json().encode() for unit in seed.units), 0)
    await write_lineage(store, seed.versions, seed.now_ms)
    cells = Cells(store, seed.log, Register(seed.units), RESPONSES.partitions)
    for partition, records in seed.records.items():
        await cells.count_anew(partition, len(records))
    closed = _numbered(closing.model_dump_json().encode() for closing in seed.closings)
    await _insert(store, PeriodsTable(seed.log), closed, 0)
    for topic, end in ((UNITS.name, len(seed.units)), (PERIODS.name, len(closed)), (frames_read.NAME, 1)):
        await progress.write(store, seed.log, [progress.Reached(topic, 0, end, end)], seed.now_ms)
    await quality.count(store, seed.log, {partition: len(records) for partition, records in seed.records.items()})
    await _insert(store, RejectionsTable(seed.log), seed_ops.rejected(seed.records), 0)
    await _insert(store, OpsTable(seed.log), _numbered(seed_ops.measured(seed.now_ms)), 0)


async def _insert(store: Store, table: Table, records: Sequence[Record], partition: int) -> None:
    made = table.rows(records, partition)
    assert not made.unfit, made.unfit
    if made.sources:
        await store.insert(table.name, made.columns)


def _numbered(values: Iterable[bytes | tuple[bytes | None, bytes | None]]) -> list[Record]:
    """Values, or keys and values, as records."""
    said = [(None, value) if isinstance(value, bytes) else value for value in values]
    return [SimpleNamespace(offset=offset, key=key, value=value) for offset, (key, value) in enumerate(said)]
