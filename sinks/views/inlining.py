"""Views without views in them: where a text reads one that was named before, it gets that one's text.

The engine plans a view that is read by another as a query of its own, and hands what is asked for down through each:
of a figure that takes a fifth of its time.
"""

import re
from collections.abc import Iterable, Iterator
from typing import Final

STEP: Final = "i_"
"""Names of texts that are only read by others: no view is made of them."""

_MADE: Final = re.compile(r"^CREATE OR REPLACE VIEW ikm\.(\w+) AS\n", re.MULTILINE)
_READ: Final = re.compile(r"\b(FROM|JOIN) ikm\.(?!v_\w+(?:\s+UNION\b|\s*\Z))(\w+)\b(?!\()")
"""One with parameters stays, for what it is given differs by reader, and so do whole views that are put under
one another: nothing is asked of those, and to make such a view would take long."""


def inlined(statements: Iterable[str]) -> Iterator[str]:
    """The statements of all views but steps, each with the texts of those it reads.

    Args:
        statements: `CREATE OR REPLACE VIEW ikm.name AS` and its text, each after all that it reads.
    """
    texts: dict[str, str] = {}

    def text_of(found: re.Match[str]) -> str:
        return f"{found[1]} ({texts[found[2]]})" if found[2] in texts else found[0]

    for statement in statements:
        head = _MADE.search(statement)
        if head is None:
            raise ValueError(f"sinks/views: {statement[:80]!r} makes no view: begin it with CREATE OR REPLACE VIEW")
        texts[head[1]] = _READ.sub(text_of, statement[head.end() :])
        if not head[1].startswith(STEP):
            yield head[0] + texts[head[1]]
