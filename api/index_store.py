"""What the workers publish on `index.v1`, materialised whole: the newest value of every unit, and how far they are."""

import asyncio
import copy
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import Any

from api.minutes import Minutes, Value
from ikm.position import Sequence
from ikm.published import PROGRESS_KEY, IndexValue, ProgressRecord, parse_index_value
from ikm.scorecard import LAYOUTS, Scorecard
from ikm.times import MS_PER_MINUTE, parse_rfc3339
from runtime.clock import Clock
from runtime.follower import Follower
from runtime.logging import logger
from runtime.topics import INDEX
from runtime.web import unavailable

log = logger(__name__)

AHEAD_MINUTES = 2
"""A window that ends further ahead than this was published by a worker whose clock is wrong."""


@dataclass(frozen=True, slots=True)
class Published:
    """One window of one unit as its worker published it; times are UTC epoch minutes.

    Attributes:
        sequence: which of two publications of the unit is the later one.
        from_minute: the window's first minute.
        to_minute: the minute after its last.
        watermark: greatest minute of submission among the counted responses.
        card: what the figures are made of.
        frame: what the public sees of it beside the headline (`ikm.frame`); None where there is none yet.
    """

    sequence: Sequence
    from_minute: int
    to_minute: int
    watermark: int | None
    card: Scorecard
    frame: Scorecard | None = None


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a partition's worker has published, and when it last said so (its own wall clock, UTC ms).

    `replay` is the number of the replay after which its state was built, 0 when there was none.
    """

    next_offset: int
    at_ms: int
    replay: int = 0


class IndexStore:
    """The newest figures of every unit; of two values the one with the greater sequence stays."""

    def __init__(self, bootstrap: str, *, log_epoch: int, clock: Clock) -> None:
        """Wire the store to the index topic.

        Args:
            bootstrap: Kafka's addresses.
            log_epoch: whatever belongs to another log is ignored.
            clock: what lies more than two minutes ahead of it is ignored.
        """
        self.log_epoch = log_epoch
        self._clock = clock
        self._values: dict[tuple[str, str], Value] = {}
        self._read: dict[tuple[str, str, str], tuple[Value, Published]] = {}
        self.minutes = Minutes(INDEX.partitions)
        self._progress: dict[int, Progress] = {}
        self._waiters: dict[int, set[asyncio.Event]] = defaultdict(set)
        self._watchers: dict[tuple[str, str], set[asyncio.Event]] = defaultdict(set)
        self._follower = Follower(bootstrap, INDEX.name, INDEX.partitions, self.apply, client_id="ikm-index")

    async def start(self) -> None:
        """Begin to read the topic."""
        await self._follower.start()

    async def stop(self) -> None:
        """Stop reading."""
        await self._follower.stop()

    @property
    def is_ready(self) -> bool:
        """True once everything that was published when reading began has been taken in."""
        return self._follower.is_caught_up

    async def wait_ready(self) -> None:
        """Wait until `is_ready`."""
        await self._follower.wait_caught_up()

    @property
    def progress(self) -> Mapping[int, Progress]:
        """The newest progress of each partition that has one."""
        return self._progress

    def get(self, unit: str, index: str, window: str) -> Published | None:
        """What was last published for a window, or None."""
        held = self._values.get((unit, index))
        if held is None:
            return None
        read = self._read.get((unit, index, window))
        if read is None or read[0] is not held:
            read = held, published(index, held, window)
            self._read[unit, index, window] = read
        return read[1]

    def values(self) -> Mapping[tuple[str, str], Value]:
        """(unit, index) -> sequence and windows, as last published."""
        return self._values

    def pinned(self) -> "IndexStore":
        """All figures and progress as they are at this moment; what comes later does not change them."""
        found = copy.copy(self)
        vars(found).update(_values=dict(self._values), _progress=dict(self._progress), minutes=self.minutes.pinned())
        return found

    async def wait_offset(self, partition: int, next_offset: int, *, timeout_s: float) -> None:
        """Wait until a partition's worker has published everything below an offset.

        Raises:
            TimeoutError: it has not in time.
        """
        await self._wait([partition], lambda: self._next_offset(partition) >= next_offset, timeout_s)

    async def wait_common(self, offsets: Mapping[int, int], *, timeout_s: float) -> None:
        """Wait until the figures of the common minute include everything below the given offset of each partition.

        Raises:
            TimeoutError: they do not in time.
        """
        await self._wait(range(INDEX.partitions), lambda: self.minutes.includes(offsets), timeout_s)

    @contextmanager
    def watch(self, unit: str, index: str) -> Iterator[asyncio.Event]:
        """An event that is set whenever a unit has a newer value; whoever waits for it clears it before reading."""
        with _registered(self._watchers[unit, index], asyncio.Event()) as changed:
            yield changed

    def apply(self, record: Any) -> None:
        """Take one record of the topic in, or leave it because it is of another log, too old or too far ahead."""
        if record.value is None:
            return
        try:
            if record.key == PROGRESS_KEY:
                self._apply_progress(ProgressRecord.model_validate_json(record.value))
            else:
                self._apply_value(parse_index_value(record.value))
        except ValueError as error:
            log.error("index_not_readable", partition=record.partition, offset=record.offset, error=repr(error))  # noqa: TRY400

    def _apply_progress(self, said: ProgressRecord) -> None:
        if said.log != self.log_epoch:
            return
        held = self._progress.get(said.partition, Progress(0, 0))
        self._progress[said.partition] = Progress(
            max(said.next_offset, held.next_offset),
            max(parse_rfc3339(said.at), held.at_ms),
            max(said.replay, held.replay),
        )
        if said.to is not None and not self._is_ahead(_minute(said.to)):
            self.minutes.reach(said.partition, _minute(said.to), said.next_offset)
        for waiter in self._waiters[said.partition]:
            waiter.set()

    def _apply_value(self, value: IndexValue) -> None:
        sequence = Sequence(*value["sequence"])
        if sequence.epoch != self.log_epoch or self._is_ahead(sequence.to):
            return
        key = value["unit"], value["index"]
        held = self._values.get(key)
        if held is not None and sequence <= held[0]:
            return
        self._values[key] = sequence, value["windows"]
        self.minutes.take(*key, self._values[key])
        for watcher in self._watchers.get(key, ()):
            watcher.set()

    async def _wait(self, partitions: Iterable[int], reached: Callable[[], bool], timeout_s: float) -> None:
        with ExitStack() as registered:
            moved = asyncio.Event()
            for partition in partitions:
                registered.enter_context(_registered(self._waiters[partition], moved))
            async with asyncio.timeout(timeout_s):
                while not reached():
                    moved.clear()
                    await moved.wait()

    def _is_ahead(self, to_minute: int) -> bool:
        return to_minute > self._clock() // MS_PER_MINUTE + AHEAD_MINUTES

    def _next_offset(self, partition: int) -> int:
        progress = self._progress.get(partition)
        return 0 if progress is None else progress.next_offset


def require_figures(published: IndexStore) -> None:
    """Raise 503 until the topic has been read to its end, because until then a unit may seem to have no answers."""
    if not published.is_ready:
        raise unavailable("the published figures are still being read: try again in a second")


@contextmanager
def _registered(events: set[asyncio.Event], event: asyncio.Event) -> Iterator[asyncio.Event]:
    events.add(event)
    try:
        yield event
    finally:
        events.discard(event)


def published(index: str, value: Value, code: str) -> Published:
    """One window of a value, by its code."""
    sequence, window = value[0], value[1][code]
    watermark, frame = window["watermark"], window.get("frame")
    return Published(
        sequence=sequence,
        from_minute=_minute(window["from"]),
        to_minute=_minute(window["to"]),
        watermark=None if watermark is None else _minute(watermark),
        card=LAYOUTS[index].from_json(window["scorecard"]),
        frame=None if frame is None else LAYOUTS[index].from_json(frame),
    )


def _minute(text: str) -> int:
    return parse_rfc3339(text) // MS_PER_MINUTE
