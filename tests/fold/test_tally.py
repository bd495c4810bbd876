"""The tables of the tally against the scorecard's own arithmetic."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ikm.questionnaire import QUESTIONNAIRES
from ikm.scorecard import ELEMENT_CODES, Scorecard, unpack
from ikm.tally import TALLIES, TALLIES_BY_NUMBER

SKM = QUESTIONNAIRES["skm"]


@given(st.lists(st.sampled_from((None, 1, 2, 3, 4)), min_size=9, max_size=9).filter(any), st.randoms())
def test_a_card_is_that_of_the_scores(scores, rng) -> None:
    answers = list(zip((item.code for item in SKM.items), scores, strict=True))
    rng.shuffle(answers)
    tally = TALLIES[SKM.id]
    by_element = {SKM.by_code[code].element: score or 0 for code, score in answers}
    expected = Scorecard.of([by_element[element] for element in ELEMENT_CODES])
    assert unpack(tally.card(tally.nibbles(dict(answers)))) == expected


def test_a_skipped_item_may_be_left_out() -> None:
    tally = TALLIES_BY_NUMBER[SKM.number]
    assert tally.nibbles({"waktu": 4}) == tally.nibbles({"waktu": 4, "biaya": None})


@pytest.mark.parametrize("nibbles", [b"", b"\x11", b"\x11" * 6, bytes(5), b"\x55" * 5, b"\x11" * 5])
def test_what_no_response_has_is_refused(nibbles) -> None:
    with pytest.raises(KeyError):
        TALLIES[SKM.id].card(nibbles)
