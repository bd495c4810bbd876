"""What an officer reads on a board, as Grafana's own field processor makes it."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from ikm.index import IKM
from tests.grafana import field_processor, handmade

GOOD = "good"


@pytest.fixture(scope="module")
def said(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """What is said of the board as it should be and, beside it, of one a fault."""
    field_processor.ready()
    folder = tmp_path_factory.mktemp("handmade")
    (folder / "boards").mkdir()
    names = [GOOD]
    write(folder, GOOD, handmade.board())
    for fault in handmade.FAULTS:
        board = handmade.board()
        fault(board)
        names.append(fault.__name__)
        write(folder, fault.__name__, board)

    code, lines = field_processor.look(
        folder, folder / "boards", {name: {"default": handmade.results()} for name in names}
    )

    assert code == 1
    assert f"{len(names)} boards, {5 * len(names)} panels" in lines[-1]
    return lines


def write(folder: Path, name: str, board: handmade.Board) -> None:
    (folder / "boards" / f"{name}.json").write_text(json.dumps(board), "utf-8")


def test_nothing_is_said_of_a_board_as_it_should_be(said: list[str]) -> None:
    assert [line for line in said if f" {GOOD}.json " in line] == []


@pytest.mark.parametrize("fault", handmade.FAULTS, ids=lambda fault: fault.__name__.strip("_"))
def test_a_fault_that_was_put_in_is_told(fault: Callable[[handmade.Board], None], said: list[str]) -> None:
    lines = [line for line in said if f" {fault.__name__}.json " in line]

    assert any(handmade.FAULTS[fault] in line for line in lines), lines


@pytest.mark.usefixtures("said")
def test_without_results_it_says_that_it_could_not_look(tmp_path: Path) -> None:
    (tmp_path / "boards").mkdir()
    write(tmp_path, GOOD, handmade.board())

    code, lines = field_processor.look(tmp_path, tmp_path / "boards", {})

    assert code == 2, lines


def test_the_edges_are_those_of_the_regulation() -> None:
    found = {edge["value"]: edge["colour"] for edge in field_processor.edges(IKM)}

    letters = {
        "25.00": "D",
        "64.99": "D",
        "65.00": "C",
        "76.60": "C",
        "76.61": "B",
        "88.30": "B",
        "88.31": "A",
        "100.00": "A",
    }
    assert found == {value: handmade.BANDS[letter][1] for value, letter in letters.items()}
