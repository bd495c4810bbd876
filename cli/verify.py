"""`ikm verify`."""

import json
import sys
from pathlib import Path
from typing import Any

import click
import httpx

from cli.options import api_client, data_dir_option, locate

EQUAL, DIFFERS, INCOMPARABLE = 0, 1, 2
EXITS = {"equal": EQUAL, "differs": DIFFERS, "incomparable": INCOMPARABLE}
PATIENCE_S = 300
"""The API itself looks again at what moves for up to 30 s; recomputing a long archive takes its time."""


@click.command()
@click.option("--json", "as_json", is_flag=True, help="print the whole report as JSON")
@data_dir_option("the running system to ask; without it what IKM_DATA_DIR or IKM_API_HOST and IKM_API_PORT name")
def verify(*, as_json: bool, data_dir: Path | None) -> None:
    """Ask the running API to recompute every figure in SQL from the raw events, and compare.

    Exit code: 0 equal; 1 differs, a line per unit and bucket with what was expected and found; 2 not compared.
    """
    report = _ask(data_dir)
    if as_json:
        click.echo(json.dumps(report, ensure_ascii=False, indent=2))
    else:
        _show(report)
    sys.exit(EXITS[report["outcome"]])


def _ask(data_dir: Path | None) -> dict[str, Any]:
    """The API's report; one of our own when there is none to be had."""
    try:
        with api_client(locate(data_dir), PATIENCE_S) as api:
            answer = api.post("/v1/admin/verify")
            answer.raise_for_status()
            report: dict[str, Any] = answer.json()
            return report
    except click.ClickException as error:
        return _incomparable(error.message)
    except httpx.HTTPStatusError as error:
        return _incomparable(f"the API answers {error.response.status_code}: {error.response.text[:500]}")
    except (httpx.HTTPError, ValueError) as error:
        return _incomparable(f"the API does not answer ({error!r}): is `ikm up` running? Its log says more")


def _incomparable(reason: str) -> dict[str, Any]:
    return {"outcome": "incomparable", "differences": [], "compared": {}, "reason": reason, "cure": ""}


def _show(report: dict[str, Any]) -> None:
    if report["outcome"] == "incomparable":
        click.echo(f"could not compare: {report['reason']}", err=True)
        return
    for row in report["differences"]:
        click.echo(f"{row['unit'] or '-'}: {row['bucket']}: expected {row['expected']}, found {row['found']}")
    counts = ", ".join(f"{value} {name}" for name, value in report["compared"].items() if isinstance(value, int))
    if report["outcome"] == "equal":
        click.echo(f"equal: {counts}")
    else:
        units = {row["unit"] for row in report["differences"]}
        click.echo(f"{len(report['differences'])} differences in {len(units)} units ({counts}); cure: {report['cure']}")
