"""`ikm up`."""

import contextlib
import sys
from pathlib import Path

import click

from cli.options import data_dir_option, settings_of
from runtime.local.errors import StartError, StoppedError
from runtime.local.ports import free_ports
from runtime.local.system import LocalSystem, Terminal


class _Bar:
    """The jars' progress: a bar on a terminal, a line each tenth elsewhere."""

    def __init__(self) -> None:
        self._told = -1

    def __call__(self, there: int, wanted: int) -> None:
        if sys.stderr.isatty():
            filled = 30 * there // wanted
            click.echo(f"\r  Kafka's jars [{'#' * filled:<30}] {there}/{wanted}", nl=there == wanted, err=True)
        elif 10 * there // wanted > self._told:
            self._told = 10 * there // wanted
            click.echo(f"  Kafka's jars {there}/{wanted}", err=True)


def _say(line: str) -> None:
    """One line; a terminal or a pipe that went away is no reason to stop what runs."""
    with contextlib.suppress(OSError):
        click.echo(line)


@click.command()
@click.option("--port", type=click.IntRange(0, 65535), help="the API's port; 0 finds a free one  [default: 8000]")
@data_dir_option("where everything is kept; the next start goes on there  [default: .ikm]")
@click.option("--no-sample", is_flag=True, help="start empty: without the real rows and the simulated city")
@click.option(
    "--rate",
    type=click.FloatRange(min=0, min_open=True),
    default=2.0,
    show_default=True,
    help="simulated answers per second",
)
def up(port: int | None, data_dir: Path | None, no_sample: bool, rate: float) -> None:
    """Start everything on this machine and keep it running: Kafka, worker, API with sink, a sample.

    Ctrl-C stops it. What ends is started again; what was killed, this program included, goes on at the next start.
    """
    try:
        chosen = {} if port is None else {"api_port": port or free_ports(1)[0]}
        settings = settings_of(data_dir, **chosen)
        terminal = Terminal(_say, _Bar())
        LocalSystem(settings, terminal, sample_rate=None if no_sample else rate).run()
    except StoppedError:
        click.echo("stopped")
    except StartError as error:
        raise click.ClickException(str(error)) from error
