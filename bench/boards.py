"""`make bench-boards`: every panel's query as the boards have it, over ten million answers about a thousand units.

Writes docs/boards.md. IKM_BENCH_ANSWERS makes it another number of answers, and writes nothing. IKM_BENCH_STORE names
a folder that keeps what was made: it is filled once, and measured as often as boards or views change.
"""

import asyncio
import contextlib
import json
import os
import platform
import re
import tempfile
import time
from collections.abc import AsyncIterator, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from statistics import median
from typing import Final

from clickhouse_connect.driver.exceptions import DatabaseError

from bench import boards_answers, boards_cells, boards_rest
from runtime.clickhouse import Lane, Store, connect
from runtime.topics import new_epoch
from sinks.schema import prepare
from tests.grafana import files
from tests.grafana.browser import ALL, Variable
from tests.grafana.expander import expand, expand_on_server
from tests.grafana.runner import of_panel, options
from tests.grafana.span import Span

ANSWERS: Final = 10_000_000
UNITS: Final = 1_000
ROUNDS: Final = 5
BOUND_MS: Final = 100
REPORT: Final = Path(__file__).parents[1] / "docs" / "boards.md"
_LENGTHS: Final = {"m": 60_000, "h": 3_600_000, "d": 86_400_000, "y": 365 * 86_400_000}
_POINTS: Final = 1_000
"""Of a panel as wide as the screen."""
_OF_ONE: Final = "unit"
"""The board of one unit: all units stand below the one that it opens with, so it is measured for another one too."""
_ALONE: Final = f"bench-{UNITS // 2:04}"


@dataclass(frozen=True)
class Measured:
    """A panel's query: milliseconds of each round, those of CPU, and what the engine read for it."""

    file: str
    panel: str
    ms: Sequence[float]
    cpu_ms: Sequence[float]
    rows: int
    size: int
    error: str = ""

    @property
    def is_held(self) -> bool:
        return not self.error and median(self.ms) <= BOUND_MS


async def measure() -> None:
    count = int(os.environ.get("IKM_BENCH_ANSWERS", ANSWERS))
    with _home() as home:
        store = await connect(f"chdb://{home / 'store'}")
        try:
            await prepare(store)
            if await _answers(store) < count:
                await _fill(store, count)
            await boards_cells.check(store)
            await _quiet(store)
            found = [one async for one in _boards(store)]
        finally:
            await store.close()
    text = "\n".join(_report(found, count))
    print(text)
    if count == ANSWERS:
        REPORT.write_text(text + "\n", "utf-8")
    print(f"{sum(not one.is_held for one in found)} of {len(found)} queries MISSED {BOUND_MS} ms")


@contextlib.contextmanager
def _home() -> Iterator[Path]:
    """Where the store is kept, or one that is removed afterwards."""
    kept = os.environ.get("IKM_BENCH_STORE")
    if kept:
        yield Path(kept).resolve()
        return
    with tempfile.TemporaryDirectory(prefix="ikm-boards-") as home:
        yield Path(home)


async def _answers(store: Store) -> int:
    """How many answers of a whole filling are there: what is put last says so."""
    (row,) = await store.rows("SELECT if((SELECT count() FROM ikm.ops) > 0, (SELECT count() FROM ikm.responses), 0)")
    return int(row[0])


async def _fill(store: Store, count: int) -> None:
    started, now_s, log = time.perf_counter(), int(time.time()), new_epoch()

    def say(what: str) -> None:
        print(f"  {time.perf_counter() - started:5.0f} s  {what}", flush=True)

    await boards_rest.put_progress(store, log, count, now_s * 1000)
    await boards_rest.put_register(store, log, boards_rest.register(UNITS), now_s * 1000)
    await boards_answers.fill(store, log=log, count=count, units=UNITS, now_s=now_s, say=say)
    await boards_cells.fill(store, log=log, units=UNITS, now_s=now_s, say=say)
    await boards_rest.put_windows(store, log, now_s * 1000)
    say("windows")
    say(f"{await boards_rest.put_closings(store, log, boards_rest.register(UNITS), now_s * 1000):,} closings")
    say(f"{await boards_rest.put_ops(store, now_s):,} samples")


async def _quiet(store: Store) -> None:
    """Wait until the engine has merged what it wants to merge."""
    for _ in range(120):
        if not await store.rows("SELECT 1 FROM system.merges"):
            return
        await asyncio.sleep(1)


async def _boards(store: Store) -> AsyncIterator[Measured]:
    now_ms = await _filled_ms(store)
    for file, board in files.committed().items():
        span = _span(board, now_ms)
        chosen = [await _default(store, board, name, span) for name in files.variables(board)]
        async for found in _board(store, file, span, chosen):
            yield found
    span = _span(files.committed()[_OF_ONE], now_ms)
    async for found in _board(store, _OF_ONE, span, [Variable("unit", _ALONE)], f", of {_ALONE} with none below it"):
        yield found


