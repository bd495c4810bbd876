"""The kinds of panels that boards are made of; each shows rows as the query gives them and says what is missing."""

from collections.abc import Mapping
from typing import Final, TypeVar

from grafana_foundation_sdk.builders import (
    barchart,
    bargauge,
    gauge,
    geomap,
    stat,
    statetimeline,
    table,
    text,
    timeseries,
)
from grafana_foundation_sdk.builders.common import (
    FrameGeometrySource,
    MapLayerOptions,
    ReduceDataOptions,
    VizLegendOptions,
    VizTextDisplayOptions,
    VizTooltipOptions,
)
from grafana_foundation_sdk.models.common import (
    BarGaugeDisplayMode,
    BarGaugeNamePlacement,
    BarGaugeValueMode,
    BigValueColorMode,
    BigValueGraphMode,
    BigValueJustifyMode,
    BigValueTextMode,
    FrameGeometrySourceMode,
    LegendDisplayMode,
    LegendPlacement,
    LineInterpolation,
    SortOrder,
    StackingMode,
    TableCellHeight,
    TimelineValueAlignment,
    TooltipDisplayMode,
    VisibilityMode,
    VizOrientation,
)
from grafana_foundation_sdk.models.geomap import MapCenterID, TooltipMode
from grafana_foundation_sdk.models.text import TextMode

from grafana.kit import theme
from grafana.kit.columns import Looks
from grafana.kit.query import Query
from ikm.times import MS_PER_HOUR

Columns = Mapping[str, Looks]
"""The looks of columns by their names in SQL."""

P = TypeVar(
    "P",
    stat.Panel,
    gauge.Panel,
    bargauge.Panel,
    table.Panel,
    timeseries.Panel,
    statetimeline.Panel,
    barchart.Panel,
    geomap.Panel,
)
HOURS_MS: Final = 2 * MS_PER_HOUR
WEEK_MS: Final = 7 * 24 * MS_PER_HOUR
MONTH_MS: Final = 32 * 24 * MS_PER_HOUR
"""Points that are farther apart than this are not joined: between them nobody answered."""
_LEAST_WIDTH: Final = 90
"""In pixels. Grafana's own, 150, pushes the last columns of a narrow table out of sight."""
_ALL_FIELDS: Final = "/.*/"


def figures(title: str, description: str, query: Query, columns: Columns) -> stat.Panel:
    """The columns of a query's one row, below each other: also texts and letters, each in its colour."""
    panel = (
        stat.Panel()
        .reduce_options(_one_row())
        .orientation(VizOrientation.HORIZONTAL)
        .color_mode(BigValueColorMode.VALUE)
        .graph_mode(BigValueGraphMode.NONE)
        .justify_mode(BigValueJustifyMode.AUTO)
        .text_mode(BigValueTextMode.VALUE_AND_NAME)
        .text(_sizes())
    )
    return _dressed(panel, title, description, query, columns)


def abreast(title: str, description: str, query: Query, columns: Columns) -> stat.Panel:
    """The columns of a query's one row side by side."""
    return figures(title, description, query, columns).orientation(VizOrientation.VERTICAL)


def headline(title: str, description: str, query: Query, columns: Columns) -> stat.Panel:
    """The columns of a query's one row side by side, as large as there is room, on their colours."""
    return (
        figures(title, description, query, columns)
        .orientation(VizOrientation.VERTICAL)
        .color_mode(BigValueColorMode.BACKGROUND_SOLID)
        .text(VizTextDisplayOptions())
    )


def dial(title: str, description: str, query: Query, columns: Columns) -> gauge.Panel:
    """One figure on its scale, with the bands around it."""
    panel = gauge.Panel().reduce_options(_one_row("")).show_threshold_markers(True).show_threshold_labels(True)
    return _dressed(panel, title, description, query, columns)


def tally(title: str, description: str, query: Query, columns: Columns) -> bargauge.Panel:
    """Counts of one row as bars below each other, on one scale from 0."""
    panel = (
        bargauge.Panel()
        .reduce_options(_one_row(""))
        .orientation(VizOrientation.HORIZONTAL)
        .display_mode(BarGaugeDisplayMode.BASIC)
        .value_mode(BarGaugeValueMode.TEXT)
        .name_placement(BarGaugeNamePlacement.LEFT)
        .show_unfilled(True)
        .text(_sizes())
        .min(0)
    )
    return _dressed(panel, title, description, query, columns)


def rows(title: str, description: str, query: Query, columns: Columns) -> table.Panel:
    """A table, in the order of the query. Columns without a width share what is left, down to a name's beginning."""
    panel = table.Panel().show_header(True).cell_height(TableCellHeight.SM).min_width(_LEAST_WIDTH)
    return _dressed(panel, title, description, query, columns)


