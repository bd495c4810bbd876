"""Since when a letter holds, in words."""

from collections.abc import Sequence

from api.board import words
from api.board.reader import PeriodStep
from ikm.attention import unchanged_since
from ikm.figure import HIDDEN_BELOW


def letter_since(steps: Sequence[PeriodStep], mutu: str | None) -> str:
    """Since which of its periods a unit has had the letter of a rolling window; empty where that can't be told.

    A period with fewer answers than are public is passed over.

    Args:
        steps: the periods, the running one last.
        mutu: the letter.
    """
    known = [step.standing.mutu if step.standing and step.standing.n >= HIDDEN_BELOW else None for step in steps]
    if mutu is None or not any(known):
        return ""
    return since([*known, mutu], [*(step.code for step in steps), None])


def since(letters: Sequence[str | None], codes: Sequence[str | None]) -> str:
    """Since which step the last letter holds; empty without a letter.

    Args:
        letters: step by step, the newest last.
        codes: the periods that the steps are; None for one that has no name, which is the newest.
    """
    held = unchanged_since(letters)
    if held is None:
        return ""
    code = codes[held.first]
    if code is None:
        return words.say("baru dalam 30 hari ini")
    name = words.period_name(code)
    if held.at_least:
        return words.say("setidaknya sejak {period}", period=name)
    return words.say("sejak {period}", period=name)
