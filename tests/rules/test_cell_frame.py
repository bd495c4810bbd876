"""Cells as the public sees them: whatever happens, no two tables tell one to four answers, nor does the total."""

from hypothesis import given, settings
from hypothesis import strategies as st

from ikm.cell_frame import NO_TABLE, CellFrame, Open, next_table
from ikm.figure import HIDDEN_BELOW
from ikm.frame import SMALL_CELL, STEP, near
from ikm.scorecard import LAYOUTS
from tests.rules.cards import EMPTY, one

IKM = LAYOUTS["ikm"]
CELLS = "LP?"
ROWS = [(3,) * 9, (4,) * 9, (1,) * 9, (3, 3, 1, 3, 3, 3, 3, 3, 0)]


def card(rows):
    total = EMPTY
    for row in rows:
        total = total.add(one(row))
    return total


class Unit:
    """Who answered what, in which cell; the table that the public sees, and who was in a cell when it was known."""

    def __init__(self, rng):
        self.rng, self.people, self.serial = rng, {}, 0
        self.table, self.moves, self.known = NO_TABLE, [], {cell: {} for cell in CELLS}

    def some(self, count):
        return self.rng.sample(sorted(self.people), min(count, len(self.people)))

    def add(self, count, cell, row):
        for _ in range(count):
            self.people[self.serial] = cell, row
            self.serial += 1

    def change(self, count, cell, row):
        for who in self.some(count):
            self.people[who] = cell, row

    def remove(self, count, _, __):
        for who in self.some(count):
            del self.people[who]

    def inside(self, cell):
        return {who: row for who, (where, row) in self.people.items() if where == cell}

    def live(self):
        return {cell: card(rows.values()) for cell in CELLS if (rows := self.inside(cell))}

    def publish(self):
        live = self.live()
        before, self.table = self.table, next_table(IKM, self.table, live, lambda _: ())
        if self.table is before:
            return
        self.moves.append((before, self.table, live, self.changed(before, live)))
        for cell, frame in self.table.items():
            if cell not in before or frame.known != before[cell].known:
                self.known[cell] = self.inside(cell) if frame.known == live.get(cell, EMPTY) else self.known[cell]

    def changed(self, before, live):
        """In cells that are near what is known of them: whether their sum moved, and by how many people."""
        known, now, people = EMPTY, EMPTY, 0
        for cell in CELLS:
            was = before[cell].known if cell in before else EMPTY
            if near(IKM, was, live.get(cell, EMPTY)):
                known, now = known.add(was), now.add(live.get(cell, EMPTY))
                then, here = self.known[cell], self.inside(cell)
                people += sum(then.get(who) != here.get(who) for who in then.keys() | here.keys())
        return known != now, people


steps = st.lists(
    st.tuples(
        st.sampled_from(("add", "add", "add", "change", "remove")),
        st.integers(1, 7),
        st.sampled_from(CELLS),
        st.sampled_from(ROWS),
    ),
    min_size=1,
    max_size=60,
)


def after(plan, rng):
    unit = Unit(rng)
    for what, count, cell, row in plan:
        getattr(unit, what)(count, cell, row)
        unit.publish()
    return unit


@given(steps, st.randoms(use_true_random=False))
@settings(max_examples=150, deadline=None)
def test_a_cell_is_the_same_or_five_answers_away_and_never_small(plan, rng):
    for before, table, _, _ in after(plan, rng).moves:
        for cell, frame in table.items():
            if frame.open:
                assert frame.seen == frame.known
                assert frame.known.n == 0 or frame.known.n >= SMALL_CELL
                assert frame.open is not Open.FIGURE or frame.known.n == 0 or frame.known.n >= HIDDEN_BELOW
            seen = before[cell].seen if cell in before else None
            assert seen is None or frame.seen == seen or not near(IKM, seen, frame.seen)


@given(steps, st.randoms(use_true_random=False))
@settings(max_examples=150, deadline=None)
def test_the_total_minus_what_is_shown_tells_no_small_cell(plan, rng):
    for _, table, live, _ in after(plan, rng).moves:
        for least, level in ((SMALL_CELL, Open.COUNT), (HIDDEN_BELOW, Open.FIGURE)):
            rest = [cell for cell, frame in table.items() if frame.open < level]
            hidden = sum(live[cell].n for cell in rest if cell in live)
            told = any(table[cell].known.n for cell in table if cell not in rest)
            assert not told or hidden == 0 or hidden >= least


@given(steps, st.randoms(use_true_random=False))
@settings(max_examples=150, deadline=None)
def test_the_total_minus_what_is_shown_anew_tells_no_single_answer_of_the_rest(plan, rng):
    for before, _, _, (moved, people) in after(plan, rng).moves:
        assert not before or not moved or people >= STEP


def test_single_answers_move_a_cell_in_steps():
    table, seen = NO_TABLE, []
    for n in range(1, 23):
        table = next_table(IKM, table, {"L": card([ROWS[0]] * n)}, lambda _: ())
        seen.append((table["L"].known.n, table["L"].open))
    hidden, counted, shown = [(1, Open.NOTHING)], [(6, Open.COUNT)], [(11, Open.FIGURE), (16, Open.FIGURE)]
    assert seen == [*hidden * 5, *counted * 5, *shown[:1] * 5, *shown[1:] * 5, (21, Open.FIGURE), (21, Open.FIGURE)]


def test_one_answer_beside_five_in_another_cell_moves_nothing():
    start = {"L": card([ROWS[0]] * 20), "P": card([ROWS[0]] * 20)}
    table = next_table(IKM, NO_TABLE, start, lambda _: ())
    beside = {"L": card([ROWS[0]] * 25), "P": card([ROWS[0]] * 20 + [ROWS[2]])}
    assert next_table(IKM, table, beside, lambda _: ()) is table
    alone = next_table(IKM, table, {**start, "L": beside["L"]}, lambda _: ())
    assert (alone["L"].known.n, alone["P"].known.n) == (25, 20)


def test_what_is_shown_of_another_span_stands_in():
    live = {"L": card([ROWS[0]] * 22), "P": card([ROWS[0]] * 40)}
    table = next_table(IKM, NO_TABLE, live, lambda cell: [card([ROWS[0]] * 20), EMPTY] if cell == "L" else [])
    assert table == {
        "L": CellFrame(card([ROWS[0]] * 20), card([ROWS[0]] * 20), Open.FIGURE),
        "P": CellFrame(live["P"], live["P"], Open.FIGURE),
    }


def test_a_small_cell_hides_with_it_the_smallest_beside():
    live = {"L": card([ROWS[0]] * 40), "P": card([ROWS[0]] * 30), "?": card([ROWS[0]] * 3)}
    table = next_table(IKM, NO_TABLE, live, lambda _: ())
    assert {cell: frame.open for cell, frame in table.items()} == {
        "L": Open.FIGURE,
        "P": Open.NOTHING,
        "?": Open.NOTHING,
    }
