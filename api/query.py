"""What a client asks for when it reads an index: which index, which span of time, and after which position."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from starlette.datastructures import QueryParams

from api.frozen import LIVE, Version
from ikm.closing import SCOPES, Scope
from ikm.errors import Code, Fault, Refused
from ikm.index import IKM, INDICES, Index
from ikm.period import Period
from ikm.position import Position
from ikm.registry import Unit
from ikm.show import shown
from ikm.times import EARLIEST_MS, LATEST_MS, MS_PER_HOUR, MS_PER_MINUTE, parse_rfc3339
from ikm.window import DEFAULT_WINDOW, WINDOWS
from runtime.web import Problem

TREES = ("at", "current")


@dataclass(frozen=True, slots=True)
class Span:
    """A span of whole hours, [from, to) in UTC epoch minutes."""

    from_minute: int
    to_minute: int


@dataclass(frozen=True, slots=True)
class Window:
    """A rolling window by its code."""

    code: str


Time = Window | Period | Span


@dataclass(frozen=True, slots=True)
class Reach:
    """Whose responses count: the unit's own (`self`), or with those of the units below it, `pooled` or as a `mean`.

    Attributes:
        scope: which.
        current: by the tree of today, not by the one at each response's time of submission.
    """

    scope: Scope
    current: bool


def single_values(params: QueryParams, allowed: Collection[str]) -> Mapping[str, str]:
    """The query's parameters, each of them known and there once.

    Raises:
        Refused: `unknown_field` or `contradiction`.
    """
    faults = [
        Fault(shown(name), Code.UNKNOWN_FIELD, f"{shown(name)} is no parameter here: use {', '.join(sorted(allowed))}.")
        for name in dict.fromkeys(params)
        if name not in allowed
    ]
    names = [name for name, _ in params.multi_items()]
    faults += [
        Fault(name, Code.CONTRADICTION, f"{name} stands more than once: send it once.")
        for name in allowed
        if names.count(name) > 1
    ]
    if faults:
        raise Refused(faults)
    return dict(params)


def index_of(values: Mapping[str, str]) -> Index:
    """The index asked for, by default the IKM.

    Raises:
        Refused: there is none of that code.
    """
    return INDICES[one_of("index", values.get("index", IKM.code), INDICES)]


def window_of(values: Mapping[str, str]) -> Window:
    """The rolling window asked for, by default 30 days.

    Raises:
        Refused: there is none of that code.
    """
    return Window(one_of("window", values.get("window", DEFAULT_WINDOW), WINDOWS))


def time_of(values: Mapping[str, str], unit: Unit) -> Time:
    """The one span of time asked for: `window`, `period`, or `from` with `to`; by default 30 days.

    Raises:
        Refused: more than one, half of one, or none that exists.
    """
    given = [name for name in ("window", "period", "from", "to") if name in values]
    if len(given) > 1 and given != ["from", "to"]:
        message = f"{' and '.join(given)} contradict each other: send exactly one of window, period, or from with to."
        raise Refused([Fault(name, Code.CONTRADICTION, message) for name in given])
    if "period" in values:
        return named_period(values["period"], unit)
    span = span_of(values)
    return _span(*span) if span else window_of(values)


def span_of(values: Mapping[str, str]) -> tuple[str, str] | None:
    """The texts of `from` and `to`, if they are there.

    Raises:
        Refused: only one of them is.
    """
    given = [name for name in ("from", "to") if name in values]
    if len(given) == 1:
        missing = "to" if given == ["from"] else "from"
        raise Refused([Fault(missing, Code.MISSING_FIELD, f"{missing} is missing: send from and to together.")])
    # A plus sign that was not escaped arrives as a space.
    return (values["from"].replace(" ", "+"), values["to"].replace(" ", "+")) if given else None


@dataclass(frozen=True, slots=True)
class Question:
    """All that a read of an index asks."""

    index: Index
    time: Time
    reach: Reach
    after: Position | None
    version: Version


def question_of(values: Mapping[str, str], unit: Unit, log_epoch: int) -> Question:
    """What the query asks of a unit.

    Raises:
        Refused: something of it is not there or contradicts itself.
        Problem: 409, `after` is a position of another log.
    """
    time, version = time_of(values, unit), version_of(values)
    reach = reach_of(values, rolling=isinstance(time, Window))
    if reach.current and version not in {None, LIVE}:
        message = "a frozen number has the units that it was frozen with, not those of tree=current: leave one out."
        raise Refused([Fault("version", Code.CONTRADICTION, message)])
    return Question(index_of(values), time, reach, after_of(values, log_epoch), version)


def reach_of(values: Mapping[str, str], *, rolling: bool) -> Reach:
    """The scope asked for, by default the unit alone.

    Args:
        values: the query.
        rolling: a rolling window is asked for, which is read by the tree of today.

    Raises:
        Refused: there is none of that name, a tree is asked for that does not go with it.
    """
    scope, tree = values.get("scope", "self"), values.get("tree")
    faults = [
        Fault(name, Code.OUT_OF_SCALE, f"{name} is {shown(value)}: send one of {', '.join(known)}.")
        for name, value, known in (("scope", scope, SCOPES), ("tree", tree, TREES))
        if value is not None and value not in known
    ]
    if not faults and tree is not None and scope == "self":
        message = "tree says which units count with this one, and scope=self is this one alone: send scope too."
        faults = [Fault("tree", Code.CONTRADICTION, message)]
    if not faults and tree == "at" and rolling:
        message = "a rolling window is read by the tree of today: leave tree out, or ask for a period or a span."
        faults = [Fault("tree", Code.CONTRADICTION, message)]
    if faults:
        raise Refused(faults)
    return Reach(_scope(scope), rolling or tree == "current")


def scope_of(values: Mapping[str, str]) -> Scope | None:
    """The scope asked for, if one is.

    Raises:
        Refused: there is none of that name.
    """
    return _scope(one_of("scope", values["scope"], SCOPES)) if "scope" in values else None


def _scope(known: str) -> Scope:
    return next(scope for scope in SCOPES if scope == known)


def version_of(values: Mapping[str, str]) -> Version:
    """Which version of a period is asked for: `live`, a number, or None for the latest.

    Raises:
        Refused: it is neither, or no period is asked for.
    """
    if "version" not in values:
        return None
    text = values["version"]
    if "period" not in values:
        message = "version goes with period only: other spans of time are never closed. Leave it out."
        raise Refused([Fault("version", Code.CONTRADICTION, message)])
    if text == LIVE:
        return LIVE
    if not (text.isascii() and text.isdigit() and len(text) < 10):  # noqa: PLR2004
        message = f"version is {shown(text)}: send live, or a number such as 0; without it the latest is answered."
        raise Refused([Fault("version", Code.OUT_OF_SCALE, message)])
    return int(text)


def after_of(values: Mapping[str, str], log_epoch: int) -> Position | None:
    """The position that the answer must include, if one is asked for.

    Raises:
        Refused: it is no position.
        Problem: 409, it is a position of another log.
    """
    if "after" not in values:
        return None
    try:
        after = Position.decode(values["after"])
    except ValueError as error:
        raise Refused([Fault("after", Code.WRONG_TYPE, f"after is {shown(values['after'])}: {error}.")]) from error
    if after.log != log_epoch:
        raise Problem(
            409, f"after is a position of another log ({after.log}) than the present one ({log_epoch}): drop it"
        )
    return after


def one_of(field: str, value: str, choices: Collection[str]) -> str:
    """The value, if it is one of the choices.

    Raises:
        Refused: `out_of_scale`.
    """
    if value not in choices:
        message = f"{field} is {shown(value)}: send one of {', '.join(choices)}."
        raise Refused([Fault(field, Code.OUT_OF_SCALE, message)])
    return value


def documented(texts: Mapping[str, str]) -> dict[str, Any]:
    """What a route's entry in /docs says of its parameters."""
    schema = {"type": "string"}
    return {"parameters": [{"name": n, "in": "query", "schema": schema, "description": t} for n, t in texts.items()]}


