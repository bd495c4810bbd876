"""Where links lead: to boards that exist, with variables that exist there, taking unit and time range along."""

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any, Final
from urllib.parse import parse_qsl, urlsplit

from tests.grafana.files import PUBLIC, Boards, panels, queries, variables

_FIELD: Final = re.compile(r"\$\{__data\.fields(?:\.(\w+)|\[\"?([^\]\"]+)\"?\])(?:\.\w+)?(?::\w+)?\}")
_VARIABLE: Final = re.compile(r"\$\{(\w+)(?::\w+)?\}", re.ASCII)
_KNOWN: Final = frozenset({"__from", "__to", "__url_time_range", "__all_variables", "__value", "__data", "__field"})
_RANGE: Final = "${__url_time_range}"


def links_lead_somewhere(file: str, boards: Boards) -> Iterator[str]:
    """To a board of ours, by its uid."""
    uids = {board.get("uid"): name for name, board in boards.items()}
    for where, url in _urls(boards[file]):
        parts = urlsplit(_readable(url))
        if parts.scheme or parts.netloc:
            yield f"{where} leads out of this Grafana: {url}"
            continue
        uid = parts.path.removeprefix("/d/").split("/")[0]
        if not parts.path.startswith("/d/") or uid not in uids:
            yield f"{where} leads to {parts.path}, which is no board of ours"
            continue
        target = uids[uid]
        for name, _ in parse_qsl(parts.query, keep_blank_values=True):
            if name.startswith("var-") and name[4:] not in variables(boards[target]):
                yield f"{where} sets {name[4:]}, which board {target} does not have"


def links_carry_the_range(file: str, boards: Boards) -> Iterator[str]:
    """Whoever looks at March goes on looking at March; whoever looks at the last year goes on doing so, live."""
    for where, url in _urls(boards[file]):
        if _RANGE not in url:
            yield f"{where} leaves the time range behind: {url}: put {_RANGE} into it"


def links_carry_what_was_chosen(file: str, boards: Boards) -> Iterator[str]:
    """The unit, and what else may be chosen on both boards: the other board would begin with its default."""
    uids = {board.get("uid"): name for name, board in boards.items()}
    for where, url in _urls(boards[file]):
        parts = urlsplit(_readable(url))
        target = boards.get(uids.get(parts.path.removeprefix("/d/").split("/")[0], ""), {})
        there, here = variables(target).keys(), variables(boards[file]).keys()
        given = {name.removeprefix("var-") for name, _ in parse_qsl(parts.query, keep_blank_values=True)}
        given |= {name for name in there if f"${{{name}:queryparam}}" in url}
        for name in sorted(there & (here | {"unit"}) - given):
            yield f"{where} leaves {name} behind: {url}"


def links_know_their_fields(file: str, boards: Boards) -> Iterator[str]:
    """What is put into an address is a column of the panel, or a variable of the board."""
    known = variables(boards[file]).keys() | _KNOWN
    for panel in panels(boards[file]):
        sql = " ".join(target.get("rawSql", "") for target in panel.get("targets", ()))
        for where, url in _urls({"panels": [panel]}):
            for plain, quoted in _FIELD.findall(url):
                if not re.search(rf"\b{re.escape(plain or quoted)}\b", sql):
                    yield f"{where} uses column {plain or quoted}, which its query does not name"
            yield from (
                f"{where} uses ${{{name}}}, which the board does not have"
                for name in _VARIABLE.findall(_FIELD.sub("", url))
                if name not in known
            )


def tags(file: str, boards: Boards) -> Iterator[str]:
    """A menu of boards is a list of those with its tags; the public one is in none and leads nowhere."""
    board = boards[file]
    tagged = {tag for other in boards.values() for tag in other.get("tags", ())}
    for link in board.get("links", ()):
        if link.get("type") == "dashboards" and not set(link.get("tags", ())) <= tagged:
            yield f"its menu lists boards tagged {link.get('tags')}, which no board is"
    if not board.get("tags"):
        yield "it has no tag"
    if file == PUBLIC and (board.get("links") or list(_urls(board))):
        yield "a board that is shared with the outside leads nowhere"


def downward(file: str, boards: Boards) -> Iterator[str]:
    """A row that is a unit leads to the unit's board."""
    for query in queries(boards[file]) if file in {"pimpinan", "perbandingan"} else ():
        lists_units = query.panel.get("type") == "table" and re.search(r"\bunit\b", query.sql.partition("FROM")[0])
        if lists_units and not any("/d/ikm-unit" in url for _, url in _urls({"panels": [query.panel]})):
            yield f"{query.where} lists units and leads to none"


def _urls(board: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Every address of a board with where it stands; those of dashboards' menus have none."""
    for link in board.get("links", ()):
        if link.get("type") != "dashboards":
            yield f"link {link.get('title')!r}", link.get("url", "")
    for panel in panels(board):
        for link in (*panel.get("links", ()), *_inside(panel.get("fieldConfig", {}))):
            yield f"panel {panel.get('title')!r} link {link.get('title')!r}", link.get("url", "")


def _inside(config: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    yield from config.get("defaults", {}).get("links", ())
    for override in config.get("overrides", ()):
        for one in override["properties"]:
            if one["id"] == "links":
                yield from one["value"]


def _readable(url: str) -> str:
    """With what is put in later replaced, so that it can be taken apart."""
    return re.sub(r"\$\{[^}]*\}", "x", url)


def no_address_elsewhere(file: str, boards: Boards) -> Iterator[str]:
    """Nothing on a board is fetched from, or leads to, another host."""
    for found in re.findall(r"https?://[^\"\s)]+", json.dumps(boards[file])):
        yield f"names another host: {found}"


RULES: Final = (
    links_lead_somewhere,
    links_carry_the_range,
    links_carry_what_was_chosen,
    links_know_their_fields,
    tags,
    downward,
    no_address_elsewhere,
)
