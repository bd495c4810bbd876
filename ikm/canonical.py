"""The canonical payload of a response: the same bytes for everybody who recomputes it, in any language."""

import hashlib
from collections.abc import Mapping

from ikm.events import Response
from ikm.questionnaire import QUESTIONNAIRES, Questionnaire


def canonical(response: Response) -> bytes:
    """A valid response's content in one form.

    `submitted_at` in UTC milliseconds, service, questionnaire, channel, `item=score` pairs and respondent pairs, each
    list sorted by code and separated by commas, skipped answers left out, joined by `|`; what is absent is empty.
    """
    score_of = response.answers.get
    answers = ",".join([pairs[score] for item, pairs in _PAIRS[response.questionnaire] if (score := score_of(item))])
    return (
        f"{response.submitted_at}|{response.service or ''}|{response.questionnaire}|{response.channel or ''}"
        f"|{answers}|{respondent_text(response.respondent or {})}"
    ).encode()


def respondent_text(told: Mapping[str, str]) -> str:
    """The respondent pairs of the canonical payload."""
    return ",".join([f"{key}={told[key]}" for key in sorted(told)])


def digest(response: Response) -> bytes:
    """SHA-256 of the canonical payload: of two contents with one revision the greater digest counts."""
    return hashlib.sha256(canonical(response)).digest()


def _pairs(form: Questionnaire) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """By item, sorted: its `item=score` texts from score 0 on."""
    return tuple(
        (code, tuple(f"{code}={score}" for score in range(form.by_code[code].scale_max + 1)))
        for code in sorted(form.by_code)
    )


_PAIRS: Mapping[str, tuple[tuple[str, tuple[str, ...]], ...]] = {
    name: _pairs(form) for name, form in QUESTIONNAIRES.items()
}
