"""A table of cells as the public sees it (`ikm.cell_frame`), as it stands on `cells.v1`."""

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, ConfigDict, Field, TypeAdapter, with_config
from typing_extensions import TypedDict  # pydantic wants this one before Python 3.12

from ikm.cell_frame import CellFrame, Open, Table
from ikm.cells import KINDS
from ikm.names import UnitCode
from ikm.published_card import CONFIG, Card, Count, IndexCode, by_index, card_of, check_card
from ikm.scorecard import LAYOUTS


def _known(kind: str) -> str:
    if kind not in KINDS:
        raise ValueError(f"by {kind} is not one of {', '.join(KINDS)}")
    return kind


Kind = Annotated[str, AfterValidator(_known), Field(json_schema_extra={"enum": [*KINDS]})]


@with_config(CONFIG)
class CellValue(TypedDict):
    """A cell."""

    known: Card
    """What later answers are counted against."""
    seen: Card | None
    """What the public saw of it last."""
    open: Literal["nothing", "count", "figure"]
    """How much of it the public sees."""


def _of_index(index: str) -> dict[str, Any]:
    card = card_of(index)
    return {"additionalProperties": {"properties": {"known": card, "seen": {"if": {"type": "object"}, "then": card}}}}


@with_config(ConfigDict(**CONFIG, json_schema_extra=by_index("cells", _of_index)))
class CellsRecord(TypedDict):
    """What the public sees of a unit's cells of one kind in a window or a calendar span, from this record on."""

    unit: UnitCode
    index: IndexCode
    by: Kind
    span: Annotated[str, Field(description="a window's code, or beginning/end of a span", max_length=64)]
    log: Annotated[Count, Field(description="the log's epoch")]
    number: Annotated[Count, Field(description="which table of the span: the first of a number holds")]
    settled: Annotated[bool, Field(description="the table that held of this number, said again")]
    cells: dict[str, CellValue]


_record: TypeAdapter[CellsRecord] = TypeAdapter(CellsRecord)


def parse_cells(value: bytes) -> tuple[CellsRecord, Table]:
    """Reads and checks a record of `cells.v1`.

    Raises:
        ValueError: it is none; the message says what is wrong.
    """
    said = _record.validate_json(value)
    for cell in said["cells"].values():
        for card in (cell["known"], cell["seen"]):
            if card is not None:
                check_card(said["index"], card)
    layout = LAYOUTS[said["index"]]
    return said, {
        code: CellFrame(
            layout.from_json(cell["known"]),
            None if cell["seen"] is None else layout.from_json(cell["seen"]),
            Open[cell["open"].upper()],
        )
        for code, cell in said["cells"].items()
    }


def cells_value(index: str, table: Table) -> Mapping[str, Any]:
    """`cells` of a record."""
    layout = LAYOUTS[index]
    return {
        code: {
            "known": layout.to_json(frame.known),
            "seen": None if frame.seen is None else layout.to_json(frame.seen),
            "open": frame.open.name.lower(),
        }
        for code, frame in table.items()
    }
