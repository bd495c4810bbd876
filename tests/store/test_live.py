from collections.abc import Callable
from decimal import Decimal

from ikm.scorecard import LAYOUTS
from runtime.clickhouse import Lane, Store
from sinks.sink import Sink
from tests.store.waiting import stored
from tests.store.world import NOW_MS, World
from tests.stream.mixed import mixed_events

READ = """
SELECT unit, `index`, window, `from`, `to`, n, sum_x, sum_xx, histogram, parts, value, mutu, kinerja, complete, missing,
    lo, hi, watermark, frame_n, frame_sum_x, frame_sum_xx, frame_histogram, frame_parts, epoch, rules, offset, ends
FROM ikm.live FINAL
"""


def iso(moment: object) -> str | None:
    return None if moment is None else f"{moment:%Y-%m-%dT%H:%M:%SZ}"


async def test_the_newest_figures_and_frames_are_stored_as_they_were_published(
    world: World, store: Store, new_sink: Callable[..., Sink]
) -> None:
    sink = new_sink()
    await sink.start()
    for seed in (1, 2):
        await world.produce(mixed_events(seed, 1_000, NOW_MS, units=6))
        await world.work(batch=200, now_ms=NOW_MS)
        older = {partition: list(records) for partition, records in world.figures.items()}
        await world.publish_figures()
        await stored(store, world.topics.index, world.log, world.ends())
    world.figures.update(older)  # a late worker says the old again
    world.figures[0].insert(0, (b"broken|ikm", b'{"unit": 7}'))
    await world.publish_figures()
    await sink.stop()

    found = {row[:3]: row[3:] for row in await store.rows(READ, lane=Lane.CHECK)}
    expected = {(unit, index, code) for (unit, index), value in world.values.items() for code in value["windows"]}
    assert found.keys() == expected
    for (unit, index, code), row in found.items():
        said = world.values[unit, index]
        window, figure, layout = said["windows"][code], said["windows"][code]["figure"], LAYOUTS[index]
        start, end, n, sum_x, sum_xx, histogram, parts, *rest = row
        assert (iso(start), iso(end)) == (window["from"], window["to"])
        card = layout.from_json(window["scorecard"])
        assert (n, sum_x, sum_xx, tuple(histogram), tuple(parts)) == (
            card.n, card.sum_x, card.sum_xx, card.histogram, card.parts,
        )  # fmt: skip
        value, mutu, kinerja, complete, missing, low, high, watermark, *framed = rest
        assert (mutu, kinerja, complete, list(missing), iso(watermark)) == (
            figure["mutu"], figure["kinerja"], figure["complete"], figure["missing"], window["watermark"],
        )  # fmt: skip
        numbers = [figure["value"], *(figure["interval"] or (None, None))]
        assert [value, low, high] == [None if number is None else Decimal(str(number)) for number in numbers]
        frame = layout.empty if window["frame"] is None else layout.from_json(window["frame"])
        assert framed[:3] == [frame.n, frame.sum_x, frame.sum_xx]
        if window["frame"]:
            assert (tuple(framed[3]), tuple(framed[4])) == (frame.histogram, frame.parts)
        assert framed[5:] == said["sequence"]
    assert sum(row[15] > 0 for row in found.values()) > 10
