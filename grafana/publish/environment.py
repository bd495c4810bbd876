"""`$NAME` in provisioning files: Grafana puts the environment's value there, and so does `ikm grafana publish`.

As Grafana does it (its `provisioning/values`): `$NAME` and `${NAME}` are replaced, `$$` is a dollar. Unlike Grafana,
a name that is not set is refused: a contact point without its address would be silent.
"""

import re
from collections.abc import Mapping
from typing import Any, Final

from grafana.publish.errors import PublishError

_DOLLAR: Final = re.compile(r"\$\$|\$__(\w+)\{[^}]*\}|\$\{(\w+)\}|\$(\w+)")


def expand(value: Any, environment: Mapping[str, str], where: str) -> Any:
    """A JSON value with every string in it expanded.

    Raises:
        PublishError: a name is not set, or it is one of Grafana's own providers ($__file{…}, $__vault{…}).
    """
    if isinstance(value, str):
        return _DOLLAR.sub(lambda found: _replaced(found, environment, where), value)
    if isinstance(value, dict):
        return {name: expand(inner, environment, f"{where}.{name}") for name, inner in value.items()}
    if isinstance(value, list):
        return [expand(inner, environment, f"{where}[{place}]") for place, inner in enumerate(value)]
    return value


def unset(value: Any, environment: Mapping[str, str], where: str) -> str:
    """Why a value cannot be expanded; '' when it can."""
    try:
        expand(value, environment, where)
    except PublishError as error:
        return str(error)
    return ""


def escape(value: Any) -> Any:
    """The inverse for what has no names in it: every dollar doubled."""
    if isinstance(value, str):
        return value.replace("$", "$$")
    if isinstance(value, dict):
        return {name: escape(inner) for name, inner in value.items()}
    if isinstance(value, list):
        return [escape(inner) for inner in value]
    return value


def unexpand(value: Any, kept: Any, environment: Mapping[str, str], where: str) -> Any:
    """What a file says for a value: what it said before wherever that still comes to the same, else the value escaped.

    Args:
        value: as the server has it.
        kept: what stood in the file, of any shape.
        environment: for the names in it.
        where: names the place in errors.
    """
    if isinstance(value, dict):
        inner = kept if isinstance(kept, dict) else {}
        return {name: unexpand(part, inner.get(name), environment, f"{where}.{name}") for name, part in value.items()}
    if isinstance(value, list):
        sources = kept if isinstance(kept, list) and len(kept) == len(value) else [None] * len(value)
        return [unexpand(part, source, environment, where) for part, source in zip(value, sources, strict=True)]
    try:
        return kept if kept is not None and expand(kept, environment, where) == value else escape(value)
    except PublishError:
        return escape(value)


def _replaced(found: re.Match[str], environment: Mapping[str, str], where: str) -> str:
    if found[0] == "$$":
        return "$"
    name = found[2] or found[3]
    if found[1] or name.startswith("__"):
        raise PublishError(f"{where} has {found[0]}, which only Grafana itself can read: use an environment variable")
    if name not in environment:
        raise PublishError(
            f"{where} needs the environment variable {name}, which is not set: set it for this command, or write $$ "
            "where a dollar is meant"
        )
    return environment[name]
