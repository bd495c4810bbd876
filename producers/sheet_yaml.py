"""Sheets of the register as YAML."""

from collections.abc import Iterator

import yaml

from ikm.errors import Code, Fault
from ikm.show import shown
from producers.sheet import COLUMNS, Entry, Finding, Outcome, header_findings

_NULL = "tag:yaml.org,2002:null"


def read_yaml(file: str, stem: str, data: bytes) -> Iterator[Outcome]:
    """A list in a file of the sheet's name, or lists under the sheets' names; nothing for another file."""
    own = stem.lower()
    try:
        root = yaml.compose(data.decode("utf-8-sig"), Loader=yaml.SafeLoader)
    except (yaml.YAMLError, UnicodeDecodeError, RecursionError) as error:
        mark = getattr(error, "problem_mark", None)
        line = 1 if mark is None else mark.line + 1
        message = f"it is not YAML in UTF-8 ({getattr(error, 'problem', None) or error}): correct it."
        yield own, Finding(file, line, "", "", Fault("", Code.WRONG_TYPE, message))
        return
    if isinstance(root, yaml.MappingNode) and any(str(key.value) in COLUMNS for key, _ in root.value):
        for key, node in root.value:
            yield from _list(file, str(key.value), node)
    elif own in COLUMNS:
        yield from _list(file, own, root)


def _list(file: str, sheet: str, node: yaml.Node | None) -> Iterator[Outcome]:
    line = 1 if node is None else node.start_mark.line + 1
    if sheet not in COLUMNS or not isinstance(node, yaml.SequenceNode):
        message = f"{shown(sheet)} is no list of {', '.join(COLUMNS)}: write `{sheet}:` and rows that begin with `-`."
        yield sheet, Finding(file, line, "", "", Fault("", Code.WRONG_TYPE, message))
        return
    entries: list[Entry] = []
    for row in node.value:
        place = row.start_mark.line + 1
        if not isinstance(row, yaml.MappingNode) or not all(isinstance(cell, yaml.ScalarNode) for cell in _cells(row)):
            message = f"the row is no mapping of columns to values: write `- {COLUMNS[sheet][0]}: …` and so on."
            yield sheet, Finding(file, place, "", "", Fault("", Code.WRONG_TYPE, message))
            continue
        headers = [str(key.value) for key, _ in row.value]
        yield from ((sheet, finding) for finding in header_findings(file, sheet, headers, place))
        cells = {key.value: "" if cell.tag == _NULL else cell.value.strip() for key, cell in row.value}
        entries.append(Entry(file, place, cells))
    yield sheet, entries


def _cells(row: yaml.MappingNode) -> Iterator[yaml.Node]:
    for key, cell in row.value:
        yield key
        yield cell
