"""The indices of a Zona Integritas beside the IKM: their value, and on which side of their lines it lies."""

from dataclasses import dataclass

from api.board import words
from api.board.label import Label
from api.board.reader import Body, Reader
from ikm.index import IKM, INDICES, Index
from ikm.registry import Unit

LINE_NAMES = {"wbk": "WBK", "wbbm": "WBBM"}


@dataclass(frozen=True, slots=True)
class LineView:
    """A line and where the value lies; `side` is a word, never a verdict on the unit."""

    name: str
    at: str
    side: str
    tone: str


@dataclass(frozen=True, slots=True)
class PerceptionView:
    """One further index, on 0..4."""

    code: str
    title: str
    value: str
    n: str
    interval: str
    lines: tuple[LineView, ...]
    conversions: tuple[tuple[str, str], ...]


async def perceptions(reader: Reader, unit: Unit, label: Label, *, public: bool) -> tuple[PerceptionView, ...]:
    """The other indices that somebody answered in this window or period."""
    others = sorted(
        (index for index in INDICES.values() if index is not IKM), key=lambda index: index.code, reverse=True
    )
    bodies = [(index, await reader.index(unit, index, label.kind, label.code, public)) for index in others]
    return tuple(_view(index, body) for index, body in bodies if body["value"] is not None)


def _view(index: Index, body: Body) -> PerceptionView:
    lines = body.get("lines") or ()
    return PerceptionView(
        code=index.code,
        title=words.say(index.title),
        value=words.decimal(body["value"]),
        n=words.count(body["n"]),
        interval=words.interval(body["interval"]),
        lines=tuple(_line(line["code"], line["at"], above=line["above"], disputed=line["disputed"]) for line in lines),
        conversions=tuple((name, words.decimal(value)) for name, value in (body.get("conversions") or {}).items()),
    )


def _line(code: str, at: float, *, above: bool, disputed: bool) -> LineView:
    if disputed:
        side, tone = words.say("diperdebatkan"), "disputed"
    elif above:
        side, tone = words.say("di atas ambang"), "above"
    else:
        side, tone = words.say("di bawah ambang"), "below"
    return LineView(LINE_NAMES.get(code, code), words.decimal(at), side, tone)
