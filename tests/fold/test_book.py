"""The book equals the fold from scratch for any events in any order, batching, duplication and restart."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ikm.book import Book
from ikm.entry import entry_of
from ikm.events import Event
from ikm.page import PageError, PageHeader, encode_page, read_header
from ikm.scorecard import LAYOUTS
from ikm.window import WINDOWS
from tests.fold import scratch
from tests.fold.strategies import NOW_MS, events
from tests.rules.cards import card_of

LOG = 7


def new_book(writer: str = "w0", refold: int = 0) -> Book:
    return Book(writer=writer, log=LOG, refold=refold)


def live_buckets(book: Book) -> scratch.Counted:
    return {
        (bucket.code, unit.name, bucket.hour, bucket.service): LAYOUTS[bucket.code].unpack(bucket.card)
        for unit in book.units.values()
        for bucket in unit.buckets()
        if bucket.card
    }


def assert_equals_scratch(book: Book, seen: list[Event], now_ms: int) -> None:
    assert live_buckets(book) == scratch.buckets(seen)
    for unit in book.units.values():
        for index, cards in book.windows(unit).items():
            for code, card in cards.items():
                start, end = WINDOWS[code].bounds(now_ms)
                assert (card.start, card.end) == (start, end)
                expected = scratch.window(seen, index, unit.name, start, end)
                assert (LAYOUTS[index].unpack(card.card), card.watermark) == expected


def fold_all(book: Book, seen: list[Event], *, sizes: list[int] | None = None) -> dict[bytes, bytes | None]:
    """Fold in batches; returns the pages as a compacted changelog holds them."""
    stored: dict[bytes, bytes | None] = {}
    at = 0
    for size in [*(sizes or []), len(seen)]:
        batch = seen[at : at + size]
        if not batch:
            continue
        at += size
        book.position += len(batch)
        for event in batch:
            book.fold(entry_of(event))
        stored.update(book.take_pages())
        book.take_touched()
    return stored


def reload(stored: list[tuple[bytes, bytes | None]], now_ms: int, writer: str = "w1") -> Book:
    book = new_book(writer)
    for key, value in stored:
        book.load(key, value)
    book.derive(now_ms)
    return book


@given(st.lists(events, max_size=40), st.lists(st.integers(1, 7), max_size=10), st.integers(0, 3_000_000))
def test_any_order_batching_and_duplication(seen: list[Event], sizes: list[int], later_ms: int) -> None:
    book = new_book()
    book.derive(NOW_MS)
    fold_all(book, seen, sizes=sizes)
    assert_equals_scratch(book, seen, NOW_MS)
    book.advance(NOW_MS + later_ms)
    assert_equals_scratch(book, seen, NOW_MS + later_ms)


@given(st.lists(events, max_size=30), st.data())
def test_the_order_does_not_matter(seen: list[Event], data: st.DataObject) -> None:
    books = []
    for order in (seen, data.draw(st.permutations(seen)), seen + seen[: len(seen) // 2]):
        book = new_book()
        book.derive(NOW_MS)
        fold_all(book, list(order))
        books.append(live_buckets(book))
    assert books[0] == books[1] == books[2]


@given(st.lists(events, max_size=40), st.lists(st.integers(1, 7), max_size=8), st.data())
def test_restart_from_pages_in_any_order(seen: list[Event], sizes: list[int], data: st.DataObject) -> None:
    cut = data.draw(st.integers(0, len(seen)))
    redelivered = data.draw(st.integers(0, cut))
    first = new_book()
    first.derive(NOW_MS)
    stored = fold_all(first, seen[:cut], sizes=sizes)
    book = reload(data.draw(st.permutations(sorted(stored.items()))), NOW_MS)
    fold_all(book, seen[cut - redelivered :], sizes=sizes)
    assert_equals_scratch(book, seen, NOW_MS)
    pages = [value for value in stored.values() if value is not None]
    assert book.covered == max((read_header(page).position for page in pages), default=0)


@given(st.lists(events, max_size=40), st.integers(1, 600))
def test_windows_move_by_any_step(seen: list[Event], step_minutes: int) -> None:
    book = new_book()
    book.derive(NOW_MS - 20 * step_minutes * 60_000)
    for i, event in enumerate(seen):
        book.advance(NOW_MS - (20 - i % 21) * step_minutes * 60_000)
        book.fold(entry_of(event))
    book.advance(NOW_MS)
    assert_equals_scratch(book, seen, NOW_MS)


@given(st.lists(events, max_size=40))
def test_a_redelivery_touches_every_bucket_an_id_was_ever_in(seen: list[Event]) -> None:
    first = new_book()
    first.derive(NOW_MS)
    stored = fold_all(first, seen)
    ever: dict[tuple[str, str, str], set[tuple[str, int, str]]] = {}
    written = new_book("check")
    for event in seen:
        identity = (event.unit, event.source, event.id)
        before = written.units.get(event.unit)
        old = None if before is None else before.entries.get(entry_of(event).id_hash)
        written.fold(entry_of(event))
        new = written.units[event.unit].entries[entry_of(event).id_hash]
        if new != old and new[0] == 0:
            ever.setdefault(identity, set()).update(place[:1] + place[2:] for place in scratch.buckets([event]))
    book = reload(list(stored.items()), NOW_MS)
    for event in seen:
        book.fold(entry_of(event))
        dirty = book.units[event.unit].dirty
        assert ever.get((event.unit, event.source, event.id), set()) <= dirty
        dirty.clear()


@given(st.lists(events, min_size=1, max_size=40))
def test_rewriting_keeps_the_state_and_drops_what_is_superseded(seen: list[Event]) -> None:
    book = new_book()
    book.derive(NOW_MS)
    stored = fold_all(book, seen)
    for unit in list(book.untidy(book.position)):
        stored.update(book.rewrite(unit))
    left = [(key, value) for key, value in stored.items() if value is not None]
    assert_equals_scratch(reload(left, NOW_MS), seen, NOW_MS)
    entries = sum(len(unit.entries) for unit in book.units.values())
    assert sum(sum(unit.pages.values()) for unit in reload(left, NOW_MS).units.values()) == entries
    assert not list(book.untidy(book.position))


@given(st.lists(events, min_size=1, max_size=20), st.lists(events, min_size=1, max_size=20))
@settings(max_examples=50)
def test_what_a_zombie_rewrites_is_joined(seen: list[Event], zombies: list[Event]) -> None:
    """A stopped worker folds a stale part of the same log and writes its own pages after its successor did."""
    successor, zombie = new_book("new"), new_book("old")
    for book in (successor, zombie):
        book.derive(NOW_MS)
    stored = fold_all(successor, seen + zombies)
    stored.update(fold_all(zombie, seen))
    assert_equals_scratch(reload(list(stored.items()), NOW_MS), seen + zombies, NOW_MS)


@given(st.lists(events, min_size=1, max_size=20))
@settings(max_examples=20)
def test_pages_of_another_log_or_an_older_replay_are_not_joined_and_leave(seen: list[Event]) -> None:
    old = new_book()
    old.derive(NOW_MS)
    stored = fold_all(old, seen)
    for book in (Book(writer="w1", log=LOG + 1), new_book("w1", refold=1)):
        for key, value in stored.items():
            book.load(key, value)
        book.derive(NOW_MS)
        assert book.covered == 0
        assert live_buckets(book) == {}
        deleted = {key for unit in list(book.untidy(0)) for key, value in book.rewrite(unit) if value is None}
        assert deleted == set(stored)


@given(st.lists(events, min_size=1, max_size=20), st.data())
@settings(max_examples=30)
def test_pages_of_a_replay_are_joined_though_its_request_is_forgotten(seen: list[Event], data: st.DataObject) -> None:
    first, replayed = new_book(), new_book("w1", refold=3)
    stored: dict[bytes, bytes | None] = {}
    for book in (first, replayed):
        book.derive(NOW_MS)
        stored.update(fold_all(book, seen if book is replayed else seen[: len(seen) // 2]))
    book = reload(data.draw(st.permutations(sorted(stored.items()))), NOW_MS)
    assert book.refold == 3
    assert_equals_scratch(book, seen, NOW_MS)


def test_an_unreadable_page_names_the_cure() -> None:
    book = new_book()
    for value in (b"", b"\x09" + bytes(20), encode_page(PageHeader(LOG, 0, 1), [b"short"])):
        with pytest.raises(PageError, match="ikm replay"):
            book.load(b"unit-a|w0|0", value)


def test_scorecards_merge_as_sets_do() -> None:
    one, two = card_of([(1, 2, 3, 4, 0, 0, 0, 0, 0)]), card_of([(4,) * 9])
    layout = LAYOUTS["ikm"]
    both = one.merge(two)
    assert both.n == 2
    assert both.remove(two) == one
    assert layout.from_json(json.loads(layout.json(layout.pack(both)))) == both
    assert json.loads(layout.json(layout.pack(both))) == layout.to_json(both)
    with pytest.raises(ValueError, match="not part of"):
        one.remove(both)
