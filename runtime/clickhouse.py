"""ClickHouse, embedded (chDB) or as a server, through one client with the settings of the house.

A client has one connection, and calls on it run one after the other. So a `Store` has several, in three lanes that
never wait for each other: short reads (what an API request waits for), long reads (`check`: verify, exports) and
writes. Calls run in threads; the engine works outside Python's lock, so the event loop goes on meanwhile.
"""

import asyncio
import contextlib
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from enum import StrEnum
from itertools import chain
from queue import SimpleQueue
from typing import Any, TypeVar
from urllib.parse import unquote, urlsplit

import clickhouse_connect
from clickhouse_connect.driver import exceptions
from clickhouse_connect.driver.client import Client

T = TypeVar("T")
Row = tuple[Any, ...]

DATABASE = "ikm"

INSERT_SETTINGS: Mapping[str, str] = {
    "async_insert": "0",
    "insert_deduplicate": "1",
    "insert_quorum": "0",
    "optimize_on_insert": "1",
    "max_insert_threads": "1",
    "max_insert_block_size": "1000000",
    "min_insert_block_size_rows": "1000000",
    "min_insert_block_size_bytes": "268435456",
}
"""Pinned for every insert. One insert below a million rows and 256 MiB is one block, so one part: seen whole or not
at all. With `async_insert` (ClickHouse's default since 26) it would be acknowledged in a batch with strangers."""

TABLE_SETTINGS: Mapping[str, str] = {
    "non_replicated_deduplication_window": "10000",
    "fsync_after_insert": "1",
    "fsync_part_directory": "1",
}
"""What every table's own settings must say; asserted by `check_settings`."""

_ROW_ERRORS = frozenset({6, 26, 27, 33, 38, 41, 43, 53, 69, 70, 72, 117, 130, 131, 321, 349, 407, 469, 634})
"""ClickHouse's codes for a value that does not fit: cannot parse or convert, out of bounds, violated constraint."""

_ENCODING_ERRORS = (exceptions.DataError, TypeError, ValueError, OverflowError, ArithmeticError, AttributeError)


class StoreError(Exception):
    """The store is not as it must be; the message says what, where and the cure."""


class Lane(StrEnum):
    """Which connections a call uses: calls of one lane wait for each other, never for another lane's."""

    READ = "read"
    CHECK = "check"
    WRITE = "write"


_WIDTH: Mapping[Lane, int] = {Lane.READ: 3, Lane.CHECK: 1, Lane.WRITE: 2}
_LANE_SETTINGS: Mapping[Lane, Mapping[str, str]] = {
    Lane.READ: {"max_threads": "1"},
    Lane.CHECK: {"max_threads": "2"},
    Lane.WRITE: {},
}


@dataclass(frozen=True, slots=True)
class Columns:
    """Rows to insert, column by column.

    Attributes:
        names: the columns' names.
        values: one sequence per column, all of the same length; times as integers (`DateTime` seconds,
            `DateTime64(3)` milliseconds since 1970).
    """

    names: Sequence[str]
    values: Sequence[Sequence[Any]]

    def __len__(self) -> int:
        return len(self.values[0]) if self.values else 0

    def pick(self, rows: Sequence[int]) -> "Columns":
        """The same columns with only these rows."""
        return Columns(self.names, [[column[row] for row in rows] for column in self.values])

    @classmethod
    def join(cls, parts: "Sequence[Columns]") -> "Columns":
        """The rows of several under one another; all have the same names."""
        columns = zip(*(part.values for part in parts), strict=True)
        return cls(parts[0].names, [list(chain.from_iterable(column)) for column in columns])


