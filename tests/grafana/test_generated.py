"""What is committed is what the code generates, and it looks as the rules say."""

import json
from pathlib import Path

import pytest

from grafana.generate import HERE, files, generate
from grafana.kit import sql, theme
from grafana.kit.grid import Row, placed
from grafana.kit.panels import note
from ikm.index import IKM, INDICES, NO_COLOUR

COMMITTED = {
    path.relative_to(HERE): path.read_text("utf-8")
    for kind in ("dashboards/*", "provisioning/*/*")
    for path in HERE.glob(kind)
}


def test_the_committed_files_are_the_generated_ones() -> None:
    wanted = files()

    assert COMMITTED.keys() == wanted.keys()
    assert [str(path) for path, text in wanted.items() if COMMITTED[path] != text] == []


def test_two_runs_write_the_same_and_remove_what_is_no_more(tmp_path: Path) -> None:
    generate(tmp_path)
    (tmp_path / "dashboards/lama.json").write_text("{}")
    generate(tmp_path)

    assert {path.relative_to(tmp_path) for path in tmp_path.rglob("*.*")} == files().keys()


def test_a_board_keeps_the_schema_uid_and_a_zone_of_its_own() -> None:
    for path, text in files().items():
        if path.suffix == ".json":
            board = json.loads(text)
            assert (board["schemaVersion"], board["uid"], board["timezone"]) == (
                42,
                f"ikm-{path.stem}",
                "Asia/Jakarta",
            )


@pytest.mark.parametrize(
    ("value", "colour"),
    [
        *[(None, "none"), (24.99, "none"), (25, "D"), (64.99, "D"), (65, "C")],
        *[(76.6, "C"), (76.61, "B"), (88.3, "B"), (88.31, "A"), (100, "A")],
    ],
)
def test_thresholds_are_the_bands_of_the_rule(value: float | None, colour: str) -> None:
    steps = theme.bands(IKM).build().steps
    reached = [step.color for step in steps if step.value is None or (value is not None and value >= step.value)]

    colours = {"A": "#009E73", "B": "#0072B2", "C": "#9A6F00", "D": "#D55E00", "none": NO_COLOUR}
    assert reached[-1] == colours[colour]


def test_an_index_without_letters_changes_colour_at_its_lines() -> None:
    edges = [step.value for step in theme.bands(INDICES["ipkp"]).build().steps]

    assert edges == [None, 0, 3.2, 3.6]
    assert [step.value for step in theme.bands(INDICES["ipak"]).build().steps] == [None, 0, 3.6]
    assert [theme.scale(INDICES[code]) for code in ("ikm", "ipkp", "ipak")] == [(25, 100), (0, 4), (0, 4)]


def test_a_row_that_is_not_full_is_refused() -> None:
    with pytest.raises(ValueError, match=r"a row is 12 \+ 11 wide: make it 24"):
        placed([Row(4, ((12, note("a", "b", "c")), (11, note("a", "b", "c"))))])


def test_a_text_is_a_literal_whatever_it_holds() -> None:
    assert sql.quoted("a'b\\c") == "'a\\'b\\\\c'"
    assert sql.among(["x", "y"]) == "IN ('x', 'y')"
