"""Foreign values in messages: short, on one line, printable."""

import re
from typing import Final

_LONGEST: Final = 48
_MOST_BITS: Final = 128
_WORDS: Final = {None: "null", True: "true", False: "false"}
_PLAIN = re.compile(r"[A-Za-z0-9._:@/-]{1,128}")


def shown(value: object) -> str:
    """A foreign value as a message may quote it: shortened and escaped; of objects and lists only the size."""
    match value:
        case str():
            text = _text(value)
        case bytes():
            text = _text(value[: _LONGEST + 1].decode("utf-8", "backslashreplace"))
        case None | True | False:
            text = _WORDS[value]
        case dict():
            text = f"an object with {len(value)} fields"
        case list() | tuple():
            text = f"a list of {len(value)}"
        case int() if value.bit_length() > _MOST_BITS:
            text = f"an integer of {value.bit_length()} bits"
        case _:
            text = _shortened(repr(value))
    return text


def path(*parts: object) -> str:
    """The place of a value as `answers.waktu`; parts that are no plain names are quoted."""
    return ".".join(str(part) if _PLAIN.fullmatch(str(part)) else shown(str(part)) for part in parts) or "body"


def _text(value: str) -> str:
    return repr(value) if len(value) <= _LONGEST else f"{value[:_LONGEST]!r}…"


def _shortened(text: str) -> str:
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"
