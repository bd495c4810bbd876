"""Looks of what is measured of the system itself."""

from grafana_foundation_sdk.models.dashboard import DynamicConfigValue as Property

from grafana.kit import theme
from grafana.kit.columns import Looks, title
from ikm.index import IKM, NO_COLOUR

FIRST, SECOND, THIRD = theme.INK, IKM.bands[1].colour, IKM.bands[2].colour
"""Of courses side by side, told apart also by who sees few colours."""

SECONDS = "suffix: dtk"
"""Grafana's own unit `s` becomes mins, hours and weeks, in English."""
PER_SECOND, PER_MINUTE = "suffix:/dtk", "suffix:/mnt"
"""Grafana's own, `cps` and `cpm`, say c/s and c/m."""


def measured(text: str, unit: str, decimals: int = 1) -> Looks:
    """A quantity in one of Grafana's units, such as `bytes`, or in one of those above."""
    return (*title(text), Property("unit", unit), Property("decimals", decimals))


def judged(limit: float) -> Looks:
    """Good from 0 on, bad from a limit on; what is not known stays grey."""
    steps = theme.thresholds([(0, theme.GOOD), (limit, theme.BAD)], base=NO_COLOUR)
    return (Property("thresholds", steps.build()), Property("color", theme.by_threshold().build()))


def in_colour(colour: str) -> Looks:
    """One colour, whatever the value."""
    return (Property("color", theme.fixed(colour).build()),)


def from_zero() -> Looks:
    """A course of counts that mostly are 0: its axis begins there and does not pretend more than a few."""
    return (Property("custom.axisSoftMin", 0), Property("custom.axisSoftMax", 5))


def on_the_right() -> Looks:
    """A course on an axis of its own."""
    return (Property("custom.axisPlacement", "right"),)
