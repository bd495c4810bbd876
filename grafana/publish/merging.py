"""A file's value brought to what the server has, and in all else left as it is."""

from typing import Any

from grafana.publish.difference import known_by


def merged(source: Any, committed: Any, server: Any) -> Any:
    """What the file says afterwards.

    Args:
        source: as the file has it, with nulls and defaults that no comparison sees.
        committed: the same in its normal form.
        server: the server's in its normal form.
    """
    if committed == server:
        return source
    if isinstance(source, dict) and isinstance(committed, dict) and isinstance(server, dict):
        kept = {name: value for name, value in source.items() if name in server or name not in committed}
        changed = {name: value for name, value in server.items() if name not in committed or committed[name] != value}
        return kept | {
            name: merged(source[name], committed[name], value) if name in committed and name in source else value
            for name, value in changed.items()
        }
    if isinstance(source, list) and isinstance(committed, list) and isinstance(server, list):
        key = known_by(source, committed, server)
        return server if key is None else _merged_lists(source, committed, server, key)
    return server


def _merged_lists(source: list[Any], committed: list[Any], server: list[Any], key: str) -> list[Any]:
    """Element by element; in the file's order as long as nobody changed it."""
    ours, before, after = ({item[key]: item for item in side} for side in (source, committed, server))
    both = [name for name in after if name in before]
    is_in_order = both == [name for name in before if name in after]
    order = [*(name for name in ours if name in both), *(name for name in after if name not in before)]
    return [
        merged(ours[name], before[name], after[name]) if name in before else after[name]
        for name in (order if is_in_order else after)
    ]
