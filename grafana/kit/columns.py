"""What the columns of a query look like: the overrides of a panel, by the column's name in SQL."""

from collections.abc import Mapping, Sequence
from typing import Final

from grafana_foundation_sdk.models.common import (
    BarGaugeDisplayMode,
    BarGaugeValueMode,
    TableBarGaugeCellOptions,
    TableCellBackgroundDisplayMode,
    TableColoredBackgroundCellOptions,
    TableColorTextCellOptions,
)
from grafana_foundation_sdk.models.dashboard import DynamicConfigValue as Property

from grafana.kit import theme
from ikm.alarm import FRESH_SECONDS
from ikm.index import INDICES, NO_COLOUR, Index

Looks = Sequence[Property]
_LOW, _HIGH = "Batas bawah", "Batas atas"
DECIMALS: Final = 2
"""As the views round: a figure is shown with the decimals that it has."""


def title(text: str) -> Looks:
    """How the column is called."""
    return (Property("displayName", text),)


def hidden() -> Looks:
    """Not shown, but there for links and for the runner's eyes."""
    return (Property("custom.hideFrom", {"viz": True, "legend": True, "tooltip": True}),)


def linked(text: str, *urls: tuple[str, str]) -> Looks:
    """A name that leads on.

    Args:
        text: How the column is called.
        urls: Each link's title and address (see `grafana.kit.links`).
    """
    return (*title(text), _links(urls))


def _links(urls: Sequence[tuple[str, str]]) -> Property:
    # Plain: the library builds links of boards and of panels, but none of a field inside an override.
    return Property("links", [{"title": name, "url": url} for name, url in urls])


def width(pixels: int) -> Looks:
    """How wide the column is in a table."""
    return (Property("custom.width", pixels),)


def count(text: str) -> Looks:
    """A whole number, such as n."""
    return (*title(text), *digits(0))


def digits(number: int) -> Looks:
    """How many decimals are shown."""
    return (Property("unit", "none"), Property("decimals", number))


def share(text: str) -> Looks:
    """A share of 0..1 as a percentage."""
    return (
        *title(text),
        Property("unit", "percentunit"),
        Property("decimals", 1),
        Property("min", 0),
        Property("max", 1),
    )


def age(text: str) -> Looks:
    """Seconds that figures lag behind; pointed out when they are too many."""
    late = theme.thresholds([(FRESH_SECONDS, theme.BAD)], base=theme.INK)
    judged = (Property("thresholds", late.build()), Property("color", theme.by_threshold().build()))
    return (*title(text), Property("unit", "suffix: detik"), Property("decimals", 0), *judged)


def moment(text: str) -> Looks:
    """A time, in the board's zone."""
    return (*title(text), Property("unit", "time:DD-MM-YYYY HH:mm"))


def plain_value(text: str) -> Looks:
    """A figure without a judgement: an end of an interval, a difference."""
    return (*title(text), *digits(DECIMALS))


def value(text: str, index: Index) -> Looks:
    """A figure of an index in the colour of its band, on the index's own scale."""
    return (*title(text), *scaled(index))


def scaled(index: Index) -> Looks:
    """Bands, lines and ends of an index's scale."""
    lowest, highest = theme.scale(index)
    return (
        *digits(DECIMALS),
        Property("min", lowest),
        Property("max", highest),
        Property("thresholds", theme.bands(index).build()),
        Property("color", theme.by_threshold().build()),
    )


def course(text: str, index: Index) -> Looks:
    """A figure of an index over time, with the index's bands or lines behind it."""
    return (
        *plain_value(text),
        Property("thresholds", theme.bands(index).build()),
        Property("color", theme.fixed(theme.INK).build()),
        Property("custom.thresholdsStyle", {"mode": "dashed+area"}),
    )


def compared(text: str) -> Looks:
    """A course to compare with: grey and dashed."""
    return (
        *plain_value(text),
        Property("color", theme.fixed(NO_COLOUR).build()),
        Property("custom.lineStyle", {"fill": "dash", "dash": [10, 10]}),
        Property("custom.showPoints", "never"),
    )


