"""One comparison of the truth check: what was found at one moment, and its recomputation."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from api.difference import Difference, texts
from api.verify_cells import cell_differences
from api.verify_closings import closing_differences
from api.verify_figures import FIGURE_COLUMNS, figure_rows
from api.verify_lineage import lineage_differences
from api.verify_log import LogReader
from api.verify_periods import closing_row_differences
from api.verify_quality import quality_differences
from api.verify_rejections import rejection_differences
from api.verify_roll_up import RollUpCheck
from api.verify_snapshot import Snapshot
from api.verify_states import state_differences
from api.verify_sums import sum_differences
from api.verify_tables import Tables
from api.verify_units import unit_differences, units_position
from ikm.partition import partition_of
from ikm.times import rfc3339_minute
from runtime import verify_sql as sql
from runtime import verify_tree_sql as tree_sql
from runtime.recompute import COMPARED, STATEMENTS

_CARD: Final = ("n", "sum_x", "sum_xx", "histogram", "parts", "watermark")


class Check:
    """Call `take`, `place`, `not_stored` until it returns None, then the comparisons.

    Args:
        tables: this check's own.
        log: the log's epoch.
        reader: of the log.
        shown: what the API shows, now.
    """

    def __init__(self, tables: Tables, log: int, reader: LogReader, shown: Callable[[], Snapshot]) -> None:
        self._tables, self._log, self._reader, self._shown = tables, log, reader, shown
        self._partitions = reader.names.partitions
        self._stored: dict[str, int] = {}
        self._published: Mapping[tuple[str, str], tuple[Sequence[int], Mapping[str, Any]]] = {}
        self._position = 0
        self._closings = (0, 0)
        self._snapshot: Snapshot
        self._stored_floor: list[int] = []
        self._published_floor: list[int] = []
        self._need: list[int] = []
        self._archived: list[int] = []
        self.compared: dict[str, Any] = {}

    async def take(self) -> None:
        """Read progress, then the buckets, then what the API shows: each whole, at one moment."""
        self._stored_floor = await self._progress(self._reader.names.scorecards)
        await self._tables.run(sql.SNAPSHOT, log=self._log)
        rows = await self._tables.rows(sql.BUCKET_POSITIONS)
        self._stored = {unit: offset for unit, offset in rows}  # noqa: C416 - typed
        self._snapshot = self._shown()
        self._published, self._position = self._snapshot.values, self._snapshot.units.position
        self._published_floor = self._by_partition(self._snapshot.progress)
        await self._tables.run(sql.FIGURES_TABLE)
        rows = [row for place, value in self._published.items() for row in figure_rows(*place, *value)]
        await self._tables.insert("figures", FIGURE_COLUMNS, rows)
        buckets = (await self._tables.rows("SELECT count() FROM $rows"))[0][0]
        units = self._stored.keys() | {unit for unit, _ in self._published}
        self.compared |= {"units": len(units), "buckets": buckets, "figures": len(rows)}

    async def place(self) -> list[Difference]:
        """Settle each unit's positions, and report those beyond the log's end."""
        end, self._closings = self._by_partition(await self._reader.ends()), await self._reader.closings_span()
        stored = {(unit, ""): offset for unit, offset in self._stored.items()}
        shown = {place: value[0][2] for place, value in self._published.items()}
        differences = self._beyond(stored, end, "position") + self._beyond(shown, end, "published position")
        for name, floor in (("scorecards.v1", self._stored_floor), ("index.v1", self._published_floor)):
            for partition, offset in enumerate(floor):
                if offset > end[partition]:
                    found = f"progress of {name} at {offset}"
                    differences.append(Difference("", f"partition {partition}", f"at most {end[partition]}", found))
        self._stored_floor = [min(pair) for pair in zip(self._stored_floor, end, strict=True)]
        self._published_floor = [min(pair) for pair in zip(self._published_floor, end, strict=True)]
        self._need = [max(pair) for pair in zip(self._stored_floor, self._published_floor, strict=True)]
        for positions, table in ((stored, "position"), (shown, "shown")):
            await self._place(positions, end, table)
        rows = await self._tables.rows(sql.BEYOND_END, log=self._log, floor=end)
        differences += [
            Difference(unit, f"partition {partition} offset {offset}", "no event: the log ends before it", "an event")
            for partition, offset, unit in rows
        ]
        self.compared["positions"] = {str(partition): offset for partition, offset in enumerate(self._need)}
        return differences

    async def not_stored(self) -> str | None:
        """None when the store has all events, closings and units that are needed, else which it waits for."""
        names = self._reader.names
        self._archived = await self._progress(names.responses)
        for partition, (have, need) in enumerate(zip(self._archived, self._need, strict=True)):
            if have < need:
                return (
                    f"the archive of partition {partition} ends at {have}, the figures are at {need}: is the sink up?"
                )
        others = (
            ("closings", (await self._progress(names.periods))[0], self._closings[1]),
            ("register", await units_position(self._tables.store, self._log, self._reader.units), self._position),
        )
        for what, have, need in others:
            if have < need:
                return f"the store has the {what} up to {have}, the log up to {need}: is the sink up?"
        return None

    async def archive(self) -> list[Difference]:
        """Is each record of the log archived exactly once, and unaltered?"""
        found: list[Difference] = []
        by_partition = {
            row[0]: row[1:] for row in await self._tables.rows(sql.ARCHIVED, log=self._log, floor=self._archived)
        }
        for partition, end in enumerate(self._archived):
            rows, distinct = by_partition.get(partition, (0, 0))
            if (rows, distinct) != (end, end):
                first = await self._tables.rows(sql.FIRST_MISSING, log=self._log, partition=partition, end=end)
                where = f"partition {partition} offset {first[0][0]}"
                found.append(Difference("", where, f"{end} events below {end}, each once", f"{distinct} events"))
        self.compared["events"] = sum(self._archived)
        altered = await self._tables.rows(sql.ALTERED, log=self._log)
        return found + [
            Difference(unit, f"partition {partition} offset {offset}", "the event as it was archived", "altered")
            for partition, offset, unit in altered
        ]

    async def buckets(self) -> list[Difference]:
        """Every bucket row against the events, each unit at its position."""
        found: list[Difference] = []
        await self._tables.run(tree_sql.HOURS_TABLE)
        for code, statements in STATEMENTS.items():
            await self._tables.run(statements.hours, log=self._log, floor=self._stored_floor)
            rows = await self._tables.rows(statements.buckets)
            found += [
                Difference(unit, f"{code} {rfc3339_minute(hour // 60)}/{service}", *texts(_CARD, expected, stored))
                for unit, hour, service, expected, stored in rows
            ]
        return found

    async def sums(self) -> list[Difference]:
        """The sums of days and months against the buckets."""
        return await sum_differences(self._tables.store, self._log)

    async def figures(self) -> list[Difference]:
        """Every published window against the events, each unit at its position."""
        found: list[Difference] = []
        for code, statements in STATEMENTS.items():
            missing = await self._tables.rows(statements.unpublished, log=self._log, floor=self._published_floor)
            found += [Difference(unit, f"{code} figure", "published", "not published") for (unit,) in missing]
            statement = statements.figures.replace("$position", "$shown")
            rows = await self._tables.rows(statement, log=self._log, floor=self._published_floor)
            found += [
                Difference(unit, f"{code} window {window}", *texts(COMPARED, expected, shown))
                for unit, window, expected, shown in rows
            ]
        return found

    async def states(self) -> list[Difference]:
        """The state of every response against its events; raises NotReached."""
        return await state_differences(self._tables.store, self._log, self._reader.names.responses)

    async def closings(self) -> list[Difference]:
        """Every frozen number against the events below its position, every row against the log; raises NotReached."""
        store = self._tables.store
        found, self.compared["closings"] = await closing_differences(store, self._log, self._archived)
        return found + await closing_row_differences(store, self._log, self._reader, *self._closings)

    async def register(self) -> list[Difference]:
        """Every version of every unit in the store against the log, where the API's own register ends."""
        said = await self._reader.register(self._position)
        self._said = [unit for _, unit in said.values()]
        found, self.compared["versions"] = await unit_differences(self._tables.store, self._log, said, self._position)
        return found

    async def lineage(self) -> list[Difference]:
        """The register as the rows that SQL joins; raises NotReached."""
        found, self.compared["lineage"] = await lineage_differences(
            self._tables, self._reader, lambda: self._shown().now_ms
        )
        return found

    async def quality(self) -> list[Difference]:
        """What became of events, by unit and hour; after the archive. Raises NotReached."""
        found, self.compared["counts"] = await quality_differences(
            self._tables, self._log, self._archived, lambda: self._progress(self._reader.names.responses)
        )
        return found

    async def rejections(self) -> list[Difference]:
        """Which records were refused, and why; raises NotReached."""
        reader = self._reader
        found, self.compared["rejections"] = await rejection_differences(
            self._tables, reader, self._log, lambda: self._progress(reader.rejected)
        )
        return found

    async def cells(self) -> list[Difference]:
        """What answers come to by cell and day; after states and lineage. Raises NotReached."""
        found, self.compared["cells"] = await cell_differences(self._tables, self._reader, self._log, self._progress)
        return found

    async def roll_ups(self) -> list[Difference]:
        """What the API answers about current periods and about units with those below them; after all the others."""
        check = RollUpCheck(self._tables, self._snapshot, self._said, self._log)
        found = await check.differences()
        self.compared["answers"] = check.compared
        return found

    def trace(self, unit: str) -> object:
        """Changes when the unit moves: the positions of its newest bucket, of its published figure, of the register."""
        shown = [value[0][2] for (name, _), value in self._published.items() if name == unit]
        return self._stored.get(unit), shown, self._position

    def _beyond(self, positions: Mapping[tuple[str, str], int], end: Sequence[int], what: str) -> list[Difference]:
        found: list[Difference] = []
        for (unit, code), offset in sorted(positions.items()):
            limit = end[partition_of(unit, self._partitions)]
            if offset > limit:
                found.append(Difference(unit, f"{code} {what}".strip(), f"at most {limit}, the log's end", str(offset)))
        return found

    async def _place(self, positions: Mapping[tuple[str, str], int], end: Sequence[int], table: str) -> None:
        await self._tables.run(sql.POSITION_TABLE.replace("$position", f"${table}"))
        rows = []
        for (unit, code), offset in positions.items():
            partition = partition_of(unit, self._partitions)
            rows.append((code, unit, min(offset, end[partition])))
            self._need[partition] = max(self._need[partition], rows[-1][2])
        await self._tables.insert(table, ("code", "unit", "offset"), rows)

    async def _progress(self, topic: str) -> list[int]:
        rows = await self._tables.rows(
            "SELECT partition, source_offset FROM ikm.progress FINAL "
            "WHERE topic = {topic:String} AND log = {log:UInt64}",
            topic=topic,
            log=self._log,
        )
        return self._by_partition({partition: offset for partition, offset in rows})  # noqa: C416 - typed

    def _by_partition(self, offsets: Mapping[int, int]) -> list[int]:
        return [offsets.get(partition, 0) for partition in range(self._partitions)]
