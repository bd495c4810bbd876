"""Which window or period a board shows, and the links to the others."""

from dataclasses import dataclass
from typing import Literal
from urllib.parse import urlencode

from api.board import words
from ikm.period import period_of
from ikm.registry import Unit
from ikm.times import MS_PER_MINUTE
from ikm.window import DEFAULT_WINDOW, WINDOWS


class UnknownLabelError(Exception):
    """An address asks for a window or period that there is not; the message says what to send."""


@dataclass(frozen=True, slots=True)
class Label:
    """A rolling window or a calendar period, by its code."""

    kind: Literal["window", "period"]
    code: str

    @property
    def name(self) -> str:
        """As people read it."""
        return words.say("{window} terakhir", window=self.short) if self.kind == "window" else self.short

    @property
    def short(self) -> str:
        """As a link says it."""
        return words.window_name(self.code) if self.kind == "window" else words.period_name(self.code)

    def href(self, unit: str) -> str:
        """The address of a unit's board with this label."""
        return f"/board/{unit}?{urlencode([(self.kind, self.code)])}"


DEFAULT = Label("window", DEFAULT_WINDOW)


@dataclass(frozen=True, slots=True)
class Choice:
    """One link of the board's navigation."""

    name: str
    href: str
    current: bool


def asked(window: str | None, period: str | None, unit: Unit) -> Label | None:
    """The label that an address asks for, or None when it leaves the choice to the board.

    Raises:
        UnknownLabelError: Both are given, or the window or period is not known.
    """
    if window is not None and period is not None:
        raise UnknownLabelError(words.say("Pilih salah satu: window atau period."))
    if window is not None:
        if window not in WINDOWS:
            known = ", ".join(WINDOWS)
            raise UnknownLabelError(
                words.say("Rentang “{asked}” tidak dikenal; yang ada: {known}.", asked=window, known=known)
            )
        return Label("window", window)
    if period is not None:
        try:
            return Label("period", unit.period_called(period).code)
        except ValueError:
            message = words.say(
                "Periode “{asked}” tidak dikenal; contoh: 2026, 2026-S1, 2026-TW3, 2026-11.", asked=period
            )
            raise UnknownLabelError(message) from None
    return None


def is_running(label: Label, unit: Unit, now_ms: int) -> bool:
    """True while new answers can still fall into the label's range: a window always, a period until it ends."""
    if label.kind == "window":
        return True
    period = unit.period_called(label.code)
    return period.from_minute <= now_ms // MS_PER_MINUTE < period.to_minute


def choices(unit: Unit, shown: Label, now_ms: int) -> tuple[Choice, ...]:
    """Links to every window, to the unit's running period, and to what is shown."""
    running = Label("period", period_of(unit.period, now_ms // MS_PER_MINUTE, unit.zone).code)
    labels = [*(Label("window", code) for code in WINDOWS), running]
    if shown not in labels:
        labels.append(shown)
    return tuple(Choice(label.short, label.href(unit.code), label == shown) for label in labels)
