"""The tables of the tally against the scorecard's own arithmetic."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ikm.index import INDICES
from ikm.questionnaire import QUESTIONNAIRES
from ikm.scorecard import LAYOUTS
from ikm.tally import TALLIES, TALLIES_BY_NUMBER
from tests.fold import scratch
from tests.fold.strategies import responses

SKM = QUESTIONNAIRES["skm"]


@given(responses(), st.randoms())
def test_the_cards_are_those_of_the_scores(response, rng) -> None:
    answers = list(response.answers.items())
    rng.shuffle(answers)
    tally = TALLIES[response.questionnaire]
    found = dict(tally.cards(tally.cells(tally.nibbles(dict(answers)))))
    expected = {
        code: scratch.scorecard(index, [response])
        for code, index in INDICES.items()
        if scratch.counts_in(index, response)
    }
    assert {code: LAYOUTS[code].unpack(card) for code, card in found.items()} == expected
    assert {code: LAYOUTS[code].of(response.scores) for code in expected} == expected


def test_a_skipped_item_may_be_left_out() -> None:
    tally = TALLIES_BY_NUMBER[SKM.number]
    assert tally.nibbles({"waktu": 4}) == tally.nibbles({"waktu": 4, "biaya": None})


@pytest.mark.parametrize("nibbles", [b"", b"\x11", b"\x11" * 6, b"\x55" * 5, b"\x11" * 5])
def test_what_no_response_has_is_refused(nibbles) -> None:
    with pytest.raises(KeyError):
        TALLIES[SKM.name].cells(nibbles)
