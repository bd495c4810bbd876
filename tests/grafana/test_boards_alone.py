"""Every board over a register of one unit, which says no kind: what lists others lists it, or says a word."""

import time
from collections.abc import AsyncIterator

import pytest

from tests.grafana import expected, files, seed, shape
from tests.grafana.conftest import City
from tests.grafana.oracle import Oracle
from tests.grafana.panel import Panel
from tests.grafana.results import choice, shown
from tests.grafana.runner import options, run
from tests.grafana.seed_city import ALONE
from tests.prepared import prepared_store

BOARDS = files.committed()
CHOSEN = {"unit": ([ALONE], ["Puskesmas Mandiri"]), "type": (["tanpa jenis"], ["tanpa jenis"])}
EMPTY = {
    "Ditolak menurut sebab": "nothing was refused of late",
    "Penolakan terbaru": "nothing was refused of late",
}
"""Panels that may have no rows, and why."""


@pytest.fixture(scope="module")
async def city(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[City]:
    store = await prepared_store(tmp_path_factory.mktemp("alone") / "store")
    made = seed.make_alone(time.time_ns() // 1_000_000)
    await seed.fill(store, made)
    yield City(store, made, Oracle(made))
    await store.close()


@pytest.mark.parametrize("file", BOARDS)
async def test_a_unit_alone_may_be_chosen(city: City, file: str) -> None:
    span = shown(BOARDS[file], city.seed.now_ms)
    for name in files.variables(BOARDS[file]).keys() & CHOSEN.keys():
        assert await options(city.store, BOARDS[file], name, span) == CHOSEN[name]


@pytest.mark.parametrize("file", BOARDS)
async def test_every_panel_shows_the_unit_alone(city: City, file: str) -> None:
    span = shown(BOARDS[file], city.seed.now_ms)
    chosen = await choice(city.store, BOARDS[file], span)
    faults: list[str] = []
    for query in files.queries(BOARDS[file]):
        answer = await run(city.store, query, span, chosen, public=file == files.PUBLIC)
        found = [*shape.null_faults(query, answer), *shape.order_faults(query, answer)]
        if query.panel and file not in files.OPERATION:
            found += expected.faults(Panel(city.oracle, ALONE, answer, span.from_ms, span.to_ms, _index(file))) or ()
        if query.panel and not answer.rows and query.panel["title"] not in EMPTY:
            found.append("is empty")
        faults += [f"{query.where}: {fault}" for fault in found]
    assert not faults, "\n".join(faults)


def _index(file: str) -> str:
    return "ikm" if "index" in files.variables(BOARDS[file]) else ""


async def test_where_none_could_be_compared_nothing_is_said_of_movers(city: City) -> None:
    board = BOARDS["pimpinan"]
    span = shown(board, city.seed.now_ms)
    (asked,) = [query for query in files.queries(board) if query.panel.get("title") == "Unit yang berubah nyata"]

    compared = await run(city.store, asked, span, await choice(city.store, board, span), public=False)
    unknown = await run(city.store, asked, span, await choice(city.store, board, span, {"unit": "siapa"}), public=False)

    assert (len(compared.rows), len(unknown.rows)) == (1, 0), "the unit, or that it did not move; else no row"
