"""What a viewer may choose, from small tables or from the rules."""

from grafana_foundation_sdk.builders.dashboard import CustomVariable, QueryVariable
from grafana_foundation_sdk.models.dashboard import VariableOption, VariableRefresh, VariableSort

from grafana.kit.query import INTERNAL, ClickHouseQuery
from ikm.index import IKM, INDICES


def unit(label: str = "Unit", where: str = "is_open") -> QueryVariable:
    """One unit; the root comes first and is the default.

    Args:
        label: What the choice is called.
        where: Which units there are to choose from: a condition on `v_unit`.
    """
    sql = f"SELECT unit, name FROM ikm.v_unit WHERE {where} ORDER BY depth, name"
    return _query("unit", sql).label(label).multi(False).include_all(False)


def organisation() -> QueryVariable:
    """One unit with others below it."""
    return unit("Organisasi", "is_open AND unit IN (SELECT parent FROM ikm.v_unit WHERE is_open)")


def kinds() -> QueryVariable:
    """Kinds of units (dinas, puskesmas, …), all of them by default."""
    sql = "SELECT DISTINCT type FROM ikm.v_unit WHERE is_open AND type != '' ORDER BY type"
    everything = VariableOption(selected=True, text="All", value="$__all")
    return _query("type", sql).label("Jenis unit").multi(True).include_all(True).current(everything)


def index() -> CustomVariable:
    """One index; the IKM by default."""
    ordered = sorted(INDICES.values(), key=lambda one: (one is not IKM, one.code))
    options = [VariableOption(selected=one is IKM, text=_named(one.code), value=one.code) for one in ordered]
    return (
        CustomVariable("index")
        .label("Indeks")
        .values(", ".join(f"{_named(one.code)} : {one.code}" for one in ordered))
        .options(options)
        .current(options[0])
        .multi(False)
        .include_all(False)
    )


def _query(name: str, sql: str) -> QueryVariable:
    """Read when the board is opened; the plugin takes the first column for the value, the second for the text."""
    return (
        QueryVariable(name)
        .datasource(INTERNAL)
        .query(ClickHouseQuery(sql, INTERNAL, name).to_json())
        .definition(sql)
        .refresh(VariableRefresh.ON_DASHBOARD_LOAD)
        .sort(VariableSort.DISABLED)
        .allow_custom_value(False)
    )


def _named(code: str) -> str:
    return code.upper()
