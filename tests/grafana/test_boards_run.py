"""Every query of every committed board, run on the real engine with each variable at its default, All and several."""

from collections.abc import Sequence
from dataclasses import dataclass

import pytest

from ikm.index import INDICES
from tests.grafana import files, shape
from tests.grafana.browser import Variable
from tests.grafana.conftest import City
from tests.grafana.runner import Answer, kind_of, options, run, selections, used
from tests.grafana.seed_city import EMPTY, ROOT
from tests.grafana.span import Span

DAY_MS = 86_400_000
BOARDS = files.committed()
CODES = frozenset(INDICES)
TRIED = {"unit": (ROOT, "kel-barat-5", EMPTY), "type": ("puskesmas", "kelurahan"), "index": ("ipak",)}
YEAR, TWO_DAYS = 365 * DAY_MS, 2 * DAY_MS


@dataclass(frozen=True)
class Asked:
    """A query of a board as it was asked, and what it gave."""

    query: files.Query
    chosen: tuple[Variable, ...]
    answer: Answer
    is_default: bool

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
                    answer = await run(city.store, query, span(city, length), said, public=file == files.PUBLIC)
                    found.append(Asked(query, said, answer, is_default=not number and length == YEAR))
    return file, found


def test_every_query_gives_what_its_panel_needs(board: tuple[str, list[Asked]]) -> None:
    faults = set()
    for asked in board[1]:
        found = [*shape.null_faults(asked.query, asked.answer), *shape.order_faults(asked.query, asked.answer)]
        if asked.query.panel:
            found += shape.shape_faults(asked.query, asked.answer)
            found += shape.name_faults(asked.query, asked.answer, index_codes=CODES)
        faults |= {f"{asked.where}: {message}" for message in found}
    assert not faults, "\n".join(sorted(faults))


def test_every_panel_shows_something_of_the_whole_city(board: tuple[str, list[Asked]]) -> None:
    assert [asked.where for asked in board[1] if asked.is_default and not asked.answer.rows] == []


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
    for asked in board[1]:
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
