"""One comparison of the truth check: what was found at one moment, and its recomputation."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any, Final

from api.difference import Difference, texts
from api.verify_closings import closing_differences
from api.verify_sums import sum_differences
from ikm.index import INDICES
from ikm.partition import partition_of
from ikm.times import rfc3339_minute
from runtime import verify_sql as sql
from runtime.clickhouse import Columns, Lane, Store
from runtime.recompute import COMPARED, STATEMENTS

_FIGURE_COLUMNS: Final = (
    "code", "unit", "window", "from_s", "to_s", "offset", "n", "sum_x", "sum_xx", "histogram", "parts", "watermark",
    "hundredths", "mutu", "missing",
)  # fmt: skip
_CARD: Final = ("n", "sum_x", "sum_xx", "histogram", "parts", "watermark")


@dataclass(frozen=True, slots=True)
class Snapshot:
    """What `index.v1` says at one instant.

    Attributes:
        values: (unit, index) -> (sequence, windows) of its value, as published: `windows[code]` has `from`, `to`,
            `watermark`, `scorecard` and `figure`.
        progress: source partition -> next offset of its progress record; of this log only.
    """

    values: Mapping[tuple[str, str], tuple[Sequence[int], Mapping[str, Any]]]
    progress: Mapping[int, int]


class Check:
    """Call `take`, `place`, `not_archived` until it returns None, then the comparisons, and `drop` in any case.

    Args:
        store: ClickHouse.
        prefix: of the names of this check's own tables.
        log: the log's epoch.
        partitions: of `responses.v1`.
        topics: names of the responses' and the scorecards' topic in `progress`.
    """

    def __init__(self, store: Store, prefix: str, log: int, partitions: int, topics: tuple[str, str]) -> None:
        self._responses, self._scorecards = topics
        self._store, self._log, self._partitions = store, log, partitions
        names = ("rows", "figures", "position", "shown")
        self._tables = {name: f"{prefix}_{name}" for name in names}
        self._stored: dict[str, int] = {}
        self._published = Snapshot({}, {})
        self._stored_floor: list[int] = []
        self._published_floor: list[int] = []
        self._need: list[int] = []
        self._archived: list[int] = []
        self.compared: dict[str, Any] = {}

    async def take(self, published: Callable[[], Snapshot]) -> None:
        """Read progress, then the buckets, then the published figures: each whole, at one moment."""
        self._stored_floor = await self._progress(self._scorecards)
        await self._run(sql.SNAPSHOT, log=self._log)
        self._stored = {unit: offset for unit, offset in await self._rows(sql.BUCKET_POSITIONS)}  # noqa: C416 - typed
        self._published = published()
        self._published_floor = self._by_partition(self._published.progress)
        await self._run(sql.FIGURES_TABLE)
        rows = [row for place, value in self._published.values.items() for row in _figure_rows(*place, *value)]
        if rows:
            columns = Columns(_FIGURE_COLUMNS, list(zip(*rows, strict=True)))
            await self._store.insert(self._tables["figures"], columns)
        buckets = (await self._rows("SELECT count() FROM $rows"))[0][0]
        units = self._stored.keys() | {unit for unit, _ in self._published.values}
        self.compared |= {"units": len(units), "buckets": buckets, "figures": len(rows)}

    async def place(self, log_end: Mapping[int, int]) -> list[Difference]:
        """Settle each unit's positions, and report those beyond the log's end."""
        end = self._by_partition(log_end)
        stored = {(unit, ""): offset for unit, offset in self._stored.items()}
        shown = {place: value[0][2] for place, value in self._published.values.items()}
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
        rows = await self._rows(sql.BEYOND_END, log=self._log, floor=end)
        differences += [
            Difference(unit, f"partition {partition} offset {offset}", "no event: the log ends before it", "an event")
            for partition, offset, unit in rows
        ]
        self.compared["positions"] = {str(partition): offset for partition, offset in enumerate(self._need)}
        return differences

    async def not_archived(self) -> str | None:
        """None when the archive has all the events that are needed, else which it waits for."""
        self._archived = await self._progress(self._responses)
        for partition, (have, need) in enumerate(zip(self._archived, self._need, strict=True)):
            if have < need:
                return (
                    f"the archive of partition {partition} ends at {have}, the figures are at {need}: is the sink up?"
                )
        return None

    async def archive(self) -> list[Difference]:
        """Is each record of the log archived exactly once, and unaltered?"""
        found: list[Difference] = []
        by_partition = {row[0]: row[1:] for row in await self._rows(sql.ARCHIVED, log=self._log, floor=self._archived)}
        for partition, end in enumerate(self._archived):
            rows, distinct = by_partition.get(partition, (0, 0))
            if (rows, distinct) != (end, end):
                first = await self._rows(sql.FIRST_MISSING, log=self._log, partition=partition, end=end)
                where = f"partition {partition} offset {first[0][0]}"
                found.append(Difference("", where, f"{end} events below {end}, each once", f"{distinct} events"))
        self.compared["events"] = sum(self._archived)
        altered = await self._rows(sql.ALTERED, log=self._log)
        return found + [
            Difference(unit, f"partition {partition} offset {offset}", "the event as it was archived", "altered")
            for partition, offset, unit in altered
        ]

    async def buckets(self) -> list[Difference]:
        """Every bucket row against the events, each unit at its position."""
        found: list[Difference] = []
        for code, statements in STATEMENTS.items():
            rows = await self._rows(statements.buckets, log=self._log, floor=self._stored_floor)
            found += [
                Difference(unit, f"{code} {rfc3339_minute(hour // 60)}/{service}", *texts(_CARD, expected, stored))
                for unit, hour, service, expected, stored in rows
            ]
        return found

    async def sums(self) -> list[Difference]:
        """The sums of days and months against the buckets."""
        return await sum_differences(self._store, self._log)

    async def figures(self) -> list[Difference]:
        """Every published window against the events, each unit at its position."""
        found: list[Difference] = []
        for code, statements in STATEMENTS.items():
            missing = await self._rows(statements.unpublished, log=self._log, floor=self._published_floor)
            found += [Difference(unit, f"{code} figure", "published", "not published") for (unit,) in missing]
            statement = statements.figures.replace("$position", "$shown")
            rows = await self._rows(statement, log=self._log, floor=self._published_floor)
            found += [
                Difference(unit, f"{code} window {window}", *texts(COMPARED, expected, shown))
                for unit, window, expected, shown in rows
            ]
        return found

    async def closings(self) -> list[Difference]:
        """Every frozen number against the events below its position; raises NotReached."""
        found, self.compared["closings"] = await closing_differences(self._store, self._log, self._archived)
        return found

    def trace(self, unit: str) -> object:
        """Changes when the unit moves: the positions of its newest bucket and of its published figure."""
        shown = [value[0][2] for (name, _), value in self._published.values.items() if name == unit]
        return self._stored.get(unit), shown

    async def drop(self) -> None:
        """Remove this check's tables."""
        for table in self._tables.values():
            await self._store.command(f"DROP TABLE IF EXISTS {table}", lane=Lane.CHECK)

    def _beyond(self, positions: Mapping[tuple[str, str], int], end: Sequence[int], what: str) -> list[Difference]:
        found: list[Difference] = []
        for (unit, code), offset in sorted(positions.items()):
            limit = end[partition_of(unit, self._partitions)]
            if offset > limit:
                found.append(Difference(unit, f"{code} {what}".strip(), f"at most {limit}, the log's end", str(offset)))
        return found

    async def _place(self, positions: Mapping[tuple[str, str], int], end: Sequence[int], table: str) -> None:
        await self._run(sql.POSITION_TABLE.replace("$position", f"${table}"))
        rows = []
        for (unit, code), offset in positions.items():
            partition = partition_of(unit, self._partitions)
            rows.append((code, unit, min(offset, end[partition])))
            self._need[partition] = max(self._need[partition], rows[-1][2])
        if rows:
            columns = Columns(("code", "unit", "offset"), list(zip(*rows, strict=True)))
            await self._store.insert(self._tables[table], columns)

    async def _progress(self, topic: str) -> list[int]:
        rows = await self._rows(
            "SELECT partition, source_offset FROM ikm.progress FINAL "
            "WHERE topic = {topic:String} AND log = {log:UInt64}",
            topic=topic,
            log=self._log,
        )
        return self._by_partition({partition: offset for partition, offset in rows})  # noqa: C416 - typed

    def _by_partition(self, offsets: Mapping[int, int]) -> list[int]:
        return [offsets.get(partition, 0) for partition in range(self._partitions)]

    async def _rows(self, statement: str, **parameters: Any) -> Sequence[tuple[Any, ...]]:
        return await self._store.rows(sql.fill(statement, **self._tables), parameters, lane=Lane.CHECK)

    async def _run(self, statement: str, **parameters: Any) -> None:
        await self._store.command(sql.fill(statement, **self._tables), parameters, lane=Lane.CHECK)


def _figure_rows(unit: str, code: str, sequence: Sequence[int], windows: Mapping[str, Any]) -> list[tuple[Any, ...]]:
    elements, items = STATEMENTS[code].elements, INDICES[code].items
    rows = []
    for window, said in windows.items():
        card, figure = said["scorecard"], said["figure"]
        histogram = [count for item in items for count in card["items"][item.code]]
        value = -1 if figure["value"] is None else int(Decimal(str(figure["value"])) * 100)
        missing = [element for element in elements if element in figure["missing"]]
        times = (_seconds(said["from"]), _seconds(said["to"]), sequence[2])
        sums = (card["n"], card["sum_x"], card["sum_xx"], histogram, card.get("parts", []), _seconds(said["watermark"]))
        rows.append((code, unit, window, *times, *sums, value, figure["mutu"] or "", missing))
    return rows


def _seconds(text: str | None) -> int:
    return 0 if text is None else int(datetime.fromisoformat(text).timestamp())
