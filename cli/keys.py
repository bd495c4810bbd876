"""`ikm keys`."""

from pathlib import Path

import click

from cli.options import data_dir_option, settings_of
from runtime.keys import create_key


@click.group()
def keys() -> None:
    """Create API keys."""


@keys.command()
@click.option("--source", required=True, help="in whose name the key writes, e.g. web")
@data_dir_option("the data directory of the API that shall know the key")
def create(source: str, data_dir: Path | None) -> None:
    """Make a key for a source and print it, once: only its hash is kept."""
    settings = settings_of(data_dir)
    try:
        click.echo(create_key(settings.data_dir, source))
    except ValueError as error:
        raise click.ClickException(str(error)) from error
    except OSError as error:
        raise click.ClickException(
            f"the key cannot be kept in {settings.data_dir} ({error.strerror}): name a directory you may write to with "
            "--data-dir"
        ) from error
