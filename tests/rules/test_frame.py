"""Public frames: no two that are seen hold fewer than five responses between them, whatever happens in between."""

from itertools import combinations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ikm.figure import HIDDEN_BELOW
from ikm.frame import (
    SMALL_CELL,
    STEP,
    hide_small_cells,
    least_difference,
    may_show,
    near,
    next_frames,
    pooled_is_public,
    stand_in,
)
from ikm.scorecard import LAYOUTS
from tests.rules.cards import EMPTY, one

IKM = LAYOUTS["ikm"]
WINDOWS = 4

rows = st.tuples(*[st.sampled_from((0, 1, 3, 4))] * 9).filter(any)
people = st.dictionaries(st.integers(0, 25), rows, max_size=26)


def card(answers):
    total = EMPTY
    for row in answers.values():
        total = total.add(one(row))
    return total


def differing(one_set, other):
    """Whose answers are in one of the two only, or others."""
    return sum(one_set.get(who) != other.get(who) for who in one_set.keys() | other.keys())


@given(people, people)
def test_the_least_difference_never_exceeds_the_true_one(before, after):
    least = least_difference(IKM, card(before), card(after))
    assert least <= differing(before, after)
    assert least == least_difference(IKM, card(after), card(before))


@pytest.mark.parametrize("count", range(7))
def test_added_removed_and_changed_responses_are_counted(count):
    before = dict.fromkeys(range(12), (3,) * 9)
    added = before | {100 + who: (3,) * 9 for who in range(count)}
    removed = {who: row for who, row in before.items() if who >= count}
    changed = before | dict.fromkeys(range(count), (3, 3, 1, 3, 3, 3, 3, 3, 3))
    for after in (added, removed, changed):
        assert least_difference(IKM, card(before), card(after)) == count
        assert near(IKM, card(before), card(after)) == (count < STEP)


def test_a_response_revised_often_and_changes_that_count_nothing_are_one_response():
    before = dict.fromkeys(range(12), (3,) * 9)
    assert least_difference(IKM, card(before), card(before | {0: (1,) * 9})) == 1


class Unit:
    """A unit that publishes windows of 10, 20, 40 and 80 ticks: who answered when and what, and the frames so far."""

    def __init__(self, rng):
        self.rng, self.answered, self.now, self.serial = rng, {}, 0, 0
        self.held, self.moves = [0] * WINDOWS, []

    def some(self, count):
        return self.rng.sample(sorted(self.answered), min(count, len(self.answered)))

    def add(self, count, given_rows):
        for at in range(count):
            when = self.now - self.rng.choice((0, 0, 0, 15, 60))
            self.answered[self.serial] = when, given_rows[at % len(given_rows)]
            self.serial += 1

    def change(self, count, given_rows):
        for at, who in enumerate(self.some(count)):
            self.answered[who] = self.answered[who][0], given_rows[at % len(given_rows)]

    def remove(self, count, _):
        for who in self.some(count):
            del self.answered[who]

    def age(self, count, _):
        self.now += count

    def restart(self, _, __):
        """A new worker takes over what was published."""
        self.held = list(self.held)

    def publish(self):
        windows = [
            {who: row for who, (when, row) in self.answered.items() if self.now - length < when}
            for length in (10, 20, 40, 80)
        ]
        cards = [card(answers) for answers in windows]
        before, self.held = self.held, next_frames(IKM, self.held, [IKM.pack(live) for live in cards])
        self.moves.append((before, self.held))
        return zip(cards, self.held, strict=True)


steps = st.lists(
    st.one_of(
        st.tuples(st.just("add"), st.integers(1, 12), st.lists(rows, min_size=1, max_size=3)),
        st.tuples(st.just("change"), st.integers(1, 6), st.lists(rows, min_size=1, max_size=2)),
        st.tuples(st.just("remove"), st.integers(1, 12), st.just([])),
        st.tuples(st.just("age"), st.integers(1, 40), st.just([])),
        st.tuples(st.just("restart"), st.just(0), st.just([])),
    ),
    min_size=1,
    max_size=40,
)


