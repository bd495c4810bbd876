"""Ways from one board to another: they carry unit and time range along."""

from typing import Final

from grafana_foundation_sdk.builders.dashboard import DashboardLink as Link
from grafana_foundation_sdk.models.dashboard import DashboardLinkType

TAG: Final = "ikm"
RANGE: Final = "${__url_time_range}"
"""Of the board that the link stands on, as it was chosen: who looks at the last year goes on looking at it live."""


def uid(file: str) -> str:
    """The uid of a board, by the name of its file."""
    return f"ikm-{file}"


def to(file: str, unit: str = "${__data.fields.unit}", **variables: str) -> str:
    """The address of a board for a unit.

    Args:
        file: Of the board, without ending.
        unit: Whose; by default that of the row (the query must have a column `unit`).
        variables: Further ones of the other board, such as index="${index}".
    """
    pairs = "".join(f"&var-{name}={given}" for name, given in variables.items())
    return f"/d/{uid(file)}?var-unit={unit}{pairs}&{RANGE}"


def on_panel(title: str, url: str) -> Link:
    """A link in the corner of a panel."""
    return Link(title).type(DashboardLinkType.LINK).url(url)


def menu() -> Link:
    """The other boards, at the top of a board."""
    return (
        Link("Papan lain")
        .type(DashboardLinkType.DASHBOARDS)
        .tags([TAG])
        .as_dropdown(True)
        .keep_time(True)
        .include_vars(True)
    )
