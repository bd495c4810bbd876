"""Starts Grafana's own field processor (`scripts/grafana`, @grafana/data in Node) on boards and results."""

import json
import shutil
import subprocess
from collections.abc import Mapping
from fcntl import LOCK_EX, flock
from pathlib import Path
from typing import Any, Final

import pytest

from ikm.figure import TIER_NAMES
from ikm.index import INDICES, NO_COLOUR, Index
from tests.grafana.lint_look import NOTHING

ROOT: Final = Path(__file__).parents[2]
HERE: Final = ROOT / "scripts" / "grafana"
RESULTS: Final = ROOT / "build" / "grafana" / "results"
"""Of the committed boards; `scripts/grafana/render` draws from them."""


def ready() -> None:
    """Installs what the processor needs, once; skips the test where there is no node."""
    if not (shutil.which("node") and shutil.which("npm")):
        pytest.skip("Grafana's field processor was NOT asked: it needs node and npm (apt-get install npm)")
    package = Path("node_modules/@grafana/data")
    with (HERE / "package-lock.json").open(encoding="utf-8") as lock:
        flock(lock, LOCK_EX)  # tests run in two processes
        wanted = json.load(lock)["packages"][package.as_posix()]["version"]
        installed = HERE / package / "package.json"
        if not installed.exists() or json.loads(installed.read_text("utf-8"))["version"] != wanted:
            subprocess.run(["npm", "ci", "--silent", "--ignore-scripts", "--omit=dev"], cwd=HERE, check=True)


def look(folder: Path, boards: Path, results: Mapping[str, Mapping[str, Any]]) -> tuple[int, list[str]]:
    """What the processor says.

    Args:
        folder: Where results may be written.
        boards: Dashboards, as JSON files.
        results: Of each board by the name of its file without ending, by the name of a case: see `results.py`.

    Returns:
        Its exit code (0 no fault, 1 faults, 2 could not look) and its lines.
    """
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "rules.json").write_text(json.dumps(rules()), "utf-8")
    for file, cases in results.items():
        (folder / file).mkdir(parents=True, exist_ok=True)
        for case, result in cases.items():
            (folder / file / f"{case}.json").write_text(json.dumps(result), "utf-8")
    done = subprocess.run(
        ["node", HERE / "check.mjs", boards, folder], cwd=ROOT, check=False, capture_output=True, text=True
    )
    return done.returncode, [*done.stdout.splitlines(), *done.stderr.splitlines()]


def rules() -> dict[str, Any]:
    """What is right, from `ikm`: letters, and what to plant at the edges of each index's scale."""
    letters = {band.mutu: band.colour for index in INDICES.values() for band in index.bands}
    return {
        "noData": TIER_NAMES["kosong"],
        "nothing": NOTHING,
        "none": NO_COLOUR,
        "letters": [{"value": letter, "colour": colour} for letter, colour in letters.items()],
        "scales": [
            {"index": index.code, "max": float(index.factor * index.reach[1]), "edges": edges(index)}
            for index in INDICES.values()
        ],
    }


def edges(index: Index) -> list[dict[str, Any]]:
    """The values on both sides of each band or line, and the ends; with the colour of the letter if it has one."""
    ends = [int(100 * index.factor * end) for end in index.reach]
    ats = {at for band in index.bands for at in (band.from_hundredths, band.from_hundredths - 1)}
    lines = {line.at_hundredths for line in index.lines}
    ats |= {at - below for at in lines for below in (0, 1)}
    found = []
    for at in sorted({at for at in {*ats, *ends} if ends[0] <= at <= ends[1]}):
        band = index.band(at)
        found.append({"value": f"{at / 100:.2f}", "colour": band and band.colour, "changes": at in lines})
    return found
