"""The truth check of what the API answers about units together with those below them, and about current periods.

The API's own code is asked, of one moment: the register and the common minute as they were then, hours from the copy of
the buckets. What it answers is held against SQL over the events and the register, by `runtime/verify_tree_sql.py`. From
the sums on the figure is the rules' own on both sides.
"""

import asyncio
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from typing import Any, Final

from api.difference import Difference
from api.figures import Hours
from api.frozen import LIVE
from api.periods import ClickHouseHistory
from api.query import Reach
from api.roll_up import RollUps
from api.verify_answer import OF_WHOLE, Card, flat, said_of
from api.verify_snapshot import Snapshot
from api.verify_tables import Tables
from api.verify_tree import fill_members
from ikm.closing import Scope
from ikm.index import INDICES, Index
from ikm.period import Period, period_of
from ikm.registry import Unit
from ikm.scorecard import LAYOUTS, Scorecard
from ikm.times import EARLIEST_MS, LATEST_MS, MS_PER_MINUTE, parse_rfc3339, rfc3339_minute
from ikm.window import WINDOWS
from runtime import verify_tree_sql as sql
from runtime.recompute import STATEMENTS

_SCOPES: Final[tuple[Scope, ...]] = ("pooled", "mean")
_ALL: Final = (EARLIEST_MS // MS_PER_MINUTE, LATEST_MS // MS_PER_MINUTE)
_MOST: Final = 1_000


@dataclass(frozen=True, slots=True)
class Asked:
    """One question: `mode` is self, at, current or window; `span` says which time."""

    owner: str
    span: str
    mode: str

    def place(self, index: str, scope: str) -> str:
        """For people: `ikm pooled window 30d`, `ikm mean 2026-S2`, `ikm pooled all tree=current`."""
        what = f"{index} {scope} {'window ' * (self.mode == 'window')}{self.span}"
        return f"{what} tree=current" if self.mode == "current" else what


class _Copied(ClickHouseHistory):
    """Hours from a copy that does not change, so that what is asked twice is read once."""

    _last: tuple[str, Mapping[str, Hours]] | None = None

    async def read_units(self, index: str, units: Mapping[str, Hours]) -> Mapping[str, tuple[Scorecard, int]]:
        """As in the class above; a pooled figure and the mean of the same units come one after the other."""
        if self._last != (index, units):
            self._read = await super().read_units(index, units)
            self._last = index, units
        return self._read


class RollUpCheck:
    """One comparison; call `differences` once.

    Args:
        tables: this check's own; `rows` and `hours` are filled.
        snapshot: what the API shows.
        register: every version of every unit, as the log has it where the snapshot's register ends.
        log: the log's epoch.
    """

    def __init__(self, tables: Tables, snapshot: Snapshot, register: Sequence[Unit], log: int) -> None:
        self._tables, self._snapshot, self._register, self._log = tables, snapshot, register, log
        copies = {"buckets": tables.name("rows"), "days": tables.name("days"), "months": tables.name("months")}
        self._history = _Copied(tables.store, log, copies=copies)
        self._reads = RollUps(snapshot.units, snapshot.figures, self._history, snapshot.frames, lambda: snapshot.now_ms)
        self._bounds: dict[Asked, tuple[int, int]] = {}
        self._found: dict[tuple[str, Asked, str], Mapping[str, Any]] = {}
        self.compared = 0

    async def differences(self) -> list[Difference]:
        """What the API answers and the events do not say, at most 1,000."""
        for statement in sql.COPIES:
            await self._tables.run(statement)
        for index in INDICES.values():
            await self._ask_alone(index)
            for unit in self._owners():
                await self._ask(index, unit)
        self.compared = len(self._found)
        await self._fill()
        counted = {Asked(*place): units for *place, units in await self._tables.rows(sql.COUNTED, now=self._now_s)}
        found = [
            Difference(owner, f"period {span}", _hours(first, last), _hours(from_s, to_s))
            for owner, span, from_s, to_s, first, last in await self._tables.rows(sql.PERIODS, now=self._now_s)
        ]
        for index in INDICES.values():
            cards = await self._cards(index)
            found += await asyncio.to_thread(self._compare, index, cards, counted)
        return found[:_MOST]

    @property
    def _now_s(self) -> int:
        return self._snapshot.now_ms // 1000

    def _owners(self) -> Iterator[Unit]:
        """Every unit that any version of another one names: below which there may be somebody at some time."""
        named = {code for unit in self._register for code in (unit.parent, unit.merged_into)}
        return (unit for unit in self._snapshot.units.all() if unit.code in named)

    def _period(self, unit: Unit) -> Period:
        return period_of(unit.period, self._snapshot.now_ms // MS_PER_MINUTE, unit.zone)

    async def _ask_alone(self, index: Index) -> None:
        """The current period of every unit alone, those with the same one together."""
        together: dict[Period, list[str]] = defaultdict(list)
        for unit in self._snapshot.units.all():
            together[self._period(unit)].append(unit.code)
        for period, units in together.items():
            hours = [(period.from_minute // 60, period.to_minute // 60)]
            cards = await self._history.read_units(index.code, dict.fromkeys(units, hours))
            await asyncio.to_thread(self._take_alone, index, period, units, cards)

    def _take_alone(
        self, index: Index, period: Period, units: Sequence[str], cards: Mapping[str, tuple[Scorecard, int]]
    ) -> None:
        for unit in units:
            asked = Asked(unit, period.code, "self")
            self._bounds[asked] = (60 * period.from_minute, 60 * period.to_minute)
            card, minute = cards.get(unit, (LAYOUTS[index.code].empty, 0))
            self._found[index.code, asked, "self"] = said_of(index, "self", {unit: (card, 60 * minute)}, 1)

    async def _ask(self, index: Index, unit: Unit) -> None:
        """All that may be asked of a unit with those below it."""
        period = self._period(unit)
        if self._snapshot.figures.minutes.common is not None:
            for scope, window in product(_SCOPES, WINDOWS):
                body = self._reads.window(unit, index, window, Reach(scope, current=True), public=False)
                self._take(index, Asked(unit.code, window, "window"), scope, body)
                await asyncio.sleep(0)  # answers are served meanwhile
        for scope in _SCOPES:
            body = await self._reads.period(unit, index, period, Reach(scope, current=False), LIVE, public=False)
            self._take(index, Asked(unit.code, period.code, "at"), scope, body)
        for mode, scope in product(("at", "current"), _SCOPES):
            body = await self._reads.span(unit, index, *_ALL, Reach(scope, mode == "current"))
            self._take(index, Asked(unit.code, "all", mode), scope, body)

    def _take(self, index: Index, asked: Asked, scope: str, body: Mapping[str, Any]) -> None:
        self._bounds[asked] = _seconds(body["from"]), _seconds(body["to"])
        self._found[index.code, asked, scope] = flat(body, body["elements"], {name: body[name] for name in OF_WHOLE})

    async def _fill(self) -> None:
        """Who stood below whom, what was asked, and what was counted in the windows of the common minute."""
        await fill_members(self._tables, self._register)
        await self._tables.run(sql.ASKED_TABLE)
        asked = [(one.owner, one.span, one.mode, *bounds) for one, bounds in self._bounds.items()]
        await self._tables.insert("asked", ("owner", "span", "mode", "from_s", "to_s"), asked)
        await self._tables.run(sql.WINDOWS_TABLE)
        await self._fill_windows()

    async def _fill_windows(self) -> None:
        minutes = self._snapshot.figures.minutes
        if minutes.common is None:
            return
        units = {unit for unit, _ in self._snapshot.values}
        positions = [
            (index, unit, value[0].offset)
            for index in INDICES
            for unit, value in minutes.at(minutes.common, units, index).items()
        ]
        await self._tables.run(sql.COMMON_TABLE)
        await self._tables.insert("common", ("code", "unit", "offset"), positions)
        floor = [offset for _, offset in sorted(minutes.offsets(minutes.common).items())]
        for index in INDICES:
            statement = STATEMENTS[index].windows.replace("$position", "$common")
            await self._tables.run(statement, log=self._log, floor=floor)

    async def _cards(self, index: Index) -> Mapping[Asked, Mapping[str, Card]]:
        found: dict[Asked, dict[str, Card]] = defaultdict(dict)
        rows = await self._tables.rows(sql.CARDS, now=self._now_s, code=index.code)
        for owner, span, mode, member, n, sum_x, sum_xx, histogram, parts, watermark in rows:
            card = Scorecard(n, sum_x, sum_xx, tuple(histogram), tuple(parts))
            found[Asked(owner, span, mode)][member] = card, watermark
        return found

    def _compare(
        self, index: Index, cards: Mapping[Asked, Mapping[str, Card]], counted: Mapping[Asked, int]
    ) -> list[Difference]:
        differences = []
        for (code, asked, scope), found in self._found.items():
            if code != index.code:
                continue
            expected = said_of(index, scope, cards.get(asked, {}), counted.get(asked, 0))
            names = [name for name in expected if expected[name] != found[name]]
            if names:
                both = (" ".join(f"{name}={said[name]}" for name in names) for said in (expected, found))
                differences.append(Difference(asked.owner, asked.place(code, scope), *both))
        return differences


def _seconds(text: str) -> int:
    return parse_rfc3339(text) // 1000


def _hours(*seconds: int) -> str:
    return " to ".join(rfc3339_minute(second // 60) for second in seconds)
