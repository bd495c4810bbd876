"""What a worker writes is what its readers check, and the schema says the same."""

from types import SimpleNamespace
from typing import Any

import pytest

from ikm.index_book import RollingCard
from ikm.position import Sequence
from ikm.published import parse_index_value
from ikm.scorecard import LAYOUTS
from ikm.window import WINDOWS
from stream_processors.publication import Record, figure_record
from tests.contracts.conformity import assert_conforms
from tests.rules.samples import RECEIVED_MS


def record(index: str) -> Record:
    layout = LAYOUTS[index]
    card = layout.of(dict.fromkeys(layout.cells, 3))
    assert card is not None
    packed = layout.pack(card)
    windows = {code: RollingCard(*window.bounds(RECEIVED_MS), packed, None) for code, window in WINDOWS.items()}
    return figure_record("loket", index, 3, Sequence(1 << 60, 1, 5, 29_923_384), windows, frames=[packed, 0, 0, packed])


def conforms(index: str, value: bytes) -> bool:
    key, _, headers = record(index)
    try:
        assert_conforms("index.v1", SimpleNamespace(key=key, value=value, headers=headers))
    except AssertionError:
        return False
    return True


@pytest.mark.parametrize("index", LAYOUTS)
def test_a_figure_is_read_and_fits(index: str) -> None:
    value: Any = record(index).value
    assert parse_index_value(value)["windows"]["30d"]["figure"]["n"] == 1
    assert conforms(index, value)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b'"1h"', b'"2h"'),
        (b'"index":"ikm"', b'"index":"ipkp"'),
        (b'"index":"ikm"', b'"index":"ipxx"'),
        (b'"n":1', b'"m":1'),
        (b'"n":1', b'"n":-1'),
        (b'"n":1', b'"n":"1"'),
        (b':00Z"', b':77Z"'),
        (b'"frame":{"items":{', b'"frame":{"items":{"parkir":[1],'),
        (b'"persyaratan":[', b'"persyaratan":[0,'),
        (b'"interval":[', b'"interval":[1,'),
        (b'"unit":"loket"', b'"unit":"Loket"'),
    ],
)
def test_what_is_no_figure_is_refused_and_does_not_fit(old: bytes, new: bytes) -> None:
    value: Any = record("ikm").value
    assert old in value
    broken = value.replace(old, new, 1)
    assert not conforms("ikm", broken)
    with pytest.raises(ValueError, match=r"\w"):
        parse_index_value(broken)


@pytest.mark.parametrize("place", [b'"unit"', b'"from"', b'"sum_x"', b'"complete"'])
def test_a_field_that_is_not_known_is_passed_over_but_no_writer_of_ours_may_add_one(place: bytes) -> None:
    value: Any = record("ikm").value
    more = value.replace(place, b'"baru":1,' + place, 1)
    assert parse_index_value(more) == parse_index_value(value)
    assert not conforms("ikm", more)
