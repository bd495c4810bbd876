"""What an officer reads on a board, as Grafana's own field processor makes it."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from ikm.index import IKM
from tests.grafana import field_processor, handmade

pytestmark = pytest.mark.usefixtures("processor")


@pytest.fixture(scope="module")
def processor() -> None:
    field_processor.ready()


def said_of(board: handmade.Board, folder: Path) -> tuple[int, list[str]]:
    boards = folder / "boards"
    boards.mkdir()
    (boards / "handmade.json").write_text(json.dumps(board), "utf-8")
    return field_processor.look(folder, boards, {"handmade": {"default": handmade.results()}})


def test_a_board_as_it_should_be_has_no_fault(tmp_path: Path) -> None:
    code, lines = said_of(handmade.board(), tmp_path)

    assert (code, lines) == (0, ["1 boards, 5 panels, 15 values as they are, 101 planted; 0 faults"])


@pytest.mark.parametrize("fault", handmade.FAULTS, ids=lambda fault: fault.__name__.strip("_"))
def test_a_fault_that_was_put_in_is_told(fault: Callable[[handmade.Board], None], tmp_path: Path) -> None:
    board = handmade.board()
    fault(board)

    code, lines = said_of(board, tmp_path)

    assert code == 1
    assert any(handmade.FAULTS[fault] in line for line in lines), lines


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
