"""The public frames: what is shown of a unit's elements without a key (`ikm.frame`).

The frames of the rolling windows come with the figures on `index.v1`; a worker took them. Those of calendar periods
are taken here, by whichever API process first reads a period that has moved far enough, and kept on `frames.v1`. That
topic decides between processes that take one at once: a span's frames are numbered, all processes follow the topic,
and the first frame of a number holds. Processes thus show the same, before and after any restart.
"""

import asyncio
import json
from collections import defaultdict
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any

from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaError

from api.index_store import IndexStore
from ikm.figure import HIDDEN_BELOW
from ikm.frame import stand_in
from ikm.index import Index
from ikm.partition import partition_of
from ikm.published import parse_frame
from ikm.scorecard import LAYOUTS, Scorecard
from ikm.times import MS_PER_MINUTE, parse_rfc3339, rfc3339_minute
from ikm.window import WINDOWS
from runtime import kafka
from runtime.follower import Follower
from runtime.logging import logger
from runtime.topics import FRAMES

log = logger(__name__)

TAKEN_WITHIN_S = 2.0
"""A read that takes a frame waits so long to see it held; then it shows what was held before."""


@dataclass(frozen=True, slots=True)
class Key:
    """Whose frame, and of which span, [from, to) in UTC epoch minutes."""

    unit: str
    index: str
    from_minute: int
    to_minute: int

    @property
    def span(self) -> tuple[int, int]:
        """Its first minute, and the one after its last."""
        return self.from_minute, self.to_minute


@dataclass(frozen=True, slots=True)
class Taken:
    """A frame that holds: the how manieth of its span."""

    number: int
    card: Scorecard


