"""A board as a whole."""

from collections.abc import Sequence
from typing import Final

from grafana_foundation_sdk.builders.dashboard import Dashboard as DashboardBuilder
from grafana_foundation_sdk.builders.dashboard import TimePicker
from grafana_foundation_sdk.cog.builder import Builder
from grafana_foundation_sdk.models.dashboard import Dashboard, DashboardCursorSync, VariableModel

from grafana.kit.grid import Row, placed
from grafana.kit.links import TAG, menu, uid

ZONE: Final = "Asia/Jakarta"
"""Until `ikm grafana publish --zone` sets the organisation's own."""
_REFRESHES: Final = ["5s", "10s", "30s", "1m", "5m", "15m"]


def board(  # noqa: D417 - the rest is what the names say
    file: str,
    title: str,
    description: str,
    rows: Sequence[Row],
    *,
    variables: Sequence[Builder[VariableModel]] = (),
    since: str = "now-1y",
    refresh: str = "30s",
    public: bool = False,
) -> Dashboard:
    """A board, complete.

    Args:
        file: Its name in `grafana/dashboards/`, without ending; the uid is made of it.
        description: The question that it answers.
        since: From when it shows on by default.
        public: Whether it stands alone: no way to boards that need a login.
    """
    builder = (
        DashboardBuilder(title)
        .uid(uid(file))
        .description(description)
        .tags([TAG] if not public else [f"{TAG}-publik"])
        .timezone(ZONE)
        .week_start("monday")
        .time(since, "now")
        .timepicker(TimePicker().refresh_intervals(_REFRESHES))
        .refresh(refresh)
        .tooltip(DashboardCursorSync.CROSSHAIR)
        .variables(list(variables))
    )
    if not public:
        builder = builder.link(menu())
    built = builder.build()
    built.panels = placed(rows)
    return built