class Store:
    """An open ClickHouse; make one with `connect`, close it with `close`."""

    def __init__(self, dsn: str, clients: Mapping[Lane, Sequence[Client]]) -> None:
        self.dsn = dsn
        self._clients = clients
        self._idle: dict[Lane, SimpleQueue[Client]] = {}
        self._threads: dict[Lane, ThreadPoolExecutor] = {}
        self._types: dict[tuple[str, tuple[str, ...]], list[Any]] = {}
        for lane, members in clients.items():
            self._idle[lane] = SimpleQueue()
            for client in members:
                self._idle[lane].put(client)
            self._threads[lane] = ThreadPoolExecutor(len(members), thread_name_prefix=f"clickhouse-{lane}")

    @property
    def is_embedded(self) -> bool:
        """Whether the engine runs in this process, which then is the only one that has the store."""
        return self.dsn.startswith("chdb:")

    async def run(self, call: Callable[[Client], T], lane: Lane = Lane.READ) -> T:
        """Call with a client of the lane, in a thread; a cancelled caller leaves the call to finish by itself."""
        return await asyncio.get_running_loop().run_in_executor(self._threads[lane], self._with_client, call, lane)

    async def rows(
        self, sql: str, parameters: Mapping[str, Any] | None = None, *, lane: Lane = Lane.READ
    ) -> Sequence[Row]:
        """The rows of a query; `{name:Type}` in the SQL is filled from `parameters` by the engine, not by pasting."""
        settings = dict(_LANE_SETTINGS[lane])

        def call(client: Client) -> Sequence[Row]:
            result: Sequence[Row] = client.query(sql, parameters=parameters, settings=settings).result_rows
            return result

        return await self.run(call, lane)

    async def command(self, sql: str, parameters: Mapping[str, Any] | None = None, *, lane: Lane = Lane.WRITE) -> Any:
        """Run a statement that returns nothing or one value (DDL, SELECT of one cell)."""
        return await self.run(lambda client: client.command(sql, parameters=parameters), lane)

    async def insert(self, table: str, columns: Columns, token: str = "") -> None:
        """Insert rows as one block: visible all at once, durable on return, dropped if `token` was inserted before.

        Args:
            table: `database.table`.
            columns: the rows, at most a million.
            token: names exactly these rows; the table's last 10,000 tokens are known.

        Raises:
            Exception: whatever the client raises; `is_row_error` tells a bad value from a store that is away.
        """
        await self.run(lambda client: self.insert_now(client, table, columns, token), Lane.WRITE)

    def insert_now(self, client: Client, table: str, columns: Columns, token: str = "") -> None:
        """`insert` for a thread that already holds a client."""
        settings = {**INSERT_SETTINGS, **({"insert_deduplication_token": token} if token else {})}
        known = (table, tuple(columns.names))
        if known not in self._types:
            self._types[known] = list(client.create_insert_context(table, list(columns.names)).column_types)
        client.insert(
            table,
            columns.values,
            column_names=list(columns.names),
            column_types=self._types[known],
            column_oriented=True,
            settings=settings,
        )

    async def close(self) -> None:
        """Wait for running calls, then close every connection."""
        await asyncio.to_thread(self._close)

    def _close(self) -> None:
        for pool in self._threads.values():
            pool.shutdown(wait=True)
        for client in (client for members in self._clients.values() for client in members):
            with contextlib.suppress(exceptions.Error):  # the far side may have gone first
                client.close()

    def _with_client(self, call: Callable[[Client], T], lane: Lane) -> T:
        client = self._idle[lane].get()
        try:
            return call(client)
        finally:
            self._idle[lane].put(client)


async def connect(dsn: str) -> Store:
    """Open the store.

    Args:
        dsn: `chdb:///path` (this process then owns the path) or `http://user:password@host:8123`.

    Raises:
        StoreError: it cannot be opened: another process owns the path, or no server answers.
    """
    return await asyncio.to_thread(_connect, dsn)


def _connect(dsn: str) -> Store:
    opened: list[Client] = []
    try:
        return Store(dsn, {lane: [_client(dsn, opened) for _ in range(width)] for lane, width in _WIDTH.items()})
    except (exceptions.Error, OSError) as error:
        for client in opened:
            client.close()
        if dsn.startswith("chdb:"):
            cure = "one process owns a chDB path: stop the other `ikm up`, or choose another --data-dir"
        else:
            cure = "check IKM_CLICKHOUSE and that the server answers on /ping"
        raise StoreError(f"ClickHouse at {_without_password(dsn)} cannot be opened: {cure} ({error})") from error


def _client(dsn: str, opened: list[Client]) -> Client:
    parts = urlsplit(dsn)
    if parts.scheme == "chdb":
        client = clickhouse_connect.get_client(interface="chdb", path=unquote(parts.path))
    else:
        client = clickhouse_connect.get_client(
            interface=parts.scheme,
            host=parts.hostname,
            port=parts.port or 8123,
            username=unquote(parts.username or "default"),
            password=unquote(parts.password or ""),
            autogenerate_session_id=False,
        )
    opened.append(client)
    return client


def is_row_error(error: BaseException) -> bool:
    """Whether an insert failed because of a value in it (repeating can't help) and not because the store is away."""
    if isinstance(error, exceptions.DatabaseError) and error.code is not None:
        return error.code in _ROW_ERRORS
    return isinstance(error, _ENCODING_ERRORS)


async def check_settings(store: Store) -> None:
    """Assert that the pinned settings are in force, for the connection and for every MergeTree table of ours.

    Raises:
        StoreError: names the setting or the table and what it must be.
    """
    wanted = ", ".join(f"{name} = '{value}'" for name, value in INSERT_SETTINGS.items())
    names = ", ".join(f"'{name}'" for name in INSERT_SETTINGS)
    sql = f"SELECT name, value FROM system.settings WHERE name IN ({names}) SETTINGS {wanted}"  # noqa: S608
    found: dict[str, str] = dict(await store.rows(sql))
    for name, value in INSERT_SETTINGS.items():
        if found.get(name) != value:
            raise StoreError(f"ClickHouse has {name}={found.get(name)}, must have {value}: lift its constraint for us")
    tables = await store.rows(
        "SELECT name, engine_full FROM system.tables WHERE database = {d:String} AND engine LIKE '%MergeTree'",
        {"d": DATABASE},
    )
    for table, engine in tables:
        for name, value in TABLE_SETTINGS.items():
            if f"{name} = {value}" not in engine:
                cure = f"ALTER TABLE {DATABASE}.{table} MODIFY SETTING {name} = {value}"
                raise StoreError(f"table {DATABASE}.{table} must have {name} = {value}: {cure}")


def _without_password(dsn: str) -> str:
    parts = urlsplit(dsn)
    return dsn if parts.password is None else dsn.replace(f":{parts.password}@", ":***@")