def named_period(code: str, unit: Unit) -> Period:
    """The period that a code names for a unit, one of its own or the calendar's; raises Refused."""
    try:
        return unit.period_called(code)
    except ValueError as error:
        raise Refused([Fault("period", Code.OUT_OF_SCALE, str(error))]) from error


def _span(from_text: str, to_text: str) -> Span:
    from_ms, to_ms = _hour(from_text, "from"), _hour(to_text, "to")
    if from_ms >= to_ms:
        raise Refused([Fault("to", Code.CONTRADICTION, f"to ({to_text}) is not after from ({from_text})")])
    return Span(from_ms // MS_PER_MINUTE, to_ms // MS_PER_MINUTE)


def _hour(text: str, field: str) -> int:
    ms = parse_rfc3339(text, field)
    if not EARLIEST_MS <= ms <= LATEST_MS:
        message = f"{field} is {shown(text)}: send a time from 2004-01-01 to 2100-01-01."
        raise Refused([Fault(field, Code.TIME_OUT_OF_RANGE, message)])
    if ms % MS_PER_HOUR:
        message = (
            f"{field} is {shown(text)}, not on an hour's boundary: send a whole hour, such as 2026-11-23T03:00:00Z."
        )
        raise Refused([Fault(field, Code.OUT_OF_SCALE, message)])
    return ms
