"""The time zone of the organisation: that of its root unit, asked of the running API."""

import json
from pathlib import Path
from typing import Any

import click
import httpx

from cli.options import api_client, locate
from ikm.registry import Unit
from ikm.times import ZONES, midnight_ms
from runtime.clock import system_clock

ANSWER_S = 30
_PAGE = 200
_GIVE = f"give --zone ({', '.join(ZONES)})"


def root_zone(data_dir: Path | None) -> str:
    """An IANA name, e.g. Asia/Makassar.

    Raises:
        click.ClickException: no API answers, or its register has no open root or open roots of several zones.
    """
    roots: dict[str, str] = {}
    try:
        with api_client(locate(data_dir), ANSWER_S) as api:
            after: str | None = ""
            while after is not None:
                answer = api.get("/v1/units", params={"limit": _PAGE, **({"cursor": after} if after else {})})
                answer.raise_for_status()
                page = answer.json()
                roots |= {unit["unit"]: unit["zone"] for unit in page["items"] if _is_root(unit)}
                after = page["next"]
    except click.ClickException as error:
        raise click.ClickException(f"the root unit's time zone cannot be asked: {error.message}; or {_GIVE}") from error
    except (httpx.HTTPError, ValueError, KeyError) as error:
        raise click.ClickException(
            f"the API does not tell the root unit's time zone ({error!r}): start it (`ikm up`), or {_GIVE}"
        ) from error
    if len(set(roots.values())) != 1:
        found = ", ".join(f"{code} in {zone}" for code, zone in sorted(roots.items())[:5])
        told = found or "no open unit without a parent"
        raise click.ClickException(f"the register does not say which time zone the boards are for ({told}): {_GIVE}")
    return next(iter(roots.values()))


def _is_root(item: Any) -> bool:
    """Whether a unit of the API's stands above all others and is not closed, as `v_unit` says it."""
    unit = Unit.model_validate_json(json.dumps(item))
    is_open = unit.valid_to is None or system_clock() < midnight_ms(unit.valid_to, unit.zone)
    return unit.parent is None and is_open
