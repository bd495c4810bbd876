"""Who may read what, on the real engine; and that a server takes the statements that make the readers."""

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from grafana.datasources import datasources
from runtime.clickhouse import Store
from runtime.readers import GRAFANA, PUBLIC
from sinks.readers import statements

Answers = dict[str, dict[str, str]]


@pytest.fixture(scope="module")
def answers(tmp_path_factory: pytest.TempPathFactory) -> Answers:
    command = [
        sys.executable,
        str(Path(__file__).with_name("readers_process.py")),
        str(tmp_path_factory.mktemp("readers")),
    ]
    ran = subprocess.run(command, capture_output=True, text=True, timeout=280, check=False)
    assert ran.returncode == 0, ran.stderr
    said = [json.loads(line) for line in ran.stdout.splitlines()]
    return {one["reader"]: one["answers"] for one in said}


def may_read(answers: Answers, reader: str) -> set[str]:
    return {name for name, refusal in answers[reader].items() if not refusal}


def test_the_public_reads_its_views_and_nothing_else(answers: Answers) -> None:
    readable = may_read(answers, PUBLIC.name)
    assert readable == {name for name in answers[PUBLIC.name] if name.startswith("v_public_")}
    assert {"v_public_index", "v_public_element"} <= readable


def test_grafana_reads_the_contract_and_nothing_else(answers: Answers) -> None:
    readable = may_read(answers, GRAFANA.name)
    assert readable == {name for name in answers[GRAFANA.name] if name.startswith(("v_", "p_", "ref_"))}
    assert {"v_unit", "v_period", "p_unit_service", "ref_band"} <= readable


def test_each_refusal_is_for_want_of_a_right(answers: Answers) -> None:
    refusals = {refusal for of_reader in answers.values() for refusal in of_reader.values() if refusal}
    assert len(refusals) > 20
    assert all("Not enough privileges" in refusal for refusal in refusals)


async def test_a_server_takes_the_statements(store: Store) -> None:
    known = {name for (name,) in await store.rows("SELECT name FROM system.settings")}
    for sql in statements({GRAFANA.name: "eins", PUBLIC.name: "zwei"}):
        assert set(re.findall(r"(\w+) = ", sql)) <= known
        parsed = [line for (line,) in await store.rows(f"EXPLAIN AST {sql}")]
        assert parsed[0].startswith(("CreateUserQuery", "GrantQuery")), parsed


DRIVER_ADDS_S = 5
"""clickhouse-go's `context.go`: what is left of a query's time, in seconds, and 5 go out as max_execution_time."""


def test_a_reader_may_ask_for_the_time_that_grafanas_driver_asks_for() -> None:
    passwords = {GRAFANA.name: "eins", PUBLIC.name: "zwei"}
    said = re.compile(r"CREATE USER OR REPLACE (\w+) .*max_execution_time = \d+ MIN 1 MAX (\d+) CHANGEABLE")
    bounds = {made[1]: int(made[2]) for sql in statements(passwords) if (made := said.search(sql))}
    asked = {
        source["jsonData"]["username"]: max(int(source["jsonData"][wait]) for wait in ("queryTimeout", "dialTimeout"))
        for source in datasources()["datasources"]
    }
    assert bounds.keys() == asked.keys() == passwords.keys()
    assert all(bounds[name] >= asked[name] + DRIVER_ADDS_S for name in bounds), (bounds, asked)
