"""Every query of every committed board, run on the real engine with each variable at its default, All and several."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

import pytest
from clickhouse_connect.driver.exceptions import DatabaseError

from ikm.index import INDICES
from tests.grafana import expected, files, shape
from tests.grafana.browser import Variable
from tests.grafana.conftest import City
from tests.grafana.panel import Panel
from tests.grafana.runner import Answer, kind_of, of_panel, options, run, selections, used
from tests.grafana.seed_city import EMPTY, HOSPITAL, ROOT
from tests.grafana.span import Span

DAY_MS = 86_400_000
BOARDS = files.committed()
CODES = frozenset(INDICES)
TRIED = {
    "unit": (ROOT, "kec-barat", "kel-barat-5", EMPTY),
    "type": ("puskesmas", HOSPITAL.replace("\\", r"\\")),
    "index": ("ipak",),
}
YEAR, TWO_DAYS = 365 * DAY_MS, 2 * DAY_MS


@dataclass(frozen=True)
class Asked:
    """A query of a board as it was asked, and what it gave."""

    query: files.Query
    chosen: tuple[Variable, ...]
    span: Span
    answer: Answer | None
    error: str = ""
    is_default: bool = False

    @property
    def where(self) -> str:
        return f"{self.query.where} with {[(one.name, one.value) for one in self.chosen]}"


def span(city: City, length_ms: int, back_ms: int = 0) -> Span:
    """A range that ends now, or so long ago; its points are as far apart as on a wide panel."""
    end = city.seed.now_ms - back_ms
    return Span(end - length_ms, end, interval_ms=max(1_000, length_ms // 1_000))


async def chosen(city: City, file: str) -> list[tuple[Variable, ...]]:
    board = BOARDS[file]
    values = {name: (await options(city.store, board, name, span(city, YEAR)))[0] for name in files.variables(board)}
    return list(selections(board, values, TRIED))


@pytest.fixture(scope="module", params=BOARDS)
async def board(city: City, request: pytest.FixtureRequest) -> tuple[str, list[Asked]]:
    """A board and its queries over a year, with all that may be chosen; those with a range also over two days."""
    file, found, seen = request.param, [], set()
    for number, selection in enumerate(await chosen(city, file)):
        for query in files.queries(BOARDS[file]):
            said = used(query, selection)
            for length in (YEAR, TWO_DAYS) if "$__fromTime" in query.sql and not number else (YEAR,):
                if (query.where, said, length) not in seen:
                    seen.add((query.where, said, length))
                    found.append(await asked(city, file, query, said, length, is_default=not number))
    return file, found


async def asked(
    city: City, file: str, query: files.Query, said: tuple[Variable, ...], length: int, *, is_default: bool
) -> Asked:
    at = span(city, length)
    try:
        answer = await run(city.store, query, at, said, public=file == files.PUBLIC)
    except (DatabaseError, ValueError) as error:
        return Asked(query, said, at, None, str(error).partition("(version")[0])
    return Asked(query, said, of_panel(query, at), answer, is_default=is_default and length == YEAR)


def test_every_query_runs(board: tuple[str, list[Asked]]) -> None:
    assert {f"{asked.query.where}: {asked.error}" for asked in board[1] if asked.error} == set()


def test_every_query_gives_what_its_panel_needs(board: tuple[str, list[Asked]]) -> None:
    faults, given = set(), defaultdict[int, set[str]](set)
    for asked, answer in answered(board):
        given[id(asked.query.panel)] |= set(answer.columns)
    for asked, answer in answered(board):
        found = [*shape.null_faults(asked.query, answer), *shape.order_faults(asked.query, answer)]
        if asked.query.panel:
            found += shape.shape_faults(asked.query, answer)
            found += shape.name_faults(
                asked.query, answer, beside=frozenset(given[id(asked.query.panel)]), index_codes=CODES
            )
        faults |= {f"{asked.where}: {message}" for message in found}
    assert not faults, "\n".join(sorted(faults))


def test_every_figure_is_the_core_s(city: City, board: tuple[str, list[Asked]]) -> None:
    faults, unknown = set(), set()
    for asked, answer in answered(board):
        found = expected.faults(panel(city, asked, answer)) if shows_figures(board[0], asked) else []
        if found is None:
            unknown.add(asked.query.where)
        faults |= {f"{asked.where}: {message}" for message in found or ()}
    assert not faults, "\n".join(sorted(faults))
    assert unknown == set(), "nothing says here what these must show"


def test_a_figure_that_is_off_by_a_hundredth_is_found(city: City, board: tuple[str, list[Asked]]) -> None:
    missed = []
    for asked, answer in answered(board):
        figures = [name for name, type_ in zip(answer.columns, answer.types, strict=True) if "Decimal(5, 2)" in type_]
        at = next(
            (list(answer.columns).index(name) for name in figures if answer.rows and answer.column(name)[0]), None
        )
        if asked.is_default and shows_figures(board[0], asked) and at is not None:
            first = list(answer.rows[0])
            first[at] += Decimal("0.01")
            if not expected.faults(panel(city, asked, replace(answer, rows=[first, *answer.rows[1:]]))):
                missed.append(f"{asked.where}: {answer.columns[at]}")
    assert missed == []


def shows_figures(file: str, asked: Asked) -> bool:
    return bool(asked.query.panel) and file not in files.OPERATION


def panel(city: City, asked: Asked, answer: Answer) -> Panel:
    said = {one.name: str(one.value) for one in asked.chosen}
    at = asked.span
    return Panel(city.oracle, said.get("unit", ROOT), answer, at.from_ms, at.to_ms, said.get("index", ""))


def test_every_panel_shows_something_of_the_whole_city(board: tuple[str, list[Asked]]) -> None:
    assert [asked.where for asked, answer in answered(board) if asked.is_default and not answer.rows] == []


def answered(board: tuple[str, list[Asked]]) -> list[tuple[Asked, Answer]]:
    return [(asked, asked.answer) for asked in board[1] if asked.answer is not None]


async def test_variables_have_values_and_texts(city: City, board: tuple[str, list[Asked]]) -> None:
    for name in files.variables(BOARDS[board[0]]):
        values, texts = await options(city.store, BOARDS[board[0]], name, span(city, YEAR))
        assert values, f"variable {name} has no value"
        assert len(set(values)) == len(values)
        assert all(isinstance(text, str) and text for text in texts)
        if name == "unit":
            assert values[0] == ROOT, "the root comes first: it is the default"


async def test_queries_bear_a_range_without_any_answer(city: City, board: tuple[str, list[Asked]]) -> None:
    """Long before the first one: nothing fails, and nothing is made up."""
    before = span(city, 30 * DAY_MS, back_ms=5 * YEAR)
    for asked, _ in answered(board):
        if asked.is_default and "Time" in asked.query.sql:
            answer = await run(city.store, asked.query, before, asked.chosen, public=board[0] == files.PUBLIC)
            assert list(shape.null_faults(asked.query, answer)) == [], asked.where


@pytest.mark.parametrize(
    ("kind", "types"),
    [
        ("time", ("DateTime64(3, 'UTC')", "Nullable(DateTime('UTC'))", "Date", "DateTime")),
        ("number", ("UInt64", "Nullable(Decimal(5, 2))", "Decimal(5, 2)", "Float64", "Nullable(UInt8)")),
        ("string", ("LowCardinality(Nullable(String))", "LowCardinality(String)", "String", "Nullable(String)")),
        ("boolean", ("Bool", "Nullable(Bool)")),
        ("json", ("Array(String)", "Map(String, UInt8)", "Tuple(UInt8)", "Nullable(Nothing)")),
    ],
)
def test_types_become_the_fields_that_the_plugin_makes_of_them(kind: str, types: Sequence[str]) -> None:
    assert {type_: kind_of(type_) for type_ in types} == dict.fromkeys(types, kind)
