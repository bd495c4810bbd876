"""`ikm sample`: what `ikm up` shows a newcomer, as a child of its supervisor."""

import asyncio
from importlib.resources import as_file, files
from pathlib import Path

import click

from cli.link import Link, UnreachableError, link
from cli.options import data_dir_option, locate
from cli.simulate import Steady, steady
from ikm.registry import Unit
from ikm.versions import Versions
from producers.import_file import Order, check_rows, open_file, publish
from producers.log_writer import RecordTooLarge, Unacknowledged
from producers.simulator import Simulator
from runtime.settings import Settings

SEKADAU = Unit(
    code="sekadau",
    name="Kabupaten Sekadau (49 jawaban SKM, semester I 2019)",
    type="kabupaten",
    zone="Asia/Jakarta",
    period="semester",
)
SEKADAU_FILE = "sekadau_2019_s1.csv"
SEKADAU_PERIOD = "2019-S1"
SEED = 7
HISTORY_DAYS = 30


@click.command()
@click.option(
    "--rate",
    type=click.FloatRange(min=0, min_open=True),
    default=2.0,
    show_default=True,
    help="simulated events a second",
)
@data_dir_option("the data directory of the running system; without it IKM_DATA_DIR, .ikm or IKM_KAFKA_BOOTSTRAP")
def sample(rate: float, data_dir: Path | None) -> None:
    """The 49 real rows of Sekadau, then the simulated city, for ever. Starting it again goes on and doubles nothing."""
    try:
        asyncio.run(_sample(rate, locate(data_dir)))
    except (UnreachableError, Unacknowledged, RecordTooLarge) as error:
        raise click.ClickException(str(error)) from error


async def _sample(rate: float, settings: Settings) -> None:
    async with link(settings, client_id="ikm-sample") as kafka:
        await import_sekadau(kafka)
        simulator = Simulator(SEED, kafka.publisher, kafka.register, kafka.units, kafka.clock)
        await steady(Steady(rate, None, HISTORY_DAYS), simulator)


async def import_sekadau(kafka: Link) -> int:
    """Import the real rows unless the unit is registered already; returns how many.

    The unit comes last, so that a run that died half-way begins again; the rows have the same ids each time.
    """
    if kafka.units.get(SEKADAU.code) is not None:
        return 0
    with as_file(files("producers") / "samples" / SEKADAU_FILE) as file:
        opened = open_file(Order(file, SEKADAU.code, period=SEKADAU_PERIOD))
    checked = check_rows(opened, Versions([SEKADAU]), received_ms=kafka.clock())
    await publish(checked.responses, kafka.publisher, kafka.clock)
    await kafka.register.put(SEKADAU)
    return len(checked.responses)
