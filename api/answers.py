"""Answers as ClickHouse has them: how many said the same, by service, channel or a question of the profile."""

from collections.abc import Mapping, Sequence
from typing import Final

from ikm.cells import CHANNEL, SERVICE, Counted
from runtime.clickhouse import Store
from runtime.topics import RESPONSES, states_of

Intervals = Sequence[tuple[int, int]]
"""Spans [from, to) in UTC epoch milliseconds."""

_SAID: Final = {SERVICE: "toString(service)", CHANNEL: "toString(channel)"}
_OF_PROFILE: Final = "toString(respondent[{kind:String}])"

_COUNTED: Final = """
SELECT $said AS said, toString(questionnaire) AS form, answers, count() FROM ikm.responses FINAL
WHERE unit IN {units:Array(String)} AND log = {log:UInt64} AND NOT withdrawn
  AND toUnixTimestamp64Milli(submitted_at) >= {from:Int64} AND toUnixTimestamp64Milli(submitted_at) < {to:Int64}
  AND (
    unit IN {whole:Array(String)}
    OR arrayExists((u, f, t) -> u = toString(unit) AND f <= toUnixTimestamp64Milli(submitted_at)
                                AND toUnixTimestamp64Milli(submitted_at) < t,
                   {codes:Array(String)}, {froms:Array(Int64)}, {tos:Array(Int64)})
  )
GROUP BY said, form, answers"""

_PROGRESS: Final = """
SELECT partition, source_offset FROM ikm.progress FINAL WHERE topic = {topic:String} AND log = {log:UInt64}"""


class AnswersTable:
    """Reads of the states of one log's responses; those of an older log do not count.

    Args:
        store: ClickHouse with the sink's tables.
        log: the log's epoch.
    """

    def __init__(self, store: Store, log: int) -> None:
        self._store, self._log = store, log

    async def counted(self, kind: str, units: Mapping[str, Intervals]) -> list[Counted]:
        """How many responses that count said what.

        Args:
            kind: of `ikm.cells.KINDS`: what is told apart beside questionnaire and answers.
            units: code -> spans by time of submission; most units have the same one span.
        """
        spans = [(code, start, end) for code, each in units.items() for start, end in each]
        first, last = min(start for _, start, _ in spans), max(end for _, _, end in spans)
        partial = [span for span in spans if span[1:] != (first, last)]
        parameters = {
            "log": self._log,
            "kind": kind,
            "units": list(units),
            "from": first,
            "to": last,
            "whole": [code for code, *span in spans if span == [first, last]],
            "codes": [code for code, _, _ in partial],
            "froms": [start for _, start, _ in partial],
            "tos": [end for _, _, end in partial],
        }
        rows = await self._store.rows(_COUNTED.replace("$said", _SAID.get(kind, _OF_PROFILE)), parameters)
        return [(said, form, digits, count) for said, form, digits, count in rows]

    async def progress(self) -> Mapping[int, int]:
        """Source partition -> position of `responses.v1` below which every event is in the states."""
        rows = await self._store.rows(_PROGRESS, {"topic": states_of(RESPONSES.name), "log": self._log})
        return {partition: offset for partition, offset in rows}  # noqa: C416 - typed
