"""From where on operation calls for a person: the limits of the alert rules and of the lines that boards draw.

How large a fall of an index counts is not here: `ikm.attention.change`.
"""

from typing import Final

FRESH_SECONDS: Final = 60
"""An answer that is older and in no stored figure yet is late."""
FRESH_FOR_MINUTES: Final = 2

REJECTED_PERCENT: Final = 5
"""More of the answers refused says that a sender, not a respondent, is wrong."""
REJECTED_MINUTES: Final = 10
"""The span over which refused answers are counted."""

OFFICE_HOURS: Final = (8, 15)
"""When counters are open, [from, to) in local hours of a working day."""
SILENT_MINUTES: Final = 30
"""No answer anywhere for as long within office hours."""

UNVERIFIED_MINUTES: Final = 30
"""How old the last truth check may be: `ikm verify --continuous` repeats it every 5 minutes."""

FALL_FOR_MINUTES: Final = 60
"""How long an index must lie below its last period, so that no single hour calls anybody."""
