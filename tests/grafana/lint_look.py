"""How figures look: in the colours of the rules, what is missing in words and grey, with the decimals they have."""

from collections.abc import Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from itertools import chain
from math import floor
from typing import Any, Final

from ikm.figure import TIER_NAMES
from ikm.index import IKM, INDICES, NO_COLOUR, Index
from tests.grafana.files import OPERATION, Board, Boards, overrides, panels, queries

NO_DATA: Final = TIER_NAMES["kosong"]
NOTHING: Final = "Tidak ada"
"""What a list of what ought not to be says when it is empty."""
WORDS: Final = frozenset({NO_DATA, TIER_NAMES["tertutup"], "disembunyikan", "\N{EN DASH}"})
"""What a column may say of null: nobody answered, too few did, or nothing is to be said (a target that nobody set)."""
BAND_COLOURS: Final = {band.colour for band in IKM.bands}
COLOURS: Final = BAND_COLOURS | {NO_COLOUR, "text", "transparent"}
"""Those of the rules; text is the theme's own."""
DECIMALS: Final = 2
STALE_S: Final = 60
"""From here on a figure's age is pointed out."""
LETTERS: Final = frozenset({"mutu", "letter"})
"""Columns that hold the letter; letter also says that an index has none."""
SILENT: Final = frozenset({"text", "row"})
"""They show no field."""

Steps = Sequence[tuple[float | None, str]]


def _bands(index: Index) -> Steps:
    return [(band.from_hundredths / 100, band.colour) for band in reversed(index.bands)]


def _lines(index: Index) -> list[float]:
    lowest = floor(index.factor * index.reach[0])
    return [float(lowest), *sorted({line.at_hundredths / 100 for line in index.lines})]


BANDS: Final = [_bands(index) for index in INDICES.values() if index.bands]
LINES: Final = [_lines(index) for index in INDICES.values() if index.lines]


def missing_in_words(file: str, boards: Boards) -> Iterator[str]:
    """Null takes the colour of the lowest step: without a mapping an empty unit looks like the worst."""
    for _, where, said in _settings(boards[file]):
        words = {NO_DATA} if said.get("is_default") else WORDS
        is_filled = (said.get("custom.cellOptions") or {}).get("type") == "color-background"
        colours = {NO_COLOUR, "transparent"} if is_filled else {NO_COLOUR}
        if "mappings" in said and not _says_missing(said["mappings"], words, colours):
            yield f"{where}: its mappings do not turn null into {' or '.join(sorted(words))} in {NO_COLOUR}"
        if said.get("is_default") and "mappings" not in said:
            yield f"{where} has no mapping of null"
    for panel in _shown(boards[file]):
        said = (panel.get("fieldConfig", {}).get("defaults") or {}).get("noValue")
        allowed = {NO_DATA, NOTHING} if panel["type"] == "table" else {NO_DATA}
        if said not in allowed:
            yield f"panel {panel.get('title')!r}: noValue is {said!r}, not {' or '.join(sorted(allowed))}"


def _says_missing(mappings: Sequence[Mapping[str, Any]], words: AbstractSet[str], colours: AbstractSet[str]) -> bool:
    for mapping in mappings:
        options = mapping.get("options", {})
        if mapping.get("type") == "special" and options.get("match") == "null+nan":
            result = options.get("result", {})
            return result.get("text") in words and result.get("color") in colours
    return False


def thresholds(file: str, boards: Boards) -> Iterator[str]:
    """The steps are the bands or the lines of the rules, from grey up; what else has steps is no figure."""
    for _, where, said in _settings(boards[file]):
        if "thresholds" not in said:
            continue
        steps = [(step.get("value"), step.get("color")) for step in said["thresholds"]["steps"]]
        if said["thresholds"].get("mode") != "absolute" or not steps or steps[0][0] is not None:
            yield f"{where}: thresholds must be absolute and begin with a base"
        elif not _is_known(steps, file):
            yield f"{where}: thresholds {steps} are not those of an index"


def _is_known(steps: Steps, file: str) -> bool:
    (_, base), above = steps[0], list(steps[1:])
    if not above:
        return base in {"text", NO_COLOUR}
    if file in OPERATION or [value for value, _ in above] == [STALE_S]:
        return base in COLOURS
    if base != NO_COLOUR:
        return False
    colours = [colour for _, colour in above]
    is_line = [value for value, _ in above] in LINES and len(set(colours)) == len(colours)
    return above in BANDS or (is_line and set(colours) <= BAND_COLOURS)


