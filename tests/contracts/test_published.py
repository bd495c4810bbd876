"""What a worker writes is what its readers check, and the schema says the same."""

from types import SimpleNamespace
from typing import Any

import pytest

from ikm import published
from ikm.book import Book
from ikm.index_book import Bucket, RollingCard
from ikm.position import Sequence
from ikm.published import parse_index_value
from ikm.scorecard import LAYOUTS
from ikm.window import WINDOWS
from stream_processors.publication import Record, bucket_record, figure_record, progress_record
from tests.contracts.conformity import assert_conforms
from tests.rules.samples import RECEIVED_MS


def record(index: str) -> Record:
    layout = LAYOUTS[index]
    card = layout.of(dict.fromkeys(layout.cells, 3))
    assert card is not None
    packed = layout.pack(card)
    windows = {code: RollingCard(*window.bounds(RECEIVED_MS), packed, None) for code, window in WINDOWS.items()}
    return figure_record("loket", index, 3, Sequence(1 << 60, 1, 5, 29_923_384), windows, frames=[packed, 0, 0, packed])


def fits(topic: str, record: Record) -> str:
    return assert_conforms(topic, SimpleNamespace(**record._asdict()))


def conforms(index: str, value: bytes) -> bool:
    try:
        fits("index.v1", record(index)._replace(value=value))
    except AssertionError:
        return False
    return True


@pytest.mark.parametrize("index", LAYOUTS)
def test_a_figure_is_read_and_fits(index: str) -> None:
    value: Any = record(index).value
    assert parse_index_value(value)["windows"]["30d"]["figure"]["n"] == 1
    assert conforms(index, value)


@pytest.mark.parametrize("service", ["", "ktp-el"])
@pytest.mark.parametrize("index", LAYOUTS)
def test_a_bucket_is_read_and_fits(index: str, service: str) -> None:
    bucket = Bucket(index, 498_723, service, LAYOUTS[index].pack(LAYOUTS[index].empty), 29_923_383)
    written: Any = bucket_record("loket", Sequence(1 << 60, 1, 5, 0), bucket)
    assert fits("scorecards.v1", written) == "scorecards.v1"
    assert published.Bucket.model_validate_json(written.value).service == service


@pytest.mark.parametrize("whole", [True, False])
@pytest.mark.parametrize("topic", ["index.v1", "scorecards.v1"])
def test_progress_is_read_and_fits(topic: str, whole: bool) -> None:
    book = Book(writer="w", log=1 << 60, refold=2)
    written: Any = progress_record(3, 7, book, RECEIVED_MS, whole=whole)
    assert fits(topic, written) == "progress.v1"
    assert published.ProgressRecord.model_validate_json(written.value).next_offset == 7


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
