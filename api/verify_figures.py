"""Published figures as the truth check's own table has them."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any, Final

from ikm.index import INDICES
from runtime.recompute import STATEMENTS

FIGURE_COLUMNS: Final = (
    "code", "unit", "window", "from_s", "to_s", "offset", "n", "sum_x", "sum_xx", "histogram", "parts", "watermark",
    "hundredths", "mutu", "missing",
)  # fmt: skip


def figure_rows(unit: str, code: str, sequence: Sequence[int], windows: Mapping[str, Any]) -> list[tuple[Any, ...]]:
    """What was published of a unit in an index: a row per window, in the order of `FIGURE_COLUMNS`."""
    elements, items = STATEMENTS[code].elements, INDICES[code].items
    rows = []
    for window, said in windows.items():
        card, figure = said["scorecard"], said["figure"]
        histogram = [count for item in items for count in card["items"][item.code]]
        value = -1 if figure["value"] is None else int(Decimal(str(figure["value"])) * 100)
        missing = [element for element in elements if element in figure["missing"]]
        times = (_seconds(said["from"]), _seconds(said["to"]), sequence[2])
        sums = (card["n"], card["sum_x"], card["sum_xx"], histogram, card.get("parts", []), _seconds(said["watermark"]))
        rows.append((code, unit, window, *times, *sums, value, figure["mutu"] or "", missing))
    return rows


def _seconds(text: str | None) -> int:
    return 0 if text is None else int(datetime.fromisoformat(text).timestamp())
