"""What the core says about the seeded city: the figures that every board must show, computed from the answers."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

from ikm.events import Response
from ikm.figure import Figure, figure, mean_figure
from ikm.frame import hide_small_cells
from ikm.index import INDICES
from ikm.profile import PROFILE
from ikm.scorecard import LAYOUTS, Scorecard
from ikm.times import MS_PER_MINUTE
from ikm.window import WINDOWS
from tests.fold import scratch
from tests.grafana.seed import Seed


class Oracle:
    """Figures of the seeded city, by the tree of each answer's time."""

    def __init__(self, seed: Seed) -> None:
        self.seed = seed
        self._by_unit: dict[str, list[Response]] = defaultdict(list)
        for response in seed.responses:
            self._by_unit[response.unit].append(response)

    def figure(self, unit: str, index: str, scope: str, from_ms: int, to_ms: int) -> Figure:
        """Of what was submitted in [from, to), UTC epoch ms; scope self, pooled or mean."""
        if scope == "self":
            return figure(INDICES[index], self.card(index, self.answers(unit, from_ms, to_ms)))
        cards = [self.card(index, answers) for answers in self.shares(unit, from_ms, to_ms).values()]
        if scope == "mean":
            return mean_figure(INDICES[index], cards)
        return figure(INDICES[index], LAYOUTS[index].total(cards))

    def answers(self, unit: str, from_ms: int, to_ms: int) -> Sequence[Response]:
        """Of one unit, submitted in [from, to)."""
        return [response for response in self._by_unit[unit] if from_ms <= response.submitted_at < to_ms]

    def shares(self, unit: str, from_ms: int, to_ms: int) -> Mapping[str, Sequence[Response]]:
        """Of the unit and of each that stood below it when the answer was given."""
        members = self.seed.tree.members(unit, from_ms, to_ms)
        return {
            code: [answer for start, end in spans for answer in self.answers(code, start, end)]
            for code, spans in members.items()
        }

    def pooled(self, unit: str, from_ms: int, to_ms: int) -> Sequence[Response]:
        """All of `shares` together."""
        return [answer for answers in self.shares(unit, from_ms, to_ms).values() for answer in answers]

    def live(self, unit: str, index: str, window: str) -> Figure:
        """Of a rolling window, of the unit and those that stand below it now."""
        seed = self.seed
        start, end = (minute * MS_PER_MINUTE for minute in WINDOWS[window].bounds(seed.now_ms))
        members = {unit, *seed.tree.descendants(unit, seed.now_ms)}
        return self.of(index, [answer for code in members for answer in self.answers(code, start, end)])

    def groups(self, index: str, kind: str, answers: Iterable[Response]) -> list[tuple[int | None, float | None]]:
        """Responses and value of each cell of a kind; of cells of the respondents' form too small ones without both."""
        cells: dict[str, list[Response]] = defaultdict(list)
        for answer in answers:
            if scratch.counts_in(INDICES[index], answer):
                cells[_cell(kind, answer)].append(answer)
        figures = {cell: self.of(index, inside) for cell, inside in sorted(cells.items())}
        counts = {cell: one.n for cell, one in figures.items()}
        shown = counts if kind == "service" else hide_small_cells(counts)
        return [(None, None) if shown[cell] is None else (one.n, one.value) for cell, one in figures.items()]

    def of(self, index: str, answers: Iterable[Response]) -> Figure:
        """Of some responses together."""
        return figure(INDICES[index], self.card(index, answers))

    @staticmethod
    def card(index: str, answers: Iterable[Response]) -> Scorecard:
        """What answers come to in an index."""
        return scratch.scorecard(INDICES[index], [a for a in answers if scratch.counts_in(INDICES[index], a)])


def _cell(kind: str, answer: Response) -> str:
    if kind in PROFILE:
        return PROFILE[kind].get((answer.respondent or {}).get(kind, ""), "")
    return (answer.service if kind == "service" else answer.channel) or ""
