"""`ikm replay`."""

import sys
import time
from pathlib import Path
from typing import Any

import click
import httpx

from cli.options import api_client, data_dir_option, locate

ANSWER_S = 60
PAUSE_S = 1.0


@click.command()
@click.option("--timeout", default=3600, show_default=True, help="seconds to wait until the replay is complete")
@data_dir_option("the running system; without it what IKM_DATA_DIR or IKM_API_HOST and IKM_API_PORT name")
def replay(timeout: int, data_dir: Path | None) -> None:
    """Fold the log again from its beginning into fresh pages and buckets, which then take the place of the old.

    It is the cure when `ikm verify` finds a difference. Answers go on being taken in; figures stand still until the
    workers have caught up. Exit code: 0 complete, 1 asked for and not complete in time, or not asked for.
    """
    with api_client(locate(data_dir), ANSWER_S) as api:
        number = int(_call(api, "POST")["replay"])
        click.echo(f"replay {number} is asked for: workers and sink fold the log from offset 0")
        deadline = time.monotonic() + timeout
        while time.monotonic() < deadline:
            status = _call(api, "GET")
            if min(status["workers"], status["store"]) >= number:
                click.echo(f"replay {number} is complete: `ikm verify` compares")
                return
            time.sleep(PAUSE_S)
    click.echo(f"replay {number} is not complete after {timeout} s; it goes on: `ikm verify` says when", err=True)
    sys.exit(1)


def _call(api: httpx.Client, method: str) -> dict[str, Any]:
    try:
        answer = api.request(method, "/v1/admin/replay")
        answer.raise_for_status()
    except httpx.HTTPStatusError as error:
        raise click.ClickException(
            f"the API refuses ({error.response.status_code}): {error.response.text[:500]}"
        ) from error
    except httpx.HTTPError as error:
        raise click.ClickException(f"the API does not answer ({error!r}): is `ikm up` running?") from error
    body: dict[str, Any] = answer.json()
    return body