class PublicFrames:
    """The frames that the public sees, of windows and of spans."""

    def __init__(self, bootstrap: str, published: IndexStore, *, log_epoch: int) -> None:
        """Wire the frames to their topic.

        Args:
            bootstrap: Kafka's addresses.
            published: the figures of the rolling windows, with their frames.
            log_epoch: frames of another log are ignored.
        """
        self._bootstrap, self._published, self._log = bootstrap, published, log_epoch
        self._spans: dict[tuple[str, str], dict[tuple[int, int], Taken]] = defaultdict(dict)
        self._unsettled: set[Key] = set()
        self._refused = asyncio.Event()
        self._tasks: dict[Key, asyncio.Task[None]] = {}
        self._follower = Follower(bootstrap, FRAMES.name, FRAMES.partitions, self.apply, client_id="ikm-frames")
        self._settling: asyncio.Task[None] | None = None
        self._producer: AIOKafkaProducer | None = None
        self._starting = asyncio.Lock()

    async def start(self) -> None:
        """Begin to read the topic."""
        await self._follower.start()
        self._settling = asyncio.create_task(self._settle_all())

    async def stop(self) -> None:
        """Stop reading."""
        tasks = [task for task in (self._settling, *self._tasks.values()) if task is not None]
        for task in tasks:
            task.cancel()
        if tasks:
            await asyncio.wait(tasks, timeout=TAKEN_WITHIN_S)
        if self._producer is not None:
            await self._producer.stop()
        await self._follower.stop()

    @property
    def is_ready(self) -> bool:
        """True once every frame that was held when reading began is known; before that none is shown."""
        return self._follower.is_caught_up

    async def wait_ready(self) -> None:
        """Wait until `is_ready`."""
        await self._follower.wait_caught_up()

    def of_window(self, unit: str, index: Index, window: str) -> Scorecard | None:
        """The frame of a rolling window; in its place that of a span which is near, for both may be read."""
        found = self._published.get(unit, index.code, window)
        if found is None or found.frame is None or not self.is_ready:
            return None
        return stand_in(LAYOUTS[index.code], found.frame, self._cards(unit, index.code)) or found.frame

    async def of_span(
        self,
        key: Key,
        index: Index,
        card: Scorecard,
        *,
        progress: Callable[[], Awaitable[Mapping[int, int]]],
        again: Callable[[], Awaitable[Scorecard]],
    ) -> Scorecard | None:
        """The frame of a span: one already seen that is near its scorecard, or else that scorecard from now on.

        Args:
            key: whose, and which span.
            index: the index.
            card: the span's scorecard.
            progress: how far the spans are read, by source partition.
            again: reads the span's scorecard once more.
        """
        if not self.is_ready:
            return None
        windows, position = self._windows(key, index)
        frame = self._seen(key, index, card, windows)
        if frame is not None or card.n < HIDDEN_BELOW:
            return frame
        # A scorecard older than the windows' frames could lie near one that was shown meanwhile and is forgotten.
        if (await progress()).get(partition_of(key.unit, FRAMES.partitions), 0) >= position:
            card = await again()
            windows |= self._windows(key, index)[0]
            frame = self._seen(key, index, card, windows)
            if frame is None and card.n >= HIDDEN_BELOW:
                await self._take(key, card)
                frame = self._seen(key, index, card, windows)
        return frame or self._own(key, index)

    def apply(self, record: Any) -> None:
        """Take one record of the topic in: the first of its number holds, and after that what settles it."""
        try:
            said = parse_frame(record.value)
            key = Key(said["unit"], said["index"], _minute(said["from"]), _minute(said["to"]))
            taken = Taken(said["number"], LAYOUTS[key.index].from_json(said["scorecard"]))
            if said["log"] == self._log:
                self._decide(key, taken, settled=said["settled"])
        except ValueError as error:
            log.error("frame_not_readable", partition=record.partition, offset=record.offset, error=repr(error))  # noqa: TRY400

    def _decide(self, key: Key, taken: Taken, *, settled: bool) -> None:
        """What holds from this record on, and whether it is a refused one that is now the last of its key.

        Compaction would keep that one, and not the one that holds: so it must be repeated.
        """
        spans = self._spans[key.unit, key.index]
        held = spans.get(key.span)
        if held is None or taken.number > held.number or (settled and taken.number == held.number):
            spans[key.span] = taken
        if spans[key.span] == taken:
            self._unsettled.discard(key)
        else:
            self._unsettled.add(key)
            self._refused.set()

    def _cards(self, unit: str, index: str) -> list[Scorecard]:
        return [taken.card for taken in self._spans[unit, index].values()]

    def _windows(self, key: Key, index: Index) -> tuple[dict[Scorecard, None], int]:
        """The windows' frames as they are shown, and the position up to which they are true."""
        frames = [self.of_window(key.unit, index, window) for window in WINDOWS]
        found = self._published.get(key.unit, key.index, next(iter(WINDOWS)))
        return dict.fromkeys(f for f in frames if f is not None), 0 if found is None else found.sequence.offset

    def _seen(self, key: Key, index: Index, card: Scorecard, windows: Mapping[Scorecard, None]) -> Scorecard | None:
        own = self._own(key, index)
        known = [*([] if own is None else [own]), *self._cards(key.unit, key.index), *windows]
        return stand_in(LAYOUTS[key.index], card, known)

    def _own(self, key: Key, index: Index) -> Scorecard | None:
        """The span's own frame; in its place that of a span taken before it which is near."""
        own = self._spans[key.unit, key.index].get(key.span)
        return None if own is None else stand_in(LAYOUTS[index.code], own.card, self._cards(key.unit, key.index))

    async def _take(self, key: Key, card: Scorecard) -> None:
        """Put a frame on the topic and wait until the topic has decided; many readers at once take one."""
        task = self._tasks.get(key)
        if task is None:
            held = self._spans[key.unit, key.index].get(key.span)
            taken = Taken(1 if held is None else held.number + 1, card)
            task = self._tasks[key] = asyncio.create_task(self._send(key, taken, settled=False))
            task.add_done_callback(lambda _: self._tasks.pop(key, None))
        await asyncio.wait([task], timeout=TAKEN_WITHIN_S)

    async def _send(self, key: Key, taken: Taken, *, settled: bool) -> None:
        value = {
            "unit": key.unit,
            "index": key.index,
            "from": rfc3339_minute(key.from_minute),
            "to": rfc3339_minute(key.to_minute),
            "log": self._log,
            "number": taken.number,
            "settled": settled,
            "scorecard": LAYOUTS[key.index].to_json(taken.card),
        }
        name = f"{key.unit}|{key.index}|{value['from']}|{value['to']}".encode()
        partition = partition_of(key.unit, FRAMES.partitions)
        try:
            producer = await self._started()
            sent = await producer.send_and_wait(FRAMES.name, json.dumps(value).encode(), name, partition)
            await self._follower.wait_for(partition, sent.offset + 1)
        except KafkaError as error:
            log.warning("frame_not_taken", unit=key.unit, index=key.index, error=repr(error))

    async def _started(self) -> AIOKafkaProducer:
        """The producer, started when the first frame is taken: reads alone need no Kafka that takes writes."""
        async with self._starting:
            if self._producer is None:
                producer = kafka.producer(self._bootstrap, client_id="ikm-frames")
                try:
                    await producer.start()
                except BaseException:
                    await producer.stop()
                    raise
                self._producer = producer
            return self._producer

    async def _settle_all(self) -> None:
        """Repeat what holds wherever a refused frame is the last of its key on the topic."""
        await self.wait_ready()
        while True:
            self._refused.clear()
            for key in list(self._unsettled):
                await self._send(key, self._spans[key.unit, key.index][key.span], settled=True)
            await self._refused.wait()


def _minute(text: str) -> int:
    return parse_rfc3339(text) // MS_PER_MINUTE
