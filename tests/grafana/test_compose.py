"""How the Grafana of `docker-compose.yml` shows times and colours, as far as no board can say it itself."""

import re
from typing import Any

import pytest
import yaml

from grafana.kit.columns import moment
from tests.grafana.files import FOLDER

SETTINGS = frozenset(
    {"FULL_DATE", *(f"INTERVAL_{unit}" for unit in ("SECOND", "MINUTE", "HOUR", "DAY", "MONTH", "YEAR"))}
)
"""Of `[date_formats]` in Grafana's configuration; it passes over a name that it does not know."""
_NAME = "GF_DATE_FORMATS_"


@pytest.fixture(scope="module")
def environment() -> dict[str, Any]:
    compose = yaml.safe_load((FOLDER.parent / "docker-compose.yml").read_text("utf-8"))
    said: dict[str, Any] = compose["services"]["grafana"]["environment"]
    return said


def test_days_come_before_months_and_those_before_years(environment: dict[str, Any]) -> None:
    formats = {name.removeprefix(_NAME): said for name, said in environment.items() if name.startswith(_NAME)}

    assert formats.keys() <= SETTINGS
    assert formats.keys() >= {"FULL_DATE", "INTERVAL_HOUR", "INTERVAL_DAY", "INTERVAL_MONTH"}, "Grafana's are American"
    for name, said in formats.items():
        parts = re.findall(r"[DMY]+", said)
        assert parts == [part for part in ("DD", "MM", "YYYY") if part in parts], f"{name}: {said}"


def test_an_axis_and_a_cell_write_a_time_alike(environment: dict[str, Any]) -> None:
    (unit,) = [one.value for one in moment("Waktu") if one.id_val == "unit"]

    assert environment[f"{_NAME}FULL_DATE"].startswith(str(unit).removeprefix("time:"))


def test_leaders_begin_with_the_light_theme(environment: dict[str, Any]) -> None:
    assert environment["GF_USERS_DEFAULT_THEME"] == "light"