@given(steps, st.randoms(use_true_random=False))
@settings(max_examples=150)
def test_no_two_frames_hold_one_to_four_responses_between_them(plan, rng):
    """Of the frames of all windows at one moment and the next, any two."""
    unit = Unit(rng)
    for what, count, given_rows in plan:
        getattr(unit, what)(count, given_rows)
        for live, frame in unit.publish():
            if frame and may_show(IKM.n(frame), live.n):
                assert near(IKM, live, IKM.unpack(frame)), "a frame that is shown lies fewer than five off"
    for before, after in unit.moves:
        frames = {frame for frame in (*before, *after) if frame}
        assert all(IKM.n(frame) >= HIDDEN_BELOW for frame in frames)
        for one_frame, other in combinations(frames, 2):
            assert not near(IKM, IKM.unpack(one_frame), IKM.unpack(other))


def test_single_answers_move_the_frame_in_steps():
    held, seen = [0] * WINDOWS, []
    for n in range(1, 22):
        held = next_frames(IKM, held, [IKM.pack(card(dict.fromkeys(range(n), (3,) * 9)))] * WINDOWS)
        seen.append([IKM.n(frame) for frame in held])
    assert seen == [[n] * WINDOWS for n in [0] * 9 + [10] * 5 + [15] * 5 + [20] * 2]


def test_a_frame_that_is_near_stands_in_for_another_window():
    recent = dict.fromkeys(range(12), (3,) * 9)
    older = {100 + who: (1,) * 9 for who in range(3)}
    held = next_frames(
        IKM, [0] * WINDOWS, [IKM.pack(card(c)) for c in (recent, recent, recent | older, recent | older)]
    )
    assert [IKM.n(frame) for frame in held] == [15] * WINDOWS
    older |= {200 + who: (1,) * 9 for who in range(2)}
    held = next_frames(IKM, held, [IKM.pack(card(c)) for c in (recent, recent, recent | older, recent | older)])
    assert [IKM.n(frame) for frame in held] == [15] * WINDOWS, "17 is near 15"


@pytest.mark.parametrize(("frame_n", "live_n", "may"), [(10, 10, True), (10, 9, False), (9, 50, False), (10, 0, False)])
def test_nothing_is_shown_of_a_frame_while_either_is_hidden(frame_n, live_n, may):
    assert may_show(frame_n, live_n) is may


def test_the_first_frame_that_is_near_stands_in():
    cards = [card(dict.fromkeys(range(n), (3,) * 9)) for n in (10, 15, 20)]
    assert stand_in(IKM, card(dict.fromkeys(range(17), (3,) * 9)), cards) is cards[1]
    assert stand_in(IKM, card(dict.fromkeys(range(25), (3,) * 9)), cards) is None


@pytest.mark.parametrize(
    ("responses", "public"),
    [
        ([], True),
        ([50], True),
        ([50, 0, 0], True),
        ([50, 9], False),
        ([50, 9, 1], True),
        ([9], False),
        ([10, 5, 4], False),
    ],
)
def test_a_pool_tells_nothing_of_its_hidden_units(responses, public):
    assert pooled_is_public(responses) is public


@given(st.dictionaries(st.text(max_size=3), st.integers(0, 12), max_size=6))
def test_small_cells_are_hidden_and_not_told_by_the_total(cells):
    found = hide_small_cells(cells)
    assert found.keys() == cells.keys()
    assert all(n is None or n == cells[name] for name, n in found.items())
    assert all(n is None or n == 0 or n >= SMALL_CELL for n in found.values())
    hidden = sum(cells[name] for name, n in found.items() if n is None)
    assert hidden == 0 or hidden >= SMALL_CELL or not any(found.values())
