"""What a viewer may choose, from small tables or from the rules."""

from grafana_foundation_sdk.builders.dashboard import CustomVariable, QueryVariable
from grafana_foundation_sdk.models.dashboard import VariableOption, VariableRefresh, VariableSort

from grafana.kit.query import Query
from grafana.kit.sql import KIND
from ikm.index import IKM, INDICES


def unit() -> QueryVariable:
    """One unit, open ones first; the root comes first of all and is the default."""
    sql = """
        SELECT unit, if(is_open, name, concat(name, ' (tutup)')) AS text FROM ikm.v_unit
        ORDER BY is_open DESC, depth, name, unit"""
    return _one_unit(sql, "Unit")


def organisation() -> QueryVariable:
    """One open unit with others below it, or that stands above all, also alone; the root is the default."""
    sql = """
        SELECT unit, name FROM ikm.v_unit
        WHERE is_open AND (is_root OR unit IN (SELECT parent FROM ikm.v_unit WHERE is_open))
        ORDER BY depth, name, unit"""
    return _one_unit(sql, "Organisasi")


def kinds() -> QueryVariable:
    """Kinds of units (dinas, puskesmas, …) and, last, those that say none; all of them by default.

    A kind is what somebody wrote, and Grafana's `singlequote` leaves a backslash as it is: the value has two.
    """
    sql = rf"""
        SELECT replaceAll({KIND}, '\\', '\\\\') AS value, {KIND} AS text FROM ikm.v_unit
        WHERE is_open GROUP BY type ORDER BY type = '', type"""
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
        .allow_custom_value(False)
    )


def _one_unit(sql: str, label: str) -> QueryVariable:
    return _query("unit", sql).label(label).multi(False).include_all(False)


def _query(name: str, sql: str) -> QueryVariable:
    """Read when the board is opened; the plugin takes the first column for the value, the second for the text."""
    query = Query(sql, ref=name).build()
    return (
        QueryVariable(name)
        .datasource(query.source)
        .query(query.to_json())
        .definition(query.sql)
        .refresh(VariableRefresh.ON_DASHBOARD_LOAD)
        .sort(VariableSort.DISABLED)
        .allow_custom_value(False)
    )


def _named(code: str) -> str:
    return code.upper()
