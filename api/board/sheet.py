"""One unit's board: what its template is given."""

from typing import Any
from urllib.parse import urlencode

from api.board import freshness, words
from api.board.cells import cells_view
from api.board.course import course_view
from api.board.figure import figure_view
from api.board.kept import Kept
from api.board.label import DEFAULT, Label, asked, choices, is_running
from api.board.pages import FRAGMENT
from api.board.past import Past, past_of, period_row, status_of
from api.board.perception import perceptions
from api.board.reader import Body, Reader
from api.board.scale import Scale
from api.board.since import letter_since
from ikm.index import IKM
from ikm.registry import Unit

KEEP_PAST_MS = 10_000


class Sheets:
    """Makes the values of each unit's board; asks for its past at most every ten seconds for all who watch it."""

    def __init__(self, reader: Reader, scale: Scale) -> None:
        self._reader, self._scale = reader, scale
        self._pasts = Kept[Past](KEEP_PAST_MS, reader.now_ms)

    async def values(self, unit: Unit, *, window: str | None, period: str | None, member: bool) -> dict[str, Any]:
        """The values of `board.html` for a unit and what the address asked for.

        Raises:
            UnknownLabelError: The address asks for a window or period that there is not.
        """
        reader, scale = self._reader, self._scale
        wanted = asked(window, period, unit)
        label, body = await _read(reader, unit, wanted, public=not member)
        past = await self._pasts.get((unit.key, member), lambda: past_of(reader, unit, public=not member))
        now_ms = reader.now_ms()
        query = [] if wanted is None else [(wanted.kind, wanted.code)]
        follow = label.code if label.kind == "window" else DEFAULT.code
        follows = wanted is None or is_running(label, unit, now_ms)
        return {
            "unit": unit,
            "label": label.name,
            "span": _span(label, body, unit.zone, now_ms),
            "status": status_of(unit, body, now_ms) if label.kind == "period" else "",
            "since": letter_since(past.steps, body["mutu"]) if label == DEFAULT else "",
            "choices": choices(unit, label, now_ms),
            "fragment": f"/board/{unit.code}?{urlencode([*query, ('bagian', FRAGMENT)])}",
            "stream": f"/v1/units/{unit.code}/index/stream?window={follow}" if follows else None,
            "freshness": freshness.of_unit(reader.worker_seen_ms(unit.code), now_ms, unit.zone),
            "figure": figure_view(body, IKM, scale, unit.zone, now_ms),
            "periods": [period_row(unit, one, now_ms) for one in past.periods],
            "course": course_view(past.months, scale),
            "perceptions": await perceptions(reader, unit, label, public=not member),
            "parts": cells_view(await reader.cells(unit, label.kind, label.code, not member)),
            "closed": body.get("status") == "beku",
            "member": member,
        }


async def _read(reader: Reader, unit: Unit, wanted: Label | None, *, public: bool) -> tuple[Label, Body]:
    """The figure asked for; without a wish the default window, or the latest period when that is empty."""
    label = wanted or DEFAULT
    body = await reader.index(unit, IKM, label.kind, label.code, public)
    if wanted is None and body["tier"] == "kosong":
        latest = (await reader.latest_periods()).get(unit.code)
        if latest is not None:
            label = Label("period", latest)
            body = await reader.index(unit, IKM, label.kind, label.code, public)
    return label, body


def _span(label: Label, body: Body, zone: str, now_ms: int) -> str:
    """From when on the answers count, or between which days."""
    if label.kind == "window":
        return words.say("sejak {moment}", moment=words.moment(body["from"], zone, now_ms))
    return words.days(body["from"], body["to"], zone)
