"""The canonical payload of a response: the same bytes for everybody who recomputes it, in any language."""

import hashlib

from ikm.events import Response


def canonical(response: Response) -> bytes:
    """A response's content in one form.

    `submitted_at` in UTC milliseconds, service, questionnaire, channel, `item=score` pairs and respondent pairs, each
    list sorted by code and separated by commas, skipped answers left out, joined by `|`; what is absent is empty.
    """
    answers = ",".join(f"{item}={score}" for item, score in sorted(response.answers.items()) if score is not None)
    respondent = ",".join(f"{key}={value}" for key, value in sorted((response.respondent or {}).items()))
    return (
        f"{response.submitted_at}|{response.service or ''}|{response.questionnaire}|{response.channel or ''}"
        f"|{answers}|{respondent}"
    ).encode()


def digest(response: Response) -> bytes:
    """SHA-256 of the canonical payload: of two contents with one revision the greater digest counts."""
    return hashlib.sha256(canonical(response)).digest()
