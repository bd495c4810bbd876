"""When leaders are left in peace: outside office hours, by the clocks of each zone of Indonesia."""

from collections import defaultdict
from typing import Any, Final

from ikm.alarm import OFFICE_HOURS
from ikm.calendar import days_off, known_years
from ikm.times import ZONES

OUT_OF_OFFICE: Final = "IKM di luar jam kerja {zone}"
"""A policy names the one of its zone. Its name tells it from what others keep in the same Grafana."""


def mute_times() -> dict[str, Any]:
    """Grafana's `muteTimes`: one of each zone; of a year whose holidays are not known only its weekends."""
    return {
        "apiVersion": 1,
        "muteTimes": [
            {"orgId": 1, "name": OUT_OF_OFFICE.format(zone=zone), "time_intervals": _closed(zone)} for zone in ZONES
        ],
    }


def _closed(zone: str) -> list[dict[str, Any]]:
    opens, closes = (f"{hour:02}:00" for hour in OFFICE_HOURS)
    nights = [{"start_time": "00:00", "end_time": opens}, {"start_time": closes, "end_time": "24:00"}]
    return [
        {"location": zone, "times": nights},
        {"location": zone, "weekdays": ["saturday", "sunday"]},
        *({"location": zone, **days} for days in _holidays()),
    ]


def _holidays() -> list[dict[str, list[str]]]:
    by_month: defaultdict[tuple[int, int], list[int]] = defaultdict(list)
    for day in sorted(day for year in known_years() for day in days_off(year)):
        by_month[day.year, day.month].append(day.day)
    return [
        {"years": [str(year)], "months": [str(month)], "days_of_month": [str(day) for day in days]}
        for (year, month), days in by_month.items()
    ]
