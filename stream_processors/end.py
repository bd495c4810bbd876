"""How a worker ends when it can't vouch for its state: at once, so that its supervisor starts a fresh one.

An orderly shutdown would wait for batches that never finish, and Faust logs exceptions in places where it must not go
on (recovery, an agent's body).
"""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import structlog

EXIT_BROKEN = 70
"""Exit status after a broken invariant or a failed delivery."""

_log = structlog.get_logger()


def end(reason: str, **values: object) -> None:
    """Log why and end the process now; nothing is flushed, nothing is committed."""
    _log.critical("worker ends", reason=reason, **values)
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(EXIT_BROKEN)


@contextmanager
def end_on_error(doing: str) -> Iterator[None]:
    """End the process on any exception inside."""
    try:
        yield
    except Exception as error:  # noqa: BLE001 - whatever it is, state can't be vouched for any more
        _log.exception("unexpected error", doing=doing)
        end(f"{doing}: {error}")
