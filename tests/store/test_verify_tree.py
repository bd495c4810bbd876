"""Who stood below whom, by SQL over the register, is what the tree says, at every instant."""

import asyncio
from collections.abc import Callable, Sequence
from itertools import count

import pytest
from hypothesis import HealthCheck, given, settings

from api.verify_tables import Tables
from api.verify_tree import fill_members
from ikm.registry import Unit
from ikm.tree import Tree
from runtime.clickhouse import Store
from tests.rules.trees import CODES, DAY_MS, DAYS, REGISTERS, SOME_DAY_MS

BEGIN, END = SOME_DAY_MS - 3 * DAY_MS, SOME_DAY_MS + (DAYS + 4) * DAY_MS
ROWS = "SELECT owner, member, since, until FROM $members ORDER BY owner, member, since"

numbers = count()


async def members(store: Store, register: Sequence[Unit]) -> dict[tuple[str, str], list[tuple[int, int]]]:
    """(owner, member) -> spans in which it counts, UTC epoch ms, within a fortnight; joined where they meet."""
    tables = Tables(store, f"ikm.tree_{next(numbers)}")
    try:
        await fill_members(tables, register)
        found: dict[tuple[str, str], list[tuple[int, int]]] = {}
        for owner, member, since, until in await tables.rows(ROWS):
            first, last = max(1000 * since, BEGIN), min(1000 * until, END)
            spans = found.setdefault((owner, member), [])
            if spans and spans[-1][1] == first:
                first = spans.pop()[0]
            if first < last:
                spans.append((first, last))
        return {place: spans for place, spans in found.items() if spans}
    finally:
        await tables.drop()


@pytest.fixture
async def runner(store: Store) -> Callable:
    """Runs a coroutine function of the store from a thread, as hypothesis wants it."""
    loop = asyncio.get_running_loop()
    return lambda work, *given: asyncio.run_coroutine_threadsafe(work(store, *given), loop).result()


async def test_sql_and_tree_agree_on_every_register(runner: Callable) -> None:
    @settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
    @given(REGISTERS)
    def agree(register: list[Unit]) -> None:
        tree, found = Tree(register), runner(members, register)
        known = {unit.code for unit in register}
        for code in CODES:
            expected = {
                member: list(spans)
                for member, spans in tree.members(code, BEGIN, END).items()
                if member != code or code in known
            }
            assert {member: spans for (owner, member), spans in found.items() if owner == code} == expected

    await asyncio.to_thread(agree)
