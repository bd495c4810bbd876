"""A simulated draft as an event, or at once as the record that the event would become."""

import json
from collections.abc import Sequence
from typing import NamedTuple

from ikm.events import Event, EventType, Response, Withdrawal
from ikm.times import MS_PER_MINUTE, rfc3339_minute
from producers.respondents import ITEMS, PROFILES, WITHDRAWN, Draft

SOURCE = "simulasi"


class Encoded(NamedTuple):
    """A record for `responses.v1`, field by field what `ikm.wire.encode` gives for the event; received in epoch ms."""

    received_ms: int
    key: bytes
    value: bytes
    headers: list[tuple[str, bytes]]


class DraftForm:
    """Turns drafts about a list of units into events or records."""

    def __init__(self, units: Sequence[str]) -> None:
        self._units = tuple(units)
        self._keys = tuple(unit.encode() for unit in units)
        self._sources = tuple(f"/units/{unit}/sources/{SOURCE}".encode() for unit in units)

    def event(self, draft: Draft) -> Event:
        """The draft as a validated event."""
        unit = self._units[draft.unit]
        if draft.revision == WITHDRAWN:
            return Withdrawal(unit=unit, source=SOURCE, id=draft.id)
        return Response(
            id=draft.id,
            source=SOURCE,
            unit=unit,
            service=draft.service or None,
            questionnaire="skm",
            channel=draft.channel,
            submitted_at=draft.submitted_ms,
            answers={item.code: score or None for item, score in zip(ITEMS, draft.scores, strict=True)},
            respondent=None if draft.profile < 0 else PROFILES[draft.profile],
            revision=draft.revision,
        )

    def encoded(self, draft: Draft, received_ms: int) -> Encoded:
        """The draft as a record received at `received_ms`, without the event in between."""
        unit = self._units[draft.unit]
        if draft.revision == WITHDRAWN:
            kind, part = EventType.WITHDRAWN, "withdrawn"
            value = f'{{"unit":"{unit}","source":"{SOURCE}","id":"{draft.id}"}}'
        else:
            kind, part = EventType.SUBMITTED if draft.revision == 1 else EventType.REVISED, str(draft.revision)
            service = f'"{draft.service}"' if draft.service else "null"
            value = (
                f'{{"id":"{draft.id}","source":"{SOURCE}","unit":"{unit}","service":{service},"questionnaire":"skm",'
                f'"channel":"{draft.channel}","submitted_at":"{_time(draft.submitted_ms)}",'
                f'"answers":{{{_answers(draft.scores)}}},"respondent":{_PROFILES[draft.profile]},'
                f'"revision":{draft.revision}}}'
            )
        headers = [
            ("ce_specversion", b"1.0"),
            ("ce_id", f"{draft.id}/{part}".encode()),
            ("ce_source", self._sources[draft.unit]),
            ("ce_type", _KINDS[kind]),
            ("ce_time", _time(received_ms).encode()),
            ("content-type", b"application/json"),
        ]
        return Encoded(received_ms, self._keys[draft.unit], value.encode(), headers)


_KINDS = {kind: kind.value.encode() for kind in EventType}
_PROFILES = (*(json.dumps(profile, separators=(",", ":"), ensure_ascii=False) for profile in PROFILES), "null")
"""The last one, at -1, stands for a respondent who told nothing."""


_ANSWERS = tuple(tuple(f'"{item.code}":{score or "null"}' for score in range(item.scale_max + 1)) for item in ITEMS)
"""By item and score, 0 for a skipped one."""


def _time(ms: int) -> str:
    minute, rest = divmod(ms, MS_PER_MINUTE)
    return f"{rfc3339_minute(minute)[:-3]}{rest // 1000:02d}.{rest % 1000:03d}Z"


def _answers(scores: bytes) -> str:
    return ",".join([texts[score] for texts, score in zip(_ANSWERS, scores, strict=True)])
