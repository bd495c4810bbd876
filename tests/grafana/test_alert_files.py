"""The files that Grafana starts with fit each other, the environment that it gets, and the rules of ikm."""

import json
import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml

from grafana.kit.query import PLUGIN, PLUGIN_VERSION
from ikm.alarm import OFFICE_HOURS
from ikm.calendar import is_working_day
from ikm.index import INDICES
from ikm.times import ZONES, local_day
from tests.grafana.alerting import FOLDER, rules

ROOT = Path(__file__).parents[2]
SECRETS = ("IKM_GRAFANA_PASSWORD", "IKM_PUBLIC_PASSWORD")


def provisioned(file: str) -> Any:
    return yaml.safe_load((FOLDER.parent / file).read_text("utf-8"))


def grafana() -> dict[str, Any]:
    compose = yaml.safe_load((ROOT / "docker-compose.yml").read_text("utf-8"))
    service: dict[str, Any] = compose["services"]["grafana"]
    return service


def texts(value: Any) -> Iterator[str]:
    if isinstance(value, Mapping):
        for inside in value.values():
            yield from texts(inside)
    elif isinstance(value, list):
        for inside in value:
            yield from texts(inside)
    elif isinstance(value, str):
        yield value


def policy() -> dict[str, Any]:
    (found,) = provisioned("alerting/policies.yaml")["policies"]
    return dict(found)


def test_policies_name_contact_points_and_mute_times_that_exist() -> None:
    points = {point["name"] for point in provisioned("alerting/contact-points.yaml")["contactPoints"]}
    assert {policy()["receiver"], *(route["receiver"] for route in policy()["routes"])} == points
    times = {time["name"] for time in provisioned("alerting/mute-times.yaml")["muteTimes"]}
    named = {name for route in policy()["routes"] for name in route.get("mute_time_intervals", ())}
    assert {name.replace("${IKM_ALERT_ZONE}", zone) for name in named for zone in ZONES} == times


def test_every_rule_is_of_a_kind_that_somebody_hears() -> None:
    routed = {value for route in policy()["routes"] for _, _, value in route["object_matchers"]}
    assert {rule["labels"]["kind"] for rule in rules().values()} == {"operasi", *routed}


def test_every_rule_leads_to_a_panel_and_its_message_to_a_board_with_its_variables() -> None:
    for rule in rules().values():
        said = rule["annotations"]
        board = json.loads((FOLDER.parents[1] / "dashboards" / f"{rule['dashboardUid'][4:]}.json").read_text("utf-8"))
        assert (said["__dashboardUid__"], said["__panelId__"]) == (board["uid"], str(rule["panelId"]))
        assert rule["panelId"] in [panel["id"] for panel in board["panels"]]
        address, _, query = said["tautan"].partition("?")
        assert address.endswith(f"/d/{board['uid']}")
        names = {variable["name"] for variable in board["templating"]["list"]}
        assert {pair.split("=")[0].removeprefix("var-") for pair in query.split("&") if pair} <= names


def test_contact_points_use_templates_that_exist() -> None:
    defined = {template["name"] for template in provisioned("alerting/templates.yaml")["templates"]}
    used = re.findall(r'template "([^"]+)"', (FOLDER / "contact-points.yaml").read_text("utf-8"))
    assert set(used) == defined


@pytest.mark.parametrize("file", ["rules", "templates"])
def test_no_text_has_a_dollar_that_grafana_would_take_for_the_environment(file: str) -> None:
    said = provisioned(f"alerting/{file}.yaml")
    if file == "rules":
        said = [[rule["labels"], rule["annotations"], rule["title"]] for rule in rules().values()]
    assert [text for text in texts(said) if "$" in text] == []


def test_compose_gives_what_the_files_take_from_the_environment() -> None:
    files = [path for path in FOLDER.parent.glob("*/*.yaml") if path.name != "rules.yaml"]
    taken = {name for path in files for name in re.findall(r"\$\{(\w+)\}", path.read_text("utf-8"))}
    given = {name for name in grafana()["environment"] if name.startswith("IKM_")}
    assert taken == given


def test_secrets_stand_in_no_file() -> None:
    for source in provisioned("datasources/ikm.yaml")["datasources"]:
        assert re.fullmatch(r"\$\{IKM_\w+_PASSWORD\}", source["secureJsonData"]["password"])
    for name in SECRETS:
        assert grafana()["environment"][name].startswith(f"${{{name}:?")


def test_grafana_and_its_plugin_are_pinned() -> None:
    assert re.fullmatch(r"grafana/grafana:13\.\d+\.\d+", grafana()["image"])
    assert grafana()["environment"]["GF_PLUGINS_PREINSTALL_SYNC"] == f"{PLUGIN}@{PLUGIN_VERSION}"


def test_boards_are_mounted_where_their_provider_looks() -> None:
    (provider,) = provisioned("dashboards/ikm.yaml")["providers"]
    assert f"./grafana/dashboards:{provider['options']['path']}:ro" in grafana()["volumes"]


@pytest.mark.parametrize("zone", ZONES)
def test_leaders_are_left_in_peace_outside_office_hours(zone: str) -> None:
    times = provisioned("alerting/mute-times.yaml")["muteTimes"]
    (intervals,) = [time["time_intervals"] for time in times if time["name"].endswith(zone)]
    assert {interval["location"] for interval in intervals} == {zone}
    moment = datetime(2026, 1, 1, tzinfo=UTC)
    while moment.year == 2026:
        local = moment + timedelta(hours=ZONES[zone])
        day = local_day(int(moment.timestamp() * 1000), zone)
        is_open = day.year != 2026 or (is_working_day(day) and OFFICE_HOURS[0] <= local.hour < OFFICE_HOURS[1])
        assert day.year != 2026 or any(holds(one, local) for one in intervals) != is_open, local
        moment += timedelta(hours=1)


def holds(interval: Mapping[str, Any], local: datetime) -> bool:
    """Whether a local moment lies in an interval, as Alertmanager reads it."""
    minute = f"{local:%H:%M}"
    said = [
        any(time["start_time"] <= minute < time["end_time"] for time in interval.get("times", ()))
        if "times" in interval
        else True,
        f"{local:%A}".lower() in interval.get("weekdays", [f"{local:%A}".lower()]),
        str(local.day) in interval.get("days_of_month", [str(local.day)]),
        str(local.month) in interval.get("months", [str(local.month)]),
        str(local.year) in interval.get("years", [str(local.year)]),
    ]
    return all(said)


def test_the_letter_of_a_message_is_that_of_the_bands() -> None:
    summary = rules()["ikm-kepuasan-turun"]["annotations"]["summary"]
    found = re.findall(r'eq \.Labels\.index "(\w+)"\) \(ge \.Values\.B\.Value ([\d.]+)\) }}(\w)', summary)
    assert found == [
        (index.code, f"{band.from_hundredths / 100:.2f}", band.mutu)
        for index in INDICES.values()
        for band in index.bands
    ]
