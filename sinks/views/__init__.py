"""The views that boards and other tools read: `NN_name.sql`, made in the order of their names.

A start that finds them other than it has them makes them anew.
A view holds no rows, so it needs no migration: whoever starts last has its own text in force. Names that begin with
`v_` or `p_` are the contract (docs/views.md); those that begin with `i_` are steps on the way: no view is made of them.
"""

import hashlib
import re
from collections.abc import Iterator
from importlib.resources import files
from string import Template
from typing import Final

from ikm.cells import UNSAID_NAME
from ikm.figure import HIDDEN_BELOW, PROVISIONAL_BELOW
from ikm.frame import SMALL_CELL
from ikm.index import INDICES
from ikm.published import SILENT_AFTER_MS
from ikm.statistics import Z
from ikm.window import WINDOWS
from runtime.clickhouse import DATABASE, Lane, Store
from sinks.views import arithmetic, public
from sinks.views.inlining import STEP, inlined
from sinks.views.mover import mover

_COUNTED: Final = "sum(t.n) AS n, sumForEach(t.histogram) AS histogram, sumForEach(t.parts) AS parts"
_CARD: Final = f"{_COUNTED}, sum(t.sum_x) AS sum_x, sum(t.sum_xx) AS sum_xx"
_SUMS: Final = f"{_CARD}, maxIf(t.watermark, t.n > 0) AS watermark"

_NUMBERS: Final = {
    "hidden_below": str(HIDDEN_BELOW),
    "cells_shown_from": str(SMALL_CELL),
    "provisional_below": str(PROVISIONAL_BELOW),
    "z": repr(Z),
    "silent_ms": str(SILENT_AFTER_MS),
}
_HIDDEN_CELL: Final = (
    "(c.n < $cells_shown_from OR sumIf(c.n, c.n < $cells_shown_from) OVER kind BETWEEN 1 AND $cells_shown_from - 1"
    " AND (c.n, c.cell) = minIf((c.n, c.cell), c.n >= $cells_shown_from) OVER kind)"
)
_VALUES: Final = _NUMBERS | {
    name: Template(text).substitute(_NUMBERS)
    for name, text in {
        "counted": _COUNTED,
        "card": _CARD,
        "sums": _SUMS,
        "unsaid": UNSAID_NAME,
        "indices": ", ".join(f"'{code}'" for code in INDICES),
        "coded_indices": f"CAST({list(INDICES)}, 'Array(LowCardinality(String))')",
        "exact": arithmetic.EXACT,
        "way": arithmetic.WAY,
        "figure": arithmetic.FIGURE,
        "numbers": arithmetic.NUMBERS,
        "people": arithmetic.PEOPLE,
        "mean": arithmetic.MEAN,
        "band": arithmetic.band("c.bands"),
        "band_of_element": arithmetic.band("bands"),
        "band_of_index": arithmetic.band("r.bands"),
        "hidden_cell": _HIDDEN_CELL,
        "points_of_one": arithmetic.POINTS_OF_ONE,
        "raw_of_one": arithmetic.RAW_OF_ONE,
        "element_value": arithmetic.ELEMENT_VALUE,
        "element_nrr": arithmetic.ELEMENT_NRR,
        "element_low": arithmetic.ELEMENT_LOW,
        "hundredths": arithmetic.rounded("exact"),
        "value": arithmetic.decimal("hundredths"),
        "low": arithmetic.bound("low"),
        "high": arithmetic.bound("high"),
        "tier": arithmetic.TIER,
        "needed": arithmetic.NEEDED,
        "open_head": arithmetic.OPEN_HEAD,
        "open_tail": arithmetic.OPEN_TAIL,
        "c_is_open": arithmetic.is_open("c"),
        "f_is_open": arithmetic.is_open("f"),
        "of_no_closing": arithmetic.OF_NO_CLOSING,
        "mover": mover("ikm.v_unit_index_period"),
        "mover_of_tree": mover("ikm.i_unit_running", "c.sums"),
        "mover_self": mover("ikm.i_self_running", "'self'", "is_open"),
        "elements_of_live": public.elements("ikm.i_public_card_live"),
        "elements_of_period": public.elements("ikm.i_public_card_period"),
        "near_held": public.near("f", "held"),
        "near_card": public.near("f", "card"),
        "hidden_figure": public.HIDDEN_FIGURE,
        "windows": ", ".join(f"'{code}'" for code in WINDOWS),
    }.items()
}
"""What the texts take from the code, by the name that they have there."""
_CONTRACT: Final = re.compile(r"^(CREATE OR REPLACE VIEW ikm\.[vp]_\w+) AS$", re.MULTILINE)
GRAINS: Final = ("hour", "day", "month", "period")
"""Steps of time; a file `NN_name.each.sql` is made for each of them, as $grain."""


_MARK: Final = "i_made"
_DIGEST: Final = """
SELECT hex(SHA256(arrayStringConcat(arraySort(groupArray(create_table_query))))) FROM system.tables
WHERE database = {database:String} AND engine = 'View' AND name != {mark:String}"""


async def create_views(store: Store) -> None:
    """Make every view, as this program has it, unless each is as it made them last."""
    wanted = hashlib.sha256("".join(statements()).encode()).hexdigest()
    if await _made(store) == f"{wanted} {await _stored(store)}":
        return
    for name in await _left(store):
        await store.command(f"DROP VIEW IF EXISTS {DATABASE}.{name}")
    for statement in statements():
        await store.command(statement)
    mark = f"{wanted} {await _stored(store)}"
    await store.command(f"CREATE OR REPLACE VIEW {DATABASE}.{_MARK} AS SELECT '{mark}' AS made")


async def _made(store: Store) -> str | None:
    """What the views were, text and as stored, when they were made last."""
    if not await store.command(f"EXISTS VIEW {DATABASE}.{_MARK}"):
        return None
    return str(await store.command(f"SELECT made FROM {DATABASE}.{_MARK}"))  # noqa: S608


async def _left(store: Store) -> list[str]:
    """Steps that are views in the store, as an earlier program made them."""
    sql = "SELECT name FROM system.tables WHERE database = {d:String} AND engine = 'View' AND name LIKE {step:String}"
    rows = await store.rows(sql, {"d": DATABASE, "step": f"{STEP}%"}, lane=Lane.WRITE)
    return [str(name) for (name,) in rows]


async def _stored(store: Store) -> str:
    """A digest of the views as the store has them: one that was altered by hand is seen."""
    return str(await store.command(_DIGEST, {"database": DATABASE, "mark": _MARK}))


def statements() -> list[str]:
    """What makes all views, in their order."""
    return [_with_rights(statement) for statement in inlined(_texts())]


def _texts() -> Iterator[str]:
    """As the files have them, where each ends with a semicolon at the end of a line."""
    for file in sorted(files(__name__).iterdir(), key=lambda file: file.name):
        if file.name.endswith(".sql"):
            text = Template(file.read_text("utf-8"))
            for grain in GRAINS if file.name.endswith(".each.sql") else ("",):
                filled = text.substitute(_VALUES, grain=grain)
                yield from (part for part in filled.split(";\n") if part.strip())


def _with_rights(statement: str) -> str:
    """A view of the contract reads with the rights of its maker; its readers have no others (`sinks/readers.py`)."""
    return _CONTRACT.sub(r"\1 DEFINER = CURRENT_USER SQL SECURITY DEFINER AS", statement)
