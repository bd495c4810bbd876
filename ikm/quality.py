"""What becomes of an event, for those who look after the data.

An event is *accepted* or *rejected*. An accepted one is *late* when it was received long after it was submitted, and a
*duplicate* when it changed no state: a response's state is its event with the greatest place in the order of the join
(`ikm.entry.state_of`), so a duplicate's place is not greater than that of every earlier event of the same unit, source
and id, earlier by the offset on the log. Both are a pure function of the log, whatever was redelivered or when.
"""

from typing import Final

from ikm.times import MS_PER_HOUR

LATE_MS: Final = MS_PER_HOUR
"""An answer is late when more than this passed from its submission to its receipt. A withdrawal has no submission."""
