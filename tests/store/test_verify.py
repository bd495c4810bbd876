from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

from api import verify_sums
from api.verify import Outcome, Report, tell, verify
from ikm.index import INDICES
from runtime import metrics
from runtime.clickhouse import Lane, Store
from runtime.topics import states_of
from sinks.sink import Sink
from tests.store.kept import Kept, kept
from tests.store.showing import following, reader, shown
from tests.store.waiting import stored
from tests.store.world import NOW_MS, World
from tests.stream.mixed import mixed_events

Verify = Callable[..., Awaitable[Report]]
Alter = Callable[[str], Awaitable[Any]]


@pytest.fixture(scope="module")
async def filled(kafka: str, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Kept]:
    """2,000 events folded, published and stored. The sink is stopped, so nothing is mended."""
    async with kept(kafka, tmp_path_factory.mktemp("filled"), fill) as made:
        yield made


async def fill(world: World, store: Store, new_sink: Callable[..., Sink]) -> None:
    sink = new_sink()
    await sink.start()
    await world.produce(mixed_events(5, 2_000, NOW_MS, units=9))
    await world.work(batch=300)
    for topic in (world.topics.responses, states_of(world.topics.responses), world.topics.scorecards):
        await stored(store, topic, world.log, world.ends())
    await sink.quality.turn()
    await sink.stop()


@pytest.fixture
def world(filled: Kept) -> World:
    return filled.world()


@pytest.fixture
async def store(filled: Kept, tmp_path: Path) -> AsyncIterator[Store]:
    async with filled.store(tmp_path / "store") as opened:
        yield opened


@pytest.fixture
async def settled(world: World, store: Store, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Verify]:
    """Runs verify on what was filled; no sink runs that one would pause for."""
    monkeypatch.setattr(verify_sums, "PAUSE_S", 0.01)

    async def run(patience_s: float = 10) -> Report:
        return await verify(
            store, reader(world), lambda: shown(world, register), log_id=world.log, patience_s=patience_s
        )

    async with following(world) as register:
        yield run


@pytest.fixture
def alter(store: Store) -> Alter:
    async def run(sql: str) -> Any:
        return await store.command(f"{sql} SETTINGS mutations_sync = 2" if sql.startswith("ALTER") else sql)

    return run


def units(report: Report) -> set[str]:
    return {difference.unit for difference in report.differences}


async def test_what_was_not_altered_is_equal(settled: Verify, world: World) -> None:
    report = await settled()
    assert report.differences == ()
    assert report.outcome is Outcome.EQUAL
    assert report.compared["units"] == 9
    assert report.compared["figures"] == 36 * len(INDICES)
    assert report.compared["buckets"] > 500
    assert report.compared["events"] == len(world.all_events)
    assert report.compared["positions"] == {str(partition): end for partition, end in sorted(world.ends().items())}


async def test_the_metrics_say_how_many_units_differ_and_which(settled: Verify, alter: Alter) -> None:
    def said() -> dict[tuple[str, str], float]:
        families = (metrics.DIVERGENT, metrics.DIVERGENT_UNIT)
        samples = (sample for family in families for part in family.collect() for sample in part.samples)
        return {(sample.name, sample.labels.get("unit", "")): sample.value for sample in samples}

    await alter("ALTER TABLE ikm.buckets UPDATE n = n + 1 WHERE unit IN ('unit-3', 'unit-5') AND n = 1")
    await settled()
    named = {("ikm_verify_divergent", "unit-3"): 1.0, ("ikm_verify_divergent", "unit-5"): 1.0}
    assert said() == {("ikm_verify_divergent_units", ""): 2.0} | named
    tell([], lambda: NOW_MS)
    assert said() == {("ikm_verify_divergent_units", ""): 0.0}


async def test_the_published_figure_is_recomputed(settled: Verify, world: World) -> None:
    figure = world.values["unit-4", "ikm"]["windows"]["30d"]["figure"]
    figure["value"] = round(figure["value"] + 0.01, 2)
    report = await settled()
    (difference,) = report.differences
    assert (difference.unit, difference.bucket) == ("unit-4", "ikm window 30d")
    assert report.outcome is Outcome.DIFFERS
    assert report.cure == "ikm replay"


@pytest.mark.parametrize(
    "sql",
    [
        "ALTER TABLE ikm.responses UPDATE channel = 'kiosk' WHERE unit = 'unit-3' AND NOT withdrawn",
        "ALTER TABLE ikm.responses UPDATE answers = reverse(answers) WHERE unit = 'unit-3'",
        "ALTER TABLE ikm.responses UPDATE respondent = map('usia', 'SMA') WHERE unit = 'unit-3' AND NOT withdrawn",
        "ALTER TABLE ikm.responses UPDATE withdrawn = 1 - withdrawn WHERE unit = 'unit-3'",
        "ALTER TABLE ikm.responses DELETE WHERE unit = 'unit-3'",
        "INSERT INTO ikm.responses SELECT * REPLACE ('x' AS id) FROM ikm.responses WHERE unit = 'unit-3' LIMIT 1",
    ],
)
async def test_an_altered_state_is_named(settled: Verify, alter: Alter, sql: str) -> None:
    await alter(sql)
    report = await settled()
    assert report.outcome is Outcome.DIFFERS
    assert units(report) == {"unit-3"}
    assert all(difference.bucket.startswith("response ") for difference in report.differences)


