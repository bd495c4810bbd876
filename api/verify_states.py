# ruff: noqa: S608 - only names of our own items are put into these texts; values are parameters
"""The truth check of the states of responses: each against all its events, by the rule of the join written anew.

States have no position of their own, and two pipes fill the two tables. So what differs is looked at again when both
have read on beyond where either was: what then differs in the same way is no matter of time.
"""

import asyncio
import time
from typing import Final

from api.difference import Difference, NotReached
from ikm.questionnaire import QUESTIONNAIRES
from runtime.clickhouse import Lane, Store
from runtime.topics import states_of
from runtime.verify_answer_sql import CANONICAL, IS_WITHDRAWN

PATIENCE_S: Final = 30.0
PAUSE_S: Final = 0.1

_DIGITS: Final = "multiIf({}, '')".format(
    ", ".join(
        f"toString(e.questionnaire) = '{name}', concat(arrayStringConcat(arrayMap(k -> toString(e.answers[k]), "
        f"{[item.code for item in form.items]})), '{'0' * (len(form.items) % 2)}')"
        for name, form in QUESTIONNAIRES.items()
    )
)

_TOLD: Final = "arraySort(arrayMap(k -> concat(k, '=', e.respondent[k]), mapKeys(e.respondent)))"

_CONTENT: Final = """(toUnixTimestamp64Milli(e.submitted_at), toString(e.service), toString(e.questionnaire),
                      toString(e.channel), {}, {})"""

_DIFFERENT: Final = f"""
SELECT unit, source, id, anyIf(said, side = 'events') AS expected, anyIf(said, side = 'states') AS found
FROM (
    SELECT toString(e.unit) AS unit, toString(e.source) AS source, e.id AS id, 'events' AS side,
           argMaxIf((e.revision, hex(sipHash64({_CONTENT.format(_DIGITS, _TOLD)}))),
                    (e.revision, SHA256({CANONICAL})), NOT {IS_WITHDRAWN}) AS content,
           if(max({IS_WITHDRAWN}), 'withdrawn', concat('revision ', toString(content.1), ' ', content.2)) AS said
    FROM (SELECT * FROM ikm.events FINAL WHERE log = {{log:UInt64}} AND code = '') AS e GROUP BY unit, source, id
    UNION ALL
    SELECT toString(e.unit), toString(e.source), e.id, 'states', (e.revision, '') AS content,
           if(e.withdrawn, 'withdrawn', concat('revision ', toString(e.revision), ' ',
              hex(sipHash64({_CONTENT.format("e.answers", _TOLD)})))) AS said
    FROM (SELECT * FROM ikm.responses FINAL WHERE log = {{log:UInt64}}) AS e
)
GROUP BY unit, source, id HAVING expected != found ORDER BY unit, source, id LIMIT 1000"""

_PROGRESS: Final = """
SELECT toString(topic), partition, next_offset FROM ikm.progress FINAL
WHERE topic IN {topics:Array(String)} AND log = {log:UInt64}"""


async def state_differences(store: Store, log: int, responses: str) -> list[Difference]:
    """The responses of one log whose state is not that of their events.

    Args:
        store: ClickHouse with the sink's tables.
        log: the log's epoch.
        responses: the log's topic, as the sink's progress names it.

    Raises:
        NotReached: what may differ because one table is behind does not catch up.
    """
    first = await _different(store, log)
    if first:
        await _read_on(store, log, (responses, states_of(responses)))
        again = await _different(store, log)
        first = {place: said for place, said in again.items() if first.get(place) == said}
    return [
        Difference(unit, f"response {source}/{name}", expected or "none", found or "none")
        for (unit, source, name), (expected, found) in first.items()
    ]


async def _different(store: Store, log: int) -> dict[tuple[str, str, str], tuple[str, str]]:
    rows = await store.rows(_DIFFERENT, {"log": log}, lane=Lane.CHECK)
    return {(unit, source, name): (expected, found) for unit, source, name, expected, found in rows}


async def _read_on(store: Store, log: int, topics: tuple[str, str]) -> None:
    """Wait until both tables hold what either holds now."""
    needed = _furthest(await _reached(store, log, topics))
    deadline = time.monotonic() + PATIENCE_S
    while True:
        reached = await _reached(store, log, topics)
        if all(reached.get((topic, partition), 0) >= needed[partition] for topic in topics for partition in needed):
            return
        if time.monotonic() > deadline:
            message = f"of events and responses one lies behind the other after {PATIENCE_S:g} s: is the sink up?"
            raise NotReached(message)
        await asyncio.sleep(PAUSE_S)


async def _reached(store: Store, log: int, topics: tuple[str, str]) -> dict[tuple[str, int], int]:
    rows = await store.rows(_PROGRESS, {"topics": list(topics), "log": log}, lane=Lane.CHECK)
    return {(topic, partition): offset for topic, partition, offset in rows}


def _furthest(reached: dict[tuple[str, int], int]) -> dict[int, int]:
    needed: dict[int, int] = {}
    for (_, partition), offset in reached.items():
        needed[partition] = max(needed.get(partition, 0), offset)
    return needed
