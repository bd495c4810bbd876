"""What a panel or a variable asks of ClickHouse: the one kind of query that Grafana's builder library lacks."""

from textwrap import dedent
from typing import Final

from grafana_foundation_sdk.cog.builder import Builder
from grafana_foundation_sdk.cog.variants import Dataquery
from grafana_foundation_sdk.models.common import DataSourceRef

PLUGIN: Final = "grafana-clickhouse-datasource"
PLUGIN_VERSION: Final = "4.20.0"
INTERNAL: Final = DataSourceRef(PLUGIN, "ikm-clickhouse")
"""Reads every view, for those who may log in."""
PUBLIC: Final = DataSourceRef(PLUGIN, "ikm-public")
"""Reads only what everybody may see."""


class ClickHouseQuery(Dataquery):
    """The plugin's query in SQL, which gives a table of rows as they are."""

    def __init__(self, sql: str, source: DataSourceRef, ref: str) -> None:
        self.sql, self.source, self.ref = sql, source, ref

    def to_json(self) -> dict[str, object]:
        """As the plugin reads it; format 1 is its number for a table."""
        return {
            "refId": self.ref,
            "datasource": self.source,
            "pluginVersion": PLUGIN_VERSION,
            "editorType": "sql",
            "queryType": "table",
            "format": 1,
            "rawSql": self.sql,
        }


class Query(Builder[ClickHouseQuery]):
    """Builds the query of a panel. Its rows are shown as they are: figures come from the views, finished."""

    def __init__(self, sql: str, *, source: DataSourceRef = INTERNAL, ref: str = "A") -> None:
        self.source = source
        self._query = ClickHouseQuery(dedent(sql).strip(), source, ref)

    def build(self) -> ClickHouseQuery:
        """The query."""
        return self._query