def course(title: str, description: str, query: Query, columns: Columns) -> timeseries.Panel:
    """Figures over time; gaps stay gaps. The first column is the time."""
    panel = (
        timeseries.Panel()
        .line_width(2)
        .line_interpolation(LineInterpolation.LINEAR)
        .show_points(VisibilityMode.ALWAYS)
        .point_size(5)
        .fill_opacity(0)
        .span_nulls(False)
        .legend(_legend(LegendPlacement.BOTTOM))
        .tooltip(_all_series())
    )
    return _dressed(panel, title, description, query, columns)


def timeline(title: str, description: str, query: Query, columns: Columns) -> statetimeline.Panel:
    """Letters over time, a line for each unit."""
    panel = (
        statetimeline.Panel()
        .merge_values(True)
        .show_value(VisibilityMode.AUTO)
        .align_value(TimelineValueAlignment.CENTER)
        .row_height(0.85)
        .legend(_legend(LegendPlacement.BOTTOM))
        .tooltip(_all_series())
    )
    return _dressed(panel, title, description, query, columns).mappings([theme.short_letters(), theme.missing()])


def bars(title: str, description: str, query: Query, columns: Columns, *, by: str) -> barchart.Panel:
    """Counts as bars that lie on each other as shares of a whole; the column `by` names each bar."""
    panel = (
        barchart.Panel()
        .x_field(by)
        .orientation(VizOrientation.HORIZONTAL)
        .stacking(StackingMode.PERCENT)
        .show_value(VisibilityMode.AUTO)
        .legend(_legend(LegendPlacement.BOTTOM))
        .tooltip(_all_series())
    )
    return _dressed(panel, title, description, query, columns)


def places(title: str, description: str, query: Query, columns: Columns, *, colour: str, name: str) -> geomap.Panel:
    """Units where they are (columns `lat`, `lon`), in the colour of the column `colour`, with the text of `name`."""
    # A marker's edge has the marker's own colour, so a ring that any map tells apart is a larger marker below it.
    ring = _markers("Tepi", {**_dot(11), "color": {"fixed": theme.INK}})
    text = {"mode": "field", "field": name, "fixed": ""}
    aside = {"fontSize": 12, "textAlign": "left", "textBaseline": "middle", "offsetX": 14, "offsetY": 0}
    unit = {**_dot(9), "color": {"field": colour, "fixed": theme.INK}, "text": text, "textConfig": aside}
    panel = (
        geomap.Panel()
        .view(geomap.MapViewConfig().id(MapCenterID.FIT).all_layers(True).padding(15).max_zoom(14))
        .basemap(MapLayerOptions().type("default").name("Peta"))
        .layers([ring.tooltip(False), _markers("Unit", unit).tooltip(True)])
        .controls(geomap.ControlsOptions().show_zoom(True).mouse_wheel_zoom(False).show_attribution(True))
        .tooltip(geomap.TooltipOptions().mode(TooltipMode.DETAILS))
    )
    return _dressed(panel, title, description, query, columns)


def _dot(radius: int) -> dict[str, object]:
    size = {"fixed": radius, "min": radius, "max": radius}
    return {"size": size, "opacity": 1, "symbol": {"mode": "fixed", "fixed": "img/icons/marker/circle.svg"}}


def _markers(name: str, style: Mapping[str, object]) -> MapLayerOptions:
    at = FrameGeometrySource().mode(FrameGeometrySourceMode.COORDS).latitude("lat").longitude("lon")
    # Plain: the library leaves the looks of a layer open.
    return MapLayerOptions().type("markers").name(name).location(at).config({"style": style, "showLegend": False})


def note(title: str, description: str, markdown: str) -> text.Panel:
    """Words that stand on the board."""
    return text.Panel().title(title).description(description).mode(TextMode.MARKDOWN).content(markdown)


def _dressed(panel: P, title: str, description: str, query: Query, columns: Columns) -> P:
    panel = (
        panel.title(title)
        .description(description)
        .datasource(query.source)
        .with_target(query)
        .no_value(theme.NO_DATA)
        .mappings([theme.missing()])
        .thresholds(theme.plain())
        .color_scheme(theme.fixed(theme.INK))
    )
    for name, looks in columns.items():
        panel = panel.override_by_name(name, list(looks))
    return panel


def _one_row(fields: str = _ALL_FIELDS) -> ReduceDataOptions:
    """The row as it is: reducing would drop its nulls. No limit: Grafana's is one on fields times rows."""
    return ReduceDataOptions().values(True).calcs([]).fields(fields)


def _sizes() -> VizTextDisplayOptions:
    """Several figures in a small panel, each to be read: Grafana would shrink the names to nothing."""
    return VizTextDisplayOptions().title_size(14).value_size(18)


def _legend(placement: LegendPlacement) -> VizLegendOptions:
    return VizLegendOptions().show_legend(True).display_mode(LegendDisplayMode.LIST).placement(placement).calcs([])


def _all_series() -> VizTooltipOptions:
    return VizTooltipOptions().mode(TooltipDisplayMode.MULTI).sort(SortOrder.NONE)
