"""A period's figure, frozen or live: which of its versions is answered, and what is said about it."""

from collections.abc import Mapping
from typing import Any, Final, Literal

from api.body import index_body, shown_frozen
from api.body import shown as shown_card
from ikm.closing import Closing, late, may_show_late
from ikm.figure import Figure
from ikm.frame import near
from ikm.index import Index
from ikm.registry import Unit
from ikm.scorecard import LAYOUTS, Scorecard
from ikm.show import shown
from ikm.times import MS_PER_MINUTE, parse_rfc3339
from runtime.web import Problem

LIVE: Final = "live"
Version = int | Literal["live"] | None
"""A number, the live figure, or None: the latest number, and the live figure while there is none."""


def chosen(closings: Mapping[int, Closing], version: Version, unit: str, period: str) -> Closing | None:
    """The closing that is asked for, None for the live figure.

    Args:
        closings: by number, of this period, unit and index.
        version: which one.
        unit: its code, for the message; the period's likewise.
        period: its code.

    Raises:
        Problem: 404, there is no such number.
    """
    if version == LIVE or (version is None and not closings):
        return None
    number = max(closings) if version is None else version
    if number not in closings:
        known = ", ".join([LIVE, *map(str, sorted(closings))])
        raise Problem(404, f"period {period} of unit {unit} has no version {shown(number)}: there is {known}")
    return closings[number]


def live_version(body: Mapping[str, Any]) -> dict[str, Any]:
    """The body of a live figure, which is still on its way (`berjalan`)."""
    return {**body, "status": "berjalan", "number": None, "frozen_at": None, "late": None}


def frozen_version(
    unit: Unit,
    index: Index,
    closing: Closing,
    live: Figure,
    *,
    now_ms: int,
    public: bool,
    frame: Scorecard | None = None,
) -> dict[str, Any]:
    """The body of a frozen figure (`beku`): numbers, population and times are of then.

    `late` is the live figure minus this one; the public does not see it where it would tell what is hidden. The
    public sees the elements of the period's frame, as long as that is near what was frozen: both may be read.
    """
    layout = LAYOUTS[index.code]
    seen = frame is not None and near(layout, frame, layout.from_json(closing.scorecard))
    body = index_body(
        unit.model_copy(update={"population": closing.population}),
        index,
        shown_frozen(closing),
        label=("period", closing.period),
        from_minute=_minute(closing.from_),
        to_minute=_minute(closing.to),
        watermark=None if closing.watermark is None else _minute(closing.watermark),
        now_ms=now_ms,
        public=public,
        frame=shown_card(index.code, frame) if seen and frame is not None else None,
    )
    hides = public and not may_show_late(live, closing.said)
    return {
        **body,
        "status": "beku",
        "number": closing.number,
        "frozen_at": closing.closed_at,
        "late": None if hides else late(live, closing.said),
    }


def _minute(text: str) -> int:
    return parse_rfc3339(text) // MS_PER_MINUTE
