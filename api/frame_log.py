"""Frames that the API's processes take and all of them show: a compacted topic decides which hold.

The frames of a key are numbered, all processes follow the topic, and the first frame of a number holds. So processes
show the same, before and after any restart, whichever of them take a frame at once.
"""

import asyncio
import json
from collections import defaultdict
from collections.abc import Hashable, Mapping
from dataclasses import dataclass
from typing import Any, Generic, Protocol, TypeVar

from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaError

from ikm.partition import partition_of
from runtime import kafka
from runtime.follower import Follower
from runtime.logging import logger
from runtime.topics import Topic

log = logger(__name__)

TAKEN_WITHIN_S = 2.0
"""A read that takes a frame waits so long to see it held; then it shows what was held before."""


class Key(Hashable, Protocol):
    """What frames follow each other under; frames of one owner are looked at together."""

    @property
    def unit(self) -> str:
        """Whose partition it is on."""

    @property
    def owner(self) -> Hashable:
        """Which keys belong together."""


K = TypeVar("K", bound=Key)
F = TypeVar("F")


@dataclass(frozen=True, slots=True)
class Taken(Generic[F]):
    """A frame, the how manieth of its key."""

    number: int
    frame: F


class Form(Protocol[K, F]):
    """How the frames of a topic are written; `log`, `number` and `settled` stand beside what is said here."""

    def name(self, key: K) -> str:
        """The record's key."""

    def write(self, key: K, frame: F) -> dict[str, Any]:
        """The fields of a record."""

    def read(self, value: bytes) -> tuple[Mapping[str, Any], K, F]:
        """The fields, the key and the frame of a record; raises ValueError."""


class FrameLog(Generic[K, F]):
    """The frames that hold, by key, and how one is taken.

    Args:
        bootstrap: Kafka's addresses.
        topic: the frames' topic.
        form: how they are written.
        log_epoch: frames of another log are ignored.
    """

    def __init__(self, bootstrap: str, topic: Topic, form: Form[K, F], *, log_epoch: int) -> None:
        self._bootstrap, self._topic, self._form, self._log = bootstrap, topic, form, log_epoch
        self._client_id = f"ikm-{topic.name}"
        self._held: dict[Hashable, dict[K, Taken[F]]] = defaultdict(dict)
        self._unsettled: set[K] = set()
        self._refused = asyncio.Event()
        self._tasks: dict[K, asyncio.Task[None]] = {}
        self._follower = Follower(bootstrap, topic.name, topic.partitions, self._apply, client_id=self._client_id)
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

    def held(self, key: K) -> F | None:
        """The frame that holds for a key."""
        taken = self._held[key.owner].get(key)
        return None if taken is None else taken.frame

    def of_owner(self, owner: Hashable) -> Mapping[K, Taken[F]]:
        """All frames that hold for an owner, in the order in which their keys got their first."""
        return self._held[owner]

    async def take(self, key: K, frame: F) -> None:
        """Put a frame on the topic and wait until the topic has decided; many readers at once take one."""
        task = self._tasks.get(key)
        if task is None:
            held = self._held[key.owner].get(key)
            taken = Taken(1 if held is None else held.number + 1, frame)
            task = self._tasks[key] = asyncio.create_task(self.send(key, taken, settled=False))
            task.add_done_callback(lambda _: self._tasks.pop(key, None))
        await asyncio.wait([task], timeout=TAKEN_WITHIN_S)

    async def send(self, key: K, taken: Taken[F], *, settled: bool) -> None:
        """Say on the topic that a frame was taken, or, settled, that it holds; wait until that is read back."""
        said = {"log": self._log, "number": taken.number, "settled": settled}
        value = json.dumps({**self._form.write(key, taken.frame), **said}).encode()
        partition = partition_of(key.unit, self._topic.partitions)
        try:
            producer = await self._started()
            sent = await producer.send_and_wait(self._topic.name, value, self._form.name(key).encode(), partition)
            await self._follower.wait_for(partition, sent.offset + 1)
        except KafkaError as error:
            log.warning("frame_not_taken", topic=self._topic.name, unit=key.unit, error=repr(error))

    def _apply(self, record: Any) -> None:
        """Take one record of the topic in: the first of its number holds, and after that what settles it."""
        try:
            said, key, frame = self._form.read(record.value)
        except ValueError as error:
            place = {"topic": self._topic.name, "partition": record.partition, "offset": record.offset}
            log.error("frame_not_readable", **place, error=repr(error))  # noqa: TRY400
            return
        if said["log"] == self._log:
            self._decide(key, Taken(said["number"], frame), settled=said["settled"])

    def _decide(self, key: K, taken: Taken[F], *, settled: bool) -> None:
        """What holds from this record on, and whether it is a refused one that is now the last of its key.

        Compaction would keep that one, and not the one that holds: so it must be repeated.
        """
        frames = self._held[key.owner]
        held = frames.get(key)
        if held is None or taken.number > held.number or (settled and taken.number == held.number):
            frames[key] = taken
        if frames[key] == taken:
            self._unsettled.discard(key)
        else:
            self._unsettled.add(key)
            self._refused.set()

    async def _started(self) -> AIOKafkaProducer:
        """The producer, started when the first frame is taken: reads alone need no Kafka that takes writes."""
        async with self._starting:
            if self._producer is None:
                producer = kafka.producer(self._bootstrap, client_id=self._client_id)
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
                await self.send(key, self._held[key.owner][key], settled=True)
            await self._refused.wait()
