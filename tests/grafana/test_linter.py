"""Every rule finds its fault, and finds none where there is none."""

import copy
from collections.abc import Callable
from typing import Any

import pytest

from tests.grafana import example, files, linter

Change = Callable[[dict[str, Any]], Any]


def target(boards: dict[str, Any], file: str = "pimpinan", number: int = 0) -> dict[str, Any]:
    found: dict[str, Any] = boards[file]["panels"][number]["targets"][0]
    return found


def column(boards: dict[str, Any], name: str, number: int = 1) -> list[dict[str, Any]]:
    overrides = boards["pimpinan"]["panels"][number]["fieldConfig"]["overrides"]
    found: list[dict[str, Any]] = next(one["properties"] for one in overrides if one["matcher"]["options"] == name)
    return found


def sql(text: str, file: str = "pimpinan") -> Change:
    """The query of the first panel becomes another one."""
    return lambda boards: target(boards, file).update(rawSql=text)


def also(text: str) -> Change:
    """The query of the first panel asks one thing more."""
    return sql(example.LIVE.replace("watermark", f"watermark, {text}"))


def default(**fields: Any) -> Change:
    return lambda boards: boards["pimpinan"]["panels"][0]["fieldConfig"]["defaults"].update(fields)


def of_value(name: str, value: Any) -> Change:
    def put(boards: dict[str, Any]) -> None:
        properties = column(boards, "value")
        properties[:] = [one for one in properties if one["id"] != name]
        properties.append({"id": name, "value": value})

    return put


def leads(url: str) -> Change:
    return lambda boards: column(boards, "name")[0].update(value=[{"title": "x", "url": url}])


def steps(*given: tuple[float | None, str]) -> dict[str, Any]:
    return {"mode": "absolute", "steps": [{"value": value, "color": colour} for value, colour in given]}


def board(file: str = "pimpinan", **fields: Any) -> Change:
    return lambda boards: boards[file].update(fields)


def panel(number: int = 0, **fields: Any) -> Change:
    return lambda boards: boards["pimpinan"]["panels"][number].update(fields)


def variable(**fields: Any) -> Change:
    return lambda boards: boards["pimpinan"]["templating"]["list"][0].update(fields)


def many_panels(boards: dict[str, Any]) -> None:
    one = boards["pimpinan"]["panels"][0]
    boards["pimpinan"]["panels"] = [
        {**one, "id": number, "title": f"{number}", "gridPos": {"x": number, "y": 0, "w": 1, "h": 1}}
        for number in range(1, 14)
    ]


def without_column(name: str) -> Change:
    def put(boards: dict[str, Any]) -> None:
        config = boards["pimpinan"]["panels"][1]["fieldConfig"]
        config["overrides"] = [one for one in config["overrides"] if one["matcher"]["options"] != name]

    return put


IN_VARIABLE = "SELECT unit, name FROM ikm.v_unit_index ORDER BY name"
A, D, GREY = "#009E73", "#D55E00", "#808080"
NAMED = {"type": "special", "options": {"match": "null+nan", "result": {"text": "N/A", "color": GREY}}}

CLEAR = {"type": "special", "options": {"match": "null+nan", "result": {"text": "\N{EN DASH}", "color": "transparent"}}}

