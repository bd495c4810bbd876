"""`ikm verify`."""

import contextlib
import json
import re
import signal
import sys
import time
from pathlib import Path
from typing import Any

import click
import httpx

from cli.options import api_client, data_dir_option, locate
from ikm.times import rfc3339_ms
from runtime.clock import system_clock

EQUAL, DIFFERS, INCOMPARABLE = 0, 1, 2
EXITS = {"equal": EQUAL, "differs": DIFFERS, "incomparable": INCOMPARABLE}
PATIENCE_S = 300
"""The API itself looks again at what moves for up to 30 s; recomputing a long archive takes its time."""
_EVERY = re.compile(r"([1-9][0-9]{0,5})([smh])")
_SECONDS = {"s": 1, "m": 60, "h": 3600}


class Every(click.ParamType):
    """A time between two comparisons: `30s`, `5m`, `1h`; in seconds."""

    name = "time"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> float:
        """Read it; click says what is wrong with any other text."""
        if isinstance(value, float):
            return value
        said = _EVERY.fullmatch(str(value))
        if said is None:
            self.fail(f"{value!r} is no time: write a whole number and s, m or h, such as 5m", param, ctx)
        return float(int(said[1]) * _SECONDS[said[2]])


@click.command()
@click.option("--json", "as_json", is_flag=True, help="print the whole report as JSON, a line each with --continuous")
@click.option("--continuous", is_flag=True, help="compare again and again, until Ctrl-C")
@click.option("--every", type=Every(), default="5m", show_default=True, help="time between two comparisons")
@data_dir_option("the running system to ask; without it what IKM_DATA_DIR or IKM_API_HOST and IKM_API_PORT name")
def verify(*, as_json: bool, continuous: bool, every: float, data_dir: Path | None) -> None:
    """Ask the running API to recompute every figure in SQL from the raw events, and compare.

    Exit code: 0 equal; 1 differs, a line per unit and bucket with what was expected and found; 2 not compared. With
    --continuous it is that of the last comparison. How many units differ, and when that was found, is also a metric of
    the API: in ClickHouse ikm.v_ops.
    """
    if continuous:
        sys.exit(_repeat(data_dir, every, as_json=as_json))
    report = _ask(data_dir)
    if as_json:
        click.echo(json.dumps(report, ensure_ascii=False, indent=2))
    else:
        _show(report)
    sys.exit(EXITS[report["outcome"]])


def _repeat(data_dir: Path | None, every_s: float, *, as_json: bool) -> int:
    """Compare until somebody stops it; returns the exit code of the last comparison that ended."""
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    last = INCOMPARABLE
    with contextlib.suppress(KeyboardInterrupt):
        while True:
            begun = time.monotonic()
            report, at = _ask(data_dir), rfc3339_ms(system_clock())
            last = EXITS[report["outcome"]]
            if as_json:
                click.echo(json.dumps({"at": at, **report}, ensure_ascii=False))
            else:
                _show(report, f"{at} ")
            time.sleep(max(every_s - (time.monotonic() - begun), 0))
    return last


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


def _show(report: dict[str, Any], when: str = "") -> None:
    if report["outcome"] == "incomparable":
        click.echo(f"{when}could not compare: {report['reason']}", err=True)
        return
    for row in report["differences"]:
        click.echo(f"{when}{row['unit'] or '-'}: {row['bucket']}: expected {row['expected']}, found {row['found']}")
    counts = ", ".join(f"{value} {name}" for name, value in report["compared"].items() if isinstance(value, int))
    if report["outcome"] == "equal":
        click.echo(f"{when}equal: {counts}")
    else:
        units = {row["unit"] for row in report["differences"]}
        found = f"{len(report['differences'])} differences in {len(units)} units"
        click.echo(f"{when}{found} ({counts}); cure: {report['cure']}")
