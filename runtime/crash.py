"""Labelled points at which a process can be told to kill itself, so that every gap between two writes can be tested."""

import os
import signal

LABELS: tuple[tuple[str, str], ...] = (
    ("worker.before_pages", "a batch is folded, nothing of it is written"),
    ("worker.after_pages", "its pages are in the changelog, nothing is published"),
    ("worker.before_publish", "about to publish buckets and figures"),
    ("worker.after_publish", "buckets and figures are delivered, the batch is not acknowledged"),
    ("worker.before_commit", "acknowledged, its offset is not committed"),
    ("worker.after_commit", "its offset is committed"),
    ("sink.before_plan", "records are buffered, the range is not planned"),
    ("sink.after_plan", "the range is planned, nothing of it is inserted"),
    ("sink.after_cells", "answers are in their cells, their states are not stored"),
    ("sink.before_insert", "about to insert a planned range"),
    ("sink.after_insert", "inserted, the offset is not committed"),
    ("sink.before_sums", "buckets are inserted, nothing of them is added up"),
    ("sink.between_sums", "the days of inserted buckets are added up, their months are not"),
    ("sink.before_commit", "about to commit the offset of an inserted range"),
    ("sink.after_commit", "the offset is committed"),
    ("quality.before_insert", "what became of events is counted, nothing of it is stored"),
    ("close.before_publish", "a closing is checked, nothing of it is on the log"),
    ("close.after_publish", "a closing is on the log, nobody has read it back"),
    ("api.before_produce", "a request is valid, nothing of it is sent"),
    ("api.after_produce", "Kafka has acknowledged, the client has not been answered"),
)
"""Every label and the state in which it leaves the world; `ikm faults` prints it."""

_KNOWN = frozenset(label for label, _ in LABELS)


class _Fuse:
    """What is armed in this process: a label and how many more times it may be passed."""

    label: str = ""
    left: int = 0


def parse(spec: str) -> tuple[str, int]:
    """Read `<label>[:nth]`; nth counts from 1.

    Raises:
        ValueError: an unknown label or an nth that is not a positive integer.
    """
    label, _, nth = spec.partition(":")
    if label not in _KNOWN:
        raise ValueError(f"unknown crash point {label!r} in IKM_CRASH_AT: `ikm faults` lists the labels")
    if nth and not (nth.isascii() and nth.isdigit() and int(nth) > 0):
        raise ValueError(f"IKM_CRASH_AT={spec!r}: what follows the colon must be a positive integer, e.g. {label}:2")
    return label, int(nth or 1)


def arm(spec: str) -> None:
    """Make this process kill itself at `<label>[:nth]`; an empty spec disarms it."""
    _Fuse.label, _Fuse.left = parse(spec) if spec else ("", 0)


def crash_point(label: str) -> None:
    """Die here by SIGKILL, with nothing flushed, when this label is armed and this is its nth time."""
    if label != _Fuse.label:
        return
    _Fuse.left -= 1
    if _Fuse.left == 0:
        os.kill(os.getpid(), signal.SIGKILL)
