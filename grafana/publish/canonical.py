"""One form for values that Grafana writes in several."""

import re
from collections.abc import Collection
from typing import Any, Final

from grafana.publish.errors import PublishError
from ikm.show import shown

_UNIT_MS: Final = {
    "ms": 1, "s": 1000, "m": 60_000, "h": 3_600_000, "d": 86_400_000, "w": 604_800_000, "y": 31_536_000_000
}  # fmt: skip
_PART: Final = re.compile(r"(\d+)(ms|[smhdwy])")


def seconds(duration: object, where: str) -> float:
    """Of `90s`, `1m30s`, `1h`, or a number of seconds, as Prometheus and Grafana write durations."""
    if isinstance(duration, (int, float)) and not isinstance(duration, bool):
        return float(duration)
    text = str(duration).strip()
    parts = _PART.findall(text)
    if text == "0":
        return 0.0
    if not parts or "".join(number + unit for number, unit in parts) != text:
        raise PublishError(f"{where} is {shown(duration)}: write a duration as 30s, 5m, 1h30m")
    return sum(int(number) * _UNIT_MS[unit] for number, unit in parts) / 1000


def without_empty(value: dict[str, Any], dropped: Collection[str] = ()) -> dict[str, Any]:
    """Without the named fields and without null, false, 0 and what is empty: Grafana leaves these out, or adds them."""
    return {name: inner for name, inner in value.items() if name not in dropped and inner not in (None, "", [], {}, 0)}


def with_seconds(value: dict[str, Any], fields: Collection[str], where: str) -> dict[str, Any]:
    """Durations as numbers of seconds; those of 0 left out."""
    out = dict(value)
    for field in fields:
        if field in out:
            out[field] = seconds(out[field], f"{where}.{field}")
            if not out[field]:
                del out[field]
    return out
