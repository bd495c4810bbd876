"""An index by service, channel and profile, as tables of a board."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from api.board import words
from api.board.figure import NO_TONE
from api.board.reader import Body
from ikm.cells import KINDS, SERVICE
from ikm.profile import PROFILE


@dataclass(frozen=True, slots=True)
class CellView:
    """A row: `share` of all answers in percent, None where it is not told."""

    name: str
    n: str
    value: str
    mutu: str | None
    tone: str
    share: float | None


@dataclass(frozen=True, slots=True)
class CellsView:
    """The cells of one kind that have answers, or may have."""

    code: str
    title: str
    rows: tuple[CellView, ...]


@dataclass(frozen=True, slots=True)
class Parts:
    """Where and how people answered, and who they are."""

    ways: tuple[CellsView, ...]
    profile: tuple[CellsView, ...]


def cells_view(bodies: Sequence[Body]) -> Parts:
    """The kinds of which something was said; another would show everybody in one row."""
    views = [_view(body) for body in bodies if any(item["n"] and item["cell"] for item in body["items"])]
    return Parts(
        ways=tuple(view for view in views if view.code not in PROFILE),
        profile=tuple(view for view in views if view.code in PROFILE),
    )


def _view(body: Body) -> CellsView:
    total = sum(item["n"] or 0 for item in body["items"])
    rows = tuple(_row(item, body["by"], total) for item in body["items"] if item["n"] != 0)
    return CellsView(body["by"], words.say(KINDS[body["by"]]), rows)


def _row(item: Mapping[str, Any], kind: str, total: int) -> CellView:
    """Names of services are the register's own, and of no language."""
    return CellView(
        name=item["name"] if kind == SERVICE and item["cell"] else words.say(item["name"]),
        n=words.count(item["n"]),
        value=words.decimal(item["value"]),
        mutu=item["mutu"],
        tone=item["mutu"] or NO_TONE,
        share=None if item["n"] is None else round(100 * item["n"] / total, 2),
    )
