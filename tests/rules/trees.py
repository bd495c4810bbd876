"""Registers of few units with many versions, as hypothesis draws them."""

from datetime import date, timedelta

from hypothesis import strategies as st

from ikm.registry import Unit
from ikm.times import ZONES

FIRST = date(2020, 1, 1)
DAYS = 12
CODES = "abcdef"
DAY_MS = 86_400_000
SOME_DAY_MS = 1_577_836_800_000
"""2020-01-01T00:00Z."""
INSTANTS = st.integers(SOME_DAY_MS - 2 * DAY_MS, SOME_DAY_MS + (DAYS + 4) * DAY_MS)


def unit(code: str, since: int = 0, until: int | None = None, **fields: object) -> Unit:
    """A version over days after 2020-01-01, in WIB unless `zone` says otherwise."""
    valid_to = None if until is None else FIRST + timedelta(days=until)
    values = {"name": code, "zone": "Asia/Jakarta", "period": "tahun"} | fields
    return Unit(code=code, valid_from=FIRST + timedelta(days=since), valid_to=valid_to, **values)


@st.composite
def _version(draw: st.DrawFn) -> Unit:
    code = draw(st.sampled_from(CODES))
    others = st.sampled_from([other for other in CODES if other != code])
    since = draw(st.integers(0, DAYS))
    until = draw(st.none() | st.integers(since + 1, DAYS + 2))
    return unit(
        code,
        since,
        until,
        parent=draw(st.none() | others),
        merged_into=draw(st.none() | others) if until is not None else None,
        zone=draw(st.sampled_from(list(ZONES))),
    )


REGISTERS = st.lists(_version(), max_size=14, unique_by=lambda version: version.key)
