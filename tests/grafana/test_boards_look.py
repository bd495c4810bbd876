"""Every committed board before Grafana's own field processor, with what its queries find in the seeded store."""

import shutil

from ikm.index import IKM, INDICES
from tests.grafana import field_processor, files
from tests.grafana.conftest import City
from tests.grafana.results import choice, results, shown
from tests.grafana.seed_city import EMPTY

OTHER: dict[str, dict[str, str]] = {
    "default": {},
    "empty": {"unit": EMPTY},
    **{code: {"index": code} for code in INDICES if code != IKM.code},
}
"""What somebody may choose, by the name of the case; the first is what a board shows when it is opened."""


async def test_every_panel_shows_edges_letters_and_missing_figures_as_it_must(city: City) -> None:
    field_processor.ready()
    shutil.rmtree(field_processor.RESULTS, ignore_errors=True)
    found: dict[str, dict[str, dict[str, object]]] = {}
    for file, board in files.committed().items():
        span = shown(board, city.seed.now_ms)
        for case, other in OTHER.items():
            if other.keys() <= files.variables(board).keys():
                chosen = await choice(city.store, board, span, other)
                found.setdefault(file, {})[case] = await results(city.store, file, board, span, chosen)

    code, lines = field_processor.look(field_processor.RESULTS, files.FOLDER / "dashboards", found)

    assert code == 0, "\n".join(lines)
