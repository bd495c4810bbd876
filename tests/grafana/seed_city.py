"""The register of the seeded city: 41 units in three levels and two zones, with what happens to units in two years."""

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Final

from ikm.own_period import OwnPeriod, Target
from ikm.registry import PeriodKind, Service, Unit, Zone

ROOT: Final = "pemkot"
ALONE: Final = "mandiri"
EMPTY: Final = "kel-timur-4"
"""Nobody ever answers for it, nor for anybody below it."""
CLOSED: Final = "kel-selatan-5"
MERGED: Final = "puskesmas-8"
HEIR: Final = "puskesmas-7"
MOVED: Final = "kel-utara-5"
FALLING: Final = "disdukcapil"
"""Good in its closed periods, bad in the running one, with 30 answers and more in each."""
SCARCE: Final = {"kel-barat-5": 1, "kel-barat-4": 4, "kel-selatan-1": 7, "kel-selatan-2": 20}
"""How many answer for these, in all."""
HOSPITAL: Final = "Rumah \\ Sakit 'Umum' \"A\", 100%"
"""A kind as somebody may write it."""
WITA: Final[Zone] = "Asia/Makassar"
WIB: Final[Zone] = "Asia/Jakarta"

_SERVICES: Final = tuple(
    Service(code=code, name=name)
    for code, name in (("ktp", "KTP elektronik"), ("kk", "Kartu keluarga"), ("umum", "Pelayanan umum"))
)


def register(today: date) -> tuple[Unit, ...]:
    """All versions of all units, as they would be sent, the older version of a unit first."""
    return (*_top(today), *_health(today), *_villages(today))


def alone() -> Unit:
    """A register of one unit: nobody stands above or below it, and it does not say its kind."""
    return _unit(ALONE, None, None, "triwulan", name="Puskesmas Mandiri")


def _unit(code: str, kind: str | None, parent: str | None, period: PeriodKind, **fields: object) -> Unit:
    said = {
        "name": code.replace("-", " ").title().replace("Kel ", "Kelurahan ").replace("Kec ", "Kecamatan "),
        "zone": WITA,
        "population": 4_000,
        "services": _SERVICES,
        "location": _place(code),
    }
    return Unit(code=code, type=kind, parent=parent, period=period, **{**said, **fields})


def _place(code: str) -> dict[str, float]:
    """Somewhere in the city, the same whenever it is asked."""
    number = sum(position * letter for position, letter in enumerate(code.encode(), 1))
    return {"lat": -3.3 - number % 89 / 1000, "lon": 114.55 + number % 97 / 1000}


def _top(today: date) -> Iterator[Unit]:
    targets = tuple(
        Target(period=period, index=index, n=n, value=value)
        for period in (f"{today.year}", f"{today.year}-S{(today.month + 5) // 6}")
        for index, n, value in (("ikm", 5_000, 88.31), ("ipkp", None, 3.6), ("ipak", None, 3.6))
    )
    yield _unit(ROOT, "pemkot", None, "semester", name="Pemerintah Kota Contoh", population=None, targets=targets)
    for code in (FALLING, "dpmptsp", "dinsos", "dinkes", "dispendik", "disperindag"):
        yield _unit(code, "perangkat_daerah", ROOT, "triwulan", location="Jalan Merdeka 1", population=None)
    stay = OwnPeriod(code="akreditasi", from_day=today - timedelta(60), to_day=today + timedelta(30))
    yield _unit("rsud", HOSPITAL, ROOT, "tahun", periods=(stay,), name="RSUD Kota")
    for code in ("utara", "selatan", "timur", "barat"):
        yield _unit(f"kec-{code}", "kecamatan", ROOT, "semester", zone=_zone(code), population=None)


def _health(today: date) -> Iterator[Unit]:
    yield _unit("puskesmas-1", "puskesmas", "dinkes", "bulanan", name="Puskesmas Lama", valid_to=today - timedelta(300))
    yield _unit("puskesmas-1", "puskesmas", "dinkes", "bulanan", valid_from=today - timedelta(300))
    drive = OwnPeriod(code="imunisasi", from_day=today - timedelta(120), to_day=today - timedelta(60), grace_days=3)
    yield _unit("puskesmas-2", "puskesmas", "dinkes", "bulanan", periods=(drive,))
    for number in range(3, 8):
        yield _unit(f"puskesmas-{number}", "puskesmas", "dinkes", "bulanan", population=300 * number)
    yield _unit(MERGED, "puskesmas", "dinkes", "bulanan", valid_to=today - timedelta(200), merged_into=HEIR)


def _villages(today: date) -> Iterator[Unit]:
    for place in ("utara", "selatan", "timur", "barat"):
        for number in range(1, 6):
            code, parent, zone = f"kel-{place}-{number}", f"kec-{place}", _zone(place)
            if code == MOVED:
                day = today - timedelta(400)
                yield _unit(code, "kelurahan", parent, "semester", valid_to=day)
                yield _unit(code, "kelurahan", "kec-timur", "semester", valid_from=day)
                continue
            yield _unit(
                code,
                "kelurahan",
                parent,
                "semester",
                zone=zone,
                valid_to={CLOSED: today - timedelta(150), "kel-utara-4": today + timedelta(30)}.get(code),
                population={"kel-timur-3": None, "kel-utara-1": 60}.get(code, 2_500),
                location=None if code == "kel-utara-2" else _place(code),
            )


def _zone(place: str) -> Zone:
    return WIB if place == "barat" else WITA
