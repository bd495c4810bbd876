"""What several commands share: where the running system is, and settings with their errors in one line."""

from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click
import httpx
from pydantic import ValidationError

from runtime.local.datadir import DataDir
from runtime.local.errors import StartError
from runtime.settings import Settings

F = TypeVar("F", bound=Callable[..., Any])


def data_dir_option(help_text: str) -> Callable[[F], F]:
    """`--data-dir`, a directory; without it IKM_DATA_DIR, else `.ikm`."""
    return click.option("--data-dir", type=click.Path(path_type=Path, file_okay=False), help=help_text)


def settings_of(data_dir: Path | None = None, **overrides: Any) -> Settings:
    """The settings, or one line per bad value.

    Raises:
        click.ClickException: a value is refused.
    """
    given = {**overrides, **({"data_dir": data_dir} if data_dir else {})}
    try:
        return Settings(**given)
    except ValidationError as error:
        lines = [
            f"IKM_{'_'.join(str(part) for part in fault['loc']).upper()}={fault['input']}: {fault['msg']}"
            for fault in error.errors()
        ]
        raise click.ClickException("; ".join(lines)) from error


def running(data_dir: Path | None) -> Settings:
    """Settings that point at the system that runs in a data directory.

    Raises:
        click.ClickException: none runs there.
    """
    settings = settings_of(data_dir)
    try:
        found = DataDir(settings.data_dir).read_endpoints()
    except StartError as error:
        raise click.ClickException(str(error)) from error
    address = httpx.URL(found.api)
    return settings_of(
        settings.data_dir, kafka_bootstrap=found.kafka, api_host=address.host, api_port=address.port or 80
    )


def api_client(settings: Settings, timeout_s: float) -> httpx.Client:
    """A client of the API with the admin key; close it.

    Raises:
        click.ClickException: there is no admin key.
    """
    try:
        key = settings.admin_key_file.read_text(encoding="utf-8").strip()
    except OSError as error:
        raise click.ClickException(
            f"the admin key {settings.admin_key_file} cannot be read ({error.strerror}): `ikm up` writes it; name its "
            "directory with --data-dir or the file with IKM_ADMIN_KEY_FILE"
        ) from error
    return httpx.Client(
        base_url=f"http://{settings.api_host}:{settings.api_port}",
        headers={"Authorization": f"Bearer {key}"},
        timeout=httpx.Timeout(timeout_s, connect=10),
        trust_env=False,
    )


def locate(data_dir: Path | None) -> Settings:
    """The system of a data directory where one runs; what IKM_* settings name goes before a directory nobody named."""
    settings = settings_of(data_dir)
    is_named = bool(settings.model_fields_set & {"kafka_bootstrap", "api_host", "api_port"})
    if data_dir is None and (is_named or not DataDir(settings.data_dir).endpoints_file.exists()):
        return settings
    return running(data_dir)