def colours(file: str, boards: Boards) -> Iterator[str]:
    """Every colour comes from the rules: they are told apart by who sees few."""
    for path, colour in _colours(boards[file], file):
        if colour not in COLOURS:
            yield f"{path} is {colour!r}, which is no colour of ikm"


def _colours(value: Any, path: str) -> Iterator[tuple[str, str]]:
    if isinstance(value, Mapping):
        for key, inside in value.items():
            if key in {"color", "fixedColor"} and isinstance(inside, str):
                yield f"{path}.{key}", inside
            yield from _colours(inside, f"{path}.{key}")
    elif isinstance(value, list):
        for number, inside in enumerate(value):
            yield from _colours(inside, f"{path}[{number}]")


def letters(file: str, boards: Boards) -> Iterator[str]:
    """A letter that is mapped keeps itself in its text, and has the colour of its band."""
    wanted = {band.mutu: band.colour for band in IKM.bands}
    for _, where, said in _settings(boards[file]):
        for mapping in said.get("mappings", ()):
            options = mapping.get("options", {}) if mapping.get("type") == "value" else {}
            for letter in wanted.keys() & options.keys():
                text, colour = options[letter].get("text", letter), options[letter].get("color")
                if not text.startswith(letter) or colour != wanted[letter]:
                    yield f"{where}: {letter} is shown as {text!r} in {colour}, must begin with it in {wanted[letter]}"


def decimals(file: str, boards: Boards) -> Iterator[str]:
    """Where bands judge a value it is shown with all its decimals, or 64.996 shows as 65.00 in D's colour."""
    for _, where, said in _settings(boards[file]):
        steps = [(step.get("value"), step.get("color")) for step in said.get("thresholds", {}).get("steps", ())][1:]
        judged = steps in BANDS or [value for value, _ in steps] in LINES
        if judged and said.get("decimals") != DECIMALS:
            yield f"{where}: decimals are {said.get('decimals')}, must be {DECIMALS} where bands judge"


def units(file: str, boards: Boards) -> Iterator[str]:
    """An index has no unit, and a share is not multiplied by a hundred in SQL."""
    for _, where, said in _settings(boards[file]):
        if said.get("unit") in {"percent", "short"} and file not in OPERATION:
            yield f"{where}: unit is {said['unit']}, which rescales or adds a sign: use none or percentunit"


def letter_beside_figure(file: str, boards: Boards) -> Iterator[str]:
    """Colour alone tells many people nothing; and a figure without n is no figure."""
    for panel in panels(boards[file]):
        if panel["type"] not in {"table", "stat"} or file in OPERATION:
            continue
        names = {name for name, _ in overrides(panel)}
        for name, said in overrides(panel):
            steps = [(step.get("value"), step.get("color")) for step in said.get("thresholds", {}).get("steps", ())]
            lacks = [name for name, there in (("mutu", names & LETTERS), ("n", "n" in names)) if not there]
            if name == "value" and steps[1:] in BANDS and lacks:
                yield f"panel {panel.get('title')!r} shows value without {' and '.join(lacks)}"


def freshness(file: str, boards: Boards) -> Iterator[str]:
    """Every board says how old its figures are."""
    asked = " ".join(query.sql for query in queries(boards[file]))
    if "watermark" not in asked and file not in OPERATION:
        yield "no query reads watermark: say how fresh the figures are"


def _shown(board: Board) -> Iterator[Mapping[str, Any]]:
    return (panel for panel in panels(board) if panel["type"] not in SILENT)


def _settings(board: Board) -> Iterator[tuple[Mapping[str, Any], str, Mapping[str, Any]]]:
    """The defaults and each override of every panel that shows fields."""
    for panel in _shown(board):
        config = panel.get("fieldConfig", {})
        default = (f"panel {panel.get('title')!r}", {**config.get("defaults", {}), "is_default": True})
        columns = ((f"panel {panel.get('title')!r} column {name!r}", said) for name, said in overrides(panel))
        for where, said in chain([default], columns):
            yield panel, where, said


RULES: Final = (
    missing_in_words,
    thresholds,
    colours,
    letters,
    decimals,
    units,
    letter_beside_figure,
    freshness,
)
