"""A period's figure, frozen or live: which of its versions is answered, and what is said about it."""

from collections.abc import Mapping
from typing import Any, Final, Literal

from api.body import Shown, index_body, of_units, shown_frozen
from ikm.closing import Closing, late, may_show_late
from ikm.figure import Figure
from ikm.frame import near, pooled_is_public
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


def stays_near(closing: Closing, frames: Mapping[str, Scorecard]) -> bool:
    """Whether the public may see the elements of these units' frames beside what was frozen: both may be read.

    Args:
        closing: of their tree.
        frames: by unit.
    """
    layout, cards = LAYOUTS[closing.index], closing.cards
    return all(code in cards and near(layout, frame, cards[code]) for code, frame in frames.items())


def frozen_version(
    unit: Unit,
    index: Index,
    closing: Closing,
    live: Figure,
    *,
    now_ms: int,
    public: bool,
    frame: Shown | None = None,
    live_is_public: bool = True,
) -> dict[str, Any]:
    """The body of a frozen figure (`beku`): numbers, population and times are of then.

    `late` is the live figure minus this one; the public does not see it where it would tell what is hidden.

    Args:
        unit: in the version that is in force.
        index: which index.
        closing: of that unit and index.
        live: the figure of now, in the same scope.
        now_ms: time of the read, UTC epoch milliseconds.
        public: for whoever may not see everything.
        frame: of the period, for the public, if it `stays_near`.
        live_is_public: whether the units that are hidden now let the public see the live figure.
    """
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
        frame=frame,
    )
    is_public = live_is_public
    if closing.scope != "self":
        responses = closing.responses.values()
        body = of_units(body, closing.scope, responses, public=public)
        is_public &= pooled_is_public(responses)
    hides = public and not (is_public and may_show_late(live, closing.said))
    return {
        **body,
        "status": "beku",
        "number": closing.number,
        "frozen_at": closing.closed_at,
        "late": None if hides else late(live, closing.said),
    }


def _minute(text: str) -> int:
    return parse_rfc3339(text) // MS_PER_MINUTE
