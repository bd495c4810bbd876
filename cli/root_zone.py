"""The time zone of the organisation: that of its root unit, asked of the running API."""

from pathlib import Path

import click
import httpx

from cli.options import api_client, locate
from ikm.times import ZONES

ANSWER_S = 30
_PAGE = 200
_GIVE = f"give --zone ({', '.join(ZONES)})"


def root_zone(data_dir: Path | None) -> str:
    """An IANA name, e.g. Asia/Makassar.

    Raises:
        click.ClickException: no API answers, or its register has no root or roots of several zones.
    """
    roots: dict[str, str] = {}
    try:
        with api_client(locate(data_dir), ANSWER_S) as api:
            after: str | None = ""
            while after is not None:
                answer = api.get("/v1/units", params={"limit": _PAGE, **({"cursor": after} if after else {})})
                answer.raise_for_status()
                page = answer.json()
                roots |= {unit["unit"]: unit["zone"] for unit in page["items"] if unit["parent"] is None}
                after = page["next"]
    except click.ClickException as error:
        raise click.ClickException(f"the root unit's time zone cannot be asked: {error.message}; or {_GIVE}") from error
    except (httpx.HTTPError, ValueError, KeyError) as error:
        raise click.ClickException(
            f"the API does not tell the root unit's time zone ({error!r}): start it (`ikm up`), or {_GIVE}"
        ) from error
    if len(set(roots.values())) != 1:
        told = ", ".join(f"{code} in {zone}" for code, zone in sorted(roots.items())[:5]) or "no unit without a parent"
        raise click.ClickException(f"the register does not say which time zone the boards are for ({told}): {_GIVE}")
    return next(iter(roots.values()))
