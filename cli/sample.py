"""The sample of `ikm up`: the real rows of Sekadau, then the simulated city, live."""

from http import HTTPStatus
from pathlib import Path

import click
import httpx

import producers
from cli.import_ import import_
from cli.options import api_client, settings_of
from cli.simulate import simulate

ROWS = Path(producers.__file__).parent / "samples" / "sekadau_2019_s1.csv"
UNIT = "sekadau"
REGISTERED = {
    "name": "Kabupaten Sekadau (49 jawaban SKM, semester I 2019)",
    "type": "kabupaten",
    "zone": "Asia/Jakarta",
    "period": "semester",
}
PERIOD = "2019-S1"
PATIENCE_S = 30


@click.command()
@click.option("--rate", type=float, default=2.0, show_default=True, help="simulated answers per second")
def sample(rate: float) -> None:
    """Register Sekadau, import its 49 rows (a repeat changes nothing), then simulate the city for ever."""
    try:
        _register()
    except httpx.TransportError as error:
        raise click.ClickException(
            f"the API is not to be reached ({error}): start the sample under `ikm up`"
        ) from error
    import_.main([str(ROWS), "--unit", UNIT, "--period", PERIOD], standalone_mode=False)
    simulate.main(["--rate", str(rate)], standalone_mode=False)


def _register() -> None:
    """Put the unit unless somebody has already: what was changed since stays changed."""
    with api_client(settings_of(), PATIENCE_S) as api:
        if api.get(f"/v1/units/{UNIT}").status_code == HTTPStatus.NOT_FOUND:
            answer = api.put(f"/v1/units/{UNIT}", json=REGISTERED)
            if answer.is_error:
                raise click.ClickException(f"unit {UNIT} is refused: {answer.text}")