FAULTS: list[tuple[str, Change]] = [
    ("schema_version", board(schemaVersion=41)),
    ("identity", board(uid="papan-1")),
    ("identity", board(id=7)),
    ("identity", board(version=3)),
    ("titles", board(description="")),
    ("titles", panel(title="")),
    ("titles", panel(description=" ".strip())),
    ("titles", panel(1, title="Indeks")),
    ("zone", board(timezone="browser")),
    ("zone", board(timezone="")),
    ("refresh", board(refresh="1s")),
    ("refresh", board("papan-publik", refresh="30s")),
    ("panel_ids", panel(1, id=1)),
    ("panel_ids", panel(id=None)),
    ("grid", panel(gridPos={"x": 0, "y": 4, "w": 24, "h": 8})),
    ("grid", panel(gridPos={"x": 12, "y": 0, "w": 13, "h": 8})),
    ("grid", panel(gridPos={})),
    ("first_screen", many_panels),
    ("panel_kinds", panel(type="graph")),
    ("panel_kinds", panel(libraryPanel={"uid": "x"})),
    ("variable_list", variable(name="cluster")),
    ("variable_list", variable(type="adhoc")),
    ("variable_list", variable(label="")),
    (
        "variable_list",
        lambda boards: boards["papan-publik"]["templating"]["list"].append(boards["unit"]["templating"]["list"][0]),
    ),
    ("source", lambda boards: target(boards).update(datasource={"uid": "other"})),
    ("source", lambda boards: target(boards, "papan-publik").update(datasource={"uid": "ikm-clickhouse"})),
    ("source", lambda boards: target(boards).update(pluginVersion="4.0.0")),
    ("source", lambda boards: target(boards).update(editorType="builder")),
    ("views_only", sql("SELECT value, n FROM ikm.buckets")),
    ("views_only", sql("SELECT 1 AS watermark")),
    ("views_only", sql("SELECT value, watermark FROM ikm.v_unit_live", "papan-publik")),
    ("views_only", variable(query={"rawSql": IN_VARIABLE, "datasource": {"uid": "ikm-clickhouse"}})),
    ("columns_by_name", sql("SELECT * FROM ikm.v_unit_live")),
    ("columns_by_name", sql("SELECT l.* FROM ikm.v_unit_live AS l")),
    ("no_figure_of_its_own", also("avg(value)")),
    ("no_figure_of_its_own", also("round(value, 1)")),
    ("no_figure_of_its_own", also("toFloat64(value)")),
    ("one_clock", also("$__timeInterval(from)")),
    ("one_clock", also("toStartOfDay(from)")),
    ("one_clock", also("1 AND $__dateFilter(from)")),
    ("known_macros", also("$__bucket(from)")),
    ("known_macros", sql("SELECT watermark, $__from FROM ikm.v_public_index", "papan-publik")),
    ("known_macros", sql("SELECT watermark FROM ikm.v_public_index WHERE $__conditionalAll(1, $x)", "papan-publik")),
    ("conditions", also("$__conditionalAll(type IN (${type:singlequote}), ${type:csv})")),
    ("conditions", also("$__conditionalAll(unit = 1, $unit)")),
    ("variables_quoted", sql("SELECT watermark FROM ikm.v_unit_live WHERE unit = '$unit'")),
    ("variables_quoted", sql("SELECT watermark FROM ikm.v_unit_live WHERE unit IN ($unit)")),
    ("variables_quoted", sql("SELECT watermark FROM ikm.v_unit_live WHERE unit = ${nobody:singlequote}")),
    ("plain_text", sql("SELECT watermark FROM ikm.v_unit_live;")),
    ("plain_text", sql("SELECT watermark FROM ikm.v_unit_live -- all")),
    ("plain_text", sql("")),
    ("missing_in_words", default(mappings=[])),
    ("missing_in_words", default(mappings=[NAMED])),
    ("missing_in_words", default(noValue="-")),
    ("missing_in_words", of_value("mappings", [example.LETTERS])),
    ("missing_in_words", of_value("mappings", [CLEAR])),
    ("missing_in_words", panel(fieldConfig={"defaults": {"mappings": [example.MISSING], "noValue": "Tidak ada"}})),
    ("thresholds", of_value("thresholds", steps((None, D), (65, A)))),
    (
        "thresholds",
        of_value("thresholds", steps((None, GREY), (25, D), (64.99, "#9A6F00"), (76.61, "#0072B2"), (88.31, A))),
    ),
    (
        "thresholds",
        of_value("thresholds", steps((None, GREY), (25, A), (65, "#9A6F00"), (76.61, "#0072B2"), (88.31, D))),
    ),
    ("thresholds", of_value("thresholds", {**example.BANDS, "mode": "percentage"})),
    ("thresholds", default(thresholds=steps((None, D)))),
    ("colours", default(color={"mode": "fixed", "fixedColor": "green"})),
    ("colours", of_value("color", {"mode": "fixed", "fixedColor": "#FF0000"})),
    (
        "letters",
        of_value("mappings", [{"type": "value", "options": {"A": {"text": "A", "color": D}}}, example.MISSING]),
    ),
    (
        "letters",
        of_value("mappings", [{"type": "value", "options": {"A": {"text": "Baik", "color": A}}}, example.MISSING]),
    ),
    ("decimals", of_value("decimals", 1)),
    ("units", of_value("unit", "percent")),
    ("letter_beside_figure", without_column("mutu")),
    ("letter_beside_figure", without_column("n")),
    ("freshness", sql("SELECT unit, value, mutu, n FROM ikm.v_unit_live WHERE unit = ${unit:singlequote}", "unit")),
    ("links_lead_somewhere", leads("/d/ikm-nobody?${__url_time_range}")),
    ("links_lead_somewhere", leads("/d/ikm-unit?var-cluster=1&${__url_time_range}")),
    ("links_lead_somewhere", leads("https://example.org/?${__url_time_range}")),
    ("links_carry_the_range", leads("/d/ikm-unit?var-unit=${__data.fields.unit}")),
    ("links_carry_the_range", leads("/d/ikm-unit?var-unit=${__data.fields.unit}&from=${__from}&to=${__to}")),
    ("links_carry_what_was_chosen", leads("/d/ikm-unit?${__url_time_range}")),
    ("links_know_their_fields", leads("/d/ikm-unit?var-unit=${__data.fields.kode}&${__url_time_range}")),
    ("links_know_their_fields", leads("/d/ikm-unit?var-unit=${cluster}&${__url_time_range}")),
    ("tags", board(links=[{"type": "dashboards", "tags": ["nobody"]}])),
    ("tags", board(tags=[])),
    ("tags", board("papan-publik", links=[{"type": "dashboards", "tags": ["ikm"]}])),
    ("downward", without_column("name")),
    ("no_address_elsewhere", panel(description="https://example.org/a.js")),
]


