"""`ikm import`."""

import asyncio
from pathlib import Path

import click

from cli.link import UnreachableError, link
from cli.options import data_dir_option, locate
from producers.columns import NUMBERED, MappingError
from producers.import_file import Checked, Opened, Order, OrderError, check_rows, open_file, publish
from producers.log_writer import RecordTooLarge, Unacknowledged
from producers.table import Unreadable
from runtime.settings import Settings


class NothingImportedError(click.ClickException):
    """Nothing was imported; one line says why and what to do."""

    exit_code = 2


@click.command("import")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--unit", required=True, help="code of the registered unit whose answers these are")
@click.option("--source", default="import", show_default=True, help="in whose name they are written")
@click.option("--map", "maps", multiple=True, metavar="COLUMN=ITEM", help="what a column means; may be repeated")
@click.option(
    "--period", help="2019, 2019-S1, 2019-TW3, 2019-11 or one of the unit's own: all answers get its first instant"
)
@click.option("--id-column", metavar="COLUMN", help="the column with each answer's id; without it file and row make it")
@click.option("--sheet", metavar="NAME", help="which sheet of a workbook; without it the first one")
@click.option("--questionnaire", metavar="FORM", help="skm, ipkp, ipak or lengkap; without it the columns tell")
@click.option("--dry-run", is_flag=True, help="check everything and write nothing")
@data_dir_option("the data directory of the running system; without it IKM_DATA_DIR, .ikm or IKM_KAFKA_BOOTSTRAP")
def import_(  # noqa: PLR0917 - click passes each option by its name
    file: Path,
    unit: str,
    source: str,
    maps: tuple[str, ...],
    period: str | None,
    id_column: str | None,
    sheet: str | None,
    questionnaire: str | None,
    dry_run: bool,
    data_dir: Path | None,
) -> None:
    """Import answers from FILE, a CSV or XLSX file with headers: a row is a response. Repeating it changes nothing.

    Headers that are item codes (persyaratan, ipkp.informasi, …), u1..u9 in the order of the SKM form, submitted_at,
    service or channel map themselves. An empty cell is a skipped question.

    Exit code: 0 all rows imported, 1 rows rejected (a line each), 2 nothing could be read.
    """
    order = Order(file, unit, source, maps, period, id_column, sheet, questionnaire)
    try:
        opened = open_file(order)
        _say_columns(opened)
        checked = asyncio.run(_import(opened, locate(data_dir), dry_run=dry_run))
    except Unacknowledged as error:
        message = f"{file}: {error}; some rows may be there: repeat the command, which changes nothing twice"
        raise NothingImportedError(message) from error
    except (Unreadable, MappingError, OrderError, UnreachableError, RecordTooLarge) as error:
        raise NothingImportedError(f"{file}: {error}") from error
    except click.ClickException as error:
        raise NothingImportedError(error.message) from error
    _say_rows(opened, checked, dry_run=dry_run)


async def _import(opened: Opened, settings: Settings, *, dry_run: bool) -> Checked:
    async with link(settings, client_id="ikm-import") as kafka:
        checked = check_rows(opened, kafka.units.versions(opened.order.unit), received_ms=kafka.clock())
        if dry_run or not checked.responses:
            return checked
        with click.progressbar(
            length=len(checked.responses),
            label=f"importing {opened.order.file.name}",
            file=click.get_text_stream("stderr"),
        ) as bar:
            await publish(checked.responses, kafka.publisher, kafka.clock, bar.update)
    return checked


def _say_columns(opened: Opened) -> None:
    columns = opened.columns
    named = [f"{columns.headers[number]}={code}" for number, code in columns.items.items()]
    named += [
        name if columns.headers[number] == name else f"{columns.headers[number]}={name}"
        for name, number in columns.others.items()
    ]
    ignored = f"; not used: {', '.join(columns.ignored)}" if columns.ignored else ""
    click.echo(f"columns of {columns.questionnaire.name}: {', '.join(named)}{ignored}")
    swapped = [
        (number, item.code)
        for number, item in enumerate(NUMBERED.items, start=1)
        if item.code in columns.by_order and item.code in {"sarana", "pengaduan"}
    ]
    if swapped:
        read = ", ".join(f"u{number} is read as {code}" for number, code in swapped)
        click.echo(f"note: {read}, the order of the form; some offices swap them: --map u8=pengaduan --map u9=sarana")


def _say_rows(opened: Opened, checked: Checked, *, dry_run: bool) -> None:
    for bad in checked.bad_rows:
        click.echo(bad)
    good, rejected = len(checked.responses), len(checked.bad_rows)
    done = "would be imported" if dry_run else "imported"
    click.echo(f"{good} of {good + rejected} rows {done} for unit {opened.order.unit}, {rejected} rejected")
    if rejected:
        raise click.exceptions.Exit(1)
