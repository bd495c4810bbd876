"""`ikm replay`."""

from pathlib import Path

import click
import httpx

from cli.options import api_client, data_dir_option, locate

PATIENCE_S = 60


@click.command()
@data_dir_option("the running system; without it what IKM_DATA_DIR or IKM_API_HOST and IKM_API_PORT name")
def replay(data_dir: Path | None) -> None:
    """Fold the log again from its beginning into fresh pages and buckets, which then take the place of the old.

    It is the cure when `ikm verify` finds a difference in what the workers made. Answers go on being taken in.
    """
    try:
        with api_client(locate(data_dir), PATIENCE_S) as api:
            answer = api.post("/v1/admin/replay")
            answer.raise_for_status()
    except httpx.HTTPStatusError as error:
        raise click.ClickException(
            f"the API refuses ({error.response.status_code}): {error.response.text[:500]}"
        ) from error
    except httpx.HTTPError as error:
        raise click.ClickException(f"the API does not answer ({error!r}): is `ikm up` running?") from error
    click.echo(f"replay {answer.json()['replay']} is asked for: the workers start again and fold the log from offset 0")
    click.echo("`ikm verify` says when the figures are true again")
