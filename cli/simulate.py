"""`ikm simulate`."""

import asyncio
from dataclasses import dataclass
from pathlib import Path

import click

from cli.link import Link, UnreachableError, link
from cli.options import data_dir_option, locate
from ikm.errors import Refused
from ikm.times import EARLIEST_MS, MS_PER_HOUR, ZONES, parse_rfc3339, rfc3339_ms
from producers.city import ZONE
from producers.log_writer import RecordTooLarge, Unacknowledged
from producers.simulator import Simulator
from runtime.settings import Settings

DAY_MS = 24 * MS_PER_HOUR
LATEST_ANSWER_MS = 4 * DAY_MS
"""So much earlier than its receipt an answer may have been given or moved."""


@dataclass(frozen=True, slots=True)
class Many:
    """As fast as possible: how many events, over how many days, from when (UTC epoch ms; None: until today)."""

    count: int
    days: int
    start_ms: int | None


@dataclass(frozen=True, slots=True)
class Steady:
    """Event after event: how many a second, how many in all (None: for ever), how many days of past on a first run."""

    rate: float
    limit: int | None
    history_days: int


@click.command()
@click.option("--seed", type=int, default=7, show_default=True, help="which people, with which opinions")
@click.option(
    "--rate", type=click.FloatRange(min=0, min_open=True), default=2.0, show_default=True, help="events a second"
)
@click.option("--count", type=click.IntRange(min=1), help="how many events; without it for ever")
@click.option("--fast", is_flag=True, help="as fast as possible, --count events spread over the past days")
@click.option(
    "--days", type=click.IntRange(1, 3650), default=30, show_default=True, help="with --fast: over how many days"
)
@click.option(
    "--start", metavar="TIME", help="with --fast: when they begin, RFC 3339  [default: so that they end today at 0:00]"
)
@click.option(
    "--history-days",
    type=click.IntRange(0, 365),
    default=30,
    show_default=True,
    help="the past that a first run makes up",
)
@data_dir_option("the data directory of the running system; without it IKM_DATA_DIR, .ikm or IKM_KAFKA_BOOTSTRAP")
def simulate(  # noqa: PLR0917 - click passes each option by its name
    seed: int,
    rate: float,
    count: int | None,
    fast: bool,
    days: int,
    start: str | None,
    history_days: int,
    data_dir: Path | None,
) -> None:
    """Simulate an invented city of 156 units: answers, duplicates, late ones, revisions, withdrawals.

    The same seed and count give the same events, and a repeat changes nothing. Live, the units answer in their rush
    hours, at the rate given; the first run makes up a past, so that every window has figures.
    """
    if fast and count is None:
        raise click.UsageError("--fast needs --count, for example: ikm simulate --fast --count 20000")
    plan = Many(count, days, _start_ms(start)) if fast and count else Steady(rate, count, history_days)
    try:
        asyncio.run(_simulate(plan, seed, locate(data_dir)))
    except (UnreachableError, Unacknowledged, RecordTooLarge) as error:
        raise click.ClickException(str(error)) from error


def _start_ms(start: str | None) -> int | None:
    if start is None:
        return None
    try:
        return parse_rfc3339(start, "--start")
    except Refused as refused:
        raise click.UsageError(str(refused)) from refused


async def _simulate(plan: Many | Steady, seed: int, settings: Settings) -> None:
    async with link(settings, client_id="ikm-simulate") as kafka:
        simulator = Simulator(seed, kafka.publisher, kafka.register, kafka.units, kafka.clock)
        if isinstance(plan, Many):
            await _many(plan, simulator, kafka)
        else:
            await steady(plan, simulator)


async def _many(plan: Many, simulator: Simulator, kafka: Link) -> None:
    now, span = kafka.clock(), plan.days * DAY_MS
    start = _midnight(now) - span if plan.start_ms is None else plan.start_ms
    if not EARLIEST_MS + LATEST_ANSWER_MS <= start <= now - span:
        raise click.UsageError(
            f"{plan.days} days from {rfc3339_ms(start)} do not lie between 2004-01-05 and now: change --start or --days"
        )
    await simulator.settle(history_ms=0)
    with click.progressbar(length=plan.count, label="simulating", file=click.get_text_stream("stderr")) as bar:
        told = await simulator.rush(plan.count, start, span, bar.update)
    click.echo(f"{told} events of seed {simulator.seed} from {rfc3339_ms(start)} on")


async def steady(plan: Steady, simulator: Simulator) -> None:
    """Settle the city, then let it answer."""
    told = await simulator.settle(history_ms=plan.history_days * DAY_MS)
    click.echo(f"{told} answers of the past, now {plan.rate:g} a second; Ctrl-C stops")
    told = await simulator.live(plan.rate, limit=plan.limit)
    click.echo(f"{told} events of seed {simulator.seed}")


def _midnight(now_ms: int) -> int:
    """The last midnight in the city, UTC epoch milliseconds."""
    offset = ZONES[ZONE] * MS_PER_HOUR
    return (now_ms + offset) // DAY_MS * DAY_MS - offset
