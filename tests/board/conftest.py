import pytest

from tests.board.boards import City


@pytest.fixture
def city() -> City:
    return City()