@pytest.mark.parametrize(
    "sql",
    [
        "ALTER TABLE ikm.buckets UPDATE n = n + 1 WHERE unit = 'unit-3' AND n = 1",
        "ALTER TABLE ikm.buckets UPDATE histogram = arrayReverse(histogram) WHERE unit = 'unit-3' AND n = 1",
        "ALTER TABLE ikm.buckets UPDATE watermark = NULL WHERE unit = 'unit-3' AND n = 1",
        "ALTER TABLE ikm.buckets DELETE WHERE unit = 'unit-3' AND n = 1",
        "INSERT INTO ikm.buckets SELECT * REPLACE ('x' AS service) FROM ikm.buckets WHERE unit = 'unit-3' LIMIT 1",
    ],
)
async def test_an_altered_bucket_is_named(settled: Verify, alter: Alter, sql: str) -> None:
    await alter(sql)
    report = await settled()
    assert report.outcome is Outcome.DIFFERS
    assert units(report) == {"unit-3"}
    assert any("Z/" in difference.bucket for difference in report.differences)


@pytest.mark.parametrize("table", ["days", "months"])
@pytest.mark.parametrize(
    "sql",
    [
        "ALTER TABLE ikm.{} UPDATE n = n + 1 WHERE unit = 'unit-3'",
        "ALTER TABLE ikm.{} UPDATE histogram = arrayReverse(histogram) WHERE unit = 'unit-3'",
        "ALTER TABLE ikm.{} DELETE WHERE unit = 'unit-3'",
        "INSERT INTO ikm.{0} SELECT * REPLACE (hour + 3600 AS hour) FROM ikm.{0} WHERE unit = 'unit-3' LIMIT 1",
    ],
)
async def test_an_altered_sum_is_named(settled: Verify, alter: Alter, table: str, sql: str) -> None:
    await alter(sql.format(table))
    report = await settled()
    assert report.outcome is Outcome.DIFFERS
    assert units(report) == {"unit-3"}
    assert all(f" {table} " in difference.bucket for difference in report.differences)


async def test_an_altered_count_of_what_became_of_events_is_named(settled: Verify, alter: Alter) -> None:
    await alter("ALTER TABLE ikm.quality UPDATE duplicate = duplicate + 1 WHERE unit = 'unit-3'")
    report = await settled()
    assert (report.outcome, report.cure) == (Outcome.DIFFERS, "ikm replay")
    assert units(report) == {"unit-3"}


@pytest.mark.parametrize(
    "sql",
    [
        "ALTER TABLE ikm.events UPDATE answers = map('waktu', 1) WHERE unit = 'unit-3' AND answers['waktu'] = 4",
        "ALTER TABLE ikm.events UPDATE submitted_at = submitted_at - 7200 WHERE unit = 'unit-3'",
        "ALTER TABLE ikm.events UPDATE code = 'out_of_scale' WHERE unit = 'unit-3'",
        "ALTER TABLE ikm.events UPDATE respondent = map('usia', '20-29') WHERE unit = 'unit-3'",
    ],
)
async def test_an_altered_fact_is_named(settled: Verify, alter: Alter, sql: str) -> None:
    await alter(sql)
    report = await settled()
    assert report.outcome is Outcome.DIFFERS
    assert units(report) == {"unit-3"}


async def test_a_missing_fact_is_named(settled: Verify, alter: Alter) -> None:
    await alter("ALTER TABLE ikm.events DELETE WHERE unit = 'unit-3' AND revision = 1")
    report = await settled()
    assert units(report) == {"", "unit-3"}
    assert any(" offset " in difference.bucket for difference in report.differences)


async def test_a_position_beyond_the_end_of_the_log_is_a_difference(settled: Verify, alter: Alter) -> None:
    await alter("ALTER TABLE ikm.buckets UPDATE offset = offset + 1000000 WHERE unit = 'unit-3' AND n = 1")
    report = await settled()
    assert ("unit-3", "position") in {(found.unit, found.bucket) for found in report.differences}


async def test_rows_of_an_older_log_do_not_count(settled: Verify, alter: Alter) -> None:
    await alter(
        "INSERT INTO ikm.buckets SELECT * REPLACE (epoch - 1 AS epoch, 77 AS n, 'x' AS service) FROM ikm.buckets"
    )
    assert (await settled()).outcome is Outcome.EQUAL


async def test_an_archive_that_is_behind_cannot_be_compared(settled: Verify, world: World, alter: Alter) -> None:
    await alter(f"ALTER TABLE ikm.progress DELETE WHERE topic = '{world.topics.responses}'")
    report = await settled(patience_s=1)
    assert report.outcome is Outcome.INCOMPARABLE
    assert "archive of partition" in report.reason


async def test_a_check_leaves_no_tables_behind(settled: Verify, store: Store) -> None:
    await settled()
    rows = await store.rows("SHOW TABLES FROM ikm LIKE 'verify%'", lane=Lane.CHECK)
    assert list(rows) == []
