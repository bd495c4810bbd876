"""`ikm registry`."""

import asyncio
from pathlib import Path

import click

from cli.link import UnreachableError, link
from cli.options import data_dir_option, locate
from ikm.errors import Refused
from producers.log_writer import RecordTooLarge, Unacknowledged
from producers.registry_plan import FilesRefused, Plan, plan
from producers.table import Unreadable
from runtime.settings import Settings


class NothingAppliedError(click.ClickException):
    """The register is as it was, or may have a part of it; one line says why and what to do."""

    exit_code = 2


@click.group()
def registry() -> None:
    """The register of service units, kept in files."""


@registry.command("apply")
@click.argument("folder", metavar="DIR", type=click.Path(path_type=Path))
@click.option("--dry-run", is_flag=True, help="say what would change and write nothing")
@data_dir_option("the data directory of the running system; without it IKM_DATA_DIR, .ikm or IKM_KAFKA_BOOTSTRAP")
def apply(folder: Path, dry_run: bool, data_dir: Path | None) -> None:
    """Bring the register to what the files in DIR say. Repeating it changes nothing.

    \b
    units.csv     code,name,type,parent,zone,period,population,lat,lon,valid_from,valid_to,merged_into
    services.csv  unit,code,name
    periods.csv   unit,code,from,to,grace_days
    targets.csv   unit,period,index,n,value

    Only units is needed; each may be a .yaml file with a list of the same keys. Rows in any order. What the files do
    not speak of stays as it is. If anything is wrong, nothing is applied.

    Exit code: 0 nothing to change or all applied, 1 changes found in a dry run, 2 refused or out of reach.
    """  # noqa: D301 - click keeps the lines of a paragraph that begins with its \b
    try:
        found = asyncio.run(_apply(folder, locate(data_dir), dry_run=dry_run))
    except FilesRefused as refused:
        for finding in refused.findings:
            click.echo(finding)
        raise NothingAppliedError(f"{folder}: {refused}; nothing was applied") from refused
    except Unacknowledged as error:
        message = f"{folder}: {error}; a part may be there: repeat the command, which changes nothing twice"
        raise NothingAppliedError(message) from error
    except (Unreadable, UnreachableError, RecordTooLarge, Refused) as error:
        raise NothingAppliedError(f"{folder}: {error}") from error
    except click.ClickException as error:
        raise NothingAppliedError(error.message) from error
    if dry_run and found.changes:
        raise click.exceptions.Exit(1)


async def _apply(folder: Path, settings: Settings, *, dry_run: bool) -> Plan:
    async with link(settings, client_id="ikm-registry") as kafka:
        found = plan(folder, kafka.units)
        if not dry_run:
            await kafka.register.put_all([change.unit for change in found.changes])
    _say(found, dry_run=dry_run)
    return found


def _say(found: Plan, *, dry_run: bool) -> None:
    for change in found.changes:
        click.echo(change)
    for key in found.others:
        click.echo(f"note: the register also has {key}, which the files do not name; it stays")
    for name in found.unused:
        click.echo(f"note: {name} is not used")
    new = sum(change.before is None for change in found.changes)
    done = "would be" if dry_run else "are"
    click.echo(f"{new} new and {len(found.changes) - new} changed {done} applied, {found.unchanged} unchanged")
