"""One file's way onto the log: read, check against the register, publish."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from ikm.events import Response
from ikm.names import is_source
from ikm.show import shown
from ikm.versions import Versions
from producers.columns import Columns, parse_maps, parse_questionnaire, resolve
from producers.importer import BadRow, Target, first_instant, read_rows
from producers.publisher import ResponsePublisher
from producers.table import Table, Unreadable, read_table
from producers.workbook import is_workbook, read_workbook
from runtime.clock import Clock

CHUNK = 1_000
ACKNOWLEDGED_WITHIN_S = 30.0


class OrderError(Exception):
    """What was asked for cannot be done; the message says which part and the cure."""


@dataclass(frozen=True, slots=True)
class Order:
    """What to import and how: the options of `ikm import`."""

    file: Path
    unit: str
    source: str = "import"
    maps: tuple[str, ...] = ()
    period: str | None = None
    id_column: str | None = None
    sheet: str | None = None
    questionnaire: str | None = None


@dataclass(frozen=True, slots=True)
class Opened:
    """A file that could be read, with what its columns mean."""

    order: Order
    table: Table
    columns: Columns


@dataclass(frozen=True, slots=True)
class Checked:
    """The responses of a file, and the rows that are none."""

    responses: tuple[Response, ...]
    bad_rows: tuple[BadRow, ...]


def open_file(order: Order) -> Opened:
    """Read a file and find what its columns mean; needs nothing but the file.

    Raises:
        OrderError: the source is no name, or a sheet is named and the file is no workbook.
        Unreadable: it is not there, no table, or has no rows.
        MappingError: its columns cannot be told apart or lack something, or there is no such questionnaire.
    """
    if not is_source(order.source):
        raise OrderError(f"--source {shown(order.source)} is no name: use 1 to 128 letters, digits, or . _ : -")
    maps, questionnaire = parse_maps(order.maps), parse_questionnaire(order.questionnaire)
    table = _read(order)
    if not table.rows:
        raise Unreadable("it has headers and no rows; export the sheet again with its answers")
    columns = resolve(table.headers, maps, questionnaire, id_column=order.id_column, needs_time=order.period is None)
    return Opened(order, table, columns)


def _read(order: Order) -> Table:
    try:
        data = order.file.read_bytes()
    except OSError as error:
        raise Unreadable(f"cannot be read ({error.strerror}); name a CSV or XLSX file that is there") from error
    if is_workbook(order.file.name, data):
        return read_workbook(data, order.sheet)
    if order.sheet is not None:
        raise OrderError(f"--sheet {shown(order.sheet)} names a sheet, and a CSV file has none: leave it out")
    return read_table(data)


def check_rows(opened: Opened, versions: Versions | None, *, received_ms: int) -> Checked:
    """Turn the rows of a file into responses about a unit.

    Args:
        opened: the file.
        versions: the unit as the register has it; None when it has none of that code.
        received_ms: now, UTC epoch milliseconds.

    Raises:
        OrderError: the unit is not registered, or the period is none.
    """
    order = opened.order
    if versions is None:
        raise OrderError(
            f"unit {shown(order.unit)} is not registered: PUT /v1/units/{{unit}} registers one; or correct --unit"
        )
    unit = versions.at(received_ms)
    try:
        submitted_at = first_instant(order.period, unit) if order.period is not None else None
    except ValueError as error:
        raise OrderError(f"--{error}") from error
    target = Target(unit, order.source, submitted_at, versions)
    responses: list[Response] = []
    bad_rows: list[BadRow] = []
    for outcome in read_rows(opened.table, opened.columns, target, received_ms=received_ms):
        if isinstance(outcome, BadRow):
            bad_rows.append(outcome)
        else:
            responses.append(outcome)
    return Checked(tuple(responses), tuple(bad_rows))


async def publish(
    responses: Sequence[Response],
    publisher: ResponsePublisher,
    clock: Clock,
    on_progress: Callable[[int], None] = lambda _: None,
) -> None:
    """Put responses on the log, acknowledged, in chunks; `on_progress` gets the size of each one.

    Raises:
        Unacknowledged: Kafka did not acknowledge in time; repeating the whole file changes nothing.
    """
    for start in range(0, len(responses), CHUNK):
        chunk = responses[start : start + CHUNK]
        await publisher.publish(chunk, received_ms=clock(), timeout_s=ACKNOWLEDGED_WITHIN_S)
        on_progress(len(chunk))
