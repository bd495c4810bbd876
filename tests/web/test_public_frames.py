"""What the public sees of elements moves in steps of five responses, the same in every process."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from itertools import combinations

import pytest

from api.frame_log import Taken
from api.public_frames import Key, PublicFrames
from ikm.frame import near
from ikm.index import IKM
from ikm.partition import partition_of
from ikm.scorecard import LAYOUTS, Scorecard
from runtime.topics import FRAMES
from tests.stream.topics import read_all
from tests.web.answers import PARTITIONS, card, publish, published
from tests.web.serving import Served
from tests.web.test_reading import now_ms, show
from tests.web.test_stream import listening

LAYOUT = LAYOUTS["ikm"]
YEAR = (29_453_340, 29_978_940)
HALF = (29_453_340, 29_713_980)


def same(n: int, score: int = 3) -> Scorecard:
    return card(*[(score,) * 9] * n)


@asynccontextmanager
async def process(served: Served, kafka: str) -> AsyncIterator[PublicFrames]:
    """The frames of one more API process, which has read the topic to its end."""
    frames = PublicFrames(kafka, served.reads.published, log_epoch=served.reads.log_epoch)
    await frames.start()
    await frames.wait_ready()
    yield frames
    await frames.stop()


async def read(
    frames: PublicFrames, unit: str, now: Scorecard, span: tuple[int, int] = YEAR, *, reached: int = 1 << 40
) -> Scorecard | None:
    async def progress():
        return dict.fromkeys(range(PARTITIONS), reached)

    async def again():
        return now

    return await frames.of_span(Key(unit, "ikm", *span), IKM, now, progress=progress, again=again)


@pytest.fixture
def unit(unique) -> str:
    return unique("unit")


async def test_single_answers_seen_by_several_processes_that_restart(served: Served, kafka: str, unit: str):
    seen: list[Scorecard] = []
    async with AsyncExitStack() as stack:
        processes = [await stack.enter_async_context(process(served, kafka)) for _ in range(2)]
        for n in range(1, 33):
            both = await asyncio.gather(*(read(frames, unit, same(n)) for frames in processes))
            assert both[0] == both[1]
            if n % 8 == 0:
                processes[1] = await stack.enter_async_context(process(served, kafka))
                assert await read(processes[1], unit, same(n)) == both[0]
            seen += [frame for frame in both if frame is not None]
    assert sorted({frame.n for frame in seen}) == [10, 15, 20, 25, 30]


async def test_of_two_taken_at_once_one_holds_and_stays_last_on_the_topic(served: Served, kafka: str, unit: str):
    async with process(served, kafka) as one, process(served, kafka) as other:
        for n in (20, 40, 60):
            frames = await asyncio.gather(*(read(f, unit, same(n + i)) for i, f in enumerate((one, other, one, other))))
            assert len({frame and frame.n for frame in frames}) == 1
        held = await read(one, unit, same(60))
        async with asyncio.timeout(30):
            while True:
                records = [r for r in await read_all(kafka, FRAMES.name) if r.key.startswith(f"{unit}|".encode())]
                last = LAYOUT.from_json(json.loads(records[-1].value)["scorecard"])
                if last == held:
                    break
                await asyncio.sleep(0.05)
    async with process(served, kafka) as fresh:
        assert await read(fresh, unit, same(60)) == held


async def test_a_refused_frame_that_was_left_last_is_settled_by_the_next_process(served: Served, kafka: str, unit: str):
    async with process(served, kafka) as one:
        held = await read(one, unit, same(20))
    async with process(served, kafka) as loser:
        await loser.log.send(Key(unit, "ikm", *YEAR), Taken(1, same(22)), settled=False)
        assert await read(loser, unit, same(22)) == held
    async with process(served, kafka) as fresh, asyncio.timeout(30):
        while True:
            records = [r for r in await read_all(kafka, FRAMES.name) if r.key.startswith(f"{unit}|".encode())]
            last = json.loads(records[-1].value)
            if last["settled"]:
                break
            await asyncio.sleep(0.05)
        assert LAYOUT.from_json(last["scorecard"]) == held == await read(fresh, unit, same(22))


async def test_revised_and_withdrawn_answers_move_it_too(served: Served, kafka: str, unit: str):
    async with process(served, kafka) as frames:
        start = await read(frames, unit, same(20))
        assert await read(frames, unit, same(16).merge(same(4, 1))) == start
        revised = same(15).merge(same(5, 1))
        assert await read(frames, unit, revised) == revised
        assert await read(frames, unit, same(11).merge(same(5, 1))) == revised
        assert await read(frames, unit, same(10).merge(same(5, 1))) == same(10).merge(same(5, 1))


async def test_nothing_is_taken_of_few_answers(served: Served, kafka: str, unit: str):
    async with process(served, kafka) as frames:
        assert await read(frames, unit, same(9)) is None
        assert await read(frames, unit, same(10)) == same(10)
        assert not [r for r in await read_all(kafka, FRAMES.name) if b'"n": 9' in r.value]


async def test_two_spans_never_show_what_lies_between_them(served: Served, kafka: str, unit: str):
    async with process(served, kafka) as frames:
        half = await read(frames, unit, same(20), HALF)
        assert await read(frames, unit, same(23)) == half
        assert await read(frames, unit, same(25)) == same(25)
        assert await read(frames, unit, same(22), HALF) == half


async def test_a_span_near_a_window_shows_the_windows_frame(served: Served, kafka: str, unit: str):
    await served.register(unit)
    value = published(unit, served.reads.log_epoch, 7, now_ms(), same(12))
    for window in value["windows"].values():
        window["frame"] = LAYOUT.to_json(same(10))
    await publish(kafka, value)
    path = f"/v1/units/{unit}/index"
    async with asyncio.timeout(30):
        while (body := (await served.public.get(path)).json())["n"] != 12:
            await asyncio.sleep(0.02)
    assert (body["elements_n"], {element["sum"] for element in body["elements"]}) == (10, {30})
    async with listening(served.public, unit, "30d") as listener:
        assert (await listener.figure())[1]["elements"] == body["elements"]
    async with process(served, kafka) as frames:
        assert await read(frames, unit, same(13)) == same(10)
        assert await read(frames, unit, same(15), reached=6) is None, "its hours are older than the windows"
        assert await read(frames, unit, same(15), reached=7) == same(15)
        shown = frames.of_window(unit, IKM, "30d")
    assert shown is not None
    assert not near(LAYOUT, shown, same(15))
    assert (await served.admin.get(path)).json()["elements_n"] == 12


async def test_a_figure_without_a_frame_shows_no_element(served: Served, kafka: str, unit: str):
    await served.register(unit)
    await show(served, kafka, unit, same(40))
    body = (await served.public.get(f"/v1/units/{unit}/index")).json()
    assert (body["n"], body["elements"], body["elements_n"]) == (40, [], None)


async def test_any_two_frames_seen_of_a_unit_are_apart(served: Served, kafka: str, unit: str):
    async with process(served, kafka) as frames:
        seen = {await read(frames, unit, same(n, 1 + n % 2), span) for n in range(8, 60, 3) for span in (YEAR, HALF)}
    for one, other in combinations(seen - {None}, 2):
        assert one is not None
        assert other is not None
        assert not near(LAYOUT, one, other)
    assert partition_of(unit, FRAMES.partitions) == partition_of(unit, PARTITIONS)
