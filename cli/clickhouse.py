"""`ikm clickhouse`."""

import asyncio
from collections.abc import Mapping

import click
from clickhouse_connect.driver import exceptions

from cli.options import settings_of
from runtime.clickhouse import StoreError, connect
from runtime.readers import GRAFANA, PUBLIC
from runtime.settings import Settings
from sinks.readers import make_readers, statements


@click.group()
def clickhouse() -> None:
    """Prepare a ClickHouse server."""


@clickhouse.command()
@click.option("--print", "prints", is_flag=True, help="print the SQL, for an administrator to run, and do nothing")
def users(*, prints: bool) -> None:
    """Make the users who only read the views: ikm_grafana all of them, ikm_public what the public may see.

    Their passwords are IKM_GRAFANA_PASSWORD and IKM_PUBLIC_PASSWORD. Repeat it to change one: a user is made anew.
    """
    settings = settings_of()
    passwords = _passwords(settings)
    if prints:
        for sql in statements(passwords):
            click.echo(f"{sql};")
        return
    if settings.embedded_store:
        raise click.ClickException(
            f"IKM_CLICKHOUSE is {settings.clickhouse}, an engine that nobody enters but the API: name a server, "
            "http://user:password@host:8123, or take the SQL with --print"
        )
    try:
        asyncio.run(_make(settings, passwords))
    except StoreError as error:
        raise click.ClickException(str(error)) from error
    except exceptions.Error as error:
        raise click.ClickException(
            f"ClickHouse refuses to make the users ({error}): the user in IKM_CLICKHOUSE needs access management "
            "(CLICKHOUSE_DEFAULT_ACCESS_MANAGEMENT=1 in docker-compose.yml); or let an administrator run what --print "
            "prints"
        ) from error
    click.echo(f"{GRAFANA.name} reads the views, {PUBLIC.name} those for the public")


def _passwords(settings: Settings) -> Mapping[str, str]:
    found = {
        GRAFANA.name: settings.grafana_password.get_secret_value(),
        PUBLIC.name: settings.public_password.get_secret_value(),
    }
    missing = [f"IKM_{name.removeprefix('ikm_').upper()}_PASSWORD" for name, password in found.items() if not password]
    if missing:
        raise click.ClickException(
            f"{' and '.join(missing)} not set: choose a password for each user and put it into the environment or .env"
        )
    return found


async def _make(settings: Settings, passwords: Mapping[str, str]) -> None:
    store = await connect(settings.clickhouse)
    try:
        await make_readers(store, passwords)
    finally:
        await store.close()
