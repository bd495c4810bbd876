"""One alert rule, in the form of Grafana's rule files."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from grafana_foundation_sdk.models.dashboard import Dashboard, RowPanel

from grafana.kit.query import INTERNAL, ClickHouseQuery

_EXPRESSION: Final = "__expr__"
_THRESHOLD: Final = "Z"

BOARD_ADDRESS: Final = r'{{ reReplaceAll "/+\\z" "" externalURL }}/d/'
"""Where boards are, as a message says it; Grafana's own address may end with a slash or without."""


@dataclass(frozen=True, slots=True)
class Rule:
    """When to call whom, and what to say.

    Texts are Go templates. They name `.Labels` and `.Values`, never `$labels`: Grafana takes a `$` in a rule file for
    one of the environment, and what it does with it in a text has changed between its versions.

    Attributes:
        uid: Of the rule, stable.
        title: Short, for people.
        kind: Whom it is for: `operasi`, `kepuasan` or `detak` (`grafana.alerts.policies`).
        severity: `kritis`, `peringatan` or `info`.
        asked: SQL by letter. Each gives strings, the labels of an instance, and exactly one number; no time and no
            Bool, for Grafana refuses both; `zone` is whose clock a message shows. The first one is compared.
        over: It fires above this number.
        seconds: How long the time before the evaluation is that `$__fromTime` and `$__toTime` span.
        pending: For how many minutes it must hold.
        no_data: When no row comes: `NoData` calls with words of its own (`grafana.alerts.templates`), `OK` does not.
        on_error: When ClickHouse does not answer: `Error` of one rule, one alert for one cause; the others keep what
            they said (`KeepLast`); `OK` of what must fall silent.
        summary: What, which unit, how far.
        action: What to do.
        board: The board that shows it.
        panel: The panel there, by its title.
        address: What stands behind the board's address in a message.
    """

    uid: str
    title: str
    kind: str
    severity: str
    asked: Mapping[str, str]
    over: float
    seconds: int
    pending: int
    no_data: str
    on_error: str
    summary: str
    action: str
    board: Callable[[], Dashboard]
    panel: str
    address: str = field(default="")

    def as_file(self) -> dict[str, Any]:
        """As one entry of `groups[].rules`.

        Raises:
            LookupError: The board has no such panel.
        """
        board, panel = self._shown()
        return {
            "uid": self.uid,
            "title": self.title,
            "condition": _THRESHOLD,
            "data": [*(self._asks(letter, sql) for letter, sql in self.asked.items()), self._compares()],
            "dashboardUid": board,
            "panelId": panel,
            "noDataState": self.no_data,
            "execErrState": self.on_error,
            "for": f"{self.pending}m",
            "annotations": {
                "summary": self.summary,
                "description": self.action,
                "tautan": BOARD_ADDRESS + board + self.address,
                # Grafana refuses a rule that has one of them without the other.
                "__dashboardUid__": board,
                "__panelId__": str(panel),
            },
            "labels": {"kind": self.kind, "severity": self.severity},
            "isPaused": False,
        }

    def _shown(self) -> tuple[str, int]:
        """Uid of the board, and the panel's number there."""
        board = self.board()
        for panel in board.panels or ():
            if not isinstance(panel, RowPanel) and panel.title == self.panel and board.uid and panel.id_val:
                return board.uid, panel.id_val
        raise LookupError(f"board {board.title!r} has no panel {self.panel!r}: name another one in rule {self.uid}")

    def _asks(self, letter: str, sql: str) -> dict[str, Any]:
        return {
            "refId": letter,
            "relativeTimeRange": {"from": self.seconds, "to": 0},
            "datasourceUid": INTERNAL.uid,
            "model": ClickHouseQuery(sql, INTERNAL, letter).to_json(),
        }

    def _compares(self) -> dict[str, Any]:
        return {
            "refId": _THRESHOLD,
            "relativeTimeRange": {"from": 0, "to": 0},
            "datasourceUid": _EXPRESSION,
            "model": {
                "refId": _THRESHOLD,
                "datasource": {"type": _EXPRESSION, "uid": _EXPRESSION},
                "type": "threshold",
                "expression": next(iter(self.asked)),
                "conditions": [{"type": "query", "evaluator": {"type": "gt", "params": [self.over]}}],
            },
        }
