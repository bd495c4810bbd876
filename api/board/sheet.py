"""One unit's board: what its template is given."""

from typing import Any
from urllib.parse import urlencode

from api.board import freshness, words
from api.board.cells import cells_view
from api.board.course import course_view
from api.board.figure import figure_view
from api.board.label import DEFAULT, Label, asked, choices, is_running
from api.board.pages import FRAGMENT
from api.board.perception import perceptions
from api.board.reader import Body, Reader
from api.board.scale import Scale
from ikm.index import IKM, Index
from ikm.registry import Unit


async def sheet(
    reader: Reader, unit: Unit, index: Index, scale: Scale, *, window: str | None, period: str | None, member: bool
) -> dict[str, Any]:
    """The values of `board.html` for a unit and what the address asked for.

    Raises:
        UnknownLabelError: The address asks for a window or period that there is not.
    """
    wanted = asked(window, period, unit)
    label, body = await _read(reader, unit, wanted, public=not member)
    now_ms = reader.now_ms()
    query = [] if wanted is None else [(wanted.kind, wanted.code)]
    running = is_running(label, unit, now_ms)
    follow = label.code if label.kind == "window" else DEFAULT.code
    return {
        "unit": unit,
        "label": label.name,
        "span": _span(label, body, unit.zone, now_ms),
        "running": label.kind == "period" and running,
        "choices": choices(unit, label, now_ms),
        "fragment": f"/board/{unit.code}?{urlencode([*query, ('bagian', FRAGMENT)])}",
        "stream": f"/v1/units/{unit.code}/index/stream?window={follow}" if running or wanted is None else None,
        "freshness": freshness.of_unit(reader.worker_seen_ms(unit.code), now_ms, unit.zone),
        "figure": figure_view(body, index, scale, unit.zone, now_ms),
        "course": course_view((await reader.trend(unit, False))["items"], scale) if member else None,
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
