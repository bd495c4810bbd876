"""A small board and the results of its queries, made by hand, and faults to put into it."""

from collections.abc import Callable
from copy import deepcopy
from typing import Any

BANDS = {"D": (25.00, "#D55E00"), "C": (65.00, "#9A6F00"), "B": (76.61, "#0072B2"), "A": (88.31, "#009E73")}
NO_DATA, NONE = "Belum ada data", "#808080"
Board = dict[str, Any]


def board() -> Board:
    """A stat, a table and a time series as they should be."""
    number = [{"type": "special", "options": {"match": "null+nan", "result": {"text": NO_DATA, "color": NONE}}}]
    letters = {letter: {"text": letter, "color": colour} for letter, (_, colour) in BANDS.items()}
    steps = [{"value": None, "color": NONE}, *({"value": at, "color": colour} for at, colour in BANDS.values())]
    config = {
        "defaults": {
            "decimals": 2,
            "min": 25,
            "max": 100,
            "noValue": NO_DATA,
            "color": {"mode": "thresholds"},
            "thresholds": {"mode": "absolute", "steps": steps},
            "mappings": number,
        },
        "overrides": [
            _override("n", decimals=0, color={"mode": "fixed", "fixedColor": NONE}),
            _override("mutu", mappings=[{"type": "value", "options": letters}, *number]),
            _override("unit", links=[{"title": "Buka", "url": "/d/ikm-unit?var-unit=${__data.fields.unit}"}]),
        ],
    }
    kinds = ["stat", "table", "timeseries", "gauge", "bargauge"]
    return {
        "uid": "ikm-handmade",
        "timezone": "Asia/Jakarta",
        "panels": [
            {"id": at, "type": kind, "title": kind, "fieldConfig": deepcopy(config), "options": _options(kind)}
            for at, kind in enumerate(kinds, 1)
        ],
    }


def results() -> dict[str, Any]:
    """What the queries of the board found: a unit with answers and one without."""
    unit = {"name": "unit", "type": "LowCardinality(String)"}
    value = {"name": "value", "type": "Nullable(Decimal(5, 2))"}
    n, mutu = {"name": "n", "type": "UInt64"}, {"name": "mutu", "type": "LowCardinality(Nullable(String))"}
    at = {"name": "from", "type": "DateTime64(3, 'UTC')"}
    days = [["2026-01-01T17:00:00.000Z", "78.74"], ["2026-01-02T17:00:00.000Z", None]]
    table = [["rsud", 49, "78.74", "B"], ["dinas-sosial", 0, None, None]]
    one = {"refId": "A", "format": "table", "columns": [value, n], "rows": [["78.74", 49]]}
    return {
        "from": 1767225600000,
        "to": 1769904000000,
        "variables": {"index": {"text": "IKM", "value": "ikm"}},
        "panels": {
            "1": [one],
            "2": [{"refId": "A", "format": "table", "columns": [unit, n, value, mutu], "rows": table}],
            "3": [{"refId": "A", "format": "timeseries", "columns": [at, value], "rows": days}],
            "4": [one],
            "5": [one],
        },
    }


def _override(name: str, **properties: object) -> dict[str, Any]:
    settings = [{"id": key, "value": value} for key, value in properties.items()]
    return {"matcher": {"id": "byName", "options": name}, "properties": settings}


def _options(kind: str) -> dict[str, Any]:
    values = {"values": kind != "gauge", "calcs": ["lastNotNull"], "fields": ""}
    return {"reduceOptions": values} if kind in {"stat", "gauge", "bargauge"} else {}


def _defaults(board: Board, panel: int) -> dict[str, Any]:
    return board["panels"][panel - 1]["fieldConfig"]["defaults"]  # type: ignore[no-any-return]


def _edge(board: Board) -> None:
    _defaults(board, 1)["thresholds"]["steps"][-1]["value"] = 88.30


def _no_grey(board: Board) -> None:
    _defaults(board, 2)["mappings"] = []
    _worst_from_the_start(board, 2)


def _letter_without_letters(board: Board) -> None:
    del _defaults(board, 1)["max"]
    _worst_from_the_start(board, 1)


def _worst_from_the_start(board: Board, panel: int) -> None:
    _defaults(board, panel)["thresholds"]["steps"][:2] = [{"value": None, "color": BANDS["D"][1]}]


def _one_decimal(board: Board) -> None:
    _defaults(board, 4)["decimals"] = 1


def _no_value(board: Board) -> None:
    del _defaults(board, 3)["noValue"]


def _misspelt(board: Board) -> None:
    _defaults(board, 5)["decimal"] = 2


def _link(board: Board) -> None:
    link = board["panels"][1]["fieldConfig"]["overrides"][2]["properties"][0]["value"][0]
    link["url"] = link["url"].replace("fields.unit", "fields.kode")


def _letter(board: Board) -> None:
    letters = board["panels"][1]["fieldConfig"]["overrides"][1]["properties"][0]["value"][0]["options"]
    letters["B"]["color"] = BANDS["C"][1]


def _first_alone(board: Board) -> None:
    board["panels"][0]["options"]["reduceOptions"]["limit"] = 1


def _name(board: Board) -> None:
    _defaults(board, 3)["displayName"] = "${__field.labels.nama}"


def _transformation(board: Board) -> None:
    board["panels"][1]["transformations"] = [{"id": "prepareTimeSeries", "options": {}}]


def _weeks(board: Board) -> None:
    board["panels"][1]["fieldConfig"]["overrides"][0]["properties"].append({"id": "unit", "value": "s"})


def _clock(board: Board) -> None:
    board["timezone"] = "browser"


FAULTS: dict[Callable[[Board], None], str] = {
    _edge: "is #009E73 for 88.30, not #0072B2",
    _no_grey: "in #D55E00 for null, not “Belum ada data” in #808080",
    _letter_without_letters: "takes #D55E00, the colour of a letter, for 3.60",
    _one_decimal: "shows “65.0” for 65.00",
    _no_value: "set noValue",
    _misspelt: "setting decimal is unknown",
    _link: "is not filled",
    _first_alone: "never shows n",
    _name: "is called “${__field.labels.nama}”",
    _transformation: "transformation prepareTimeSeries is in no package",
    _weeks: "n shows “2 weeks” for 1234567",
    _clock: "from follows each reader's own clock",
    _letter: "in #9A6F00 for B, not in #0072B2",
}
"""Each with what the check must say of it."""