async def _board(
    store: Store, file: str, span: Span, chosen: Sequence[Variable], whose: str = ""
) -> AsyncIterator[Measured]:
    for query in files.queries(files.committed()[file]):
        at = of_panel(query, span)
        sql = expand_on_server(query.sql, at) if file == files.PUBLIC else expand(query.sql, at, chosen)
        name = query.panel.get("title") or query.where
        if len(query.panel.get("targets", ())) > 1:
            name = f"{name}, {query.where.rpartition(' ')[2]}"
        found = await _timed(store, sql, Measured(file + whose, name, [], [], 0, 0))
        print(f"  {found.file}: {name}: {found.error or f'{median(found.ms):.0f} ms'}", flush=True)
        yield found


async def _default(store: Store, board: files.Board, name: str, span: Span) -> Variable:
    values = tuple((await options(store, board, name, span))[0])
    variable = files.variables(board)[name]
    value = ALL if variable.get("includeAll") else values[0]
    return Variable(name, (value,) if variable.get("multi") else value, values)


async def _filled_ms(store: Store) -> int:
    """Up to when the store is filled, which is what a board shows up to: one that is kept was filled a while ago."""
    ((filled_ms,),) = await store.rows("SELECT toUnixTimestamp64Milli(max(at)) FROM ikm.ops")
    return int(filled_ms)


def _span(board: files.Board, now_ms: int) -> Span:
    """What the board shows when it is opened: `now-6h` to `now`."""
    said = re.fullmatch(r"now-(\d+)([mhdy])", board["time"]["from"])
    if said is None or board["time"]["to"] != "now":
        raise ValueError(f"{board['uid']} shows {board['time']}: this bench knows now-<n><m|h|d|y> to now")
    length = int(said[1]) * _LENGTHS[said[2]]
    return Span(now_ms - length, now_ms, interval_ms=max(1_000, length // _POINTS))


async def _timed(store: Store, sql: str, of: Measured) -> Measured:
    """Rounds after a first one that is not counted, and the engine's own count of what it read."""
    ms: list[float] = []
    cpu_ms: list[float] = []
    answer = b""
    for _ in range(ROUNDS + 1):
        wall, cpu = time.perf_counter(), time.process_time()
        try:
            answer = await store.run(lambda client: client.raw_query(sql, fmt="JSON"), Lane.READ)
        except DatabaseError as error:
            return replace(of, error=str(error).partition(". In scope")[0])
        ms.append(1000 * (time.perf_counter() - wall))
        cpu_ms.append(1000 * (time.process_time() - cpu))
    read = json.loads(answer)["statistics"]
    return replace(of, ms=ms[1:], cpu_ms=cpu_ms[1:], rows=read["rows_read"], size=read["bytes_read"])


def _report(found: Sequence[Measured], count: int) -> Iterator[str]:
    missed = [one for one in found if not one.is_held]
    when = f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC"
    load = os.getloadavg()[0]
    yield "# How long the boards' queries take"
    yield ""
    yield (
        f"{count:,} answers about {UNITS:,} units in {boards_answers.DAYS} days, `make bench-boards`, {when}, on "
        f"{os.cpu_count()} cores ({platform.machine()}), load {load:.1f} when it ended; each query as its board has "
        "it, every variable at its default, the range that the board opens with; the middle one of "
        f"{ROUNDS} runs after one that is not counted, in the engine inside the process. Asked: ≤ {BOUND_MS} ms. "
        "Other load on the machine moves ms more than CPU ms, which are of all threads together."
    )
    yield ""
    held = f"**{len(found) - len(missed)} of {len(found)} queries held the bound, {len(missed)} MISSED it.**"
    yield f"{held} The boards open with the unit that stands above all {UNITS:,}."
    for file in dict.fromkeys(one.file for one in found):
        yield from (
            "",
            f"## {file}",
            "",
            "| panel | ms | slowest | CPU ms | rows read | MiB read | |",
            "|---|--:|--:|--:|--:|--:|---|",
        )
        for one in (one for one in found if one.file == file):
            if one.error:
                yield f"| {one.panel} | | | | | | **FAILED**: {one.error} |"
                continue
            size = one.size / 2**20
            verdict = "held" if one.is_held else "**MISSED**"
            name = one.panel.replace("|", "/")
            spent = f"{median(one.ms):.0f} | {max(one.ms):.0f} | {median(one.cpu_ms):.0f}"
            yield f"| {name} | {spent} | {one.rows:,} | {size:.1f} | {verdict} |"


if __name__ == "__main__":
    asyncio.run(measure())
