"""The data sources that boards and rules ask: not published, and without them every panel is empty."""

from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

from grafana.publish.errors import AbsentError, PublishError
from grafana.publish.files import Committed
from grafana.publish.server import Server
from grafana.publish.things import PREFIX


def missing_sources(committed: Committed, server: Server) -> Iterator[str]:
    """Uids of ours that are asked and are not there.

    A token that may not look at data sources (403) hides them; publishing needs no such right, so it is not asked for.
    """
    for uid in sorted({uid for item in committed.items for uid in _asked(item.body)}):
        try:
            server.get(f"/datasources/uid/{quote(uid, safe='')}")
        except AbsentError:
            yield uid
        except PublishError:
            continue


def _asked(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        source = value.get("datasource")
        for uid in (value.get("datasourceUid"), source.get("uid") if isinstance(source, dict) else None):
            if isinstance(uid, str) and uid.startswith(f"{PREFIX}-"):
                yield uid
        value = list(value.values())
    if isinstance(value, list):
        for inner in value:
            yield from _asked(inner)