def ends(*more: Property) -> dict[str, Looks]:
    """The columns `lo` and `hi`: the ends of the 95 % interval, which a mean of units and no answers do not have."""
    ends = {"lo": plain_value(_LOW), "hi": plain_value(_HIGH)}
    return {name: null_as(theme.NONE, (*looks, *more)) for name, looks in ends.items()}


def strip() -> dict[str, Looks]:
    """The columns `lo` and `hi` of a course: a soft strip between them."""
    quiet = (
        Property("color", theme.fixed(NO_COLOUR).build()),
        Property("custom.lineWidth", 0),
        Property("custom.showPoints", "never"),
    )
    filled_down = (Property("custom.fillBelowTo", _LOW), Property("custom.fillOpacity", 18))
    return {"lo": (*plain_value(_LOW), *quiet), "hi": (*plain_value(_HIGH), *quiet, *filled_down)}


def tinted(text: str, colour: str) -> Looks:
    """A count in a colour of its own."""
    return (*count(text), Property("color", theme.fixed(colour).build()))


def words(text: str, colours: Mapping[str, str]) -> Looks:
    """One of several words, each in its colour.

    Args:
        text: How the column is called.
        colours: By word, as the query gives it.
    """
    said = theme.words({word: (word, colour) for word, colour in colours.items()})
    return (*title(text), Property("mappings", [said, theme.missing()]))


def null_as(text: str, looks: Looks, colour: str = NO_COLOUR) -> Looks:
    """For a column without mappings of its own: what null means there, when it is not that data are missing."""
    return (*looks, Property("mappings", [theme.missing(text, colour)]))


def states(text: str, more: Mapping[str, str], *urls: tuple[str, str]) -> Looks:
    """Letters, or other words in their colours, over time, that lead on."""
    said = theme.words({word: (word, colour) for word, colour in more.items()})
    return (*title(text), Property("mappings", [theme.short_letters(), said, theme.missing()]), _links(urls))


def off_scale(text: str) -> Looks:
    """A count beside figures in a course: in the tooltip only, for it has no place on their scale."""
    hide = {"viz": True, "legend": True, "tooltip": False}
    own_scale = (Property("unit", "suffix: jawaban"), Property("custom.axisPlacement", "hidden"))
    return (*title(text), Property("decimals", 0), *own_scale, Property("custom.hideFrom", hide))


def coloured() -> Looks:
    """A table's cell whose text has the value's colour."""
    return (Property("custom.cellOptions", TableColorTextCellOptions()),)


def bar() -> Looks:
    """A table's cell with a bar on the value's scale, and the figure beside it."""
    options = TableBarGaugeCellOptions(BarGaugeDisplayMode.BASIC, BarGaugeValueMode.COLOR)
    return (Property("custom.cellOptions", options),)


def letter(text: str = "Mutu", null: str = theme.NO_DATA) -> Looks:
    """The letter with its name, in its colour."""
    return (*title(text), Property("mappings", [theme.letters(), theme.missing(null)]))


def initial(text: str = "Mutu", null: str = theme.NO_DATA) -> Looks:
    """The letter alone, as large as a figure beside it."""
    return (*title(text), Property("mappings", [theme.short_letters(), theme.missing(null)]))


def short_letter(text: str = "Mutu", null: str = NO_COLOUR) -> Looks:
    """The letter alone on its colour, in a table: that data are missing is said where the figure would be.

    Args:
        text: How the column is called.
        null: The colour where there is none.
    """
    letters = Property("mappings", [theme.short_letters(), theme.missing(theme.NONE, null)])
    return (*title(text), letters, *filled(), *width(60))


def tier(text: str = "Status") -> Looks:
    """How far the figure may be published."""
    return (*title(text), Property("mappings", [theme.tiers(), theme.missing()]))


def by_index(*more: Property) -> dict[str, Looks]:
    """For a figure that the query names after its index (`value AS ${index}`): the looks of each index."""
    return {index.code: (*value(index.code.upper(), index), *more) for index in INDICES.values()}


def filled() -> Looks:
    """A table's cell on the value's colour."""
    options = TableColoredBackgroundCellOptions(TableCellBackgroundDisplayMode.BASIC)
    return (Property("custom.cellOptions", options), Property("custom.align", "center"))
