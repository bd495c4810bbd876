"""`ikm grafana`."""

import os
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import reduce, wraps
from pathlib import Path
from typing import Any

import click

from cli.options import data_dir_option
from cli.root_zone import root_zone
from grafana.publish.comparing import compare
from grafana.publish.errors import PublishError
from grafana.publish.exporting import export as write_files
from grafana.publish.files import Committed, read
from grafana.publish.publishing import Done, extras
from grafana.publish.publishing import publish as put_all
from grafana.publish.server import Server
from grafana.publish.sources import missing_sources
from grafana.publish.target import Target
from ikm.times import ZONES
from runtime.keys import exposed, read_secret

HERE = Path(__file__).parents[1] / "grafana"
ZONE_NAME = "IKM_ALERT_ZONE"
"""In the alerting files: the zone of whose office hours they speak."""
DIFFERS, OTHER, CONFLICT = 1, 2, 3


class GrafanaError(click.ClickException):
    """It was not done; one line says why and what to do."""

    exit_code = OTHER


@dataclass(frozen=True, slots=True)
class Order:
    """What the common options say."""

    url: str
    token_file: Path
    folder_uid: str
    folder: Path
    zone: str | None
    data_dir: Path | None


OPTIONS = (
    click.option("--url", required=True, help="Grafana's own address, e.g. https://grafana.example.go.id"),
    click.option(
        "--token-file",
        required=True,
        type=click.Path(path_type=Path),
        help="file (mode 600) of a service account's token",
    ),
    click.option("--folder-uid", default="ikm", show_default=True, help="uid of the folder of boards and rules"),
    click.option(
        "--dir",
        "folder",
        type=click.Path(path_type=Path),
        default=HERE,
        help="the files  [default: those of this program]",
    ),
    click.option("--zone", type=click.Choice([*ZONES]), help="the boards' fixed time zone  [default: the root unit's]"),
    data_dir_option("the running system whose root unit is asked for its time zone, where --zone does not say it"),
)


def _ordered(command: Callable[..., None]) -> Callable[..., None]:
    """The common options, as an Order; every error as one line and exit code 2."""

    @wraps(command)
    def run(**given: Any) -> None:
        order = Order(**{name: given.pop(name) for name in Order.__dataclass_fields__})
        try:
            command(order, **given)
        except PublishError as error:
            raise GrafanaError(str(error)) from error
        except GrafanaError:
            raise
        except click.ClickException as error:
            raise GrafanaError(error.message) from error

    return reduce(lambda inner, option: option(inner), reversed(OPTIONS), run)


@click.group()
def grafana() -> None:
    """Boards and alert rules in a Grafana that somebody else runs.

    Its data sources are not touched: ikm-clickhouse and ikm-public must be there. Addresses and secrets of contact
    points come from the environment variables that provisioning/alerting names; IKM_ALERT_ZONE is the boards' zone.
    """


@grafana.command()
@_ordered
@click.option(
    "--overwrite", is_flag=True, help="also what was changed there by hand, and secrets that cannot be compared"
)
@click.option("--dry-run", is_flag=True, help="say what would change and write nothing")
def publish(order: Order, *, overwrite: bool, dry_run: bool) -> None:
    """Make what is on the server what the files say. Repeating it changes nothing.

    What somebody changed there by hand stays, and is told. Nothing is removed, but for alert rules that left a group.
    Notification policies become one branch for the folder's alerts; the rest of the tree stays.

    Exit code: 0 done, 1 changes found in a dry run, 3 changed by hand there, 2 something else failed.
    """
    committed, target = _open(order)
    counts: Counter[Done] = Counter()
    for outcome in put_all(committed, target, overwrite=overwrite, dry_run=dry_run):
        counts[outcome.done] += 1
        if outcome.done is not Done.UNCHANGED:
            click.echo(str(outcome), err=outcome.done in {Done.FAILED, Done.CONFLICT})
    for extra in extras(committed, target):
        click.echo(f"note: {extra} is on the server and not in the files; it stays")
    for uid in missing_sources(committed, target.server):
        click.echo(f"note: this Grafana has no data source {uid}, which boards or rules ask: make one with that uid")
    told = ", ".join(f"{counts[done]} {done}" for done in Done)
    click.echo(f"{'dry run: ' if dry_run else ''}{told}")
    if counts[Done.FAILED]:
        raise click.exceptions.Exit(OTHER)
    if counts[Done.CONFLICT]:
        raise click.exceptions.Exit(CONFLICT)
    if dry_run and counts[Done.CREATED] + counts[Done.CHANGED]:
        raise click.exceptions.Exit(DIFFERS)


@grafana.command()
@_ordered
def diff(order: Order) -> None:
    """Compare what the server has with what the files say, field by field.

    What Grafana adds by itself (ids, versions, defaults) is no difference; secrets cannot be compared.

    Exit code: 0 equal, 1 differs, 2 not compared.
    """
    committed, target = _open(order)
    count = 0
    for line in compare(committed, target):
        click.echo(line)
        count += 1
    click.echo(f"{count} differences" if count else f"equal: {len(committed.items)} things")
    if count:
        raise click.exceptions.Exit(DIFFERS)


@grafana.command()
@_ordered
@click.option("--dry-run", is_flag=True, help="say which files would change and write nothing")
def export(order: Order, *, dry_run: bool) -> None:
    """Write what the server has into the files, to bring a change by hand home. Afterwards diff is empty.

    A file that says the same already stays as it is, but for a --zone that is given.

    Exit code: 0 done, 1 changes found in a dry run, 2 not done.
    """
    committed, target = _open(order, must_hold=False)
    lines = list(write_files(committed, target, order.folder, order.zone, dry_run=dry_run))
    for line in lines:
        click.echo(line)
    written = sum(line.endswith("written") for line in lines)
    click.echo(f"{written} files {'would be ' if dry_run else ''}written")
    if dry_run and written:
        raise click.exceptions.Exit(DIFFERS)


def _open(order: Order, *, must_hold: bool = True) -> tuple[Committed, Target]:
    """The files and the server."""
    try:
        token = read_secret(order.token_file, "put the token of a service account of that Grafana into it")
    except ValueError as error:
        raise GrafanaError(f"--token-file {error}") from error
    if told := exposed(order.token_file):
        click.echo(f"note: --token-file {told}", err=True)
    server = Server(order.url, token)
    zone = order.zone or root_zone(order.data_dir)
    environment: Mapping[str, str] = {**os.environ, ZONE_NAME: zone}
    committed = read(order.folder, zone, environment)
    if must_hold and not committed.items and not committed.faults:
        raise GrafanaError(f"{order.folder} holds no dashboards and no alerting: name the folder with --dir")
    return committed, Target(server, order.folder_uid, committed.folder_title, environment)
