"""What the truth check reports, in words for people."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from ikm.times import rfc3339_minute


class NotReached(Exception):  # noqa: N818 - an outcome
    """The archive did not reach the positions in time."""


@dataclass(frozen=True, slots=True)
class Difference:
    """One thing that is not as the events say.

    Attributes:
        unit: whose; "" when it can't be told.
        bucket: which: `ikm 2026-11-23T03:00:00Z/service`, `ikm days 2026-11-22T17:00:00Z`, `ikm window 1h`,
            `ikm pooled window 30d`, `ikm mean all tree=current`, `register from 2026-01-31 on`, `position`,
            `partition 3 offset 17`, `response kiosk/17`, `standing`, `tree pooled unit-3 …`,
            `quality 2026-11-23T03:00:00Z`, `rejection responses.v1/3/17 out_of_scale`,
            `ikm cells pooled 2026-11-22T17:00:00Z service/ktp partition 3`, or `cells of partition 3`.
        expected: what the log gives.
        found: what is stored, published or answered.
    """

    unit: str
    bucket: str
    expected: str
    found: str

    def to_json(self) -> dict[str, str]:
        """As an object with these four fields."""
        return {"unit": self.unit, "bucket": self.bucket, "expected": self.expected, "found": self.found}


def texts(names: Sequence[str], *both: Sequence[Any]) -> tuple[str, str]:
    """What was expected and what was found, as texts."""
    expected, found = both
    return _text(names, expected), _text(names, found)


def _text(names: Sequence[str], values: Sequence[Any]) -> str:
    """`n=3 sum_x=… watermark=…`, as a line for people."""
    return " ".join(f"{name}={_shown(name, value)}" for name, value in zip(names, values, strict=True))


def _shown(name: str, value: Any) -> str:
    if name == "watermark":
        return rfc3339_minute(value // 60) if value else "-"
    if name == "value":
        return f"{Decimal(value) / 100}" if value >= 0 else "-"
    if isinstance(value, list):
        return ",".join(map(str, value)) or "-"
    return str(value) or "-"
