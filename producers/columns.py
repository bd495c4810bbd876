"""Which column of a file means what: headers that speak for themselves, and those that `--map COLUMN=ITEM` names."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from ikm.questionnaire import QUESTIONNAIRES, Questionnaire, latest, normal_name

SUBMITTED_AT = "submitted_at"
SERVICE = "service"
CHANNEL = "channel"
ID = "id"
_OTHERS = frozenset({SUBMITTED_AT, SERVICE, CHANNEL, ID})

NUMBERED = QUESTIONNAIRES["skm"]
"""The form whose items the headers u1..u9 mean, by their order on it."""
_ORDERS = {f"u{u}": item.code for u, item in enumerate(NUMBERED.items, start=1)}
_LATEST = [form for form in QUESTIONNAIRES.values() if form.name == latest(form.id)]


class MappingError(Exception):
    """The columns cannot be told apart or lack something; the message names the column and the cure."""


@dataclass(frozen=True, slots=True)
class Columns:
    """What each used column means.

    Attributes:
        questionnaire: the form that the answers belong to.
        headers: all headers of the file, in its order.
        items: column number (0 for the first) to item code.
        others: `submitted_at`, `service`, `channel` or `id` to column number, for those that the file has.
        by_order: item codes that were found by a header u1..u9, that is by their order on the form.
    """

    questionnaire: Questionnaire
    headers: tuple[str, ...]
    items: Mapping[int, str]
    others: Mapping[str, int]
    by_order: frozenset[str]

    @property
    def ignored(self) -> tuple[str, ...]:
        """The headers that nothing reads."""
        used = {*self.items, *self.others.values()}
        return tuple(header for number, header in enumerate(self.headers) if header and number not in used)


def parse_maps(options: Iterable[str]) -> dict[str, str]:
    """`("Kecepatan=waktu",)` as `{"Kecepatan": "waktu"}`; the last equals sign separates.

    Raises:
        MappingError: an option without a column or an item, or the same column twice.
    """
    maps: dict[str, str] = {}
    for option in options:
        column, _, item = (part.strip() for part in option.rpartition("="))
        if not column or not item:
            raise MappingError(f"--map {option}: write it as COLUMN=ITEM, for example --map Kecepatan=waktu")
        if column in maps:
            raise MappingError(f"--map names the column {column!r} twice; keep one of them")
        maps[column] = item
    return maps


def parse_questionnaire(name: str | None) -> Questionnaire | None:
    """The form that `--questionnaire` names, the latest version where it names none; None for no option.

    Raises:
        MappingError: there is no such form.
    """
    if name is None:
        return None
    form = QUESTIONNAIRES.get(normal_name(name) if "@" in name else latest(name))
    if form is None:
        raise MappingError(f"--questionnaire {name}: there is no such form; use one of {', '.join(QUESTIONNAIRES)}")
    return form


def resolve(
    headers: tuple[str, ...],
    maps: Mapping[str, str],
    questionnaire: Questionnaire | None = None,
    *,
    id_column: str | None = None,
    needs_time: bool = True,
) -> Columns:
    """Find what each column means.

    Args:
        headers: of the file.
        maps: header to item code, u1..u9, `submitted_at`, `service` or `channel`; wins over a header.
        questionnaire: whose items the answers belong to; None for the smallest form that has all items found.
        id_column: the header of the column with the ids, if there is one.
        needs_time: whether a `submitted_at` column must be there (not with a period).

    Raises:
        MappingError: a named column is missing or doubled, two columns mean the same, no column is an item, or no time.
    """
    meanings = _meanings(_LATEST if questionnaire is None else [questionnaire])
    named = {_find(headers, column): _meaning(meanings, column, target) for column, target in maps.items()}
    if id_column is not None:
        named[_find(headers, id_column)] = ID
    taken = set(named.values())
    found = dict(named)
    for number, header in enumerate(headers):
        meaning = meanings.get(header.casefold())
        if number not in named and meaning and meaning not in taken:
            found[number] = meaning
    if not needs_time:
        found = {number: meaning for number, meaning in found.items() if meaning != SUBMITTED_AT}
    _assert_complete(headers, found, needs_time=needs_time)
    items = {number: meaning for number, meaning in sorted(found.items()) if meaning not in _OTHERS}
    return Columns(
        questionnaire=questionnaire or _smallest(items.values()),
        headers=headers,
        items=items,
        others={meaning: number for number, meaning in found.items() if meaning in _OTHERS},
        by_order=frozenset(code for number, code in items.items() if _ORDERS.get(headers[number].casefold()) == code),
    )


def _meanings(forms: Iterable[Questionnaire]) -> dict[str, str]:
    items = {item.code: item.code for form in forms for item in form.items}
    orders = {u: code for u, code in _ORDERS.items() if code in items}
    return {**items, **orders, **{name: name for name in (SUBMITTED_AT, SERVICE, CHANNEL)}}


def _smallest(items: Iterable[str]) -> Questionnaire:
    """The form of the fewest items that has all of these."""
    holding = [form for form in _LATEST if form.by_code.keys() >= set(items)]
    if not holding:
        raise MappingError(
            f"no form has all of the items {', '.join(items)}; import the columns of one form at a time: "
            f"--questionnaire {'|'.join(form.id for form in _LATEST)}"
        )
    return min(holding, key=lambda form: len(form.items))


def _meaning(meanings: Mapping[str, str], column: str, target: str) -> str:
    if target.casefold() not in meanings:
        raise MappingError(f"--map {column}={target}: {target!r} is not an item; use one of {', '.join(meanings)}")
    return meanings[target.casefold()]


def _find(headers: tuple[str, ...], column: str) -> int:
    """The number of a column; the exact header first, then one that differs only in case."""
    exact = [number for number, header in enumerate(headers) if header == column]
    alike = exact or [number for number, header in enumerate(headers) if header.casefold() == column.casefold()]
    if not alike:
        raise MappingError(f"the file has no column {column!r}; it has {', '.join(filter(None, headers))}")
    if len(alike) > 1:
        raise MappingError(f"the file has {len(alike)} columns {column!r}; give each its own header")
    return alike[0]


def _assert_complete(headers: tuple[str, ...], found: Mapping[int, str], *, needs_time: bool) -> None:
    by_meaning: dict[str, str] = {}
    for number, meaning in found.items():
        if meaning in by_meaning:
            raise MappingError(
                f"the columns {by_meaning[meaning]!r} and {headers[number]!r} both mean {meaning}; "
                f"say which with --map COLUMN={meaning}"
            )
        by_meaning[meaning] = headers[number]
    if not by_meaning.keys() - _OTHERS:
        raise MappingError(
            f"no column is an item; the file has {', '.join(filter(None, headers))}; "
            "name them with --map COLUMN=ITEM, for example --map Kecepatan=waktu"
        )
    if needs_time and SUBMITTED_AT not in by_meaning:
        raise MappingError(
            f"no column {SUBMITTED_AT} says when each answer was given; add one, name it with "
            f"--map COLUMN={SUBMITTED_AT}, or give all of them a period, for example --period 2019-S1"
        )
