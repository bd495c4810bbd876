"""The public frames: what is shown of a unit's elements without a key (`ikm.frame`).

The frames of the rolling windows come with the figures on `index.v1`; a worker took them. Those of calendar periods
are taken here, by whichever API process first reads a period that has moved far enough, and kept on `frames.v1`
(`api.frame_log`).
"""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any

from api.frame_log import FrameLog
from api.index_store import IndexStore
from ikm.figure import HIDDEN_BELOW
from ikm.frame import stand_in
from ikm.index import Index
from ikm.partition import partition_of
from ikm.published import parse_frame
from ikm.scorecard import LAYOUTS, Scorecard
from ikm.times import MS_PER_MINUTE, parse_rfc3339, rfc3339_minute
from ikm.window import WINDOWS
from runtime.topics import FRAMES


@dataclass(frozen=True, slots=True)
class Key:
    """Whose frame, and of which span, [from, to) in UTC epoch minutes."""

    unit: str
    index: str
    from_minute: int
    to_minute: int

    @property
    def owner(self) -> tuple[str, str]:
        """Two frames of a unit in an index are never seen near each other."""
        return self.unit, self.index


class SpanForm:
    """How the frames of spans are written."""

    def name(self, key: Key) -> str:
        """The record's key."""
        return f"{key.unit}|{key.index}|{rfc3339_minute(key.from_minute)}|{rfc3339_minute(key.to_minute)}"

    def write(self, key: Key, frame: Scorecard) -> dict[str, Any]:
        """The fields of a record."""
        span = {"from": rfc3339_minute(key.from_minute), "to": rfc3339_minute(key.to_minute)}
        return {"unit": key.unit, "index": key.index, **span, "scorecard": LAYOUTS[key.index].to_json(frame)}

    def read(self, value: bytes) -> tuple[Mapping[str, Any], Key, Scorecard]:
        """The fields, the key and the frame of a record; raises ValueError."""
        said = parse_frame(value)
        key = Key(said["unit"], said["index"], _minute(said["from"]), _minute(said["to"]))
        return said, key, LAYOUTS[key.index].from_json(said["scorecard"])


class PublicFrames:
    """The frames that the public sees, of windows and of spans."""

    def __init__(self, bootstrap: str, published: IndexStore, *, log_epoch: int) -> None:
        """Wire the frames to their topic.

        Args:
            bootstrap: Kafka's addresses.
            published: the figures of the rolling windows, with their frames.
            log_epoch: frames of another log are ignored.
        """
        self._published = published
        self.log: FrameLog[Key, Scorecard] = FrameLog(bootstrap, FRAMES, SpanForm(), log_epoch=log_epoch)

    async def start(self) -> None:
        """Begin to read the topic."""
        await self.log.start()

    async def stop(self) -> None:
        """Stop reading."""
        await self.log.stop()

    @property
    def is_ready(self) -> bool:
        """True once every frame that was held when reading began is known; before that none is shown."""
        return self.log.is_ready

    async def wait_ready(self) -> None:
        """Wait until `is_ready`."""
        await self.log.wait_ready()

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
                await self.log.take(key, card)
                frame = self._seen(key, index, card, windows)
        return frame or self._own(key, index)

    def _cards(self, unit: str, index: str) -> list[Scorecard]:
        return [taken.frame for taken in self.log.of_owner((unit, index)).values()]

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
        own = self.log.held(key)
        return None if own is None else stand_in(LAYOUTS[index.code], own, self._cards(key.unit, key.index))


def _minute(text: str) -> int:
    return parse_rfc3339(text) // MS_PER_MINUTE