@pytest.mark.parametrize(("rule", "put_in"), FAULTS)
def test_fault_is_found(rule: str, put_in: Change) -> None:
    boards = example.boards()
    put_in(boards)
    assert rule in {fault.rule for fault in linter.board_faults(boards)}


def test_no_fault_is_found_where_none_is() -> None:
    assert linter.board_faults(example.boards()) == []
    assert linter.alert_faults([{"rules": [example.alert()]}], example.boards()) == []


def model(**fields: Any) -> Change:
    return lambda rule: rule["data"][0]["model"].update(fields)


ALERT_FAULTS: list[tuple[str, Change]] = [
    ("alert_identity", lambda rule: rule.update(uid="x" * 41)),
    ("alert_identity", lambda rule: rule.pop("noDataState")),
    ("alert_identity", lambda rule: rule.pop("for")),
    ("alert_condition", lambda rule: rule.update(condition="C")),
    ("alert_condition", lambda rule: rule["data"][1].update(refId="A")),
    ("alert_queries", model(rawSql="SELECT seconds FROM ikm.v_freshness WHERE unit = '$unit'")),
    ("alert_queries", model(rawSql="SELECT seconds FROM ikm.v_freshness WHERE $__conditionalAll(1, $unit)")),
    ("alert_queries", model(rawSql="SELECT seconds FROM ikm.v_freshness WHERE at > $$__fromTime")),
    ("alert_queries", model(rawSql="SELECT seconds FROM ikm.v_freshness WHERE $__dateFilter(at)")),
    ("alert_queries", model(rawSql="SELECT n FROM ikm.buckets")),
    ("alert_queries", model(format=0)),
    ("alert_queries", lambda rule: rule["data"][0].update(datasourceUid="ikm-public")),
    ("alert_queries", lambda rule: rule["data"][0].pop("relativeTimeRange")),
    ("alert_texts", lambda rule: rule["labels"].update(unit="{{ $labels.unit }}")),
    ("alert_texts", lambda rule: rule["labels"].pop("severity")),
    ("alert_texts", lambda rule: rule["annotations"].pop("summary")),
    ("alert_texts", lambda rule: rule["annotations"].update(summary="${unit}")),
    ("alert_board", lambda rule: rule["annotations"].update(__dashboardUid__="ikm-nobody")),
    ("alert_board", lambda rule: rule["annotations"].update(__panelId__="99")),
]


@pytest.mark.parametrize(("name", "put_in"), ALERT_FAULTS)
def test_fault_of_an_alert_is_found(name: str, put_in: Change) -> None:
    rule = example.alert()
    put_in(rule)
    assert name in {fault.rule for fault in linter.alert_faults([{"rules": [rule]}], example.boards())}


def test_two_alerts_with_one_uid_are_found() -> None:
    twice = [{"rules": [example.alert(), copy.deepcopy(example.alert())]}]
    assert [fault.rule for fault in linter.alert_faults(twice, example.boards())] == ["unique_alert_uids"]


def test_every_rule_has_a_fault_that_it_finds() -> None:
    assert {rule.__name__ for rule in linter.BOARD_RULES} == {rule for rule, _ in FAULTS}
    assert {rule.__name__ for rule in linter.ALERT_RULES} == {rule for rule, _ in ALERT_FAULTS}


def test_committed_boards_have_no_fault() -> None:
    boards = files.committed()
    assert boards, "no board is committed in grafana/dashboards"
    assert linter.board_faults(boards) == []
    assert linter.alert_faults(files.alert_groups(), boards) == []
