"""What `responses` holds, and what it must hold."""

from collections.abc import Iterable
from typing import Any

from ikm.events import Event, Response
from ikm.questionnaire import QUESTIONNAIRES
from runtime.clickhouse import Lane, Store
from tests.fold import scratch

States = dict[tuple[str, str, str], tuple[Any, ...]]
"""Of each response that counts, by unit, source and id, what is kept of it."""


async def held(store: Store, log: int) -> States:
    rows = await store.rows(
        "SELECT toString(unit), toString(source), id, revision, toUnixTimestamp64Milli(submitted_at), "
        "toString(service), toString(questionnaire), toString(channel), answers, respondent "
        "FROM ikm.responses FINAL WHERE log = {log:UInt64} AND NOT withdrawn",
        {"log": log},
        lane=Lane.CHECK,
    )
    return {(unit, source, name): tuple(content) for unit, source, name, *content in rows}


def digits(response: Response) -> str:
    form = QUESTIONNAIRES[response.questionnaire]
    return "".join(str(response.scores.get(item.code, 0)) for item in form.items) + "0" * (len(form.items) % 2)


def wanted(events: Iterable[Event]) -> States:
    return {
        (r.unit, r.source, r.id): (
            r.revision, r.submitted_at, r.service or "", r.questionnaire, r.channel or "", digits(r),
            r.respondent or {},
        )
        for r in scratch.counted(events)
    }  # fmt: skip
